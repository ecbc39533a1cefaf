// A backup and its restore over SQLite, with every operation failing in turn.
#include "backup/service.h"

#include <gtest/gtest.h>

#include "admin/licenses.h"
#include "admin/providers.h"
#include "audit/log.h"
#include "audit/proofs.h"
#include "base/limits.h"
#include "edge/sync.h"
#include "support/drivers.h"
#include "support/service_world.h"

namespace latchkey::backup {
namespace {

using test::ServiceWorld;

const std::string kActorName = "admin:bootstrap";
constexpr std::string_view kKeyText = "lk_backup_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh84O7WPJ";
const Key& the_key() {
  static const Key key = *Key::parse(Secret::copy_of(kKeyText));
  return key;
}

// File: the lines of a backup.
struct File {
  std::string backup_id;
  std::vector<std::string> lines;
  Place place(size_t line) const {
    return {backup_id, static_cast<int64_t>(line), line_hash(lines[line - 1])};
  }
  BeginRestore begin(bool accepts_loss) const {
    return {.header = lines.front(), .end = place(lines.size() - 1), .end_line = lines.back(), .accepts_loss = accepts_loss};
  }
};

// One request each, as the command line does it.
Task<Result<Line>> begin_backup(ServiceWorld& world) {
  const provision::Client client = world.client();
  const admin::Actor actor{client, kActorName};
  host::Host own(world.host.platform(), world.host.new_request(), 5000);
  BackupService service(own, world.config(), actor);
  co_return co_await service.begin(the_key());
}

Task<Result<Line>> next_line(ServiceWorld& world, Place place, Walk walk) {
  const provision::Client client = world.client();
  const admin::Actor actor{client, kActorName};
  host::Host own(world.host.platform(), world.host.new_request(), 5000);
  BackupService service(own, world.config(), actor);
  co_return co_await service.next(the_key(), place, walk);
}

Task<Result<Restoring>> begin_restore(ServiceWorld& world, const File& file, bool accepts_loss) {
  const provision::Client client = world.client();
  const admin::Actor actor{client, kActorName};
  host::Host own(world.host.platform(), world.host.new_request(), 5000);
  RestoreService service(own, world.config(), actor);
  const BeginRestore asked = file.begin(accepts_loss);
  co_return co_await service.begin(the_key(), asked);
}

Task<Result<Restoring>> take_line(ServiceWorld& world, const File& file, size_t line) {
  const provision::Client client = world.client();
  const admin::Actor actor{client, kActorName};
  host::Host own(world.host.platform(), world.host.new_request(), 5000);
  RestoreService service(own, world.config(), actor);
  const Place place = file.place(line);
  co_return co_await service.take(the_key(), place, file.lines[line]);
}

Task<Result<File>> back_up(ServiceWorld& world) {
  File file;
  CO_TRY(Line line, co_await begin_backup(world));
  file.backup_id = line.backup_id;
  file.lines.push_back(line.text);
  while (line.next) {
    const Place place{file.backup_id, static_cast<int64_t>(file.lines.size()), line_hash(file.lines.back())};
    // Through its text, as a cursor carries it.
    CO_TRY(line, co_await next_line(world, place, *parse_walk(print(*line.next))));
    file.lines.push_back(line.text);
  }
  co_return file;
}

Task<Result<Restoring>> restore(ServiceWorld& world, const File& file, bool accepts_loss = false) {
  CO_TRY(Restoring state, co_await begin_restore(world, file, accepts_loss));
  for (size_t line = static_cast<size_t>(state.line) + 1; line < file.lines.size() && !state.is_done; ++line) {
    CO_TRY(state, co_await take_line(world, file, line));
  }
  co_return state;
}

// A service with something in every table.
struct Origin : ServiceWorld {
  Origin() {
    add_license({});
    add_license({.id = "lic_00000000000000000000000002", .code = "OTHER-2024-ABC", .status = "revoked"});
    EXPECT_TRUE(provision(request("machine-1", provision::Delivery::kFernet)).has_value());
    const provision::Client one = client();
    const admin::Actor actor{one, kActorName};
    host::Host own(host.platform(), host.new_request(), 5000);
    admin::ProviderService providers(own, config(), actor);
    EXPECT_TRUE(host.run(providers.set(0, Secret::copy_of("sk-stored"))).has_value());
    host.query("INSERT INTO admin_tokens (id, name, token_hash, hint, scopes, manages_tokens, created_by, created_at) "
               "VALUES ('tok_1', 'ann', 'hash', 'x', '[\"*\"]', 1, 'x', 1)");
  }
};

const File& a_file() {
  static const File file = [] {
    Origin origin;
    return origin.host.run(back_up(origin)).value();
  }();
  return file;
}

// Fresh: a database that a backup may be restored into, whose requests have ids of their own.
struct Fresh : ServiceWorld {
  explicit Fresh(std::vector<std::pair<std::string, std::string>> changed = {}) : ServiceWorld(std::move(changed)) {
    num_requests = 1000;
  }
};

std::string content(ServiceWorld& world, std::string_view table) {
  return world.host.db()
      .run_batch(std::move(host::Batch().add("SELECT * FROM " + std::string(table))).payload(5000))
      .payload;
}

TEST(Backup, brings_back_what_it_took) {
  Origin origin;
  const File file = origin.host.run(back_up(origin)).value();
  Fresh world;
  const auto state = world.host.run(restore(world, file));
  ASSERT_TRUE(state.has_value()) << state.error().message();
  EXPECT_TRUE(state->is_done);
  EXPECT_EQ(state->skipped, 0);
  for (const std::string_view table : {"machines", "provider_keys", "admin_tokens", "plans"}) {
    EXPECT_EQ(content(world, table), content(origin, table)) << table;
  }
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM licenses"), 2);
  EXPECT_EQ(world.num_audits("backup.restored"), 1);
  const auto outcome = world.provision(world.request("machine-1", provision::Delivery::kFernet));
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->verdict, provision::Verdict::kGranted);
  EXPECT_EQ(world.host.count(host::OpKind::kDerive), 0u);
}

TEST(Backup, that_fails_anywhere_is_begun_again_and_makes_the_same_rows) {
  const uint32_t num_ops = test::fail_every_await<Origin>(
      [](Origin& world) -> Task<> { (void)co_await back_up(world); },
      [](Origin& world, test::FaultPoint) {
        const auto file = world.host.run(back_up(world));
        ASSERT_TRUE(file.has_value());
        EXPECT_EQ(file->lines.size(), a_file().lines.size());
      });
  EXPECT_GE(num_ops, kNumTables + 2u);
}

// check_whole: the restore is finished by another run, and took every row once.
void check_whole(ServiceWorld& world) {
  const auto state = world.host.run(restore(world, a_file()));
  ASSERT_TRUE(state.has_value()) << state.error().message();
  EXPECT_TRUE(state->is_done);
  EXPECT_EQ(state->skipped, 0);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM machines"), 1);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM licenses"), 2);
  EXPECT_EQ(world.num_audits("backup.restoring"), 1);
  EXPECT_EQ(world.num_audits("backup.restored"), 1);
  EXPECT_EQ(world.ring_version(), 1'000'002);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM audit_log WHERE seq < 1"), 0);
  EXPECT_EQ(world.scalar("SELECT max(seq) - count(*) AS value FROM audit_log"), 0) << "the log has gaps";
}

