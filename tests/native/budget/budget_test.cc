// Budgets: periods, which limit is nearest, which one bites.
#include "budget/budget.h"

#include <gtest/gtest.h>

#include "support/draws.h"

namespace latchkey::budget {
namespace {

using pricing::Nano;

TimeMs at(std::string_view time) { return *parse_time(time); }
Nano usd(std::string_view amount) { return *pricing::parse_usd(amount); }

TEST(Periods, end_at_midnight_and_at_the_first_of_the_month_in_UTC) {
  struct Case {
    std::string_view now, day, month;
  };
  const Case cases[] = {
      {"2026-11-21T09:30:00Z", "2026-11-22", "2026-12-01"}, {"2026-12-31T23:59:59Z", "2027-01-01", "2027-01-01"},
      {"2027-01-01T00:00:00Z", "2027-01-02", "2027-02-01"}, {"2028-02-28T12:00:00Z", "2028-02-29", "2028-03-01"},
      {"2027-02-28T12:00:00Z", "2027-03-01", "2027-03-01"}, {"2026-10-31T00:00:00Z", "2026-11-01", "2026-11-01"},
      {"1970-01-01T00:00:00Z", "1970-01-02", "1970-02-01"}};
  for (const Case& one : cases) {
    EXPECT_EQ(*resets_at(Period::kDaily, at(one.now)), at(one.day)) << one.now;
    EXPECT_EQ(*resets_at(Period::kMonthly, at(one.now)), at(one.month)) << one.now;
    EXPECT_FALSE(resets_at(Period::kTotal, at(one.now)));
  }
  EXPECT_EQ(month_start_of(at("2026-11-21T09:30:00Z")) * kDayMs, at("2026-11-01"));
  EXPECT_EQ(month_start_of(at("2028-02-29")) * kDayMs, at("2028-02-01"));
}

TEST(Periods, each_month_begins_where_the_one_before_resets) {
  for (TimeMs now = 0; now < at("2101-01-01"); now += kDayMs) {
    const TimeMs next = *resets_at(Period::kMonthly, now);
    ASSERT_GT(next, now);
    ASSERT_EQ(month_start_of(next) * kDayMs, next);
    ASSERT_EQ(month_start_of(next - 1), month_start_of(now));
  }
}

TEST(BudgetColumn, is_canonical_and_reads_back) {
  EXPECT_EQ(print_budget({}), std::nullopt);
  EXPECT_EQ(read_budget(std::nullopt), Budget{});
  const Budget all{Enforcement::kBlock, {usd("1.5"), usd("20"), usd("0.000000001")}};
  EXPECT_EQ(*print_budget(all), R"({"daily":1500000000,"enforcement":"block","monthly":20000000000,"total":1})");
  test::Draws draws(5);
  for (int i = 0; i < 200; ++i) {
    const auto maybe = [&]() -> std::optional<Nano> {
      return draws.one_in(2) ? std::nullopt : std::optional(Nano{static_cast<int64_t>(draws.below(1ull << 53))});
    };
    const Budget budget{static_cast<Enforcement>(draws.below(3)), {maybe(), maybe(), maybe()}};
    EXPECT_EQ(read_budget(print_budget(budget)), budget);
  }
}

TEST(Standing, is_that_of_the_limit_of_which_most_is_used) {
  const TimeMs now = at("2026-11-21T09:30:00Z");
  const Spent spent{usd("1"), usd("10"), usd("40")};
  struct Case {
    Limits limits;
    Period period;
    std::string_view remaining;
  };
  const Case cases[] = {{{usd("2"), {}, {}}, Period::kDaily, "1"},
                        {{usd("2"), usd("11"), {}}, Period::kMonthly, "1"},
                        {{usd("2"), usd("11"), usd("41")}, Period::kTotal, "1"},
                        {{usd("1"), usd("11"), usd("41")}, Period::kDaily, "0"},
                        {{usd("0.5"), usd("5"), {}}, Period::kDaily, "0"},
                        {{usd("0"), usd("10"), {}}, Period::kDaily, "0"},
                        {{{}, usd("100"), usd("400")}, Period::kMonthly, "90"}};
  for (const Case& one : cases) {
    const Standing found = standing({.limits = one.limits}, spent, now);
    EXPECT_EQ(period_name(found.period), period_name(one.period));
    EXPECT_EQ(pricing::print_usd(*found.remaining()), one.remaining);
    EXPECT_EQ(found.cost, spent.in(one.period));
  }
}

TEST(Standing, without_limits_is_the_months_and_has_nothing_remaining) {
  const Standing found = standing({}, {usd("1"), usd("10"), usd("40")}, at("2026-11-21"));
  EXPECT_EQ(found.period, Period::kMonthly);
  EXPECT_EQ(found.cost, usd("10"));
  EXPECT_FALSE(found.limit || found.remaining() || found.is_near());
  EXPECT_EQ(*found.resets_at, at("2026-12-01"));
}

TEST(Standing, is_near_from_80_percent_on) {
  const auto near = [](std::string_view cost, std::string_view limit) {
    return Standing{Period::kDaily, usd(cost), usd(limit), std::nullopt}.is_near();
  };
  EXPECT_FALSE(near("0.799999999", "1"));
  EXPECT_TRUE(near("0.8", "1"));
  EXPECT_TRUE(near("0", "0"));
  EXPECT_TRUE(near("9007199", "9007199"));
}

TEST(Reached, names_the_limit_that_resets_last) {
  const TimeMs now = at("2026-11-21T09:30:00Z");
  const Spent spent{usd("1"), usd("10"), usd("40")};
  EXPECT_FALSE(reached({}, spent, now));
  EXPECT_FALSE(reached({.limits = {usd("1.000000001"), usd("11"), usd("41")}}, spent, now));
  EXPECT_EQ(reached({.limits = {usd("1"), usd("11"), usd("41")}}, spent, now)->period, Period::kDaily);
  EXPECT_EQ(reached({.limits = {usd("1"), usd("10"), usd("41")}}, spent, now)->period, Period::kMonthly);
  EXPECT_EQ(reached({.limits = {usd("1"), usd("10"), usd("40")}}, spent, now)->period, Period::kTotal);
}

TEST(Blocked, only_where_the_budget_blocks_and_a_limit_is_reached) {
  const TimeMs now = at("2026-11-21");
  const Limits limits{usd("1"), {}, {}};
  for (const Enforcement how : {Enforcement::kTrack, Enforcement::kWarn, Enforcement::kBlock}) {
    EXPECT_EQ(is_blocked({how, limits}, {usd("1"), {}, {}}, now), how == Enforcement::kBlock);
    EXPECT_FALSE(is_blocked({how, limits}, {usd("0.9"), {}, {}}, now));
    EXPECT_FALSE(is_blocked({how, {}}, {usd("9"), usd("9"), usd("9")}, now));
  }
}

TEST(Describe, says_how_much_of_what_and_until_when) {
  const TimeMs now = at("2026-11-21T09:30:00Z");
  EXPECT_EQ(describe(*reached({.limits = {usd("5"), {}, {}}}, {usd("5.25"), {}, {}}, now)),
            "5.25 of 5 USD are used today; it resets at 2026-11-22T00:00:00Z");
  EXPECT_EQ(describe(*reached({.limits = {{}, {}, usd("5")}}, {{}, {}, usd("5")}, now)), "5 of 5 USD are used in all");
}

TEST(BlockedUntil, is_the_end_of_the_limit_that_resets_last) {
  const Budget all{Enforcement::kBlock, {Nano{10}, Nano{20}, Nano{30}}};
  const TimeMs now = *parse_time("2026-02-10T12:00:00Z");
  EXPECT_EQ(blocked_until(all, {Nano{9}, Nano{9}, Nano{9}}, now), std::nullopt);
  EXPECT_EQ(blocked_until(all, {Nano{10}, Nano{10}, Nano{10}}, now), parse_time("2026-02-11"));
  EXPECT_EQ(blocked_until(all, {Nano{10}, Nano{20}, Nano{20}}, now), parse_time("2026-03-01"));
  EXPECT_EQ(blocked_until(all, {Nano{10}, Nano{20}, Nano{30}}, now), kTimeMsMax);
  EXPECT_EQ(blocked_until({Enforcement::kWarn, all.limits}, {Nano{10}, Nano{20}, Nano{30}}, now), std::nullopt);
}

TEST(Snapshot, forgets_what_was_spent_in_a_period_that_ended) {
  const Snapshot snapshot{.budget = {}, .spent = {Nano{1}, Nano{2}, Nano{3}}, .at = *parse_time("2026-01-31T23:00:00Z")};
  struct Case {
    const char* now;
    Spent left;
  };
  for (const auto& [now, left] : {Case{"2026-01-31T22:00:00Z", {Nano{1}, Nano{2}, Nano{3}}},
                                  Case{"2026-01-31T23:59:59Z", {Nano{1}, Nano{2}, Nano{3}}},
                                  Case{"2026-02-01", {Nano{0}, Nano{0}, Nano{3}}}}) {
    EXPECT_EQ(snapshot.spent_at(*parse_time(now)), left) << now;
  }
}

TEST(ParseBudget, refuses_what_is_none) {
  for (const char* text : {"{}", "[]", "null", "5", R"({"enforcement":"never"})", R"({"enforcement":5})"}) {
    EXPECT_FALSE(parse_budget(json::Document::parse_host(text)->root())) << text;
  }
}

}  // namespace
}  // namespace latchkey::budget
