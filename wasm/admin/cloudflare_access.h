// Cloudflare Access: who Cloudflare says is at the door, by a signed token (JWT, RFC 7519) that it adds to each
// request. Pure: the keys that sign are fetched by http/admin_auth.cc.
//
// Of a token nothing is believed before its signature has been verified with a key of the team's, and the
// algorithm is ours to say: RS256.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "config/config.h"
#include "crypto/rsa.h"

namespace latchkey::admin {

// AccessToken: a token taken apart. Nothing in it is verified.
struct AccessToken {
  std::string kid;
  std::string signed_text;  // header.payload, as it was sent
  Bytes signature;
  std::string payload;
};
// parse_access_token: nullopt where it is no compact JWS whose header says RS256 and names a key.
std::optional<AccessToken> parse_access_token(std::string_view text);

// cookie_value: the value of the first cookie of this name, or empty.
std::string_view cookie_value(std::string_view header, std::string_view name);

struct AccessKey {
  std::string kid;
  crypto::RsaPublicKey key;
};
// parse_access_keys: the RSA keys of a JWKS (RFC 7517), others left out; nullopt where it is none.
std::optional<std::vector<AccessKey>> parse_access_keys(std::string_view json);

// AccessKeys: what an isolate knows of the team's keys. Plain data.
struct AccessKeys {
  std::vector<AccessKey> keys;
  std::optional<TimeMs> fetched_at;
  std::optional<TimeMs> asked_at;  // when they were last asked for, whatever came of it
};

// Lookup: what to do about a token's key.
//   kUse       it is known, and not for too long
//   kFetch     ask for the keys
//   kUnknown   the keys were asked for just now, and it is not among them
//   kAway      they were asked for just now, in vain
enum class Lookup : uint8_t { kUse, kFetch, kUnknown, kAway };
Lookup decide_lookup(const AccessKeys& known, std::string_view kid, TimeMs now);

// AccessActor: who a token is about: "access:" and a keyed hash of the e-mail address or, for a service token, of its
// name.
struct AccessActor {
  std::string name;
  TimeMs expires_at = 0;
};
// verify_access: nullopt unless a key of `known` signed the token, for us, and it counts now.
std::optional<AccessActor> verify_access(const config::Config& config, const AccessKeys& known,
                                         const AccessToken& token, TimeMs now);

}  // namespace latchkey::admin
