#include "admin/decide.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace latchkey::admin {

std::string_view audit_action(LicenseAct act) {
  switch (act) {
    case LicenseAct::kRevoke: return "license.revoked";
    case LicenseAct::kSuspend: return "license.suspended";
    case LicenseAct::kReinstate: return "license.reinstated";
  }
  LK_UNREACHABLE();
}

bool Versions::has(int64_t version) const {
  return is_any || std::ranges::find(listed, version) != listed.end();
}

std::string_view status_now(std::string_view stored_status, std::optional<TimeMs> expires_at, TimeMs now) {
  return stored_status == "active" && expires_at && *expires_at <= now ? "expired" : stored_status;
}

std::optional<std::string_view> state_after(std::string_view audit_action) {
  constexpr std::pair<std::string_view, std::string_view> states[] = {
      {"license.created", "active"},     {"license.imported", "active"}, {"license.reinstated", "active"},
      {"license.suspended", "suspended"}, {"license.revoked", "revoked"}};
  for (const auto& [action, state] : states) {
    if (action == audit_action) return state;
  }
  return std::nullopt;
}

Result<std::optional<std::string_view>> next_status(std::string_view stored_status, LicenseAct act) {
  const auto become = [&](std::string_view status) {
    return stored_status == status ? std::nullopt : std::optional(status);
  };
  if (act == LicenseAct::kRevoke) return become("revoked");
  if (stored_status == "revoked") {
    return fail(ErrorCode::kConflict, "A revoked licence stays revoked. Create a new one.");
  }
  return become(act == LicenseAct::kSuspend ? "suspended" : "active");
}

Error changed_meanwhile() {
  return Error(ErrorCode::kConflict, "The licence was changed by someone else. Look at it and try again.");
}

Error precondition_failed(std::string_view what) {
  return Error(ErrorCode::kPreconditionFailed,
               "The " + std::string(what) + " has another version than If-Match names. Read it again, then decide.");
}

}  // namespace latchkey::admin
