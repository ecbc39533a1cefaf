// Licence codes: what a person types, brought to the one form that is hashed.
//
//   generated   WF-XXXXX-XXXXX-XXXXX-XXXXX-XXXXX: 21 symbols of Crockford base32 (105 random
//               bits), then 4 of checksum (the first 20 bits of SHA-256 over
//               "latchkey/license/v1" and the 21 symbols). Case, spaces and hyphens do not
//               matter; O reads as 0, I and L as 1.
//   code        WRITER-2024-ABC: 4 to 64 of A-Z 0-9 - _ . beginning with a letter or a digit;
//               case and surrounding space do not matter. WF- is kept for generated ones.
//   email       an e-mail address; case and surrounding space do not matter.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "crypto/index.h"
#include "crypto/random.h"

namespace latchkey::license {

enum class CodeKind : uint8_t { kGenerated, kCode, kEmail };
std::string_view code_kind_name(CodeKind kind);

inline constexpr size_t kGeneratedSymbols = 21;
inline constexpr size_t kChecksumSymbols = 4;
inline constexpr size_t kGeneratedBits = kGeneratedSymbols * 5;
static_assert(kGeneratedBits >= 100);

struct Code {
  CodeKind kind;
  Secret text;  // canonical

  // hash: under what it is stored and looked up.
  crypto::TokenHash hash(const crypto::Index& index) const;
  // hint: its first characters, which tell nothing, for people: "WF-7KQ3M...".
  std::string hint() const;
};

// parse_code: the canonical form, or nullopt where the text is of no known form (a typo
// in a generated code is). Never longer than limits::kLicenseTextBytesMax.
std::optional<Code> parse_code(std::string_view text);

// generate_code: a fresh code in its canonical form.
Code generate_code(crypto::Random& random);

// derive_code: the one code of its kind that follows from `seed`; as hard to guess as the seed.
Code derive_code(const crypto::TokenHash& seed);

// normalize_email: trimmed and in lower case (ASCII); nullopt where it is no address.
std::optional<std::string> normalize_email(std::string_view text);

}  // namespace latchkey::license
