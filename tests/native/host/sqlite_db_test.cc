#include "host/sqlite/sqlite_db.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/limits.h"
#include "host/db.h"
#include "host/sqlite/statement.h"
#include "host/sqlite/strictness.h"

namespace latchkey::host {
namespace {

using namespace std::string_view_literals;

// A directory of a test, gone when the test is over.
class TempDir {
 public:
  TempDir() {
    std::string pattern = (std::filesystem::temp_directory_path() / "latchkey-XXXXXX").string();
    path = mkdtemp(pattern.data());
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  void write(const std::string& name, std::string_view text) const {
    std::ofstream(path + "/" + name, std::ios::binary) << text;
  }
  std::string path;
};

class SqliteDbTest : public ::testing::Test {
 protected:
  SqliteDbTest() { ok("CREATE TABLE t (id INTEGER PRIMARY KEY, a, b TEXT)"); }

  OpAnswer run(Batch batch, uint32_t timeout_ms = 60'000) {
    return db_->run_batch(std::move(batch).payload(timeout_ms));
  }
  OpAnswer run(std::string_view sql) { return run(std::move(Batch().add(sql))); }

  // ok: the answer's JSON; the batch must succeed.
  std::string ok(Batch batch) {
    const OpAnswer answer = run(std::move(batch));
    EXPECT_EQ(answer.status, OpStatus::kOk) << answer.payload;
    return answer.payload;
  }
  std::string ok(std::string_view sql) { return ok(std::move(Batch().add(sql))); }
  // rows: the rows of a batch of one statement, as JSON text.
  std::string rows(Batch batch) {
    const std::string answer = ok(std::move(batch));
    const auto end = answer.find(",\"changes\"");
    EXPECT_TRUE(answer.starts_with("[{\"rows\":")) << answer;
    return answer.substr(9, end - 9);
  }
  std::string rows(std::string_view sql) { return rows(std::move(Batch().add(sql))); }
  // why: the reason; the batch must be refused.
  std::string why(Batch batch) {
    OpAnswer answer = run(std::move(batch));
    EXPECT_EQ(answer.status, OpStatus::kUnavailable) << answer.payload;
    return answer.status == OpStatus::kUnavailable ? answer.payload : "(it was not refused)";
  }
  std::string why(std::string_view sql) { return why(std::move(Batch().add(sql))); }

