// Idle seats: freed once, the longest unused first, within bounds, and only where the setting says so.
#include "maintenance/idle.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "edge/copy.h"
#include "maintenance/scheduled.h"
#include "support/drivers.h"
#include "support/service_world.h"

namespace latchkey::maintenance {
namespace {

using test::FaultPoint;
using test::LicenseRow;
using test::ServiceWorld;

constexpr TimeMs kIdle = 40 * kDayMs;

struct IdleWorld : ServiceWorld {
  explicit IdleWorld(std::string_view days = "40") : ServiceWorld({{"MACHINE_IDLE_DAYS", std::string(days)}}) {
    add_license({.max_machines = 2});
  }
  void seen(std::string_view machine_id, TimeMs at) {
    host.query(std::move(host::Batch()
                             .add("UPDATE machines SET last_seen_at = CAST(?2 AS INTEGER) WHERE id = ?1")
                             .bind(machine_id)
                             .bind(at)));
  }
};

// TwoIdle: one machine that was seen just often enough, and one that was not.
struct TwoIdle : IdleWorld {
  TwoIdle() {
    for (const char* id : {"mch_kept", "mch_idle"}) add_machine(LicenseRow().id, id, id);
    seen("mch_kept", host.clock.now() - kIdle);
    seen("mch_idle", host.clock.now() - kIdle - 1);
  }
};

Task<> cron(ServiceWorld& world) {
  host::Host own(world.host.platform(), world.host.new_request(), 5000);
  co_await run_scheduled(own, world.config());
}

TEST(Idle, frees_the_seat_audits_it_and_carries_it_to_kv) {
  TwoIdle world;
  const int64_t version = world.scalar("SELECT version AS value FROM licenses");
  world.host.run(cron(world));
  EXPECT_EQ(world.seats_used(), 1);
  const auto rows = world.host.query(
      "SELECT action, outcome, reason, actor, license_id, machine_hash, details FROM audit_log");
  ASSERT_EQ(rows.num_rows(0), 1u);
  EXPECT_EQ(rows.row(0, 0).text("action"), "machine.released");
  EXPECT_EQ(rows.row(0, 0).text("reason"), "idle");
  EXPECT_EQ(rows.row(0, 0).text("actor"), "cron");
  EXPECT_EQ(rows.row(0, 0).text("license_id"), LicenseRow().id);
  EXPECT_EQ(rows.row(0, 0).text("machine_hash"), "mch_idle");
  EXPECT_EQ(rows.row(0, 0).text("details"), R"({"machine_id":"mch_idle"})");
  EXPECT_EQ(world.scalar("SELECT version AS value FROM licenses"), version + 1);
  const auto hash = license::parse_code(LicenseRow().code)->hash(world.config().index);
  const std::string* text = world.host.kv.get(edge::license_key(hash.text()));
  ASSERT_NE(text, nullptr);
  EXPECT_EQ(edge::parse_license_copy(*text)->machines, (std::vector<std::string>{"mch_kept"}));
  // Again there is nothing to do.
  world.host.run(cron(world));
  EXPECT_EQ(world.num_audits("machine.released"), 1);
}

TEST(Idle, lets_the_machine_come_back_where_a_seat_is_free) {
  IdleWorld world;
  EXPECT_EQ(world.provision(world.request("away"))->verdict, provision::Verdict::kGranted);
  world.host.clock.advance(kIdle + 1);
  EXPECT_EQ(world.provision(world.request("b"))->verdict, provision::Verdict::kGranted);
  world.host.run(cron(world));
  EXPECT_EQ(world.seats_used(), 1);
  EXPECT_EQ(world.provision(world.request("c"))->verdict, provision::Verdict::kGranted);
  EXPECT_EQ(world.provision(world.request("away"))->verdict, provision::Verdict::kNoSeat);
  world.host.query("UPDATE licenses SET max_machines = 3");
  EXPECT_EQ(world.provision(world.request("away"))->verdict, provision::Verdict::kGranted);
}

TEST(Idle, by_default_frees_nothing_and_asks_nothing) {
  ServiceWorld world;
  world.add_license({});
  world.add_machine(LicenseRow().id, "ancient", "mch_ancient");
  host::Host own(world.host.platform(), world.host.new_request(), 5000);
  EXPECT_TRUE(world.host.run(release_idle(own, world.config())).has_value());
  EXPECT_EQ(world.host.num_started(), 0u);
  EXPECT_EQ(world.seats_used(), 1);
}

TEST(Idle, frees_a_bounded_number_a_run_the_longest_unused_first_and_gets_there) {
  IdleWorld world;
  constexpr int64_t kMachines = limits::kIdleSeatsPerRun + 50;
  world.host.query(std::move(
      host::Batch()
          .add("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < CAST(?2 AS INTEGER)) "
               "INSERT INTO machines (license_id, machine_hash, id, first_seen_at, last_seen_at, seated_at, "
               "ring_version, secrets_tag) SELECT ?1, 'hash' || i, 'mch_' || i, 1, i, 1, 1, '' FROM n")
          .bind(LicenseRow().id)
          .bind(kMachines)));
  world.host.run(cron(world));
  EXPECT_EQ(world.seats_used(), 50);
  EXPECT_EQ(world.scalar("SELECT min(last_seen_at) AS value FROM machines WHERE released_at IS NULL"),
            limits::kIdleSeatsPerRun + 1);
  EXPECT_EQ(world.scalar("SELECT max(item) AS value FROM audit_log"), limits::kIdleSeatsPerRun - 1);
  world.host.run(cron(world));
  EXPECT_EQ(world.seats_used(), 0);
  EXPECT_EQ(world.num_audits("machine.released"), kMachines);
}

TEST(IdleFaults, leave_each_seat_freed_with_its_row_or_not_at_all) {
  test::fail_every_await<TwoIdle>([](TwoIdle& world) { return cron(world); },
                                  [](TwoIdle& world, FaultPoint) {
                                    EXPECT_EQ(world.num_audits("machine.released"), 2 - world.seats_used());
                                    world.host.run(cron(world));
                                    EXPECT_EQ(world.seats_used(), 1);
                                    EXPECT_EQ(world.num_audits("machine.released"), 1);
                                    EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM licenses "
                                                           "WHERE version > kv_version"),
                                              0);
                                  });
}

Task<> free_idle(ServiceWorld& world) {
  host::Host own(world.host.platform(), world.host.new_request(), 5000);
  EXPECT_TRUE((co_await release_idle(own, world.config())).has_value());
}

TEST(IdleRace, of_two_runs_frees_each_seat_once) {
  test::interleave_two<TwoIdle>([](TwoIdle& world) { return free_idle(world); },
                                [](TwoIdle& world) { return free_idle(world); },
                                [](TwoIdle& world) {
                                  EXPECT_EQ(world.seats_used(), 1);
                                  EXPECT_EQ(world.num_audits("machine.released"), 1);
                                });
}

}  // namespace
}  // namespace latchkey::maintenance
