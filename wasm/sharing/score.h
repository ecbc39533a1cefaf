// Score: how much a licence's trail looks like more people than it has seats for, 0 to 100, and why. Pure.
// README.md has each signal with its formula and reason.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sharing/trail.h"

namespace latchkey::sharing {

// Reason: one signal that counted. `points` of the score are its.
struct Reason {
  std::string_view signal;
  int64_t value = 0;
  int64_t points = 0;
  std::string sentence;
};

// Seen: what the score was made from, in sum.
struct Seen {
  int64_t machines = 0;  // that asked
  int64_t refused = 0;   // of them: never had a seat
  int64_t countries = 0;
  int64_t networks = 0;
  int64_t days = 0;      // with at least one sighting
  friend bool operator==(const Seen&, const Seen&) = default;
};

struct Score {
  int64_t points = 0;
  std::vector<Reason> reasons;  // most points first
  Seen seen;
};

// score: `seats` is the licence's max_machines. Days after `now` count as not there.
Score score(const Trail& trail, int64_t seats, TimeMs now);

}  // namespace latchkey::sharing
