// Random sources for tests: one that replays a seed, one that hands out given bytes.
#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include "base/check.h"
#include "base/secret.h"
#include "crypto/kdf.h"
#include "crypto/random.h"

namespace latchkey::testing {

// SeededRandom: HKDF-SHA256 of a seed, block after block. The same seed gives the same bytes,
// however they are asked for.
class SeededRandom final : public crypto::Random {
 public:
  explicit SeededRandom(std::string seed) : seed_(std::move(seed)) {}

  void fill(MutableByteView out) override {
    for (uint8_t& byte : out) {
      if (used_ == kBlockBytes) next_block();
      byte = block_[used_++];
    }
  }

 private:
  static constexpr size_t kBlockBytes = 1024;

  void next_block() {
    const Secret bytes = crypto::hkdf_sha256(as_bytes(seed_), {},
                                             "seeded random " + std::to_string(num_blocks_++), kBlockBytes);
    const ByteView made = bytes.reveal(SecretAccess("seeded random of a test"));
    std::copy(made.begin(), made.end(), block_.begin());
    used_ = 0;
  }

  std::string seed_;
  ByteArray<kBlockBytes> block_{};
  size_t used_ = kBlockBytes;
  uint64_t num_blocks_ = 0;
};

// ScriptedRandom: exactly the given bytes, in order. Asking for more traps.
class ScriptedRandom final : public crypto::Random {
 public:
  explicit ScriptedRandom(Bytes bytes) : bytes_(std::move(bytes)) {}

  void fill(MutableByteView out) override {
    CHECK(out.size() <= bytes_.size() - used_);
    std::copy_n(bytes_.begin() + static_cast<ptrdiff_t>(used_), out.size(), out.begin());
    used_ += out.size();
  }
  bool is_exhausted() const { return used_ == bytes_.size(); }

 private:
  Bytes bytes_;
  size_t used_ = 0;
};

}  // namespace latchkey::testing
