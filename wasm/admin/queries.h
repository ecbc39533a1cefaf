// Queries: the cookbook, d1/cookbook, run for an admin. They only read, and the SQL is the build's.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/task.h"
#include "host/host.h"
#include "json/writer.h"
#include "store/recipe.h"

namespace latchkey::admin {

// Arguments: one for each parameter of the recipe, in order.
using QueryArguments = std::vector<std::variant<int64_t, std::string>>;

struct QueryAnswer {
  host::BatchAnswer found;
  bool has_more = false;  // than the rows that were asked for
  TimeMs took = 0;

  int64_t rows_read() const;
};

// find_recipe: nullopt where there is none of this name.
std::optional<store::Recipe> find_recipe(std::string_view name);
// recipe_names: all of them, for the message to somebody who named another.
std::string recipe_names();

// run_query: one round trip. It answers one row more than asked for where there are more: `has_more`.
Task<Result<QueryAnswer>> run_query(host::Host& host, const store::Recipe& recipe, const QueryArguments& arguments,
                                    uint32_t rows_max);

// shown: a text of the answer as it is shown: a time as in the rest of the API, and what was cut with an ellipsis. Pure.
std::string shown(store::CellType type, std::string_view text);

// write_rows: the first `rows_max` rows as arrays, in an array; fewer where they would be more than
// limits::kQueryAnswerBytesMax: then false.
bool write_rows(json::Writer& out, const store::Recipe& recipe, const QueryAnswer& answer, uint32_t rows_max);

}  // namespace latchkey::admin
