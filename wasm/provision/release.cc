// POST /machines/release: one batch that counts, certifies, releases and brings the facts back.
#include "provision/release.h"

#include <algorithm>

#include "base/limits.h"
#include "edge/sync.h"
#include "provision/decide.h"
#include "provision/service.h"
#include "store/audit.h"
#include "store/queries.h"

namespace latchkey::provision {

ReleaseDecision decide_release(const ReleaseFacts& facts, const ReleaseTerms& terms) {
  const Verdict verdict = decide_license(facts.facts, terms.terms);
  if (verdict != Verdict::kGranted) return {verdict};
  if (terms.releases_max == 0) return {Verdict::kReleaseOff};
  const bool is_own = facts.own_id && facts.own_id == facts.target_id;
  const bool is_done = facts.target_id && !facts.is_target_seated;
  if (!facts.facts.license->has_seat && !(is_own && is_done)) return {Verdict::kNotSeated};
  if (!facts.target_id) return {Verdict::kUnknownMachine};
  if (is_done) return {Verdict::kGranted};
  if (facts.num_releases >= terms.releases_max) return {Verdict::kReleaseLimit};
  return {Verdict::kGranted, true};
}

namespace {

// The statements of the batch. A dry run has none between the facts and the seats.
constexpr size_t kFactsAt = 1;
constexpr size_t kCertificateAt = 2;

struct Found {
  ReleaseFacts facts;
  std::optional<TimeMs> released_at;
  std::optional<TimeMs> held_until;
  std::optional<TimeMs> blocked_until;  // the newest releases fill the period until then
};

Found read_found(const host::BatchAnswer& answer, Facts facts, bool has_look) {
  Found found;
  found.facts.facts = std::move(facts);
  if (!has_look) return found;
  const auto row = answer.first(kFactsAt);
  if (!row) return found;
  const auto text = [&](std::string_view name) {
    const auto value = row->text_or_null(name);
    return value ? std::optional<std::string>(*value) : std::nullopt;
  };
  found.facts.own_id = text("own_id");
  found.facts.target_id = text("target_id");
  found.released_at = row->integer_or_null("released_at");
  found.held_until = row->integer_or_null("seat_held_until");
  found.facts.is_target_seated = found.facts.target_id && !found.released_at;
  found.facts.num_releases = row->integer("num_releases");
  if (const auto at = row->integer_or_null("blocking_at")) found.blocked_until = *at + limits::kReleasePeriodMs;
  return found;
}

std::vector<SeatView> read_seats(const host::BatchAnswer& answer, size_t statement) {
  std::vector<SeatView> seats;
  answer.each_row(statement, [&](host::Row row) {
    const auto name = row.text_or_null("name");
    seats.push_back({.id = std::string(row.text("id")),
                     .name = name ? std::optional<std::string>(*name) : std::nullopt,
                     .last_seen_at = row.integer("last_seen_at"),
                     .free_at = row.is_null("released_at") ? std::nullopt : row.integer_or_null("seat_held_until"),
                     .is_own = row.integer("is_own") == 1});
  });
  std::ranges::sort(seats, {}, &SeatView::id);  // ids begin with the time when they were made
  return seats;
}

void add_look(host::Batch& batch, const ReleaseRequest& request, const ReleaseTerms& terms) {
  batch.add(store::kMachineReleaseFacts)
      .bind(request.asked.code_hash->text())
      .bind(request.asked.machine_hash.text())
      .bind(request.machine_id)
      .bind(terms.terms.now - limits::kReleasePeriodMs)
      .bind(std::max<int64_t>(terms.releases_max, 1) - 1);
}

void add_release(host::Batch& batch, const Client& client, const ReleaseRequest& request, const ReleaseTerms& terms,
                 std::optional<TimeMs> held_until) {
  const TimeMs now = terms.terms.now;
  batch.add(store::kAuditAppendSelfReleased)
      .bind(now)
      .bind(client.request_id)
      .bind(request.asked.code_hash->text())
      .bind(request.asked.machine_hash.text())
      .bind(client.address_hash.text())
      .bind(store::or_null(client.country))
      .bind(store::or_null(client.user_agent))
      .bind(terms.terms.receipt_license_id)
      .bind(address_subject(client.address_hash))
      .bind(terms.terms.address_limit)
      .bind(terms.terms.license_limit)
      .bind(request.machine_id)
      .bind(now - limits::kReleasePeriodMs)
      .bind(terms.releases_max);
  batch.add(store::kMachineReleaseAudited).bind(client.request_id).bind(now).bind(held_until);
  batch.add(store::kLicenseTouchAudited).bind(client.request_id).bind(now);
}

}  // namespace

Task<Result<ReleaseOutcome>> ProvisionService::release(host::Host& host, const Client& client,
                                                       const ReleaseRequest& request) {
  const TimeMs now = host.clock.now();
  ReleaseOutcome outcome;
  if (auto refused = refuse_from_memory(client, request.asked, now)) {
    outcome.verdict = refused->verdict;
    outcome.windows = std::move(refused->windows);
    co_return outcome;
  }

  // 1. Count, look, certify and release, in one trip.
  const ReleaseTerms terms{.terms = terms_of(request.asked, now),
                           .releases_max = config_.machine_releases_per_month};
  const TimeMs cooldown = config_.machine_release_cooldown_hours * kHourMs;
  const auto held_until = cooldown > 0 ? std::optional(now + cooldown) : std::nullopt;
  host::Batch batch;
  add_ask(batch, config_, client, request.asked, terms.terms, Wanted::kFacts, "");
  const bool has_code = request.asked.code_hash.has_value();
  const bool is_real = request.run == Run::kReal;
  if (has_code) add_look(batch, request, terms);
  if (has_code && is_real) add_release(batch, client, request, terms, held_until);
  const size_t seats_at = batch.num_statements();
  if (has_code) {
    batch.add(store::kMachineListSeats)
        .bind(request.asked.code_hash->text())
        .bind(request.asked.machine_hash.text())
        .bind(now);
    edge::add_look(batch, request.asked.code_hash->text(), now);
  }
  CO_TRY(const host::BatchAnswer answer, co_await host.db.run(std::move(batch)));

  // 2. Decide. SQL and C++ must agree.
  const Seen seen = read_ask(answer, terms.terms);
  const Found found = read_found(answer, seen.facts, has_code);
  const ReleaseDecision decision = decide_release(found.facts, terms);
  outcome.verdict = decision.verdict;
  outcome.windows = windows_of(seen, terms.terms);
  const bool is_certified = has_code && is_real && answer.num_rows(kCertificateAt) > 0;
  if (is_certified != (decision.frees && is_real)) {
    co_return Unexpected(certificate_disagrees(decision.verdict));
  }
  if (decision.verdict != Verdict::kGranted) {
    if (decision.verdict == Verdict::kReleaseLimit) outcome.resets_at = found.blocked_until;
    CO_TRY_VOID(co_await refuse(host, client, request.asked, "release.denied", seen, terms.terms, decision.verdict));
    co_return outcome;
  }

  // 3. What became of the seats, and KV, which follows.
  outcome.is_released = is_certified;
  outcome.machine_id = *found.facts.target_id;
  outcome.released_at = found.released_at.value_or(now);
  outcome.seat_free_at = decision.frees ? held_until : found.held_until;
  if (outcome.seat_free_at && *outcome.seat_free_at <= now) outcome.seat_free_at = std::nullopt;
  outcome.seats = read_seats(answer, seats_at);
  outcome.seats_max = seen.facts.license->seats_max;
  outcome.releases_max = terms.releases_max;
  outcome.releases_left =
      std::max<int64_t>(0, terms.releases_max - found.facts.num_releases - (decision.frees ? 1 : 0));
  if (is_certified) co_await edge::carry_look(host, answer, seats_at + 1);
  co_return outcome;
}

}  // namespace latchkey::provision
