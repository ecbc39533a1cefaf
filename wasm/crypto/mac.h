// HMAC-SHA256 (RFC 2104).
#pragma once

#include <initializer_list>
#include <memory>

#include "base/bytes.h"
#include "crypto/hash.h"

namespace latchkey::crypto {

// hmac_sha256: a key of any length. For more than one message under a key use HmacKey.
Digest hmac_sha256(ByteView key, ByteView data);

// HmacKey: a key made ready once. Move-only; the key is wiped on destruction.
class HmacKey {
 public:
  explicit HmacKey(ByteView key);
  HmacKey(HmacKey&&) noexcept;
  HmacKey& operator=(HmacKey&&) noexcept;
  ~HmacKey();

  // mac: the MAC of the parts one after another.
  Digest mac(std::initializer_list<ByteView> parts) const;
  Digest mac(ByteView data) const { return mac({data}); }

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace latchkey::crypto
