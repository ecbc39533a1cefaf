#include "sharing/score.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/limits.h"

namespace latchkey::sharing {
namespace {

// Signal: what one step of it counts for, and how much it may count for at most.
struct Signal {
  std::string_view name;
  int64_t per = 0;
  int64_t most = 0;
};
constexpr Signal kSideBySide{"side_by_side", 45, 45};
constexpr Signal kTurnover{"turnover", 15, 30};
constexpr Signal kCrowdedDays{"crowded_days", 3, 24};
constexpr Signal kNetworks{"networks", 6, 24};
constexpr Signal kCountries{"countries", 10, 20};
constexpr Signal kApart{"apart", 4, 16};
constexpr Signal kHops{"impossible_travel", 1, 10};
constexpr Signal kCloned{"cloned_machine", 12, 70};

constexpr int64_t kClonedPlaces = 5;      // far apart, of one machine in one day
constexpr int64_t kClonedDaysIgnored = 2;
constexpr int64_t kCrowdedDaysIgnored = 1;
constexpr int64_t kApartPlacesUsual = 2;  // a desktop at home and a laptop abroad
constexpr int64_t kSeatsPerExtra = 8;     // a large licence may be over by one machine in so many seats

std::string plural(int64_t count, std::string_view one, std::string_view many) {
  return std::to_string(count) + " " + std::string(count == 1 ? one : many);
}

// num_far: how many of these places are far from one another.
int64_t num_far(const Trail& trail, const std::vector<size_t>& places) {
  std::vector<size_t> kept;
  for (const size_t place : places) {
    const auto is_far = [&](size_t other) { return are_far(trail.places[place], trail.places[other]); };
    if (std::ranges::all_of(kept, is_far)) kept.push_back(place);
  }
  return static_cast<int64_t>(kept.size());
}

// Base: the network that a machine was on for most days.
using Base = std::pair<std::string, int64_t>;
Base base_of(const Trail& trail, const TrailMachine& machine) {
  std::map<Base, int64_t> days;
  for (const DayUse& use : machine.days) {
    std::set<Base> on_day;
    for (const size_t place : use.places) on_day.emplace(trail.places[place].country, trail.places[place].asn);
    for (const Base& base : on_day) ++days[base];
  }
  return std::ranges::max_element(days, {}, [](const auto& entry) { return entry.second; })->first;
}

// Counts: what the signals are made from.
struct Counts {
  int64_t machines = 0;
  int64_t side_by_side = 0;
  int64_t crowded_days = 0;
  int64_t bases = 0;
  int64_t base_countries = 0;
  int64_t apart_days = 0;
  int64_t hops = 0;
  int64_t cloned_days = 0;
};

// most_side_by_side: the most machines that were in use before a day and came back on it or after.
int64_t most_side_by_side(const Trail& trail) {
  std::map<int64_t, int64_t> changes;
  for (const TrailMachine& machine : trail.machines) {
    if (machine.days.front().day == machine.days.back().day) continue;
    ++changes[machine.days.front().day];
    --changes[machine.days.back().day];
  }
  int64_t now = 0;
  int64_t most = 0;
  for (const auto& [day, change] : changes) most = std::max(most, now += change);
  return most;
}

void count_days(const Trail& trail, int64_t roomy, Counts& counts) {
  std::map<int64_t, std::vector<size_t>> first_places;  // of each machine, by day
  for (const TrailMachine& machine : trail.machines) {
    for (const DayUse& use : machine.days) {
      first_places[use.day].push_back(use.places.front());
      counts.hops += use.hops;
      counts.cloned_days += num_far(trail, use.places) >= kClonedPlaces;
    }
  }
  for (const auto& [day, places] : first_places) {
    counts.crowded_days += static_cast<int64_t>(places.size()) > roomy;
    counts.apart_days += num_far(trail, places) > std::max(kApartPlacesUsual, roomy);
  }
}

Counts count(const Trail& trail, int64_t roomy) {
  Counts counts{.machines = static_cast<int64_t>(trail.machines.size()), .side_by_side = most_side_by_side(trail)};
  count_days(trail, roomy, counts);
  std::set<Base> bases;
  std::set<std::string> countries;
  for (const TrailMachine& machine : trail.machines) {
    const Base base = base_of(trail, machine);
    if (!base.first.empty()) countries.insert(base.first);
    bases.insert(base);
  }
  counts.bases = static_cast<int64_t>(bases.size());
  counts.base_countries = static_cast<int64_t>(countries.size());
  return counts;
}

Seen see(const Trail& trail) {
  Seen seen{.machines = static_cast<int64_t>(trail.machines.size())};
  std::set<int64_t> days;
  std::set<std::string> countries;
  std::set<Base> networks;
  for (const TrailMachine& machine : trail.machines) {
    seen.refused += !machine.had_seat;
    for (const DayUse& use : machine.days) {
      days.insert(use.day);
      for (const size_t at : use.places) {
        const Place& place = trail.places[at];
        if (!place.country.empty()) countries.insert(place.country);
        if (place.asn != 0) networks.emplace("", place.asn);
      }
    }
  }
  seen.days = static_cast<int64_t>(days.size());
  seen.countries = static_cast<int64_t>(countries.size());
  seen.networks = static_cast<int64_t>(networks.size());
  return seen;
}

// in_window: the trail without what is too old, or of the future.
Trail in_window(const Trail& trail, TimeMs now) {
  Trail kept = trail;
  forget_old(kept, now);
  return kept;
}

class Adder {
 public:
  explicit Adder(Score& score) : score_(score) {}
  // add: `steps` are in parts of `of`.
  void add(const Signal& signal, int64_t value, int64_t steps, int64_t of, std::string sentence) {
    const int64_t points = std::min(signal.most, signal.per * std::max<int64_t>(0, steps) / of);
    if (points == 0) return;
    score_.points += points;
    score_.reasons.push_back({signal.name, value, points, std::move(sentence)});
  }

