// SHA-256 (FIPS 180-4).
#pragma once

#include <initializer_list>

#include "base/bytes.h"

namespace latchkey::crypto {

inline constexpr size_t kSha256Bytes = 32;
using Digest = ByteArray<kSha256Bytes>;

Digest sha256(ByteView data);
// The digest of the parts one after another. The parts are not separated: where their
// boundaries matter, the caller adds lengths.
Digest sha256(std::initializer_list<ByteView> parts);

}  // namespace latchkey::crypto
