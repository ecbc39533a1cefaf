// The text of admin tokens: "lk_admin_", 40 random characters, and 6 that are their CRC-32 as a base62 number, most
// significant first. docs/crypto-formats.md specifies it; scanners know it. Ours draw from Crockford base32, whose
// characters are among those 62.
#pragma once

#include <string>
#include <string_view>

#include "base/secret.h"
#include "crypto/random.h"

namespace latchkey::admin {

inline constexpr std::string_view kTokenPrefix = "lk_admin_";
inline constexpr size_t kTokenRandomChars = 40;
inline constexpr size_t kTokenChecksumChars = 6;
inline constexpr size_t kTokenChars = kTokenPrefix.size() + kTokenRandomChars + kTokenChecksumChars;
inline constexpr size_t kTokenBits = kTokenRandomChars * 5;
static_assert(kTokenBits >= 160);

// generate_token: a fresh token.
Secret generate_token(crypto::Random& random);

// is_token: of that form, with the right checksum. Says nothing about whether there is such a token.
bool is_token(std::string_view text);

// token_checksum: the kTokenChecksumChars characters that follow these.
std::string token_checksum(std::string_view random_chars);

// token_hint: its first characters, which tell nothing, for people: "lk_admin_7KQ3...".
std::string token_hint(const Secret& token);

}  // namespace latchkey::admin
