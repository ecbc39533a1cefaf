#include "admin/decide.h"

#include <algorithm>

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

}  // namespace latchkey::admin
