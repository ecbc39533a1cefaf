// Signed documents: compact JWS (RFC 7515) with EdDSA over Ed25519 (RFC 8037, RFC 8032).
// The header is always the text {"alg":"EdDSA","kid":"<kid>","typ":"<typ>"}: a document
// cannot choose its algorithm, only name one of the keys we already trust.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "crypto/ed25519.h"
#include "crypto/hpke.h"

namespace latchkey::crypto {

inline constexpr size_t kSigningKeysMax = 16;
inline constexpr size_t kJwsBytesMax = 64 * 1024;

// VerifyKey: the public half of a signing key, as a JWKS publishes it.
struct VerifyKey {
  std::string kid;
  Ed25519PublicKey public_key{};
};

// verify_jws: the payload of `token`, signed by one of `keys` with this `typ`. Strict:
// exactly three parts, strict base64url, at most kJwsBytesMax, and a header byte for byte
// as sign_jws writes it. One error, kUnauthorized, for every reason.
Result<std::string> verify_jws(std::span<const VerifyKey> keys, std::string_view token, std::string_view typ);

// SigningKeys: SIGNING_KEY. The first key signs, all verify. Move-only.
class SigningKeys {
 public:
  // parse: `kid:base64(32-byte Ed25519 seed)[,...]`, kids of 1 to 32 [A-Za-z0-9_-], unique.
  // The error gives the position of the bad entry and never repeats a value.
  static Result<SigningKeys> parse(const Secret& text);

  // sign_jws: `typ` is 1 to 64 characters of [A-Za-z0-9+._-], a constant of the caller.
  std::string sign_jws(std::string_view payload_json, std::string_view typ) const;
  Result<std::string> verify_jws(std::string_view token, std::string_view typ) const;
  // sign: for forms other than JWS. The message must hold a line feed, which none of a JWS does.
  Ed25519Signature sign(ByteView message) const { return signing_key_.sign(message); }

  // jwks: {"keys":[...]} (RFC 7517), signing key first.
  std::string jwks() const;
  std::span<const VerifyKey> verify_keys() const { return verify_keys_; }

 private:
  SigningKeys(Ed25519Key signing_key, std::vector<VerifyKey> verify_keys)
      : signing_key_(std::move(signing_key)), verify_keys_(std::move(verify_keys)) {}

  Ed25519Key signing_key_;
  // The signing key's own comes first. Never empty.
  std::vector<VerifyKey> verify_keys_;
};

// jwk_thumbprint: RFC 7638 of an X25519 public key, base64url of SHA-256: 43 characters.
std::string jwk_thumbprint(const X25519PublicKey& public_key);
// okp_thumbprint: the same for any key of RFC 8037's type OKP.
std::string okp_thumbprint(std::string_view curve, ByteView public_key);

}  // namespace latchkey::crypto
