// Model: each shape of history alone, and what must hold of every one.
#include "forecast/model.h"

#include <gtest/gtest.h>

#include <string>

namespace latchkey::forecast {
namespace {

using Days = std::vector<int64_t>;

constexpr int64_t kDollar = 1'000'000'000;

Days flat(size_t days, int64_t each = kDollar) { return Days(days, each); }

// weekly: the same week again and again.
Days weekly(size_t weeks, const Days& week) {
  Days days;
  for (size_t i = 0; i < weeks; ++i) days.insert(days.end(), week.begin(), week.end());
  return days;
}

Days joined(Days first, const Days& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

double dollars(double nanos) { return nanos / static_cast<double>(kDollar); }

TEST(Model, says_nothing_of_too_little_history) {
  EXPECT_EQ(Model(Days{}).method(), Method::kTooLittle);
  EXPECT_EQ(Model(flat(6)).method(), Method::kTooLittle);
  EXPECT_EQ(Model(flat(7)).method(), Method::kLevel);
  // What is before the first use is no history.
  const Model idle(joined(flat(30, 0), flat(6)));
  EXPECT_EQ(idle.method(), Method::kTooLittle);
  EXPECT_EQ(idle.num_days(), 6u);
  EXPECT_EQ(Model(flat(90, 0)).num_days(), 0u);
  EXPECT_EQ(Model(flat(90, -5)).method(), Method::kTooLittle);
}

TEST(Model, goes_on_as_a_steady_history_does) {
  for (const size_t days : {7u, 8u, 20u, 90u}) {
    const Model model(flat(days));
    EXPECT_EQ(model.method(), Method::kLevel) << days;
    for (const size_t ahead : {1u, 3u, 30u, 92u}) {
      EXPECT_NEAR(dollars(model.sum(ahead)), static_cast<double>(ahead), 1e-6) << days;
    }
  }
}

TEST(Model, is_surer_the_longer_a_history_was_steady) {
  const auto width = [](size_t days) {
    const Range range = Model(flat(days)).range(7);
    return dollars(range.high - range.low);
  };
  EXPECT_GT(width(7), 4);
  EXPECT_GT(width(14), width(30));
  EXPECT_GT(width(30), width(90));
  EXPECT_LT(width(90), 1);
}

TEST(Model, knows_the_weekdays) {
  const Days week = {2 * kDollar, 2 * kDollar, 2 * kDollar, 2 * kDollar, 2 * kDollar, 0, 0};
  const Model model(weekly(6, week));
  EXPECT_EQ(model.method(), Method::kWeekdays);
  EXPECT_NEAR(dollars(model.sum(5)), 10, 0.01);
  EXPECT_NEAR(dollars(model.sum(7)), 10, 0.01);
  EXPECT_NEAR(dollars(model.sum(8)), 12, 0.01);
  // From the middle of a week too.
  Days days = weekly(6, week);
  days.resize(days.size() - 3);
  EXPECT_NEAR(dollars(Model(days).sum(1)), 2, 0.4);
  EXPECT_NEAR(dollars(Model(days).sum(3) - Model(days).sum(1)), 0, 0.2);
}

TEST(Model, knows_no_weekdays_where_they_differ_by_chance) {
  Days days;
  for (size_t i = 0; i < 56; ++i) days.push_back(static_cast<int64_t>(1 + i * 7919 % 13) * kDollar);
  EXPECT_NE(Model(days).method(), Method::kWeekdays);
}

TEST(Model, follows_a_trend_and_damps_it) {
  Days days;
  for (int64_t i = 0; i < 60; ++i) days.push_back((10 + i) * kDollar);
  const Model model(days);
  EXPECT_EQ(model.method(), Method::kTrend);
  // The next week's days would be 70 to 76.
  EXPECT_NEAR(dollars(model.sum(7)), 511, 12);
  EXPECT_LT(dollars(model.sum(90)), 90 * 115.0);
  // One that falls ends at nothing, not below.
  Days falling;
  for (int64_t i = 0; i < 60; ++i) falling.push_back((61 - i) * kDollar);
  const Model fallen(falling);
  EXPECT_LT(dollars(fallen.sum(7)), 7);
  for (size_t ahead = 1; ahead <= Model::kHorizon; ++ahead) EXPECT_GE(fallen.sum(ahead), fallen.sum(ahead - 1));
}

TEST(Model, comes_to_a_new_level_within_a_week_or_two) {
  const Model model(joined(flat(50), flat(10, 4 * kDollar)));
  EXPECT_NEAR(dollars(model.sum(7)), 28, 6);
}

TEST(Model, is_not_carried_away_by_a_burst) {
  Days days = flat(60);
  days[58] = 30 * kDollar;
  const Model model(days);
  EXPECT_LT(dollars(model.sum(7)), 25);
  EXPECT_GE(dollars(model.sum(7)), 7);
}

TEST(Model, takes_the_long_view_of_rare_use) {
  Days days = flat(80, 0);
  for (size_t i = 0; i < days.size(); i += 5) days[i] = 5 * kDollar;
  const Model model(days);
  EXPECT_EQ(model.method(), Method::kIntermittent);
  EXPECT_NEAR(dollars(model.sum(10)), 10, 1.5);
  EXPECT_GT(model.range(10).high, model.sum(10));
}

TEST(Model, expects_nothing_of_what_has_stopped_but_that_it_may_come_back) {
  const Model model(joined(flat(40), flat(14, 0)));
  EXPECT_EQ(model.method(), Method::kStopped);
  EXPECT_EQ(model.sum(30), 0);
  EXPECT_EQ(model.range(30).low, 0);
  EXPECT_GT(model.range(30).high, 0);
  EXPECT_NE(Model(joined(flat(40), flat(13, 0))).method(), Method::kStopped);
  // A pause as long as one before is a pause.
  const Model paused(joined(joined(joined(flat(20), flat(10, 0)), flat(20)), flat(15, 0)));
  EXPECT_NE(paused.method(), Method::kStopped);
}

TEST(Model, rests_on_the_last_ninety_days) {
  const Model model(joined(flat(60, 1000 * kDollar), flat(limits::kForecastDaysMax)));
  EXPECT_EQ(model.num_days(), limits::kForecastDaysMax);
  EXPECT_NEAR(dollars(model.sum(10)), 10, 1e-6);
}

TEST(Model, has_sums_within_their_ranges_that_never_shrink) {
  std::vector<Days> histories = {flat(7), flat(9, INT64_MAX), joined(flat(40), flat(14, 0)), {1, 0, 0, 0, 0, 0, 0},
                                 joined(flat(20, INT64_MIN), flat(20, 3))};
  Days wild;
  for (size_t i = 0; i < 90; ++i) wild.push_back(i * 7919 % 11 < 4 ? 0 : static_cast<int64_t>(i * i * 7919 % 1009));
  for (ptrdiff_t days = 7; days <= 90; ++days) histories.emplace_back(wild.begin(), wild.begin() + days);
  for (const Days& history : histories) {
    const Model model(history);
    for (size_t ahead = 1; ahead <= Model::kHorizon; ++ahead) {
      const Range range = model.range(ahead);
      EXPECT_GE(range.low, 0);
      EXPECT_LE(range.low, model.sum(ahead));
      EXPECT_GE(range.high, model.sum(ahead));
      EXPECT_GE(range.low, model.range(ahead - 1).low);
      EXPECT_GE(range.high, model.range(ahead - 1).high);
      EXPECT_GE(model.sum(ahead), model.sum(ahead - 1));
    }
  }
}

}  // namespace
}  // namespace latchkey::forecast
