// Draws: the values of a property test. The same seed draws the same values everywhere.
#pragma once

#include <random>
#include <string_view>

#include "base/bytes.h"

namespace latchkey::test {

class Draws {
 public:
  explicit Draws(uint64_t seed) : engine_(seed) {}

  uint64_t any() { return engine_(); }
  // below: a number in 0..bound-1.
  uint64_t below(uint64_t bound) { return engine_() % bound; }
  bool one_in(uint64_t bound) { return below(bound) == 0; }
  char one_of(std::string_view letters) { return letters[below(letters.size())]; }
  void fill(MutableByteView out) {
    for (uint8_t& byte : out) byte = static_cast<uint8_t>(engine_());
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace latchkey::test