  std::unique_ptr<SqliteDb> db_ = std::move(*SqliteDb::open(":memory:"));
};

std::string repeat(std::string_view text, size_t times, std::string_view between = "") {
  std::string out;
  for (size_t i = 0; i < times; ++i) (i > 0 ? out += between : out) += text;
  return out;
}

// ---- Answers

TEST_F(SqliteDbTest, answers_each_statement_with_its_rows_and_counts) {
  Batch batch;
  batch.add("INSERT INTO t(id, a, b) VALUES(1, 'x', NULL), (2, 'y', 'z')")
      .add("SELECT id, a, b FROM t ORDER BY id")
      .add("UPDATE t SET a = 'q' WHERE id = 2 RETURNING id, a")
      .add("SELECT id FROM t WHERE id = 99");
  EXPECT_EQ(
      ok(std::move(batch)),
      R"([{"rows":[],"changes":2,"rows_read":0,"rows_written":2},)"
      R"({"rows":[{"id":1,"a":"x","b":null},{"id":2,"a":"y","b":"z"}],)"
      R"("changes":0,"rows_read":3,"rows_written":0},)"
      R"({"rows":[{"id":2,"a":"q"}],"changes":1,"rows_read":1,"rows_written":1},)"
      R"({"rows":[],"changes":0,"rows_read":0,"rows_written":0}])");
}

TEST_F(SqliteDbTest, numbers_are_bound_as_real_as_d1_binds_them) {
  EXPECT_EQ(rows(std::move(Batch()
                               .add("SELECT typeof(?) AS a, typeof(?) AS b, typeof(?) AS c")
                               .bind(5)
                               .bind("x")
                               .bind(Null{}))),
            R"([{"a":"real","b":"text","c":"null"}])");
  EXPECT_EQ(
      rows(std::move(Batch().add("SELECT ?1 / 2 AS real, CAST(?1 AS INTEGER) / 2 AS whole").bind(5))),
      R"([{"real":2.5,"whole":2}])");
}

TEST_F(SqliteDbTest, real_parameter_becomes_what_the_column_is) {
  // Checked against workerd: an INTEGER column makes it whole, a TEXT column writes "5.0".
  ok(std::move(Batch().add("INSERT INTO t(id, a, b) VALUES(?1, ?1, ?1)").bind(5)));
  EXPECT_EQ(rows("SELECT typeof(id) AS i, typeof(a) AS a, a AS value, b FROM t"),
            R"([{"i":"integer","a":"real","value":5,"b":"5.0"}])");
}

TEST_F(SqliteDbTest, big_integers_keep_their_value_up_to_2_to_the_53) {
  constexpr int64_t max = 9'007'199'254'740'992;
  EXPECT_EQ(rows(std::move(Batch().add("SELECT CAST(? AS INTEGER) AS n").bind(max))),
            R"([{"n":9007199254740992}])");
  EXPECT_EQ(rows(std::move(Batch().add("SELECT CAST(? AS INTEGER) AS n").bind(-max))),
            R"([{"n":-9007199254740992}])");
  // One more is another number on D1: there it would be stored wrong without a word.
  EXPECT_EQ(why(std::move(Batch().add("SELECT ? AS n").bind(max + 2))),
            "an integer parameter is past 2^53");
  EXPECT_EQ(why("SELECT 9007199254740993 AS n"), "an integer of the answer is past 2^53");
}

TEST_F(SqliteDbTest, numbers_are_written_as_javascript_means_them) {
  EXPECT_EQ(rows("SELECT 1.5 AS a, 3.0 AS b, -0.0 AS c, 0.1 AS d, 1e999 AS e, -1e999 AS f, 1e300 AS g"),
            R"([{"a":1.5,"b":3,"c":0,"d":0.1,"e":null,"f":null,"g":1e+300}])");
}

TEST_F(SqliteDbTest, text_travels_whole) {
  const std::string_view text = "quote\" back\\ nul\0 newline\n \xf0\x9f\x98\x80"sv;
  ASSERT_NE(text.find('\0'), std::string_view::npos);
  const OpAnswer answer = run(std::move(Batch().add("SELECT ? AS text").bind(text)));
  const auto document = json::Document::parse_host(answer.payload);
  ASSERT_TRUE(document.has_value());
  EXPECT_EQ(document->root().item(0).member("rows")->item(0).member("text")->string(), text);
}

TEST_F(SqliteDbTest, changes_count_what_triggers_did_as_d1_counts) {
  ok("CREATE TABLE u (a)");
  ok("CREATE TRIGGER follow AFTER INSERT ON t BEGIN INSERT INTO u VALUES (new.a); END");
  EXPECT_EQ(ok("INSERT INTO t(a) VALUES (1)"),
            R"([{"rows":[],"changes":2,"rows_read":0,"rows_written":2}])");
}

TEST_F(SqliteDbTest, false_certificate_is_no_row_and_no_error) {
  Batch batch;
  batch.add("INSERT INTO t(id) SELECT 1 WHERE 0 RETURNING id").add("SELECT count(*) AS n FROM t");
  EXPECT_EQ(ok(std::move(batch)), R"([{"rows":[],"changes":0,"rows_read":0,"rows_written":0},)"
                                  R"({"rows":[{"n":0}],"changes":0,"rows_read":1,"rows_written":0}])");
}

TEST_F(SqliteDbTest, json_each_takes_many_rows_as_one_parameter) {
  EXPECT_EQ(rows(std::move(Batch().add("SELECT value AS v FROM json_each(?)").bind(R"(["a","b"])"))),
            R"([{"v":"a"},{"v":"b"}])");
}

// ---- One transaction

TEST_F(SqliteDbTest, statement_that_fails_undoes_the_whole_batch) {
  Batch batch;
  batch.add("CREATE TABLE made (a)")
      .add("INSERT INTO t(id) VALUES (1)")
      .add("INSERT INTO t(id) VALUES (1)");
  EXPECT_EQ(why(std::move(batch)), "UNIQUE constraint failed: t.id");
  EXPECT_EQ(rows("SELECT count(*) AS n FROM t"), R"([{"n":0}])");
  EXPECT_EQ(why("SELECT * FROM made"), "no such table: made");
}

TEST_F(SqliteDbTest, refused_statement_undoes_the_ones_before_it) {
  for (const char* bad : {"SELECT * FROM nope", "BEGIN", "SELECT 1; SELECT 2", "SELECT 1 AS a, 2 AS a",
                          "SELECT x'00' AS b", "SELECT ? AS missing", ""}) {
    Batch batch;
    batch.add("INSERT INTO t(id) VALUES (1)").add(bad);
    why(std::move(batch));
    EXPECT_EQ(rows("SELECT count(*) AS n FROM t"), R"([{"n":0}])") << bad;
  }
}

TEST_F(SqliteDbTest, statement_that_rolls_back_by_itself_leaves_a_usable_database) {
  ok("INSERT INTO t(id) VALUES (1)");
  Batch batch;
  batch.add("INSERT INTO t(id) VALUES (2)").add("INSERT OR ROLLBACK INTO t(id) VALUES (1)");
  EXPECT_EQ(why(std::move(batch)), "UNIQUE constraint failed: t.id");
  EXPECT_EQ(rows("SELECT count(*) AS n FROM t"), R"([{"n":1}])");
}

TEST_F(SqliteDbTest, foreign_keys_hold) {
  ok("CREATE TABLE parent (id INTEGER PRIMARY KEY)");
  ok("CREATE TABLE child (parent INTEGER REFERENCES parent(id))");
  EXPECT_EQ(why("INSERT INTO child VALUES (9)"), "FOREIGN KEY constraint failed");
  // Put off to the end, where it fails the commit.
  Batch batch;
  batch.add("PRAGMA defer_foreign_keys = on").add("INSERT INTO child VALUES (9)");
  EXPECT_EQ(why(std::move(batch)), "FOREIGN KEY constraint failed");
  EXPECT_EQ(rows("SELECT count(*) AS n FROM child"), R"([{"n":0}])");
}

TEST_F(SqliteDbTest, batch_that_is_late_is_interrupted_and_undone) {
  Batch batch;
  batch.add("INSERT INTO t(id) VALUES (1)")
      .add(
          "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 1000000000)"
          " SELECT count(*) AS n FROM c");
  const OpAnswer answer = run(std::move(batch), 20);
  EXPECT_EQ(answer.status, OpStatus::kUnavailable);
  EXPECT_EQ(answer.payload, "interrupted");
  EXPECT_EQ(rows("SELECT count(*) AS n FROM t"), R"([{"n":0}])");
}

TEST_F(SqliteDbTest, payload_that_is_no_batch_is_refused) {
  for (const char* payload : {
           "",
           "[]",
           "{}",
           R"({"timeout_ms":1000})",
           R"({"timeout_ms":1000,"statements":[]})",
           R"({"timeout_ms":0,"statements":[["SELECT 1 AS a",[]]]})",
           R"({"statements":[["SELECT 1 AS a",[]]]})",
           R"({"timeout_ms":1000,"statements":["SELECT 1 AS a"]})",
           R"({"timeout_ms":1000,"statements":[["SELECT 1 AS a"]]})",
           R"({"timeout_ms":1000,"statements":[[1,[]]]})",
           R"({"timeout_ms":1000,"statements":[["SELECT ? AS a",[true]]]})",
           R"({"timeout_ms":1000,"statements":[["SELECT ? AS a",[[1,2]]]]})",
           R"({"timeout_ms":1000,"statements":[["SELECT ? AS a",[{}]]]})",
           R"({"timeout_ms":1000,"statements":[["SELECT 1 AS a",{}]]})",
       }) {
    EXPECT_EQ(db_->run_batch(payload).status, OpStatus::kUnavailable) << payload;
  }
}

// ---- As strict as D1. Each line was tried in workerd.

TEST_F(SqliteDbTest, statements_that_d1_does_not_authorize_are_refused) {
  for (const char* sql : {
           "BEGIN",
           "BEGIN IMMEDIATE",
           "COMMIT",
           "END",
           "ROLLBACK",
           "SAVEPOINT x",
           "RELEASE x",
           "ROLLBACK TO x",
           "ATTACH ':memory:' AS z",
           "DETACH main",
           "VACUUM",
           "VACUUM INTO 'x'",
           "CREATE TEMP TABLE x (a)",
           "CREATE TEMPORARY TABLE x AS SELECT 1 AS a",
           "CREATE TABLE temp.x (a)",
           "CREATE TEMP VIEW v AS SELECT 1 AS a",
           "CREATE TEMP TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END",
           "CREATE TABLE _cf_x (a)",
           "CREATE TABLE _CF_x (a)",
           "CREATE TABLE sqlite_x (a)",
           "SELECT * FROM _cf_KV",
           "CREATE INDEX _cf_i ON t(a)",
           "CREATE VIRTUAL TABLE r USING rtree(a, b, c)",
           "UPDATE sqlite_schema SET sql = 'x'",
           "DELETE FROM sqlite_schema",
       }) {
    why(sql);
  }
  EXPECT_EQ(rows("SELECT name FROM sqlite_schema"), R"([{"name":"t"}])");
}

TEST_F(SqliteDbTest, pragmas_are_refused_but_for_those_that_read_the_schema) {
  for (const char* sql : {
           "PRAGMA journal_mode",
           "PRAGMA journal_mode = delete",
           "PRAGMA user_version",
           "PRAGMA query_only = 1",
           "PRAGMA writable_schema = on",
           "PRAGMA compile_options",
           "PRAGMA synchronous = off",
           "PRAGMA database_list",
           "PRAGMA temp_store = 2",
           "PRAGMA foreign_keys = off",
           "PRAGMA case_sensitive_like = on",
           "PRAGMA trusted_schema = 1",
           "PRAGMA function_list",
           "PRAGMA ignore_check_constraints = on",
           "PRAGMA encoding",
           "PRAGMA busy_timeout = 1",
       }) {
    EXPECT_EQ(why(sql), "not authorized") << sql;
  }
  EXPECT_EQ(rows("PRAGMA index_list(t)"), "[]");
  EXPECT_NE(rows("PRAGMA table_list").find("\"name\":\"t\""), std::string::npos);
  EXPECT_NE(rows("PRAGMA table_info(t)").find("\"name\":\"id\""), std::string::npos);
  EXPECT_EQ(rows("SELECT name FROM pragma_table_info('t')"),
            R"([{"name":"id"},{"name":"a"},{"name":"b"}])");
  EXPECT_EQ(rows("PRAGMA optimize"), "[]");
}

TEST_F(SqliteDbTest, functions_that_d1_has_not_are_refused) {
  for (const char* call : {"sqlite_version()", "SQLITE_VERSION()", "sqlite_source_id()", "power(2, 2)",
                           "log10(1)", "ceiling(1.5)", "sqlite_compileoption_get(0)", "subtype(1)"}) {
    EXPECT_TRUE(
        why("SELECT " + std::string(call) + " AS x").starts_with("not authorized to use function"))
        << call;
  }
  EXPECT_TRUE(why("SELECT load_extension('x') AS x").starts_with("not authorized"));
  EXPECT_EQ(
      rows(
          "SELECT abs(-1) AS a, pow(2, 3) AS b, lower('X') AS c, json_extract('{\"k\":1}', '$.k') AS d"),
      R"([{"a":1,"b":8,"c":"x","d":1}])");
}

TEST_F(SqliteDbTest, schema_changes_that_d1_allows_work) {
  for (const char* sql : {
           "CREATE TABLE s (k TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT, WITHOUT ROWID",
           "ALTER TABLE t RENAME TO renamed",
           "ALTER TABLE renamed RENAME COLUMN a TO c",
           "ALTER TABLE renamed ADD COLUMN d TEXT DEFAULT 'x'",
           "ALTER TABLE renamed DROP COLUMN d",
           "CREATE INDEX i ON renamed(c)",
           "REINDEX i",
           "ANALYZE",
           "CREATE VIEW v AS SELECT c FROM renamed",
           "SELECT c FROM v",
           "DROP VIEW v",
           "DROP INDEX i",
           "DROP TABLE renamed",
       }) {
    ok(sql);
  }
  EXPECT_EQ(why("INSERT INTO s VALUES ('a', 1.5)"), "cannot store REAL value in INTEGER column s.n");
}

TEST_F(SqliteDbTest, entry_holds_one_statement_and_nothing_after_it) {
  EXPECT_EQ(rows("SELECT 1 AS a;"), R"([{"a":1}])");
  EXPECT_EQ(rows(" \n-- what for\n/* x */ SELECT 1 AS a ;\n "), R"([{"a":1}])");
  EXPECT_EQ(why("SELECT 1 AS a; SELECT 2 AS a"), "more than one statement in one entry");
  EXPECT_EQ(why("SELECT 1 AS a; DROP TABLE t"), "more than one statement in one entry");
  EXPECT_EQ(why("SELECT 1 AS a; -- done"), "more than one statement in one entry");
  EXPECT_EQ(why("SELECT 1 AS a\0; DROP TABLE t"sv), "more than one statement in one entry");
  for (const char* sql : {"", " ", ";", "-- x", "/* x */"}) {
    EXPECT_EQ(why(sql), "the SQL holds no statement") << sql;
  }
}

TEST_F(SqliteDbTest, parameters_are_exactly_as_many_as_the_statement_takes) {
  EXPECT_EQ(why("SELECT ? AS a"), "wrong number of parameters: the statement takes 1");
  EXPECT_EQ(why(std::move(Batch().add("SELECT ? AS a").bind(1).bind(2))),
            "wrong number of parameters: the statement takes 1");
  EXPECT_EQ(why(std::move(Batch().add("SELECT 1 AS a").bind(1))),
            "wrong number of parameters: the statement takes 0");
  EXPECT_EQ(why(std::move(Batch().add("SELECT ?5 AS a").bind(1))),
            "wrong number of parameters: the statement takes 5");
}

TEST_F(SqliteDbTest, answers_that_cannot_travel_are_refused) {
  EXPECT_EQ(why("SELECT 1 AS a, 2 AS a"), "two columns of the answer are named a");
  EXPECT_EQ(why("SELECT * FROM t AS x JOIN t AS y"), "two columns of the answer are named id");
  EXPECT_EQ(why("SELECT x'00ff' AS b"), "a blob in the answer: bytes travel as base64url text");
  EXPECT_EQ(why("SELECT CAST(x'ff' AS TEXT) AS s"), "a text of the answer is not UTF-8");
}

TEST_F(SqliteDbTest, name_in_double_quotes_that_is_no_column_is_an_error) {
  EXPECT_EQ(why("SELECT \"nosuch\" AS s"), "no such column: nosuch");
  EXPECT_EQ(rows("SELECT \"a\" AS s FROM t"), "[]");
}

TEST(Strictness, holds_for_batches_and_not_for_the_host) {
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(":memory:", &db), SQLITE_OK);
  Authority authority = Authority::kHost;
  make_strict(db, &authority);
  EXPECT_TRUE(prepare_only(db, "PRAGMA user_version").has_value());
  authority = Authority::kBatch;
  const auto refused = prepare_only(db, "PRAGMA user_version");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().detail(), "not authorized");
  EXPECT_EQ(sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, -1), 0);
  EXPECT_EQ(sqlite3_close(db), SQLITE_OK);
}

