// Forecast: a budget, a moment within a day and within a period, and what is said of them.
#include "forecast/forecast.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace latchkey::forecast {
namespace {

constexpr int64_t kDollar = 1'000'000'000;
constexpr TimeMs kMidnight = 20'468 * kDayMs;
constexpr TimeMs kNoon = kMidnight + 12 * kHourMs;
const std::vector<int64_t> kSteady(60, kDollar);

double days_after(std::optional<TimeMs> at, TimeMs from) {
  return at ? static_cast<double>(*at - from) / static_cast<double>(kDayMs) : -1;
}
double dollars(int64_t nanos) { return static_cast<double>(nanos) / static_cast<double>(kDollar); }

TEST(Forecast, says_in_how_many_days_a_limit_is_reached) {
  const Budget budget{.spent = 7 * kDollar, .limit = 10 * kDollar, .ends_at = kMidnight + 20 * kDayMs};
  const Forecast made = predict({.days = kSteady}, budget, kMidnight);
  EXPECT_EQ(made.method, Method::kLevel);
  EXPECT_EQ(made.days, 60u);
  ASSERT_TRUE(made.outlook);
  EXPECT_NEAR(days_after(made.outlook->reached_at, kMidnight), 3, 0.01);
  ASSERT_TRUE(made.outlook->earliest && made.outlook->latest);
  EXPECT_LT(*made.outlook->earliest, *made.outlook->reached_at);
  EXPECT_GT(*made.outlook->latest, *made.outlook->reached_at);
  EXPECT_EQ(made.outlook->until, kMidnight + 20 * kDayMs);
  EXPECT_NEAR(dollars(made.outlook->sum), 27, 0.01);
  EXPECT_LT(made.outlook->sum_low, made.outlook->sum);
  EXPECT_GT(made.outlook->sum_high, made.outlook->sum);
}

TEST(Forecast, counts_what_is_left_of_today) {
  const Budget budget{.spent = 5 * kDollar, .limit = 6 * kDollar, .ends_at = kMidnight + 5 * kDayMs};
  // Half a day as usual: half a dollar more today, and half of tomorrow.
  const Forecast usual = predict({.days = kSteady, .today = kDollar / 2}, budget, kNoon);
  EXPECT_NEAR(days_after(usual.outlook->reached_at, kMidnight), 1.5, 0.01);
  EXPECT_NEAR(dollars(usual.outlook->sum), 9.5, 0.01);
  // A day that began with three times as much goes on with more.
  const Forecast busy = predict({.days = kSteady, .today = 3 * kDollar}, budget, kNoon);
  EXPECT_LT(*busy.outlook->reached_at, kMidnight + kDayMs);
  EXPECT_NEAR(dollars(busy.outlook->sum), 5 + 1.75 + 4, 0.01);
  // The last minute of a day is worth nothing more.
  const Forecast late =
      predict({.days = kSteady, .today = 3 * kDollar}, {.ends_at = kMidnight + kDayMs}, kMidnight + kDayMs - 1);
  EXPECT_NEAR(dollars(late.outlook->sum), 0, 0.001);
}

TEST(Forecast, says_nothing_of_too_little_history) {
  const Budget budget{.spent = kDollar, .limit = 2 * kDollar, .ends_at = kMidnight + kDayMs};
  const Forecast made = predict({.days = std::span(kSteady).first(6), .today = kDollar}, budget, kNoon);
  EXPECT_EQ(made.method, Method::kTooLittle);
  EXPECT_EQ(made.days, 6u);
  EXPECT_FALSE(made.outlook);
}

TEST(Forecast, of_a_limit_that_is_reached_is_now) {
  for (const int64_t limit : {int64_t{0}, kDollar, 2 * kDollar}) {
    const Budget budget{.spent = 2 * kDollar, .limit = limit, .ends_at = kMidnight + 5 * kDayMs};
    const Forecast made = predict({.days = kSteady}, budget, kNoon);
    EXPECT_EQ(made.outlook->reached_at, kNoon);
    EXPECT_EQ(made.outlook->earliest, kNoon);
    EXPECT_EQ(made.outlook->latest, kNoon);
  }
}

TEST(Forecast, of_a_limit_out_of_reach_has_no_time) {
  const auto made = [](int64_t limit) {
    return *predict({.days = kSteady}, {.limit = limit, .ends_at = kMidnight + 10 * kDayMs}, kMidnight).outlook;
  };
  const Outlook safe = made(20 * kDollar);
  EXPECT_FALSE(safe.reached_at || safe.earliest || safe.latest);
  // Near enough to be reached early, not to be expected; and expected, but not for sure.
  const int64_t wide = safe.sum_high - safe.sum;
  const Outlook risky = made(safe.sum + wide / 2);
  EXPECT_TRUE(risky.earliest && !risky.reached_at && !risky.latest);
  const Outlook likely = made(safe.sum - (safe.sum - safe.sum_low) / 2);
  EXPECT_TRUE(likely.earliest && likely.reached_at && !likely.latest);
}

TEST(Forecast, looks_no_further_than_its_horizon_nor_behind_a_period_that_ended) {
  const Forecast far = predict({.days = kSteady}, {.limit = INT64_MAX, .ends_at = kMidnight + 365 * kDayMs}, kNoon);
  EXPECT_EQ(far.outlook->until, kNoon + 91 * kDayMs);
  EXPECT_NEAR(dollars(far.outlook->sum), 90.75, 0.1);
  const Forecast ended = predict({.days = kSteady}, {.spent = 5, .limit = 9, .ends_at = kNoon - 1}, kNoon);
  EXPECT_EQ(ended.outlook->until, kNoon);
  EXPECT_EQ(ended.outlook->sum, 5);
  EXPECT_EQ(ended.outlook->sum_high, 5);
  EXPECT_FALSE(ended.outlook->reached_at);
}

TEST(Forecast, does_not_overflow) {
  const std::vector<int64_t> most(30, INT64_MAX);
  const Forecast made = predict({.days = most, .today = INT64_MAX},
                                {.spent = INT64_MAX, .limit = INT64_MAX, .ends_at = kMidnight + 30 * kDayMs}, kNoon);
  EXPECT_GT(made.outlook->sum, INT64_MAX / 2);
  EXPECT_GT(made.outlook->sum_high, INT64_MAX / 2);
  const Forecast least = predict({.days = most, .today = INT64_MIN},
                                 {.spent = INT64_MIN, .limit = INT64_MAX, .ends_at = kMidnight + kDayMs}, kNoon);
  EXPECT_TRUE(least.outlook);
}

TEST(Forecast, of_what_has_stopped_expects_nothing_more) {
  std::vector<int64_t> days(40, kDollar);
  days.insert(days.end(), 20, 0);
  const Budget budget{.spent = kDollar, .limit = 3 * kDollar, .ends_at = kMidnight + 10 * kDayMs};
  const Forecast made = predict({.days = days}, budget, kMidnight);
  EXPECT_EQ(made.method, Method::kStopped);
  EXPECT_EQ(made.outlook->sum, kDollar);
  EXPECT_FALSE(made.outlook->reached_at);
}

TEST(Methods, have_names_of_their_own) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(Method::kStopped); ++i) names.insert(method_name(static_cast<Method>(i)));
  EXPECT_EQ(names.size(), 6u);
  EXPECT_EQ(method_name(Method::kTooLittle), "too_little_history");
  EXPECT_EQ(method_name(Method::kStopped), "stopped");
}

}  // namespace
}  // namespace latchkey::forecast
