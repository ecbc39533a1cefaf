// Alerts of usage: each threshold of a budget once a period, and models without a price.
#include "usage/alerts.h"

#include "edge/copy.h"
#include "edge/sync.h"
#include "usage/reprice.h"
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

struct EdgeWorld : UsageWorld {
  Task<Result<edge::SyncReport>> sync_task() {
    host::Host own(host.platform(), host.new_request(), 5000);
    co_return co_await edge::sync(own, config(), 20);
  }
  // carry: what cron does of it; how many copies KV took.
  uint32_t carry() {
    EXPECT_TRUE(roll());
    return host.run(sync_task())->licenses;
  }
  std::optional<TimeMs> blocked_in_kv() {
    const std::string* text = host.kv.get(edge::license_key(request().code_hash->text()));
    const auto copy = text ? edge::parse_license_copy(*text) : std::nullopt;
    if (!copy || !copy->spending) return std::nullopt;
    const budget::Snapshot& spending = *copy->spending;
    const TimeMs now = host.clock.now();
    return budget::blocked_until(spending.budget, spending.spent_at(now), now);
  }
  void use(std::string id, int64_t input) {
    ASSERT_EQ(report({event(std::move(id), input, host.clock.now())})->num_accepted, 1u);
  }
  void move_prices(std::string_view input) {
    set_prices(input, "0");
    const provision::Client asking = client();
    host.run([](EdgeWorld& world, provision::Client asking) -> Task<void> {
      const store::AuditRow by{.request_id = asking.request_id, .actor = "admin:ada",
                               .address_hash = asking.address_hash.text()};
      host::Host own(world.host.platform(), world.host.new_request(), 5000);
      RepriceService service(own, world.app.usage, by);
      EXPECT_TRUE((co_await service.reprice({}, latchkey::Run::kReal)).has_value());
    }(*this, asking));
  }
};

TEST(BlockedLicenses, are_told_to_kv_once_and_untold_when_the_reason_goes) {
  EdgeWorld world;
  world.set_prices("1", "0");
  world.set_budget({budget::Enforcement::kBlock, {.daily = Nano{10'000'000}}});  // ten thousand tokens
  world.carry();
  world.use("a", 9'999);
  EXPECT_EQ(world.carry(), 0u) << "nothing is reached";
  world.use("b", 1);
  EXPECT_EQ(world.carry(), 1u);
  const TimeMs tomorrow = (budget::day_of(kNow) + 1) * kDayMs;
  EXPECT_EQ(world.blocked_in_kv(), tomorrow);
  world.host.set_fault(host::OpKind::kDbBatch, test::Fault::kNotPerformed);
  const auto refused = world.provision(world.request(kMachine));
  ASSERT_TRUE(refused.has_value()) << "D1 does not answer, KV does";
  EXPECT_EQ(refused->verdict, provision::Verdict::kBudgetExceeded);
  EXPECT_EQ(refused->used_up->resets_at, tomorrow);
  world.host.set_fault(host::OpKind::kDbBatch, test::Fault::kNone);
  world.use("c", 500);
  EXPECT_EQ(world.carry(), 0u) << "KV says so already";

  world.move_prices("0.5");
  EXPECT_EQ(world.carry(), 1u);
  EXPECT_EQ(world.blocked_in_kv(), std::nullopt) << "what was used got cheaper";
  world.use("d", 20'000);
  EXPECT_EQ(world.carry(), 1u);
  EXPECT_EQ(world.blocked_in_kv(), tomorrow);

  world.host.clock.advance(kDayMs);
  EXPECT_EQ(world.blocked_in_kv(), std::nullopt) << "the day is over, and KV needs no word of it";
  world.use("e", 20'000);
  EXPECT_EQ(world.carry(), 1u);
  EXPECT_EQ(world.blocked_in_kv(), tomorrow + kDayMs);
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
