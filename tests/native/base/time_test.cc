#include "base/time.h"

#include <gtest/gtest.h>

#include "support/draws.h"

namespace latchkey {
namespace {

struct FormatCase {
  TimeMs time;
  const char* text;
};

constexpr FormatCase kFormats[] = {
    {0, "1970-01-01T00:00:00Z"},
    {999, "1970-01-01T00:00:00Z"},
    {1000, "1970-01-01T00:00:01Z"},
    {68169600000, "1972-02-29T00:00:00Z"},
    {951782400000, "2000-02-29T00:00:00Z"},
    {951868800000, "2000-03-01T00:00:00Z"},
    {1735689599999, "2024-12-31T23:59:59Z"},
    {1735689600000, "2025-01-01T00:00:00Z"},
    {4107542399000, "2100-02-28T23:59:59Z"},
    {4107542400000, "2100-03-01T00:00:00Z"},
    {13574563200000, "2400-02-29T00:00:00Z"},
    {kTimeMsMax, "9999-12-31T23:59:59Z"},
    {kTimeMsMax + 999, "9999-12-31T23:59:59Z"},
};

TEST(Time, is_written_as_rfc_3339_rounded_down_to_seconds) {
  for (const auto& [time, text] : kFormats) EXPECT_EQ(format_time(time), text) << time;
}

struct ParseCase {
  const char* text;
  TimeMs time;
};

constexpr ParseCase kParses[] = {
    {"1970-01-01", 0},
    {"2024-02-29", 1709164800000},
    {"2025-12-06T10:20:30Z", 1765016430000},
    {"2025-12-06t10:20:30z", 1765016430000},
    {"2025-12-06 10:20:30Z", 1765016430000},
    {"2025-12-06T10:20:30.5Z", 1765016430500},
    {"2025-12-06T10:20:30.123456789Z", 1765016430123},
    {"2025-12-06T10:20:30.0009Z", 1765016430000},
    {"2025-12-06T10:20:30+00:00", 1765016430000},
    {"2025-12-06T10:20:30-00:00", 1765016430000},
    {"2025-12-06T10:20:30+02:00", 1765009230000},
    {"2025-12-06T10:20:30-05:30", 1765036230000},
    {"2025-01-01T00:30:00+01:00", 1735687800000},
    {"1970-01-01T05:00:00+05:00", 0},
    {"9999-12-31T23:59:59Z", kTimeMsMax},
    {"2016-12-31T23:59:60Z", 1483228800000},
};

TEST(Time, is_read_with_offsets_fractions_and_plain_dates) {
  for (const auto& [text, time] : kParses) EXPECT_EQ(parse_time(text), time) << text;
}

constexpr const char* kNotTimes[] = {
    "",
    " ",
    "2025",
    "2025-12",
    "2025-12-06T",
    "2025-12-06T10",
    "2025-12-06T10:20",
    "2025-12-06T10:20:30",
    "2025-12-06T10:20:30.Z",
    "2025-12-06T10:20:30.5",
    "2025-12-06T10:20:30,5Z",
    "2025-12-06T10:20:30Zx",
    "2025-12-06T10:20:30Z ",
    " 2025-12-06T10:20:30Z",
    "2025-12-06X10:20:30Z",
    "2025-12-06T10:20:30+0200",
    "2025-12-06T10:20:30+02",
    "2025-12-06T10:20:30+02:60",
    "2025-12-06T10:20:30+24:00",
    "2025-12-06T10:20:30+02:00Z",
    "2025-12-06T24:00:00Z",
    "2025-12-06T10:60:00Z",
    "2025-12-06T10:20:61Z",
    "2025-00-06",
    "2025-13-06",
    "2025-12-00",
    "2025-12-32",
    "2025-04-31",
    "2025-02-29",
    "2100-02-29",
    "1900-02-28",
    "1969-12-31T23:59:59Z",
    "1970-01-01T00:00:00+00:01",
    "9999-12-31T23:59:59-00:01",
    "2025/12/06",
    "06-12-2025",
    "20251206",
    "+2025-12-06",
    "-2025-12-06",
    "2025-1-6",
    "2025-12-06T1a:20:30Z",
    "\xd9\xa2\xd9\xa0\xd9\xa2\xd9\xa5-12-06",
    "now",
};

TEST(Time, that_is_malformed_or_out_of_range_is_refused) {
  for (const char* text : kNotTimes) EXPECT_EQ(parse_time(text), std::nullopt) << text;
}

TEST(Time, with_a_nul_byte_is_refused) {
  EXPECT_EQ(parse_time(std::string_view("2025-12-06\0", 11)), std::nullopt);
}

TEST(Time, written_and_read_again_is_the_same_second) {
  test::Draws draws(20260115);
  for (int i = 0; i < 200'000; ++i) {
    const auto time = static_cast<TimeMs>(draws.below(kTimeMsMax + 1));
    const std::string text = format_time(time);
    ASSERT_EQ(text.size(), 20u) << time;
    ASSERT_EQ(parse_time(text), time / kSecondMs * kSecondMs) << text;
  }
}

TEST(Time, of_every_day_follows_the_day_before_by_one_day) {
  // Every day until 2400-03-01: all leap rules, with a calendar that only counts.
  int year = 1970;
  int month = 1;
  int day = 1;
  const auto month_days = [&] {
    if (month == 2) return year % 400 == 0 || (year % 4 == 0 && year % 100 != 0) ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
  };
  for (TimeMs time = 0; time < 13574736000000; time += kDayMs) {
    char text[40];
    snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, day);
    ASSERT_EQ(format_time(time), std::string(text) + "T00:00:00Z");
    ASSERT_EQ(parse_time(text), time);
    if (++day > month_days()) {
      day = 1;
      if (++month > 12) month = 1, ++year;
    }
  }
}

}  // namespace
}  // namespace latchkey
