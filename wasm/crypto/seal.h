// Sealing: secrets at rest, AES-256-GCM under a key derived for each blob.
//
// A blob is base64url (no padding) of
//
//   version     1 byte, 1
//   kid         1 byte of length (1 to 32) and as many of [A-Za-z0-9_-]
//   salt        16 random bytes
//   nonce       12 random bytes
//   ciphertext  as long as the plaintext, then the 16-byte tag
//
//   key = HKDF-SHA256(master key, salt, "latchkey/v1/<purpose>", 32)
//   associated data = everything before the ciphertext, then table, row id, owner (each
//   after its length, 4 bytes big-endian) and version (8 bytes big-endian)
//
// So a blob opens only in the row it was made for, and no bit of it can change.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "crypto/key_list.h"
#include "crypto/random.h"

namespace latchkey::crypto {

inline constexpr size_t kMasterKeyBytes = 32;
inline constexpr size_t kMasterKeysMax = 16;
inline constexpr size_t kSealedPlaintextBytesMax = 1400 * 1024;

// SealPurpose: what a blob holds. Each has keys of its own. Labels are forever.
enum class SealPurpose : uint8_t {
  kProviderKey,    // provider_key: one version of one provider's key
  kKeyRing,        // key_ring: the current keys of all providers
  kDerivedKey,     // derived_key: a machine's Fernet key
  kWebhookSecret,  // webhook_secret
  kHolder,         // holder: name and e-mail address of a licence's holder
  kAnswer,         // answer: what an admin's repeated request is answered with
  kBuyer,          // buyer: the e-mail address that a payment names
  kCodeDelivery,   // code_delivery: a generated code on its way to the seller
  kBackup,         // backup: a line of a backup, under the backup's own key
  kWebhook,        // webhook: where an admin's webhook leads, and what signs its messages
};

// SealContext: where a blob lives. It opens only with the same four values.
struct SealContext {
  std::string_view table;
  std::string_view row_id;
  std::string_view owner;
  uint64_t version = 0;
};

// Sealed: a blob as the database stores it. Holding one says nothing about whether it opens.
class Sealed {
 public:
  explicit Sealed(std::string text) : text_(std::move(text)) {}
  const std::string& text() const { return text_; }
  friend bool operator==(const Sealed&, const Sealed&) = default;

 private:
  std::string text_;
};

// kid_of: the id of the master key that sealed the blob; an error where it is malformed.
Result<std::string> kid_of(const Sealed& sealed);

// Fingerprint: tells whether a key is the same one, and nothing else about it: base64url of the first 16
// bytes of HKDF-SHA256(key, empty salt, "latchkey/v1/fingerprint", 32).
struct Fingerprint {
  std::string kid;
  std::string text;
  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

// MasterKeys: MASTER_KEY. The first key seals, all open. Move-only.
class MasterKeys {
 public:
  // parse: `kid:base64(32 bytes)[,...]`, kids unique. The error gives the position of the
  // bad entry and never repeats a value.
  static Result<MasterKeys> parse(const Secret& text);

  // of: one key, of kMasterKeyBytes, that comes from elsewhere. `kid` is well-formed.
  static MasterKeys of(std::string kid, Secret key);

  // seal: `plaintext` is at most kSealedPlaintextBytesMax.
  Sealed seal(Random& random, SealPurpose purpose, const SealContext& context, ByteView plaintext) const;

  // open: the plaintext, or kInternal where the blob was not sealed under one of these
  // keys, for this purpose and this context.
  Result<Secret> open(SealPurpose purpose, const SealContext& context, const Sealed& sealed) const;

  // sealing_kid: the id of the key that seals. A blob with another kid is due for re-wrapping.
  const std::string& sealing_kid() const { return keys_.front().kid; }
  // kids: of all keys, the sealing one first.
  std::vector<std::string> kids() const;
  // fingerprints: of all keys, in that order.
  std::vector<Fingerprint> fingerprints() const;

 private:
  explicit MasterKeys(std::vector<NamedKey> keys) : keys_(std::move(keys)) {}

  // Never empty.
  std::vector<NamedKey> keys_;
};

}  // namespace latchkey::crypto
