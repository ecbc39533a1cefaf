// Fuzzes what people type as a licence: what is accepted has one canonical form, which reads as
// itself, hashes the same however it was typed, and shows too little in its hint.
#include <string>

#include "base/check.h"
#include "base/limits.h"
#include "license/code.h"

using latchkey::Secret;
using latchkey::SecretAccess;
namespace crypto = latchkey::crypto;
namespace license = latchkey::license;

namespace {

constexpr SecretAccess kAccess("a fuzzer reads the code it made up");

void check_canonical(const license::Code& code, const std::string& canonical) {
  CHECK(!canonical.empty() && canonical.size() <= latchkey::limits::kLicenseTextBytesMax);
  for (const char c : canonical) {
    const bool is_lower = c >= 'a' && c <= 'z';
    const bool is_upper = c >= 'A' && c <= 'Z';
    CHECK(static_cast<unsigned char>(c) > 0x20);
    CHECK(code.kind == license::CodeKind::kEmail ? !is_upper : !is_lower);
  }
  if (code.kind == license::CodeKind::kGenerated) CHECK(canonical.size() == 32 && canonical.starts_with("WF-"));
  CHECK((code.kind == license::CodeKind::kEmail) == (canonical.find('@') != std::string::npos));
  CHECK(code.hint().size() < canonical.size() + 3);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const crypto::Index index(Secret::copy_of(std::string(32, 'i')));
  const std::string typed(reinterpret_cast<const char*>(data), size);
  const auto code = license::parse_code(typed);
  if (!code) return 0;
  const std::string canonical(code->text.reveal_text(kAccess));
  check_canonical(*code, canonical);

  // The same, typed otherwise.
  std::string other_case = " " + typed + "  ";
  for (char& c : other_case) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    else if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  for (const std::string& text : {canonical, other_case}) {
    const auto again = license::parse_code(text);
    // Surrounding space counts towards nothing: what is too long is so without it.
    CHECK(again.has_value());
    CHECK(again->kind == code->kind);
    CHECK(again->text.reveal_text(kAccess) == canonical);
    CHECK(again->hash(index) == code->hash(index));
  }
  return 0;
}