// ---- D1's limits: the last that passes, the first that does not.

TEST_F(SqliteDbTest, bound_parameters_up_to_100) {
  const auto batch = [](int count) {
    Batch made;
    made.add("SELECT count(*) AS n FROM (VALUES " + repeat("(?)", static_cast<size_t>(count), ",") +
             ")");
    for (int i = 0; i < count; ++i) made.bind(i);
    return made;
  };
  EXPECT_EQ(rows(batch(limits::kD1BoundParametersMax)), R"([{"n":100}])");
  EXPECT_EQ(why(batch(limits::kD1BoundParametersMax + 1)), "too many SQL variables");
  EXPECT_EQ(why("SELECT ?101 AS x"), "variable number must be between ?1 and ?100");
}

TEST_F(SqliteDbTest, statement_up_to_100_000_bytes) {
  const auto sql = [](size_t size) {
    const std::string begin = "SELECT 1 AS a /*";
    return begin + std::string(size - begin.size() - 2, 'x') + "*/";
  };
  EXPECT_EQ(rows(sql(limits::kD1StatementBytesMax)), R"([{"a":1}])");
  EXPECT_EQ(why(sql(limits::kD1StatementBytesMax + 1)), "statement too long");
  EXPECT_EQ(why(sql(3'000'000)), "statement too long");
}

