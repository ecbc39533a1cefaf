#include "base/encoding.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace latchkey {
namespace {

struct Known {
  std::string_view plain;
  std::string_view base64;
  std::string_view hex;
};

// RFC 4648 section 10.
constexpr Known kKnown[] = {
    {"", "", ""},
    {"f", "Zg==", "66"},
    {"fo", "Zm8=", "666f"},
    {"foo", "Zm9v", "666f6f"},
    {"foob", "Zm9vYg==", "666f6f62"},
    {"fooba", "Zm9vYmE=", "666f6f6261"},
    {"foobar", "Zm9vYmFy", "666f6f626172"},
};

std::string unpadded(std::string_view text) { return std::string(text.substr(0, text.find('='))); }

std::optional<std::string> as_string(const std::optional<Bytes>& bytes) {
  if (!bytes) return std::nullopt;
  return std::string(as_text(*bytes));
}

TEST(Encoding, PublishedVectorsHoldBothWays) {
  for (const Known& known : kKnown) {
    const ByteView plain = as_bytes(known.plain);
    EXPECT_EQ(base64_encode(plain), known.base64);
    EXPECT_EQ(base64url_encode(plain), unpadded(known.base64));
    EXPECT_EQ(base64url_encode(plain, Padding::kRequired), known.base64);
    EXPECT_EQ(hex_encode(plain), known.hex);
    EXPECT_EQ(as_string(base64_decode(known.base64)), known.plain);
    EXPECT_EQ(as_string(base64url_decode(unpadded(known.base64))), known.plain);
    EXPECT_EQ(as_string(base64url_decode(known.base64, Padding::kRequired)), known.plain);
    EXPECT_EQ(as_string(base64url_decode(known.base64, Padding::kOptional)), known.plain);
    EXPECT_EQ(as_string(base64url_decode(unpadded(known.base64), Padding::kOptional)), known.plain);
    EXPECT_EQ(as_string(hex_decode(known.hex)), known.plain);
  }
}

TEST(Encoding, TheTwoAlphabetsDoNotMix) {
  const Bytes bytes{0xfb, 0xef, 0xff};
  EXPECT_EQ(base64_encode(bytes), "++//");
  EXPECT_EQ(base64url_encode(bytes), "--__");
  EXPECT_FALSE(base64_decode("--__"));
  EXPECT_FALSE(base64url_decode("++//"));
}

TEST(Encoding, EveryByteStringComesBack) {
  for (size_t size = 0; size < 70; ++size) {
    Bytes bytes(size);
    for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<uint8_t>(i * 37 + size);
    EXPECT_EQ(base64_decode(base64_encode(bytes)), bytes);
    EXPECT_EQ(base64url_decode(base64url_encode(bytes)), bytes);
    EXPECT_EQ(hex_decode(hex_encode(bytes)), bytes);
  }
}

// Whatever decodes is the one encoding of its bytes: no second spelling is let in.
void expect_canonical(std::string_view text) {
  if (const auto bytes = base64url_decode(text)) {
    EXPECT_EQ(base64url_encode(*bytes), text);
  }
  if (const auto bytes = base64url_decode(text, Padding::kRequired)) {
    EXPECT_EQ(base64url_encode(*bytes, Padding::kRequired), text);
  }
  if (const auto bytes = base64_decode(text)) {
    EXPECT_EQ(base64_encode(*bytes), text);
  }
}

TEST(Encoding, NoTextOfUpToThreeCharactersHasASecondSpelling) {
  constexpr std::string_view alphabet = "ABQZagwz019-_+/= \n.\x7f\x80";
  size_t num_decoded = 0;
  const std::function<void(std::string)> visit = [&](const std::string& text) {
    expect_canonical(text);
    num_decoded += base64url_decode(text) ? 1 : 0;
    if (text.size() == 3) return;
    for (const char c : alphabet) visit(text + c);
  };
  visit("");
  EXPECT_GT(num_decoded, 10u);
}

TEST(Encoding, StraySpellingsAreRefused) {
  for (const std::string_view text : {"Zg", "Zg=", "Zg===", "Zh==", "=", "==", "Zm9vY", "Zm9=v", " Zm9v",
                                      "Zm9v\n", "Zm8==", "Z===", "Zm9v====", "Zm9v="}) {
    EXPECT_FALSE(base64_decode(text)) << text;
    EXPECT_FALSE(base64url_decode(text, Padding::kRequired)) << text;
  }
  for (const std::string_view text : {"Zg==", "Zh", "Z", "Zm9vY", "Zm9v=", "=", "Zm9v Zm9v", "Zg\n"}) {
    EXPECT_FALSE(base64url_decode(text)) << text;
  }
  for (const std::string_view text : {"Zg=", "Zm8==", "Zm9v=", "=", "=="}) {
    EXPECT_FALSE(base64url_decode(text, Padding::kOptional)) << text;
  }
  for (const std::string_view text : {"6", "666", "6g", "0x66", " 66", "66 ", "6 "}) {
    EXPECT_FALSE(hex_decode(text)) << text;
  }
}

TEST(Encoding, HexIsReadInEitherCaseAndWrittenInLower) {
  EXPECT_EQ(hex_decode("DEADbeef"), (Bytes{0xde, 0xad, 0xbe, 0xef}));
  EXPECT_EQ(hex_encode(Bytes{0xde, 0xad}), "dead");
}

}  // namespace
}  // namespace latchkey
