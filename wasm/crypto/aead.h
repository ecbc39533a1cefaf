// AES-256-GCM (NIST SP 800-38D) with 12-byte nonces and 16-byte tags, for one message under
// a key. For the crypto room alone: others use seal.h.
#pragma once

#include "base/bytes.h"

namespace latchkey::crypto {

inline constexpr size_t kAes256KeyBytes = 32;
inline constexpr size_t kGcmNonceBytes = 12;
inline constexpr size_t kGcmTagBytes = 16;

// aes256gcm_seal: `out` is exactly kGcmTagBytes longer than `plaintext`. A nonce is used
// once under a key.
void aes256gcm_seal(ByteView key, ByteView nonce, ByteView associated_data, ByteView plaintext,
                    MutableByteView out);

// aes256gcm_open: false where the tag does not fit, with `out` zeroed. `sealed` is at least
// kGcmTagBytes long and `out` exactly so much shorter.
[[nodiscard]] bool aes256gcm_open(ByteView key, ByteView nonce, ByteView associated_data, ByteView sealed,
                                  MutableByteView out);

}  // namespace latchkey::crypto
