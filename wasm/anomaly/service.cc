#include "anomaly/service.h"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "alert/raise.h"
#include "base/ids.h"
#include "base/limits.h"
#include "json/reader.h"
#include "json/writer.h"
#include "store/queries.h"

namespace latchkey::anomaly {
namespace {

// Place: how far the walk is.
struct Place {
  int64_t audit_seq = 0;
  int64_t hour = 0;        // hours before this one are done
  std::string license_id;  // and of this one licences up to this one; empty: it is not begun
};

struct Walk {
  Place place;
  int64_t revision = 0;
  std::optional<int64_t> until_seq;  // where the next slice of the audit log ends; nullopt: nothing is new
  std::optional<int64_t> next_hour;  // with something in it
  std::optional<TimeMs> behind;      // when what neither the walk nor the sums have reached came in
  bool is_restoring = false;
};

template <class T>
std::optional<T> least(std::initializer_list<std::optional<T>> values) {
  std::optional<T> least;
  for (const std::optional<T>& value : values) {
    if (value && (!least || *value < *least)) least = value;
  }
  return least;
}

void add_look(host::Batch& batch, TimeMs now) {
  batch.add(store::kAnomalyLook).bind(limits::kAnomalyRowsPerSlice).bind((now - limits::kAnomalyBackMs) / kHourMs);
}

Walk read_walk(const host::Row& row) {
  return {.place = {.audit_seq = row.integer("audit_seq"),
                    .hour = row.integer("hour"),
                    .license_id = std::string(row.text("license_id"))},
          .revision = row.integer("revision"),
          .until_seq = row.integer_or_null("until_seq"),
          .next_hour = least({row.integer_or_null("used_hour"), row.integer_or_null("seen_hour"),
                              row.integer_or_null("tried_hour")}),
          .behind = least({row.integer_or_null("next_audit_at"), row.integer_or_null("next_event_at")}),
          .is_restoring = row.integer("is_restoring") == 1};
}

// due_hour: the next hour that is over, and of which all that came in by its grace was noted and summed.
std::optional<int64_t> due_hour(const Walk& walk, TimeMs now) {
  const TimeMs known_until = std::min(now, walk.behind.value_or(now)) - limits::kAnomalyGraceMs;
  const bool is_due = walk.next_hour && (*walk.next_hour + 1) * kHourMs <= known_until;
  return is_due ? walk.next_hour : std::nullopt;
}

// first_new_hour: an alarm of an hour before it is over already.
int64_t first_new_hour(TimeMs now) { return (now - limits::kAnomalyQuietMs) / kHourMs; }

// Outcome: what a batch stores: rows as JSON, and what is told.
struct Outcome {
  std::vector<std::string> licenses;
  std::vector<std::string> addresses;
  std::vector<std::string> audits;
  std::vector<alert::Raise> raises;
  std::vector<alert::Cause> causes;
};

std::string new_run(host::Host& host) {
  ByteArray<kIdRandomBytes> random;
  host.random.fill(random);
  return make_id("req_", host.clock.now(), random);
}

void add_claim(host::Batch& batch, const Walk& walk, const Place& place, std::string_view run) {
  batch.add(store::kAnomalyClaim).bind(walk.revision).bind(place.audit_seq).bind(place.hour).bind(place.license_id);
  batch.bind(run);
}

std::string print_list(std::span<const std::string> rows) {
  json::Writer out;
  out.begin_array();
  for (const std::string& row : rows) out.raw(row);
  out.end_array();
  return std::move(out).take();
}

// add_lists: the rows in lists of limits::kAnomalyBytesPerStatement.
void add_lists(host::Batch& batch, std::string_view sql, std::span<const std::string> rows, std::string_view run) {
  while (!rows.empty()) {
    size_t count = 0;
    size_t bytes = 0;
    while (count < rows.size() && bytes < limits::kAnomalyBytesPerStatement) bytes += rows[count++].size();
    batch.add(sql).bind(print_list(rows.first(count))).bind(run);
    rows = rows.subspan(count);
  }
}

// add_told: audit rows, and alerts that share their condition.
void add_told(host::Batch& batch, host::Host& host, const Outcome& outcome, std::string_view run) {
  if (outcome.audits.empty()) return;
  batch.add(store::kAuditAppendAnomaly).bind(host.clock.now()).bind(run).bind(print_list(outcome.audits));
  const alert::IfAudited told{run, 0};
  alert::add_raise(batch, host, outcome.raises, told);
  alert::add_clear(batch, host, outcome.causes, told);
}

// take: runs a batch that begins with a claim and ends with a look. nullopt: somebody else was quicker.
Task<Result<std::optional<Walk>>> take(host::Host& host, host::Batch batch) {
  add_look(batch, host.clock.now());
  const size_t look = batch.num_statements() - 1;
  CO_TRY(const host::BatchAnswer answer, co_await host.db.run(std::move(batch)));
  if (answer.num_rows(0) == 0) co_return std::optional<Walk>();
  co_return read_walk(answer.row(look, 0));
}

std::string audit_of(std::string_view action, std::string_view member, std::string_view id, std::string_view details) {
  json::Writer out;
  out.begin_object().field("action", action).field(member, id).field("details", details).end_object();
  return std::move(out).take();
}

std::string details_of(int64_t hour, const Score& score, std::string_view address_hash = {}) {
  json::Writer out;
  out.begin_object();
  if (!address_hash.empty()) out.field("address", address_hash);
  out.field("hour", format_time(hour * kHourMs)).key("reasons").raw(print_reasons(score));
  out.field("score", score.points).end_object();
  return std::move(out).take();
}

constexpr std::string_view kRaised = "anomaly.raised";
constexpr std::string_view kCleared = "anomaly.cleared";

// address_subject: as much of its keyed hash as names an address in an alert.
std::string address_subject(std::string_view address_hash) {
  return std::string(address_hash.substr(0, limits::kAddressSubjectChars));
}

void score_license(LicenseHour license, TimeMs now, Outcome& outcome) {
  const int64_t hour = license.hour.hour;
  if (license.done_hour && *license.done_hour >= hour) return;
  Trail trail = read_trail(license.trail);
  const Score made = score(trail, license.hour);
  fold(trail, license.hour, now);
  forget_old(trail, now);
  if (made.is_alarm() && hour >= first_new_hour(now)) {
    license.alarm = Alarm{.hour = hour, .score = made.points, .reasons = print_reasons(made)};
    const std::string details = details_of(hour, made);
    outcome.audits.push_back(audit_of(kRaised, "license_id", license.license_id, details));
    outcome.raises.push_back(
        {.kind = alert::Kind::kLicenseAnomaly, .subject = license.license_id, .details = details});
  }
  outcome.licenses.push_back(print_license(license, trail, made, now));
}

void score_address(AddressHour address, TimeMs now, Outcome& outcome) {
  const int64_t hour = address.tries.hour;
  if (address.done_hour && *address.done_hour >= hour) return;
  AddressTrail trail = read_tries(address.trail);
  fold(trail, address.tries, now);
  const Score made = guessing(trail, now);
  if (made.is_alarm()) {
    address.alarm_hour = hour;
    const std::string details = details_of(hour, made, address.address_hash);
    outcome.audits.push_back(audit_of(kRaised, "address_hash", address.address_hash, details));
    outcome.raises.push_back({.kind = alert::Kind::kGuessingAddress,
                              .subject = address_subject(address.address_hash),
                              .details = details});
  }
  outcome.addresses.push_back(print_address(address, trail, made, now));
}

// Slice: what one step of the scoring works on.
struct Slice {
  std::vector<LicenseHour> licenses;
  std::vector<AddressHour> addresses;
};

// read_slice: the next licences of the hour; with its first ones all its addresses.
Task<Result<Slice>> read_slice(host::Host& host, int64_t hour, std::string after) {
  host::Batch batch;
  batch.add(store::kAnomalyPage).bind(hour).bind(after).bind(limits::kAnomalyLicensesPerSlice);
  batch.bind(limits::kAnomalyNamesPerHour);
  if (after.empty()) {
    batch.add(store::kAnomalyListTries).bind(hour).bind(limits::kAnomalyCodesMin);
    batch.bind(limits::kAnomalyAddressesPerHour);
  }
  CO_TRY(const host::BatchAnswer answer, co_await host.db.run(std::move(batch)));
  Slice slice;
  answer.each_row(0, [&](host::Row row) { slice.licenses.push_back(read_license_hour(row, hour)); });
  if (after.empty()) {
    answer.each_row(1, [&](host::Row row) { slice.addresses.push_back(read_address_hour(row, hour)); });
  }
  std::ranges::sort(slice.licenses, {}, &LicenseHour::license_id);
  co_return slice;
}

// score_slice: nullopt as in take.
Task<Result<std::optional<Walk>>> score_slice(host::Host& host, Walk walk, int64_t hour) {
  // 1. Load.
  const bool is_begun = hour == walk.place.hour;
  CO_TRY(Slice slice, co_await read_slice(host, hour, is_begun ? walk.place.license_id : std::string()));

  // 2. Decide.
  const TimeMs now = host.clock.now();
  const bool is_full = slice.licenses.size() == limits::kAnomalyLicensesPerSlice;
  Place place{.audit_seq = walk.place.audit_seq, .hour = is_full ? hour : hour + 1, .license_id = {}};
  if (is_full) place.license_id = slice.licenses.back().license_id;
  Outcome outcome;
  for (LicenseHour& license : slice.licenses) score_license(std::move(license), now, outcome);
  for (AddressHour& address : slice.addresses) score_address(std::move(address), now, outcome);

  // 3. Store.
  const std::string run = new_run(host);
  host::Batch batch;
  add_claim(batch, walk, place, run);
  add_lists(batch, store::kAnomalyStoreTrails, outcome.licenses, run);
  add_lists(batch, store::kAnomalyStoreAddresses, outcome.addresses, run);
  add_told(batch, host, outcome, run);
  co_return co_await take(host, std::move(batch));
}

// note_slice: brings the next slice of the audit log to its hours. nullopt as in take.
Task<Result<std::optional<Walk>>> note_slice(host::Host& host, Walk walk) {
  const std::string run = new_run(host);
  Place place = walk.place;
  place.audit_seq = *walk.until_seq;
  host::Batch batch;
  add_claim(batch, walk, place, run);
  for (const std::string_view sql :
       {store::kAnomalyNoteCountries, store::kAnomalyNoteRefusals, store::kAnomalyNoteTries}) {
    batch.add(sql).bind(walk.place.audit_seq).bind(place.audit_seq).bind(run);
  }
  co_return co_await take(host, std::move(batch));
}

// Quiet: whose alarm is over. One of the two is empty.
struct Quiet {
  std::string license_id;
  std::string address_hash;
};

// end_alarms: nullopt as in take.
Task<Result<std::optional<Walk>>> end_alarms(host::Host& host, Walk walk, std::vector<Quiet> quiet) {
  Outcome outcome;
  std::vector<std::string> subjects;
  for (const Quiet& one : quiet) subjects.push_back(one.license_id + address_subject(one.address_hash));
  for (size_t i = 0; i < quiet.size(); ++i) {
    const bool is_license = !quiet[i].license_id.empty();
    const std::string_view member = is_license ? "license_id" : "address_hash";
    const std::string_view id = is_license ? quiet[i].license_id : quiet[i].address_hash;
    (is_license ? outcome.licenses : outcome.addresses)
        .push_back(json::Writer().begin_object().field(member, id).end_object().text());
    outcome.audits.push_back(audit_of(kCleared, member, id, "{}"));
    outcome.causes.push_back(
        {is_license ? alert::Kind::kLicenseAnomaly : alert::Kind::kGuessingAddress, subjects[i]});
  }
  const std::string run = new_run(host);
  host::Batch batch;
  add_claim(batch, walk, walk.place, run);
  add_lists(batch, store::kAnomalyQuietLicenses, outcome.licenses, run);
  add_lists(batch, store::kAnomalyQuietAddresses, outcome.addresses, run);
  add_told(batch, host, outcome, run);
  co_return co_await take(host, std::move(batch));
}

}  // namespace

Task<Result<Void>> watch(host::Host& host) {
  const TimeMs now = host.clock.now();
  host::Batch look;
  add_look(look, now);
  look.add(store::kAnomalyListQuiet).bind(first_new_hour(now)).bind(limits::kAnomalyQuietPerRun);
  CO_TRY(const host::BatchAnswer answer, co_await host.db.run(std::move(look)));
  std::optional<Walk> walk = read_walk(answer.row(0, 0));
  if (walk->is_restoring) co_return Void{};
  std::vector<Quiet> quiet;
  answer.each_row(1, [&](host::Row row) {
    quiet.push_back({.license_id = std::string(row.text_or_null("license_id").value_or("")),
                     .address_hash = std::string(row.text_or_null("address_hash").value_or(""))});
  });
  if (!quiet.empty()) {
    CO_TRY(walk, co_await end_alarms(host, *walk, std::move(quiet)));
  }
  for (uint32_t i = 0; i < limits::kAnomalyAuditSlicesPerRun && walk && walk->until_seq; ++i) {
    CO_TRY(walk, co_await note_slice(host, *walk));
  }
  for (uint32_t i = 0; i < limits::kAnomalySlicesPerRun && walk; ++i) {
    const std::optional<int64_t> hour = due_hour(*walk, host.clock.now());
    if (!hour) break;
    CO_TRY(walk, co_await score_slice(host, *walk, *hour));
  }
  co_return Void{};
}

void add_retention(host::Batch& batch, TimeMs now) {
  constexpr uint32_t rows = limits::kAnomalyRowsPerRetention;
  batch.add(store::kAnomalyTrailDeleteOld).bind(now / kHourMs - limits::kAnomalyMemoryDays * 24).bind(rows);
  batch.add(store::kAnomalyAddressDeleteOld).bind(now / kHourMs - limits::kGuessingHoursKept).bind(rows);
  batch.add(store::kAnomalySeenDeleteOld).bind(rows);
  batch.add(store::kAnomalyTriesDeleteOld).bind(rows);
}

Task<Result<Shown>> show(host::Host& host, std::string_view license_id) {
  host::Batch batch;
  batch.add(store::kAnomalyShow).bind(license_id);
  CO_TRY(const host::BatchAnswer answer, co_await host.db.run(std::move(batch)));
  const auto row = answer.first(0);
  if (!row) co_return fail(ErrorCode::kNotFound, "There is no licence with this id.");
  Shown shown{.license_id = std::string(row->text("id")),
              .code_hint = std::string(row->text("code_hint")),
              .plan = std::string(row->text("plan")),
              .status = std::string(row->text("status")),
              .trail = read_trail(row->text_or_null("trail").value_or("{}")),
              .hour = row->integer_or_null("hour"),
              .score = row->integer_or_null("score").value_or(0),
              .has_baseline = row->integer_or_null("has_baseline").value_or(0) == 1,
              .reasons = stored_reasons(row->text_or_null("reasons")),
              .scored_at = row->integer_or_null("scored_at"),
              .alarm = read_alarm(*row),
              .alert = {}};
  if (const auto id = row->text_or_null("alert_id")) {
    shown.alert = Shown::Alert{.id = std::string(*id),
                               .state = std::string(row->text("alert_state")),
                               .count = row->integer("alert_count"),
                               .since = row->integer("alert_since")};
  }
  co_return shown;
}

}  // namespace latchkey::anomaly
