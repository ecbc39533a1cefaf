// RateWindow: a fixed window of limits::kRateWindowMs that begins at a subject's first request,
// as rate_limits.window holds it: start in seconds * kScale + hits.
#pragma once

#include <cstdint>

#include "base/limits.h"
#include "base/time.h"

namespace latchkey::store {

struct RateWindow {
  static constexpr int64_t kScale = 1'000'000;
  static_assert(limits::kRateLimitMax < kScale, "hits must not reach the next start");

  int64_t packed = 0;

  // begin: a window that begins now, with its first hit.
  static constexpr int64_t begin(TimeMs now) { return now / kSecondMs * kScale + 1; }
  // ended: every window up to this one has ended.
  static constexpr int64_t ended(TimeMs now) {
    return ((now - limits::kRateWindowMs) / kSecondMs + 1) * kScale - 1;
  }

  constexpr int64_t hits() const { return packed % kScale; }
  constexpr int64_t start_seconds() const { return packed / kScale; }
  constexpr TimeMs end() const { return start_seconds() * kSecondMs + limits::kRateWindowMs; }
};

}  // namespace latchkey::store
