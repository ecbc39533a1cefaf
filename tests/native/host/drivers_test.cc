// The test host and the drivers: that they reach every fault and every order, and that they
// find the mistakes they are for.
#include "support/drivers.h"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace latchkey::test {
namespace {

using host::Batch;
using host::Db;
using host::OpCounts;
using host::OpKind;

// failures_of: the messages of the expectations that fail in `run`, which fail nothing here.
std::vector<std::string> failures_of(auto run) {
  ::testing::TestPartResultArray results;
  {
    const ::testing::ScopedFakeTestPartResultReporter reporter(
        ::testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &results);
    run();
  }
  std::vector<std::string> messages;
  for (int i = 0; i < results.size(); ++i) messages.emplace_back(results.GetTestPartResult(i).message());
  return messages;
}

// One seat, and a table of who was told that they have it.
struct Seats {
  TestHost host{TestHost::Schema::kEmpty};
  OpCounts counts;
  Db db{host, 1, 5000, counts};
  std::vector<std::string> told;

  Seats() {
    host.query(std::move(
        Batch().add("CREATE TABLE seats (holder TEXT)").add("INSERT INTO seats VALUES (NULL)")));
  }
  int64_t num_taken() { return host.scalar("SELECT count(holder) AS value FROM seats"); }
};

// Looks first and takes then, in two trips: two clients can both see a free seat.
Task<> take_seat_racily(Seats& world, std::string_view name) {
  const auto seen = co_await world.db.run(
      std::move(Batch().add("SELECT count(*) AS n FROM seats WHERE holder IS NULL")));
  if (!seen || seen->row(0, 0).integer("n") == 0) co_return;
  const auto taken =
      co_await world.db.run(std::move(Batch().add("UPDATE seats SET holder = ?").bind(name)));
  if (taken) world.told.emplace_back(name);
}

// Takes it under a condition, and believes only the row it gets back.
Task<> take_seat(Seats& world, std::string_view name) {
  const auto taken = co_await world.db.run(std::move(
      Batch().add("UPDATE seats SET holder = ? WHERE holder IS NULL RETURNING holder").bind(name)));
  if (taken && taken->first(0)) world.told.emplace_back(name);
}

TEST(InterleaveTwo, finds_that_two_clients_take_one_seat) {
  const auto failures = failures_of([] {
    interleave_two<Seats>([](Seats& world) { return take_seat_racily(world, "a"); },
                          [](Seats& world) { return take_seat_racily(world, "b"); },
                          [](Seats& world) { EXPECT_LE(world.told.size(), 1u); });
  });
  ASSERT_FALSE(failures.empty());
  EXPECT_NE(failures[0].find("order: start a, start b, perform 0, deliver 0, perform 1, deliver 1"),
            std::string::npos)
      << failures[0];
}

TEST(InterleaveTwo, passes_where_the_claim_is_conditional) {
  std::set<std::string> winners;
  const uint32_t num_orders = interleave_two<Seats>([](Seats& world) { return take_seat(world, "a"); },
                                                    [](Seats& world) { return take_seat(world, "b"); },
                                                    [&](Seats& world) {
                                                      EXPECT_EQ(world.num_taken(), 1);
                                                      ASSERT_EQ(world.told.size(), 1u);
                                                      winners.insert(world.told[0]);
                                                    });
  EXPECT_EQ(num_orders, 20u);
  EXPECT_EQ(winners, (std::set<std::string>{"a", "b"}));
}

struct Steps {
  TestHost host{TestHost::Schema::kEmpty};
  std::string order;
};

Task<> two_steps(Steps& world, char name) {
  host::OpCounts counts;
  host::Kv kv(world.host, 1, counts);
  world.order += name;
  EXPECT_TRUE((co_await kv.get("x")).has_value());
  world.order += name;
  EXPECT_TRUE((co_await kv.get("y")).has_value());
  world.order += name;
}

TEST(InterleaveTwo, tries_every_order_once) {
  for (const auto& [orders, expected] :
       {std::pair{Orders::kEffects, 20u}, {Orders::kEffectsAndAnswers, 252u}}) {
    std::multiset<std::string> seen;
    const uint32_t num_orders =
        interleave_two<Steps>([](Steps& world) { return two_steps(world, 'a'); },
                              [](Steps& world) { return two_steps(world, 'b'); },
                              [&](Steps& world) { seen.insert(world.order); }, orders);
    EXPECT_EQ(num_orders, expected);
    // Three marks of each: every one of the 20 sequences.
    EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 20u);
  }
}

TEST(InterleaveTwo, more_orders_than_allowed_fail_the_test) {
  const auto failures = failures_of([] {
    interleave_two<Steps>([](Steps& world) { return two_steps(world, 'a'); },
                          [](Steps& world) { return two_steps(world, 'b'); }, [](Steps&) {},
                          Orders::kEffects, 10);
  });
  ASSERT_EQ(failures.size(), 1u);
  EXPECT_NE(failures[0].find("more than 10 orders"), std::string::npos);
}

// An audit row before a hand-over, in two trips. In the wrong order, where asked.
struct Grants {
  TestHost host{TestHost::Schema::kEmpty};
  OpCounts counts;
  Db db{host, 1, 5000, counts};
  bool is_handed_over = false;

  Grants() { host.query("CREATE TABLE audit (what TEXT)"); }
  int64_t num_audited() { return host.scalar("SELECT count(*) AS value FROM audit"); }
};

Task<> grant(Grants& world) {
  const auto seen = co_await world.db.run(std::move(Batch().add("SELECT 1 AS a")));
  if (!seen) co_return;
  const auto written =
      co_await world.db.run(std::move(Batch().add("INSERT INTO audit VALUES ('granted')")));
  if (!written) co_return;
  world.is_handed_over = true;
}

