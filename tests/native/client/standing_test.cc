// What a receipt is worth by a client's clock, and that setting the clock back gains nothing.
#include "client/standing.h"

#include <gtest/gtest.h>

namespace latchkey::client {
namespace {

constexpr int64_t kDay = 86'400;
constexpr int64_t kIssued = 1'767'225'600;
constexpr ReceiptTimes kTimes{.issued_at = kIssued,
                              .refresh_after = kIssued + 7 * kDay,
                              .expires_at = kIssued + 30 * kDay,
                              .grace_until = kIssued + 60 * kDay};

Standing at(int64_t seconds, int64_t seen_seconds = 0) {
  const TimeMs seen = seen_seconds == 0 ? 0 : (kIssued + seen_seconds) * kSecondMs;
  return standing_of(kTimes, {.now = (kIssued + seconds) * kSecondMs, .last_seen = seen});
}

TEST(Standing, falls_at_each_time_of_the_receipt) {
  EXPECT_EQ(at(0), Standing::kFresh);
  EXPECT_EQ(at(7 * kDay - 1), Standing::kFresh);
  EXPECT_EQ(at(7 * kDay), Standing::kRefresh);
  EXPECT_EQ(at(30 * kDay - 1), Standing::kRefresh);
  EXPECT_EQ(at(30 * kDay), Standing::kGrace);
  EXPECT_EQ(at(60 * kDay - 1), Standing::kGrace);
  EXPECT_EQ(at(60 * kDay), Standing::kOver);
}

// A licence that ends soon has all three times at its end.
TEST(Standing, of_a_short_licence_is_never_fresh_beyond_its_end) {
  const ReceiptTimes times{.issued_at = 100, .refresh_after = 900, .expires_at = 200, .grace_until = 300};
  EXPECT_EQ(standing_of(times, {.now = 199'999}), Standing::kFresh);
  EXPECT_EQ(standing_of(times, {.now = 200'000}), Standing::kGrace);
  EXPECT_EQ(standing_of(times, {.now = 300'000}), Standing::kOver);
}

TEST(Standing, is_refused_to_a_clock_before_the_receipt_or_before_what_was_seen) {
  constexpr int64_t leeway = kClockLeewayMs / kSecondMs;
  EXPECT_EQ(at(-leeway), Standing::kFresh);
  EXPECT_EQ(at(-leeway - 1), Standing::kRolledBack);
  EXPECT_EQ(at(20 * kDay - leeway, 20 * kDay), Standing::kRefresh);
  EXPECT_EQ(at(20 * kDay - leeway - 1, 20 * kDay), Standing::kRolledBack);
  EXPECT_EQ(standing_of(kTimes, {.now = 0}), Standing::kRolledBack);
}

TEST(Standing, within_the_leeway_goes_by_the_later_time) {
  EXPECT_EQ(at(30 * kDay - 1, 30 * kDay), Standing::kGrace);
  EXPECT_EQ(at(60 * kDay - 1, 60 * kDay), Standing::kOver);
}

TEST(NewestTime, never_goes_back) {
  const TimeMs issued = kIssued * kSecondMs;
  EXPECT_EQ(newest_time(kTimes, {.now = issued - 5}), issued);
  EXPECT_EQ(newest_time(kTimes, {.now = issued + 5}), issued + 5);
  EXPECT_EQ(newest_time(kTimes, {.now = issued + 5, .last_seen = issued + 9}), issued + 9);
}

}  // namespace
}  // namespace latchkey::client
