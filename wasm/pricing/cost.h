// Cost: what one event's tokens cost under one price. Pure.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "pricing/money.h"
#include "pricing/table.h"

namespace latchkey::pricing {

// Tokens: the counts of one event as providers report them. The later two are parts of the former two.
struct Tokens {
  int64_t input = 0;         // all of the prompt
  int64_t output = 0;        // all that was generated
  int64_t cached_input = 0;  // of `input`: read from the provider's cache
  int64_t reasoning = 0;     // of `output`: thought, not shown
  friend bool operator==(const Tokens&, const Tokens&) = default;
};

// check_tokens: counts are not negative, at most limits::kEventTokensMax, and no part is more than its whole.
Result<Void> check_tokens(const Tokens& tokens);

// Cost: each token counted in one class alone, so that the four make `total`, always and exactly.
struct Cost {
  Nano input;         // of the prompt that was not cached
  Nano cached_input;
  Nano output;        // without the reasoning
  Nano reasoning;
  Nano total;
};

// cost_of: the exact sum, rounded once to the nearest nano-dollar, a half upwards. The classes are rounded down and
// what is missing is given to those that lost most, a nano-dollar each; of equals the first named above.
Result<Cost> cost_of(const Tokens& tokens, const Price& price);

}  // namespace latchkey::pricing
