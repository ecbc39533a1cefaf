// The table of kinds, acts on alerts, and fates of messages.
#include "alert/decide.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "alert/kinds.h"
#include "base/limits.h"
#include "json/reader.h"

namespace latchkey::alert {
namespace {

TEST(Kinds, are_named_ascending_and_say_what_to_do) {
  ASSERT_EQ(kinds().size(), kNumKinds);
  EXPECT_TRUE(std::ranges::is_sorted(kinds(), {}, &KindInfo::name));
  for (size_t i = 0; i < kNumKinds; ++i) {
    const KindInfo& info = kinds()[i];
    EXPECT_EQ(parse_kind(info.name), static_cast<Kind>(i));
    EXPECT_FALSE(info.title.empty());
    EXPECT_TRUE(info.advice.ends_with('.')) << info.name;
  }
  EXPECT_FALSE(parse_kind("").has_value());
  EXPECT_FALSE(parse_kind("no_such").has_value());
}

TEST(Kinds, are_printed_by_name) {
  const auto document = json::Document::parse_host(print_texts());
  ASSERT_TRUE(document.has_value());
  for (const KindInfo& info : kinds()) {
    const auto kind = document->root().member(info.name);
    ASSERT_TRUE(kind.has_value());
    EXPECT_EQ(kind->member("title")->string(), info.title);
    EXPECT_EQ(kind->member("advice")->string(), info.advice);
  }
}

TEST(Names, read_back) {
  for (const Severity severity : {Severity::kInfo, Severity::kWarning, Severity::kCritical}) {
    EXPECT_EQ(parse_severity(severity_name(severity)), severity);
  }
  for (const State state : {State::kPending, State::kOpen, State::kAcknowledged, State::kResolved}) {
    EXPECT_EQ(parse_state(state_name(state)), state);
  }
  EXPECT_FALSE(parse_severity("fatal").has_value());
  EXPECT_FALSE(parse_state("closed").has_value());
}

TEST(Acts, lead_from_state_to_state) {
  struct Row {
    State before;
    Act act;
    std::optional<State> after;  // nullopt: kConflict
  };
  const Row rows[] = {{State::kOpen, Act::kAcknowledge, State::kAcknowledged},
                      {State::kOpen, Act::kSnooze, State::kOpen},
                      {State::kOpen, Act::kResolve, State::kResolved},
                      {State::kAcknowledged, Act::kAcknowledge, State::kAcknowledged},
                      {State::kAcknowledged, Act::kSnooze, State::kAcknowledged},
                      {State::kAcknowledged, Act::kResolve, State::kResolved},
                      {State::kResolved, Act::kAcknowledge, std::nullopt},
                      {State::kResolved, Act::kSnooze, std::nullopt},
                      {State::kResolved, Act::kResolve, State::kResolved}};
  for (const Row& row : rows) {
    const auto after = decide_act(row.before, row.act);
    const std::string what = std::string(state_name(row.before)) + " " + std::string(act_name(row.act));
    ASSERT_EQ(after.has_value(), row.after.has_value()) << what;
    if (row.after) EXPECT_EQ(*after, *row.after) << what;
    else EXPECT_EQ(after.error().code(), ErrorCode::kConflict) << what;
  }
}

TEST(Fates, are_delivery_another_try_or_the_end) {
  constexpr TimeMs now = 1'768'478'400'000;
  const auto fate = [](Attempt attempt) { return decide_fate(attempt, now); };
  EXPECT_TRUE(fate({.status = 204, .is_taken = true, .number = 1}).is_delivered);
  EXPECT_TRUE(fate({.status = 200, .is_taken = true, .is_last = true, .number = 12}).is_delivered);
  for (const uint32_t status : {0u, 301u, 400u, 401u, 404u, 429u, 500u, 503u}) {
    const Fate again = fate({.status = status, .number = 1});
    EXPECT_EQ(again.due_at, now + kMinuteMs) << status;
    EXPECT_FALSE(again.is_delivered || again.is_gone) << status;
  }
  TimeMs before = 0;
  for (int64_t number = 1; number < limits::kWebhookAttemptsMax; ++number) {
    const auto due_at = fate({.status = 500, .number = number}).due_at;
    ASSERT_TRUE(due_at.has_value()) << number;
    EXPECT_GE(*due_at, before) << "it waits longer each time";
    EXPECT_LE(*due_at, now + limits::kWebhookRetryMsMax);
    before = *due_at;
  }
  EXPECT_EQ(fate({.status = 500, .number = limits::kWebhookAttemptsMax}).due_at, std::nullopt);
  EXPECT_EQ(fate({.status = 500, .is_last = true, .number = 1}).due_at, std::nullopt);
  const Fate gone = fate({.status = 410, .number = 1});
  EXPECT_TRUE(gone.is_gone);
  EXPECT_EQ(gone.due_at, std::nullopt);
  EXPECT_FALSE(fate({.status = 404, .number = limits::kWebhookAttemptsMax}).is_gone);
}

}  // namespace
}  // namespace latchkey::alert
