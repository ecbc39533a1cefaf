// LogWorld: a log of made-up records, and its tree.
#pragma once

#include <gtest/gtest.h>

#include "audit/export_file.h"
#include "audit/log.h"
#include "audit/stored.h"
#include "base/limits.h"
#include "store/audit_record.h"
#include "support/service_world.h"

namespace latchkey::audit {

struct LogWorld : test::ServiceWorld {
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
  void cron_an_hour_later() {
    host.clock.advance(limits::kAuditCheckpointMs);
    cron();
  }
  int64_t num_checkpoints() { return scalar("SELECT count(*) AS value FROM audit_checkpoints"); }
  // restoring: as while a restore is running.
  void restoring() {
    host.query("INSERT INTO restores (backup_id, state, line, line_hash, end_line, accepts_loss, index_lost, actor, "
               "begun_at) VALUES ('bak_1', 'running', 0, '', 9, 0, 0, 'x', 1)");
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

}  // namespace latchkey::audit
