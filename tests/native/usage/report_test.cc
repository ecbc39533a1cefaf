// A report: stored once whatever happens, refused for what it says, and one trip.
#include "usage_world.h"

#include <functional>

namespace latchkey::usage {
namespace {

using host::OpKind;
using provision::Verdict;
using test::FaultPoint;

// ---- The policy

TEST(DecideReport, each_reason_alone_gives_its_verdict_and_the_earlier_of_two_wins) {
  struct Reason {
    Verdict verdict;
    std::function<void(ReportFacts&, ReportTerms&)> spoil;
  };
  const std::vector<Reason> reasons = {
      {Verdict::kAddressOverLimit, [](ReportFacts& facts, ReportTerms&) { facts.address_hits = 11; }},
      {Verdict::kLicenseOverLimit, [](ReportFacts& facts, ReportTerms&) { facts.license_hits = 6; }},
      {Verdict::kForeignReceipt, [](ReportFacts&, ReportTerms& terms) { terms.receipt_license_id = "lic_2"; }},
      {Verdict::kForeignReceipt, [](ReportFacts&, ReportTerms& terms) { terms.receipt_license_id = ""; }},
      {Verdict::kUnknownMachine, [](ReportFacts& facts, ReportTerms&) { facts.is_machine_known = false; }}};
  for (size_t first = 0; first < reasons.size(); ++first) {
    for (size_t second = first; second < reasons.size(); ++second) {
      ReportFacts facts{.address_hits = 10, .license_id = "lic_1", .license_hits = 5, .is_machine_known = true};
      ReportTerms terms{.address_limit = 10, .license_limit = 5, .receipt_license_id = "lic_1"};
      EXPECT_EQ(decide_report(facts, terms), Verdict::kGranted);
      reasons[second].spoil(facts, terms);
      reasons[first].spoil(facts, terms);
      EXPECT_EQ(decide_report(facts, terms), reasons[first].verdict);
    }
  }
  EXPECT_EQ(decide_report({.address_hits = 1}, {.address_limit = 1, .license_limit = 1}), Verdict::kUnknownLicense);
}

// ---- What is stored

TEST(Report, stores_its_events_their_cost_and_the_ledger_in_one_trip) {
  UsageWorld world;
  Event unknown = UsageWorld::event("c");
  unknown.model = "deepseek-of-tomorrow";
  const auto outcome = world.report({UsageWorld::event("a"), UsageWorld::event("b", 2000, kNow - kDayMs), unknown});
  ASSERT_TRUE(outcome.has_value()) << outcome.error().detail();
  EXPECT_EQ(outcome->verdict, Verdict::kGranted);
  EXPECT_EQ(world.host.count(OpKind::kDbBatch), 1u);
  EXPECT_EQ(outcome->num_accepted, 3u);
  EXPECT_EQ(outcome->num_unpriced, 1u);
  EXPECT_EQ(outcome->num_duplicates, 0u);
  EXPECT_TRUE(outcome->rejected.empty());
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM usage_events WHERE machine_id = 'mch_one' AND license_id = "
                         "'lic_00000000000000000000000001' AND price_version = 0"),
            3);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM license_spend"), 2);
  EXPECT_EQ(world.scalar("SELECT unpriced AS value FROM license_spend ORDER BY day DESC"), 1);
  EXPECT_GT(outcome->spent.today.value, 0);
  EXPECT_GT(outcome->spent.month, outcome->spent.today);
  EXPECT_EQ(outcome->windows.size(), 2u);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM audit_log"), 0);
  world.expect_sound();
}

TEST(Report, counts_as_unpriced_only_what_it_stored_itself) {
  UsageWorld world;
  Event one = UsageWorld::event("a");
  Event two = UsageWorld::event("b");
  one.model = two.model = "deepseek-of-tomorrow";
  ASSERT_TRUE(world.report({one}).has_value());
  const auto again = world.report({one, two, UsageWorld::event("c")});
  ASSERT_TRUE(again.has_value()) << again.error().detail();
  EXPECT_EQ(again->num_accepted, 2u);
  EXPECT_EQ(again->num_duplicates, 1u);
  EXPECT_EQ(again->num_unpriced, 1u);
  world.expect_sound();
}

