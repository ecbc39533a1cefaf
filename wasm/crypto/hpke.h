// HPKE (RFC 9180), base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
// A context is ordered: the recipient opens messages in the order they were sealed.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "crypto/random.h"

struct evp_hpke_ctx_st;

namespace latchkey::crypto {

inline constexpr size_t kX25519KeyBytes = 32;
inline constexpr size_t kHpkeTagBytes = 16;
// The suite's numbers in the IANA registry.
inline constexpr uint16_t kHpkeKemX25519HkdfSha256 = 0x0020;
inline constexpr uint16_t kHpkeKdfHkdfSha256 = 0x0001;
inline constexpr uint16_t kHpkeAeadAes256Gcm = 0x0002;

using X25519PublicKey = ByteArray<kX25519KeyBytes>;

// HpkeAead: the product uses kAes256Gcm alone; the others let the published vectors run.
enum class HpkeAead : uint8_t { kAes128Gcm, kAes256Gcm, kChaCha20Poly1305 };

namespace hpke_internal {
struct FreeContext {
  void operator()(evp_hpke_ctx_st* context) const;
};
using Context = std::unique_ptr<evp_hpke_ctx_st, FreeContext>;
}  // namespace hpke_internal

class HpkeSender {
 public:
  // setup: a context for the holder of `public_key`, with a fresh ephemeral key.
  // kInvalidRequest where `public_key` is not 32 bytes or is a point of low order.
  static Result<HpkeSender> setup(ByteView public_key, std::string_view info);
  // setup_for_testing: the same with a given ephemeral private key of 32 bytes.
  static Result<HpkeSender> setup_for_testing(HpkeAead aead, ByteView public_key, ByteView info,
                                              ByteView ephemeral_key);

  // enc: the encapsulated key, which the recipient needs.
  const X25519PublicKey& enc() const { return enc_; }
  // seal: ciphertext and tag, kHpkeTagBytes longer than `plaintext`.
  Bytes seal(ByteView associated_data, ByteView plaintext);

 private:
  HpkeSender() = default;
  static Result<HpkeSender> make(HpkeAead aead, ByteView public_key, ByteView info, ByteView ephemeral_key);

  hpke_internal::Context context_;
  X25519PublicKey enc_{};
};

class HpkeRecipient {
 public:
  // setup: kInvalidRequest where `enc` cannot be decapsulated with `private_key`.
  static Result<HpkeRecipient> setup(const Secret& private_key, ByteView enc, std::string_view info);
  static Result<HpkeRecipient> setup_for_testing(HpkeAead aead, const Secret& private_key, ByteView enc,
                                                 ByteView info);

  // open: the next message. After a failure the context still expects the same message.
  Result<Secret> open(ByteView associated_data, ByteView ciphertext);

 private:
  HpkeRecipient() = default;

  hpke_internal::Context context_;
};

// is_low_order: a point whose shared secret is zero whatever the private key (RFC 7748,
// section 6.1), which no honest client sends.
bool is_low_order(const X25519PublicKey& public_key);

// make_x25519_private_key: 32 fresh bytes; x25519_public_key: the key that goes with it.
// `private_key` is exactly 32 bytes.
Secret make_x25519_private_key(Random& random);
X25519PublicKey x25519_public_key(const Secret& private_key);

}  // namespace latchkey::crypto
