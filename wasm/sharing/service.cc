#include "sharing/service.h"

#include <algorithm>
#include <map>
#include <span>

#include "alert/raise.h"
#include "base/ids.h"
#include "base/limits.h"
#include "store/queries.h"

namespace latchkey::sharing {
namespace {

// Slice: what one step of the walk works on.
struct Slice {
  int64_t revision = 0;
  std::optional<int64_t> until_seq;  // nullopt: no audit row is new
  bool is_full = false;              // more audit rows may follow
  std::map<std::string, std::vector<Sighting>, std::less<>> sightings;  // by licence; empty for those that are due
};

std::optional<int64_t> number_in(const std::optional<json::Document>& details, std::string_view name) {
  const auto member = details ? details->root().member(name) : std::nullopt;
  return member ? member->integer() : std::nullopt;
}

Sighting read_sighting(const host::Row& row) {
  std::optional<json::Document> details;
  if (auto parsed = json::Document::parse_host(row.text_or_null("details").value_or("{}"))) {
    details.emplace(std::move(*parsed));
  }
  const std::string_view country = row.text_or_null("country").value_or("");
  // XX and T1 (Tor) are no country.
  const bool is_known = country.size() == 2 && country != "XX" && country != "T1";
  return {.at = row.integer("at"),
          .machine = std::string(row.text("machine_hash")),
          .is_granted = row.text("action") == "provision.granted",
          .place = {.country = std::string(is_known ? country : ""),
                    .asn = number_in(details, "asn").value_or(0),
                    .lat = number_in(details, "lat"),
                    .lon = number_in(details, "lon")}};
}

Task<Result<Slice>> read_slice(host::Host& host, bool with_due) {
  host::Batch batch;
  batch.add(store::kSharingWalkGet).bind(limits::kSharingRowsPerSlice);
  batch.add(store::kSharingListSightings).bind(limits::kSharingRowsPerSlice);
  if (with_due) batch.add(store::kSharingListDue).bind(host.clock.now()).bind(limits::kSharingDuePerRun);
  CO_TRY(const host::BatchAnswer answer, co_await host.db.run(std::move(batch)));
  const host::Row walk = answer.row(0, 0);
  Slice slice{.revision = walk.integer("revision"), .until_seq = walk.integer_or_null("until_seq"), .sightings = {}};
  slice.is_full = slice.until_seq && *slice.until_seq - walk.integer("audit_seq") >= limits::kSharingRowsPerSlice;
  answer.each_row(1, [&](host::Row row) {
    slice.sightings[std::string(row.text("license_id"))].push_back(read_sighting(row));
  });
  if (with_due) {
    answer.each_row(2, [&](host::Row row) { slice.sightings.try_emplace(std::string(row.text("license_id"))); });
  }
  co_return slice;
}

std::string id_list(std::span<const std::string> ids) {
  json::Writer out;
  out.begin_array();
  for (const std::string& id : ids) out.string(id);
  out.end_array();
  return std::move(out).take();
}

// Restriction: what changes in a licence's own row.
struct Restriction {
  bool suspends = false;
  std::optional<int64_t> requests_per_hour;
};

// Change: a licence before and after.
struct Change {
  Watched before;
  Watched after;
  std::string details;  // of the audit row
  std::string_view action;  // empty: no step was taken
  std::optional<std::string_view> reason;
  std::optional<Restriction> restriction;
  bool presumes_version = false;  // whatever changes: nobody may have changed the licence since it was read