Task<> grant_before_audit(Grants& world) {
  world.is_handed_over = true;
  const auto written =
      co_await world.db.run(std::move(Batch().add("INSERT INTO audit VALUES ('granted')")));
  (void)written;
}

void expect_audited(Grants& world, FaultPoint) {
  if (world.is_handed_over) EXPECT_EQ(world.num_audited(), 1);
}

TEST(FailEveryAwait, fails_each_operation_in_both_ways) {
  std::vector<std::pair<uint32_t, Fault>> points;
  std::vector<int64_t> audited;
  const uint32_t num_ops = fail_every_await<Grants>(grant, [&](Grants& world, FaultPoint point) {
    expect_audited(world, point);
    points.emplace_back(point.index, point.fault);
    audited.push_back(world.num_audited());
    EXPECT_EQ(world.is_handed_over, point.fault == Fault::kNone);
  });
  EXPECT_EQ(num_ops, 2u);
  EXPECT_EQ(points, (std::vector<std::pair<uint32_t, Fault>>{{0, Fault::kNone},
                                                             {0, Fault::kNotPerformed},
                                                             {1, Fault::kNotPerformed},
                                                             {0, Fault::kAnswerLost},
                                                             {1, Fault::kAnswerLost}}));
  // The second operation took effect in the last run, although it was called a failure.
  EXPECT_EQ(audited, (std::vector<int64_t>{1, 0, 0, 0, 1}));
}

TEST(FailEveryAwait, finds_a_grant_without_its_audit_row_and_names_the_operation) {
  const auto failures =
      failures_of([] { fail_every_await<Grants>(grant_before_audit, expect_audited); });
  ASSERT_EQ(failures.size(), 1u);
  EXPECT_NE(failures[0].find("operation 0 (db batch) failed: not performed"), std::string::npos)
      << failures[0];
}

TEST(CancelEveryAwait, destroys_the_task_at_each_operation) {
  std::vector<int64_t> audited;
  const uint32_t num_ops = cancel_every_await<Grants>(grant, [&](Grants& world, FaultPoint point) {
    EXPECT_EQ(world.is_handed_over, point.fault == Fault::kNone);
    audited.push_back(world.num_audited());
    for (const auto& op : world.host.pending()) EXPECT_EQ(op.sink, nullptr);
  });
  EXPECT_EQ(num_ops, 2u);
  EXPECT_EQ(audited, (std::vector<int64_t>{1, 0, 0, 0, 1}));
}

Task<> put(TestHost& host, std::string key) {
  host::OpCounts counts;
  host::Kv kv(host, 1, counts);
  (void)co_await kv.put(key, "v");
}

TEST(TestHost, completes_in_the_order_the_test_chooses) {
  TestHost host(TestHost::Schema::kEmpty);
  Task<> a = put(host, "a");
  Task<> b = put(host, "b");
  a.start();
  b.start();
  ASSERT_EQ(host.pending().size(), 2u);
  EXPECT_EQ(host.kv.get("b"), nullptr);
  host.complete(1);
  EXPECT_NE(host.kv.get("b"), nullptr);
  EXPECT_EQ(host.kv.get("a"), nullptr);
  EXPECT_TRUE(b.done());
  EXPECT_FALSE(a.done());
  host.perform(0);
  EXPECT_NE(host.kv.get("a"), nullptr);
  EXPECT_FALSE(a.done());
  host.deliver(0);
  EXPECT_TRUE(a.done());
  EXPECT_EQ(host.history(), (std::vector<OpKind>{OpKind::kKvPut, OpKind::kKvPut}));
}

TEST(TestHost, operation_of_a_client_that_hung_up_still_takes_effect) {
  TestHost host(TestHost::Schema::kEmpty);
  {
    Task<> task = put(host, "k");
    task.start();
  }
  ASSERT_EQ(host.pending().size(), 1u);
  host.run_all();
  EXPECT_NE(host.kv.get("k"), nullptr);
}

TEST(TestHost, leaves_what_is_delayed_for_ever_and_completes_the_rest) {
  TestHost host(TestHost::Schema::kEmpty);
  host.fail_op(0, Fault::kNeverAnswered);
  Task<> stuck = put(host, "a");
  Task<> other = put(host, "b");
  stuck.start();
  other.start();
  EXPECT_EQ(host.run_all(), 1u);
  EXPECT_FALSE(stuck.done());
  EXPECT_TRUE(other.done());
  EXPECT_NE(host.kv.get("a"), nullptr);
}

TEST(TestHost, is_the_same_in_every_run) {
  ByteArray<32> first{};
  ByteArray<32> second{};
  TestHost(TestHost::Schema::kEmpty).random.fill(first);
  TestHost(TestHost::Schema::kEmpty).random.fill(second);
  EXPECT_EQ(first, second);
  TestHost(TestHost::Schema::kEmpty, "another").random.fill(second);
  EXPECT_NE(first, second);
}

TEST(TestHost, captures_log_records_from_its_level_on) {
  TestHost host(TestHost::Schema::kEmpty);
  host.log.write(host::LogLevel::kInfo, R"({"a":1})");
  host.log.level = host::LogLevel::kError;
  host.log.write(host::LogLevel::kWarning, R"({"b":2})");
  ASSERT_EQ(host.log.records.size(), 1u);
  EXPECT_EQ(host.log.text(), "{\"a\":1}\n");
}

TEST(TestHost, has_the_schema_of_this_project) {
  TestHost host;
  EXPECT_GT(host.scalar("SELECT count(*) AS value FROM sqlite_schema WHERE name = 'licenses'"), 0);
}

}  // namespace
}  // namespace latchkey::test
