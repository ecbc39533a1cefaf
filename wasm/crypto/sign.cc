#include "crypto/sign.h"

#include <algorithm>
#include <optional>

#include "base/check.h"
#include "base/encoding.h"
#include "crypto/hash.h"
#include "crypto/key_list.h"

namespace latchkey::crypto {
namespace {

constexpr size_t kTypCharsMax = 64;

bool is_typ(std::string_view typ) {
  return !typ.empty() && typ.size() <= kTypCharsMax && std::all_of(typ.begin(), typ.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '+' ||
           c == '.' || c == '_' || c == '-';
  });
}

// The one header of a key and a type. Neither needs escaping in JSON.
std::string encoded_header(std::string_view kid, std::string_view typ) {
  CHECK(is_kid(kid) && is_typ(typ));
  std::string json = R"({"alg":"EdDSA","kid":")";
  json += kid;
  json += R"(","typ":")";
  json += typ;
  json += R"("})";
  return base64url_encode(as_bytes(json));
}

Unexpected invalid_document() {
  return fail(ErrorCode::kUnauthorized, "The signed document was not issued by this service.");
}

}  // namespace

Result<std::string> verify_jws(std::span<const VerifyKey> keys, std::string_view token,
                               std::string_view typ) {
  CHECK(is_typ(typ));
  if (token.size() > kJwsBytesMax) return invalid_document();
  const size_t first_dot = token.find('.');
  const size_t last_dot = token.rfind('.');
  if (first_dot == last_dot) return invalid_document();
  const std::string_view header = token.substr(0, first_dot);
  const std::string_view payload = token.substr(first_dot + 1, last_dot - first_dot - 1);
  if (payload.find('.') != std::string_view::npos) return invalid_document();

  const auto key = std::find_if(keys.begin(), keys.end(), [&](const VerifyKey& candidate) {
    return encoded_header(candidate.kid, typ) == header;
  });
  if (key == keys.end()) return invalid_document();
  const std::optional<Bytes> signature = base64url_decode(token.substr(last_dot + 1));
  if (!signature || !ed25519_verify(key->public_key, as_bytes(token.substr(0, last_dot)), *signature)) {
    return invalid_document();
  }
  const std::optional<Bytes> decoded = base64url_decode(payload);
  if (!decoded) return invalid_document();
  return std::string(as_text(*decoded));
}

Result<SigningKeys> SigningKeys::parse(const Secret& text) {
  TRY(const std::vector<NamedKey> listed, parse_key_list(text, kSigningKeysMax));
  std::vector<VerifyKey> verify_keys;
  for (const NamedKey& named : listed) {
    verify_keys.push_back({named.kid, Ed25519Key(named.secret).public_key()});
  }
  return SigningKeys(Ed25519Key(listed.front().secret), std::move(verify_keys));
}

std::string SigningKeys::sign_jws(std::string_view payload_json, std::string_view typ) const {
  std::string token = encoded_header(verify_keys_.front().kid, typ);
  token += '.';
  token += base64url_encode(as_bytes(payload_json));
  const Ed25519Signature signature = signing_key_.sign(as_bytes(token));
  token += '.';
  token += base64url_encode(signature);
  CHECK(token.size() <= kJwsBytesMax);
  return token;
}

Result<std::string> SigningKeys::verify_jws(std::string_view token, std::string_view typ) const {
  return crypto::verify_jws(verify_keys_, token, typ);
}

std::string SigningKeys::jwks() const {
  std::string json = R"({"keys":[)";
  for (const VerifyKey& key : verify_keys_) {
    if (&key != &verify_keys_.front()) json += ',';
    json += R"({"kty":"OKP","crv":"Ed25519","x":")";
    json += base64url_encode(key.public_key);
    json += R"(","kid":")";
    json += key.kid;
    json += R"(","use":"sig","alg":"EdDSA"})";
  }
  json += "]}";
  return json;
}

std::string okp_thumbprint(std::string_view curve, ByteView public_key) {
  std::string json = R"({"crv":")";
  json += curve;
  json += R"(","kty":"OKP","x":")";
  json += base64url_encode(public_key);
  json += R"("})";
  return base64url_encode(sha256(as_bytes(json)));
}

std::string jwk_thumbprint(const X25519PublicKey& public_key) { return okp_thumbprint("X25519", public_key); }

}  // namespace latchkey::crypto
