// Decide: every step up and down, and what holds one back.
#include "sharing/decide.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "support/test_host.h"

namespace latchkey::sharing {
namespace {

constexpr TimeMs kNow = test::kTestStart;
constexpr Policy kAll{.warn = 60, .throttle = 75, .suspend = 90};
constexpr Policy kWarnOnly{.warn = 60};
constexpr TimeMs kLongAgo = kNow - 30 * kDayMs;

TEST(Policy, is_read_from_the_limits_of_a_plan) {
  EXPECT_EQ(read_policy("{}"), (Policy{.warn = 60}));
  EXPECT_EQ(read_policy(R"({"sharing_warn":50,"sharing_throttle":70,"sharing_suspend":100,"other":5})"),
            (Policy{.warn = 50, .throttle = 70, .suspend = 100}));
  EXPECT_EQ(read_policy(R"({"sharing_warn":0,"sharing_throttle":0})"), Policy{});
  EXPECT_EQ(read_policy(R"({"sharing_warn":101,"sharing_suspend":1000})"), Policy{});
  EXPECT_EQ(read_policy("broken"), (Policy{.warn = 60}));
}

TEST(Levels, have_names_that_are_read_back) {
  for (const Level level : {Level::kNone, Level::kWarn, Level::kThrottle, Level::kSuspend}) {
    EXPECT_EQ(parse_level(level_name(level)), level);
  }
  EXPECT_EQ(parse_level("warned"), std::nullopt);
}

struct Case {
  const char* name;
  Level before;
  int64_t score;
  Policy policy;
  Level after;
  TimeMs level_at = kLongAgo;
  std::optional<TimeMs> quiet_since = std::nullopt;
  bool is_active = true;
};

TEST(Decide, takes_the_step_that_the_table_says) {
  const std::vector<Case> cases = {
      {"below", Level::kNone, 59, kAll, Level::kNone},
      {"at the threshold", Level::kNone, 60, kAll, Level::kWarn},
      {"one step at a time", Level::kNone, 100, kAll, Level::kWarn},
      {"the next step", Level::kWarn, 75, kAll, Level::kThrottle},
      {"not yet", Level::kWarn, 74, kAll, Level::kWarn},
      {"the last step", Level::kThrottle, 90, kAll, Level::kSuspend},
      {"a step that is off is passed over", Level::kWarn, 95, {.warn = 60, .suspend = 90}, Level::kSuspend},
      {"no warning, then", Level::kNone, 80, {.throttle = 75}, Level::kThrottle},
      {"all off", Level::kNone, 100, {}, Level::kNone},
      {"warn only stays", Level::kWarn, 100, kWarnOnly, Level::kWarn},
      {"a day must pass", Level::kWarn, 100, kAll, Level::kWarn, kNow - kDayMs + 1},
      {"a day has passed", Level::kWarn, 100, kAll, Level::kThrottle, kNow - kDayMs},
      {"refused otherwise", Level::kThrottle, 100, kAll, Level::kThrottle, kLongAgo, std::nullopt, false},
      {"within the margin it is not quiet", Level::kWarn, 51, kAll, Level::kWarn, kLongAgo, kNow - 8 * kDayMs},
      {"quiet for less than a week", Level::kWarn, 40, kAll, Level::kWarn, kLongAgo, kNow - 7 * kDayMs + 1},
      {"quiet for a week", Level::kWarn, 40, kAll, Level::kNone, kLongAgo, kNow - 7 * kDayMs},
      {"down one step", Level::kThrottle, 0, kAll, Level::kWarn, kLongAgo, kNow - 7 * kDayMs},
      {"down past a step that is off", Level::kThrottle, 0, {.throttle = 75}, Level::kNone, kLongAgo, kNow - 7 * kDayMs},
      {"a step that was switched off is quiet", Level::kThrottle, 70, kWarnOnly, Level::kWarn, kLongAgo, kNow - 7 * kDayMs},
      {"a suspended one stays", Level::kSuspend, 0, kAll, Level::kSuspend, kLongAgo, kNow - 90 * kDayMs, false},
      {"a reinstated one begins anew", Level::kSuspend, 100, kAll, Level::kNone},
  };
  for (const Case& one : cases) {
    const Standing before{.level = one.before, .level_at = one.level_at, .quiet_since = one.quiet_since};
    const Standing after = decide(before, one.is_active, one.score, one.policy, kNow);
    EXPECT_EQ(after.level, one.after) << one.name;
    if (after.level != before.level) {
      EXPECT_EQ(after.level_at, kNow) << one.name;
      EXPECT_EQ(after.quiet_since, std::nullopt) << one.name;
    }
  }
}

TEST(Decide, warns_a_licence_that_was_never_at_a_level_at_once) {
  EXPECT_EQ(decide({}, true, 60, kAll, kNow).level, Level::kWarn);
}

TEST(Decide, begins_and_ends_the_quiet_time_with_the_score) {
  const Standing loud{.level = Level::kWarn, .level_at = kLongAgo, .quiet_since = std::nullopt};
  Standing quiet = decide(loud, true, 10, kAll, kNow);
  EXPECT_EQ(quiet.quiet_since, kNow);
  quiet = decide(quiet, true, 10, kAll, kNow + kDayMs);
  EXPECT_EQ(quiet.quiet_since, kNow);
  EXPECT_EQ(decide(quiet, true, 55, kAll, kNow + 2 * kDayMs).quiet_since, std::nullopt);
}

TEST(Decide, is_held_up_by_a_day_or_a_week_at_most_where_the_clock_goes_back) {
  Standing standing{.level = Level::kWarn, .level_at = kNow + 1000 * kDayMs, .quiet_since = kNow + 1000 * kDayMs};
  Standing up = decide(standing, true, 100, kAll, kNow);
  EXPECT_EQ(up.level, Level::kWarn);
  EXPECT_EQ(decide(up, true, 100, kAll, kNow + kDayMs).level, Level::kThrottle);
  Standing down = decide(standing, true, 0, kAll, kNow);
  EXPECT_EQ(down.level, Level::kWarn);
  EXPECT_EQ(decide(down, true, 0, kAll, kNow + 7 * kDayMs).level, Level::kNone);
}

}  // namespace
}  // namespace latchkey::sharing
