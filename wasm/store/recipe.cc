#include "store/recipe.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/limits.h"

namespace latchkey::store {
namespace {

constexpr std::string_view kTypeNames[] = {"text", "integer", "time", "date", "usd"};
constexpr std::string_view kParameters = "WITH parameter(";
constexpr std::string_view kValues = ") AS (VALUES (";
constexpr std::string_view kValuesEnd = "))\n";

// cut: what stands before the next `end`, taken off `text` with it; all of it where there is none.
std::string_view cut(std::string_view& text, std::string_view end) {
  const size_t at = text.find(end);
  const std::string_view head = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view() : text.substr(at + end.size());
  return head;
}

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

std::optional<int64_t> number(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool parse_columns(std::string_view list, Recipe& recipe) {
  while (!list.empty()) {
    std::string_view item = cut(list, ", ");
    const std::string_view name = cut(item, " ");
    const auto* type = std::ranges::find(kTypeNames, item.empty() ? kTypeNames[0] : item);
    if (!is_name(name) || type == std::end(kTypeNames)) return false;
    recipe.columns.push_back({name, static_cast<CellType>(type - std::begin(kTypeNames))});
  }
  return true;
}

bool parse_parameter(std::string_view text, Recipe& recipe) {
  Recipe::Parameter parameter{.name = cut(text, " "), .description = {}};
  const std::string_view type = cut(text, " ");
  parameter.is_integer = type == "integer";
  if (parameter.is_integer) {
    const auto min = number(cut(text, " ")), max = number(cut(text, " "));
    if (!min || !max || *min > *max) return false;
    parameter.min = *min;
    parameter.max = *max;
  }
  parameter.description = text;
  recipe.parameters.push_back(parameter);
  return is_name(parameter.name) && (parameter.is_integer || type == "text") && !text.empty();
}

bool parse_plot(std::string_view text, Recipe& recipe) {
  Recipe::Plot plot{.kind = cut(text, " "), .x = cut(text, " "), .ys = {}, .value = {}};
  while (!text.empty()) plot.ys.push_back(cut(text, " "));
  const bool is_map = plot.kind == "heatmap";
  if (plot.ys.empty() || (is_map && plot.ys.size() != 2)) return false;
  if (is_map) {
    plot.value = plot.ys.back();
    plot.ys.pop_back();
  }
  recipe.plot = std::move(plot);
  return is_map || recipe.plot->kind == "line" || recipe.plot->kind == "bars";
}

// parse_comment: one line of the head, without its dashes.
bool parse_comment(std::string_view line, Recipe& recipe) {
  constexpr std::pair<std::string_view, bool (*)(std::string_view, Recipe&)> tags[] = {
      {"@parameter ", parse_parameter}, {"@columns ", parse_columns}, {"@plot ", parse_plot}};
  for (const auto& [tag, parse] : tags) {
    if (line.starts_with(tag)) return parse(line.substr(tag.size()), recipe);
  }
  if (line.empty() || line.starts_with('@')) return false;
  if (recipe.title.empty()) recipe.title = line;
  else recipe.description += (recipe.description.empty() ? "" : " ") + std::string(line);
  return true;
}

// bind_parameters: the statement with a bound value for each of those in its first line, whose values are the defaults.
std::optional<std::string> bind_parameters(std::string_view statement, Recipe& recipe) {
  if (!statement.starts_with(kParameters)) {
    return recipe.parameters.empty() ? std::optional(std::string(statement)) : std::nullopt;
  }
  statement.remove_prefix(kParameters.size());
  std::string_view names = cut(statement, kValues);
  std::string_view values = cut(statement, kValuesEnd);
  std::string out = std::string(kParameters) + std::string(names) + std::string(kValues);
  for (size_t i = 0; i < recipe.parameters.size(); ++i) {
    Recipe::Parameter& parameter = recipe.parameters[i];
    const std::string_view value = cut(values, ", ");
    const auto integer = number(value);
    const bool is_of_type = parameter.is_integer ? integer.has_value() : value.starts_with('\'');
    if (cut(names, ", ") != parameter.name || !is_of_type) return std::nullopt;
    parameter.value = integer.value_or(0);
    if (parameter.is_integer && (parameter.value < parameter.min || parameter.value > parameter.max)) return std::nullopt;
    const std::string_view type = parameter.is_integer ? "INTEGER" : "TEXT";
    out += (i > 0 ? ", CAST(?" : "CAST(?") + std::to_string(i + 1) + " AS " + std::string(type) + ")";
  }
  if (!names.empty() || !values.empty() || statement.empty()) return std::nullopt;
  return out + std::string(kValuesEnd) + std::string(statement);
}

// bounded: of types that are known, and no longer than anybody reads.
std::string bounded(const std::string& statement, const Recipe& recipe) {
  std::string out = "SELECT ";
  for (const Recipe::Column& column : recipe.columns) {
    // In brackets, because what is in double quotes and is no column counts as a text.
    const std::string name = "[" + std::string(column.name) + "]";
    if (&column != &recipe.columns.front()) out += ", ";
    out += column.type == CellType::kInteger
               ? "CAST(" + name + " AS INTEGER)"
               : "substr(" + name + ", 1, " + std::to_string(limits::kQueryCellCharsMax + 1) + ")";
    out += " AS " + name;
  }
  return out + " FROM (" + statement + ") LIMIT CAST(?" + std::to_string(recipe.parameters.size() + 1) + " AS INTEGER)";
}

bool is_plotted_of_columns(const Recipe& recipe) {
  if (!recipe.plot) return true;
  const auto is_column = [&](std::string_view name) {
    return std::ranges::find(recipe.columns, name, &Recipe::Column::name) != recipe.columns.end();
  };
  return is_column(recipe.plot->x) && std::ranges::all_of(recipe.plot->ys, is_column) &&
         (recipe.plot->value.empty() || is_column(recipe.plot->value));
}

}  // namespace

std::string_view cell_type_name(CellType type) { return kTypeNames[static_cast<size_t>(type)]; }

const Recipe::Parameter* Recipe::find_parameter(std::string_view wanted) const {
  const auto found = std::ranges::find(parameters, wanted, &Parameter::name);
  return found == parameters.end() ? nullptr : &*found;
}

std::optional<Recipe> parse_recipe(const NamedQuery& file) {
  Recipe recipe;
  recipe.name = file.name;
  std::string_view text = file.sql;
  while (text.starts_with("-- ")) {
    text.remove_prefix(3);
    if (!parse_comment(cut(text, "\n"), recipe)) return std::nullopt;
  }
  while (text.ends_with('\n')) text.remove_suffix(1);
  const auto statement = bind_parameters(text, recipe);
  if (!statement || recipe.title.empty() || recipe.columns.empty() || !is_plotted_of_columns(recipe)) return std::nullopt;
  recipe.sql = bounded(*statement, recipe);
  return recipe;
}

}  // namespace latchkey::store
