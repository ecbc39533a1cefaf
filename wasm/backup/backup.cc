#include <charconv>

#include "backup/content.h"
#include "backup/service.h"
#include "base/check.h"
#include "base/ids.h"
#include "base/limits.h"
#include "json/writer.h"
#include "store/queries.h"

namespace latchkey::backup {
namespace {

// take_number: the digits at the front of `text`, and the character behind them.
std::optional<int64_t> take_number(std::string_view& text, char behind) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const auto size = static_cast<size_t>(end - text.data());
  if (error != std::errc() || size >= text.size() || text[size] != behind || value < 0) return std::nullopt;
  text.remove_prefix(size + 1);
  return value;
}

// last_seq: of the log, from the key of its last row: "[41]".
std::string_view last_seq(const Walk& walk) {
  return std::string_view(walk.after).substr(1, walk.after.size() - 2);
}

}  // namespace

std::string print(const Walk& walk) {
  std::string out = std::to_string(walk.table);
  for (const int64_t rows : walk.rows) out += (out.find(':') == std::string::npos ? ':' : ',') + std::to_string(rows);
  return out + ':' + walk.after;
}

std::optional<Walk> parse_walk(std::string_view text) {
  Walk walk;
  const auto table = take_number(text, ':');
  if (!table || *table > static_cast<int64_t>(kNumTables)) return std::nullopt;
  walk.table = static_cast<size_t>(*table);
  for (size_t i = 0; i < kNumTables; ++i) {
    const auto rows = take_number(text, i + 1 < kNumTables ? ',' : ':');
    if (!rows) return std::nullopt;
    walk.rows[i] = *rows;
  }
  walk.after = text;
  return walk;
}

Task<Result<Line>> BackupService::begin(const Key& key) {
  const TimeMs now = host_.clock.now();
  ByteArray<kIdRandomBytes> random;
  host_.random.fill(random);
  const std::string id = make_id("bak_", now, random);
  const std::string details = json::Writer().begin_object().field("backup_id", id).end_object().text();
  store::AuditRow audit = actor_.row("backup.begun", now);
  audit.details = details;
  host::Batch batch;
  store::add_audit(batch, audit);
  CO_TRY_VOID(co_await host_.db.run(std::move(batch)));
  co_return Line{.backup_id = id,
                 .text = print(make_header(config_, key, id, now)),
                 .table = "header",
                 .next = Walk{}};
}

Task<Result<Line>> BackupService::next(const Key& key, const Place& place, const Walk& walk) {
  if (walk.table == kNumTables) co_return co_await end(key, place, walk);
  host::Batch look;
  look.add(queries_of(walk.table).list).bind(walk.after).bind(limits::kBackupRowsMax);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(look)));

  Walk next = walk;
  int64_t rows = 0;
  bool is_full = false;
  json::Writer out;
  out.begin_object().field("table", kTables[walk.table]).key("rows").begin_array();
  answer.each_row(0, [&](host::Row row) {
    const std::string_view text = row.text("row");
    is_full = is_full || (rows > 0 && out.text().size() + text.size() > limits::kBackupLineBytesMax);
    if (is_full) return;
    out.raw(text);
    ++rows;
    next.after = row.text("key");
  });
  out.end_array().end_object();
  if (out.text().size() > limits::kBackupLineBytesMax + limits::kBackupLineBytesMax / 4) {
    co_return fail(ErrorCode::kInternal, "A row is too large for a backup.", std::string(kTables[walk.table]));
  }
  next.rows[walk.table] += rows;
  if (!is_full && rows < limits::kBackupRowsMax && ++next.table < kNumTables) {
    next.after = queries_of(next.table).before_first;
  }
  co_return Line{.backup_id = place.backup_id,
                 .text = key.seal(host_.random, place, out.text()),
                 .table = kTables[walk.table],
                 .rows = rows,
                 .next = std::move(next)};
}

Task<Result<Line>> BackupService::end(const Key& key, const Place& place, const Walk& walk) {
  const std::string counts = print_counts(walk.rows);
  const std::string details = json::Writer()
                                  .begin_object()
                                  .field("backup_id", place.backup_id)
                                  .field("lines", place.line + 1)
                                  .key("rows")
                                  .raw(counts)
                                  .end_object()
                                  .text();
  store::AuditRow audit = actor_.row("backup.made", host_.clock.now());
  audit.details = details;
  host::Batch batch;
  batch.add(store::kBackupGetState);
  store::add_audit(batch, audit);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  json::Writer out;
  out.begin_object().field("table", kEndTable).key("counts").raw(counts);
  out.key("last_seq").raw(last_seq(walk)).key("state").raw(answer.row(0, 0).text("row")).end_object();
  co_return Line{.backup_id = place.backup_id,
                 .text = key.seal(host_.random, place, out.text()),
                 .table = kEndTable,
                 .next = {}};
}

Result<Verified> BackupService::verify(const Key& key, const Place& place, std::string_view line) const {
  TRY(const Content content, open_line(key, place, line));
  Verified verified{.table = std::string(content.table_name())};
  if (content.is_end()) {
    verified.counts = content.counts();
    return verified;
  }
  TRY(const Rows rows, content.rows(config_, false, host_.clock.now()));
  verified.rows = rows.count;
  verified.lost = rows.lost;
  return verified;
}

}  // namespace latchkey::backup
