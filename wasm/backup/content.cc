#include "backup/content.h"

#include <map>

#include "json/writer.h"

namespace latchkey::backup {
namespace {

constexpr SecretAccess kAccess("an opened line of a backup is read");

Unexpected malformed() {
  return fail(ErrorCode::kUnprocessable, "This line was sealed with this key, but it is no line of a backup.");
}

int64_t integer_of(json::Value object, std::string_view name) {
  const auto value = object.member(name);
  return value ? value->integer().value_or(0) : 0;
}

}  // namespace

std::string print_counts(const std::array<int64_t, kNumTables>& counts) {
  std::map<std::string_view, int64_t> sorted;
  for (size_t i = 0; i < kNumTables; ++i) sorted.emplace(kTables[i], counts[i]);
  json::Writer out;
  out.begin_object();
  for (const auto& [table, rows] : sorted) out.field(table, rows);
  out.end_object();
  return std::move(out).take();
}

Result<Content> open_line(const Key& key, const Place& place, std::string_view line) {
  TRY(const Secret plain, key.open(place, line));
  auto document = json::Document::parse_host(plain.reveal_text(kAccess));
  if (!document) return malformed();
  const auto table = document->root().member("table");
  const std::string_view name = table ? table->string().value_or("") : std::string_view();
  const size_t index = table_index(name);
  if (index == kNumTables && name != kEndTable) return malformed();
  return Content(std::move(*document), index);
}

Result<Rows> Content::rows(const config::Config& config, bool index_lost, TimeMs now) const {
  const auto rows = document_.root().member("rows");
  if (is_end() || !rows) return malformed();
  const Opens opens = [&config](const SealedColumn& column, json::Value row, std::string_view sealed) {
    return config.master.open(column.purpose, column.context(row), crypto::Sealed(std::string(sealed))).has_value();
  };
  auto restored = restored_rows(table_, *rows, opens, index_lost, now);
  if (!restored) return malformed();
  return std::move(*restored);
}

std::array<int64_t, kNumTables> Content::counts() const {
  std::array<int64_t, kNumTables> counts{};
  const auto object = document_.root().member("counts");
  for (size_t i = 0; object && i < kNumTables; ++i) counts[i] = integer_of(*object, kTables[i]);
  return counts;
}

int64_t Content::last_seq() const { return integer_of(document_.root(), "last_seq"); }

std::string Content::state() const {
  json::Writer out;
  out.begin_object();
  if (const auto state = document_.root().member("state")) {
    state->each_member([&](std::string_view name, json::Value value) { out.field(name, value.integer().value_or(0)); });
  }
  out.end_object();
  return std::move(out).take();
}

}  // namespace latchkey::backup