TEST_F(SqliteDbTest, like_and_glob_patterns_up_to_50_bytes) {
  for (const char* op : {"LIKE", "GLOB"}) {
    const std::string sql = std::string("SELECT 'a' ") + op + " ? AS is_like";
    EXPECT_EQ(rows(std::move(Batch().add(sql).bind(std::string(50, 'a')))), R"([{"is_like":0}])");
    EXPECT_EQ(why(std::move(Batch().add(sql).bind(std::string(51, 'a')))),
              "LIKE or GLOB pattern too complex");
  }
}

TEST_F(SqliteDbTest, columns_up_to_100) {
  const auto columns = [](int count, std::string_view before) {
    std::string out;
    for (int i = 0; i < count; ++i)
      out += std::string(i > 0 ? "," : "") + std::string(before) + "c" + std::to_string(i);
    return out;
  };
  EXPECT_EQ(run("SELECT " + columns(100, "1 AS ")).status, OpStatus::kOk);
  EXPECT_EQ(why("SELECT " + columns(101, "1 AS ")), "too many columns in result set");
  EXPECT_EQ(run("CREATE TABLE wide (" + columns(100, "") + ")").status, OpStatus::kOk);
  EXPECT_EQ(why("CREATE TABLE wider (" + columns(101, "") + ")"), "too many columns on wider");
}