TEST(Restore, that_fails_anywhere_is_finished_by_the_next_run) {
  const uint32_t num_ops = test::fail_every_await<Fresh>(
      [](Fresh& world) -> Task<> { (void)co_await restore(world, a_file()); },
      [](Fresh& world, test::FaultPoint) { check_whole(world); });
  EXPECT_GE(num_ops, 2 * (kNumTables + 1));
}

TEST(Restore, whose_client_goes_away_is_finished_by_the_next_run) {
  test::cancel_every_await<Fresh>(
      [](Fresh& world) -> Task<> { (void)co_await restore(world, a_file()); },
      [](Fresh& world, test::FaultPoint) { check_whole(world); });
}

TEST(Restore, by_two_at_once_takes_a_line_once_whatever_the_order) {
  struct Begun : Fresh {
    Begun() { EXPECT_TRUE(host.run(begin_restore(*this, a_file(), false)).has_value()); }
  };
  const auto take = [](ServiceWorld& world) -> Task<> { (void)co_await take_line(world, a_file(), 1); };
  const uint32_t num_orders =
      test::interleave_two<Begun>(take, take, [](Begun& world) { check_whole(world); });
  EXPECT_GT(num_orders, 50u);
}

TEST(Restore, puts_what_the_log_holds_already_after_the_rows_of_the_backup) {
  Fresh world;
  for (const char* id : {"req_a", "req_b"}) {
    world.host.query(std::move(host::Batch()
                                   .add("INSERT INTO audit_log (at, request_id, action, outcome, actor) "
                                        "VALUES (1, ?1, 'admin.denied', 'denied', 'unknown')")
                                   .bind(id)));
  }
  ASSERT_TRUE(world.host.run(restore(world, a_file())).has_value());
  const int64_t denied = world.scalar("SELECT seq AS value FROM audit_log WHERE request_id = 'req_a'");
  EXPECT_EQ(denied, world.scalar("SELECT max(seq) + 1 AS value FROM audit_log WHERE action = 'backup.begun'"));
  EXPECT_EQ(world.scalar("SELECT seq AS value FROM audit_log WHERE request_id = 'req_b'"), denied + 1);
  EXPECT_EQ(world.scalar("SELECT seq AS value FROM audit_log WHERE action = 'backup.restoring'"), denied + 2);
}

