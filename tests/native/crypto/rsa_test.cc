#include "crypto/rsa.h"

#include <gtest/gtest.h>

#include "support/rsa_signer.h"

namespace latchkey::crypto {
namespace {

using testing::RsaSigner;

const RsaSigner& signer() {
  static const RsaSigner signer(2048);
  return signer;
}

bool verifies(const RsaPublicKey& key, const Bytes& signature, std::string_view message = "message") {
  return rsa_verify_sha256(key, as_bytes(message), signature);
}

TEST(Rsa, verifies_what_was_signed_and_nothing_else) {
  const RsaPublicKey key = signer().public_key();
  const Bytes signature = signer().sign("message");
  EXPECT_TRUE(verifies(key, signature));
  EXPECT_FALSE(verifies(key, signature, "messagE"));
  EXPECT_FALSE(verifies(key, signature, ""));
  for (size_t i = 0; i < signature.size(); i += 7) {
    Bytes changed = signature;
    changed[i] ^= 1;
    EXPECT_FALSE(verifies(key, changed)) << i;
  }
  EXPECT_FALSE(verifies(RsaSigner(2048).public_key(), signature));
}

TEST(Rsa, takes_signatures_of_the_length_of_the_modulus_only) {
  const RsaPublicKey key = signer().public_key();
  const Bytes signature = signer().sign("message");
  EXPECT_FALSE(verifies(key, {}));
  Bytes longer = signature;
  longer.insert(longer.begin(), 0);
  EXPECT_FALSE(verifies(key, longer));
  longer = signature;
  longer.push_back(0);
  EXPECT_FALSE(verifies(key, longer));
  EXPECT_FALSE(verifies(key, Bytes(signature.begin(), signature.end() - 1)));
  // As large as the modulus, and larger.
  EXPECT_FALSE(verifies(key, key.modulus));
  EXPECT_FALSE(verifies(key, Bytes(key.modulus.size(), 0xff)));
  EXPECT_FALSE(verifies(key, Bytes(key.modulus.size(), 0)));
}

TEST(Rsa, takes_no_short_long_or_strange_key) {
  const Bytes signature = signer().sign("message");
  RsaPublicKey key = signer().public_key();
  key.modulus.insert(key.modulus.begin(), 0);
  EXPECT_FALSE(verifies(key, signature)) << "a leading zero";
  key = signer().public_key();
  key.exponent.insert(key.exponent.begin(), 0);
  EXPECT_FALSE(verifies(key, signature)) << "a leading zero in the exponent";
  for (const Bytes& exponent : {Bytes{}, Bytes{1}, Bytes{3}, Bytes{1, 0, 0}}) {
    key.exponent = exponent;
    EXPECT_FALSE(verifies(key, signature));
  }
  EXPECT_FALSE(verifies({}, signature));
  const RsaSigner three(2048, 3);
  EXPECT_FALSE(verifies(three.public_key(), three.sign("message"))) << "exponent 3";
  const RsaSigner small(1024);
  EXPECT_FALSE(verifies(small.public_key(), small.sign("message"))) << "1024 bits";
  key = signer().public_key();
  key.modulus.resize(kRsaBitsMax / 8 + 1, 1);
  EXPECT_FALSE(verifies(key, Bytes(key.modulus.size(), 1))) << "over 4096 bits";
  // An even modulus is none.
  key = signer().public_key();
  key.modulus.back() &= 0xfe;
  EXPECT_FALSE(verifies(key, signature));
}

}  // namespace
}  // namespace latchkey::crypto
