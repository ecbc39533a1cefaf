#include "base/encoding.h"

namespace latchkey {
namespace {

constexpr char kStandard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr char kUrlSafe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string encode64(ByteView bytes, const char* alphabet, bool pad) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    const uint32_t group = bytes[i] << 16 | bytes[i + 1] << 8 | bytes[i + 2];
    out += alphabet[group >> 18];
    out += alphabet[group >> 12 & 63];
    out += alphabet[group >> 6 & 63];
    out += alphabet[group & 63];
  }
  const size_t rest = bytes.size() - i;
  if (rest == 0) return out;
  const uint32_t group = bytes[i] << 16 | (rest == 2 ? bytes[i + 1] << 8 : 0);
  out += alphabet[group >> 18];
  out += alphabet[group >> 12 & 63];
  if (rest == 2) out += alphabet[group >> 6 & 63];
  if (pad) out.append(3 - rest, '=');
  return out;
}

struct DecodeTable {
  int8_t value[256];
  constexpr explicit DecodeTable(const char* alphabet) : value() {
    for (int8_t& v : value) v = -1;
    for (int8_t i = 0; i < 64; ++i) value[static_cast<uint8_t>(alphabet[i])] = i;
  }
};
constexpr DecodeTable kStandardTable(kStandard);
constexpr DecodeTable kUrlSafeTable(kUrlSafe);

std::optional<Bytes> decode64(std::string_view text, const DecodeTable& table, Padding padding) {
  size_t pad = 0;
  while (pad < 2 && !text.empty() && text.back() == '=') {
    text.remove_suffix(1);
    ++pad;
  }
  const size_t rest = text.size() % 4;
  const size_t pad_wanted = rest == 0 ? 0 : 4 - rest;
  if (rest == 1) return std::nullopt;
  if (padding == Padding::kNone && pad != 0) return std::nullopt;
  if (padding == Padding::kRequired && pad != pad_wanted) return std::nullopt;
  if (padding == Padding::kOptional && pad != 0 && pad != pad_wanted) return std::nullopt;

  Bytes out;
  out.reserve(text.size() / 4 * 3 + 2);
  uint32_t group = 0;
  uint32_t num_bits = 0;
  for (const char c : text) {
    const int8_t value = table.value[static_cast<uint8_t>(c)];
    if (value < 0) return std::nullopt;
    group = group << 6 | static_cast<uint32_t>(value);
    num_bits += 6;
    if (num_bits >= 8) {
      num_bits -= 8;
      out.push_back(static_cast<uint8_t>(group >> num_bits & 0xff));
    }
  }
  if ((group & ((1u << num_bits) - 1)) != 0) return std::nullopt;
  return out;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string base64url_encode(ByteView bytes, Padding padding) {
  return encode64(bytes, kUrlSafe, padding == Padding::kRequired);
}

std::optional<Bytes> base64url_decode(std::string_view text, Padding padding) {
  return decode64(text, kUrlSafeTable, padding);
}

std::string base64_encode(ByteView bytes) { return encode64(bytes, kStandard, true); }

std::optional<Bytes> base64_decode(std::string_view text) {
  return decode64(text, kStandardTable, Padding::kRequired);
}

std::string hex_encode(ByteView bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const uint8_t b : bytes) {
    out += digits[b >> 4];
    out += digits[b & 15];
  }
  return out;
}

std::optional<Bytes> hex_decode(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  Bytes out;
  out.reserve(text.size() / 2);
  for (size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<uint8_t>(high << 4 | low));
  }
  return out;
}

}  // namespace latchkey
