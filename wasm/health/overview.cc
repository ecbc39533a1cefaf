#include "health/overview.h"

#include <algorithm>

#include "base/limits.h"
#include "budget/budget.h"
#include "store/queries.h"

namespace latchkey::health {
namespace {

int64_t first_day(TimeMs now) { return budget::day_of(now) - (limits::kOverviewDays - 1); }

void add(DayCost& sum, const DayCost& day) {
  sum.requests += day.requests;
  sum.cost += day.cost;
  sum.unpriced += day.unpriced;
}

// whole_days: the cost of each day up to yesterday, those without use among them.
std::vector<int64_t> whole_days(std::span<const DayCost> days, int64_t today) {
  std::vector<int64_t> costs;
  for (const DayCost& one : days) {
    if (one.day >= today) break;
    if (costs.empty()) costs.resize(static_cast<size_t>(today - one.day));
    costs[costs.size() - static_cast<size_t>(today - one.day)] = one.cost;
  }
  return costs;
}

}  // namespace

Task<Result<Overview>> load_overview(host::Host& host) {
  const TimeMs asked_at = host.clock.now();
  host::Batch batch;
  add_figures(batch, asked_at);
  batch.add(store::kOverviewDays).bind(first_day(asked_at) * (kDayMs / kHourMs)).bind(limits::kOverviewRowsMax);
  CO_TRY(const host::BatchAnswer answer, co_await host.db.run(std::move(batch)));
  Overview overview{.figures = read_figures(answer, asked_at, host.clock.now()), .days = {}};
  int64_t num_rows = 0;
  answer.each_row(kFiguresStatements, [&](const host::Row& row) {
    num_rows += row.integer("num_rows");
    overview.days.push_back({.day = row.integer("day"),
                             .requests = row.integer("requests"),
                             .cost = row.integer("cost"),
                             .unpriced = row.integer("unpriced")});
  });
  std::ranges::sort(overview.days, {}, &DayCost::day);
  // The rows were taken from the newest on: the first day may be a part.
  overview.is_capped = num_rows >= limits::kOverviewRowsMax;
  if (overview.is_capped) overview.days.erase(overview.days.begin());
  co_return overview;
}

Costs sum_costs(std::span<const DayCost> days, TimeMs now) {
  const int64_t today = budget::day_of(now);
  Costs costs;
  costs.today.day = today;
  costs.month.day = budget::month_start_of(now);
  for (const DayCost& one : days) {
    if (one.day == today) add(costs.today, one);
    if (one.day >= costs.month.day) add(costs.month, one);
  }
  const std::vector<int64_t> before = whole_days(days, today);
  costs.forecast = forecast::predict({.days = before, .today = costs.today.cost},
                                     {.spent = costs.month.cost,
                                      .limit = INT64_MAX,
                                      .ends_at = budget::resets_at(budget::Period::kMonthly, now).value()},
                                     now);
  return costs;
}

}  // namespace latchkey::health
