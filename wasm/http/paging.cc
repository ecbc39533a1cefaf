#include "http/paging.h"

#include <algorithm>

#include "base/limits.h"
#include "http/cursor.h"

namespace latchkey::http {

void refuse_unknown_query(const Context& context, std::initializer_list<std::string_view> filters,
                          std::vector<FieldError>& errors) {
  for (const std::string& name : context.request.query_names()) {
    const bool is_known = name == "limit" || name == "cursor" || std::ranges::find(filters, name) != filters.end();
    if (!is_known) errors.push_back({"query." + name.substr(0, 64), "is not a known filter"});
  }
}

PageAsked parse_page(const Context& context, std::string_view bound_to, std::vector<FieldError>& errors) {
  PageAsked asked{.rows_max = limits::kPageRowsDefault, .after = std::nullopt};
  if (const auto limit = context.request.query_value("limit")) {
    const auto rows = parse_page_rows(*limit);
    if (rows) asked.rows_max = *rows;
    else errors.push_back({"query.limit", "must be a whole number from 1 to " + std::to_string(limits::kPageRowsMax)});
  }
  if (const auto cursor = context.request.query_value("cursor")) {
    asked.after = open_cursor(context.app.config.index, bound_to, *cursor);
    if (!asked.after) errors.push_back(bad_cursor());
  }
  return asked;
}

FieldError bad_cursor() { return {"query.cursor", "is not one of this list; begin again without it"}; }

void write_next_cursor(json::Writer& out, const Context& context, std::string_view bound_to,
                       const std::optional<std::string>& last_id) {
  const auto cursor_of = [&](const std::string& id) { return make_cursor(context.app.config.index, bound_to, id); };
  out.field("next_cursor", last_id.transform(cursor_of));
}

}  // namespace latchkey::http
