// What may become of a licence. Pure.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace latchkey::admin {

enum class LicenseAct : uint8_t { kRevoke, kSuspend, kReinstate };

// audit_action: "license.revoked" and so on.
std::string_view audit_action(LicenseAct act);

// Versions: those of a licence that an act may find: any, or those that an admin has seen.
struct Versions {
  bool is_any = true;
  std::vector<int64_t> listed;
  bool has(int64_t version) const;
};

// status_now: what counts: an active licence past its end is expired.
std::string_view status_now(std::string_view stored_status, std::optional<TimeMs> expires_at, TimeMs now);

// state_after: the stored status that an act of the audit log leads to; nullopt where it changes none.
std::optional<std::string_view> state_after(std::string_view audit_action);

// The errors of an act that came too late: changed since it was read, or since the admin saw it.
Error changed_meanwhile();
Error precondition_failed(std::string_view what = "licence");

// next_status: the stored status after the act; nullopt where it is that already, so that an
// act done twice changes nothing. kConflict where the act is not allowed: a revoked licence
// stays revoked.
Result<std::optional<std::string_view>> next_status(std::string_view stored_status, LicenseAct act);

}  // namespace latchkey::admin
