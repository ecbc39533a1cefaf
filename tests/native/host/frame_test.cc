#include "host/frame.h"

#include <gtest/gtest.h>

#include "support/draws.h"

namespace latchkey::host {
namespace {

using namespace std::string_view_literals;

TEST(Frame, numbers_are_little_endian) {
  const std::string bytes = std::move(FrameWriter().u32(0x01020304).u32(0xffffffff)).take();
  EXPECT_EQ(bytes, "\x04\x03\x02\x01\xff\xff\xff\xff"sv);
  FrameReader frame(as_bytes(bytes));
  EXPECT_EQ(frame.u32(), 0x01020304u);
  EXPECT_EQ(frame.u32(), 0xffffffffu);
  EXPECT_TRUE(frame.at_end());
}

TEST(Frame, strings_carry_any_bytes) {
  const std::string_view texts[] = {"", "a", "a\0b\xff"sv, "\xc3\xa9"};
  FrameWriter out;
  for (const std::string_view text : texts) out.string(text);
  FrameReader frame(as_bytes(out.bytes()));
  for (const std::string_view text : texts) EXPECT_EQ(frame.string(), text);
  EXPECT_TRUE(frame.at_end());
}

// A request frame as the shim writes it.
std::string request_frame() {
  FrameWriter out;
  out.string("POST").string("https://host/keys/provision?x=1").string("203.0.113.9").string("DE");
  out.string("3320").string("52.5").string("13.4");
  out.u32(2).string("content-type").string("application/json").string("user-agent").string("");
  return std::move(out).take();
}

struct Request {
  std::string_view method, url, address, country, asn, latitude, longitude;
  std::optional<StringPairs> headers;
  bool at_end;
};

Request read_request(ByteView bytes) {
  FrameReader frame(bytes);
  Request request;
  request.method = frame.string();
  request.url = frame.string();
  request.address = frame.string();
  request.country = frame.string();
  request.asn = frame.string();
  request.latitude = frame.string();
  request.longitude = frame.string();
  request.headers = read_pairs(frame);
  request.at_end = frame.at_end();
  return request;
}

TEST(Frame, request_is_read_as_it_was_written) {
  const std::string bytes = request_frame();
  const Request request = read_request(as_bytes(bytes));
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "https://host/keys/provision?x=1");
  EXPECT_EQ(request.address, "203.0.113.9");
  EXPECT_EQ(request.country, "DE");
  EXPECT_EQ(request.asn, "3320");
  EXPECT_EQ(request.latitude, "52.5");
  EXPECT_EQ(request.longitude, "13.4");
  ASSERT_TRUE(request.headers.has_value());
  EXPECT_EQ(*request.headers, (StringPairs{{"content-type", "application/json"}, {"user-agent", ""}}));
  EXPECT_TRUE(request.at_end);
}

TEST(Frame, cut_off_at_any_byte_is_refused) {
  const std::string bytes = request_frame();
  for (size_t size = 0; size < bytes.size(); ++size) {
    // A copy of its own size, so that a sanitizer sees a read past the end.
    const Bytes cut(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size));
    const Request request = read_request(cut);
    EXPECT_FALSE(request.headers.has_value()) << size;
    EXPECT_FALSE(request.at_end) << size;
  }
}

TEST(Frame, with_bytes_left_over_is_not_at_its_end) {
  const std::string bytes = request_frame() + "x";
  const Request request = read_request(as_bytes(bytes));
  EXPECT_TRUE(request.headers.has_value());
  EXPECT_FALSE(request.at_end);
}

TEST(Frame, gives_nothing_more_once_something_did_not_fit) {
  // The first string claims 9 bytes and has 8, which alone would be a number and a string.
  const std::string bytes = std::move(FrameWriter().u32(9).u32(7).u32(0)).take();
  FrameReader spent(as_bytes(bytes));
  EXPECT_EQ(spent.string(), "");
  EXPECT_FALSE(spent.ok());
  EXPECT_EQ(spent.u32(), 0u);
  EXPECT_EQ(spent.string(), "");
  EXPECT_FALSE(spent.at_end());
}

TEST(Frame, sizes_near_the_top_of_32_bits_do_not_wrap) {
  for (const uint32_t size : {0x7fffffffu, 0x80000000u, 0xfffffffcu, 0xfffffffeu, 0xffffffffu}) {
    const std::string bytes = std::move(FrameWriter().u32(size)).take() + "abc";
    FrameReader frame(as_bytes(bytes));
    EXPECT_EQ(frame.string(), "");
    EXPECT_FALSE(frame.ok());
  }
}

TEST(Frame, pair_count_that_the_frame_cannot_hold_is_refused_without_allocating_for_it) {
  const std::string bytes = std::move(FrameWriter().u32(0xffffffff).string("a").string("b")).take();
  FrameReader frame(as_bytes(bytes));
  EXPECT_FALSE(read_pairs(frame).has_value());
}

TEST(Frame, pairs_may_be_none) {
  const std::string bytes = std::move(FrameWriter().u32(0)).take();
  FrameReader frame(as_bytes(bytes));
  const auto pairs = read_pairs(frame);
  ASSERT_TRUE(pairs.has_value());
  EXPECT_TRUE(pairs->empty());
  EXPECT_TRUE(frame.at_end());
}

TEST(Frame, written_and_read_again_is_the_same) {
  test::Draws draws(99);
  for (int round = 0; round < 2'000; ++round) {
    std::vector<std::pair<std::string, std::string>> wanted(draws.below(8));
    FrameWriter out(64);
    out.u32(static_cast<uint32_t>(wanted.size()));
    for (auto& [name, value] : wanted) {
      for (std::string* text : {&name, &value}) {
        text->resize(draws.below(40));
        for (char& c : *text) c = static_cast<char>(draws.below(256));
        out.string(*text);
      }
    }
    FrameReader frame(as_bytes(out.bytes()));
    const auto pairs = read_pairs(frame);
    ASSERT_TRUE(pairs.has_value());
    ASSERT_TRUE(frame.at_end());
    ASSERT_TRUE(std::equal(
        pairs->begin(), pairs->end(), wanted.begin(), wanted.end(),
        [](const auto& a, const auto& b) { return a.first == b.first && a.second == b.second; }));
  }
}

}  // namespace
}  // namespace latchkey::host
