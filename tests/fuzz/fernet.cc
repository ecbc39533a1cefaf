// Fernet: a hostile token never opens, a hostile plaintext always comes back, and what a token
// wraps, once its MAC fits, is unpadded safely. The first byte of the input chooses.
#include <algorithm>

#include "base/check.h"
#include "base/encoding.h"
#include "crypto/fernet.h"
#include "crypto/mac.h"
#include "support/seeded_random.h"

using namespace latchkey;
using namespace latchkey::crypto;

namespace {

constexpr SecretAccess kFuzz("comparing what was decrypted");
constexpr int64_t kNowSeconds = 1'700'000'000;

void hostile_token(const FernetKey& key, std::string_view token) {
  CHECK(!fernet_decrypt(key, token, kNowSeconds, 60));
  CHECK(!fernet_decrypt(key, token, kNowSeconds));
  const Result<FernetKey> parsed = FernetKey::parse(Secret::copy_of(token));
  CHECK(!parsed || token.size() == 44);
}

void round_trip(const FernetKey& key, ByteView plaintext) {
  testing::SeededRandom random("fuzz");
  const std::string token = fernet_encrypt(random, key, plaintext, kNowSeconds);
  const Result<Secret> opened = fernet_decrypt(key, token, kNowSeconds, 0);
  CHECK(opened && std::ranges::equal(opened->reveal(kFuzz), plaintext));
}

// The body is the fuzzer's, the MAC is right: what lies behind the MAC check is reached.
void signed_body(const FernetKey& key, const HmacKey& mac_key, ByteView body) {
  Bytes token(body.begin(), body.end());
  const Digest mac = mac_key.mac(body);
  token.insert(token.end(), mac.begin(), mac.end());
  const Result<Secret> opened =
      fernet_decrypt(key, base64url_encode(token, Padding::kRequired), kNowSeconds, 60);
  if (opened) CHECK(body[0] == 0x80 && opened->size() < body.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Bytes raw_key(kFernetKeyBytes, 0x42);
  static const FernetKey key(Secret::copy_of(ByteView(raw_key)));
  static const HmacKey mac_key(ByteView(raw_key).first(16));
  if (size == 0 || size > 16 * 1024) return 0;
  const ByteView input(data + 1, size - 1);
  switch (data[0] % 3) {
    case 0: hostile_token(key, as_text(input)); break;
    case 1: round_trip(key, input); break;
    default: signed_body(key, mac_key, input); break;
  }
  return 0;
}
