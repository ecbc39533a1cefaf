// Encodings: base64 and base64url (RFC 4648), hex. Decoders are strict: wrong
// alphabet, wrong padding, set trailing bits or stray characters are refused.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace latchkey {

enum class Padding : uint8_t { kNone, kRequired, kOptional };

// base64url_encode: URL-safe alphabet, no padding unless asked for.
std::string base64url_encode(ByteView bytes, Padding padding = Padding::kNone);
// base64url_decode: nullopt where the text is not exactly one encoding.
std::optional<Bytes> base64url_decode(std::string_view text, Padding padding = Padding::kNone);

// base64_encode: standard alphabet with padding.
std::string base64_encode(ByteView bytes);
std::optional<Bytes> base64_decode(std::string_view text);

// hex_encode: lower case.
std::string hex_encode(ByteView bytes);
std::optional<Bytes> hex_decode(std::string_view text);

}  // namespace latchkey
