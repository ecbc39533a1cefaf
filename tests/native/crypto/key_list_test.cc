#include "crypto/key_list.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace latchkey::crypto {
namespace {

constexpr SecretAccess kTest("comparing what was parsed");
constexpr std::string_view kZeros = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

TEST(KeyList, KeepsTheOrderTheKidsAndTheKeys) {
  const Bytes second(kListedKeyBytes, 0xff);
  const std::string text = "b:" + std::string(kZeros) + ",a-1:" + base64_encode(second);
  const auto keys = parse_key_list(Secret::copy_of(text), 2);
  ASSERT_TRUE(keys);
  ASSERT_EQ(keys->size(), 2u);
  EXPECT_EQ((*keys)[0].kid, "b");
  EXPECT_EQ((*keys)[1].kid, "a-1");
  EXPECT_TRUE((*keys)[0].secret == Secret(kListedKeyBytes));
  EXPECT_TRUE((*keys)[1].secret == Secret::copy_of(ByteView(second)));
}

TEST(KeyList, AnErrorNamesTheEntryByItsPosition) {
  const std::string good = "a:" + std::string(kZeros);
  const auto message = [](const std::string& text) {
    const auto keys = parse_key_list(Secret::copy_of(text), 3);
    return keys ? std::string() : keys.error().message();
  };
  EXPECT_TRUE(message("").starts_with("entry 1: "));
  EXPECT_TRUE(message(good + ",b:short").starts_with("entry 2: "));
  EXPECT_TRUE(message(good + ",b" + good.substr(1) + ",").starts_with("entry 3: "));
  EXPECT_TRUE(message(good + ",b" + good.substr(1) + ",c" + good.substr(1) + ",d").starts_with("entry 4: "));
}

TEST(KeyList, AKidIs1To32PlainCharacters) {
  for (const std::string& kid : {std::string("a"), std::string("A-z_09"), std::string(32, 'k')}) {
    EXPECT_TRUE(is_kid(kid)) << kid;
  }
  for (const std::string& kid : {std::string(), std::string(33, 'k'), std::string("a b"), std::string("a."),
                                 std::string("\"a"), std::string("a\0", 2), std::string("\xc3\xa4")}) {
    EXPECT_FALSE(is_kid(kid)) << kid;
  }
}

TEST(DecodeKey, TakesOneEncodingOfTheExactSize) {
  EXPECT_TRUE(decode_key_base64("+/8=", 2)->reveal(kTest)[0] == 0xfb);
  EXPECT_TRUE(decode_key_base64url("-_8=", 2)->reveal(kTest)[0] == 0xfb);
  for (const std::string_view text : {"-_8=", "+/8", "+/9=", "+w==", "+/8A", "+/8=AAAA", ""}) {
    EXPECT_FALSE(decode_key_base64(text, 2)) << text;
  }
  for (const std::string_view text : {"+/8=", "-_8", "-_9=", "-w==", "-_8A", "-_8=AAAA", ""}) {
    EXPECT_FALSE(decode_key_base64url(text, 2)) << text;
  }
}

}  // namespace
}  // namespace latchkey::crypto