TEST(Report, again_adds_nothing_and_says_so_and_another_event_of_the_same_id_is_a_conflict) {
  UsageWorld world;
  ASSERT_TRUE(world.report({UsageWorld::event("a"), UsageWorld::event("b")}).has_value());
  const auto again = world.report({UsageWorld::event("a"), UsageWorld::event("b", 1001), UsageWorld::event("c")});
  ASSERT_TRUE(again.has_value()) << again.error().detail();
  EXPECT_EQ(again->num_accepted, 1u);
  EXPECT_EQ(again->num_duplicates, 1u);
  ASSERT_EQ(again->rejected.size(), 1u);
  EXPECT_EQ(again->rejected[0].index, 1u);
  EXPECT_EQ(again->rejected[0].why, Rejection::kConflict);
  EXPECT_EQ(world.host.count(OpKind::kDbBatch), 1u + 2u);
  EXPECT_EQ(world.num_events(), 3);
  world.expect_sound();
}

TEST(Report, tells_every_difference_from_the_event_that_is_stored) {
  const std::vector<std::function<void(Event&)>> changes = {
      [](Event& event) { event.at += 1; },           [](Event& event) { event.model = "deepseek-reasoner"; },
      [](Event& event) { event.tokens.input += 1; }, [](Event& event) { event.tokens.output += 1; },
      [](Event& event) { event.provider = "qwen"; }, [](Event& event) { event.tokens.cached_input = 1; },
      [](Event& event) { event.tokens.reasoning = 1; }};
  UsageWorld world;
  ASSERT_TRUE(world.report({UsageWorld::event("a")}).has_value());
  for (const auto& change : changes) {
    Event other = UsageWorld::event("a");
    change(other);
    const auto outcome = world.report({other});
    ASSERT_TRUE(outcome.has_value());
    EXPECT_EQ(outcome->num_duplicates, 0u);
    EXPECT_EQ(outcome->rejected.size(), 1u);
  }
  world.add_machine(test::LicenseRow().id, world.machine_hash("machine-2").text(), "mch_two");
  Reporter other = world.reporter();
  other.machine_hash = world.machine_hash("machine-2");
  EXPECT_EQ(world.report(other, {UsageWorld::event("a")})->rejected.size(), 1u) << "another machine's";
  EXPECT_EQ(world.num_events(), 1);
}

TEST(Report, keeps_licences_apart) {
  UsageWorld world;
  world.add_license({.id = "lic_2", .code = "OTHER-2024-XYZ"});
  world.add_machine("lic_2", world.machine_hash().text(), "mch_of_two");
  Reporter other = world.reporter();
  other.code_hash = world.request(kMachine, provision::Delivery::kPlain, "OTHER-2024-XYZ").code_hash;
  EXPECT_EQ(world.report({UsageWorld::event("a")})->num_accepted, 1u);
  EXPECT_EQ(world.report(other, {UsageWorld::event("a", 7)})->num_accepted, 1u);
  EXPECT_EQ(world.num_events(), 2);
  world.expect_sound();
}

TEST(Report, of_nothing_says_where_the_licence_stands) {
  UsageWorld world;
  world.set_budget({budget::Enforcement::kBlock, {.total = pricing::Nano{5}}});
  const auto outcome = world.report({});
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->num_accepted, 0u);
  EXPECT_EQ(outcome->budget.limits.total->value, 5);
  EXPECT_EQ(world.host.count(OpKind::kDbBatch), 1u);
}

TEST(Report, is_taken_over_budget_and_from_a_licence_and_a_seat_that_count_no_more) {
  UsageWorld world;
  world.set_budget({budget::Enforcement::kBlock, {.daily = pricing::Nano{1}}});
  for (const std::string_view change :
       {"UPDATE licenses SET status = 'active'", "UPDATE licenses SET status = 'revoked'",
        "UPDATE licenses SET status = 'active', expires_at = 5", "UPDATE machines SET released_at = 5"}) {
    world.host.query(std::string(change));
    const auto outcome = world.report({UsageWorld::event(std::string(change))});
    ASSERT_TRUE(outcome.has_value());
    EXPECT_EQ(outcome->num_accepted, 1u) << change;
    EXPECT_TRUE(budget::is_blocked(outcome->budget, outcome->spent, kNow));
  }
  world.expect_sound();
}

