// Score: each signal alone, and what must never count.
#include "sharing/score.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/limits.h"
#include "support/test_host.h"

namespace latchkey::sharing {
namespace {

constexpr TimeMs kNow = test::kTestStart;

// At: a machine that asked so many days ago, from network `asn` in a country; each country is far from the others.
struct At {
  int machine = 0;
  int days_ago = 0;
  int asn = 1;
  std::string country = "DE";
  TimeMs later = 0;
};

Place place_of(const At& at) {
  static const std::map<std::string, std::pair<int, int>> positions = {
      {"DE", {52, 13}}, {"FR", {49, 2}}, {"JP", {36, 140}}, {"US", {41, -74}}, {"BR", {-24, -47}}, {"AU", {-34, 151}}};
  const auto [lat, lon] = positions.at(at.country);
  return {.country = at.country, .asn = at.asn, .lat = lat, .lon = lon};
}

Trail trail_of(std::vector<At> sightings) {
  std::ranges::sort(sightings, {}, [](const At& at) { return at.later - at.days_ago * kDayMs; });
  Trail trail;
  for (const At& at : sightings) {
    const TimeMs when = kNow - at.days_ago * kDayMs + at.later;
    fold(trail, {.at = when, .machine = "machine " + std::to_string(at.machine), .place = place_of(at)}, kNow + kDayMs);
  }
  return trail;
}

using Points = std::map<std::string, int64_t, std::less<>>;
Points points_of(const std::vector<At>& sightings, int64_t seats) {
  Points points;
  const Score made = score(trail_of(sightings), seats, kNow + kDayMs);
  int64_t sum = 0;
  for (const Reason& reason : made.reasons) {
    points.emplace(reason.signal, reason.points);
    sum += reason.points;
    EXPECT_FALSE(reason.sentence.empty());
  }
  EXPECT_EQ(made.points, std::min<int64_t>(sum, 100));
  return points;
}

// in_turn: machines each for a week and never again, one after another.
std::vector<At> in_turn(int machines, int asn_step = 0) {
  std::vector<At> sightings;
  for (int i = 0; i < machines; ++i) {
    sightings.push_back({.machine = i, .days_ago = 2 * i + 1, .asn = 1 + i * asn_step});
    sightings.push_back({.machine = i, .days_ago = 2 * i, .asn = 1 + i * asn_step});
  }
  return sightings;
}

// together: machines on the first and on the last of so many days, each at a day of its own.
std::vector<At> together(int machines, int days = 20) {
  std::vector<At> sightings;
  for (int i = 0; i < machines; ++i) {
    sightings.push_back({.machine = i, .days_ago = days - i % 10});
    sightings.push_back({.machine = i, .days_ago = i % 10});
  }
  return sightings;
}

TEST(Score, of_nothing_and_of_machines_within_their_seats_is_zero) {
  EXPECT_EQ(points_of({}, 3), Points{});
  EXPECT_EQ(points_of(together(3), 3), Points{});
  // A team within its seats may sit where it likes, all on the same day too.
  EXPECT_EQ(points_of({{0, 5, 1, "DE"}, {1, 5, 2, "FR"}, {2, 5, 3, "JP"}, {3, 5, 4, "US"}, {0, 1, 1, "DE"}}, 4), Points{});
  // A large licence may be over by one machine in eight.
  EXPECT_EQ(points_of(together(36, 25), 32), Points{});
}

TEST(Score, of_machines_side_by_side_grows_with_each_over_the_seats) {
  EXPECT_EQ(points_of(together(4), 3), (Points{{"side_by_side", 11}}));
  EXPECT_EQ(points_of(together(6), 3), (Points{{"side_by_side", 33}}));
  EXPECT_EQ(points_of(together(7), 3), (Points{{"side_by_side", 45}}));
  EXPECT_EQ(points_of(together(9), 3), (Points{{"side_by_side", 45}}));
  EXPECT_EQ(points_of(together(2), 1), (Points{{"side_by_side", 22}}));
}

TEST(Score, of_machines_in_turn_is_turnover_and_a_replaced_laptop_is_none) {
  EXPECT_EQ(points_of(in_turn(2), 1), (Points{{"turnover", 7}}));
  EXPECT_EQ(points_of(in_turn(5), 1), (Points{{"turnover", 30}}));
  EXPECT_EQ(points_of(in_turn(14), 1), (Points{{"turnover", 30}}));
  EXPECT_EQ(points_of(in_turn(4), 3), (Points{{"turnover", 3}}));
  EXPECT_EQ(points_of(in_turn(3), 3), Points{});
}

TEST(Score, counts_crowded_days_but_the_first) {
  std::vector<At> sightings;
  for (int day = 0; day < 10; ++day) {
    for (int i = 0; i < 4; ++i) sightings.push_back({.machine = i + 10 * (day % 2), .days_ago = day});
  }
  EXPECT_EQ(points_of(sightings, 3)["crowded_days"], 24);
  sightings.resize(4);
  EXPECT_EQ(points_of(sightings, 3), (Points{{"turnover", 3}}));
  EXPECT_EQ(points_of({{0, 1}, {1, 1}, {0, 5}, {1, 5}, {0, 9}, {1, 9}}, 1)["crowded_days"], 6);
}

TEST(Score, counts_networks_and_countries_only_with_more_machines_than_seats) {
  const Points six = points_of(in_turn(6, 1), 3);
  EXPECT_EQ(six.at("networks"), 24);
  EXPECT_FALSE(six.contains("countries"));
  EXPECT_EQ(points_of(in_turn(4, 1), 3).at("networks"), 6);
  EXPECT_FALSE(points_of(in_turn(3, 1), 3).contains("networks"));
  const std::vector<At> abroad = {{0, 9, 1, "DE"}, {1, 7, 2, "FR"}, {2, 5, 3, "JP"}, {3, 3, 4, "US"}};
  EXPECT_EQ(points_of(abroad, 2).at("countries"), 20);
  EXPECT_EQ(points_of(abroad, 3).at("countries"), 10);
  EXPECT_EQ(points_of(abroad, 4), Points{});
}

TEST(Score, counts_days_with_more_places_far_apart_than_one_user_has) {
  // A desktop at home and a laptop abroad are two.
  EXPECT_EQ(points_of({{0, 5, 1, "DE"}, {1, 5, 1, "JP"}, {0, 3, 1, "DE"}, {1, 3, 1, "US"}}, 2), Points{});
  const std::vector<At> three = {{0, 5, 1, "DE"}, {1, 5, 1, "JP"}, {2, 5, 1, "US"}};
  EXPECT_EQ(points_of(three, 2).at("apart"), 4);
  EXPECT_EQ(points_of(three, 3), Points{});
}

TEST(Score, of_a_vpn_is_small_however_often_it_hops) {
  std::vector<At> hops;
  const std::vector<std::string> exits = {"DE", "JP", "US", "BR"};
  for (int i = 0; i < 100; ++i) {
    hops.push_back({.machine = 0, .days_ago = i / 4, .asn = 1 + i % 4, .country = exits[i % 4], .later = (i % 4) * kMinuteMs});
  }
  EXPECT_EQ(points_of(hops, 1), (Points{{"impossible_travel", 10}}));
}

TEST(Score, of_a_traveller_is_zero) {
  EXPECT_EQ(points_of({{0, 20, 1, "DE"}, {0, 15, 2, "JP"}, {0, 10, 3, "US"}, {0, 5, 4, "AU"}, {0, 1, 1, "DE"}}, 1), Points{});
}

TEST(Score, of_one_machine_in_five_places_far_apart_on_many_days_is_that_of_a_clone) {
  std::vector<At> clones;
  const std::vector<std::string> places = {"DE", "JP", "US", "BR", "AU"};
  for (int day = 0; day < 8; ++day) {
    for (int i = 0; i < 5; ++i) clones.push_back({.machine = 0, .days_ago = day, .asn = i, .country = places[i], .later = i * kHourMs});
  }
  const Points points = points_of(clones, 1);
  EXPECT_EQ(points.at("cloned_machine"), 70);
  EXPECT_EQ(points.at("impossible_travel"), 10);
}

TEST(Score, never_exceeds_a_hundred_and_lists_the_strongest_reason_first) {
  std::vector<At> sightings;
  const std::vector<std::string> places = {"DE", "JP", "US", "BR", "AU"};
  for (int i = 0; i < 40; ++i) {
    for (int day = 0; day < 12; day += 3) sightings.push_back({.machine = i, .days_ago = day, .asn = i, .country = places[i % 5]});
  }
  const Score made = score(trail_of(sightings), 2, kNow + kDayMs);
  EXPECT_EQ(made.points, 100);
  ASSERT_GE(made.reasons.size(), 4u);
  for (size_t i = 1; i < made.reasons.size(); ++i) EXPECT_GE(made.reasons[i - 1].points, made.reasons[i].points);
  EXPECT_EQ(made.reasons[0].signal, "side_by_side");
  EXPECT_EQ(made.reasons[0].sentence, "40 machines were in use side by side; the licence has 2 seats.");
  EXPECT_EQ(made.seen, (Seen{.machines = 40, .refused = 0, .countries = 5, .networks = 39, .days = 4}));
}

TEST(Score, falls_to_zero_as_the_window_passes_whatever_the_clock_did_before) {
  const Trail trail = trail_of(together(9));
  EXPECT_GT(score(trail, 3, kNow).points, 0);
  EXPECT_EQ(score(trail, 3, kNow + (limits::kSharingWindowDays + 1) * kDayMs).points, 0);
  // A clock that goes back sees fewer days, and nothing of the future.
  EXPECT_EQ(score(trail, 3, kNow - 40 * kDayMs).points, 0);
}

}  // namespace
}  // namespace latchkey::sharing