  // is_forgotten: nothing is left to keep.
  bool is_forgotten() const {
    return after.standing.level == Level::kNone && after.seen.machines == 0 && !after.ignored_until;
  }
};

// throttle: sets or lifts the licence's limit. One that is lower already stays, and so does one that an admin set since.
void throttle(Change& change, bool is_throttled, int64_t per_hour) {
  Watched& after = change.after;
  if (is_throttled == after.throttled_to.has_value()) return;
  if (is_throttled && after.requests_per_hour && *after.requests_per_hour <= per_hour) return;
  const bool is_ours = is_throttled || after.requests_per_hour == after.throttled_to;
  after.throttled_to = is_throttled ? std::optional(per_hour) : std::nullopt;
  if (!is_ours) return;
  after.requests_per_hour = after.throttled_to;
  if (!change.restriction) change.restriction.emplace();
}

std::string step_details(const Change& change, const Score& score) {
  const bool suspends = change.restriction && change.restriction->suspends;
  json::Writer out;
  out.begin_object()
      .field("after", suspends ? "suspended" : level_name(change.after.standing.level))
      .field("before", suspends ? std::string_view(change.before.status) : level_name(change.before.standing.level))
      .key("reasons")
      .begin_array();
  for (const Reason& reason : score.reasons) {
    out.begin_object()
        .field("points", reason.points)
        .field("signal", reason.signal)
        .field("value", reason.value)
        .end_object();
  }
  out.end_array().field("score", score.points).end_object();
  return std::move(out).take();
}

// take_step: what the licence's row and the audit log get where its level changed.
void take_step(Change& change, const Score& score, int64_t throttle_per_hour) {
  const Level before = change.before.standing.level;
  const Level level = change.after.standing.level;
  if (level == before) return;
  change.action = level < before             ? "sharing.eased"
                  : level == Level::kWarn     ? "sharing.warned"
                  : level == Level::kThrottle ? "sharing.throttled"
                                              : "license.suspended";
  if (level == Level::kSuspend) {
    change.reason = "sharing";
    change.restriction = Restriction{.suspends = true, .requests_per_hour = std::nullopt};
    change.after.status = "suspended";
  } else {
    throttle(change, level == Level::kThrottle, throttle_per_hour);
  }
  if (change.restriction) change.restriction->requests_per_hour = change.after.requests_per_hour;
  change.details = step_details(change, score);
}

// next_look: rows are looked at anew each day while they stand somewhere, and once what they saw is out of the window.
std::optional<TimeMs> next_look(const Watched& after, TimeMs now) {
  if (after.standing.level == Level::kSuspend && after.seen.machines == 0) return std::nullopt;
  const bool is_daily = after.standing.level != Level::kNone || after.score > 0;
  const TimeMs latest = now + (is_daily ? limits::kSharingRescoreMs : (limits::kSharingWindowDays + 1) * kDayMs);
  // One that is set already is left alone: its index entry need not be written.
  return after.due_at && *after.due_at > now && *after.due_at <= latest ? *after.due_at : latest;
}

Change change_of(Watched before, const std::vector<Sighting>& sightings, int64_t throttle_per_hour, TimeMs now) {
  Change change{.before = before, .after = std::move(before), .details = {}, .action = {}, .reason = {}, .restriction = {}};
  Watched& after = change.after;
  after.ignored_until = std::nullopt;
  Trail trail = read_trail(after.trail.empty() ? "{}" : after.trail);
  for (const Sighting& sighting : sightings) fold(trail, sighting, now);
  forget_old(trail, now);
  const Score made = score(trail, after.seats, now);
  after.trail = print_trail(trail);
  after.score = made.points;
  after.reasons = print_reasons(made.reasons);
  after.seen = made.seen;
  after.scored_at = now;
  after.standing = decide(after.standing, after.is_active(), made.points, after.policy, now);
  take_step(change, made, throttle_per_hour);
  after.due_at = next_look(after, now);
  return change;
}

// add_rows: the rows in lists of limits::kSharingBytesPerStatement.
void add_rows(host::Batch& batch, const std::vector<Change>& changes, std::string_view run) {
  size_t at = 0;
  while (at < changes.size()) {
    json::Writer rows;
    rows.begin_array();
    bool is_empty = true;
    for (; at < changes.size() && rows.text().size() < limits::kSharingBytesPerStatement; ++at) {
      if (changes[at].is_forgotten()) continue;
      write_watched(rows, changes[at].after);
      is_empty = false;
    }
    rows.end_array();
    if (!is_empty) batch.add(store::kSharingStore).bind(rows.text()).bind(run);
  }
}

// add_alerts: a step up is an alert, worse with each, until the licence stands nowhere. Their condition is the first of the
// steps' audit rows.
void add_alerts(host::Batch& batch, host::Host& host, const std::vector<Change>& changes, std::string_view request_id) {
  std::vector<alert::Raise> raises;
  std::vector<alert::Cause> causes;
  for (const Change& change : changes) {
    if (change.action.empty()) continue;
    const Level level = change.after.standing.level;
    if (level > change.before.standing.level) {
      raises.push_back({.kind = alert::Kind::kLicenseShared,
                        .subject = change.after.license_id,
                        .severity = level == Level::kSuspend ? std::optional(alert::Severity::kCritical) : std::nullopt,
                        .level = static_cast<int64_t>(level),
                        .details = change.details});
    } else if (level == Level::kNone) {
      causes.push_back({alert::Kind::kLicenseShared, change.after.license_id});
    }
  }
  const alert::IfAudited steps{request_id, 0};
  alert::add_raise(batch, host, raises, steps);
  alert::add_clear(batch, host, causes, steps);
}

// By: who acts, as audit rows say it.
void add_steps(host::Batch& batch, const std::vector<Change>& changes, const store::AuditRow& by, TimeMs now) {
  json::Writer audits, restrictions;
  audits.begin_array();
  restrictions.begin_array();
  bool has_audits = false, has_restrictions = false, suspends = false;
  for (const Change& change : changes) {
    if (!change.action.empty()) {
      has_audits = true;
      audits.begin_object().field("license_id", change.after.license_id).field("action", change.action).key("reason");
      change.reason ? audits.string(*change.reason) : audits.null();
      audits.field("details", change.details).end_object();
    }
    if (change.restriction) {
      has_restrictions = true;
      suspends = suspends || change.restriction->suspends;
      restrictions.begin_object().field("id", change.after.license_id).field("suspend", change.restriction->suspends);
      restrictions.key("requests_per_hour");
      const auto& per_hour = change.restriction->requests_per_hour;
      per_hour ? restrictions.integer(*per_hour) : restrictions.null();
      restrictions.end_object();
    }
  }
  audits.end_array();
  restrictions.end_array();
  if (has_audits) {
    batch.add(store::kAuditAppendSharing).bind(now).bind(by.request_id).bind(by.actor).bind(by.address_hash);
    batch.bind(by.country).bind(by.user_agent).bind(audits.text());
  }
  if (has_restrictions) {
    batch.add(store::kLicenseRestrict).bind(restrictions.text()).bind(by.request_id).bind(now);
  }
  if (suspends) batch.add(store::kSharingMoveEpoch).bind(by.request_id);
}

// store_changes: everything or nothing; false where somebody was quicker.
Task<Result<bool>> store_changes(host::Host& host, int64_t revision, std::optional<int64_t> until_seq,
                                 const std::vector<Change>& changes, const std::vector<std::string>& gone,
                                 const store::AuditRow& by) {
  json::Writer presumed;
  presumed.begin_array();
  for (const Change& change : changes) {
    if (!change.restriction && !change.presumes_version) continue;
    presumed.begin_object().field("id", change.before.license_id).field("version", change.before.version).end_object();
  }
  presumed.end_array();
  std::vector<std::string> forgotten = gone;
  for (const Change& change : changes) {
    if (change.is_forgotten() && change.before.has_row) forgotten.push_back(change.after.license_id);
  }
  host::Batch batch;
  batch.add(store::kSharingClaim).bind(revision).bind(until_seq).bind(by.request_id).bind(presumed.text());
  add_rows(batch, changes, by.request_id);
  if (!forgotten.empty()) batch.add(store::kSharingDelete).bind(id_list(forgotten)).bind(by.request_id);
  add_steps(batch, changes, by, host.clock.now());
  add_alerts(batch, host, changes, by.request_id);
  CO_TRY(const host::BatchAnswer answer, co_await host.db.run(std::move(batch)));
  co_return answer.num_rows(0) == 1;
}

Task<Result<std::vector<Watched>>> load(host::Host& host, std::vector<std::string> ids) {
  host::Batch batch;
  batch.add(store::kSharingLoad).bind(id_list(ids));
  CO_TRY(const host::BatchAnswer answer, co_await host.db.run(std::move(batch)));
  std::vector<Watched> licenses;
  answer.each_row(0, [&](host::Row row) { licenses.push_back(read_watched(row)); });
  co_return licenses;
}

std::vector<std::string> licenses_of(const Slice& slice) {
  std::vector<std::string> ids;
  for (const auto& [id, sightings] : slice.sightings) ids.push_back(id);
  return ids;
}

// walk_slice: false: there is nothing more to do now.
Task<Result<bool>> walk_slice(host::Host& host, const config::Config& config, bool with_due) {
  // 1. Load.
  CO_TRY(const Slice slice, co_await read_slice(host, with_due));
  if (!slice.until_seq && slice.sightings.empty()) co_return false;
  std::vector<std::string> gone = licenses_of(slice);
  std::vector<Watched> licenses;
  if (!gone.empty()) {
    CO_TRY(licenses, co_await load(host, gone));
  }

  // 2. Decide.
  const TimeMs now = host.clock.now();
  std::vector<Change> changes;
  for (Watched& license : licenses) {
    std::erase(gone, license.license_id);
    if (license.is_ignored(now)) continue;
    const auto& sightings = slice.sightings.find(license.license_id)->second;
    changes.push_back(change_of(std::move(license), sightings, config.sharing_throttle_per_hour, now));
  }

  // 3. Store.
  ByteArray<kIdRandomBytes> random;
  host.random.fill(random);
  const std::string run = make_id("req_", now, random);
  const store::AuditRow by{.request_id = run, .outcome = "done", .actor = "cron"};
  CO_TRY(const bool is_stored, co_await store_changes(host, slice.revision, slice.until_seq, changes, gone, by));
  co_return is_stored && slice.is_full;
}

}  // namespace

Task<Result<Void>> watch(host::Host& host, const config::Config& config) {
  for (uint32_t i = 0; i < limits::kSharingSlicesPerRun; ++i) {
    CO_TRY(const bool has_more, co_await walk_slice(host, config, i == 0));
    if (!has_more) break;
  }
  co_return Void{};
}

Task<Result<Watched>> SharingService::show(std::string_view license_id) {
  CO_TRY(std::vector<Watched> found, co_await load(host_, {std::string(license_id)}));
  if (found.empty()) co_return fail(ErrorCode::kNotFound, "There is no licence with this id.");
  co_return std::move(found.front());
}

Task<Result<SharingPage>> SharingService::list(const SharingFilter& filter, const std::optional<ListPlace>& after,
                                               uint32_t rows_max) {
  const ListPlace from = after.value_or(ListPlace{.score = limits::kSharingScoreMax + 1, .license_id = {}});
  host::Batch batch;
  batch.add(filter.level ? store::kSharingListByLevel : store::kSharingListByScore);
  batch.bind(from.score).bind(from.license_id).bind(rows_max + 1);
  if (filter.level) batch.bind(level_name(*filter.level));
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  SharingPage page;
  answer.each_row(0, [&](host::Row row) { page.licenses.push_back(read_watched(row)); });
  if (page.licenses.size() > rows_max) {
    page.licenses.pop_back();
    page.next = ListPlace{.score = page.licenses.back().score, .license_id = page.licenses.back().license_id};
  }
  co_return page;
}

Task<Result<Watched>> SharingService::clear(std::string_view license_id, int64_t ignore_days,
                                            const std::optional<std::vector<int64_t>>& expected, Run run) {
  // 1. Load: the licence, and the walk's revision.
  const std::vector<std::string> ids{std::string(license_id)};
  host::Batch look;
  look.add(store::kSharingWalkGet).bind(0);
  look.add(store::kSharingLoad).bind(id_list(ids));
  CO_TRY(const host::BatchAnswer found, co_await host_.db.run(std::move(look)));
  const auto row = found.first(1);
  if (!row) co_return fail(ErrorCode::kNotFound, "There is no licence with this id.");
  const int64_t revision = found.row(0, 0).integer("revision");
  Watched before = read_watched(*row);

  // 2. Decide.
  if (expected && std::ranges::find(*expected, before.version) == expected->end()) {
    co_return fail(ErrorCode::kPreconditionFailed,
                   "The licence has another version than If-Match names. Read it again, then decide.");
  }
  const TimeMs now = host_.clock.now();
  if (!before.has_row && ignore_days == 0) co_return before;
  Change change{.before = before, .after = std::move(before), .details = {}, .action = "sharing.cleared", .reason = {},
                .restriction = {}, .presumes_version = expected.has_value()};
  Watched& after = change.after;
  throttle(change, false, 0);
  if (change.restriction) change.restriction->requests_per_hour = after.requests_per_hour;
  after.trail = print_trail({});
  after.score = 0;
  after.standing = {};
  after.reasons = "[]";
  after.seen = {};
  after.scored_at = now;
  after.ignored_until = ignore_days > 0 ? std::optional(now + ignore_days * kDayMs) : std::nullopt;
  after.due_at = after.ignored_until;
  after.has_row = after.ignored_until.has_value();
  json::Writer details;
  details.begin_object()
      .field("before", level_name(change.before.standing.level))
      .field("ignore_days", ignore_days)
      .field("score", change.before.score)
      .end_object();
  change.details = details.text();
  if (run == Run::kDry) co_return after;

  // 3. Store.
  const std::vector<Change> changes{change};
  CO_TRY(const bool is_stored, co_await store_changes(host_, revision, std::nullopt, changes, {}, by_));
  if (!is_stored) co_return fail(ErrorCode::kConflict, "Something changed the licence just now. Try again.");
  co_return std::move(change.after);
}

}  // namespace latchkey::sharing
