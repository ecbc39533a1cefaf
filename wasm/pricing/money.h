// Money: nano-dollars, exact. No floating point comes near it.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace latchkey::pricing {

inline constexpr int64_t kNanosPerDollar = 1'000'000'000;

// Nano: an amount in nano-dollars. A type of its own, so that no count is taken for money.
struct Nano {
  int64_t value = 0;
  friend constexpr auto operator<=>(Nano, Nano) = default;
};

// parse_usd: decimal text as a plan's budget is written, "12.5": at most nine digits, no sign, no needless
// zero in front, and up to nine digits behind the point. nullopt for anything else.
std::optional<Nano> parse_usd(std::string_view text);

// print_usd: without zeros at the end: "0", "1.5", "-0.000000001". Reads back as the same amount.
std::string print_usd(Nano amount);

// add: the exact sum. One that does not fit is an error and never wraps.
Result<Nano> add(Nano a, Nano b);

}  // namespace latchkey::pricing
