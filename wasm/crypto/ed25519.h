// Ed25519 signatures (RFC 8032) over raw bytes. Documents are signed through sign.h.
#pragma once

#include "base/bytes.h"
#include "base/secret.h"

namespace latchkey::crypto {

inline constexpr size_t kEd25519SeedBytes = 32;
using Ed25519PublicKey = ByteArray<32>;
using Ed25519Signature = ByteArray<64>;

// Ed25519Key: a signing key, expanded once. Move-only; wiped on destruction.
class Ed25519Key {
 public:
  // `seed`: exactly kEd25519SeedBytes, the private key of RFC 8032.
  explicit Ed25519Key(const Secret& seed);

  const Ed25519PublicKey& public_key() const { return public_key_; }
  Ed25519Signature sign(ByteView message) const;

 private:
  // The seed and the public key.
  Secret expanded_;
  Ed25519PublicKey public_key_{};
};

// ed25519_verify: false also where a size is wrong or the signature is not in its one
// canonical form.
bool ed25519_verify(ByteView public_key, ByteView message, ByteView signature);

}  // namespace latchkey::crypto
