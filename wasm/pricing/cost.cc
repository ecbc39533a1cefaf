#include "pricing/cost.h"

#include <array>

#include "base/check.h"
#include "base/limits.h"

namespace latchkey::pricing {
namespace {

// An event's exact cost, in millionths of a nano-dollar, does not fit into 64 bits.
__extension__ typedef unsigned __int128 Wide;
constexpr Wide kPerNano = 1'000'000;

// A whole event fits into a Nano with room for hundreds of them.
static_assert(Wide{limits::kEventTokensMax} * 2 * limits::kRateNanosMax / kPerNano < INT64_MAX / 100);

constexpr size_t kNumClasses = 4;

// spread: the classes' nano-dollars, rounded so that they make `total`.
std::array<Nano, kNumClasses> spread(const std::array<Wide, kNumClasses>& exact, Wide total) {
  std::array<Nano, kNumClasses> parts;
  std::array<Wide, kNumClasses> lost;
  Wide missing = total;
  for (size_t i = 0; i < kNumClasses; ++i) {
    parts[i] = Nano{static_cast<int64_t>(exact[i] / kPerNano)};
    lost[i] = exact[i] % kPerNano;
    missing -= exact[i] / kPerNano;
  }
  for (; missing > 0; --missing) {
    size_t most = 0;
    for (size_t i = 1; i < kNumClasses; ++i) {
      if (lost[i] > lost[most]) most = i;
    }
    CHECK(lost[most] > 0);
    ++parts[most].value;
    lost[most] = 0;
  }
  return parts;
}

}  // namespace

Result<Void> check_tokens(const Tokens& tokens) {
  for (const int64_t count : {tokens.input, tokens.output, tokens.cached_input, tokens.reasoning}) {
    if (count < 0 || count > limits::kEventTokensMax) {
      return fail(ErrorCode::kInvalidRequest, "Counts of tokens must lie in 0 to 1000000000.");
    }
  }
  if (tokens.cached_input > tokens.input) {
    return fail(ErrorCode::kInvalidRequest,
                "cached_input_tokens is the part of input_tokens that was cached: it can not be more.");
  }
  if (tokens.reasoning > tokens.output) {
    return fail(ErrorCode::kInvalidRequest,
                "reasoning_tokens is the part of output_tokens that was reasoning: it can not be more.");
  }
  return Void{};
}

Result<Cost> cost_of(const Tokens& tokens, const Price& price) {
  TRY_VOID(check_tokens(tokens));
  const auto exact = [](int64_t count, Rate rate) {
    CHECK(rate.nanos_per_million >= 0 && rate.nanos_per_million <= limits::kRateNanosMax);
    return static_cast<Wide>(count) * static_cast<Wide>(rate.nanos_per_million);
  };
  const std::array<Wide, kNumClasses> classes = {
      exact(tokens.input - tokens.cached_input, price.input),
      exact(tokens.cached_input, price.cached_input.value_or(price.input)),
      exact(tokens.output - tokens.reasoning, price.output),
      exact(tokens.reasoning, price.reasoning.value_or(price.output)),
  };
  const Wide total = (classes[0] + classes[1] + classes[2] + classes[3] + kPerNano / 2) / kPerNano;
  const std::array<Nano, kNumClasses> parts = spread(classes, total);
  return Cost{.input = parts[0],
              .cached_input = parts[1],
              .output = parts[2],
              .reasoning = parts[3],
              .total = Nano{static_cast<int64_t>(total)}};
}

}  // namespace latchkey::pricing
