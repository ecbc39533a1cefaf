#include "admin/queries.h"

#include <algorithm>

#include "base/check.h"
#include "base/limits.h"

namespace latchkey::admin {
namespace {

constexpr size_t kTimeChars = 19;  // 2027-01-31 00:00:00

// chars_end: where the first `chars_max` characters of valid UTF-8 end.
size_t chars_end(std::string_view text, size_t chars_max) {
  size_t num = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool begins = (static_cast<unsigned char>(text[i]) & 0xc0u) != 0x80u;
    if (begins && num++ == chars_max) return i;
  }
  return text.size();
}

void write_cell(json::Writer& out, const store::Recipe::Column& column, const host::Row& row) {
  if (row.is_null(column.name)) out.null();
  else if (column.type == store::CellType::kInteger) out.integer(row.integer(column.name));
  else out.string(shown(column.type, row.text(column.name)));
}

}  // namespace

int64_t QueryAnswer::rows_read() const {
  const auto number = found.root().item(0).member("rows_read");
  return number ? number->integer().value_or(0) : 0;
}

std::optional<store::Recipe> find_recipe(std::string_view name) {
  const auto files = store::cookbook();
  const auto file = std::ranges::find(files, name, &store::NamedQuery::name);
  if (file == files.end()) return std::nullopt;
  auto recipe = store::parse_recipe(*file);
  CHECK(recipe.has_value());
  return recipe;
}

std::string recipe_names() {
  std::string out;
  for (const store::NamedQuery& file : store::cookbook()) {
    out += (out.empty() ? "" : ", ") + std::string(file.name);
  }
  return out;
}

Task<Result<QueryAnswer>> run_query(host::Host& host, const store::Recipe& recipe, const QueryArguments& arguments,
                                    uint32_t rows_max) {
  CHECK(arguments.size() == recipe.parameters.size());
  host::Batch batch;
  batch.add(recipe.sql);
  for (const auto& argument : arguments) {
    std::visit([&](const auto& value) { batch.bind(value); }, argument);
  }
  batch.bind(rows_max + 1);
  const TimeMs asked_at = host.clock.now();
  CO_TRY(host::BatchAnswer found, co_await host.db.run(std::move(batch)));
  const bool has_more = found.num_rows(0) > rows_max;
  co_return QueryAnswer{.found = std::move(found), .has_more = has_more, .took = host.clock.now() - asked_at};
}

std::string shown(store::CellType type, std::string_view text) {
  if (type == store::CellType::kTime && text.size() == kTimeChars && text[10] == ' ') {
    return std::string(text.substr(0, 10)) + "T" + std::string(text.substr(11)) + "Z";
  }
  const size_t end = chars_end(text, limits::kQueryCellCharsMax);
  return end == text.size() ? std::string(text) : std::string(text.substr(0, end)) + "\u2026";
}

bool write_rows(json::Writer& out, const store::Recipe& recipe, const QueryAnswer& answer, uint32_t rows_max) {
  uint32_t num = 0;
  bool is_whole = true;
  const size_t begun = out.text().size();
  out.begin_array();
  answer.found.each_row(0, [&](const host::Row& row) {
    if (num == rows_max || !is_whole) return;
    is_whole = out.text().size() - begun < limits::kQueryAnswerBytesMax;
    if (!is_whole) return;
    ++num;
    out.begin_array();
    for (const store::Recipe::Column& column : recipe.columns) write_cell(out, column, row);
    out.end_array();
  });
  out.end_array();
  return is_whole;
}

}  // namespace latchkey::admin
