#include "license/code.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/hash.h"

namespace latchkey::license {
namespace {

constexpr std::string_view kSymbols = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::string_view kPrefix = "WF";
constexpr std::string_view kChecksumLabel = "latchkey/license/v1";
constexpr size_t kSymbolsAll = kGeneratedSymbols + kChecksumSymbols;
constexpr size_t kGroupSymbols = 5;
constexpr size_t kSimpleBytesMin = 4;
constexpr size_t kSimpleBytesMax = 64;
constexpr SecretAccess kAccess("a licence code is read to be checked and hashed");

static_assert(kSymbolsAll % kGroupSymbols == 0);

using Symbols = std::array<char, kSymbolsAll>;

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_alnum(char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// fold: the symbol a person meant, or 0.
char fold(char c) {
  c = upper(c);
  if (c == 'O') return '0';
  if (c == 'I' || c == 'L') return '1';
  return kSymbols.find(c) == std::string_view::npos ? '\0' : c;
}

void put_checksum(Symbols& symbols) {
  const crypto::Digest digest =
      crypto::sha256({as_bytes(kChecksumLabel), as_bytes({symbols.data(), kGeneratedSymbols})});
  const uint32_t bits = static_cast<uint32_t>(digest[0]) << 12 | static_cast<uint32_t>(digest[1]) << 4 |
                        static_cast<uint32_t>(digest[2]) >> 4;
  for (size_t i = 0; i < kChecksumSymbols; ++i) {
    symbols[kGeneratedSymbols + i] = kSymbols[bits >> (15 - 5 * i) & 31];
  }
}

Code from_symbols(const Symbols& symbols) {
  Secret text(kPrefix.size() + kSymbolsAll + kSymbolsAll / kGroupSymbols);
  const MutableByteView out = text.fill(kAccess);
  size_t next = 0;
  for (const char c : kPrefix) out[next++] = static_cast<uint8_t>(c);
  for (size_t i = 0; i < kSymbolsAll; ++i) {
    if (i % kGroupSymbols == 0) out[next++] = '-';
    out[next++] = static_cast<uint8_t>(symbols[i]);
  }
  CHECK(next == out.size());
  return Code{CodeKind::kGenerated, std::move(text)};
}

// from_bytes: five bits of each of the first kGeneratedSymbols bytes.
Code from_bytes(ByteView bytes) {
  Symbols symbols{};
  for (size_t i = 0; i < kGeneratedSymbols; ++i) symbols[i] = kSymbols[bytes[i] & 31];
  put_checksum(symbols);
  return from_symbols(symbols);
}

// looks_generated: the prefix and a separator, or as many symbols as a generated code has.
bool looks_generated(std::string_view text) {
  if (text.size() < 3 || upper(text[0]) != 'W' || upper(text[1]) != 'F') return false;
  if (text[2] == '-' || text[2] == ' ') return true;
  return text.size() == kPrefix.size() + kSymbolsAll;
}

std::optional<Code> parse_generated(std::string_view text) {
  Symbols symbols{};
  size_t count = 0;
  for (const char c : text.substr(kPrefix.size())) {
    if (c == '-' || c == ' ') continue;
    const char symbol = fold(c);
    if (symbol == '\0' || count == kSymbolsAll) return std::nullopt;
    symbols[count++] = symbol;
  }
  if (count != kSymbolsAll) return std::nullopt;
  Symbols wanted = symbols;
  put_checksum(wanted);
  if (wanted != symbols) return std::nullopt;
  return from_symbols(symbols);
}

std::optional<Code> parse_simple(std::string_view text) {
  if (text.size() < kSimpleBytesMin || text.size() > kSimpleBytesMax) return std::nullopt;
  Secret canonical(text.size());
  const MutableByteView out = canonical.fill(kAccess);
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = upper(text[i]);
    const bool is_mark = c == '-' || c == '_' || c == '.';
    if (!is_alnum(c) && !(is_mark && i > 0)) return std::nullopt;
    out[i] = static_cast<uint8_t>(c);
  }
  return Code{CodeKind::kCode, std::move(canonical)};
}

}  // namespace

std::string_view code_kind_name(CodeKind kind) {
  switch (kind) {
    case CodeKind::kGenerated: return "generated";
    case CodeKind::kCode: return "code";
    case CodeKind::kEmail: return "email";
  }
  LK_UNREACHABLE();
}

crypto::TokenHash Code::hash(const crypto::Index& index) const {
  return index.hash(crypto::IndexPurpose::kLicenseCode, text.reveal(kAccess));
}

std::string Code::hint() const {
  const std::string_view all = text.reveal_text(kAccess);
  // A generated code is long enough to show a group; others show a fourth of themselves.
  const size_t shown = kind == CodeKind::kGenerated ? 8 : std::min<size_t>(4, all.size() / 4);
  return std::string(all.substr(0, shown)) + "...";
}

std::optional<std::string> normalize_email(std::string_view text) {
  text = trim(text);
  if (text.empty() || text.size() > limits::kLicenseTextBytesMax) return std::nullopt;
  const size_t at = text.find('@');
  if (at == std::string_view::npos || at == 0 || text.find('@', at + 1) != std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view domain = text.substr(at + 1);
  const size_t dot = domain.find('.');
  if (dot == std::string_view::npos || dot == 0 || domain.ends_with('.') ||
      domain.find("..") != std::string_view::npos) {
    return std::nullopt;
  }
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == ',' || c == ';' || c == '<' || c == '>' ||
        c == '"') {
      return std::nullopt;
    }
    out += lower(c);
  }
  return out;
}

std::optional<Code> parse_code(std::string_view text) {
  text = trim(text);
  if (text.empty() || text.size() > limits::kLicenseTextBytesMax) return std::nullopt;
  if (text.find('@') != std::string_view::npos) {
    const auto email = normalize_email(text);
    if (!email) return std::nullopt;
    return Code{CodeKind::kEmail, Secret::copy_of(*email)};
  }
  if (looks_generated(text)) return parse_generated(text);
  return parse_simple(text);
}

Code generate_code(crypto::Random& random) {
  ByteArray<kGeneratedSymbols> bytes;
  random.fill(bytes);
  Code code = from_bytes(bytes);
  wipe(bytes);
  return code;
}

Code derive_code(const crypto::TokenHash& seed) {
  const auto bytes = base64url_decode(seed.text());
  CHECK(bytes && bytes->size() >= kGeneratedSymbols);
  return from_bytes(*bytes);
}

}  // namespace latchkey::license
