// The states of a rotation: what may be done in each, and what comes of it.
#include "rotation/decide.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace latchkey::rotation {
namespace {

constexpr TimeMs kNow = 1'768'478'400'000;
constexpr State kStates[] = {State::kStaged,  State::kVerified, State::kPublished,
                             State::kRetired, State::kFailed,   State::kCancelled};

Rotation make(State state) {
  return {.id = "rot_1", .provider = "kimi", .state = state, .from_version = 2, .to_version = 3,
          .material_hash = "hash", .grace_days = 30};
}

TEST(Names, are_read_back_as_they_were_written) {
  for (const State state : kStates) EXPECT_EQ(parse_state(state_name(state)), state);
  for (const EndsBy ends_by : {EndsBy::kTime, EndsBy::kAdoption}) EXPECT_EQ(parse_ends_by(ends_by_name(ends_by)), ends_by);
  for (const Verdict verdict : {Verdict::kAccepted, Verdict::kRefused, Verdict::kCouldNotAsk}) {
    EXPECT_EQ(parse_verdict(verdict_name(verdict)), verdict);
  }
  EXPECT_EQ(parse_state("grace"), std::nullopt);
}

TEST(Start, is_new_the_same_again_or_refused) {
  const Rotation open = make(State::kStaged);
  struct Case {
    const char* what;
    std::string_view provider, material;
    std::optional<Rotation> asked, open;
    std::optional<ErrorCode> error;
    bool is_same;
  };
  const Case cases[] = {
      {"nothing is open", "kimi", "hash", {}, {}, {}, false},
      {"the same key is open", "kimi", "hash", {}, open, {}, true},
      {"another key is open", "kimi", "other", {}, open, ErrorCode::kConflict, false},
      {"asked before", "kimi", "hash", open, open, {}, true},
      {"asked before, long over", "kimi", "hash", make(State::kRetired), {}, {}, true},
      {"asked before for another provider", "qwen", "hash", open, {}, ErrorCode::kUnprocessable, false},
      {"asked before with another key", "kimi", "other", open, open, ErrorCode::kUnprocessable, false},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.what);
    const auto same = decide_start(one.provider, one.material, one.asked, one.open);
    ASSERT_EQ(same.has_value(), !one.error.has_value());
    if (same) EXPECT_EQ(*same != nullptr, one.is_same);
    else EXPECT_EQ(same.error().code(), *one.error);
    if (!same) EXPECT_NE(same.error().message().find("rot_1"), std::string::npos);
  }
}

TEST(Acts, are_allowed_done_already_or_refused_by_state) {
  constexpr char kTable[4][7] = {
      // staged verified published retired failed cancelled: d does it, a is done already, x is refused
      "daaaxx",  // verify
      "xdaaxx",  // publish
      "ddxxaa",  // cancel
      "xxdaxx",  // retire
  };
  for (size_t act = 0; act < 4; ++act) {
    for (size_t state = 0; state < 6; ++state) {
      const auto ready = decide_act(make(kStates[state]), static_cast<Act>(act));
      const char found = !ready ? 'x' : *ready == Ready::kDo ? 'd' : 'a';
      EXPECT_EQ(found, kTable[act][state]) << "act " << act << " in " << state_name(kStates[state]);
      if (!ready) EXPECT_EQ(ready.error().code(), ErrorCode::kConflict);
    }
  }
}

TEST(Acts, publish_a_staged_key_where_nobody_wants_it_verified_or_in_an_emergency) {
  Rotation rotation = make(State::kStaged);
  rotation.must_verify = false;
  EXPECT_TRUE(decide_act(rotation, Act::kPublish).has_value());
  rotation.must_verify = true;
  rotation.is_emergency = true;
  EXPECT_TRUE(decide_act(rotation, Act::kPublish).has_value());
}

TEST(GoesOn, verifies_and_publishes_only_what_was_asked_for) {
  Rotation rotation = make(State::kStaged);
  EXPECT_EQ(goes_on(rotation), Act::kVerify);
  rotation.must_verify = false;
  EXPECT_EQ(goes_on(rotation), Act::kPublish);
  rotation.publish_at = kNow + kDayMs;
  EXPECT_EQ(goes_on(rotation), std::nullopt);
  rotation = make(State::kVerified);
  EXPECT_EQ(goes_on(rotation), std::nullopt);
  rotation.is_emergency = true;
  EXPECT_EQ(goes_on(rotation), Act::kPublish);
  for (const State state : {State::kPublished, State::kRetired, State::kFailed, State::kCancelled}) {
    EXPECT_EQ(goes_on(make(state)), std::nullopt);
  }
}

