// HPKE: any 32 bytes are a public key that works or is refused, what works opens again at the
// other side, and hostile ciphertext never opens. Input: 32 bytes, then a message.
#include <algorithm>

#include "base/check.h"
#include "crypto/hpke.h"

using namespace latchkey;
using namespace latchkey::crypto;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Secret private_key = Secret::copy_of(ByteView(Bytes(kX25519KeyBytes, 0x42)));
  static const X25519PublicKey public_key = x25519_public_key(private_key);
  constexpr SecretAccess access("comparing what was opened");
  constexpr std::string_view info = "latchkey/provision/v1";
  const ByteView input(data, size);
  const ByteView key = input.first(std::min(size, kX25519KeyBytes));
  const ByteView message = input.subspan(key.size());

  Result<HpkeSender> sender = HpkeSender::setup(key, info);
  CHECK(key.size() == kX25519KeyBytes || !sender);
  if (sender) CHECK(sender->seal({}, message).size() == message.size() + kHpkeTagBytes);

  Result<HpkeRecipient> recipient = HpkeRecipient::setup(private_key, key, info);
  CHECK(recipient.has_value() == sender.has_value());
  if (recipient) CHECK(!recipient->open({}, message));

  Result<HpkeSender> good = HpkeSender::setup(public_key, info);
  CHECK(good.has_value());
  Result<HpkeRecipient> other_side = HpkeRecipient::setup(private_key, good->enc(), info);
  const Result<Secret> opened = other_side->open(key, good->seal(key, message));
  CHECK(opened && std::ranges::equal(opened->reveal(access), message));
  return 0;
}
