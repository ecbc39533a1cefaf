// What a receipt that verified is worth now, by a client's own clock. Pure.
#pragma once

#include <cstdint>

#include "base/time.h"

namespace latchkey::client {

// A clock may go back by so much (it was set by the network) and be behind the service's.
inline constexpr TimeMs kClockLeewayMs = 5 * kMinuteMs;

// ReceiptTimes: the claims, in seconds as they are on the wire.
struct ReceiptTimes {
  int64_t issued_at = 0;
  int64_t refresh_after = 0;
  int64_t expires_at = 0;
  int64_t grace_until = 0;
};

// Clock: `last_seen` is the newest time that the client has kept, 0 for none.
struct Clock {
  TimeMs now = 0;
  TimeMs last_seen = 0;
};

// Standing: by docs/crypto-formats.md. The first three permit the keys. Numbers are part of the ABI.
enum class Standing : uint8_t {
  kFresh = 0,       // before refresh_after
  kRefresh = 1,     // before exp: provision again in the background
  kGrace = 2,       // before grace_until: provision before the keys are used, unless offline
  kOver = 3,        // the right has ended
  kRolledBack = 4,  // the clock is behind what it or the service has shown before
};

// standing_of: within the leeway the later of the two times counts, so setting a clock back gains nothing.
Standing standing_of(const ReceiptTimes& times, const Clock& clock);

// newest_time: what to keep as `last_seen`: never earlier than it was.
TimeMs newest_time(const ReceiptTimes& times, const Clock& clock);

}  // namespace latchkey::client
