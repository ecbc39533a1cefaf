#include "base/secret.h"

#include <openssl/mem.h>

#include <algorithm>
#include <utility>

namespace latchkey {

void wipe(MutableByteView bytes) { OPENSSL_cleanse(bytes.data(), bytes.size()); }

bool equal_constant_time(ByteView a, ByteView b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

Secret::Secret(size_t size) : data_(size ? new uint8_t[size]() : nullptr), size_(size) {}

Secret Secret::copy_of(ByteView bytes) {
  Secret secret(bytes.size());
  std::copy(bytes.begin(), bytes.end(), secret.data_.get());
  return secret;
}

Secret::Secret(Secret&& other) noexcept
    : data_(std::move(other.data_)), size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe();
    data_ = std::move(other.data_);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

Secret::~Secret() { wipe(); }

void Secret::wipe() {
  if (data_) latchkey::wipe({data_.get(), size_});
}

bool operator==(const Secret& a, const Secret& b) {
  return equal_constant_time({a.data_.get(), a.size_}, {b.data_.get(), b.size_});
}

}  // namespace latchkey
