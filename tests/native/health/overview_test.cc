// Overview: one trip, sums of the running day and month, and a forecast that says nothing too early.
#include "health/overview.h"

#include <gtest/gtest.h>

#include "budget/budget.h"
#include "support/service_world.h"

namespace latchkey::health {
namespace {

using test::kTestStart;
using test::ServiceWorld;

constexpr int64_t kToday = kTestStart / kDayMs;  // 2026-01-15
constexpr int64_t kDollar = 1'000'000'000;

struct OverviewWorld : ServiceWorld {
  Result<Overview> try_load() {
    host::Host own(host.platform(), host.new_request(), 5000);
    return host.run(load_overview(own));
  }
  Overview load() {
    auto overview = try_load();
    EXPECT_TRUE(overview.has_value()) << overview.error().detail();
    return std::move(*overview);
  }
  void totals(int64_t hour, int64_t num_models, int64_t cost) {
    host.query(std::move(
        host::Batch()
            .add("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < CAST(?2 AS INTEGER)) "
                 "INSERT INTO usage_totals (hour, plan, provider, model, requests, input_tokens, output_tokens, "
                 "cached_input_tokens, reasoning_tokens, cost, unpriced, seq) "
                 "SELECT CAST(?1 AS INTEGER), 'pro', 'kimi', 'model-' || i, 2, 0, 0, 0, 0, CAST(?3 AS INTEGER), 1, 1 FROM n")
            .bind(hour)
            .bind(num_models)
            .bind(cost)));
  }
};

TEST(Overview, of_a_fresh_database_is_nothing_in_one_trip) {
  OverviewWorld world;
  const Overview overview = world.load();
  EXPECT_TRUE(overview.days.empty());
  EXPECT_FALSE(overview.is_capped);
  EXPECT_EQ(overview.figures.at, kTestStart);
  EXPECT_TRUE(overview.figures.bootstrap_enabled);
  EXPECT_EQ(world.host.num_started(), 1u);
  const Costs costs = sum_costs(overview.days, kTestStart);
  EXPECT_EQ(costs.month.cost, 0);
  EXPECT_FALSE(costs.forecast.outlook.has_value());
}

TEST(Overview, sums_each_day_of_six_weeks_oldest_first) {
  OverviewWorld world;
  world.totals(kToday * 24 + 3, 2, kDollar);
  world.totals(kToday * 24, 1, kDollar);
  world.totals(kToday * 24 - 1, 1, 5 * kDollar);
  world.totals((kToday - limits::kOverviewDays + 1) * 24, 1, 7);
  world.totals((kToday - limits::kOverviewDays + 1) * 24 - 1, 1, 9);
  const Overview overview = world.load();
  ASSERT_EQ(overview.days.size(), 3u);
  EXPECT_EQ(overview.days[0].day, kToday - limits::kOverviewDays + 1);
  EXPECT_EQ(overview.days[0].cost, 7);
  EXPECT_EQ(overview.days[1].day, kToday - 1);
  EXPECT_EQ(overview.days[1].cost, 5 * kDollar);
  EXPECT_EQ(overview.days[2].cost, 3 * kDollar);
  EXPECT_EQ(overview.days[2].requests, 6);
  EXPECT_EQ(overview.days[2].unpriced, 3);
}

TEST(Overview, counts_no_further_than_its_bound_and_leaves_out_the_day_that_is_a_part) {
  OverviewWorld world;
  world.totals(kToday * 24, limits::kOverviewRowsMax / 2, 1);
  world.totals(kToday * 24 - 1, limits::kOverviewRowsMax / 2 - 1, 1);
  EXPECT_FALSE(world.load().is_capped);
  world.totals(kToday * 24 - 30, 10, 1);
  const Overview overview = world.load();
  EXPECT_TRUE(overview.is_capped);
  ASSERT_EQ(overview.days.size(), 2u);
  EXPECT_EQ(overview.days[0].day, kToday - 1);
}

TEST(Overview, is_an_outage_where_D1_is) {
  for (const auto fault : {test::Fault::kNotPerformed, test::Fault::kAnswerLost}) {
    OverviewWorld world;
    world.host.fail_op(0, fault);
    const auto overview = world.try_load();
    ASSERT_FALSE(overview.has_value());
    EXPECT_EQ(overview.error().code(), ErrorCode::kUnavailable);
  }
}

TEST(SumCosts, are_of_the_running_day_and_month) {
  const int64_t first = budget::month_start_of(kTestStart);
  const DayCost days[] = {{first - 1, 1, 100, 1}, {first, 2, 20, 0}, {kToday - 1, 3, 30, 1}, {kToday, 4, 4, 2}};
  const Costs costs = sum_costs(days, kTestStart);
  EXPECT_EQ(costs.today.cost, 4);
  EXPECT_EQ(costs.today.requests, 4);
  EXPECT_EQ(costs.month.cost, 54);
  EXPECT_EQ(costs.month.requests, 9);
  EXPECT_EQ(costs.month.unpriced, 3);
  EXPECT_EQ(costs.month.day, first);
}

TEST(SumCosts, foretell_the_month_from_a_week_on_within_an_interval) {
  std::vector<DayCost> days;
  for (int64_t day = kToday - 20; day < kToday; ++day) days.push_back({day, 1, kDollar, 0});
  const Costs costs = sum_costs(days, kTestStart);
  ASSERT_TRUE(costs.forecast.outlook.has_value());
  const forecast::Outlook& outlook = *costs.forecast.outlook;
  EXPECT_EQ(outlook.until, *budget::resets_at(budget::Period::kMonthly, kTestStart));
  EXPECT_LE(outlook.sum_low, outlook.sum);
  EXPECT_LE(outlook.sum, outlook.sum_high);
  // 14 days of January are spent, and 17 are to come.
  EXPECT_NEAR(static_cast<double>(outlook.sum), 31e9, 3e9);
  EXPECT_FALSE(sum_costs(std::span(days).last(5), kTestStart).forecast.outlook.has_value());
}

}  // namespace
}  // namespace latchkey::health
