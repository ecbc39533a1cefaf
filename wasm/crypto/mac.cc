#include "crypto/mac.h"

#include <openssl/digest.h>
#include <openssl/hmac.h>

#include "base/check.h"

namespace latchkey::crypto {

Digest hmac_sha256(ByteView key, ByteView data) { return HmacKey(key).mac(data); }

// The context holds the key's two half-finished digests. Rewinding it for the next message
// allocates nothing.
struct HmacKey::State {
  State() { HMAC_CTX_init(&context); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { HMAC_CTX_cleanup(&context); }
  HMAC_CTX context;
};

HmacKey::HmacKey(ByteView key) : state_(std::make_unique<State>()) {
  // BoringSSL reads a null key as "the same key as before", also where it is empty.
  const uint8_t none = 0;
  const uint8_t* bytes = key.empty() ? &none : key.data();
  CHECK(HMAC_Init_ex(&state_->context, bytes, key.size(), EVP_sha256(), nullptr) == 1);
}

HmacKey::HmacKey(HmacKey&&) noexcept = default;
HmacKey& HmacKey::operator=(HmacKey&&) noexcept = default;
HmacKey::~HmacKey() = default;

Digest HmacKey::mac(std::initializer_list<ByteView> parts) const {
  HMAC_CTX* context = &state_->context;
  CHECK(HMAC_Init_ex(context, nullptr, 0, nullptr, nullptr) == 1);
  for (const ByteView part : parts) CHECK(HMAC_Update(context, part.data(), part.size()) == 1);
  Digest digest;
  unsigned size = 0;
  CHECK(HMAC_Final(context, digest.data(), &size) == 1 && size == digest.size());
  return digest;
}

}  // namespace latchkey::crypto