 private:
  Score& score_;
};

void add_machines(Adder& adder, const Counts& counts, int64_t seats, int64_t roomy) {
  const std::string has_seats = "the licence has " + plural(seats, "seat", "seats") + ".";
  adder.add(kSideBySide, counts.side_by_side, counts.side_by_side - roomy, seats + 1,
            plural(counts.side_by_side, "machine was", "machines were") + " in use side by side; " + has_seats);
  const int64_t gone = counts.machines - std::max(roomy, counts.side_by_side);
  adder.add(kTurnover, counts.machines, gone, seats + 1,
            plural(counts.machines, "machine", "machines") + " asked for keys; " + has_seats);
  adder.add(kCrowdedDays, counts.crowded_days, counts.crowded_days - kCrowdedDaysIgnored, 1,
            "On " + plural(counts.crowded_days, "day", "days") + " more machines asked than there are seats.");
}

// Places count as far as there are more machines than seats: a team within its seats may sit where it likes.
void add_places(Adder& adder, const Counts& counts, int64_t roomy) {
  const int64_t over = std::clamp<int64_t>(counts.machines - roomy, 0, roomy);
  adder.add(kNetworks, counts.bases, (counts.bases - 1) * over, roomy,
            "The machines are at home in " + plural(counts.bases, "network", "networks") + ".");
  adder.add(kCountries, counts.base_countries, (counts.base_countries - 1) * over, roomy,
            "The machines are at home in " + plural(counts.base_countries, "country", "countries") + ".");
  adder.add(kApart, counts.apart_days, counts.apart_days, 1,
            "On " + plural(counts.apart_days, "day", "days") + " machines asked from more places far apart than one " +
                "user has.");
}

void add_travel(Adder& adder, const Counts& counts) {
  adder.add(kHops, counts.hops, counts.hops, 1,
            "A machine changed its place faster than anybody travels, " + plural(counts.hops, "time", "times") +
                ": a VPN does that too.");
  adder.add(kCloned, counts.cloned_days, counts.cloned_days - kClonedDaysIgnored, 1,
            "On " + plural(counts.cloned_days, "day", "days") + " one machine was in five places far apart or more.");
}

}  // namespace

Score score(const Trail& trail, int64_t seats, TimeMs now) {
  const Trail recent = in_window(trail, now);
  Score score{.points = 0, .reasons = {}, .seen = see(recent)};
  if (recent.empty()) return score;
  const int64_t roomy = seats + seats / kSeatsPerExtra;
  const Counts counts = count(recent, roomy);
  Adder adder(score);
  add_machines(adder, counts, seats, roomy);
  add_places(adder, counts, roomy);
  add_travel(adder, counts);
  score.points = std::min(score.points, limits::kSharingScoreMax);
  std::ranges::sort(score.reasons, [](const Reason& a, const Reason& b) {
    return a.points != b.points ? a.points > b.points : a.signal < b.signal;
  });
  return score;
}

}  // namespace latchkey::sharing