TEST(Report, of_five_hundred_events_with_half_of_them_known_is_exact) {
  UsageWorld world;
  std::vector<Event> events;
  for (int i = 0; i < 500; ++i) events.push_back(UsageWorld::event("e" + std::to_string(i), i, kNow - i * kHourMs));
  EXPECT_EQ(world.report({events.begin(), events.begin() + 250})->num_accepted, 250u);
  const auto all = world.report(events);
  EXPECT_EQ(all->num_accepted, 250u);
  EXPECT_EQ(all->num_duplicates, 250u);
  EXPECT_EQ(world.num_events(), 500);
  world.expect_sound();
}

TEST(Report, a_sum_stops_at_what_d1_tells_exactly) {
  UsageWorld world;
  world.set_prices("10000", "10000");
  for (const char* id : {"a", "b", "c"}) {
    Event huge = UsageWorld::event(id, limits::kEventTokensMax);
    const auto outcome = world.report({huge});
    ASSERT_TRUE(outcome.has_value()) << outcome.error().detail();
    EXPECT_EQ(outcome->num_accepted, 1u);
  }
  EXPECT_EQ(world.scalar("SELECT cost AS value FROM license_spend"), limits::kD1IntegerMax);
  EXPECT_TRUE(world.roll());
  EXPECT_EQ(world.scalar("SELECT cost AS value FROM usage_daily"), limits::kD1IntegerMax);
}

// ---- Who may

TEST(Report, is_refused_with_a_reason_in_the_audit_log_and_stores_nothing) {
  struct Case {
    std::function<void(UsageWorld&, Reporter&)> spoil;
    Verdict verdict;
  };
  const Case cases[] = {
      {[](UsageWorld&, Reporter& reporter) { reporter.code_hash.reset(); }, Verdict::kUnknownLicense},
      {[](UsageWorld& world, Reporter& reporter) {
         reporter.code_hash = world.request(kMachine, provision::Delivery::kPlain, "UNKNOWN-2024-ABC").code_hash;
       },
       Verdict::kUnknownLicense},
      {[](UsageWorld& world, Reporter& reporter) { reporter.machine_hash = world.machine_hash("another"); },
       Verdict::kUnknownMachine},
      {[](UsageWorld& world, Reporter& reporter) {
         world.add_license({.id = "lic_2", .code = "OTHER-2024-XYZ"});
         world.add_machine("lic_2", world.machine_hash("of-two").text(), "mch_of_two");
         reporter.machine_hash = world.machine_hash("of-two");
       },
       Verdict::kUnknownMachine},
      {[](UsageWorld&, Reporter& reporter) { reporter.receipt_license_id = "lic_2"; }, Verdict::kForeignReceipt}};
  for (const Case& one : cases) {
    UsageWorld world;
    Reporter reporter = world.reporter();
    one.spoil(world, reporter);
    const auto outcome = world.report(reporter, {UsageWorld::event("a")});
    ASSERT_TRUE(outcome.has_value());
    EXPECT_EQ(outcome->verdict, one.verdict);
    EXPECT_EQ(world.num_events(), 0);
    EXPECT_EQ(world.num_audits("usage.denied"), 1);
    EXPECT_EQ(world.host.count(OpKind::kDbBatch), 2u);
  }
}

TEST(Report, over_a_limit_is_refused_from_memory_and_audited_once_a_window) {
  for (const bool by_license : {false, true}) {
    UsageWorld world({{"RATE_LIMIT_REPORT_IP_PER_HOUR", by_license ? "100" : "2"},
                      {"RATE_LIMIT_REPORT_LICENSE_PER_HOUR", by_license ? "2" : "100"}});
    const Verdict over = by_license ? Verdict::kLicenseOverLimit : Verdict::kAddressOverLimit;
    for (int i = 0; i < 6; ++i) {
      const auto outcome = world.report({UsageWorld::event(std::to_string(i))});
      ASSERT_TRUE(outcome.has_value());
      EXPECT_EQ(outcome->verdict, i < 2 ? Verdict::kGranted : over);
    }
    EXPECT_EQ(world.num_events(), 2);
    EXPECT_EQ(world.num_audits("usage.denied"), 1);
    EXPECT_EQ(world.host.count(OpKind::kDbBatch), 4u) << "two stored, one refused and audited, the others from memory";
    EXPECT_EQ(world.provision(world.request())->verdict, Verdict::kGranted) << "provisioning has limits of its own";
    world.host.clock.advance(limits::kRateWindowMs);
    EXPECT_EQ(world.report({UsageWorld::event("later", 1, kNow)})->verdict, Verdict::kGranted);
  }
}

