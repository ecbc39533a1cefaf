// What comes of a score: nothing, a warning, fewer requests an hour, a suspension, or a step back. Pure.
//
//   none -> warn -> throttle -> suspend    one step a day at most, over the steps that the plan has switched on
//   none <- warn <- throttle               one step for each week that was quiet; nothing is reinstated
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "base/time.h"

namespace latchkey::sharing {

enum class Level : uint8_t { kNone, kWarn, kThrottle, kSuspend };
std::string_view level_name(Level level);
std::optional<Level> parse_level(std::string_view name);

// Policy: the score at which each step is taken; 0: never.
struct Policy {
  int64_t warn = 0;
  int64_t throttle = 0;
  int64_t suspend = 0;
  friend bool operator==(const Policy&, const Policy&) = default;
};

// read_policy: from a plan's `limits`, a JSON object of named numbers: sharing_warn (limits::kSharingWarnDefault where
// it is absent), sharing_throttle, sharing_suspend (never where they are absent). 0, or more than 100, is never.
Policy read_policy(std::string_view plan_limits);

// Standing: where a licence stands.
struct Standing {
  Level level = Level::kNone;
  TimeMs level_at = 0;                // since when
  std::optional<TimeMs> quiet_since;  // since when its score is under its level's threshold by limits::kSharingMargin
  friend bool operator==(const Standing&, const Standing&) = default;
};

// decide: where it stands after this score. `is_active`: the licence's stored status. One that was suspended here and
// is active again was reinstated by an admin and begins anew.
Standing decide(const Standing& before, bool is_active, int64_t score, const Policy& policy, TimeMs now);

}  // namespace latchkey::sharing
