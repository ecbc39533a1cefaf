// Secret: bytes that must not be printed, copied, logged, compared in variable time
// or left behind in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <string_view>

#include "base/bytes.h"

namespace latchkey {

// SecretAccess: the token without which a Secret shows nothing. Every place that
// makes one is found by searching for this name; scripts/tidy holds their list.
class SecretAccess {
 public:
  explicit constexpr SecretAccess(const char* reason) : reason_(reason) {}
  constexpr const char* reason() const { return reason_; }

 private:
  const char* reason_;
};

// Secret owns a fixed number of bytes: no growth, so no stray copy. Move-only; the
// bytes are wiped on destruction.
class Secret {
 public:
  Secret() = default;
  // Secret(size): `size` zero bytes, to be filled through fill().
  explicit Secret(size_t size);
  // copy_of: a new Secret with these bytes. The caller still owns and wipes its own.
  static Secret copy_of(ByteView bytes);
  static Secret copy_of(std::string_view text) { return copy_of(as_bytes(text)); }

  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // reveal: the bytes, valid until this Secret dies or moves.
  ByteView reveal(SecretAccess) const { return {data_.get(), size_}; }
  std::string_view reveal_text(SecretAccess access) const { return as_text(reveal(access)); }
  // fill: the bytes for writing, by the one that made this Secret.
  MutableByteView fill(SecretAccess) { return {data_.get(), size_}; }

  // Equality takes the same time whatever the bytes are. Sizes are not secret.
  friend bool operator==(const Secret& a, const Secret& b);

  template <class Stream>
  friend Stream& operator<<(Stream&, const Secret&) = delete;

 private:
  void wipe();

  std::unique_ptr<uint8_t[]> data_;
  size_t size_ = 0;
};

// wipe: overwrites memory in a way the compiler may not remove.
void wipe(MutableByteView bytes);

// equal_constant_time: compares without branching on the content. Different sizes
// are unequal, at once.
bool equal_constant_time(ByteView a, ByteView b);

}  // namespace latchkey
