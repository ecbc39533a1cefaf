#include "backup/content.h"
#include "backup/service.h"
#include "base/check.h"
#include "base/limits.h"
#include "edge/sync.h"
#include "json/writer.h"
#include "store/queries.h"

namespace latchkey::backup {

// End: what the last line says.
struct RestoreService::End {
  std::string state;
  std::array<int64_t, kNumTables> counts{};
};

namespace {

constexpr int64_t kEveryAuditRow = limits::kD1IntegerMax / 4;

std::optional<Stand> stand_in(const host::BatchAnswer& answer, size_t statement) {
  const auto row = answer.first(statement);
  if (!row) return std::nullopt;
  return Stand{.is_done = row->text("state") == "done",
               .line = row->integer("line"),
               .line_hash = std::string(row->text("line_hash")),
               .end_line = row->integer("end_line"),
               .accepts_loss = row->integer("accepts_loss") != 0,
               .index_lost = row->integer("index_lost") != 0,
               .skipped = row->integer("skipped")};
}

Restoring restoring(const std::string& backup_id, const Stand& stand) {
  return {.backup_id = backup_id, .is_done = stand.is_done, .line = stand.line, .skipped = stand.skipped};
}

std::string begun_details(const std::string& backup_id, const Losses& losses) {
  json::Writer out;
  out.begin_object().field("backup_id", backup_id).field("index_key_lost", losses.index_key);
  out.key("master_keys_lost").begin_array();
  for (const std::string& kid : losses.master_kids) out.string(kid);
  out.end_array().end_object();
  return std::move(out).take();
}

std::string done_details(const std::string& backup_id, const std::array<int64_t, kNumTables>& counts,
                         int64_t skipped) {
  json::Writer out;
  out.begin_object().field("backup_id", backup_id).key("rows").raw(print_counts(counts));
  out.field("skipped", skipped).end_object();
  return std::move(out).take();
}

Unexpected overtaken() {
  return fail(ErrorCode::kConflict, "Another run of this restore is at work. Run it again once that has ended.");
}

}  // namespace

Task<Result<std::optional<Stand>>> RestoreService::stand_of(const std::string& backup_id) {
  host::Batch look;
  look.add(store::kRestoreGet).bind(backup_id);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(look)));
  co_return stand_in(answer, 0);
}

Task<Result<Found>> RestoreService::find(const std::string& backup_id) {
  host::Batch look;
  look.add(store::kRestoreGet).bind(backup_id);
  look.add(store::kRestoreGetRunning).add(store::kRestoreFindRows);
  look.add(store::kRestoreCountAudit).bind(limits::kRestoreAuditRowsMax + 1);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(look)));
  Found found{.stand = stand_in(answer, 0), .audit_rows = answer.row(3, 0).integer("rows")};
  if (const auto running = answer.first(1)) found.running = std::string(running->text("backup_id"));
  for (const std::string_view table : std::span(kTables).first(kFirstLogTable)) {
    if (answer.row(2, 0).integer(table) != 0) found.tables_in_use.emplace_back(table);
  }
  co_return found;
}

Task<Result<Restoring>> RestoreService::begin(const Key& key, const BeginRestore& asked) {
  // 1. Is it this service's to restore?
  CO_TRY(const Header header, parse_header(asked.header));
  if (header.key != key.fingerprint()) {
    co_return fail(ErrorCode::kUnprocessable, "This is not the key of this backup: it was made with another.");
  }
  CO_TRY_VOID(check_schema(header.migrations, store::migrations()));
  Place end = asked.end;
  end.backup_id = header.backup_id;
  CO_TRY(const Content last, open_line(key, end, asked.end_line));
  if (!last.is_end()) co_return fail(ErrorCode::kUnprocessable, "The file is cut off: its last line is missing.");
  const int64_t last_seq = last.last_seq();
  const Losses losses = losses_of(header, config_);

  // 2. May it be, here and now?
  CO_TRY(const Found found, co_await find(header.backup_id));
  CO_TRY(const Begin begin, decide_begin(found, losses, asked.accepts_loss || asked.run == Run::kDry));
  Restoring answer = found.stand ? restoring(header.backup_id, *found.stand) : Restoring{.backup_id = header.backup_id};
  answer.losses = losses;
  if (begin != Begin::kAnew || asked.run == Run::kDry) co_return answer;

  // 3. Make room, say so, begin.
  const TimeMs now = host_.clock.now();
  const std::string details = begun_details(header.backup_id, losses);
  const provision::Client& client = actor_.client;
  host::Batch batch;
  batch.add(store::kRestoreStepAuditAside).bind(last_seq).bind(header.backup_id);
  batch.add(store::kRestoreStepAuditBack);
  // The tree over it stood at other places, and the backup brings its own.
  batch.add(store::kRestoreDropAuditNodes).bind(header.backup_id);
  batch.add(store::kRestoreDropAuditCheckpoints).bind(header.backup_id);
  batch.add(store::kAuditAppendRestoring)
      .bind(now)
      .bind(client.request_id)
      .bind(actor_.name)
      .bind(client.address_hash.text())
      .bind(store::or_null(client.country))
      .bind(store::or_null(client.user_agent))
      .bind(details)
      .bind(header.backup_id)
      .bind(last_seq);
  batch.add(store::kRestoreBegin)
      .bind(header.backup_id)
      .bind(line_hash(asked.header))
      .bind(end.line)
      .bind(asked.accepts_loss ? 1 : 0)
      .bind(losses.index_key ? 1 : 0)
      .bind(actor_.name)
      .bind(now);
  const size_t begin_at = batch.num_statements() - 1;
  // The rows of the log that are to come tell of no seat that KV has to hear of: it gets every licence anew.
  batch.add(store::kStatePassSeated).bind(kEveryAuditRow);
  // Nor are they folded into sharing's trails again, which come with the backup.
  batch.add(store::kSharingWalkStop);
  CO_TRY(const host::BatchAnswer begun, co_await host_.db.run(std::move(batch)));
  if (begun.num_rows(begin_at) == 0) co_return overtaken();
  co_return answer;
}

