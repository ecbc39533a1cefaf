#include "crypto/ed25519.h"

#include <openssl/curve25519.h>
#include <openssl/err.h>

#include "base/check.h"

namespace latchkey::crypto {
namespace {
constexpr SecretAccess kSign("signing with Ed25519");
static_assert(sizeof(Ed25519PublicKey) == ED25519_PUBLIC_KEY_LEN);
static_assert(sizeof(Ed25519Signature) == ED25519_SIGNATURE_LEN);
}  // namespace

Ed25519Key::Ed25519Key(const Secret& seed) : expanded_(ED25519_PRIVATE_KEY_LEN) {
  CHECK(seed.size() == kEd25519SeedBytes);
  ED25519_keypair_from_seed(public_key_.data(), expanded_.fill(kSign).data(), seed.reveal(kSign).data());
}

Ed25519Signature Ed25519Key::sign(ByteView message) const {
  Ed25519Signature signature;
  CHECK(ED25519_sign(signature.data(), message.data(), message.size(), expanded_.reveal(kSign).data()) == 1);
  return signature;
}

bool ed25519_verify(ByteView public_key, ByteView message, ByteView signature) {
  if (public_key.size() != ED25519_PUBLIC_KEY_LEN || signature.size() != ED25519_SIGNATURE_LEN) return false;
  const bool ok = ED25519_verify(message.data(), message.size(), signature.data(), public_key.data()) == 1;
  if (!ok) ERR_clear_error();
  return ok;
}

}  // namespace latchkey::crypto
