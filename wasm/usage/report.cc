#include "usage/report.h"

#include <algorithm>
#include <bit>

#include "base/limits.h"
#include "provision/ask.h"
#include "provision/decide.h"
#include "provision/service.h"
#include "store/audit.h"
#include "store/queries.h"
#include "store/rate_window.h"

namespace latchkey::usage {
namespace {

using provision::Client;
using provision::Verdict;

constexpr std::string_view kIpPolicy = "report_ip";
constexpr std::string_view kLicensePolicy = "report_license";

// Subjects in rate_limits and in memory: apart from those of provision.
std::string address_subject(const Client& client) { return "report:ip:" + std::string(client.address_hash.text()); }
std::string code_subject(const crypto::TokenHash& code) { return "report:code:" + std::string(code.text()); }

// report_number: random, within what D1 tells exactly.
int64_t report_number(crypto::Random& random) {
  ByteArray<8> bytes;
  random.fill(bytes);
  return static_cast<int64_t>(std::bit_cast<uint64_t>(bytes) % static_cast<uint64_t>(limits::kD1IntegerMax));
}

}  // namespace

Verdict decide_report(const ReportFacts& facts, const ReportTerms& terms) {
  if (facts.address_hits > terms.address_limit) return Verdict::kAddressOverLimit;
  if (!facts.license_id) return Verdict::kUnknownLicense;
  if (facts.license_hits > terms.license_limit) return Verdict::kLicenseOverLimit;
  if (terms.receipt_license_id && terms.receipt_license_id != facts.license_id) return Verdict::kForeignReceipt;
  if (!facts.is_machine_known) return Verdict::kUnknownMachine;
  return Verdict::kGranted;
}

// Seen: the facts, as the database gave them.
struct ReportService::Seen {
  ReportFacts facts;
  std::string machine_id;
  int64_t price_version = 0;
  store::RateWindow address;
  bool address_over_recorded = false;
  store::RateWindow license;
  bool license_over_recorded = false;
  size_t num_stored = 0;
  budget::Budget budget;
  budget::Spent spent;
};

// read_seen: of the three statements from `at` on that store a report.
ReportService::Seen ReportService::read_seen(const host::BatchAnswer& answer, size_t at) const {
  const host::Row row = answer.row(at + 2, 0);
  Seen seen{.price_version = row.integer("price_version"), .address = {row.integer("address_window")}};
  seen.num_stored = static_cast<size_t>(answer.changes(at));
  seen.address_over_recorded = row.integer("address_over") == seen.address.start_seconds();
  seen.facts.address_hits = seen.address.hits();
  if (row.is_null("id")) return seen;
  seen.facts.license_id = std::string(row.text("id"));
  seen.license = {row.integer("license_window")};
  seen.license_over_recorded = row.integer("license_over") == seen.license.start_seconds();
  seen.facts.license_hits = seen.license.hits();
  seen.facts.is_machine_known = !row.is_null("machine_id");
  if (seen.facts.is_machine_known) seen.machine_id = row.text("machine_id");
  seen.budget = budget::read_budget(row.text_or_null("budget"));
  const auto nanos = [&](std::string_view name) { return pricing::Nano{row.integer_or_null(name).value_or(0)}; };
  seen.spent = {nanos("today"), nanos("month"), nanos("total")};
  return seen;
}

ReportTerms ReportService::terms_of(const Reporter& reporter) const {
  return {.address_limit = config_.rate_limit_report_ip_per_hour,
          .license_limit = config_.rate_limit_report_license_per_hour,
          .receipt_license_id = reporter.receipt_license_id};
}

std::optional<ReportOutcome> ReportService::refuse_from_memory(const Client& client, const Reporter& reporter) const {
  const TimeMs now = host_.clock.now();
  ReportOutcome outcome;
  if (const auto over = known_over_.find(address_subject(client), now)) {
    outcome.verdict = Verdict::kAddressOverLimit;
    outcome.windows = {provision::window_of(kIpPolicy, over->limit, over->limit, over->end, now)};
    return outcome;
  }
  if (!reporter.code_hash) return std::nullopt;
  if (const auto over = known_over_.find(code_subject(*reporter.code_hash), now)) {
    outcome.verdict = Verdict::kLicenseOverLimit;
    outcome.windows = {provision::window_of(kLicensePolicy, over->limit, over->limit, over->end, now)};
    return outcome;
  }
  return std::nullopt;
}

// refuse: remembers a subject that is over, and writes the audit row where one is due.
Task<Result<Void>> ReportService::refuse(const Client& client, const Reporter& reporter, const Seen& seen,
                                         Verdict verdict) {
  const TimeMs now = host_.clock.now();
  const ReportTerms terms = terms_of(reporter);
  const std::optional<std::string> details = provision::refusal_details(verdict, reporter.code_hash);
  const store::AuditRow row{.at = now,
                            .request_id = client.request_id,
                            .action = "usage.denied",
                            .outcome = "denied",
                            .reason = provision::verdict_reason(verdict),
                            .actor = "client",
                            .license_id = seen.facts.license_id,
                            .machine_hash = reporter.machine_hash.text(),
                            .address_hash = client.address_hash.text(),
                            .country = store::or_null(client.country),
                            .user_agent = store::or_null(client.user_agent),
                            .details = details};
  host::Batch batch;
  if (verdict == Verdict::kAddressOverLimit) {
    const std::string subject = address_subject(client);
    known_over_.add(subject, {terms.address_limit, seen.address.end()}, now);
    if (seen.address_over_recorded) co_return Void{};
    store::add_audit_over(batch, row, subject);
  } else if (verdict == Verdict::kLicenseOverLimit) {
    known_over_.add(code_subject(*reporter.code_hash), {terms.license_limit, seen.license.end()}, now);
    if (seen.license_over_recorded) co_return Void{};
    store::add_audit_over(batch, row, "report:" + *seen.facts.license_id);
  } else {
    store::add_audit(batch, row);
  }
  CO_TRY_VOID(co_await host_.db.run(std::move(batch)));
  co_return Void{};
}

// tell_apart: which of the events were there before, and whether they are the same. `prices` is what they were stored
// with.
Task<Result<Void>> ReportService::tell_apart(const Seen& seen, const Sorter& sorter, int64_t report, PricesPtr prices,
                                             ReportOutcome& outcome) {
  host::Batch batch;
  batch.add(store::kUsageEventKnown)
      .bind(print_rows(sorter.events(), prices->list).text)
      .bind(*seen.facts.license_id)
      .bind(seen.machine_id)
      .bind(report);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  answer.each_row(0, [&](host::Row row) {
    const Event& event = sorter.events()[static_cast<size_t>(row.integer("place"))];
    if (!cost_of(event, prices->list)) --outcome.num_unpriced;
    if (row.integer("is_same") == 1) ++outcome.num_duplicates;
    else outcome.rejected.push_back({event.index, Rejection::kConflict, std::string(kConflictMessage)});
  });
  // Every event is stored now, by this report or by one before.
  if (outcome.num_accepted + answer.num_rows(0) != sorter.events().size()) {
    co_return Unexpected(provision::certificate_disagrees(Verdict::kGranted));
  }
  co_return Void{};
}

Task<Result<ReportOutcome>> ReportService::report(const Client& client, const Reporter& reporter,
                                                  const Sorter& sorter) {
  if (auto refused = refuse_from_memory(client, reporter)) co_return std::move(*refused);
  const TimeMs now = host_.clock.now();
  const ReportTerms terms = terms_of(reporter);
  const int64_t number = report_number(host_.random);
  const std::string address = address_subject(client);
  const auto code = reporter.code_hash ? std::optional(reporter.code_hash->text()) : std::nullopt;
  const auto num_events = static_cast<int64_t>(sorter.events().size());

  // add_store: gives how many of the events have no price.
  const auto add_store = [&](host::Batch& batch, const Prices& prices) {
    const PricedRows rows = print_rows(sorter.events(), prices.list);
    batch.add(store::kUsageEventInsert)
        .bind(rows.text)
        .bind(code)
        .bind(reporter.machine_hash.text())
        .bind(number)
        .bind(now)
        .bind(prices.version)
        .bind(address)
        .bind(terms.address_limit)
        .bind(terms.license_limit)
        .bind(terms.receipt_license_id);
    batch.add(store::kUsageSpendAdd).bind(number).bind(num_events);
    batch.add(store::kUsageFacts)
        .bind(address)
        .bind(code)
        .bind(reporter.machine_hash.text())
        .bind(budget::day_of(now))
        .bind(budget::month_start_of(now))
        .bind(prices.version);
    return rows.num_unpriced;
  };

  // 1. Count, certify and store, in one trip.
  PricesPtr prices = shared_.presumed();
  host::Batch batch;
  batch.add(store::kUsageCount)
      .bind(address)
      .bind(code)
      .bind(store::RateWindow::begin(now))
      .bind(store::RateWindow::ended(now));
  size_t num_unpriced = add_store(batch, *prices);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));

  // 2. Decide.
  Seen seen = read_seen(answer, 1);
  ReportOutcome outcome{.verdict = decide_report(seen.facts, terms)};
  outcome.windows.push_back(
      provision::window_of(kIpPolicy, terms.address_limit, seen.address.hits(), seen.address.end(), now));
  if (seen.facts.license_id) {
    outcome.windows.push_back(
        provision::window_of(kLicensePolicy, terms.license_limit, seen.license.hits(), seen.license.end(), now));
  }
  if (outcome.verdict != Verdict::kGranted) {
    if (seen.num_stored > 0) co_return Unexpected(provision::certificate_disagrees(outcome.verdict));
    CO_TRY_VOID(co_await refuse(client, reporter, seen, outcome.verdict));
    co_return outcome;
  }

  // 3. The prices have moved on: the same with those. They came along.
  if (seen.price_version != prices->version) {
    if (const auto body = answer.row(3, 0).text_or_null("price_body")) {
      CO_TRY(prices, stored_prices(seen.price_version, *body));
    } else {
      prices = built_in_prices();
    }
    shared_.prices = prices;
    host::Batch again;
    num_unpriced = add_store(again, *prices);
    CO_TRY(const host::BatchAnswer second, co_await host_.db.run(std::move(again)));
    seen = read_seen(second, 0);
    if (seen.price_version != prices->version) {
      co_return fail(ErrorCode::kUnavailable, "Prices are being changed. Try again.", "prices moved twice");
    }
  }

  // 4. Say what became of each event.
  outcome.num_accepted = seen.num_stored;
  outcome.num_unpriced = num_unpriced;
  outcome.num_duplicates = sorter.num_duplicates();
  outcome.rejected = sorter.rejected();
  outcome.budget = seen.budget;
  outcome.spent = seen.spent;
  if (seen.num_stored < sorter.events().size()) {
    CO_TRY_VOID(co_await tell_apart(seen, sorter, number, prices, outcome));
  }
  std::ranges::sort(outcome.rejected, {}, &Rejected::index);
  co_return outcome;
}

}  // namespace latchkey::usage
