#include "admin/machines.h"

#include "edge/sync.h"
#include "json/writer.h"
#include "store/queries.h"

namespace latchkey::admin {
namespace {

constexpr std::string_view kAfterEveryId = "mch_~";

std::optional<std::string> own(std::optional<std::string_view> text) {
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

std::string renamed_details(const MachineView& before, const MachineView& after) {
  json::Writer out;
  out.begin_object().field("after", after.name).field("before", before.name);
  out.field("machine_id", before.id).end_object();
  return std::move(out).take();
}

// add_audit_machine: the audit row of an act on a machine, if it has the version presumed, which the
// statement after it presumes too.
void add_audit_machine(host::Batch& batch, const store::AuditRow& row, const MachineView& before) {
  batch.add(store::kAuditAppendMachine)
      .bind(row.at)
      .bind(row.request_id)
      .bind(row.action)
      .bind(row.actor)
      .bind(before.id)
      .bind(row.address_hash)
      .bind(row.country)
      .bind(row.user_agent)
      .bind(row.details)
      .bind(before.version);
}

}  // namespace

MachineView MachineService::view_of(const host::Row& row) const {
  MachineView view{.id = std::string(row.text("id")),
                   .license_id = std::string(row.text("license_id")),
                   .name = own(row.text_or_null("name")),
                   .first_seen_at = row.integer("first_seen_at"),
                   .last_seen_at = row.integer("last_seen_at"),
                   .released_at = row.integer_or_null("released_at"),
                   .seat_held_until = std::nullopt,
                   .country = own(row.text_or_null("country")),
                   .app_version = own(row.text_or_null("app_version")),
                   .version = row.integer("version")};
  const auto held_until = row.integer_or_null("seat_held_until");
  if (view.released_at && held_until && *held_until > host_.clock.now()) view.seat_held_until = held_until;
  return view;
}

Task<Result<std::vector<MachineView>>> MachineService::list(std::string_view license_id) {
  host::Batch batch;
  batch.add(store::kLicenseGet).bind(license_id);
  batch.add(store::kMachineList).bind(license_id);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  if (answer.num_rows(0) == 0) co_return fail(ErrorCode::kNotFound, "There is no licence with this id.");
  std::vector<MachineView> machines;
  answer.each_row(1, [&](host::Row row) { machines.push_back(view_of(row)); });
  co_return machines;
}

Task<Result<MachinePage>> MachineService::list_all(std::string_view after_id, uint32_t rows_max) {
  host::Batch batch;
  batch.add(store::kMachineListAll).bind(after_id.empty() ? kAfterEveryId : after_id).bind(rows_max + 1);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  MachinePage page;
  answer.each_row(0, [&](host::Row row) {
    if (page.machines.size() == rows_max) page.next_id = page.machines.back().id;
    else page.machines.push_back(view_of(row));
  });
  co_return page;
}

Task<Result<MachineView>> MachineService::show(std::string_view id) {
  host::Batch batch;
  batch.add(store::kMachineGet).bind(id);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  const auto row = answer.first(0);
  if (!row) co_return fail(ErrorCode::kNotFound, "There is no machine with this id.");
  co_return view_of(*row);
}

Task<Result<MachineView>> MachineService::rename(std::string_view id, std::optional<std::string> name,
                                                 Versions expected, Run run) {
  CO_TRY(const MachineView before, co_await show(id));
  if (!expected.has(before.version)) co_return Unexpected(precondition_failed("machine"));
  MachineView after = before;
  after.name = std::move(name);
  if (run == Run::kDry || after.name == before.name) co_return after;

  const std::string details = renamed_details(before, after);
  store::AuditRow audit = actor_.row("machine.renamed", host_.clock.now());
  audit.details = details;
  host::Batch batch;
  add_audit_machine(batch, audit, before);
  batch.add(store::kMachineRename).bind(id).bind(before.version).bind(after.name);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  if (answer.num_rows(1) == 0) {
    if (!expected.is_any) co_return Unexpected(precondition_failed("machine"));
    co_return fail(ErrorCode::kConflict, "The machine changed meanwhile. Look at it and try again.");
  }
  ++after.version;
  co_return after;
}

Task<Result<MachineView>> MachineService::release(std::string_view id, Versions expected, Run run) {
  const TimeMs now = host_.clock.now();
  CO_TRY(const MachineView before, co_await show(id));
  if (!expected.has(before.version)) co_return Unexpected(precondition_failed("machine"));
  if (before.released_at && !before.seat_held_until) co_return before;
  MachineView after = before;
  after.released_at = before.released_at.value_or(now);
  after.seat_held_until = std::nullopt;
  if (run == Run::kDry) co_return after;

  json::Writer details;
  details.begin_object().field("machine_id", id).end_object();
  store::AuditRow audit = actor_.row("machine.released", now);
  audit.details = details.text();
  host::Batch batch;
  add_audit_machine(batch, audit, before);
  batch.add(store::kMachineRelease).bind(id).bind(before.version).bind(now);
  batch.add(store::kLicenseTouch).bind(before.license_id).bind(now);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  if (answer.num_rows(1) == 0) {
    // Somebody else was quicker: what they left is what counts.
    CO_TRY(const MachineView found, co_await show(id));
    if (!expected.has(found.version)) co_return Unexpected(precondition_failed("machine"));
    if (found.released_at && !found.seat_held_until) co_return found;
    co_return fail(ErrorCode::kConflict, "The machine changed meanwhile. Look at it and try again.");
  }
  const auto synced = co_await edge::sync(host_, config_, edge::kSyncAfterAct, before.license_id);
  if (!synced) {
    json::Writer record;
    record.begin_object().field("event", "edge_sync_failed").field("detail", synced.error().detail()).end_object();
    host_.log.write(host::LogLevel::kWarning, record.text());
  }
  ++after.version;
  co_return after;
}

}  // namespace latchkey::admin
