// Alerts of usage: each threshold of a budget once a period, and models without a price.
#include "usage/alerts.h"

#include "usage_world.h"

namespace latchkey::usage {
namespace {

using pricing::Nano;

TEST(BudgetRaises, tell_the_highest_threshold_that_is_reached_of_each_limit) {
  struct Case {
    int64_t spent, level;
  };
  for (const Case& one : {Case{49, 0}, {50, 50}, {79, 50}, {80, 80}, {94, 80}, {95, 95}, {99, 95}, {100, 100}, {500, 100}}) {
    const auto raises = budget_raises("lic_1", {.limits = {.daily = Nano{100}}}, {.today = Nano{one.spent}}, kNow);
    ASSERT_EQ(raises.size(), one.level > 0 ? 1u : 0u) << one.spent;
    if (one.level > 0) EXPECT_EQ(raises[0].level, one.level);
  }
  const budget::Budget all{budget::Enforcement::kBlock, {Nano{10}, Nano{10}, Nano{10}}};
  const auto raises = budget_raises("lic_1", all, {Nano{5}, Nano{8}, Nano{10}}, kNow);
  ASSERT_EQ(raises.size(), 3u);
  EXPECT_EQ(raises[0].subject, "lic_1 daily 2026-01-15");
  EXPECT_EQ(raises[1].subject, "lic_1 monthly 2026-01");
  EXPECT_EQ(raises[2].subject, "lic_1 total");
  EXPECT_EQ(*raises[0].severity, alert::Severity::kInfo);
  EXPECT_EQ(*raises[2].severity, alert::Severity::kCritical) << "it refuses keys";
  EXPECT_EQ(raises[2].details,
            R"({"cost":"0.00000001","enforcement":"block","license_id":"lic_1","limit":"0.00000001","period":"total",)"
            R"("resets_at":null})");
}

int64_t num_alerts(UsageWorld& world, std::string_view where) {
  return world.scalar("SELECT count(*) AS value FROM alerts WHERE " + std::string(where));
}

TEST(UsageAlerts, of_a_budget_are_one_for_each_period_that_gets_worse_and_ends_with_it) {
  UsageWorld world;
  world.set_prices("1", "0");
  world.set_budget({budget::Enforcement::kWarn, {.daily = Nano{10'000'000}}});  // ten thousand tokens
  const auto use = [&](std::string id, int64_t input) {
    ASSERT_EQ(world.report({UsageWorld::event(std::move(id), input, world.host.clock.now())})->num_accepted, 1u);
    EXPECT_TRUE(world.roll());
  };
  use("a", 4'000);
  EXPECT_EQ(num_alerts(world, "1"), 0);
  use("b", 1'000);
  EXPECT_EQ(num_alerts(world, "kind = 'budget_threshold' AND level = 50 AND state = 'open'"), 1);
  use("c", 1);
  use("d", 4'999);
  EXPECT_EQ(num_alerts(world, "level = 100 AND severity = 'warning'"), 1);
  EXPECT_EQ(num_alerts(world, "1"), 1);
  world.host.clock.advance(kDayMs);
  use("e", 6'000);
  EXPECT_EQ(num_alerts(world, "state = 'resolved'"), 1);
  EXPECT_EQ(num_alerts(world, "state = 'open' AND level = 50"), 1);
}

TEST(UsageAlerts, name_models_without_a_price_in_one_alert_a_provider_however_many_a_client_makes_up) {
  UsageWorld world;
  std::vector<Event> events;
  for (int i = 0; i < 200; ++i) {
    events.push_back(UsageWorld::event(std::to_string(i)));
    events.back().model = "made-up-" + std::to_string(i);
  }
  events[0].provider = "kimi";
  ASSERT_EQ(world.report(events)->num_accepted, 200u);
  EXPECT_TRUE(world.roll());
  EXPECT_EQ(num_alerts(world, "kind = 'price_unknown_model'"), 2);
  EXPECT_EQ(num_alerts(world, "subject = 'kimi' AND details = '{\"models\":[\"made-up-0\"],\"provider\":\"kimi\"}'"), 1);
  EXPECT_EQ(world.scalar("SELECT json_array_length(details, '$.models') AS value FROM alerts WHERE subject = 'deepseek'"),
            limits::kUnpricedModelsNamed);
}

}  // namespace
}  // namespace latchkey::usage