TEST(Verify, is_accepted_refused_or_open) {
  Rotation rotation = make(State::kStaged);
  rotation.publish_at = kNow + kDayMs;
  const Rotation accepted = after_verify(rotation, {Verdict::kAccepted, "HTTP 200"}, kNow);
  EXPECT_EQ(accepted.state, State::kVerified);
  EXPECT_EQ(accepted.due_at, rotation.publish_at);
  const Rotation refused = after_verify(rotation, {Verdict::kRefused, "HTTP 401"}, kNow);
  EXPECT_EQ(refused.state, State::kFailed);
  EXPECT_EQ(refused.failure, "key_refused");
  EXPECT_EQ(refused.due_at, std::nullopt);
  EXPECT_EQ(refused.ended_at, kNow);
  const Rotation open = after_verify(rotation, {Verdict::kCouldNotAsk, "HTTP 500"}, kNow + 2 * kDayMs);
  EXPECT_EQ(open.state, State::kStaged);
  EXPECT_EQ(open.due_at, kNow + 2 * kDayMs + limits::kVerifyRetryMs);
  rotation.publish_at = std::nullopt;
  EXPECT_EQ(after_verify(rotation, {Verdict::kCouldNotAsk, ""}, kNow).due_at, std::nullopt);
}

TEST(Publish, begins_a_grace_or_ends_at_once) {
  const Rotation graced = after_publish(make(State::kVerified), kNow);
  EXPECT_EQ(graced.state, State::kPublished);
  EXPECT_EQ(graced.grace_ends_at, kNow + 30 * kDayMs);
  EXPECT_EQ(graced.due_at, graced.grace_ends_at);

  Rotation adopted = make(State::kVerified);
  adopted.ends_by = EndsBy::kAdoption;
  adopted = after_publish(adopted, kNow);
  EXPECT_EQ(adopted.grace_ends_at, std::nullopt);
  EXPECT_EQ(due_step(adopted, kNow), Step::kNone);
  EXPECT_EQ(due_step(adopted, kNow + limits::kAdoptionCheckMs), Step::kCheckAdoption);

  Rotation emergency = make(State::kVerified);
  emergency.is_emergency = true;
  Rotation first = make(State::kVerified);
  first.from_version = std::nullopt;
  for (const Rotation& rotation : {emergency, first}) {
    const Rotation after = after_publish(rotation, kNow);
    EXPECT_EQ(after.state, State::kRetired);
    EXPECT_EQ(after.ended_at, kNow);
    EXPECT_EQ(after.due_at, std::nullopt);
  }
}

TEST(Due, is_the_next_step_of_each_state) {
  const struct {
    State state;
    bool must_verify;
    Step step;
  } cases[] = {
      {State::kStaged, true, Step::kVerify},       {State::kStaged, false, Step::kPublish},
      {State::kVerified, true, Step::kPublish},    {State::kPublished, true, Step::kEndGrace},
      {State::kRetired, true, Step::kNone},        {State::kFailed, true, Step::kNone},
      {State::kCancelled, true, Step::kNone},
  };
  for (const auto& one : cases) {
    Rotation rotation = make(one.state);
    rotation.must_verify = one.must_verify;
    rotation.grace_ends_at = kNow;
    EXPECT_EQ(due_step(rotation, kNow), Step::kNone);
    rotation.due_at = kNow;
    EXPECT_EQ(due_step(rotation, kNow - 1), Step::kNone);
    EXPECT_EQ(due_step(rotation, kNow), one.step) << state_name(one.state);
  }
}

TEST(Adoption, ends_the_grace_once_nobody_lags) {
  Rotation rotation = make(State::kPublished);
  rotation.ends_by = EndsBy::kAdoption;
  rotation.due_at = kNow;
  const Rotation waits = after_adoption_check(rotation, {.active = 3, .holding = 2}, kNow);
  EXPECT_EQ(waits.due_at, kNow + limits::kAdoptionCheckMs);
  EXPECT_EQ(waits.grace_ends_at, std::nullopt);
  const Rotation over = after_adoption_check(rotation, {.active = 3, .holding = 3}, kNow);
  EXPECT_EQ(due_step(over, kNow), Step::kEndGrace);
}

