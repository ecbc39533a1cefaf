// Admin authentication: a bearer token, looked up by its keyed hash, and the scope that its route asks for.
#pragma once

#include "admin/access.h"
#include "http/context.h"
#include "http/routes.h"

namespace latchkey::http {

// Admin: who acts.
struct Admin {
  std::string actor;  // admin:<token name>, access:<hash>
  admin::Scopes scopes;
  admin::Identity identity;
};

// authenticate_admin: a bearer token, or, where the request has no Authorization and Cloudflare Access is set up,
// its token: no trip to D1 then. For a bearer token one trip for a token that can be a right one, so that a revoked one stops at its next
// request. Any other is kUnauthorized, counted against its address and audited; past
// limits::kAdminFailuresPerHour it is kRateLimited, while a right token still works. A right one without the
// scope is kForbidden and audited.
Task<Result<Admin>> authenticate_admin(Context& context, const Route& route);

}  // namespace latchkey::http
