#include "admin/token.h"

#include <cstdint>

namespace latchkey::admin {
namespace {

constexpr std::string_view kBase62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kCrockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr size_t kHintChars = 4;
constexpr SecretAccess kAccess("a new admin token is written and its hint read");

// crc32: as in ISO-HDLC, zip and PNG.
uint32_t crc32(std::string_view text) {
  uint32_t crc = 0xffffffff;
  for (const char c : text) {
    crc ^= static_cast<uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
  }
  return ~crc;
}

}  // namespace

std::string token_checksum(std::string_view random_chars) {
  std::string out(kTokenChecksumChars, '0');
  uint32_t rest = crc32(random_chars);
  for (size_t i = out.size(); i-- > 0; rest /= 62) out[i] = kBase62[rest % 62];
  return out;
}

Secret generate_token(crypto::Random& random) {
  ByteArray<kTokenRandomChars> bytes;
  random.fill(bytes);
  Secret token(kTokenChars);
  const MutableByteView out = token.fill(kAccess);
  size_t next = 0;
  for (const char c : kTokenPrefix) out[next++] = static_cast<uint8_t>(c);
  for (const uint8_t byte : bytes) out[next++] = static_cast<uint8_t>(kCrockford[byte & 31]);
  wipe(bytes);
  const std::string_view random_chars = as_text(out.subspan(kTokenPrefix.size(), kTokenRandomChars));
  for (const char c : token_checksum(random_chars)) out[next++] = static_cast<uint8_t>(c);
  return token;
}

bool is_token(std::string_view text) {
  if (text.size() != kTokenChars || !text.starts_with(kTokenPrefix)) return false;
  const std::string_view random_chars = text.substr(kTokenPrefix.size(), kTokenRandomChars);
  if (random_chars.find_first_not_of(kBase62) != std::string_view::npos) return false;
  return text.ends_with(token_checksum(random_chars));
}

std::string token_hint(const Secret& token) {
  return std::string(token.reveal_text(kAccess).substr(0, kTokenPrefix.size() + kHintChars)) + "...";
}

}  // namespace latchkey::admin
