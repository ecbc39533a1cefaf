// Trail: what a licence's machines did in the last limits::kSharingWindowDays days, folded: for each machine and day the
// places it asked from. No addresses: the score never looks at them. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace latchkey::sharing {

// Place: where a request came from, as the platform says. Degrees are whole ones.
struct Place {
  std::string country;  // two letters; empty: unknown
  int64_t asn = 0;      // 0: unknown
  std::optional<int64_t> lat, lon;
  friend bool operator==(const Place&, const Place&) = default;
};

// Sighting: a machine that asked for keys, and got them or was denied for want of a seat.
struct Sighting {
  TimeMs at = 0;
  std::string machine;  // keyed hash
  bool is_granted = true;
  Place place;
};

// DayUse: one machine's day, in days since 1970.
struct DayUse {
  int64_t day = 0;
  int64_t hops = 0;            // changes of place that no traveller makes
  std::vector<size_t> places;  // indexes into Trail::places, in order of appearance
};

struct TrailMachine {
  std::string tag;  // the first characters of its hash
  bool had_seat = false;
  TimeMs last_at = 0;
  size_t last_place = 0;
  std::vector<DayUse> days;  // ascending
};

struct Trail {
  std::vector<Place> places;
  std::vector<TrailMachine> machines;
  bool empty() const { return machines.empty(); }
};

int64_t day_of(TimeMs at);

// are_far: whether two places are more than limits::kSharingFarKm apart; where a position is unknown, whether they lie
// in two countries.
bool are_far(const Place& a, const Place& b);

// is_hop: whether nobody travels from one to the other in that time.
bool is_hop(const Place& from, const Place& to, TimeMs elapsed);

// fold: adds a sighting. One that is older than the window is left out, one of the future counts as now.
void fold(Trail& trail, const Sighting& sighting, TimeMs now);

// forget_old: drops what has left the window.
void forget_old(Trail& trail, TimeMs now);

// print_trail, read_trail: as the table keeps it. What can not be read is an empty trail.
std::string print_trail(const Trail& trail);
Trail read_trail(std::string_view text);

}  // namespace latchkey::sharing
