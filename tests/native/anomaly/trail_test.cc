// Trails: what folding keeps, that an hour counts once in whatever order hours come, and that it stays small.
#include "anomaly/trail.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/limits.h"

namespace latchkey::anomaly {
namespace {

constexpr int64_t kMonday = 20'468;
constexpr int64_t kMidnight = kMonday * 24;
constexpr TimeMs kNow = (kMidnight + 24) * kHourMs;

Hour hour_at(int64_t hour, int64_t requests, std::string model = "main", std::string country = "DE") {
  return {.hour = hour, .requests = requests, .tokens = requests * 100, .cost = requests * 7,
          .models = {std::move(model)}, .countries = {std::move(country)}};
}

TEST(Fold, keeps_sums_and_peaks_of_days_and_names_with_their_days) {
  Trail trail;
  fold(trail, hour_at(kMidnight - 20, 4), kNow);
  fold(trail, hour_at(kMidnight + 8, 30), kNow);
  Hour dear = hour_at(kMidnight + 9, 10, "large", "FR");
  dear.tokens = 5000;
  dear.cost = 900;
  fold(trail, dear, kNow);
  ASSERT_EQ(trail.days.size(), 2u);
  EXPECT_EQ(trail.days[0], (Day{.day = kMonday - 1, .hours = 1u << 4, .requests = 4, .cost = 28, .peak_requests = 4,
                                .peak_cost = 28}));
  EXPECT_EQ(trail.days[1], (Day{.day = kMonday, .hours = 3u << 8, .requests = 40, .cost = 1110, .peak_requests = 30,
                                .peak_cost = 900, .peak_prompt = 500}));
  EXPECT_EQ(trail.models, (std::vector<Known>{{"large", kMonday, kMonday}, {"main", kMonday - 1, kMonday}}));
  EXPECT_EQ(trail.countries, (std::vector<Known>{{"DE", kMonday - 1, kMonday}, {"FR", kMonday, kMonday}}));
  EXPECT_EQ(trail.recent, (std::vector<Recent>{{kMidnight - 20, 4}, {kMidnight + 8, 30}, {kMidnight + 9, 10}}));
}

TEST(Fold, counts_an_hour_once) {
  Trail trail;
  fold(trail, hour_at(kMidnight, 30), kNow);
  const Trail once = trail;
  fold(trail, hour_at(kMidnight, 30), kNow);
  fold(trail, hour_at(kMidnight, 99, "other"), kNow);
  EXPECT_EQ(trail, once);
}

TEST(Fold, gives_the_same_trail_in_whatever_order_hours_come) {
  std::vector<Hour> hours;
  for (int64_t i = 0; i < 60 * 24; i += 7) {
    hours.push_back(hour_at(kMidnight - i, 1 + i * 7919 % 97, "model " + std::to_string(i % 5), i % 2 ? "DE" : "FR"));
  }
  Trail forwards, backwards, mixed;
  for (const Hour& hour : hours) fold(backwards, hour, kNow);
  for (auto it = hours.rbegin(); it != hours.rend(); ++it) fold(forwards, *it, kNow);
  for (size_t i = 0; i < hours.size(); ++i) fold(mixed, hours[i * 101 % hours.size()], kNow);
  EXPECT_EQ(forwards, backwards);
  EXPECT_EQ(forwards, mixed);
  EXPECT_EQ(forwards.days.size(), limits::kAnomalyDaysKept);
  EXPECT_EQ(forwards.days.back().day, kMonday);
}

TEST(Fold, leaves_out_what_is_not_over_or_too_old) {
  Trail trail;
  fold(trail, hour_at(kNow / kHourMs, 30), kNow);
  fold(trail, hour_at(kNow / kHourMs + 500, 30), kNow);
  fold(trail, hour_at(kNow / kHourMs - limits::kAnomalyMemoryDays * 24, 30), kNow);
  fold(trail, hour_at(-1, 30), kNow);
  fold(trail, hour_at(INT64_MIN, 30), kNow);
  EXPECT_TRUE(trail.empty());
  EXPECT_EQ(trail, Trail{});
}

TEST(Fold, does_not_count_below_zero_nor_past_the_end) {
  Trail trail;
  fold(trail, {.hour = kMidnight, .requests = -5, .tokens = -5, .cost = INT64_MIN}, kNow);
  EXPECT_EQ(trail.days[0].requests, 0);
  EXPECT_EQ(trail.days[0].cost, 0);
  for (int64_t i = 1; i < 4; ++i) {
    fold(trail, {.hour = kMidnight + i, .requests = INT64_MAX, .tokens = INT64_MAX, .cost = INT64_MAX}, kNow);
  }
  EXPECT_EQ(trail.days[0].requests, INT64_MAX);
  EXPECT_EQ(trail.days[0].cost, INT64_MAX);
}

TEST(Forgetting, drops_what_is_old_and_what_a_wrong_clock_made) {
  Trail trail;
  fold(trail, hour_at(kMidnight, 30, "old"), kNow);
  fold(trail, hour_at(kMidnight + 80 * 24, 30, "new"), kNow + 80 * kDayMs);
  forget_old(trail, kNow + 88 * kDayMs);
  EXPECT_EQ(trail.days.size(), 2u);
  forget_old(trail, kNow + 89 * kDayMs);
  ASSERT_EQ(trail.days.size(), 1u);
  EXPECT_EQ(trail.models, (std::vector<Known>{{"new", kMonday + 80, kMonday + 80}}));
  EXPECT_EQ(trail.recent.size(), 1u);
  forget_old(trail, kNow);
  EXPECT_EQ(trail, Trail{});
}

TEST(Fold, stays_small_whatever_comes) {
  Trail trail;
  for (int64_t i = 0; i < 89 * 24; ++i) {
    const std::string model = std::to_string(i) + std::string(500, static_cast<char>('a' + i % 26));
    Hour hour = hour_at(kMidnight - i, INT64_MAX / 100, model);
    for (int64_t k = 0; k < 20; ++k) hour.countries.push_back(std::to_string(i % 40 + k) + std::string(300, '\x01'));
    fold(trail, hour, kNow);
  }
  EXPECT_EQ(trail.models.size(), limits::kAnomalyNamesMax);
  EXPECT_EQ(trail.countries.size(), limits::kAnomalyNamesMax);
  EXPECT_EQ(trail.days.size(), limits::kAnomalyDaysKept);
  EXPECT_LT(print_trail(trail).size(), 25'000u);
}

TEST(Names, are_cut_between_characters) {
  const std::string name(limits::kAnomalyNameBytesMax - 1, 'a');
  EXPECT_EQ(kept_name(name + "b"), name + "b");
  EXPECT_EQ(kept_name(name + "bc"), name + "b");
  EXPECT_EQ(kept_name(name + "\xc3\xa9"), name);
  EXPECT_EQ(kept_name(name + "b\xc3\xa9"), name + "b");
  EXPECT_EQ(kept_name(""), "");
  Trail trail;
  fold(trail, hour_at(kMidnight, 30, name + "\xc3\xa9"), kNow);
  EXPECT_EQ(read_trail(print_trail(trail)), trail);
}

TEST(Trail, is_read_as_it_was_printed_and_empty_where_it_can_not_be) {
  Trail trail;
  for (int64_t i = 0; i < 500; i += 3) fold(trail, hour_at(kMidnight - i, i, "model " + std::to_string(i % 7)), kNow);
  EXPECT_EQ(read_trail(print_trail(trail)), trail);
  for (const char* broken : {"", "{", "[]", "7", R"({"days":[[1,2,3]]})", R"({"days":7,"models":[["a",1,2]]})",
                             R"({"days":[["a","b","c","d","e","f","g"],[5,0,1,1,1,1,1]]})"}) {
    EXPECT_EQ(read_trail(broken), Trail{}) << broken;
  }
  // Days out of order, hours that no day has and counts below zero are not believed.
  const Trail odd = read_trail(R"({"days":[[9,-1,1,1,1,1,1],[8,1,-4,1,1,1,1],[7,1,1,1,1,1,1]],)"
                               R"("recent":[[-1,4],[5,6,7],[3,2]]})");
  ASSERT_EQ(odd.days.size(), 1u);
  EXPECT_EQ(odd.days[0].day, 8);
  EXPECT_EQ(odd.days[0].requests, 0);
  EXPECT_EQ(odd.recent, (std::vector<Recent>{{3, 2}}));
}

}  // namespace
}  // namespace latchkey::anomaly
