// The tree over the stored log: its head is that of all records by the definition, whatever was hashed when.
#include "audit/log.h"

#include "log_world.h"
#include "support/drivers.h"

namespace latchkey::audit {
namespace {

TEST(AuditLog, has_a_signed_head_at_every_size_around_a_tile) {
  LogWorld world;
  int64_t size = 0;
  for (const int64_t more : {1, 1, 253, 1, 1, 254, 1, 2, 500, 24}) {
    world.grow(more);
    size += more;
    if (more != 2) EXPECT_TRUE(world.advance().value());  // and once without
    world.expect_head(size);
  }
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM audit_nodes WHERE level = 8"), size / 256);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM audit_checkpoints"), 10);
}

TEST(AuditLog, without_a_record_has_the_empty_tree) {
  LogWorld world;
  const auto made = world.checkpoint();
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(made->head.size, 0u);
  EXPECT_EQ(made->head.root, empty_root());
}

TEST(AuditLog, of_more_than_a_level_is_joined_and_hashed_in_bounded_runs) {
  LogWorld world;
  constexpr int64_t size = 65536 + 3 * 256 + 77;
  world.grow(size);
  EXPECT_EQ(world.checkpoint().error().code(), ErrorCode::kUnavailable);
  int runs = 0;
  while (!world.advance().value()) ++runs;
  EXPECT_EQ(runs, (65536 / 256 + 3) / static_cast<int>(limits::kAuditTilesPerRun));
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM audit_nodes WHERE level = 16"), 1);
  world.expect_head(size);
  // A node that was not joined yet, as where a run was cut off, is joined by the next run.
  world.host.query("DELETE FROM audit_nodes WHERE level = 16");
  world.host.query("DELETE FROM audit_checkpoints");
  EXPECT_EQ(world.checkpoint().error().code(), ErrorCode::kUnavailable);
  EXPECT_TRUE(world.advance().value());
  world.expect_head(size);
}

TEST(AuditLog, asked_again_gives_the_same_head_until_it_grows) {
  LogWorld world;
  world.grow(300);
  EXPECT_TRUE(world.advance().has_value());
  const auto first = world.checkpoint(), again = world.checkpoint();
  ASSERT_TRUE(first.has_value() && again.has_value());
  EXPECT_EQ(first->note, again->note);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM audit_checkpoints"), 1);
  world.grow(1);
  EXPECT_NE(world.checkpoint()->note, first->note);
}

TEST(AuditLog, with_a_record_taken_out_or_cut_off_is_loud) {
  LogWorld world;
  world.grow(600);
  world.host.query("DELETE FROM audit_log WHERE seq = 100");
  EXPECT_EQ(world.advance().error().code(), ErrorCode::kInternal);
  EXPECT_EQ(world.checkpoint().error().code(), ErrorCode::kInternal);
  LogWorld cut;
  cut.grow(600);
  EXPECT_TRUE(cut.advance().has_value());
  EXPECT_TRUE(cut.checkpoint().has_value());
  cut.host.query("DELETE FROM audit_log WHERE seq > 590");
  EXPECT_EQ(cut.checkpoint().error().code(), ErrorCode::kInternal);
}

TEST(AuditLog, gets_a_checkpoint_an_hour_by_cron_where_it_has_grown) {
  LogWorld world;
  world.cron();
  EXPECT_EQ(world.num_checkpoints(), 0);
  world.grow(300);
  world.cron();
  EXPECT_EQ(world.num_checkpoints(), 1);
  world.grow(1);
  world.cron();
  EXPECT_EQ(world.num_checkpoints(), 1);
  world.host.clock.advance(limits::kAuditCheckpointMs);
  world.cron();
  EXPECT_EQ(world.num_checkpoints(), 2);
  world.host.clock.advance(limits::kAuditCheckpointMs);
  world.cron();
  EXPECT_EQ(world.num_checkpoints(), 2);
}

TEST(AuditLog, tells_webhooks_that_keep_checkpoints_of_each_once) {
  LogWorld world;
  for (const char* row : {"('whk_keeps', '[\"*\",\"audit_checkpoint\"]', 'active')", "('whk_alerts', '[\"*\"]', 'active')",
                          "('whk_off', '[\"audit_checkpoint\"]', 'paused')"}) {
    world.host.query("INSERT INTO webhooks (id, events, state, name, sealed, hint, min_severity, created_by, created_at, "
                     "updated_at) SELECT column1, column2, column3, 'a', 's', 'h', 'critical', 'admin:a', 1, 1 FROM (VALUES " +
                     std::string(row) + ")");
  }
  const auto num_told = [&] { return world.scalar("SELECT count(*) AS value FROM webhook_deliveries"); };
  world.grow(3);
  const auto made = world.checkpoint();
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(num_told(), 1);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM webhook_deliveries WHERE webhook_id = 'whk_keeps' AND "
                         "state = 'due' AND type = 'audit.checkpoint' AND body ->> '$.data.size' = 3"),
            1);
  EXPECT_TRUE(world.checkpoint().has_value());
  EXPECT_EQ(num_told(), 1) << "the same checkpoint";
  world.grow(1);
  EXPECT_TRUE(world.checkpoint().has_value());
  EXPECT_EQ(num_told(), 2);
}

