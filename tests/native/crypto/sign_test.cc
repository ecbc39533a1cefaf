#include "crypto/sign.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "crypto/hpke.h"

namespace latchkey::crypto {
namespace {

constexpr std::string_view kTyp = "latchkey-receipt+jws";
constexpr std::string_view kOne = "s1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
constexpr std::string_view kTwo = "s2:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";

SigningKeys keys_of(const std::string& text) {
  Result<SigningKeys> keys = SigningKeys::parse(Secret::copy_of(text));
  EXPECT_TRUE(keys.has_value());
  return std::move(*keys);
}

TEST(SigningKeys, ADocumentSignedBeforeARotationStillVerifiesAfterIt) {
  const std::string before = keys_of(std::string(kOne)).sign_jws("{}", kTyp);
  const SigningKeys after = keys_of(std::string(kTwo) + "," + std::string(kOne));
  EXPECT_EQ(after.verify_jws(before, kTyp).value(), "{}");
  EXPECT_FALSE(keys_of(std::string(kTwo)).verify_jws(before, kTyp));
}

TEST(SigningKeys, PublicKeysAloneVerify) {
  const SigningKeys keys = keys_of(std::string(kOne));
  const std::string token = keys.sign_jws("{}", kTyp);
  EXPECT_EQ(verify_jws(keys.verify_keys(), token, kTyp).value(), "{}");
  EXPECT_FALSE(verify_jws({}, token, kTyp));
}

TEST(SigningKeys, TheJwksHoldsNoPrivateKey) {
  const std::string jwks = keys_of(std::string(kOne) + "," + std::string(kTwo)).jwks();
  EXPECT_EQ(jwks.find("\"d\""), std::string::npos);
  for (const std::string_view entry : {kOne, kTwo}) {
    const Bytes seed = base64_decode(entry.substr(3)).value();
    EXPECT_EQ(jwks.find(base64url_encode(seed)), std::string::npos);
  }
}

TEST(SigningKeys, AnOversizedDocumentIsRefusedUnread) {
  const SigningKeys keys = keys_of(std::string(kOne));
  const std::string token = keys.sign_jws("{}", kTyp);
  const size_t dot = token.find('.');
  EXPECT_FALSE(keys.verify_jws(
      token.substr(0, dot + 1) + std::string(kJwsBytesMax, 'A') + token.substr(dot + 1), kTyp));
}

TEST(Hpke, ThePublicKeyErrorNamesTheField) {
  const Result<HpkeSender> short_key = HpkeSender::setup(Bytes(31, 9), "info");
  const Result<HpkeSender> low_order = HpkeSender::setup(Bytes(32, 0), "info");
  ASSERT_FALSE(short_key);
  ASSERT_FALSE(low_order);
  for (const Error& error : {short_key.error(), low_order.error()}) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidRequest);
    EXPECT_TRUE(error.message().starts_with("client_public_key "));
  }
}

TEST(Hpke, TwoContextsForOneKeyShareNothing) {
  SystemRandom random;
  const X25519PublicKey public_key = x25519_public_key(make_x25519_private_key(random));
  HpkeSender one = HpkeSender::setup(public_key, "info").value();
  HpkeSender two = HpkeSender::setup(public_key, "info").value();
  EXPECT_NE(one.enc(), two.enc());
  EXPECT_NE(one.seal({}, as_bytes("x")), two.seal({}, as_bytes("x")));
}

TEST(Hpke, ARecipientKeyOfTheWrongSizeIsRefused) {
  EXPECT_FALSE(HpkeRecipient::setup(Secret(31), Bytes(32, 9), "info"));
  EXPECT_FALSE(HpkeRecipient::setup(Secret(33), Bytes(32, 9), "info"));
  EXPECT_FALSE(HpkeRecipient::setup(Secret(), Bytes(32, 9), "info"));
}

}  // namespace
}  // namespace latchkey::crypto
