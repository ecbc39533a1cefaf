#include "admin/access.h"

#include <algorithm>

#include "base/check.h"
#include "base/limits.h"

namespace latchkey::admin {
namespace {

Access decide_scope(const Scopes& held, std::string_view scope) {
  return scope.empty() || allows(held, scope) ? Access::kGranted : Access::kWrongScope;
}

}  // namespace

bool allows(const Scopes& held, std::string_view wanted) {
  return std::ranges::any_of(held, [&](const std::string& scope) { return scope == kEveryScope || scope == wanted; });
}

bool may_grant(const Scopes& held, const Scopes& asked) {
  return std::ranges::all_of(asked, [&](const std::string& scope) { return allows(held, scope); });
}

std::string_view sign_in_name(SignIn kind) {
  switch (kind) {
    case SignIn::kBootstrap: return "bootstrap";
    case SignIn::kToken: return "token";
    case SignIn::kAccess: return "access";
  }
  LK_UNREACHABLE();
}

bool is_token_name(std::string_view name) {
  constexpr std::string_view first = "abcdefghijklmnopqrstuvwxyz0123456789";
  if (name.empty() || name.size() > limits::kAdminTokenNameBytesMax || name == kBootstrapName) return false;
  const auto is_first = [&](char c) { return first.find(c) != std::string_view::npos; };
  return is_first(name.front()) &&
         std::ranges::all_of(name, [&](char c) { return is_first(c) || c == '-' || c == '_' || c == '.'; });
}

Access decide_access(const AccessFacts& facts, std::string_view scope, TimeMs now) {
  if (!facts.is_shown) return Access::kNoToken;
  if (facts.is_bootstrap) return facts.bootstrap_enabled ? Access::kGranted : Access::kBootstrapOff;
  if (!facts.named) return Access::kWrongToken;
  const TokenFacts& token = *facts.named;
  if (token.revoked_at) return Access::kRevoked;
  if (token.expires_at && *token.expires_at <= now) return Access::kExpired;
  return decide_scope(token.scopes, scope);
}

Access decide_cookie_access(const Scopes& held, std::string_view scope, const CookieFacts& facts) {
  if (!facts.is_read && !(facts.is_own_origin && facts.is_json)) return Access::kForeignOrigin;
  return decide_scope(held, scope);
}

std::string_view access_reason(Access access) {
  switch (access) {
    case Access::kGranted: return "granted";
    case Access::kNoToken: return "no_token";
    case Access::kWrongToken: return "wrong_token";
    case Access::kBootstrapOff: return "bootstrap_off";
    case Access::kRevoked: return "token_revoked";
    case Access::kExpired: return "token_expired";
    case Access::kWrongScope: return "wrong_scope";
    case Access::kForeignOrigin: return "foreign_origin";
    case Access::kAccessRefused: return "access_refused";
  }
  LK_UNREACHABLE();
}

bool is_touch_due(const TokenFacts& token, TimeMs now) {
  return !token.last_used_at || *token.last_used_at <= now - limits::kAdminTokenTouchMs;
}

Result<bool> decide_bootstrap(bool is_enabled, bool wanted, bool is_by_bootstrap, bool has_manager) {
  if (wanted && is_by_bootstrap) {
    return fail(ErrorCode::kForbidden, "Only a named token switches the bootstrap token on.");
  }
  if (is_enabled == wanted) return false;
  if (!wanted && !has_manager) {
    return fail(ErrorCode::kConflict,
                "Make a named token with the scope tokens:write or * first: without one nobody could get back in.");
  }
  return true;
}

}  // namespace latchkey::admin
