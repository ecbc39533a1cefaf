// Roll-ups: each event in each sum once, however cron runs.
#include "usage_world.h"

#include "maintenance/scheduled.h"
#include "support/draws.h"

namespace latchkey::usage {
namespace {

using test::FaultPoint;

// add_events: straight into the table, as reports of many machines would.
void add_events(test::ServiceWorld& world, int count, TimeMs received_at = kNow) {
  world.host.query(std::move(
      host::Batch()
          .add("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < CAST(?1 AS INTEGER)) "
               "INSERT INTO usage_events (license_id, event_id, plan, machine_id, report, at, received_at, provider, model, "
               "input_tokens, output_tokens, cached_input_tokens, reasoning_tokens, cost, price_version) SELECT "
               "'lic_00000000000000000000000001', 'x' || ?2 || '-' || i, 'pro', 'mch_' || (i % 3), 1, CAST(?2 AS INTEGER) - i * "
               "600000, CAST(?2 AS INTEGER), 'kimi', 'm' || (i % 2), i, 2, 1, 1, iif(i % 5 = 0, NULL, i), 0 FROM n")
          .bind(count)
          .bind(received_at)));
  world.host.query("DELETE FROM license_spend");
  world.host.query("INSERT INTO license_spend SELECT license_id, at / 86400000, count(*), ifnull(sum(cost), 0), "
                   "count(*) - count(cost), max(seq) FROM usage_events GROUP BY 1, 2");
}

TEST(RollUp, sums_hours_days_and_everybody_and_running_again_adds_nothing) {
  UsageWorld world;
  add_events(world, 400);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(world.roll());
    EXPECT_EQ(world.scalar("SELECT sum(requests) AS value FROM usage_hourly"), 400);
    world.expect_sound();
  }
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM usage_totals WHERE plan <> 'pro'"), 0);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM (SELECT license_id, hour / 24 AS day, provider, model, "
                         "machine_id, sum(requests), sum(cost), sum(unpriced) FROM usage_hourly GROUP BY 1, 2, 3, 4, 5 "
                         "EXCEPT SELECT license_id, day, provider, model, machine_id, requests, cost, unpriced FROM "
                         "usage_daily)"),
            0)
      << "a day is the sum of its hours";
}

TEST(RollUp, takes_what_came_late_into_the_hour_that_it_was_used_in) {
  UsageWorld world;
  ASSERT_TRUE(world.report({UsageWorld::event("a", 10, kNow)}).has_value());
  EXPECT_TRUE(world.roll());
  ASSERT_TRUE(world.report({UsageWorld::event("b", 10, kNow - 30 * kDayMs), UsageWorld::event("c", 10, kNow)}).has_value());
  EXPECT_TRUE(world.roll());
  world.expect_sound();
  EXPECT_EQ(world.scalar("SELECT requests AS value FROM usage_hourly ORDER BY hour"), 1);
  EXPECT_EQ(world.scalar("SELECT requests AS value FROM usage_hourly ORDER BY hour DESC"), 2);
}

TEST(RollUp, takes_a_bounded_number_a_run_and_gets_there) {
  UsageWorld world;
  constexpr int kRun = static_cast<int>(limits::kUsageRollEventsPerRun * limits::kUsageRollRunsMax);
  add_events(world, kRun + 1);
  const uint64_t before = world.host.count(host::OpKind::kDbBatch);
  EXPECT_FALSE(world.roll());
  EXPECT_EQ(world.host.count(host::OpKind::kDbBatch) - before, 2 * limits::kUsageRollRunsMax + 1);
  EXPECT_EQ(world.scalar("SELECT usage_rolled_seq AS value FROM state"), kRun);
  world.expect_sound();
  EXPECT_TRUE(world.roll());
  world.expect_sound();
}

struct RollWorld : UsageWorld {
  RollWorld() { add_events(*this, 30); }
};

TEST(RollUp, counts_each_event_once_whichever_operation_fails_and_whoever_runs_beside_it) {
  const auto scenario = [](UsageWorld& world) -> Task<> { co_await world.roll_up_task(); };
  const auto check = [](UsageWorld& world, FaultPoint) {
    world.expect_sound();
    EXPECT_TRUE(world.roll());
    EXPECT_EQ(world.scalar("SELECT sum(requests) AS value FROM usage_daily"), 30);
    world.expect_sound();
  };
  EXPECT_EQ(test::fail_every_await<RollWorld>(scenario, check), 3u);
  test::cancel_every_await<RollWorld>(scenario, check);
  const auto sound = [](UsageWorld& world) {
    EXPECT_EQ(world.scalar("SELECT sum(requests) AS value FROM usage_daily"), 30);
    world.expect_sound();
  };
  test::interleave_two<RollWorld>(scenario, scenario, sound, test::Orders::kEffects);
}

