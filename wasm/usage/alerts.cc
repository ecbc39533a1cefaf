#include "usage/alerts.h"

#include <algorithm>

#include "base/limits.h"
#include "json/writer.h"
#include "store/queries.h"

namespace latchkey::usage {
namespace {

using budget::Period;

// threshold_of: the highest that is reached; 0: none.
int64_t threshold_of(const budget::Standing& standing) {
  int64_t reached = 0;
  for (const int64_t percent : kThresholds) {
    const auto part = static_cast<__int128>(standing.limit->value) * percent;
    if (static_cast<__int128>(standing.cost.value) * 100 >= part) reached = percent;
  }
  return reached;
}

alert::Severity severity_of(int64_t threshold, budget::Enforcement enforcement) {
  if (threshold == 100 && enforcement == budget::Enforcement::kBlock) return alert::Severity::kCritical;
  return threshold >= 95 ? alert::Severity::kWarning : alert::Severity::kInfo;
}

// subject_of: "lic_... daily 2026-11-21", "lic_... monthly 2026-11", "lic_... total".
std::string subject_of(std::string_view license_id, Period period, TimeMs now) {
  std::string subject = std::string(license_id) + " " + std::string(budget::period_name(period));
  if (period == Period::kDaily) subject += " " + format_time(now).substr(0, 10);
  if (period == Period::kMonthly) subject += " " + format_time(now).substr(0, 7);
  return subject;
}

std::string details_of(std::string_view license_id, const budget::Budget& budget, const budget::Standing& standing) {
  json::Writer out;
  out.begin_object()
      .field("cost", pricing::print_usd(standing.cost))
      .field("enforcement", budget::enforcement_name(budget.enforcement))
      .field("license_id", license_id)
      .field("limit", pricing::print_usd(*standing.limit))
      .field("period", budget::period_name(standing.period))
      .field("resets_at", standing.resets_at)
      .end_object();
  return std::move(out).take();
}

}  // namespace

std::vector<alert::Raise> budget_raises(std::string_view license_id, const budget::Budget& budget,
                                        const budget::Spent& spent, TimeMs now) {
  std::vector<alert::Raise> raises;
  for (const Period period : {Period::kDaily, Period::kMonthly, Period::kTotal}) {
    const auto limit = budget.limits.of(period);
    if (!limit) continue;
    const budget::Standing standing{period, spent.in(period), limit, budget::resets_at(period, now)};
    const int64_t threshold = threshold_of(standing);
    if (threshold == 0) continue;
    raises.push_back({.kind = alert::Kind::kBudgetThreshold,
                      .subject = subject_of(license_id, period, now),
                      .severity = severity_of(threshold, budget.enforcement),
                      .level = threshold,
                      .details = details_of(license_id, budget, standing)});
  }
  return raises;
}

Task<Result<UsageAlerts>> look_at(host::Host& host, int64_t from, int64_t to) {
  const TimeMs now = host.clock.now();
  host::Batch batch;
  batch.add(store::kUsageBudgetsTouched)
      .bind(from)
      .bind(to)
      .bind(budget::day_of(now))
      .bind(budget::month_start_of(now));
  batch.add(store::kUsageUnpricedModels).bind(from).bind(to).bind(limits::kUnpricedModelsNamed);
  batch.add(store::kAlertListEndedBudgets).bind(now).bind(limits::kUsageAlertsPerTrip);
  CO_TRY(const host::BatchAnswer answer, co_await host.db.run(std::move(batch)));
  UsageAlerts alerts;
  answer.each_row(0, [&](host::Row row) {
    const auto nanos = [&](std::string_view name) { return pricing::Nano{row.integer_or_null(name).value_or(0)}; };
    const budget::Budget budget = budget::read_budget(row.text("budget"));
    const budget::Spent spent{nanos("today"), nanos("month"), nanos("total")};
    const auto raises = budget_raises(row.text("id"), budget, spent, now);
    alerts.raises.insert(alerts.raises.end(), raises.begin(), raises.end());
    auto in_kv = row.integer_or_null("kv_blocked_until");
    if (in_kv && *in_kv <= now) in_kv.reset();
    if (budget::blocked_until(budget, spent, now) != in_kv) alerts.outdated.emplace_back(row.text("id"));
  });
  // One alert a provider: clients choose what models are called, and there may be any number of them.
  answer.each_row(1, [&](host::Row row) {
    json::Writer details;
    details.begin_object().key("models").raw(row.text("models")).field("provider", row.text("provider")).end_object();
    alerts.raises.push_back({.kind = alert::Kind::kPriceUnknownModel,
                             .subject = std::string(row.text("provider")),
                             .details = std::move(details).take()});
  });
  answer.each_row(2, [&](host::Row row) { alerts.ended.emplace_back(row.text("subject")); });
  co_return alerts;
}

}  // namespace latchkey::usage
