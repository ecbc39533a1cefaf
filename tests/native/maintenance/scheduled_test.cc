// Scheduled work: bounded, safe to run again, and no step stops the next.
#include "maintenance/scheduled.h"

#include <gtest/gtest.h>

#include "support/drivers.h"
#include "support/service_world.h"

namespace latchkey::maintenance {
namespace {

using test::FaultPoint;
using test::ServiceWorld;

Task<> cron(ServiceWorld& world) {
  host::Host own(world.host.platform(), world.host.new_request(), 5000);
  co_await run_scheduled(own, world.config());
}

void add_audits(ServiceWorld& world, TimeMs at, int count) {
  world.host.query(std::move(
      host::Batch()
          .add("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < CAST(?2 AS INTEGER)) "
               "INSERT INTO audit_log (at, request_id, item, action, outcome, actor) "
               "SELECT CAST(?1 AS INTEGER), 'req_' || ?1, i, 'x', 'done', 'x' FROM n")
          .bind(at)
          .bind(count)));
}

int64_t num_audits(ServiceWorld& world) { return world.scalar("SELECT count(*) AS value FROM audit_log"); }

TEST(Retention, deletes_whole_tiles_of_audit_rows_past_their_days_and_no_others) {
  ServiceWorld world({{"AUDIT_RETENTION_DAYS", "30"}});
  add_audits(world, test::kTestStart - 31 * kDayMs, 500);
  add_audits(world, test::kTestStart - 30 * kDayMs - 1, 12);
  add_audits(world, test::kTestStart - 30 * kDayMs, 4);
  add_audits(world, test::kTestStart, 5);
  for (int i = 0; i < 2; ++i) {
    world.host.run(cron(world));
    EXPECT_EQ(num_audits(world), 9);
  }
  world.host.clock.advance(1);
  world.host.run(cron(world));
  EXPECT_EQ(num_audits(world), 9) << "four are old, and their tile is not";
}

TEST(Retention, waits_for_audit_rows_to_be_hashed_and_for_a_restore_to_end) {
  ServiceWorld world({{"AUDIT_RETENTION_DAYS", "30"}});
  add_audits(world, test::kTestStart - 40 * kDayMs, 300);
  world.host.query("INSERT INTO restores (backup_id, state, line, line_hash, end_line, accepts_loss, index_lost, actor, "
                   "begun_at) VALUES ('bak_1', 'running', 0, '', 9, 0, 0, 'x', 1)");
  world.host.run(cron(world));
  EXPECT_EQ(num_audits(world), 300) << "nothing is hashed while a restore is running";
  world.host.query("INSERT INTO audit_nodes (level, number, hash) VALUES (8, 0, 'x')");
  world.host.run(cron(world));
  EXPECT_EQ(num_audits(world), 300);
  world.host.query("DELETE FROM audit_nodes");
  world.host.query("UPDATE restores SET state = 'done'");
  world.host.run(cron(world));
  EXPECT_EQ(num_audits(world), 44);
}

TEST(Retention, deletes_a_bounded_number_a_run_and_gets_there) {
  ServiceWorld world({{"AUDIT_RETENTION_DAYS", "30"}});
  constexpr int tiles = static_cast<int>(kDeleteRowsMax) / 256;
  add_audits(world, test::kTestStart - 40 * kDayMs, (tiles + 2) * 256);
  add_audits(world, test::kTestStart, 1);
  world.host.run(cron(world));
  EXPECT_EQ(num_audits(world), 2 * 256 + 1);
  world.host.run(cron(world));
  EXPECT_EQ(num_audits(world), 1);
}

TEST(Retention, keeps_the_newest_audit_row_so_that_no_number_is_given_twice) {
  ServiceWorld world({{"AUDIT_RETENTION_DAYS", "30"}});
  add_audits(world, test::kTestStart - 40 * kDayMs, 512);
  world.host.run(cron(world));
  EXPECT_EQ(num_audits(world), 256) << "its tile stays whole";
  add_audits(world, test::kTestStart, 1);
  EXPECT_EQ(world.scalar("SELECT max(seq) AS value FROM audit_log"), 513);
}

TEST(Retention, deletes_rate_windows_that_ended_and_keeps_those_that_count) {
  ServiceWorld world;
  world.set_hits("ended", 5, limits::kRateWindowMs);
  world.set_hits("ended long ago", 5, 50 * limits::kRateWindowMs);
  world.set_hits("last second", 5, limits::kRateWindowMs - kSecondMs);
  world.set_hits("fresh", 5, 0);
  for (int i = 0; i < 2; ++i) {
    world.host.run(cron(world));
    EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM rate_limits"), 2);
    EXPECT_EQ(world.hits("last second"), 5);
    EXPECT_EQ(world.hits("fresh"), 5);
  }
}

TEST(Scheduled, alerts_to_an_audit_log_that_was_changed_behind_its_back) {
  ServiceWorld world;
  const auto num_open = [&] {
    return world.scalar("SELECT count(*) AS value FROM alerts WHERE kind = 'audit_broken' AND state = 'open'");
  };
  add_audits(world, test::kTestStart, 300);
  world.host.run(cron(world));
  EXPECT_EQ(world.scalar("SELECT max(size) AS value FROM audit_checkpoints"), 300);
  EXPECT_EQ(num_open(), 0);
  world.host.query("UPDATE audit_log SET reason = 'nothing_to_see' WHERE seq = 290");
  add_audits(world, test::kTestStart + 1, 300);
  world.host.run(cron(world));
  EXPECT_EQ(num_open(), 1);
  world.host.query("UPDATE audit_log SET reason = NULL WHERE seq = 290");
  world.host.run(cron(world));
  EXPECT_EQ(num_open(), 0);
}

TEST(Scheduled, with_any_step_failing_ends_logs_it_and_the_next_run_makes_it_good) {
  struct World : ServiceWorld {
    World() : ServiceWorld({{"AUDIT_RETENTION_DAYS", "30"}}) {
      add_license({});
      add_audits(*this, test::kTestStart - 40 * kDayMs, 257);
    }
  };
  const uint32_t num_ops =
      test::fail_every_await<World>([](World& world) { return cron(world); },
                                    [](World& world, FaultPoint point) {
                                      const bool is_logged =
                                          world.host.log.text().find("scheduled_step_failed") != std::string::npos;
                                      EXPECT_EQ(is_logged, point.fault != test::Fault::kNone);
                                      world.host.run(cron(world));
                                      EXPECT_EQ(num_audits(world), 1);
                                      EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM licenses "
                                                             "WHERE version > kv_version"),
                                                0);
                                    });
  EXPECT_GE(num_ops, 6u);
}

TEST(Scheduled, with_a_step_failing_three_runs_in_a_row_is_an_alert_until_it_works_again) {
  ServiceWorld world;
  const auto state = [&] {
    return world.scalar("SELECT count(*) AS value FROM alerts WHERE kind = 'cron_failed' AND subject = 'retention' AND "
                        "state = 'open'");
  };
  // A trigger that fails is a step that fails.
  world.set_hits("ended", 5, limits::kRateWindowMs);
  world.host.query("CREATE TRIGGER stuck BEFORE DELETE ON rate_limits BEGIN SELECT RAISE(ABORT, 'stuck'); END");
  for (int64_t i = 0; i < limits::kAlertAfterCronFailures; ++i) {
    EXPECT_EQ(state(), 0);
    world.host.run(cron(world));
  }
  EXPECT_EQ(state(), 1);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM alerts"), 1) << "the other steps went well";
  world.host.query("DROP TRIGGER stuck");
  world.host.run(cron(world));
  EXPECT_EQ(state(), 0);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM alerts WHERE state = 'resolved'"), 1);
}

}  // namespace
}  // namespace latchkey::maintenance