TEST_F(SqliteDbTest, values_and_rows_up_to_2_000_000_bytes) {
  const auto insert = [](size_t size) {
    return std::move(Batch().add("INSERT INTO t(b) VALUES (?)").bind(std::string(size, 'x')));
  };
  EXPECT_EQ(run(insert(1'999'900)).status, OpStatus::kOk);
  EXPECT_EQ(why(insert(limits::kD1ValueBytesMax + 1)), "string or blob too big");
  // The row is longer than its one value.
  EXPECT_EQ(why(insert(limits::kD1ValueBytesMax)), "string or blob too big");
  EXPECT_EQ(why("SELECT length(hex(zeroblob(1000001))) AS n"), "string or blob too big");
}

TEST_F(SqliteDbTest, compound_selects_up_to_5_terms) {
  EXPECT_EQ(run(repeat("SELECT 1 AS a", 5, " UNION ALL ")).status, OpStatus::kOk);
  EXPECT_EQ(why(repeat("SELECT 1 AS a", 6, " UNION ALL ")), "too many terms in compound SELECT");
  // Rows of VALUES are no terms.
  EXPECT_EQ(rows("SELECT count(*) AS n FROM (VALUES " + repeat("(1)", 200, ",") + ")"),
            R"([{"n":200}])");
}

