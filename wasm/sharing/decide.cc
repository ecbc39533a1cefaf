#include "sharing/decide.h"

#include <algorithm>

#include "base/check.h"
#include "base/limits.h"
#include "json/reader.h"

namespace latchkey::sharing {
namespace {

constexpr std::array<std::string_view, 4> kLevels = {"none", "warn", "throttle", "suspend"};

int64_t threshold_of(const Policy& policy, Level level) {
  switch (level) {
    case Level::kNone: return 0;
    case Level::kWarn: return policy.warn;
    case Level::kThrottle: return policy.throttle;
    case Level::kSuspend: return policy.suspend;
  }
  LK_UNREACHABLE();
}

// next_up: the lowest step above `level` that the plan has and the score reaches.
std::optional<Level> next_up(Level level, int64_t score, const Policy& policy) {
  for (const Level above : {Level::kWarn, Level::kThrottle, Level::kSuspend}) {
    if (above <= level) continue;
    const int64_t threshold = threshold_of(policy, above);
    if (threshold != 0 && score >= threshold) return above;
  }
  return std::nullopt;
}

// next_down: the highest step below `level` that the plan has.
Level next_down(Level level, const Policy& policy) {
  for (const Level below : {Level::kThrottle, Level::kWarn}) {
    if (below < level && threshold_of(policy, below) != 0) return below;
  }
  return Level::kNone;
}

// is_quiet: a step that the plan no longer has is quiet whatever the score.
bool is_quiet(Level level, int64_t score, const Policy& policy) {
  const int64_t threshold = threshold_of(policy, level);
  return threshold == 0 || score < std::max<int64_t>(1, threshold - limits::kSharingMargin);
}

}  // namespace

std::string_view level_name(Level level) { return kLevels[static_cast<size_t>(level)]; }

std::optional<Level> parse_level(std::string_view name) {
  const auto found = std::ranges::find(kLevels, name);
  if (found == kLevels.end()) return std::nullopt;
  return static_cast<Level>(found - kLevels.begin());
}

Policy read_policy(std::string_view plan_limits) {
  Policy policy{.warn = limits::kSharingWarnDefault};
  const auto document = json::Document::parse_host(plan_limits);
  if (!document) return policy;
  const auto read = [&](std::string_view name, int64_t& threshold) {
    const auto member = document->root().member(name);
    const auto number = member ? member->integer() : std::nullopt;
    if (number) threshold = *number >= 1 && *number <= limits::kSharingScoreMax ? *number : 0;
  };
  read("sharing_warn", policy.warn);
  read("sharing_throttle", policy.throttle);
  read("sharing_suspend", policy.suspend);
  return policy;
}

Standing decide(const Standing& before, bool is_active, int64_t score, const Policy& policy, TimeMs now) {
  Standing standing = before;
  if (standing.level == Level::kSuspend) {
    if (!is_active) return standing;
    return {.level = Level::kNone, .level_at = now, .quiet_since = std::nullopt};
  }
  // Times of the future are from a clock that went back: they must not hold a licence where it is.
  standing.level_at = std::min(standing.level_at, now);
  if (standing.quiet_since) standing.quiet_since = std::min(*standing.quiet_since, now);
  const auto up = next_up(standing.level, score, policy);
  const bool may_step = now - standing.level_at >= limits::kSharingStepMs;
  // A licence that an admin has suspended or revoked needs no step more.
  if (up && is_active && may_step) return {.level = *up, .level_at = now, .quiet_since = std::nullopt};
  if (standing.level == Level::kNone) return standing;

  if (!is_quiet(standing.level, score, policy)) {
    standing.quiet_since = std::nullopt;
    return standing;
  }
  if (!standing.quiet_since) standing.quiet_since = now;
  if (now - *standing.quiet_since < limits::kSharingQuietMs) return standing;
  return {.level = next_down(standing.level, policy), .level_at = now, .quiet_since = std::nullopt};
}

}  // namespace latchkey::sharing
