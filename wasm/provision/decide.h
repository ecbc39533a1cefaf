// decide: the whole policy of a provision, without I/O. the trigger of d1/0002_provision.sql
// says the same in SQL; tests/native/provision holds the two together.
#pragma once

#include "provision/types.h"

namespace latchkey::provision {

// decide: the first reason against, in the order of Verdict, or kGranted.
Verdict decide(const Facts& facts, const Terms& terms);

// decide_license: the part that a status call shares: limits and the licence's state.
Verdict decide_license(const Facts& facts, const Terms& terms);

// Times of a grant: it lasts 30 days and is refreshed after 7, neither past the licence's end.
struct GrantTimes {
  TimeMs expires_at = 0;
  TimeMs refresh_after = 0;
};
GrantTimes grant_times(TimeMs now, std::optional<TimeMs> license_expires_at);

}  // namespace latchkey::provision
