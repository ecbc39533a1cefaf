// Recipe: a query of the cookbook, d1/cookbook, as it is run for an admin: what its comments say of it, and the
// statement with its parameters bound. Pure.
//
//   -- What it answers, in a sentence.
//   -- More about it.
//   -- @parameter days integer 1 3650 How far it looks ahead.     Its default stands in VALUES.
//   -- @parameter license text Which licence.                     It has no default.
//   -- @columns day date, granted integer, reason
//   -- @plot bars day granted
//   WITH parameter(days) AS (VALUES (30))
//   SELECT ...
//
// A column's type is text where none is named. A plot is `line` or `bars` with its x and its ys, or `heatmap` with x, y
// and value.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/queries.h"

namespace latchkey::store {

// kTime: UTC, as SQLite's datetime() writes it. kUsd: a decimal number of dollars.
enum class CellType : uint8_t { kText, kInteger, kTime, kDate, kUsd };
std::string_view cell_type_name(CellType type);  // text, integer, time, date, usd

struct Recipe {
  struct Column {
    std::string_view name;
    CellType type = CellType::kText;
  };
  struct Parameter {
    std::string_view name;
    bool is_integer = false;
    int64_t min = 0, max = 0, value = 0;  // of an integer; `value` where none is given
    std::string_view description;
  };
  struct Plot {
    std::string_view kind;
    std::string_view x;
    std::vector<std::string_view> ys;
    std::string_view value;  // of a heatmap
  };

  std::string_view name;
  std::string_view title;
  std::string description;
  std::vector<Parameter> parameters;
  std::vector<Column> columns;
  std::optional<Plot> plot;
  // sql: ?1 and on are the parameters, the last one is how many rows. An integer column is an integer or NULL, any
  // other a text or NULL, cut behind limits::kQueryCellCharsMax characters and one.
  std::string sql;

  const Parameter* find_parameter(std::string_view wanted) const;
};

// parse_recipe: nullopt where the text is not of that form. What it gives points into `file`.
std::optional<Recipe> parse_recipe(const NamedQuery& file);

}  // namespace latchkey::store