// Whoever cuts records off and lets new ones take their numbers is found, though the log is longer than before.
TEST(AuditLog, whose_records_under_a_checkpoint_were_replaced_is_loud) {
  LogWorld world;
  world.grow(600);
  EXPECT_TRUE(world.advance().has_value());
  EXPECT_TRUE(world.checkpoint().has_value());
  world.host.query("DELETE FROM audit_log WHERE seq > 590");
  world.host.query("UPDATE audit_log SET request_id = 'old_' || seq");
  world.grow(20);
  EXPECT_EQ(world.checkpoint().error().code(), ErrorCode::kInternal);
  EXPECT_NE(world.checkpoint().error().message().find("first 600 records"), std::string::npos);
}

TEST(AuditLog, changed_before_its_tile_is_hashed_is_loud) {
  LogWorld world;
  world.grow(10);
  EXPECT_TRUE(world.checkpoint().has_value());
  world.host.query("UPDATE audit_log SET reason = 'x' WHERE seq = 4");
  EXPECT_EQ(world.checkpoint().error().code(), ErrorCode::kInternal);
  world.grow(300);
  EXPECT_EQ(world.advance().error().code(), ErrorCode::kInternal);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM audit_nodes"), 0);
}

TEST(AuditLog, with_a_record_put_in_front_is_loud) {
  LogWorld world;
  world.grow(10);
  world.host.query("INSERT INTO audit_log (seq, at, request_id, item, action, outcome, actor) "
                   "VALUES (0, 1, 'req_x', 0, 'x', 'done', 'x')");
  EXPECT_EQ(world.checkpoint().error().code(), ErrorCode::kInternal);
}

// The rows of a restore come bit by bit, and the tree with them.
TEST(AuditLog, is_left_alone_while_a_restore_is_running) {
  LogWorld world;
  world.grow(300);
  world.restoring();
  EXPECT_EQ(world.advance().error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(world.checkpoint().error().code(), ErrorCode::kUnavailable);
  world.cron();
  EXPECT_EQ(world.num_checkpoints(), 0);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM audit_nodes"), 0);
  world.host.query("UPDATE restores SET state = 'done'");
  world.cron();
  EXPECT_EQ(world.num_checkpoints(), 1);
}

TEST(AuditLog, asked_for_a_checkpoint_over_too_many_new_records_says_how_far_it_is) {
  LogWorld world;
  constexpr int64_t size = 256 * limits::kAuditTilesPerRun + 300;
  world.grow(size);
  const auto make = [&] {
    host::Host own(world.host.platform(), world.host.new_request(), 5000);
    AuditLog log(own, world.config());
    return world.host.run(log.make_checkpoint());
  };
  const auto first = make();
  ASSERT_FALSE(first.has_value());
  EXPECT_EQ(first.error().code(), ErrorCode::kUnavailable);
  EXPECT_NE(first.error().message().find("16384 of 16684 records"), std::string::npos) << first.error().message();
  EXPECT_EQ(make()->head, world.expected(size));
}

TEST(AuditLog, keeps_every_checkpoint_for_a_month_and_then_the_last_of_each_day) {
  LogWorld world;
  for (int hour = 0; hour < 50; ++hour) {
    world.grow(1);
    world.cron_an_hour_later();
  }
  EXPECT_EQ(world.num_checkpoints(), 50);
  const std::string_view newest = "SELECT max(size) AS value FROM audit_checkpoints";
  EXPECT_EQ(world.scalar(newest), 50);
  const int64_t num_days = world.scalar("SELECT count(DISTINCT at / 86400000) AS value FROM audit_checkpoints");
  const int64_t last_of_first_day =
      world.scalar("SELECT max(size) AS value FROM audit_checkpoints WHERE at / 86400000 = (SELECT min(at) / 86400000 "
                   "FROM audit_checkpoints)");
  world.host.clock.advance(limits::kAuditCheckpointsKeptMs + kDayMs);
  world.grow(1);
  world.cron_an_hour_later();
  EXPECT_EQ(world.num_checkpoints(), num_days + 1);
  EXPECT_EQ(world.scalar("SELECT min(size) AS value FROM audit_checkpoints"), last_of_first_day);
  EXPECT_EQ(world.scalar(newest), 51);
}

// A tile and a little more, with a checkpoint of before.
struct GrownWorld : LogWorld {
  GrownWorld() {
    grow(10);
    EXPECT_TRUE(checkpoint().has_value());
    grow(250);
  }
  Task<> work_task() {
    (void)co_await advance_task();
    (void)co_await checkpoint_task();
  }
  void expect_sound() {
    EXPECT_TRUE(advance().has_value());
    expect_head(260);
    EXPECT_EQ(scalar("SELECT count(*) AS value FROM audit_nodes"), 1);
    EXPECT_EQ(scalar("SELECT count(*) AS value FROM audit_checkpoints"), 2);
  }
};

TEST(AuditLog, is_sound_whatever_fails_on_the_way) {
  EXPECT_GE(test::fail_every_await<GrownWorld>([](GrownWorld& world) { return world.work_task(); },
                                              [](GrownWorld& world, auto&&...) { world.expect_sound(); }),
            4u);
}

TEST(AuditLog, is_sound_in_every_order_of_two_at_once) {
  test::interleave_two<GrownWorld>([](GrownWorld& world) { return world.work_task(); },
                                   [](GrownWorld& world) { return world.work_task(); },
                                   [](GrownWorld& world, auto&&...) { world.expect_sound(); }, test::Orders::kEffects);
}

}  // namespace
}  // namespace latchkey::audit
