// Guessing: whether an address tries out licence codes, from the hours in which it came with codes that nobody has.
// Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "anomaly/score.h"
#include "base/time.h"

namespace latchkey::anomaly {

// Tries: what came from an address in a whole hour. Brought once the hour is over.
struct Tries {
  int64_t hour = 0;     // since 1970
  int64_t refused = 0;  // for an unknown licence
  int64_t codes = 0;    // different ones among them
  friend bool operator==(const Tries&, const Tries&) = default;
};

// AddressTrail: the last limits::kGuessingHoursKept hours in which the address, known by its keyed hash alone, was
// refused; ascending. Hours may come in any order; one that comes again counts once.
using AddressTrail = std::vector<Tries>;
void fold(AddressTrail& trail, const Tries& tries, TimeMs now);

// guessing: 0 to 100 for the last hours before `now`, and why. It alarms like any score.
Score guessing(const AddressTrail& trail, TimeMs now);

// print_tries, read_tries: as a table keeps them; under 2 KB. What can not be read is empty.
std::string print_tries(const AddressTrail& trail);
AddressTrail read_tries(std::string_view text);

}  // namespace latchkey::anomaly
