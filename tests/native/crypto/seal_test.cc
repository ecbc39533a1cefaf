#include <gtest/gtest.h>

#include "crypto/seal.h"
#include "support/seeded_random.h"

namespace latchkey::crypto {
namespace {

constexpr SecretAccess kTest("comparing what was opened");
constexpr std::string_view kOld = "old:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
constexpr std::string_view kNew = "new:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";

MasterKeys keys_of(const std::string& text) {
  Result<MasterKeys> keys = MasterKeys::parse(Secret::copy_of(text));
  CHECK(keys.has_value());
  return std::move(*keys);
}

// The order of a rotation: the new key is appended, then promoted, then the old one dropped.
TEST(MasterKeys, ABlobOpensAtEveryStepOfARotation) {
  testing::SeededRandom random("rotation");
  const std::string old_text(kOld);
  const std::string new_text(kNew);
  const SealContext home{"provider_keys", "key_1", "qwen", 1};
  const MasterKeys before = keys_of(old_text);
  const MasterKeys appended = keys_of(old_text + "," + new_text);
  const MasterKeys promoted = keys_of(new_text + "," + old_text);
  const MasterKeys after = keys_of(new_text);

  const Sealed first = before.seal(random, SealPurpose::kProviderKey, home, as_bytes("secret"));
  EXPECT_EQ(kid_of(first).value(), "old");
  EXPECT_EQ(appended.sealing_kid(), "old");
  EXPECT_EQ(promoted.sealing_kid(), "new");
  EXPECT_TRUE(appended.open(SealPurpose::kProviderKey, home, first));
  const Result<Secret> opened = promoted.open(SealPurpose::kProviderKey, home, first);
  ASSERT_TRUE(opened);

  const Sealed second = promoted.seal(random, SealPurpose::kProviderKey, home, opened->reveal(kTest));
  EXPECT_EQ(kid_of(second).value(), "new");
  EXPECT_TRUE(appended.open(SealPurpose::kProviderKey, home, second));
  EXPECT_EQ(after.open(SealPurpose::kProviderKey, home, second).value().reveal_text(kTest), "secret");
  EXPECT_FALSE(after.open(SealPurpose::kProviderKey, home, first));
}

TEST(MasterKeys, AnErrorNamesTheMissingKeyAndNoSecret) {
  testing::SeededRandom random("missing");
  const SealContext home{"provider_keys", "key_1", "qwen", 1};
  const Sealed sealed =
      keys_of(std::string(kOld)).seal(random, SealPurpose::kProviderKey, home, as_bytes("secret"));
  const Result<Secret> opened = keys_of(std::string(kNew)).open(SealPurpose::kProviderKey, home, sealed);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code(), ErrorCode::kInternal);
  EXPECT_NE(opened.error().detail().find("old"), std::string::npos);
  EXPECT_EQ(opened.error().message().find("old"), std::string::npos);
}

TEST(MasterKeys, TheSamePlaintextNeverSealsTheSameWay) {
  SystemRandom random;
  const SealContext home{"provider_keys", "key_1", "qwen", 1};
  const MasterKeys keys = keys_of(std::string(kOld));
  EXPECT_FALSE(keys.seal(random, SealPurpose::kProviderKey, home, as_bytes("x")) ==
               keys.seal(random, SealPurpose::kProviderKey, home, as_bytes("x")));
}

TEST(MasterKeys, TheLargestPlaintextSealsAndOpens) {
  SystemRandom random;
  const SealContext home{"settings", "ring", "", 1};
  const MasterKeys keys = keys_of(std::string(32, 'k') + std::string(kOld.substr(3)));
  const Bytes large(kSealedPlaintextBytesMax, 0x5a);
  const Sealed sealed = keys.seal(random, SealPurpose::kKeyRing, home, large);
  const Result<Secret> opened = keys.open(SealPurpose::kKeyRing, home, sealed);
  ASSERT_TRUE(opened);
  EXPECT_TRUE(std::ranges::equal(opened->reveal(kTest), large));
  EXPECT_FALSE(keys.open(SealPurpose::kKeyRing, home, Sealed(sealed.text() + "AAAA")));
}

}  // namespace
}  // namespace latchkey::crypto