Task<Result<Restoring>> RestoreService::take(const Key& key, const Place& place, std::string_view line) {
  CO_TRY(const Content content, open_line(key, place, line));
  const std::string text(line);
  CO_TRY(const std::optional<Stand> stand, co_await stand_of(place.backup_id));
  CO_TRY(const Take take, decide_take(stand, place));
  if (take == Take::kTaken) co_return restoring(place.backup_id, *stand);
  if (content.is_end() != (place.line == stand->end_line)) {
    co_return fail(ErrorCode::kUnprocessable, "This line is not the one that the restore was begun with.");
  }
  if (content.is_end()) co_return co_await finish(place, End{content.state(), content.counts()}, *stand);
  CO_TRY(Rows rows, content.rows(config_, stand->index_lost, host_.clock.now()));
  if (rows.lost.total() > 0 && !stand->accepts_loss) {
    co_return fail(ErrorCode::kConflict, std::to_string(rows.lost.total()) +
                                             " values of this line open under none of this service's master keys.");
  }
  co_return co_await store(place, text, content.table(), std::move(rows), *stand);
}

Task<Result<Restoring>> RestoreService::store(const Place& place, std::string_view line, size_t table, Rows rows,
                                              Stand stand) {
  const std::string hash = line_hash(line);
  host::Batch batch;
  if (kTables[table] == "licenses") {
    batch.add(store::kRestoreInsertPlanStubs).bind(rows.json).bind(place.backup_id).bind(place.line);
  }
  batch.add(queries_of(table).insert).bind(rows.json).bind(place.backup_id).bind(place.line);
  batch.add(store::kRestoreAdvance).bind(place.backup_id).bind(place.line).bind(hash).bind(rows.count);
  const size_t advance_at = batch.num_statements() - 1;
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  const auto advanced = answer.first(advance_at);
  if (!advanced) co_return overtaken();
  stand.line = place.line;
  stand.skipped = advanced->integer("skipped");
  Restoring answered = restoring(place.backup_id, stand);
  answered.rows = rows.count;
  co_return answered;
}

Task<Result<Restoring>> RestoreService::finish(const Place& place, End end, Stand stand) {
  const TimeMs now = host_.clock.now();
  const std::string details = done_details(place.backup_id, end.counts, stand.skipped);
  const provision::Client& client = actor_.client;
  host::Batch batch;
  batch.add(store::kRestoreSetState)
      .bind(end.state)
      .bind(place.backup_id)
      .bind(place.line)
      .bind(stand.index_lost ? 1 : 0);
  batch.add(store::kRestoreFailRotations).bind(now).bind(place.backup_id).bind(place.line);
  batch.add(store::kAuditAppendRestored)
      .bind(now)
      .bind(client.request_id)
      .bind(actor_.name)
      .bind(client.address_hash.text())
      .bind(store::or_null(client.country))
      .bind(store::or_null(client.user_agent))
      .bind(details)
      .bind(place.backup_id)
      .bind(place.line);
  batch.add(store::kSharingWalkGoOn).bind(place.backup_id).bind(place.line);
  batch.add(store::kAnomalyWalkGoOn).bind(place.backup_id).bind(place.line);
  batch.add(store::kRestoreFinish).bind(place.backup_id).bind(place.line).bind(now);
  const size_t finish_at = batch.num_statements() - 1;
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  if (answer.num_rows(finish_at) == 0) co_return overtaken();
  const auto synced = co_await edge::sync(host_, config_, edge::kSyncAfterAct);
  if (!synced) host_.log.write(host::LogLevel::kWarning, R"({"event":"edge_sync_failed"})");
  stand.is_done = true;
  stand.line = place.line;
  co_return restoring(place.backup_id, stand);
}

}  // namespace latchkey::backup
