#include "crypto/index.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/encoding.h"

namespace latchkey::crypto {
namespace {

Secret key_of(uint8_t byte) { return Secret::copy_of(ByteView(Bytes(kIndexKeyBytes, byte))); }

TEST(Index, EveryPurposeAndEveryKeyHashesDifferently) {
  std::set<std::string, std::less<>> seen;
  for (const uint8_t byte : {uint8_t{1}, uint8_t{2}}) {
    const Index index(key_of(byte));
    for (size_t i = 0; i < kNumIndexPurposes; ++i) {
      EXPECT_TRUE(seen.emplace(index.hash(static_cast<IndexPurpose>(i), "value").text()).second);
    }
  }
}

TEST(Index, AHashIsTheSameEachTimeAndFollowsTheValue) {
  const Index index(key_of(1));
  const TokenHash hash = index.hash(IndexPurpose::kMachine, "machine");
  EXPECT_TRUE(hash == index.hash(IndexPurpose::kMachine, "machine"));
  EXPECT_FALSE(hash == index.hash(IndexPurpose::kMachine, "machinf"));
  EXPECT_FALSE(hash == index.hash(IndexPurpose::kMachine, "machin"));
  EXPECT_EQ(hash.text().size(), kTokenHashChars);
}

TEST(TokenHash, IsReadOnlyFromOneEncodingOf32Bytes) {
  const std::string good(Index(key_of(1)).hash(IndexPurpose::kHolder, "x").text());
  ASSERT_TRUE(TokenHash::from_text(good));
  EXPECT_EQ(TokenHash::from_text(good)->text(), good);
  EXPECT_FALSE(TokenHash::from_text(""));
  EXPECT_FALSE(TokenHash::from_text(good.substr(1)));
  EXPECT_FALSE(TokenHash::from_text(good + "="));
  EXPECT_FALSE(TokenHash::from_text(good + "A"));
  EXPECT_FALSE(TokenHash::from_text("+" + good.substr(1)));
  // 43 characters carry 258 bits: the last two must be zero.
  size_t num_accepted = 0;
  for (const char last : std::string("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")) {
    num_accepted += TokenHash::from_text(good.substr(0, 42) + last) ? 1 : 0;
  }
  EXPECT_EQ(num_accepted, 16u);
}

}  // namespace
}  // namespace latchkey::crypto