TEST(Grace, ends_with_what_the_provider_says_of_the_old_key) {
  Rotation rotation = make(State::kPublished);
  rotation.grace_ends_at = kNow;
  rotation.due_at = kNow;
  for (const Verdict verdict : {Verdict::kAccepted, Verdict::kRefused}) {
    const Rotation over = after_grace(rotation, Finding{verdict, "x"}, GraceEnd::kByCron, kNow);
    EXPECT_EQ(over.state, State::kRetired);
    EXPECT_EQ(over.old_verdict, verdict);
    EXPECT_EQ(over.due_at, std::nullopt);
  }
  EXPECT_EQ(after_grace(rotation, std::nullopt, GraceEnd::kByCron, kNow).state, State::kRetired);
  const Finding silent{Verdict::kCouldNotAsk, "no answer"};
  const Rotation waits = after_grace(rotation, silent, GraceEnd::kByCron, kNow);
  EXPECT_EQ(waits.state, State::kPublished);
  EXPECT_EQ(waits.due_at, kNow + limits::kOldKeyRetryMs);
  EXPECT_EQ(after_grace(rotation, silent, GraceEnd::kByCron, kNow + limits::kOldKeyAskMs).state, State::kRetired);
  EXPECT_EQ(after_grace(rotation, silent, GraceEnd::kByAdmin, kNow).state, State::kRetired);
}

TEST(Grace, that_an_admin_ends_early_ended_then) {
  Rotation rotation = make(State::kPublished);
  rotation.grace_ends_at = kNow + 20 * kDayMs;
  EXPECT_EQ(after_grace(rotation, std::nullopt, GraceEnd::kByAdmin, kNow).grace_ends_at, kNow);
}

TEST(KeyChange, follows_from_the_two_states) {
  EXPECT_EQ(key_change(State::kStaged, State::kStaged), KeyChange::kNone);
  EXPECT_EQ(key_change(State::kStaged, State::kVerified), KeyChange::kNone);
  EXPECT_EQ(key_change(State::kPublished, State::kPublished), KeyChange::kNone);
  for (const State before : {State::kStaged, State::kVerified}) {
    EXPECT_EQ(key_change(before, State::kCancelled), KeyChange::kDeleteNew);
    EXPECT_EQ(key_change(before, State::kFailed), KeyChange::kDeleteNew);
    EXPECT_EQ(key_change(before, State::kPublished), KeyChange::kPublish);
    EXPECT_EQ(key_change(before, State::kRetired), KeyChange::kPublish);
  }
  EXPECT_EQ(key_change(State::kPublished, State::kRetired), KeyChange::kDeleteOld);
}

TEST(Aging, publishes_what_is_ready_and_asks_for_a_key_once_a_day) {
  const TimeMs published_at = kNow - 200 * kDayMs;
  EXPECT_EQ(decide_aging(published_at, std::nullopt, kNow), Aging::kAsk);
  EXPECT_EQ(decide_aging(published_at, std::nullopt, kNow + kMinuteMs - 1), Aging::kAsk);
  EXPECT_EQ(decide_aging(published_at, std::nullopt, kNow + kMinuteMs), Aging::kNone);
  EXPECT_EQ(decide_aging(published_at, std::nullopt, kNow + kDayMs), Aging::kAsk);
  EXPECT_EQ(decide_aging(kNow, std::nullopt, kNow - kDayMs), Aging::kNone) << "the clock went back";
  EXPECT_EQ(decide_aging(published_at, make(State::kVerified), kNow), Aging::kPublish);
  EXPECT_EQ(decide_aging(published_at, make(State::kStaged), kNow), Aging::kNone) << "cron verifies it first";
  Rotation unverified = make(State::kStaged);
  unverified.must_verify = false;
  EXPECT_EQ(decide_aging(published_at, unverified, kNow), Aging::kPublish);
  Rotation waits = make(State::kVerified);
  waits.publish_at = kNow + kDayMs;
  EXPECT_EQ(decide_aging(published_at, waits, kNow), Aging::kNone) << "somebody chose its time";
  EXPECT_EQ(decide_aging(published_at, make(State::kPublished), kNow), Aging::kNone);
}

TEST(Advice, names_the_worker_secret_to_delete_and_an_old_key_that_still_works) {
  Rotation rotation = make(State::kRetired);
  rotation.old_verdict = Verdict::kAccepted;
  EXPECT_EQ(advice(rotation, "KIMI_API_KEY"),
            "kimi still accepts the old key: delete it there and delete the Worker secret KIMI_API_KEY.");
  rotation.old_verdict = Verdict::kRefused;
  EXPECT_EQ(advice(rotation, "KIMI_API_KEY"), "The old key is gone: delete the Worker secret KIMI_API_KEY.");
  EXPECT_EQ(advice(rotation, ""), "The old key is gone.");
  rotation = make(State::kStaged);
  rotation.verdict = Verdict::kCouldNotAsk;
  rotation.verdict_detail = "HTTP 429";
  EXPECT_NE(advice(rotation, "").find("HTTP 429"), std::string::npos);
}

}  // namespace
}  // namespace latchkey::rotation
