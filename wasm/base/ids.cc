#include "base/ids.h"

namespace latchkey {
namespace {
constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
static_assert(kUndoneId.size() == kIdBodyChars);
}

std::string make_id(std::string_view prefix, TimeMs now, const ByteArray<kIdRandomBytes>& random) {
  std::string out(prefix);
  out.resize(prefix.size() + kIdBodyChars);
  char* body = out.data() + prefix.size();
  for (size_t i = 10; i-- > 0; now >>= 5) body[i] = kAlphabet[static_cast<size_t>(now & 31)];
  // 80 bits are exactly 16 characters.
  uint32_t bits = 0;
  uint32_t num_bits = 0;
  char* next = body + 10;
  for (const uint8_t byte : random) {
    bits = bits << 8 | byte;
    num_bits += 8;
    while (num_bits >= 5) {
      num_bits -= 5;
      *next++ = kAlphabet[bits >> num_bits & 31];
    }
  }
  return out;
}

bool is_id(std::string_view prefix, std::string_view text) {
  if (!text.starts_with(prefix) || text.size() != prefix.size() + kIdBodyChars) return false;
  return text.substr(prefix.size()).find_first_not_of(kAlphabet) == std::string_view::npos;
}

}  // namespace latchkey
