#include "crypto/self_test.h"

#include <string>
#include <string_view>

#include "base/encoding.h"
#include "crypto/aead.h"
#include "crypto/ed25519.h"
#include "crypto/fernet.h"
#include "crypto/hash.h"
#include "crypto/hpke.h"
#include "crypto/kdf.h"
#include "crypto/mac.h"

namespace latchkey::crypto {
namespace {

constexpr SecretAccess kSelfTest("comparing with a published vector");

Bytes hex(std::string_view text) { return hex_decode(text).value_or(Bytes()); }

bool equals(ByteView actual, std::string_view expected_hex) { return hex_encode(actual) == expected_hex; }

// FIPS 180-2 B.1.
bool sha256_works() {
  return equals(sha256(as_bytes("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

// RFC 4231 test case 2.
bool hmac_works() {
  return equals(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?")),
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

// RFC 5869 A.1.
bool hkdf_works() {
  const Bytes info = hex("f0f1f2f3f4f5f6f7f8f9");
  return equals(
      hkdf_sha256(Bytes(22, 0x0b), hex("000102030405060708090a0b0c"), as_text(info), 42).reveal(kSelfTest),
      "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
}

// Test case 16 of the GCM specification.
bool gcm_works() {
  const Bytes key = hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
  const Bytes nonce = hex("cafebabefacedbaddecaf888");
  const Bytes aad = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const Bytes plaintext =
      hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
          "b16aedf5aa0de657ba637b39");
  Bytes sealed(plaintext.size() + kGcmTagBytes);
  aes256gcm_seal(key, nonce, aad, plaintext, sealed);
  if (!equals(
          sealed,
          "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
          "c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b")) {
    return false;
  }
  Bytes opened(plaintext.size());
  if (!aes256gcm_open(key, nonce, aad, sealed, opened) || opened != plaintext) return false;
  sealed.back() ^= 1;
  return !aes256gcm_open(key, nonce, aad, sealed, opened);
}

// The Fernet specification's generate.json, both ways.
bool fernet_works() {
  class FixedIv final : public Random {
   public:
    void fill(MutableByteView out) override {
      uint8_t next = 0;
      for (uint8_t& byte : out) byte = next++;
    }
  };
  constexpr int64_t made_seconds = 499162800;
  const Result<FernetKey> key =
      FernetKey::parse(Secret::copy_of("cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4="));
  if (!key) return false;
  FixedIv random;
  std::string token = fernet_encrypt(random, *key, as_bytes("hello"), made_seconds);
  if (token !=
      "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA="
      "=") {
    return false;
  }
  const Result<Secret> opened = fernet_decrypt(*key, token, made_seconds + 1, 60);
  if (!opened || opened->reveal_text(kSelfTest) != "hello") return false;
  token[20] = token[20] == 'A' ? 'B' : 'A';
  return !fernet_decrypt(*key, token, made_seconds + 1, 60);
}

// The CFRG vector of the suite X25519, HKDF-SHA256, AES-256-GCM; first message.
bool hpke_works() {
  const Secret private_key =
      Secret::copy_of(ByteView(hex("497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d")));
  Result<HpkeRecipient> recipient = HpkeRecipient::setup(
      private_key, hex("6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256"),
      "Ode on a Grecian Urn");
  if (!recipient) return false;
  const Result<Secret> opened = recipient->open(
      as_bytes("Count-0"),
      hex("e5d84cd531cfb583096e7cfa9641bd3079cf3a91cda813c52deb5f512be9931980a41de125a925cdad859d5b7a"));
  return opened && opened->reveal_text(kSelfTest) == "Beauty is truth, truth beauty";
}

// RFC 8032 section 7.1, TEST 2.
bool ed25519_works() {
  const Ed25519Key key(
      Secret::copy_of(ByteView(hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))));
  const Bytes message = hex("72");
  Ed25519Signature signature = key.sign(message);
  if (!equals(key.public_key(), "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c") ||
      !equals(
          signature,
          "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
          "387b2eaeb4302aeeb00d291612bb0c00")) {
    return false;
  }
  if (!ed25519_verify(key.public_key(), message, signature)) return false;
  signature[0] ^= 1;
  return !ed25519_verify(key.public_key(), message, signature);
}

}  // namespace

bool self_test() {
  return sha256_works() && hmac_works() && hkdf_works() && gcm_works() && fernet_works() && hpke_works() &&
         ed25519_works();
}

}  // namespace latchkey::crypto
