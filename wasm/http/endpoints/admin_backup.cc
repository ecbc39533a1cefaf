// /admin/backup, /admin/restore
#include "backup/content.h"
#include "backup/service.h"
#include "base/ids.h"
#include "base/limits.h"
#include "http/cursor.h"
#include "http/dry_run.h"
#include "http/endpoints.h"
#include "http/endpoints/acting.h"
#include "http/fields.h"
#include "json/writer.h"

namespace latchkey::http {
namespace {

constexpr size_t kKeyBytesMax = 64;
constexpr size_t kHashChars = 43;

std::optional<backup::Key> read_key(Fields& fields) {
  const auto text = fields.text("key", kKeyBytesMax, Presence::kRequired);
  if (!text) return std::nullopt;
  auto key = backup::Key::parse(Secret::copy_of(*text));
  if (!key) fields.add_error("key", "is not the key of a backup: lk_backup_ and 49 characters, with a checksum");
  return key;
}

// read_place: but for the id.
backup::Place read_place(Fields& fields) {
  const auto line = fields.integer("line", 1, limits::kBackupLinesMax, Presence::kRequired);
  const auto previous = fields.text("previous", kHashChars, Presence::kRequired);
  return {.backup_id = {}, .line = line.value_or(0), .previous = previous.value_or("")};
}

void read_id(Fields& fields, backup::Place& place) {
  const auto id = fields.text("backup_id", limits::kCursorBytesMax, Presence::kRequired);
  if (id && !is_id("bak_", *id)) fields.add_error("backup_id", "is no id of a backup");
  place.backup_id = id.value_or("");
}

// A cursor goes with its backup, so that no slice is had without the backup having been begun, which is audited.
std::string bound_to(std::string_view backup_id) { return "backup|" + std::string(backup_id); }

Response print(const Context& context, const backup::Line& line, int64_t number) {
  json::Writer out(line.text.size() + 1024);
  out.begin_object()
      .field("backup_id", line.backup_id)
      .field("line", number)
      .field("text", line.text)
      .field("table", line.table)
      .field("rows", line.rows)
      .key("next_cursor");
  if (line.next) {
    out.string(make_cursor(context.app.config.index, bound_to(line.backup_id), backup::print(*line.next)));
  } else {
    out.null();
  }
  out.end_object();
  return json_response(200, std::move(out).take());
}

Response print(const backup::Restoring& restoring, Run run) {
  json::Writer out;
  out.begin_object()
      .field("backup_id", restoring.backup_id)
      .field("done", restoring.is_done)
      .field("line", restoring.line)
      .field("rows", restoring.rows)
      .field("skipped", restoring.skipped);
  out.key("lost_keys").begin_object().field("index_key", restoring.losses.index_key).key("master_keys").begin_array();
  for (const std::string& kid : restoring.losses.master_kids) out.string(kid);
  out.end_array().end_object();
  write_run(out, run);
  out.end_object();
  return json_response(200, std::move(out).take());
}

// LineFields: what comes with a line that was made before.
struct LineFields {
  std::optional<backup::Key> key;
  backup::Place place;
  std::string text;
};

LineFields read_line(Fields& fields) {
  LineFields line{.key = read_key(fields), .place = read_place(fields), .text = {}};
  line.text = fields.text("text", limits::kBackupLineCharsMax, Presence::kRequired).value_or("");
  return line;
}

}  // namespace

Task<Result<Response>> admin_backup(Context& context) {
  Fields fields(context.body_root());
  fields.refuse_unknown({"key", "backup_id", "line", "previous", "cursor"});
  const auto key = read_key(fields);
  const auto cursor = fields.text("cursor", limits::kBackupCursorBytesMax);
  backup::Place place;
  std::optional<backup::Walk> walk;
  if (cursor) {
    place = read_place(fields);
    read_id(fields, place);
    const auto text = open_cursor(context.app.config.index, bound_to(place.backup_id), *cursor);
    walk = text ? backup::parse_walk(*text) : std::nullopt;
    if (!walk) fields.add_error("cursor", "is not one of this backup");
  }
  if (!fields.ok()) co_return context.invalid(fields.errors());

  const admin::Actor actor = actor_of(context);
  backup::BackupService service(context.host, context.app.config, actor);
  if (!walk) {
    CO_TRY(const backup::Line header, co_await service.begin(*key));
    co_return print(context, header, 0);
  }
  CO_TRY(const backup::Line line, co_await service.next(*key, place, *walk));
  co_return print(context, line, place.line);
}

Task<Result<Response>> admin_backup_verify(Context& context) {
  Fields fields(context.body_root());
  fields.refuse_unknown({"key", "backup_id", "line", "previous", "text"});
  LineFields line = read_line(fields);
  read_id(fields, line.place);
  if (!fields.ok()) co_return context.invalid(fields.errors());

  const admin::Actor actor = actor_of(context);
  const backup::BackupService service(context.host, context.app.config, actor);
  CO_TRY(const backup::Verified verified, service.verify(*line.key, line.place, line.text));
  json::Writer out;
  out.begin_object().field("table", verified.table).field("rows", verified.rows).key("unreadable").begin_object();
  out.field("provider_keys", verified.lost.provider_keys)
      .field("holders", verified.lost.holders)
      .field("derived_keys", verified.lost.derived_keys)
      .field("buyers", verified.lost.buyers)
      .field("codes", verified.lost.codes)
      .field("webhooks", verified.lost.webhooks)
      .end_object();
  if (verified.table == "end") {
    out.key("counts").raw(backup::print_counts(verified.counts));
  }
  out.end_object();
  co_return json_response(200, std::move(out).take());
}

Task<Result<Response>> admin_restore_begin(Context& context) {
  Fields fields(context.body_root());
  fields.refuse_unknown({"key", "header", "line", "previous", "text", "accept_loss"});
  LineFields line = read_line(fields);
  backup::BeginRestore asked{.header = fields.text("header", limits::kBackupHeaderBytesMax, Presence::kRequired)
                                           .value_or(""),
                             .end = std::move(line.place),
                             .end_line = std::move(line.text),
                             .accepts_loss = fields.boolean("accept_loss").value_or(false),
                             .run = context.run};
  if (!fields.ok()) co_return context.invalid(fields.errors());

  const admin::Actor actor = actor_of(context);
  backup::RestoreService service(context.host, context.app.config, actor);
  CO_TRY(const backup::Restoring restoring, co_await service.begin(*line.key, asked));
  co_return print(restoring, context.run);
}

Task<Result<Response>> admin_restore_take(Context& context) {
  Fields fields(context.body_root());
  fields.refuse_unknown({"key", "backup_id", "line", "previous", "text"});
  LineFields line = read_line(fields);
  read_id(fields, line.place);
  if (!fields.ok()) co_return context.invalid(fields.errors());

  const admin::Actor actor = actor_of(context);
  backup::RestoreService service(context.host, context.app.config, actor);
  CO_TRY(const backup::Restoring restoring, co_await service.take(*line.key, line.place, line.text));
  co_return print(restoring, Run::kReal);
}

}  // namespace latchkey::http
