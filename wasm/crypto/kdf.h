// Key derivation: HKDF-SHA256 (RFC 5869) for keys from keys, PBKDF2-HMAC-SHA256
// (RFC 8018) for what the published desktop client derives from a machine id.
#pragma once

#include <string_view>

#include "base/secret.h"

namespace latchkey::crypto {

inline constexpr size_t kHkdfBytesMax = 255 * 32;

// hkdf_sha256: extract and expand. `size` is at most kHkdfBytesMax. `info` names the
// purpose, so that keys for different uses never meet.
Secret hkdf_sha256(ByteView key, ByteView salt, std::string_view info, size_t size);

// pbkdf2_hmac_sha256: `rounds` is at least 1. Meant for native hosts: in wasm the host's
// own implementation is several times faster and is reached through a port.
Secret pbkdf2_hmac_sha256(ByteView password, ByteView salt, uint32_t rounds, size_t size);

}  // namespace latchkey::crypto