TEST(Restore, that_cron_meets_half_way_changes_no_licence) {
  Fresh world;
  const size_t last = a_file().lines.size() - 1;
  ASSERT_TRUE(world.host.run(begin_restore(world, a_file(), false)).has_value());
  for (size_t line = 1; line < last; ++line) {
    ASSERT_TRUE(world.host.run(take_line(world, a_file(), line)).has_value());
  }
  // The log is there, and cron would hear from it of seats that were just taken.
  host::Host own(world.host.platform(), world.host.new_request(), 5000);
  ASSERT_TRUE(world.host.run(edge::sync(own, world.config(), edge::kSyncByCron)).has_value());
  ASSERT_TRUE(world.host.run(take_line(world, a_file(), last)).has_value());
  Fresh alone;
  ASSERT_TRUE(alone.host.run(restore(alone, a_file())).has_value());
  const std::string_view versions = "SELECT sum(version) AS value FROM licenses";
  EXPECT_EQ(world.scalar(versions), alone.scalar(versions));
  EXPECT_EQ(world.num_audits("provision.granted"), 1) << "a row that cron would have heard of";
}

// TreeOrigin: an origin whose log has hashed tiles and signed heads.
struct TreeOrigin : Origin {
  TreeOrigin() {
    host.query("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600) INSERT INTO audit_log "
               "(at, request_id, action, outcome, actor) SELECT i, 'req_old_' || i, 'x', 'done', 'x' FROM n");
    host.run(make_tree(*this));
  }
  static Task<> make_tree(ServiceWorld& world) {
    host::Host own(world.host.platform(), world.host.new_request(), 5000);
    const auto made = co_await audit::run_due(own, world.config());
    EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().detail());
  }
};

