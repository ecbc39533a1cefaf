// Score: each signal alone, what it needs, and what must never count.
#include "anomaly/score.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/limits.h"

namespace latchkey::anomaly {
namespace {

constexpr int64_t kToday = 20'468;
constexpr int64_t kNoon = kToday * 24 + 12;
constexpr TimeMs kNow = (kNoon + 2) * kHourMs;
constexpr int64_t kDollar = 1'000'000'000;

Hour usual(int64_t hour) {
  return {.hour = hour, .requests = 50, .tokens = 50'000, .cost = kDollar, .models = {"main"}, .countries = {"DE"}};
}

// office: so many days before today, each from 8 to 17.
Trail office(int64_t days) {
  Trail trail;
  for (int64_t day = kToday - days; day < kToday; ++day) {
    for (int64_t hour = 8; hour < 17; ++hour) fold(trail, usual(day * 24 + hour), kNow);
  }
  return trail;
}

using Points = std::map<std::string, int64_t, std::less<>>;
Points points_of(const Trail& trail, const Hour& hour) {
  Points points;
  const Score made = score(trail, hour);
  int64_t sum = 0;
  for (const Reason& reason : made.reasons) {
    points.emplace(reason.signal, reason.points);
    sum += reason.points;
    EXPECT_GT(reason.points, 0);
    EXPECT_FALSE(reason.sentence.empty());
  }
  EXPECT_EQ(made.points, std::min<int64_t>(sum, limits::kAnomalyScoreMax));
  EXPECT_EQ(made.is_alarm(), made.points >= limits::kAnomalyAlarm);
  EXPECT_TRUE(std::ranges::is_sorted(made.reasons, std::greater(), &Reason::points));
  return points;
}

Hour busy(int64_t requests) {
  Hour hour = usual(kNoon);
  hour.requests = requests;
  hour.tokens = requests * 1000;
  hour.cost = requests * kDollar / 50;
  return hour;
}

TEST(Score, of_usual_hours_is_zero) {
  EXPECT_EQ(points_of(office(30), usual(kNoon)), Points{});
  EXPECT_EQ(points_of(Trail{}, Hour{.hour = kNoon}), Points{});
  EXPECT_EQ(points_of(office(30), Hour{.hour = -1, .requests = 9999}), Points{});
  EXPECT_EQ(points_of(office(30), Hour{.hour = INT64_MAX, .requests = 9999}), Points{});
}

TEST(Score, of_requests_grows_with_each_above_the_high_hours) {
  const Trail trail = office(30);
  EXPECT_EQ(points_of(trail, busy(50)), Points{});
  int64_t before = 0;
  for (const int64_t requests : {60, 80, 100, 130}) {
    const Points points = points_of(trail, busy(requests));
    EXPECT_GT(points.at("rate"), before) << requests;
    before = points.at("rate");
  }
  EXPECT_LT(points_of(trail, busy(100)).at("rate"), limits::kAnomalyAlarm);
  EXPECT_TRUE(score(trail, busy(130)).is_alarm());
  EXPECT_EQ(points_of(trail, busy(100'000)).at("rate"), 70);
  // What the requests explain the cost does not add.
  EXPECT_FALSE(points_of(trail, busy(130)).contains("cost"));
}

TEST(Score, of_two_busy_hours_needs_less_than_of_one) {
  Trail trail = office(30);
  const int64_t alone = points_of(trail, busy(85)).at("rate");
  Hour before = busy(85);
  before.hour = kNoon - 1;
  fold(trail, before, kNow);
  EXPECT_LT(alone, limits::kAnomalyAlarm);
  EXPECT_GE(points_of(trail, busy(85)).at("rate"), limits::kAnomalyAlarm);
}

TEST(Score, asks_for_more_where_days_differ_and_where_they_are_few) {
  Trail uneven = office(30);
  for (Day& day : uneven.days) {
    if (day.day % 2 == 0) day.peak_requests = 20;
  }
  for (Day& day : uneven.days) {
    if (day.day % 4 == 1) day.peak_requests = 25;
  }
  EXPECT_LT(points_of(uneven, busy(100)).at("rate"), points_of(office(30), busy(100)).at("rate"));
  EXPECT_LT(points_of(office(14), busy(100)).at("rate"), points_of(office(40), busy(100)).at("rate"));
}

TEST(Score, forgives_one_odd_day_but_does_not_take_it_for_usual) {
  Trail trail = office(30);
  trail.days[10].peak_requests = 1000;
  // Two thirds of it count as high.
  EXPECT_FALSE(points_of(trail, busy(640)).contains("rate"));
  EXPECT_TRUE(points_of(trail, busy(700)).contains("rate"));
}

TEST(Score, of_cost_needs_more_than_the_requests_explain) {
  Hour dear = usual(kNoon);
  dear.cost = 7 * kDollar;
  EXPECT_EQ(points_of(office(30), dear), (Points{{"cost", 60}}));
  // A new model has another price: half.
  dear.models = {"large"};
  EXPECT_EQ(points_of(office(30), dear), (Points{{"cost", 32}, {"new_models", 10}}));
  // Cents are small whatever they are times of.
  Trail cheap = office(30);
  for (Day& day : cheap.days) day.peak_cost = 1000;
  Hour cents = usual(kNoon);
  cents.cost = kDollar / 4;
  EXPECT_EQ(points_of(cheap, cents), Points{});
}

TEST(Score, of_prompts_counts_tokens_of_a_request) {
  Hour large = usual(kNoon);
  large.tokens = 50 * 4000;
  EXPECT_EQ(points_of(office(30), large), (Points{{"prompts", 40}}));
  large.tokens = 50 * 2000;
  EXPECT_EQ(points_of(office(30), large), (Points{{"prompts", 13}}));
  large.requests = 4;
  EXPECT_EQ(points_of(office(30), large), Points{});
}

TEST(Score, of_a_tenfold_day_is_the_same_before_and_after_folding) {
  Trail trail = office(30);
  for (int64_t hour = 0; hour < 12; ++hour) fold(trail, {.hour = kToday * 24 + hour, .requests = 370}, kNow);
  Hour last = usual(kNoon);
  last.requests = 80;
  const Points before = points_of(trail, last);
  EXPECT_EQ(before.at("tenfold_day"), 45);
  fold(trail, last, kNow);
  EXPECT_EQ(points_of(trail, last), before);
  last.requests = 40;
  Trail less = office(30);
  for (int64_t hour = 0; hour < 12; ++hour) fold(less, {.hour = kToday * 24 + hour, .requests = 370}, kNow);
  EXPECT_FALSE(points_of(less, last).contains("tenfold_day"));
}

TEST(Score, of_new_models_and_countries_counts_beside_a_steady_set) {
  Hour hour = usual(kNoon);
  hour.models = {"main", "new"};
  EXPECT_EQ(points_of(office(30), hour), (Points{{"new_models", 10}}));
  hour.models = {"a", "b", "c", ""};
  EXPECT_EQ(points_of(office(30), hour), (Points{{"new_models", 20}}));
  hour = usual(kNoon);
  hour.countries = {"DE", "VN"};
  EXPECT_EQ(points_of(office(30), hour), (Points{{"new_countries", 15}}));
  hour.countries = {"VN", "NG"};
  EXPECT_EQ(points_of(office(30), hour), (Points{{"new_countries", 40}}));
  // It is new all day, and known the day after.
  Trail trail = office(30);
  Hour morning = hour;
  morning.hour = kToday * 24 + 8;
  fold(trail, morning, kNow);
  EXPECT_EQ(points_of(trail, hour), (Points{{"new_countries", 40}}));
  hour.hour += 24;
  EXPECT_EQ(points_of(trail, hour), Points{});
  // Where the set changed within two weeks, or is large, one more says nothing.
  for (const int64_t first : {kToday - 13, kToday - 14}) {
    Trail changing = office(30);
    changing.countries.push_back({"FR", first, first});
    hour = usual(kNoon);
    hour.countries = {"VN"};
    EXPECT_EQ(points_of(changing, hour).contains("new_countries"), first == kToday - 14);
  }
  Trail many = office(30);
  for (const char* name : {"AT", "BE", "CH", "FR"}) many.countries.push_back({name, kToday - 20, kToday - 1});
  EXPECT_EQ(points_of(many, hour), Points{});
}

TEST(Score, of_unusual_hours_needs_volume_and_leaves_travellers_alone) {
  Hour night = busy(80);
  night.hour = kToday * 24 + 2;
  const int64_t alone = points_of(office(30), night).at("unusual_hours");
  EXPECT_GT(alone, 40);
  Hour few = busy(70);
  few.hour = night.hour;
  EXPECT_FALSE(points_of(office(30), few).contains("unusual_hours"));
  // An hour beside those it uses is no other hour.
  night.hour = kToday * 24 + 7;
  EXPECT_FALSE(points_of(office(30), night).contains("unusual_hours"));
  // Half beside a new country, unless there is more than it ever had.
  Trail large = office(30);
  for (Day& day : large.days) day.peak_requests = 80;
  night.hour = kToday * 24 + 2;
  night.countries = {"JP"};
  EXPECT_LT(points_of(large, night).at("unusual_hours"), alone);
  EXPECT_EQ(points_of(office(30), night).at("unusual_hours"), alone);
}

TEST(Score, without_a_baseline_counts_what_is_odd_of_any_licence) {
  Hour wild = busy(100'000);
  wild.models = {"a", "b"};
  for (const Trail& trail : {Trail{}, office(4), office(13)}) {
    EXPECT_EQ(points_of(trail, wild), Points{});
    EXPECT_FALSE(score(trail, wild).has_baseline);
  }
  EXPECT_TRUE(score(office(14), wild).is_alarm());
  EXPECT_TRUE(score(office(14), wild).has_baseline);
  // Old enough, but used on four days only.
  Trail rare = office(30);
  rare.days.resize(4);
  EXPECT_FALSE(score(rare, wild).has_baseline);
  EXPECT_EQ(points_of({}, {.hour = kNoon, .machines_refused = 2}), Points{});
  EXPECT_EQ(points_of({}, {.hour = kNoon, .machines_refused = 4}), (Points{{"no_seat", 30}}));
  EXPECT_EQ(points_of({}, {.hour = kNoon, .machines_refused = INT64_MAX}), (Points{{"no_seat", 60}}));
  EXPECT_EQ(points_of({}, {.hour = kNoon, .requests = 100, .limited = 100}), (Points{{"at_limit", 10}}));
  EXPECT_EQ(points_of({}, {.hour = kNoon, .requests = 1000, .limited = 100}), Points{});
  EXPECT_EQ(points_of({}, {.hour = kNoon, .countries = {"DE", "FR", "JP", "US"}}), (Points{{"scattered", 15}}));
}

TEST(Score, has_sentences_with_numbers) {
  const Score made = score(office(30), busy(130));
  ASSERT_FALSE(made.reasons.empty());
  EXPECT_EQ(made.reasons[0].signal, "rate");
  EXPECT_EQ(made.reasons[0].value, 130);
  EXPECT_EQ(made.reasons[0].sentence, "130 requests in the hour: 2.6 times its high hours (50).");
}

TEST(Score, does_not_overflow) {
  const Hour most{.hour = kNoon, .requests = INT64_MAX, .tokens = INT64_MAX, .cost = INT64_MAX,
                  .limited = INT64_MAX, .machines_refused = INT64_MAX};
  const Hour least{.hour = kNoon, .requests = INT64_MIN, .tokens = INT64_MIN, .cost = INT64_MIN,
                   .limited = INT64_MIN, .machines_refused = INT64_MIN};
  Trail trail = office(30);
  EXPECT_EQ(score(trail, most).points, 100);
  EXPECT_EQ(score(trail, least).points, 0);
  fold(trail, most, kNow);
  EXPECT_EQ(score(trail, usual(kNoon + 24)).points, 0);
  for (Day& day : trail.days) day.requests = day.cost = day.peak_requests = day.peak_cost = day.peak_prompt = INT64_MAX;
  EXPECT_EQ(score(trail, most).points, 80);  // no seat and at its limit; the rest is usual
}

}  // namespace
}  // namespace latchkey::anomaly
