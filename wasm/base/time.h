// Time: integer milliseconds UTC inside, RFC 3339 outside.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace latchkey {

// TimeMs: milliseconds since 1970-01-01T00:00:00Z.
using TimeMs = int64_t;

inline constexpr TimeMs kSecondMs = 1000;
inline constexpr TimeMs kMinuteMs = 60 * kSecondMs;
inline constexpr TimeMs kHourMs = 60 * kMinuteMs;
inline constexpr TimeMs kDayMs = 24 * kHourMs;

// The last moment we write: 9999-12-31T23:59:59Z.
inline constexpr TimeMs kTimeMsMax = 253402300799000;

// format_time: `YYYY-MM-DDTHH:MM:SSZ`, whole seconds, rounded down.
// `time` must lie in 0..kTimeMsMax.
std::string format_time(TimeMs time);

// parse_time: RFC 3339 date-time with `Z` or a numeric offset, optional fraction, or a
// plain `YYYY-MM-DD` (its first moment UTC). nullopt for anything else.
std::optional<TimeMs> parse_time(std::string_view text);

// retry_delay: after so many failed attempts: a minute, then twice as long each time, up to `ms_max`.
TimeMs retry_delay(int64_t attempts, TimeMs ms_max);

}  // namespace latchkey
