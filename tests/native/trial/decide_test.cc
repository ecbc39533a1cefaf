// Who gets a trial: every case of the policy.
#include "trial/decide.h"

#include <gtest/gtest.h>

namespace latchkey::trial {
namespace {

constexpr TimeMs kNow = 1'700'000'000'000;
constexpr Limits kLimits{.address = 100, .trials = 5};

Given running() { return {.is_active = true, .has_same_code = true, .expires_at = kNow + 1}; }

TEST(Decide, every_case) {
  const auto with = [](auto change) {
    Facts facts{.address_hits = 1, .trial_hits = 1};
    change(facts);
    return decide(facts, kLimits, kNow);
  };
  EXPECT_EQ(with([](Facts&) {}), Verdict::kStart);
  EXPECT_EQ(with([](Facts& f) { f.address_hits = 100; }), Verdict::kStart);
  EXPECT_EQ(with([](Facts& f) { f.address_hits = 101; }), Verdict::kAddressOverLimit);
  EXPECT_EQ(with([](Facts& f) { f.trial_hits = 5; }), Verdict::kStart);
  EXPECT_EQ(with([](Facts& f) { f.trial_hits = 6; }), Verdict::kTrialsOverLimit);
  EXPECT_EQ(with([](Facts& f) { f.is_code_taken = true; }), Verdict::kHasLicense);
  EXPECT_EQ(with([](Facts& f) { f.given = running(); }), Verdict::kRunning);
  // The limits come first, and what was given before what is taken.
  EXPECT_EQ(with([](Facts& f) { f.given = running(), f.trial_hits = 6; }), Verdict::kTrialsOverLimit);
  EXPECT_EQ(with([](Facts& f) { f.given = running(), f.is_code_taken = true; }), Verdict::kRunning);
  EXPECT_EQ(with([](Facts& f) { f.address_hits = 101, f.trial_hits = 6; }), Verdict::kAddressOverLimit);
}

TEST(Decide, a_trial_that_ended_was_refused_or_has_another_code_is_used) {
  const auto given = [](auto change) {
    Facts facts{.address_hits = 1, .trial_hits = 1, .given = running()};
    change(*facts.given);
    return decide(facts, kLimits, kNow);
  };
  EXPECT_EQ(given([](Given& g) { g.expires_at = kNow; }), Verdict::kUsed);
  EXPECT_EQ(given([](Given& g) { g.is_active = false; }), Verdict::kUsed);
  EXPECT_EQ(given([](Given& g) { g.has_same_code = false; }), Verdict::kUsed);
  // An admin made it one that never ends.
  EXPECT_EQ(given([](Given& g) { g.expires_at.reset(); }), Verdict::kRunning);
}

}  // namespace
}  // namespace latchkey::trial
