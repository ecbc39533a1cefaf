// Random: where fresh random bytes come from. Passed down from the composition root, so
// that a test can replay a run with a seeded source (tests/support/seeded_random.h).
#pragma once

#include "base/bytes.h"

namespace latchkey::crypto {

class Random {
 public:
  virtual ~Random() = default;
  // fill: every byte of `out` becomes fresh and unpredictable. Never fails: a source
  // that cannot deliver traps.
  virtual void fill(MutableByteView out) = 0;
};

// SystemRandom: BoringSSL's generator behind a small pool, because one call of it costs
// far more than the bytes do. A byte is wiped from the pool as it is handed out.
// One object for each thread.
class SystemRandom final : public Random {
 public:
  SystemRandom() = default;
  SystemRandom(const SystemRandom&) = delete;
  SystemRandom& operator=(const SystemRandom&) = delete;
  ~SystemRandom() override;

  void fill(MutableByteView out) override;

  static constexpr size_t kPoolBytes = 512;

 private:
  ByteArray<kPoolBytes> pool_{};
  size_t used_ = kPoolBytes;
};

}  // namespace latchkey::crypto
