#include "crypto/random.h"

#include <openssl/rand.h>

#include <algorithm>

#include "base/check.h"
#include "base/secret.h"

namespace latchkey::crypto {

SystemRandom::~SystemRandom() { wipe(pool_); }

void SystemRandom::fill(MutableByteView out) {
  if (out.size() > kPoolBytes - used_) {
    if (out.size() > kPoolBytes / 2) {
      CHECK(RAND_bytes(out.data(), out.size()) == 1);
      return;
    }
    CHECK(RAND_bytes(pool_.data(), pool_.size()) == 1);
    used_ = 0;
  }
  const MutableByteView taken = MutableByteView(pool_).subspan(used_, out.size());
  std::copy(taken.begin(), taken.end(), out.begin());
  wipe(taken);
  used_ += out.size();
}

}  // namespace latchkey::crypto
