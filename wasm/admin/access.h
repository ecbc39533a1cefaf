// Who may act as an admin, and with what. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace latchkey::admin {

inline constexpr std::string_view kBootstrapName = "bootstrap";
inline constexpr std::string_view kEveryScope = "*";
inline constexpr std::string_view kTokensWrite = "tokens:write";

// Scopes: what a token allows: those of the route table, or "*".
using Scopes = std::vector<std::string>;

// allows: whether one of `held` is `wanted`, or all of them.
bool allows(const Scopes& held, std::string_view wanted);
// manages_tokens: whether these may make and revoke tokens.
inline bool manages_tokens(const Scopes& held) { return allows(held, kTokensWrite); }
// may_grant: whether the holder of `held` may make a token with `asked`: only what it holds itself.
bool may_grant(const Scopes& held, const Scopes& asked);

// is_token_name: 1 to limits::kAdminTokenNameBytesMax of a-z 0-9 - _ . beginning with a letter or a digit, and
// not the name of the bootstrap token.
bool is_token_name(std::string_view name);

// SignIn: how an admin shows who it is.
enum class SignIn : uint8_t { kBootstrap, kToken, kAccess };
std::string_view sign_in_name(SignIn kind);  // bootstrap, token, access

// Identity: who an admin is, beside the name in the audit log.
struct Identity {
  SignIn kind = SignIn::kBootstrap;
  std::string token_id;  // of a named token
  std::optional<TimeMs> expires_at;
};

// TokenFacts: a named token as it is stored.
struct TokenFacts {
  std::string id;
  std::string name;
  Scopes scopes;
  std::optional<TimeMs> expires_at;
  std::optional<TimeMs> revoked_at;
  std::optional<TimeMs> last_used_at;
};

// AccessFacts: what is known of the token that a request shows.
struct AccessFacts {
  bool is_shown = false;          // there is one at all
  bool is_bootstrap = false;      // it is ADMIN_TOKEN
  bool bootstrap_enabled = false;
  std::optional<TokenFacts> named;
};

enum class Access : uint8_t {
  kGranted,
  kNoToken,
  kWrongToken,
  kBootstrapOff,
  kRevoked,
  kExpired,
  kWrongScope,
  kForeignOrigin,  // a change that rides on a cookie, from elsewhere
  kAccessRefused,  // a token of Cloudflare Access that is not good
};

// decide_access: whether the request may do what its route's scope names; an empty one is that of a route for every
// admin. Only a token that is good hears of kWrongScope.
Access decide_access(const AccessFacts& facts, std::string_view scope, TimeMs now);
// CookieFacts: how a request that changes something came, where it rides on a cookie.
struct CookieFacts {
  bool is_read = false;        // changes nothing
  bool is_own_origin = false;  // the header Origin names us
  bool is_json = false;        // which no form of another site sends
};
// decide_cookie_access: whether one whom Cloudflare Access lets in may do what the route's scope names.
Access decide_cookie_access(const Scopes& held, std::string_view scope, const CookieFacts& facts);
// access_reason: the word that stands in the audit row.
std::string_view access_reason(Access access);
// is_touch_due: whether the use is to be written to the token's row.
bool is_touch_due(const TokenFacts& token, TimeMs now);

// decide_bootstrap: whether ADMIN_TOKEN is to be switched: false where it is so already. kConflict where
// nobody could make tokens afterwards; kForbidden where ADMIN_TOKEN switches itself on.
Result<bool> decide_bootstrap(bool is_enabled, bool wanted, bool is_by_bootstrap, bool has_manager);

}  // namespace latchkey::admin
