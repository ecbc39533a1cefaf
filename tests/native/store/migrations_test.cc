// Migrations over data that was made before them.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "host/db.h"
#include "host/sqlite/sqlite_db.h"
#include "json/reader.h"

namespace latchkey::store {
namespace {

namespace fs = std::filesystem;

// Before: a database with the migrations up to, and without, the one that begins with `first_missing`.
class Before {
 public:
  explicit Before(std::string_view first_missing) {
    std::string pattern = (fs::temp_directory_path() / "latchkey-migrations-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
    for (const auto& entry : fs::directory_iterator(LATCHKEY_D1)) {
      const std::string name = entry.path().filename().string();
      if (name < first_missing) fs::copy(entry.path(), directory_ / name);
    }
    apply(directory_.string());
  }
  ~Before() { fs::remove_all(directory_); }

  // migrate: all the others.
  void migrate() { apply(LATCHKEY_D1); }

  host::BatchAnswer query(std::string_view sql) {
    const auto answer = db_->run_batch(std::move(host::Batch().add(sql)).payload(1000));
    EXPECT_EQ(answer.status, host::OpStatus::kOk) << answer.payload;
    auto document = json::Document::parse_host(answer.payload);
    CHECK(document.has_value());
    return host::BatchAnswer(std::move(*document));
  }

 private:
  void apply(const std::string& directory) {
    const auto applied = db_->apply_migrations(directory);
    EXPECT_TRUE(applied.has_value()) << (applied ? "" : applied.error().detail());
  }
  fs::path directory_;
  std::unique_ptr<host::SqliteDb> db_ = std::move(*host::SqliteDb::open(":memory:"));
};

TEST(Migration0007, leaves_machines_what_they_were_and_both_views_certify) {
  Before world("0007");
  world.query(
      "INSERT INTO licenses (id, code_hash, code_hint, kind, plan, plan_version, providers, deliveries, max_machines, "
      "status, created_at, updated_at) VALUES ('lic_1', 'code', 'x', 'code', 'pro', 1, '[]', 7, 1, 'active', 1, 1)");
  for (const char* row : {"'m1', 'mch_1', 1, 2, 1, NULL", "'m2', 'mch_2', 1, 2, 1, 5"}) {
    world.query("INSERT INTO machines (license_id, machine_hash, id, first_seen_at, last_seen_at, seated_at, "
                "released_at, ring_version, secrets_tag) VALUES ('lic_1', " + std::string(row) + ", 1, '')");
  }
  world.migrate();
  const auto rows = world.query("SELECT id, name, version, released_at, seat_held_until FROM machines ORDER BY id");
  ASSERT_EQ(rows.num_rows(0), 2u);
  for (const size_t i : {0u, 1u}) {
    EXPECT_TRUE(rows.row(0, i).is_null("name"));
    EXPECT_TRUE(rows.row(0, i).is_null("seat_held_until"));
    EXPECT_EQ(rows.row(0, i).integer("version"), 1);
  }
  EXPECT_TRUE(rows.row(0, 0).is_null("released_at"));
  EXPECT_EQ(rows.row(0, 1).integer("released_at"), 5);
  EXPECT_EQ(world.query("SELECT * FROM v_machines").num_rows(0), 2u);

  // The Worker before the migration asks the first view, the one after it the second: the seated machine is
  // granted by either, the released one finds no seat.
  for (const char* view : {"provision_v1", "provision_v2"}) {
    for (const char* machine : {"m1", "m2"}) {
      const std::string request = std::string(view) + machine;
      world.query("INSERT INTO " + std::string(view) + " VALUES (10, '" + request + "', 'code', '" + machine +
                  "', 'a', NULL, NULL, '{}', 1, NULL, 'ip:a', 1, 0, 100, 60, 'mch_new', NULL, '')");
      const auto granted =
          world.query("SELECT count(*) AS value FROM audit_log WHERE request_id = '" + request + "'");
      EXPECT_EQ(granted.row(0, 0).integer("value"), machine == std::string_view("m1") ? 1 : 0) << request;
    }
  }
  EXPECT_EQ(world.query("SELECT count(*) AS value FROM machines").row(0, 0).integer("value"), 2);
}

TEST(Migration0013, gives_licences_the_budget_of_their_plan_and_older_views_certify_on) {
  Before world("0013");
  world.query(
      "INSERT INTO plans (name, version, providers, deliveries, max_machines, created_at, budget, enforcement) VALUES "
      "('team', 1, '[]', 7, 1, 1, '{\"daily\":\"1.50\",\"total\":\"999999999.999999\"}', 'block')");
  for (const char* row : {"'lic_1', 'a', 'pro'", "'lic_2', 'b', 'team'"}) {
    world.query("INSERT INTO licenses (id, code_hash, plan, code_hint, kind, plan_version, providers, deliveries, "
                "max_machines, status, created_at, updated_at) VALUES (" +
                std::string(row) + ", 'x', 'code', 1, '[]', 7, 1, 'active', 1, 1)");
  }
  world.migrate();
  const auto rows = world.query("SELECT budget FROM licenses ORDER BY id");
  EXPECT_TRUE(rows.row(0, 0).is_null("budget"));
  EXPECT_EQ(rows.row(0, 1).text("budget"),
            R"({"daily":1500000000,"enforcement":"block","total":999999999999999000})");
  EXPECT_EQ(rows.num_rows(0), 2u);
}

}  // namespace
}  // namespace latchkey::store
