// The tree over the stored log: its head is that of all records by the definition, whatever was hashed when.
#include "audit/log.h"

#include <gtest/gtest.h>

#include "audit/export_file.h"
#include "base/limits.h"
#include "store/audit_record.h"
#include "support/drivers.h"
#include "support/service_world.h"

namespace latchkey::audit {
namespace {

using test::ServiceWorld;

struct LogWorld : ServiceWorld {
  // grow: so many records more.
  void grow(int64_t count) {
    const int64_t from = scalar("SELECT ifnull(max(seq), 0) AS value FROM audit_log");
    host.query("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + std::to_string(count) +
               ") INSERT INTO audit_log (at, request_id, item, action, outcome, actor) SELECT 1767225600000 + i, 'req_' || (" +
               std::to_string(from) + " + i), 0, 'provision.granted', 'granted', 'client' FROM n");
  }
  Task<Result<bool>> advance_task() {
    host::Host own(host.platform(), host.new_request(), 5000);
    AuditLog log(own, config());
    co_return co_await log.advance();
  }
  Task<Result<SignedCheckpoint>> checkpoint_task() {
    host::Host own(host.platform(), host.new_request(), 5000);
    AuditLog log(own, config());
    co_return co_await log.checkpoint();
  }
  Result<bool> advance() { return host.run(advance_task()); }
  Result<SignedCheckpoint> checkpoint() { return host.run(checkpoint_task()); }
  void cron() {
    host::Host own(host.platform(), host.new_request(), 5000);
    EXPECT_TRUE(host.run(run_due(own, config())).has_value());
  }
  // expected: the head by the definition, of the first `size` records.
  Checkpoint expected(int64_t size) {
    Frontier tree;
    const host::BatchAnswer rows = host.query("SELECT * FROM audit_log WHERE seq <= " + std::to_string(size) + " ORDER BY seq");
    rows.each_row(0, [&](host::Row row) { tree.add(leaf_hash(store::audit_record(row))); });
    return {.origin = log_keys(config()).front().name, .size = static_cast<uint64_t>(size), .root = tree.root()};
  }
  void expect_head(int64_t size) {
    const auto made = checkpoint();
    ASSERT_TRUE(made.has_value()) << size << ": " << made.error().detail();
    EXPECT_EQ(made->head, expected(size)) << size;
    const auto keys = log_keys(config());
    const auto opened = open_checkpoint(made->note, keys);
    ASSERT_TRUE(opened.has_value());
    EXPECT_EQ(*opened, made->head);
  }
};

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
  const auto num_checkpoints = [&] { return world.scalar("SELECT count(*) AS value FROM audit_checkpoints"); };
  world.cron();
  EXPECT_EQ(num_checkpoints(), 0);
  world.grow(300);
  world.cron();
  EXPECT_EQ(num_checkpoints(), 1);
  world.grow(1);
  world.cron();
  EXPECT_EQ(num_checkpoints(), 1);
  world.host.clock.advance(limits::kAuditCheckpointMs);
  world.cron();
  EXPECT_EQ(num_checkpoints(), 2);
  world.host.clock.advance(limits::kAuditCheckpointMs);
  world.cron();
  EXPECT_EQ(num_checkpoints(), 2);
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