TEST_F(SqliteDbTest, expressions_up_to_depth_100_and_127_arguments) {
  EXPECT_EQ(rows("SELECT 1" + repeat("+1", 99) + " AS n"), R"([{"n":100}])");
  EXPECT_EQ(why("SELECT 1" + repeat("+1", 100) + " AS n"),
            "Expression tree is too large (maximum depth 100)");
  EXPECT_EQ(rows("SELECT coalesce(" + repeat("NULL", 127, ",") + ") AS n"), R"([{"n":null}])");
  EXPECT_EQ(why("SELECT coalesce(" + repeat("NULL", 128, ",") + ") AS n"),
            "too many arguments on function coalesce");
}

TEST_F(SqliteDbTest, triggers_up_to_depth_10) {
  for (int i = 0; i <= 12; ++i) ok("CREATE TABLE d" + std::to_string(i) + " (a)");
  const auto trigger = [&](int i) {
    ok("CREATE TRIGGER r" + std::to_string(i) + " AFTER INSERT ON d" + std::to_string(i) +
       " BEGIN INSERT INTO d" + std::to_string(i + 1) + " VALUES (new.a); END");
  };
  for (int i = 0; i < 10; ++i) trigger(i);
  EXPECT_EQ(run("INSERT INTO d0 VALUES (1)").status, OpStatus::kOk);
  trigger(10);
  EXPECT_EQ(why("INSERT INTO d0 VALUES (1)"), "too many levels of trigger recursion");
}

