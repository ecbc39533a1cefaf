// BoringSSL's entropy source in wasm, in place of its rand_extra: the host's, by
// getentropy. These three functions are declared in BoringSSL's internal headers only.
#ifdef __wasm__

#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/check.h"

namespace {
constexpr size_t kGetentropyBytesMax = 256;
}

extern "C" {

void CRYPTO_sysrand(uint8_t* out, size_t size);
void CRYPTO_sysrand_for_seed(uint8_t* out, size_t size);
int rand_fork_unsafe_buffering_enabled(void);

void CRYPTO_sysrand(uint8_t* out, size_t size) {
  while (size > 0) {
    const size_t chunk = std::min(size, kGetentropyBytesMax);
    CHECK(getentropy(out, chunk) == 0);
    out += chunk;
    size -= chunk;
  }
}

void CRYPTO_sysrand_for_seed(uint8_t* out, size_t size) { CRYPTO_sysrand(out, size); }

// wasm has no fork, so the generator may keep what it has read.
int rand_fork_unsafe_buffering_enabled(void) { return 1; }

}  // extern "C"

#endif  // __wasm__