// The log of the backup is another than the database had signed before: its own tree goes, the restored one stays, is
// proved as before, and grows on.
TEST(Restore, brings_the_audit_tree_back_and_it_grows_on) {
  TreeOrigin origin;
  const File file = origin.host.run(back_up(origin)).value();
  const std::string nodes = content(origin, "audit_nodes"), checkpoints = content(origin, "audit_checkpoints");
  ASSERT_EQ(origin.scalar("SELECT count(*) AS value FROM audit_nodes"), 2);
  const int64_t size = origin.scalar("SELECT max(size) AS value FROM audit_checkpoints");

  Fresh world;
  world.host.query("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) INSERT INTO audit_log "
                   "(at, request_id, action, outcome, actor) SELECT i, 'req_own_' || i, 'x', 'denied', 'x' FROM n");
  world.host.run(TreeOrigin::make_tree(world));
  ASSERT_EQ(world.scalar("SELECT count(*) AS value FROM audit_nodes"), 1);
  ASSERT_EQ(world.scalar("SELECT count(*) AS value FROM audit_checkpoints"), 1);

  ASSERT_TRUE(world.host.run(begin_restore(world, file, false)).has_value());
  for (size_t line = 1; line < file.lines.size(); ++line) {
    world.host.run(TreeOrigin::make_tree(world));  // cron comes in between
    ASSERT_TRUE(world.host.run(take_line(world, file, line)).has_value());
  }
  EXPECT_EQ(content(world, "audit_nodes"), nodes);
  EXPECT_EQ(content(world, "audit_checkpoints"), checkpoints);

  world.host.clock.advance(limits::kAuditCheckpointMs);
  world.host.run(TreeOrigin::make_tree(world));
  const int64_t grown = world.scalar("SELECT max(size) AS value FROM audit_checkpoints");
  EXPECT_EQ(grown, world.scalar("SELECT max(seq) AS value FROM audit_log"));
  host::Host own(world.host.platform(), world.host.new_request(), 5000);
  audit::ProofService proofs(own, world.config());
  const auto then = world.host.run(proofs.head(static_cast<uint64_t>(size))).value().checkpoint;
  const auto now = world.host.run(proofs.head(std::nullopt)).value().checkpoint;
  const auto keys = audit::log_keys(world.config());
  EXPECT_EQ(audit::open_checkpoint(then.note, keys).value(), then.head);
  const auto proof = world.host.run(proofs.consistency(then.head.size, now.head.size)).value();
  EXPECT_TRUE(audit::verify_consistency(then.head.size, then.head.root, now.head.size, now.head.root, proof.path));
  const auto record = world.host.run(proofs.inclusion(3, now.head.size)).value();
  EXPECT_TRUE(audit::verify_inclusion(audit::leaf_hash(record.record), 3, now.head.size, record.path, now.head.root));
}

// A run of cron that has read the database's own records before a restore begins stores no hash of them after it.
TEST(Restore, keeps_its_tree_whatever_cron_was_doing_as_it_began) {
  TreeOrigin origin;
  static const File file = origin.host.run(back_up(origin)).value();
  static const std::string nodes = content(origin, "audit_nodes"), checkpoints = content(origin, "audit_checkpoints");
  struct Grown : Fresh {
    Grown() {
      host.query("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) INSERT INTO audit_log "
                 "(at, request_id, action, outcome, actor) SELECT i, 'req_own_' || i, 'x', 'denied', 'x' FROM n");
    }
  };
  const auto cron = [](ServiceWorld& world) -> Task<> {
    host::Host own(world.host.platform(), world.host.new_request(), 5000);
    (void)co_await audit::run_due(own, world.config());
  };
  const uint32_t num_orders = test::interleave_two<Grown>(
      [](ServiceWorld& world) -> Task<> { (void)co_await begin_restore(world, file, false); }, cron, [](Grown& world) {
        ASSERT_TRUE(world.host.run(restore(world, file)).has_value());
        EXPECT_EQ(content(world, "audit_nodes"), nodes);
        EXPECT_EQ(content(world, "audit_checkpoints"), checkpoints);
      }, test::Orders::kEffects);
  EXPECT_GT(num_orders, 5u);
}

