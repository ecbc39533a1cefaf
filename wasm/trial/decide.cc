#include "trial/decide.h"

#include "base/check.h"

namespace latchkey::trial {

Verdict decide(const Facts& facts, const Limits& limits, TimeMs now) {
  if (facts.address_hits > limits.address) return Verdict::kAddressOverLimit;
  if (facts.trial_hits > limits.trials) return Verdict::kTrialsOverLimit;
  if (facts.given) {
    const Given& given = *facts.given;
    const bool runs = given.is_active && given.has_same_code && (!given.expires_at || *given.expires_at > now);
    return runs ? Verdict::kRunning : Verdict::kUsed;
  }
  return facts.is_code_taken ? Verdict::kHasLicense : Verdict::kStart;
}

std::string_view verdict_reason(Verdict verdict) {
  switch (verdict) {
    case Verdict::kAddressOverLimit: return "address_over_limit";
    case Verdict::kTrialsOverLimit: return "trials_over_limit";
    case Verdict::kUsed: return "trial_used";
    case Verdict::kHasLicense: return "has_license";
    case Verdict::kRunning: return "trial_running";
    case Verdict::kStart: return "trial_started";
  }
  LK_UNREACHABLE();
}

}  // namespace latchkey::trial
