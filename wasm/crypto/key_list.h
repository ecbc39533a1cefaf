// The form of MASTER_KEY and SIGNING_KEY, `kid:base64(32 bytes)[,...]`, and the decoding
// of single keys. For the crypto room alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace latchkey::crypto {

inline constexpr size_t kKidCharsMax = 32;
inline constexpr size_t kListedKeyBytes = 32;

struct NamedKey {
  std::string kid;
  Secret secret;
};

// is_kid: 1 to kKidCharsMax of [A-Za-z0-9_-].
bool is_kid(std::string_view text);

// parse_key_list: 1 to `num_max` entries with different kids. The error (kInternal, for the
// operator) names the entry by its position and never repeats a byte of it.
Result<std::vector<NamedKey>> parse_key_list(const Secret& text, size_t num_max);

// decode_key_base64: padded base64 (standard alphabet) of exactly `size` bytes;
// decode_key_base64url: the same in the URL-safe alphabet.
std::optional<Secret> decode_key_base64(std::string_view text, size_t size);
std::optional<Secret> decode_key_base64url(std::string_view text, size_t size);

}  // namespace latchkey::crypto