// ---- Files and migrations

TEST(SqliteDbFile, keeps_what_was_stored) {
  const TempDir dir;
  const std::string file = dir.path + "/data.sqlite";
  const std::string insert = std::move(Batch().add("INSERT INTO t VALUES ('kept')")).payload(1000);
  {
    auto db = std::move(*SqliteDb::open(file));
    EXPECT_EQ(db->run_batch(std::move(Batch().add("CREATE TABLE t (a)")).payload(1000)).status,
              OpStatus::kOk);
    EXPECT_EQ(db->run_batch(insert).status, OpStatus::kOk);
  }
  auto db = std::move(*SqliteDb::open(file));
  EXPECT_NE(db->run_batch(std::move(Batch().add("SELECT a FROM t")).payload(1000)).payload.find("kept"),
            std::string::npos);
}

TEST(SqliteDbFile, that_cannot_be_opened_is_an_error_with_a_reason) {
  const auto db = SqliteDb::open("/nonexistent/folder/data.sqlite");
  ASSERT_FALSE(db.has_value());
  EXPECT_EQ(db.error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(db.error().detail(), "unable to open database file");
}

class Migrations : public ::testing::Test {
 protected:
  std::string rows(std::string_view sql) {
    return db_->run_batch(std::move(Batch().add(sql)).payload(1000)).payload;
  }
  TempDir dir_;
  std::unique_ptr<SqliteDb> db_ = std::move(*SqliteDb::open(":memory:"));
};

TEST_F(SqliteDbTest, an_image_begins_a_database_of_its_own_that_is_as_strict) {
  ok("INSERT INTO t VALUES (1, 'kept', 'b')");
  const std::string image = db_->image();
  for (int i = 0; i < 2; ++i) {
    const auto copy = SqliteDb::open_image(image);
    ASSERT_TRUE(copy.has_value());
    const auto answer = [&](std::string_view sql) {
      return (*copy)->run_batch(std::move(Batch().add(sql)).payload(60'000));
    };
    EXPECT_NE(answer("SELECT count(*) AS n FROM t").payload.find("\"n\":1"), std::string::npos);
    EXPECT_EQ(answer("INSERT INTO t VALUES (2, 'more', 'b')").status, OpStatus::kOk);
    EXPECT_NE(answer("PRAGMA user_version").status, OpStatus::kOk);
  }
}

TEST_F(Migrations, run_in_the_order_of_their_names_and_once) {
  dir_.write("0002_second.sql",
             "-- why\nINSERT INTO t VALUES ('second');\nINSERT INTO t VALUES ('third');\n");
  dir_.write("0001_first.sql",
             "CREATE TABLE t (a);\nCREATE TRIGGER r AFTER DELETE ON t BEGIN SELECT 1; SELECT 2; "
             "END;\n-- end\n");
  dir_.write("notes.md", "no SQL");
  EXPECT_EQ(db_->apply_migrations(dir_.path).value(), 2u);
  EXPECT_EQ(db_->apply_migrations(dir_.path).value(), 0u);
  dir_.write("0003_last.sql", "INSERT INTO t VALUES ('last')");
  EXPECT_EQ(db_->apply_migrations(dir_.path).value(), 1u);
  EXPECT_EQ(
      rows("SELECT group_concat(a) AS all_of_them FROM t"),
      R"([{"rows":[{"all_of_them":"second,third,last"}],"changes":0,"rows_read":3,"rows_written":0}])");
  EXPECT_NE(rows("SELECT group_concat(name) AS names FROM d1_migrations")
                .find("0001_first.sql,0002_second.sql,0003_last.sql"),
            std::string::npos);
}

TEST_F(Migrations, that_fail_leave_nothing_and_name_their_file) {
  dir_.write("0001_ok.sql", "CREATE TABLE t (a);");
  dir_.write("0002_bad.sql", "INSERT INTO t VALUES (1); INSERT INTO nope VALUES (1);");
  const auto applied = db_->apply_migrations(dir_.path);
  ASSERT_FALSE(applied.has_value());
  EXPECT_EQ(applied.error().detail(), "0002_bad.sql: no such table: nope");
  EXPECT_NE(rows("SELECT count(*) AS n FROM t").find("\"n\":0"), std::string::npos);
  dir_.write("0002_bad.sql", "INSERT INTO t VALUES (1);");
  EXPECT_EQ(db_->apply_migrations(dir_.path).value(), 1u);
}

TEST_F(Migrations, are_held_to_what_d1_allows) {
  for (const char* sql :
       {"BEGIN;", "PRAGMA journal_mode = delete;", "CREATE TEMP TABLE x (a);", "VACUUM;"}) {
    dir_.write("0001_bad.sql", sql);
    EXPECT_FALSE(db_->apply_migrations(dir_.path).has_value()) << sql;
  }
}

TEST_F(Migrations, from_a_folder_that_is_not_there_are_an_error) {
  EXPECT_FALSE(db_->apply_migrations(dir_.path + "/nope").has_value());
}

TEST_F(Migrations, of_this_project_apply) {
  EXPECT_GE(db_->apply_migrations(LATCHKEY_D1).value_or(0), 1u);
  EXPECT_EQ(db_->apply_migrations(LATCHKEY_D1).value_or(99), 0u);
}

TEST_F(Migrations, and_plans_of_queries_can_be_read) {
  dir_.write("0001.sql", "CREATE TABLE t (a, b); CREATE INDEX i ON t(a);");
  ASSERT_TRUE(db_->apply_migrations(dir_.path).has_value());
  EXPECT_EQ(db_->explain("SELECT b FROM t WHERE a = ?").value(),
            std::vector<std::string>{"SEARCH t USING INDEX i (a=?)"});
  EXPECT_EQ(db_->explain("SELECT b FROM t WHERE b = ?").value(), std::vector<std::string>{"SCAN t"});
  EXPECT_FALSE(db_->explain("SELECT nope FROM t").has_value());
  EXPECT_FALSE(db_->explain("SELECT b FROM t; SELECT b FROM t").has_value());
  EXPECT_FALSE(db_->explain("BEGIN").has_value());
}

}  // namespace
}  // namespace latchkey::host