TEST(RollUp, comes_right_after_a_restore_of_tables_that_are_of_different_moments) {
  UsageWorld world;
  std::vector<Event> events;
  for (int i = 0; i < 60; ++i) events.push_back(UsageWorld::event("e" + std::to_string(i), i, kNow - i % 7 * kHourMs));
  // Each table as a backup read it: at its own moment, the events last.
  const std::string_view tables[] = {"usage_hourly", "usage_daily", "usage_totals", "license_spend"};
  for (size_t i = 0; i < events.size(); i += 12) {
    ASSERT_TRUE(world.report({events.begin() + i, events.begin() + i + 12}).has_value());
    EXPECT_TRUE(world.roll());
    if (i / 12 >= std::size(tables)) break;
    const std::string table(tables[i / 12]);
    world.host.query("CREATE TABLE copy_" + table + " AS SELECT * FROM " + table);
  }
  for (const std::string_view name : tables) {
    const std::string table(name);
    world.host.query("DELETE FROM " + table);
    world.host.query("INSERT INTO " + table + " SELECT * FROM copy_" + table);
  }
  EXPECT_LT(world.scalar("SELECT sum(requests) AS value FROM license_spend"), 60);
  world.host.query("UPDATE state SET usage_rolled_seq = 0");
  EXPECT_TRUE(world.roll());
  for (const std::string_view name : tables) {
    EXPECT_EQ(world.scalar("SELECT sum(requests) AS value FROM " + std::string(name)), 60) << name;
  }
  world.expect_sound();
}

// ---- Retention

Task<> retain(UsageWorld& world) {
  host::Host own(world.host.platform(), world.host.new_request(), 5000);
  host::Batch batch;
  add_retention(batch, world.config(), own.clock.now());
  co_await own.db.run(std::move(batch));
}

TEST(UsageRetention, deletes_single_events_after_their_days_once_they_are_summed_and_never_the_newest) {
  UsageWorld world({{"USAGE_RETENTION_DAYS", "36"}});
  add_events(world, 10, kNow - 36 * kDayMs - 1);
  add_events(world, 5, kNow - 36 * kDayMs);
  world.host.run(retain(world));
  EXPECT_EQ(world.num_events(), 15) << "not summed yet";
  EXPECT_TRUE(world.roll());
  world.host.run(retain(world));
  EXPECT_EQ(world.num_events(), 5);
  world.host.clock.advance(1);
  world.host.run(retain(world));
  EXPECT_EQ(world.num_events(), 1);
  EXPECT_EQ(world.scalar("SELECT max(seq) AS value FROM usage_events"), 15);
  EXPECT_EQ(world.scalar("SELECT sum(requests) AS value FROM usage_daily"), 15);
}

TEST(UsageRetention, drops_old_sums_and_the_ledger_keeps_what_they_came_to) {
  UsageWorld world;
  add_events(world, 300, kNow - limits::kUsageDailyKeptMs);
  add_events(world, 10);
  EXPECT_TRUE(world.roll());
  const int64_t spent = world.scalar("SELECT sum(cost) AS value FROM license_spend");
  for (int i = 0; i < 2; ++i) world.host.run(retain(world));
  const std::string first_day = std::to_string(budget::day_of(kNow - limits::kUsageDailyKeptMs));
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM usage_daily WHERE day < " + first_day), 0);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM usage_totals WHERE hour < 24 * " + first_day), 0);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM usage_hourly WHERE hour < " +
                         std::to_string((kNow - limits::kUsageHourlyKeptMs) / kHourMs)),
            0);
  EXPECT_GT(world.scalar("SELECT count(*) AS value FROM usage_hourly"), 0);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM license_spend WHERE day > 0 AND day < " + first_day), 0);
  EXPECT_EQ(world.scalar("SELECT sum(cost) AS value FROM license_spend"), spent);
  EXPECT_GT(world.scalar("SELECT cost AS value FROM license_spend WHERE day = 0"), 0);
}

TEST(UsageRetention, of_many_rows_takes_a_bounded_number_a_run_and_folds_exactly_those_it_deletes) {
  UsageWorld world;
  world.host.query("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO "
                   "license_spend SELECT 'lic_' || (i % 7), 1 + i / 7, 1, i, 0, i FROM n");
  for (int run = 1; run <= 3; ++run) {
    world.host.run(retain(world));
    EXPECT_EQ(world.scalar("SELECT sum(cost) AS value FROM license_spend"), 5000 * 5001 / 2);
    EXPECT_EQ(world.scalar("SELECT sum(requests) AS value FROM license_spend"), 5000);
    EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM license_spend WHERE day > 0"),
              std::max(0, 5000 - run * static_cast<int>(limits::kUsageRowsPerRetention)));
  }
}

TEST(UsageCron, rolls_up_with_everything_else) {
  UsageWorld world;
  ASSERT_TRUE(world.report({UsageWorld::event("a")}).has_value());
  const auto cron = [](UsageWorld& one) -> Task<> {
    host::Host own(one.host.platform(), one.host.new_request(), 5000);
    co_await maintenance::run_scheduled(own, one.config());
  };
  world.host.run(cron(world));
  EXPECT_EQ(world.scalar("SELECT sum(requests) AS value FROM usage_totals"), 1);
  world.expect_sound();
}

}  // namespace
}  // namespace latchkey::usage
