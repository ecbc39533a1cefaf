// Series: what a licence spends day by day, made up from a seed. Shares nothing with the room: no header, no number, no
// idea of what is expected. wasm/forecast/README.md says what each kind assumes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace series {

inline constexpr size_t kDays = 120;

std::vector<std::string> kinds();

// make: a series of a kind; what is spent on each of kDays days, in nano-dollars.
std::vector<int64_t> make(const std::string& kind, uint64_t seed);

}  // namespace series
