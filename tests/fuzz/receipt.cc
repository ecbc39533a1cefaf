// Receipts: a hostile document never verifies, every payload we sign comes back, and one change
// to a signed document is refused. The first byte of the input chooses.
#include "base/check.h"
#include "crypto/sign.h"

using namespace latchkey;
using namespace latchkey::crypto;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const SigningKeys keys =
      std::move(*SigningKeys::parse(Secret::copy_of("k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")));
  constexpr std::string_view typ = "latchkey-receipt+jws";
  if (size < 4 || size > 16 * 1024) return 0;
  const std::string_view input = as_text(ByteView(data + 4, size - 4));
  if (data[0] % 2 == 0) {
    // The corpus holds documents of other keys only, so nothing here was signed by this one.
    CHECK(!keys.verify_jws(input, typ));
    return 0;
  }
  std::string token = keys.sign_jws(input, typ);
  const Result<std::string> payload = keys.verify_jws(token, typ);
  CHECK(payload && *payload == input);
  const size_t position = (size_t{data[1]} << 8 | data[2]) % token.size();
  const char changed = static_cast<char>(data[3]);
  if (token[position] == changed) return 0;
  token[position] = changed;
  CHECK(!keys.verify_jws(token, typ));
  return 0;
}