// ---- Prices

TEST(Report, meets_new_prices_with_a_second_trip_and_the_next_one_knows_them) {
  UsageWorld world;
  EXPECT_EQ(world.report({UsageWorld::event("a")})->num_accepted, 1u);
  world.set_prices("1", "2");
  const auto priced = world.report({UsageWorld::event("b")});
  ASSERT_TRUE(priced.has_value()) << priced.error().detail();
  EXPECT_EQ(priced->num_accepted, 1u);
  EXPECT_EQ(world.host.count(OpKind::kDbBatch), 3u);
  EXPECT_EQ(world.scalar("SELECT cost AS value FROM usage_events WHERE event_id = 'b' AND price_version = 1"),
            1000 * 1000 + 500 * 2000);
  EXPECT_EQ(world.report({UsageWorld::event("c")})->num_accepted, 1u);
  EXPECT_EQ(world.host.count(OpKind::kDbBatch), 4u);
  EXPECT_EQ(world.host.run(world.report_task(world.client(), world.reporter(), world.sorter({})))->windows[0].remaining,
            600 - 4)
      << "each report counts once";
  world.expect_sound();
}

TEST(Report, of_an_isolate_with_newer_prices_than_the_database_stores_nothing_by_them) {
  UsageWorld world;
  world.set_prices("1", "2");
  ASSERT_TRUE(world.report({UsageWorld::event("a")}).has_value());
  world.host.query("DELETE FROM prices");  // as after a restore
  const auto outcome = world.report({UsageWorld::event("b")});
  // Version 0 is no row: it is the build's.
  ASSERT_TRUE(outcome.has_value()) << outcome.error().detail();
  EXPECT_EQ(outcome->num_accepted, 1u);
  EXPECT_EQ(world.scalar("SELECT price_version AS value FROM usage_events WHERE event_id = 'b'"), 0);
}

// ---- Whatever happens

TEST(Report, loses_and_doubles_nothing_whichever_operation_fails) {
  const auto scenario = [](UsageWorld& world) -> Task<> {
    co_await world.report_task(world.client(), world.reporter(),
                               world.sorter({UsageWorld::event("a"), UsageWorld::event("b", 5)}));
  };
  const auto check = [](UsageWorld& world, FaultPoint) {
    EXPECT_TRUE(world.num_events() == 0 || world.num_events() == 2);
    world.expect_sound();
    const auto again = world.report({UsageWorld::event("a"), UsageWorld::event("b", 5)});
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->num_accepted + again->num_duplicates, 2u);
    EXPECT_EQ(world.num_events(), 2);
    world.expect_sound();
  };
  EXPECT_EQ(test::fail_every_await<UsageWorld>(scenario, check), 1u);
  test::cancel_every_await<UsageWorld>(scenario, check);
}

TEST(Report, by_two_at_once_with_the_same_events_stores_each_once) {
  struct Two : UsageWorld {
    Result<ReportOutcome> first = fail(ErrorCode::kInternal, "", ""), second = fail(ErrorCode::kInternal, "", "");
  };
  const auto one = [](Two& world) -> Task<> {
    world.first = co_await world.report_task(world.client(), world.reporter(),
                                             world.sorter({UsageWorld::event("a"), UsageWorld::event("b")}));
  };
  const auto two = [](Two& world) -> Task<> {
    world.second = co_await world.report_task(world.client(), world.reporter(),
                                              world.sorter({UsageWorld::event("b"), UsageWorld::event("c")}));
  };
  test::interleave_two<Two>(one, two, [](Two& world) {
    ASSERT_TRUE(world.first.has_value() && world.second.has_value());
    EXPECT_EQ(world.first->num_accepted + world.second->num_accepted, 3u);
    EXPECT_EQ(world.first->num_duplicates + world.second->num_duplicates, 1u);
    EXPECT_EQ(world.num_events(), 3);
    world.expect_sound();
  });
}

}  // namespace
}  // namespace latchkey::usage
