// Index: keyed hashes under which licence codes, machine ids and tokens are stored and
// looked up, so that the database alone reveals none of them. INDEX_KEY is a secret of
// its own: these hashes cannot be computed anew, so rotating MASTER_KEY must not touch them.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "crypto/mac.h"

namespace latchkey::crypto {

inline constexpr size_t kIndexKeyBytes = 32;
inline constexpr size_t kTokenHashChars = 43;

// IndexPurpose: each has a key of its own, derived by HKDF-SHA256 with the label
// `latchkey/index/v1/<name>`. Labels are forever.
enum class IndexPurpose : uint8_t {
  kLicenseCode,  // license_code
  kMachine,      // machine
  kAdminToken,   // admin_token
  kAddress,      // address: a client's IP address or network
  kHolder,       // holder: an e-mail address
  kKeyTag,       // key_tag: tells whether a provider key has changed
  kCursor,       // cursor: signs where a page of a list ended
  kIdempotency,  // idempotency: an admin's Idempotency-Key, and the request it came with
  kTrial,        // trial: whom one was given, and the code of a machine's
  kFingerprint,  // fingerprint: of a text that everybody knows, tells whether INDEX_KEY is the same
};
inline constexpr size_t kNumIndexPurposes = 10;

// TokenHash: HMAC-SHA256 as 43 characters of base64url. Not a secret, yet compared in
// constant time.
class TokenHash {
 public:
  // from_text: nullopt unless `text` is exactly one encoding of 32 bytes.
  static std::optional<TokenHash> from_text(std::string_view text);

  std::string_view text() const { return {chars_.data(), chars_.size()}; }
  friend bool operator==(const TokenHash& a, const TokenHash& b);

 private:
  friend class Index;
  explicit TokenHash(std::string_view text);

  std::array<char, kTokenHashChars> chars_;
};

class Index {
 public:
  // `key`: exactly kIndexKeyBytes, as parse_index_key gives it.
  explicit Index(const Secret& key);

  TokenHash hash(IndexPurpose purpose, ByteView value) const;
  TokenHash hash(IndexPurpose purpose, std::string_view value) const {
    return hash(purpose, as_bytes(value));
  }

 private:
  std::array<HmacKey, kNumIndexPurposes> keys_;
};

// parse_index_key: INDEX_KEY, exactly base64 (standard alphabet, padded) of 32 bytes.
// The error says what is wrong and never repeats the value.
Result<Secret> parse_index_key(const Secret& text);

}  // namespace latchkey::crypto
