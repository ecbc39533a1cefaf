// The seeds of statistical proofs: five that weights were chosen with, five that were held out. Sanitizers look for
// faults in the code, and one seed reaches all of it.
#pragma once

#include <cstdint>
#include <vector>

namespace latchkey::test {

#if __has_feature(address_sanitizer)
inline constexpr bool kIsSanitized = true;
#else
inline constexpr bool kIsSanitized = false;
#endif

inline std::vector<uint64_t> chosen_seeds() {
  return kIsSanitized ? std::vector<uint64_t>{1} : std::vector<uint64_t>{1, 2, 3, 4, 5};
}
inline std::vector<uint64_t> held_out_seeds() {
  return kIsSanitized ? std::vector<uint64_t>{} : std::vector<uint64_t>{9001, 9002, 9003, 9004, 9005};
}

}  // namespace latchkey::test
