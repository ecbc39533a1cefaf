#include "crypto/hpke.h"

#include <openssl/curve25519.h>
#include <openssl/err.h>
#include <openssl/hpke.h>
#include <openssl/mem.h>

#include "base/check.h"
#include "base/encoding.h"

namespace latchkey::crypto {
namespace {

constexpr SecretAccess kHpke("HPKE and X25519");

static_assert(kX25519KeyBytes == X25519_PUBLIC_VALUE_LEN && kX25519KeyBytes == X25519_PRIVATE_KEY_LEN);
static_assert(kX25519KeyBytes == EVP_HPKE_MAX_ENC_LENGTH);
static_assert(kHpkeKemX25519HkdfSha256 == EVP_HPKE_DHKEM_X25519_HKDF_SHA256);
static_assert(kHpkeKdfHkdfSha256 == EVP_HPKE_HKDF_SHA256 && kHpkeAeadAes256Gcm == EVP_HPKE_AES_256_GCM);

const EVP_HPKE_AEAD* evp_aead(HpkeAead aead) {
  switch (aead) {
    case HpkeAead::kAes128Gcm: return EVP_hpke_aes_128_gcm();
    case HpkeAead::kAes256Gcm: return EVP_hpke_aes_256_gcm();
    case HpkeAead::kChaCha20Poly1305: return EVP_hpke_chacha20_poly1305();
  }
  LK_UNREACHABLE();
}

hpke_internal::Context new_context() {
  hpke_internal::Context context(EVP_HPKE_CTX_new());
  CHECK(context != nullptr);
  return context;
}

// PrivateKey frees and wipes BoringSSL's copy.
class PrivateKey {
 public:
  PrivateKey() { EVP_HPKE_KEY_zero(&key_); }
  PrivateKey(const PrivateKey&) = delete;
  PrivateKey& operator=(const PrivateKey&) = delete;
  ~PrivateKey() {
    EVP_HPKE_KEY_cleanup(&key_);
    OPENSSL_cleanse(&key_, sizeof key_);
  }
  EVP_HPKE_KEY* get() { return &key_; }

 private:
  EVP_HPKE_KEY key_;
};

}  // namespace

void hpke_internal::FreeContext::operator()(evp_hpke_ctx_st* context) const { EVP_HPKE_CTX_free(context); }

Result<HpkeSender> HpkeSender::make(HpkeAead aead, ByteView public_key, ByteView info,
                                    ByteView ephemeral_key) {
  if (public_key.size() != kX25519KeyBytes) {
    return fail(ErrorCode::kInvalidRequest, "client_public_key must be an X25519 public key of 32 bytes.");
  }
  HpkeSender sender;
  sender.context_ = new_context();
  EVP_HPKE_CTX* context = sender.context_.get();
  const EVP_HPKE_KEM* kem = EVP_hpke_x25519_hkdf_sha256();
  const EVP_HPKE_KDF* kdf = EVP_hpke_hkdf_sha256();
  size_t enc_size = 0;
  const int ok = ephemeral_key.empty()
                     ? EVP_HPKE_CTX_setup_sender(context, sender.enc_.data(), &enc_size, sender.enc_.size(),
                                                 kem, kdf, evp_aead(aead), public_key.data(),
                                                 public_key.size(), info.data(), info.size())
                     : EVP_HPKE_CTX_setup_sender_with_seed_for_testing(
                           context, sender.enc_.data(), &enc_size, sender.enc_.size(), kem, kdf,
                           evp_aead(aead), public_key.data(), public_key.size(), info.data(), info.size(),
                           ephemeral_key.data(), ephemeral_key.size());
  if (ok != 1) {
    ERR_clear_error();
    return fail(ErrorCode::kInvalidRequest, "client_public_key is not a usable X25519 public key.");
  }
  CHECK(enc_size == sender.enc_.size());
  return sender;
}

Result<HpkeSender> HpkeSender::setup(ByteView public_key, std::string_view info) {
  return make(HpkeAead::kAes256Gcm, public_key, as_bytes(info), {});
}

Result<HpkeSender> HpkeSender::setup_for_testing(HpkeAead aead, ByteView public_key, ByteView info,
                                                 ByteView ephemeral_key) {
  CHECK(ephemeral_key.size() == kX25519KeyBytes);
  return make(aead, public_key, info, ephemeral_key);
}

Bytes HpkeSender::seal(ByteView associated_data, ByteView plaintext) {
  Bytes out(plaintext.size() + kHpkeTagBytes);
  size_t size = 0;
  CHECK(EVP_HPKE_CTX_seal(context_.get(), out.data(), &size, out.size(), plaintext.data(), plaintext.size(),
                          associated_data.data(), associated_data.size()) == 1);
  CHECK(size == out.size());
  return out;
}

Result<HpkeRecipient> HpkeRecipient::setup(const Secret& private_key, ByteView enc, std::string_view info) {
  return setup_for_testing(HpkeAead::kAes256Gcm, private_key, enc, as_bytes(info));
}

Result<HpkeRecipient> HpkeRecipient::setup_for_testing(HpkeAead aead, const Secret& private_key, ByteView enc,
                                                       ByteView info) {
  const ByteView key_bytes = private_key.reveal(kHpke);
  PrivateKey key;
  HpkeRecipient recipient;
  recipient.context_ = new_context();
  if (EVP_HPKE_KEY_init(key.get(), EVP_hpke_x25519_hkdf_sha256(), key_bytes.data(), key_bytes.size()) != 1 ||
      EVP_HPKE_CTX_setup_recipient(recipient.context_.get(), key.get(), EVP_hpke_hkdf_sha256(),
                                   evp_aead(aead), enc.data(), enc.size(), info.data(), info.size()) != 1) {
    ERR_clear_error();
    return fail(ErrorCode::kInvalidRequest, "The encapsulated key cannot be opened with this private key.");
  }
  return recipient;
}

Result<Secret> HpkeRecipient::open(ByteView associated_data, ByteView ciphertext) {
  if (ciphertext.size() >= kHpkeTagBytes) {
    Secret plaintext(ciphertext.size() - kHpkeTagBytes);
    size_t size = 0;
    if (EVP_HPKE_CTX_open(context_.get(), plaintext.fill(kHpke).data(), &size, plaintext.size(),
                          ciphertext.data(), ciphertext.size(), associated_data.data(),
                          associated_data.size()) == 1) {
      CHECK(size == plaintext.size());
      return plaintext;
    }
    ERR_clear_error();
  }
  return fail(ErrorCode::kInvalidRequest, "The message was not sealed for this recipient and place.");
}

bool is_low_order(const X25519PublicKey& public_key) {
  // The points of order 1, 2, 4 and 8 on the curve and its twist, little-endian, in every
  // encoding below 2^255. The top bit is ignored (RFC 7748, section 5).
  constexpr const char* points[] = {
      "0000000000000000000000000000000000000000000000000000000000000000",
      "0100000000000000000000000000000000000000000000000000000000000000",
      "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
      "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
      "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  };
  X25519PublicKey masked = public_key;
  masked.back() &= 0x7f;
  const std::string hex = hex_encode(masked);
  for (const char* point : points) {
    if (hex == point) return true;
  }
  return false;
}

Secret make_x25519_private_key(Random& random) {
  Secret key(kX25519KeyBytes);
  random.fill(key.fill(kHpke));
  return key;
}

X25519PublicKey x25519_public_key(const Secret& private_key) {
  CHECK(private_key.size() == kX25519KeyBytes);
  X25519PublicKey out;
  X25519_public_from_private(out.data(), private_key.reveal(kHpke).data());
  return out;
}

}  // namespace latchkey::crypto
