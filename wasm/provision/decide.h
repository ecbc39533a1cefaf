// decide: the whole policy of a provision, without I/O. The trigger of d1/0013_usage.sql
// says the same in SQL; tests/native/provision holds the two together.
#pragma once

#include "provision/types.h"

namespace latchkey::provision {

// decide: the first reason against, in the order of Verdict, or kGranted.
Verdict decide(const Facts& facts, const Terms& terms);

// decide_license: the part that a release shares: limits and the licence's state.
Verdict decide_license(const Facts& facts, const Terms& terms);

// decide_keys: the part that a status call shares: whether the licence may have keys now, whatever the machine.
Verdict decide_keys(const Facts& facts, const Terms& terms);

// used_up: of kBudgetExceeded the limit that was reached; otherwise nullopt.
std::optional<budget::Standing> used_up(Verdict verdict, const Facts& facts, TimeMs now);

// license_limit: requests that the licence may make in its hour: the service's, or its own where that is lower.
int64_t license_limit(const LicenseFacts& license, const Terms& terms);

// Times of a grant: it lasts 30 days and is refreshed after 7, neither past the licence's end.
struct GrantTimes {
  TimeMs expires_at = 0;
  TimeMs refresh_after = 0;
};
GrantTimes grant_times(TimeMs now, std::optional<TimeMs> license_expires_at);

// After a key was published at `published_at`, machines come by sooner, each at a moment of its own that its
// hash gives, so that they do not all come at once.
//   spread_refresh       of a grant: refresh_after, pulled in for limits::kRotationPullMs after the publishing
//   refresh_for_rotation of a status: when a machine that lacks the key should come by; never in the past
GrantTimes spread_refresh(GrantTimes times, TimeMs now, TimeMs published_at, std::string_view machine_hash);
TimeMs refresh_for_rotation(TimeMs now, TimeMs published_at, std::string_view machine_hash);

}  // namespace latchkey::provision
