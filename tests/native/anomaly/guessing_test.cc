// Guessing: what tells who tries codes out from who mistypes one.
#include "anomaly/guessing.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace latchkey::anomaly {
namespace {

constexpr int64_t kHour = 20'468 * 24;
constexpr TimeMs kNow = kHour * kHourMs;

// tried: so many codes in each of the last hours, each once.
AddressTrail tried(int64_t hours, int64_t codes, int64_t refused_each = 1) {
  AddressTrail trail;
  for (int64_t i = hours; i > 0; --i) {
    fold(trail, {.hour = kHour - i, .refused = codes * refused_each, .codes = codes}, kNow);
  }
  return trail;
}

struct Case {
  const char* name;
  int64_t hours;
  int64_t codes;
  int64_t points;
};

TEST(Guessing, is_scored_as_the_table_says) {
  const std::vector<Case> cases = {
      {"nothing", 0, 0, 0},
      {"a slip or two", 1, 3, 0},
      {"a clumsy hour", 1, 5, 30},
      {"more than anybody mistypes", 1, 7, 60},
      {"a fast one", 1, 5000, 100},
      {"the same in two hours", 2, 5, 60},
      {"one code again and again", 24, 1, 0},
      {"two an hour for a while", 4, 2, 0},
      {"two an hour, on and on", 10, 2, 60},
      {"all day", 24, 2, 100},
  };
  for (const Case& one : cases) {
    const Score made = guessing(tried(one.hours, one.codes, 3), kNow);
    EXPECT_EQ(made.points, one.points) << one.name;
    EXPECT_EQ(made.is_alarm(), one.points >= limits::kAnomalyAlarm) << one.name;
    EXPECT_EQ(made.reasons.empty(), one.points == 0) << one.name;
  }
}

TEST(Guessing, says_why) {
  const Score made = guessing(tried(1, 9), kNow);
  ASSERT_EQ(made.reasons.size(), 1u);
  EXPECT_EQ(made.reasons[0].signal, "many_codes");
  EXPECT_EQ(made.reasons[0].value, 9);
  EXPECT_EQ(made.reasons[0].sentence, "9 codes that nobody has, tried within 24 hours.");
}

TEST(Guessing, forgets_hours_of_more_than_a_day_ago) {
  AddressTrail trail = tried(24, 7);
  EXPECT_EQ(trail.size(), 24u);
  EXPECT_EQ(guessing(trail, kNow + 23 * kHourMs).points, 60);
  EXPECT_EQ(guessing(trail, kNow + 24 * kHourMs).points, 0);
  fold(trail, {.hour = kHour + 23, .refused = 1, .codes = 1}, kNow + 24 * kHourMs);
  EXPECT_EQ(trail.size(), 1u);
}

TEST(Guessing, counts_an_hour_once_in_whatever_order_hours_come) {
  AddressTrail trail;
  for (const int64_t hour : {kHour - 2, kHour - 9, kHour - 5, kHour - 2, kHour - 9}) {
    fold(trail, {.hour = hour, .refused = 4, .codes = 4}, kNow);
  }
  EXPECT_EQ(trail, (AddressTrail{{kHour - 9, 4, 4}, {kHour - 5, 4, 4}, {kHour - 2, 4, 4}}));
  // Not over, too old, nothing tried.
  fold(trail, {.hour = kHour, .refused = 4, .codes = 4}, kNow);
  fold(trail, {.hour = kHour - 25, .refused = 4, .codes = 4}, kNow);
  fold(trail, {.hour = kHour - 1, .refused = 4, .codes = 0}, kNow);
  EXPECT_EQ(trail.size(), 3u);
}

TEST(Guessing, believes_no_more_codes_than_refusals_and_does_not_overflow) {
  AddressTrail trail;
  fold(trail, {.hour = kHour - 2, .refused = 1, .codes = 900}, kNow);
  fold(trail, {.hour = kHour - 1, .refused = -9, .codes = 900}, kNow);
  EXPECT_EQ(guessing(trail, kNow).points, 0);
  EXPECT_EQ(guessing(tried(1, INT64_MAX), kNow).points, 100);
}

TEST(Tries, are_read_as_they_were_printed_and_empty_where_they_can_not_be) {
  const AddressTrail trail = tried(24, 3, 5);
  EXPECT_EQ(read_tries(print_tries(trail)), trail);
  EXPECT_LT(print_tries(trail).size(), 2000u);
  for (const char* broken : {"", "[", "{}", "7", "[7]", "[[1,2]]"}) EXPECT_TRUE(read_tries(broken).empty()) << broken;
  EXPECT_EQ(read_tries("[[5,1,1],[5,2,2],[4,1,1],[6,1,1]]"), (AddressTrail{{5, 1, 1}, {6, 1, 1}}));
}

}  // namespace
}  // namespace latchkey::anomaly
