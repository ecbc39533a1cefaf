#include "host/db.h"

#include <gtest/gtest.h>

#include "support/test_host.h"

namespace latchkey::host {
namespace {

using test::Fault;
using test::TestHost;

class DbTest : public ::testing::Test {
 protected:
  Result<BatchAnswer> run(Batch batch) { return host_.run(host_db_.run(std::move(batch))); }
  Result<BatchAnswer> run(std::string_view sql) { return run(std::move(Batch().add(sql))); }
  // run_with: the answer of a database that says this.
  Result<BatchAnswer> run_with(OpAnswer answer) {
    Task<Result<BatchAnswer>> task = host_db_.run(std::move(Batch().add("SELECT 1 AS a")));
    task.start();
    host_.complete_with(0, std::move(answer));
    CHECK(task.done());
    return task.take();
  }

  TestHost host_{TestHost::Schema::kEmpty};
  OpCounts counts_;
  Db host_db_{host_, 1, 5000, counts_};
};

TEST(Batch, payload_is_what_the_abi_says) {
  Batch batch;
  batch.add("SELECT ?, ?, ?, ?")
      .bind("te\"xt")
      .bind(-5)
      .bind(Null{})
      .bind(std::optional<int64_t>(7))
      .add("SELECT 1")
      .add("SELECT ?, ?")
      .bind(std::optional<std::string_view>())
      .bind(uint32_t{4294967295});
  EXPECT_EQ(batch.num_statements(), 3u);
  EXPECT_EQ(std::move(batch).payload(5000),
            R"({"statements":[["SELECT ?, ?, ?, ?",["te\"xt",-5,null,7]],)"
            R"(["SELECT 1",[]],["SELECT ?, ?",[null,4294967295]]],"timeout_ms":5000})");
}

TEST_F(DbTest, rows_are_read_by_column_name) {
  const auto answer = run("SELECT 7 AS n, 'x' AS s, NULL AS z UNION ALL SELECT 8.0, 'y', 9");
  ASSERT_TRUE(answer.has_value());
  ASSERT_EQ(answer->num_rows(0), 2u);
  const Row first = answer->row(0, 0);
  EXPECT_EQ(first.integer("n"), 7);
  EXPECT_EQ(first.text("s"), "x");
  EXPECT_TRUE(first.is_null("z"));
  EXPECT_FALSE(first.is_null("n"));
  EXPECT_EQ(first.integer_or_null("z"), std::nullopt);
  EXPECT_EQ(first.text_or_null("z"), std::nullopt);
  const Row second = answer->row(0, 1);
  EXPECT_EQ(second.integer("n"), 8);
  EXPECT_EQ(second.integer_or_null("z"), 9);
  EXPECT_EQ(second.text_or_null("s"), "y");
  std::string seen;
  answer->each_row(0, [&](Row row) { seen += row.text("s"); });
  EXPECT_EQ(seen, "xy");
}

TEST_F(DbTest, statement_without_rows_has_no_first_row) {
  const auto answer = run(std::move(Batch().add("SELECT 1 AS a WHERE 0").add("SELECT 2 AS a")));
  ASSERT_TRUE(answer.has_value());
  EXPECT_FALSE(answer->first(0).has_value());
  ASSERT_TRUE(answer->first(1).has_value());
  EXPECT_EQ(answer->first(1)->integer("a"), 2);
}

TEST_F(DbTest, changes_are_those_of_each_statement) {
  const auto answer = run(std::move(Batch()
                                        .add("CREATE TABLE t (a)")
                                        .add("INSERT INTO t VALUES (1), (2)")
                                        .add("DELETE FROM t WHERE a = 9")));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->changes(1), 2);
  EXPECT_EQ(answer->changes(2), 0);
}

using DbDeathTest = DbTest;

TEST_F(DbDeathTest, column_that_is_missing_or_of_another_type_traps) {
  const auto answer = run("SELECT 7 AS n, 'x' AS s, NULL AS z, 1.5 AS r");
  ASSERT_TRUE(answer.has_value());
  const Row row = answer->row(0, 0);
  EXPECT_DEATH((void)row.integer("nope"), "");
  EXPECT_DEATH((void)row.is_null("nope"), "");
  EXPECT_DEATH((void)row.integer("s"), "");
  EXPECT_DEATH((void)row.integer("z"), "");
  EXPECT_DEATH((void)row.integer("r"), "");
  EXPECT_DEATH((void)row.text("n"), "");
  EXPECT_DEATH((void)row.text("z"), "");
  EXPECT_DEATH((void)answer->row(0, 1), "");
  EXPECT_DEATH((void)answer->num_rows(1), "");
  EXPECT_DEATH((void)Batch().payload(1), "");
}

TEST_F(DbTest, one_run_is_one_round_trip_whatever_it_holds) {
  ASSERT_TRUE(run(std::move(Batch().add("CREATE TABLE t (a)").add("INSERT INTO t VALUES (1), (2), (3)")))
                  .has_value());
  EXPECT_EQ(counts_.d1_round_trips, 1u);
  EXPECT_EQ(counts_.d1_rows_written, 3u);
  ASSERT_TRUE(run("SELECT a FROM t").has_value());
  EXPECT_EQ(counts_.d1_round_trips, 2u);
  EXPECT_GE(counts_.d1_rows_read, 3u);
}

TEST_F(DbTest, failed_database_is_unavailable_and_says_when_to_come_back) {
  host_.set_fault(OpKind::kDbBatch, Fault::kNotPerformed);
  const auto answer = run("SELECT 1 AS a");
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(answer.error().retry_after_seconds, 1u);
  EXPECT_EQ(answer.error().message(), "The database did not answer. Try again in a moment.");
  EXPECT_EQ(answer.error().detail(), "d1: made to fail by the test");
  EXPECT_EQ(counts_.d1_round_trips, 1u);
}

TEST_F(DbTest, statement_error_stays_in_the_log) {
  const auto answer = run("SELECT * FROM nope");
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(answer.error().message().find("nope"), std::string::npos);
  EXPECT_EQ(answer.error().detail(), "d1: no such table: nope");
}

TEST_F(DbTest, answer_that_makes_no_sense_is_an_internal_error) {
  for (const char* payload : {"", "{", "[]", "{}", "null", "[{\"rows\":[]},{\"rows\":[]}]"}) {
    const auto answer = run_with({OpStatus::kOk, payload});
    ASSERT_FALSE(answer.has_value()) << payload;
    EXPECT_EQ(answer.error().code(), ErrorCode::kInternal) << payload;
  }
  for (const OpStatus status : {OpStatus::kMissing, OpStatus::kTooLarge, OpStatus::kUnavailable}) {
    const auto answer = run_with({status, "[{\"rows\":[]}]"});
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().code(), ErrorCode::kUnavailable);
  }
}

}  // namespace
}  // namespace latchkey::host
