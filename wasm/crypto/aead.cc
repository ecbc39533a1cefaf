#include "crypto/aead.h"

#include <openssl/aead.h>
#include <openssl/err.h>
#include <openssl/mem.h>

#include "base/check.h"

namespace latchkey::crypto {
namespace {

class Gcm {
 public:
  explicit Gcm(ByteView key) {
    EVP_AEAD_CTX_zero(&context_);
    CHECK(key.size() == kAes256KeyBytes);
    CHECK(EVP_AEAD_CTX_init(&context_, EVP_aead_aes_256_gcm(), key.data(), key.size(), kGcmTagBytes,
                            nullptr) == 1);
  }
  Gcm(const Gcm&) = delete;
  Gcm& operator=(const Gcm&) = delete;
  ~Gcm() {
    EVP_AEAD_CTX_cleanup(&context_);
    OPENSSL_cleanse(&context_, sizeof context_);
  }
  const EVP_AEAD_CTX* get() const { return &context_; }

 private:
  EVP_AEAD_CTX context_;
};

}  // namespace

void aes256gcm_seal(ByteView key, ByteView nonce, ByteView associated_data, ByteView plaintext,
                    MutableByteView out) {
  CHECK(nonce.size() == kGcmNonceBytes && out.size() == plaintext.size() + kGcmTagBytes);
  const Gcm gcm(key);
  size_t size = 0;
  CHECK(EVP_AEAD_CTX_seal(gcm.get(), out.data(), &size, out.size(), nonce.data(), nonce.size(),
                          plaintext.data(), plaintext.size(), associated_data.data(),
                          associated_data.size()) == 1);
  CHECK(size == out.size());
}

bool aes256gcm_open(ByteView key, ByteView nonce, ByteView associated_data, ByteView sealed,
                    MutableByteView out) {
  CHECK(nonce.size() == kGcmNonceBytes && sealed.size() >= kGcmTagBytes);
  CHECK(out.size() == sealed.size() - kGcmTagBytes);
  const Gcm gcm(key);
  size_t size = 0;
  const bool ok =
      EVP_AEAD_CTX_open(gcm.get(), out.data(), &size, out.size(), nonce.data(), nonce.size(), sealed.data(),
                        sealed.size(), associated_data.data(), associated_data.size()) == 1;
  if (!ok) ERR_clear_error();
  return ok;
}

}  // namespace latchkey::crypto
