// Trails: what folding keeps, in what order rows come, and that it stays small.
#include "sharing/trail.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "support/test_host.h"

namespace latchkey::sharing {
namespace {

constexpr TimeMs kNow = test::kTestStart;
const Place kBerlin{.country = "DE", .asn = 3320, .lat = 52, .lon = 13};
const Place kPotsdam{.country = "DE", .asn = 3320, .lat = 52, .lon = 12};
const Place kParis{.country = "FR", .asn = 3215, .lat = 49, .lon = 2};
const Place kTokyo{.country = "JP", .asn = 2516, .lat = 36, .lon = 140};
const Place kSomewhereInFrance{.country = "FR"};
const Place kNowhere{};

TEST(Places, are_far_by_distance_or_else_by_country) {
  EXPECT_TRUE(are_far(kBerlin, kParis));
  EXPECT_TRUE(are_far(kBerlin, kTokyo));
  EXPECT_FALSE(are_far(kBerlin, kPotsdam));
  EXPECT_FALSE(are_far(kBerlin, kBerlin));
  EXPECT_TRUE(are_far(kBerlin, kSomewhereInFrance));
  EXPECT_FALSE(are_far(kParis, kSomewhereInFrance));
  EXPECT_FALSE(are_far(kBerlin, kNowhere));
  EXPECT_FALSE(are_far(kNowhere, kNowhere));
  // Across the date line, and between the poles.
  EXPECT_FALSE(are_far({.country = "FJ", .lat = -17, .lon = 179}, {.country = "FJ", .lat = -17, .lon = -179}));
  EXPECT_TRUE(are_far({.country = "", .lat = 90, .lon = 0}, {.country = "", .lat = -90, .lon = 0}));
}

TEST(Hops, are_what_no_airliner_flies) {
  EXPECT_TRUE(is_hop(kBerlin, kTokyo, 2 * kHourMs));
  EXPECT_FALSE(is_hop(kBerlin, kTokyo, 12 * kHourMs));
  EXPECT_TRUE(is_hop(kBerlin, kParis, 10 * kMinuteMs));
  EXPECT_FALSE(is_hop(kBerlin, kParis, 2 * kHourMs));
  EXPECT_FALSE(is_hop(kBerlin, kPotsdam, 0));
  EXPECT_TRUE(is_hop(kBerlin, kSomewhereInFrance, 10 * kMinuteMs));
  EXPECT_FALSE(is_hop(kBerlin, kSomewhereInFrance, 2 * kHourMs));
}

TEST(Fold, keeps_each_machines_days_and_places) {
  Trail trail;
  fold(trail, {.at = kNow - 2 * kDayMs, .machine = "a", .place = kBerlin}, kNow);
  fold(trail, {.at = kNow - 2 * kDayMs + kHourMs, .machine = "a", .place = kBerlin}, kNow);
  fold(trail, {.at = kNow, .machine = "a", .place = kParis}, kNow);
  fold(trail, {.at = kNow, .machine = "b", .is_granted = false, .place = kBerlin}, kNow);
  ASSERT_EQ(trail.machines.size(), 2u);
  EXPECT_EQ(trail.places, (std::vector{kBerlin, kParis}));
  ASSERT_EQ(trail.machines[0].days.size(), 2u);
  EXPECT_EQ(trail.machines[0].days[0].places, std::vector<size_t>{0});
  EXPECT_EQ(trail.machines[0].days[1].places, std::vector<size_t>{1});
  EXPECT_TRUE(trail.machines[0].had_seat);
  EXPECT_FALSE(trail.machines[1].had_seat);
}

TEST(Fold, takes_rows_that_come_late_where_they_belong) {
  Trail early, late;
  const std::vector<Sighting> sightings = {{.at = kNow - 3 * kDayMs, .machine = "a", .place = kBerlin},
                                           {.at = kNow - 2 * kDayMs, .machine = "a", .place = kParis},
                                           {.at = kNow, .machine = "a", .place = kTokyo}};
  for (const Sighting& sighting : sightings) fold(early, sighting, kNow);
  for (auto it = sightings.rbegin(); it != sightings.rend(); ++it) fold(late, *it, kNow);
  ASSERT_EQ(late.machines.size(), 1u);
  EXPECT_EQ(late.machines[0].last_at, kNow);
  ASSERT_EQ(late.machines[0].days.size(), 3u);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(late.machines[0].days[i].day, early.machines[0].days[i].day);
}

TEST(Fold, forgets_what_has_left_the_window_and_what_a_wrong_clock_made) {
  Trail trail;
  const TimeMs oldest = kNow - (limits::kSharingWindowDays - 1) * kDayMs;
  fold(trail, {.at = oldest - kDayMs, .machine = "too old", .place = kParis}, kNow);
  EXPECT_TRUE(trail.empty());
  fold(trail, {.at = oldest, .machine = "old", .place = kParis}, kNow);
  fold(trail, {.at = kNow, .machine = "new", .place = kBerlin}, kNow);
  forget_old(trail, kNow);
  EXPECT_EQ(trail.machines.size(), 2u);
  forget_old(trail, kNow + kDayMs);
  ASSERT_EQ(trail.machines.size(), 1u);
  EXPECT_EQ(trail.machines[0].tag, "new");
  EXPECT_EQ(trail.places, std::vector{kBerlin});
  EXPECT_EQ(trail.machines[0].days[0].places, std::vector<size_t>{0});
  // A row of the future counts as now; a day that the clock came back from goes.
  fold(trail, {.at = kNow + 50 * kDayMs, .machine = "future", .place = kTokyo}, kNow);
  EXPECT_EQ(trail.machines[1].days[0].day, day_of(kNow));
  fold(trail, {.at = kNow + 50 * kDayMs, .machine = "later", .place = kTokyo}, kNow + 50 * kDayMs);
  forget_old(trail, kNow);
  EXPECT_EQ(trail.machines.size(), 2u);
}

TEST(Fold, stays_small_whatever_asks) {
  Trail trail;
  for (int i = 0; i < 5000; ++i) {
    const Place place{.country = "DE", .asn = i, .lat = i % 90, .lon = i % 180};
    fold(trail, {.at = kNow - (i % 30) * kDayMs, .machine = "machine " + std::to_string(i % 700), .place = place}, kNow);
  }
  EXPECT_EQ(trail.machines.size(), limits::kSharingMachinesMax);
  EXPECT_EQ(trail.places.size(), limits::kSharingPlacesMax);
  for (int i = 0; i < 100; ++i) {
    fold(trail, {.at = kNow, .machine = "one", .place = {.country = "DE", .asn = i, .lat = 1, .lon = 1}}, kNow);
  }
  EXPECT_LE(trail.machines.back().days[0].places.size(), limits::kSharingPlacesPerDay);
  EXPECT_LT(print_trail(trail).size(), 100'000u);
}

TEST(Trail, is_read_as_it_was_printed_and_empty_where_it_can_not_be) {
  Trail trail;
  for (int i = 0; i < 50; ++i) {
    fold(trail, {.at = kNow - (i % 9) * kDayMs, .machine = "machine " + std::to_string(i % 7), .is_granted = i % 3 == 0,
                 .place = i % 2 ? kBerlin : kSomewhereInFrance}, kNow);
  }
  const std::string text = print_trail(trail);
  EXPECT_EQ(print_trail(read_trail(text)), text);
  for (const char* broken : {"", "{", "[]", "7", R"({"places":[],"machines":[["a",1,5,0,[[1,0,0]]]]})",
                             R"({"places":[["DE",1,2,3]],"machines":[["a"],[],7,["b",1,5,9,[[]]]]})"}) {
    EXPECT_TRUE(read_trail(broken).empty()) << broken;
  }
  // An index that is no place is the first.
  const Trail odd = read_trail(R"({"places":[["DE",1,2,3]],"machines":[["a",1,5,99,[[20000,0,-4,77]]]]})");
  ASSERT_EQ(odd.machines.size(), 1u);
  EXPECT_EQ(odd.machines[0].days[0].places, (std::vector<size_t>{0, 0}));
}

}  // namespace
}  // namespace latchkey::sharing
