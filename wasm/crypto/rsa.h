// RSA signatures of others, verified: RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017), which JOSE calls RS256. We sign
// nothing with it.
#pragma once

#include "base/bytes.h"

namespace latchkey::crypto {

inline constexpr size_t kRsaBitsMin = 2048;
inline constexpr size_t kRsaBitsMax = 4096;

// RsaPublicKey: big-endian, without leading zeros. Of any content; one that is none verifies nothing.
struct RsaPublicKey {
  Bytes modulus;
  Bytes exponent;
};

// rsa_verify_sha256: false also where the modulus has not kRsaBitsMin to kRsaBitsMax bits, the exponent is not
// 65537, or the signature is not as long as the modulus.
[[nodiscard]] bool rsa_verify_sha256(const RsaPublicKey& key, ByteView message, ByteView signature);

}  // namespace latchkey::crypto