TEST(Restore, counts_the_rows_whose_place_was_taken) {
  Fresh world;
  ASSERT_TRUE(world.host.run(begin_restore(world, a_file(), false)).has_value());
  // Somebody is quicker.
  world.add_license({.id = "lic_x", .code = "OTHER-2024-ABC"});
  const auto state = world.host.run(restore(world, a_file()));
  ASSERT_TRUE(state.has_value());
  EXPECT_TRUE(state->is_done);
  EXPECT_EQ(state->skipped, 1);
}

TEST(Restore, fails_a_rotation_whose_new_key_is_lost) {
  Origin origin;
  origin.host.query("INSERT INTO rotations (id, provider, state, to_version, key_id, material_hash, must_verify, "
                    "is_emergency, grace_days, ends_by, actor, created_at, updated_at, due_at) VALUES ('rot_1', 'kimi', "
                    "'staged', 2, 'key_gone', 'x', 0, 0, 30, 'time', 'x', 0, 0, 5)");
  const File file = origin.host.run(back_up(origin)).value();
  Fresh world;
  ASSERT_TRUE(world.host.run(restore(world, file)).has_value());
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM rotations WHERE state = 'failed' AND failure = 'key_lost' "
                         "AND due_at IS NULL AND ended_at IS NOT NULL"), 1);
}

TEST(Restore, refuses_what_it_cannot_open_unless_that_is_accepted) {
  Fresh world({{"MASTER_KEY", "m1:" + std::string(43, 'A') + "="}});
  const auto refused = world.host.run(restore(world, a_file()));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code(), ErrorCode::kConflict);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM restores"), 0);
  const auto accepted = world.host.run(restore(world, a_file(), true));
  ASSERT_TRUE(accepted.has_value());
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM provider_keys WHERE sealed IS NULL AND state = 'retired'"), 1);
}

TEST(Backup, walks_a_table_in_lines_and_misses_no_row) {
  Origin origin;
  const int num_machines = static_cast<int>(limits::kBackupRowsMax) * 2 + 3;
  for (int i = 1; i < num_machines; ++i) {
    origin.add_machine(test::LicenseRow().id, "hash" + std::to_string(i), "mch_" + std::to_string(i));
  }
  // Rows so large that a line is full before it has its number of them.
  for (int i = 0; i < 12; ++i) {
    origin.host.query(std::move(host::Batch()
                                    .add("INSERT INTO audit_log (at, request_id, action, outcome, actor, details) "
                                         "VALUES (1, ?1, 'x', 'done', 'x', ?2)")
                                    .bind("req_" + std::to_string(i))
                                    .bind(std::string(100'000, 'x'))));
  }
  const File file = origin.host.run(back_up(origin)).value();
  for (const std::string& line : file.lines) EXPECT_LT(line.size(), limits::kBackupLineCharsMax);
  EXPECT_GE(file.lines.size(), kNumTables + 2 + 2 + 2);
  Fresh world;
  ASSERT_TRUE(world.host.run(restore(world, file)).has_value());
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM machines"), num_machines);
  EXPECT_EQ(content(world, "machines"), content(origin, "machines"));
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM audit_log WHERE length(details) = 100000"), 12);
}

TEST(Walk, is_read_as_it_was_written_and_nothing_else_is) {
  Walk walk{.table = 4, .after = R"(["a:b,c",7])", .rows = {1, 2, 3, 4, 5, 6, 7}};
  const auto read = parse_walk(print(walk));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->table, walk.table);
  EXPECT_EQ(read->after, walk.after);
  EXPECT_EQ(read->rows, walk.rows);
  for (const char* text : {"", "1", "8:1,2,3,4,5,6,7:[]", "-1:1,2,3,4,5,6,7:[]", "1:1,2,3:[]", "x:1,2,3,4,5,6,7:[]"}) {
    EXPECT_FALSE(parse_walk(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace latchkey::backup
