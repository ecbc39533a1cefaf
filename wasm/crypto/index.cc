#include "crypto/index.h"

#include "base/check.h"
#include "base/encoding.h"
#include "crypto/kdf.h"
#include "crypto/key_list.h"

namespace latchkey::crypto {
namespace {

constexpr SecretAccess kDerive("deriving index keys");

constexpr std::string_view kLabels[kNumIndexPurposes] = {
    "latchkey/index/v1/license_code", "latchkey/index/v1/machine", "latchkey/index/v1/admin_token",
    "latchkey/index/v1/address",      "latchkey/index/v1/holder",  "latchkey/index/v1/key_tag",
    "latchkey/index/v1/cursor",       "latchkey/index/v1/idempotency",
    "latchkey/index/v1/trial",        "latchkey/index/v1/fingerprint",
};
static_assert(static_cast<size_t>(IndexPurpose::kFingerprint) + 1 == kNumIndexPurposes);

HmacKey derive(const Secret& key, IndexPurpose purpose) {
  CHECK(key.size() == kIndexKeyBytes);
  const std::string_view label = kLabels[static_cast<size_t>(purpose)];
  return HmacKey(hkdf_sha256(key.reveal(kDerive), {}, label, kSha256Bytes).reveal(kDerive));
}

}  // namespace

TokenHash::TokenHash(std::string_view text) : chars_() {
  CHECK(text.size() == chars_.size());
  text.copy(chars_.data(), chars_.size());
}

std::optional<TokenHash> TokenHash::from_text(std::string_view text) {
  if (text.size() != kTokenHashChars || !base64url_decode(text)) return std::nullopt;
  return TokenHash(text);
}

bool operator==(const TokenHash& a, const TokenHash& b) {
  return equal_constant_time(as_bytes(a.text()), as_bytes(b.text()));
}

Index::Index(const Secret& key)
    : keys_{derive(key, IndexPurpose::kLicenseCode), derive(key, IndexPurpose::kMachine),
            derive(key, IndexPurpose::kAdminToken),  derive(key, IndexPurpose::kAddress),
            derive(key, IndexPurpose::kHolder),      derive(key, IndexPurpose::kKeyTag),
            derive(key, IndexPurpose::kCursor),      derive(key, IndexPurpose::kIdempotency),
            derive(key, IndexPurpose::kTrial),       derive(key, IndexPurpose::kFingerprint)} {}

TokenHash Index::hash(IndexPurpose purpose, ByteView value) const {
  return TokenHash(base64url_encode(keys_[static_cast<size_t>(purpose)].mac(value)));
}

Result<Secret> parse_index_key(const Secret& text) {
  std::optional<Secret> key = decode_key_base64(text.reveal_text(kDerive), kIndexKeyBytes);
  if (!key) return fail(ErrorCode::kInternal, "it is not base64 of exactly 32 bytes");
  return std::move(*key);
}

}  // namespace latchkey::crypto
