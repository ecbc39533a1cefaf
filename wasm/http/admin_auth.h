// Admin authentication: a bearer token, looked up by its keyed hash.
#pragma once

#include "http/context.h"

namespace latchkey::http {

// authenticate_admin: the actor's name, or kUnauthorized. A wrong token counts against its
// address and is audited; past limits::kAdminFailuresPerHour the answer is kRateLimited. A
// right token always works and costs no round trip.
Task<Result<std::string>> authenticate_admin(Context& context);

}  // namespace latchkey::http
