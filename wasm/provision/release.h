// Release: a licence's holder frees the seat of a machine. Values, and the policy, without I/O;
// store/queries/audit_append_self_released.sql says the same in SQL.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/run.h"
#include "provision/types.h"

namespace latchkey::provision {

// ReleaseRequest: POST /machines/release, parsed. `asked` names the licence and the machine that asks.
struct ReleaseRequest {
  ProvisionRequest asked;
  std::optional<std::string> machine_id;  // mch_... of the one to release; nullopt: that which asks
  Run run = Run::kReal;
};

// ReleaseFacts: what the database said, before the release.
struct ReleaseFacts {
  Facts facts;
  std::optional<std::string> own_id;  // of the machine that asks, where the licence knows it
  std::optional<std::string> target_id;
  bool is_target_seated = false;
  int64_t num_releases = 0;  // by this licence's holders, in limits::kReleasePeriodMs
};

struct ReleaseTerms {
  Terms terms;
  int64_t releases_max = 0;
};

// ReleaseDecision: kGranted with `frees` false: the seat is free already, and nothing changes.
struct ReleaseDecision {
  Verdict verdict = Verdict::kUnknownLicense;
  bool frees = false;
};

// decide_release: the first reason against, or kGranted. The machine that asks must hold a seat; one that
// has freed its own may ask for that again, because the answer may have been lost.
ReleaseDecision decide_release(const ReleaseFacts& facts, const ReleaseTerms& terms);

// SeatView: a machine that holds a seat, or whose seat cools down.
struct SeatView {
  std::string id;
  std::optional<std::string> name;
  TimeMs last_seen_at = 0;
  std::optional<TimeMs> free_at;  // cools down until then
  bool is_own = false;
};

// ReleaseOutcome: the members below `windows` are there where the verdict is kGranted.
struct ReleaseOutcome {
  Verdict verdict = Verdict::kUnknownLicense;
  std::vector<Window> windows;
  std::optional<TimeMs> resets_at;  // kReleaseLimit: when the next one is allowed
  bool is_released = false;         // by this request
  std::string machine_id;
  TimeMs released_at = 0;
  std::optional<TimeMs> seat_free_at;  // nullopt: now
  std::vector<SeatView> seats;         // those taken and those that cool down, after it
  int64_t seats_max = 0;
  int64_t releases_left = 0;
  int64_t releases_max = 0;
};

}  // namespace latchkey::provision
