#include "client/standing.h"

#include <algorithm>

namespace latchkey::client {

TimeMs newest_time(const ReceiptTimes& times, const Clock& clock) {
  return std::max({clock.now, clock.last_seen, times.issued_at * kSecondMs});
}

Standing standing_of(const ReceiptTimes& times, const Clock& clock) {
  const TimeMs newest = newest_time(times, clock);
  if (newest - clock.now > kClockLeewayMs) return Standing::kRolledBack;
  const auto is_before = [&](int64_t seconds) { return newest < seconds * kSecondMs; };
  if (is_before(times.refresh_after) && is_before(times.expires_at)) return Standing::kFresh;
  if (is_before(times.expires_at)) return Standing::kRefresh;
  return is_before(times.grace_until) ? Standing::kGrace : Standing::kOver;
}

}  // namespace latchkey::client
