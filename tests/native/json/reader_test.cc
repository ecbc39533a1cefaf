#include "json/reader.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <string>
#include <vector>

namespace latchkey::json {
namespace {

using namespace std::string_view_literals;

std::string repeat(std::string_view text, size_t times) {
  std::string out;
  for (size_t i = 0; i < times; ++i) out += text;
  return out;
}

std::string nested_arrays(size_t depth) { return repeat("[", depth) + "1" + repeat("]", depth); }
std::string nested_objects(size_t depth) { return repeat("{\"a\":", depth) + "1" + repeat("}", depth); }

struct Refusal {
  std::string text;
  std::string_view message;
};

constexpr auto kEmpty = "The body is not JSON: it is empty."sv;
constexpr auto kUtf8 = "The body is not JSON: it is not valid UTF-8."sv;
constexpr auto kDepth = "The body is not JSON: it nests deeper than 32 levels."sv;
constexpr auto kSyntax = "The body is not JSON: its syntax is wrong."sv;
constexpr auto kNumber = "The body is not JSON: a value is malformed or a number is too large."sv;
constexpr auto kEscape = "The body is not JSON: a string has a bad escape or a lone surrogate."sv;
constexpr auto kControl = "The body is not JSON: a string holds an unescaped control character."sv;
constexpr auto kUnclosed = "The body is not JSON: a string is not closed."sv;
constexpr auto kTwice = "The body is refused: a key appears twice in one object."sv;

// Every implementation of simdjson that this machine runs: wasm has the one named fallback,
// and a native build picks another.
std::vector<const simdjson::implementation*> implementations() {
  std::vector<const simdjson::implementation*> found;
  for (const auto* implementation : simdjson::get_available_implementations()) {
    if (implementation->supported_by_runtime_system()) found.push_back(implementation);
  }
  return found;
}

class JsonReader : public ::testing::TestWithParam<const simdjson::implementation*> {
 protected:
  void SetUp() override { simdjson::get_active_implementation() = GetParam(); }
  void TearDown() override { simdjson::get_active_implementation() = before_; }

 private:
  const simdjson::implementation* before_ = simdjson::get_active_implementation();
};

INSTANTIATE_TEST_SUITE_P(Json, JsonReader, ::testing::ValuesIn(implementations()),
                         [](const auto& info) { return info.param->name(); });

TEST(Document, of_nothing_is_refused_wherever_nothing_lies) {
  for (const std::string_view nothing : {std::string_view(), std::string_view("")}) {
    EXPECT_FALSE(Document::parse_host(nothing).has_value());
    EXPECT_FALSE(Document::parse_untrusted(nothing).has_value());
  }
}

TEST(Json, is_tested_with_the_implementation_that_wasm_runs) {
  const auto all = implementations();
  EXPECT_TRUE(std::ranges::any_of(all, [](const auto* one) { return one->name() == "fallback"; }));
}

void expect_refused(const std::vector<Refusal>& refusals) {
  for (const auto& [text, message] : refusals) {
    const auto document = Document::parse_untrusted(text);
    ASSERT_FALSE(document.has_value()) << "accepted: " << text.substr(0, 80);
    EXPECT_EQ(document.error().code(), ErrorCode::kInvalidRequest);
    EXPECT_EQ(document.error().message(), message) << text.substr(0, 80);
  }
}

TEST_P(JsonReader, refuses_text_that_is_no_json_and_says_why) {
  expect_refused({
      {"", kEmpty},
      {" ", kEmpty},
      {"\n\t ", kEmpty},
      {"{", kSyntax},
      {"}", kSyntax},
      {"[1,]", kSyntax},
      {"[1 2]", kSyntax},
      {"[,1]", kNumber},
      {"{\"a\":1,}", kSyntax},
      {"{\"a\"}", kSyntax},
      {"{\"a\" 1}", kSyntax},
      {"{a:1}", kSyntax},
      {"{1:1}", kSyntax},
      {"{'a':1}", kSyntax},
      {"[1]]", kSyntax},
      {"{\"a\":1}}", kSyntax},
      {"{\"a\":1}x", kSyntax},
      {"{\"a\":1} {\"b\":2}", kSyntax},
      {"1 2", kSyntax},
      {"// no\n{}", kSyntax},
      {"{}/* no */", kSyntax},
      {"\xef\xbb\xbf\xef\xbb\xbf{}", kSyntax},
      {"{\"a\":\"x}", kUnclosed},
      {"\"", kUnclosed},
      {"\"\\\"", kUnclosed},
  });
}

TEST_P(JsonReader, refuses_misspelt_literals) {
  for (const char* text : {"tru", "True", "nul", "NULL", "truex", "undefined", "NaN", "Infinity",
                           "-Infinity", "[tru]", "[nulll]"}) {
    EXPECT_FALSE(Document::parse_untrusted(text).has_value()) << text;
  }
}

TEST_P(JsonReader, refuses_a_byte_order_mark_or_reads_past_it_but_never_keeps_it) {
  // RFC 8259 allows a parser to skip one. What must not happen is that it becomes content.
  const auto document = Document::parse_untrusted("\xef\xbb\xbf{\"a\":1}");
  if (document) {
    EXPECT_EQ(document->root().member("a")->integer(), 1);
  } else {
    EXPECT_EQ(document.error().code(), ErrorCode::kInvalidRequest);
  }
}

TEST_P(JsonReader, refuses_nul_bytes) {
  for (const auto text : {"\0"sv, "{}\0"sv, "{\"a\":1\0}"sv, "\0{}"sv, "[1,\0]"sv}) {
    const auto document = Document::parse_untrusted(text);
    EXPECT_FALSE(document.has_value()) << text.size();
  }
  expect_refused({{std::string("\"a\0b\""sv), kControl}, {std::string("{\"a\0\":1}"sv), kControl}});
}

TEST_P(JsonReader, refuses_control_characters_in_strings) {
  for (char c = 0; c < 0x20; ++c) {
    expect_refused({{std::string("[\"a") + c + "b\"]", kControl}});
  }
  EXPECT_TRUE(Document::parse_untrusted("[\"\x7f\"]").has_value());
}

TEST_P(JsonReader, refuses_nesting_past_its_limit_without_recursing) {
  expect_refused({
      {nested_arrays(33), kDepth},
      {nested_arrays(1'000), kDepth},
      {nested_objects(33), kDepth},
      {nested_objects(1'000), kDepth},
      {nested_arrays(100'000), kDepth},
      {repeat("[", 100'000), kSyntax},
      {repeat("{\"a\":[", 50'000), kSyntax},
  });
}

TEST_P(JsonReader, accepts_nesting_up_to_its_limit) {
  for (const size_t depth : {1, 16, 31, 32}) {
    EXPECT_TRUE(Document::parse_untrusted(nested_arrays(depth)).has_value()) << depth;
    EXPECT_TRUE(Document::parse_untrusted(nested_objects(depth)).has_value()) << depth;
  }
}

TEST_P(JsonReader, refuses_a_key_that_appears_twice_however_it_is_written) {
  expect_refused({
      {R"({"a":1,"a":1})", kTwice},
      {R"({"a":1,"b":2,"a":3})", kTwice},
      {R"({"a":1,"\u0061":2})", kTwice},
      {R"({"\u0061":1,"\u0061":2})", kTwice},
      {R"({"/":1,"\/":2})", kTwice},
      {R"({"\n":1,"\u000A":2})", kTwice},
      {R"({"é":1,"\u00e9":2})", kTwice},
      {R"({"😀":1,"\ud83d\ude00":2})", kTwice},
      {R"({"":1,"":2})", kTwice},
      {R"({"x":{"a":1,"a":2}})", kTwice},
      {R"([[{"a":1,"a":2}]])", kTwice},
  });
}

TEST_P(JsonReader, tells_keys_apart_that_only_look_alike) {
  for (const char* text : {
           R"({"a":1,"A":2})",
           R"({"a":1,"a ":2})",
           R"({"a":1,"b":{"a":2}})",
           R"([{"a":1},{"a":2}])",
           // One composed, one of two code points: different texts, and not normalised.
           R"({"\u00e9":1,"e\u0301":2})",
       }) {
    EXPECT_TRUE(Document::parse_untrusted(text).has_value()) << text;
  }
}

TEST_P(JsonReader, refuses_many_repeated_keys_among_many) {
  std::string text = "{";
  for (int i = 0; i < 2'000; ++i) text += "\"key" + std::to_string(i) + "\":1,";
  EXPECT_TRUE(Document::parse_untrusted(text + "\"last\":1}").has_value());
  expect_refused({{text + "\"key1234\":1}", kTwice}});
}

TEST_P(JsonReader, refuses_bytes_that_are_not_utf8) {
  const std::string bad[] = {
      "\x80",     "\xbf",         "\xc0\x80",         "\xc1\xbf",         "\xc3",
      "\xe2\x82", "\xe0\x80\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80",
      "\xff",     "\xfe",         "\xed\xa0\x80",     "\xed\xbf\xbf",     "\xc3(",
  };
  for (const std::string& bytes : bad) {
    expect_refused({{"[\"" + bytes + "\"]", kUtf8}, {"{\"" + bytes + "\":1}", kUtf8}});
  }
}

TEST_P(JsonReader, refuses_lone_surrogates_in_strings_and_keys) {
  const char* halves[] = {
      R"(\ud800)",        R"(\udbff)",   R"(\ud83d)",      R"(\ud800\ud800)",       R"(\ud83dx)",
      R"(x\ud83d\u0041)", R"(\ud83d\n)", R"(\ud83d\ude0)", R"(\ud83d\\ude00)",      R"(\udc00)",
      R"(\ude00\ud83d)",  R"(\udfff)",   R"(x\udc00y)",    R"(\ud83d\ude00\udc00)",
  };
  for (const std::string half : halves) {
    expect_refused({
        {"[\"" + half + "\"]", kEscape},
        {"{\"" + half + "\":1}", kEscape},
        {"{\"a\":[{\"x" + half + "y\":1}]}", kEscape},
    });
  }
}

TEST_P(JsonReader, accepts_surrogates_only_as_a_high_and_a_low_one) {
  // Every first unit, alone and before units of each class.
  for (uint32_t first = 0xd700; first <= 0xe0ff; ++first) {
    const bool is_high = first >= 0xd800 && first <= 0xdbff;
    const bool is_surrogate = first >= 0xd800 && first <= 0xdfff;
    for (const uint32_t second : {0u, 0x41u, 0xd7ffu, 0xd800u, 0xdbffu, 0xdc00u, 0xdfffu, 0xe000u}) {
      const bool is_second_low = second >= 0xdc00 && second <= 0xdfff;
      const bool is_second_surrogate = second >= 0xd800 && second <= 0xdfff;
      const bool is_good = is_high ? is_second_low : !is_surrogate && !is_second_surrogate;
      char text[40];
      const int size = second == 0 ? snprintf(text, sizeof text, "[\"\\u%04X\"]", first)
                                   : snprintf(text, sizeof text, "[\"\\u%04x\\u%04X\"]", first, second);
      const auto document = Document::parse_untrusted({text, static_cast<size_t>(size)});
      ASSERT_EQ(document.has_value(), is_good) << text;
      if (!document) continue;
      const std::string_view decoded = *document->root().item(0).string();
      ASSERT_TRUE(simdjson::validate_utf8(decoded.data(), decoded.size())) << text;
    }
  }
}

TEST_P(JsonReader, refuses_bad_escapes) {
  expect_refused({
      {R"(["\x"])", kEscape},
      {R"(["\u12"])", kEscape},
      {R"(["\u12g4"])", kEscape},
      {R"(["\'"])", kEscape},
      {R"(["\0"])", kEscape},
      {R"(["\U0041"])", kEscape},
  });
}

TEST_P(JsonReader, refuses_numbers_that_are_malformed_or_too_large) {
  for (const char* number : {"01",
                             "-01",
                             "00",
                             "1.",
                             ".5",
                             "-.5",
                             "1e",
                             "1e+",
                             "+1",
                             "--1",
                             "0x10",
                             "1_000",
                             "-",
                             "1e999",
                             "-1e999",
                             "18446744073709551616",
                             "100000000000000000000000000000000",
                             "1.5.5",
                             "1e5e5",
                             "1a"}) {
    for (const std::string& text : {std::string(number), "[" + std::string(number) + "]"}) {
      EXPECT_FALSE(Document::parse_untrusted(text).has_value()) << text;
    }
  }
  expect_refused({
      {"[01]", kNumber},
      {"[1e999]", kNumber},
      {"[18446744073709551616]", kNumber},
      {"[" + std::string(5'000, '9') + "]", kNumber},
  });
}

TEST_P(JsonReader, reads_integers_only_where_they_are_whole_and_exact) {
  struct Case {
    const char* text;
    std::optional<int64_t> integer;
  };
  constexpr Case cases[] = {
      {"0", 0},
      {"-0", 0},
      {"3.0", 3},
      {"-3.0", -3},
      {"1e3", 1000},
      {"9007199254740992.0", 9007199254740992},
      {"9007199254740993", 9007199254740993},
      {"9223372036854775807", INT64_MAX},
      {"-9223372036854775808", INT64_MIN},
      {"9223372036854775808", std::nullopt},
      {"18446744073709551615", std::nullopt},
      {"9007199254740994.0", std::nullopt},
      {"1e300", std::nullopt},
      {"1.5", std::nullopt},
      {"1e-3", std::nullopt},
      {"\"1\"", std::nullopt},
      {"true", std::nullopt},
      {"null", std::nullopt},
      {"[1]", std::nullopt},
  };
  for (const auto& [text, integer] : cases) {
    const auto document = Document::parse_untrusted(text);
    ASSERT_TRUE(document.has_value()) << text;
    EXPECT_EQ(document->root().integer(), integer) << text;
  }
}

TEST_P(JsonReader, reads_each_kind_and_nothing_as_another) {
  const auto document =
      Document::parse_untrusted(R"({"n":null,"b":true,"i":7,"d":1.5,"s":"x","a":[1,2],"o":{"k":1}})");
  ASSERT_TRUE(document.has_value());
  const Value root = document->root();
  EXPECT_EQ(root.kind(), Kind::kObject);
  EXPECT_EQ(root.member("n")->kind(), Kind::kNull);
  EXPECT_TRUE(root.member("n")->is_null());
  EXPECT_EQ(root.member("b")->kind(), Kind::kBoolean);
  EXPECT_EQ(root.member("i")->kind(), Kind::kNumber);
  EXPECT_EQ(root.member("d")->kind(), Kind::kNumber);
  EXPECT_EQ(root.member("s")->kind(), Kind::kString);
  EXPECT_EQ(root.member("a")->kind(), Kind::kArray);
  EXPECT_EQ(root.member("o")->kind(), Kind::kObject);
  EXPECT_EQ(root.member("b")->boolean(), true);
  EXPECT_EQ(root.member("i")->boolean(), std::nullopt);
  EXPECT_EQ(root.member("d")->number(), 1.5);
  EXPECT_EQ(root.member("i")->number(), 7.0);
  EXPECT_EQ(root.member("s")->number(), std::nullopt);
  EXPECT_EQ(root.member("s")->string(), "x");
  EXPECT_EQ(root.member("n")->string(), std::nullopt);
  EXPECT_EQ(root.member("missing").has_value(), false);
  EXPECT_EQ(root.member("a")->member("k").has_value(), false);
  EXPECT_EQ(root.member("a")->num_items(), 2u);
  EXPECT_EQ(root.member("a")->item(1).integer(), 2);
  EXPECT_EQ(root.num_items(), 0u);
}

TEST_P(JsonReader, visits_members_and_items_in_their_order) {
  const auto document = Document::parse_untrusted(R"({"z":1,"a":2,"m":[3,4,5]})");
  ASSERT_TRUE(document.has_value());
  std::string seen;
  document->root().each_member([&](std::string_view name, Value value) {
    seen += name;
    value.each_item([&](Value item) { seen += std::to_string(*item.integer()); });
  });
  EXPECT_EQ(seen, "zam345");
  document->root().each_item([&](Value) { ADD_FAILURE() << "an object has no items"; });
  document->root().member("z")->each_member(
      [&](std::string_view, Value) { ADD_FAILURE() << "a number has no members"; });
}

TEST_P(JsonReader, decodes_escapes_and_surrogate_pairs) {
  const auto document =
      Document::parse_untrusted(R"(["\"\\\/\b\f\n\r\t","\u0000","\ud83d\ude00","\u00E9é"])");
  ASSERT_TRUE(document.has_value());
  EXPECT_EQ(document->root().item(0).string(), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(document->root().item(1).string(), "\0"sv);
  EXPECT_EQ(document->root().item(2).string(), "\xf0\x9f\x98\x80");
  EXPECT_EQ(document->root().item(3).string(), "\xc3\xa9\xc3\xa9");
}

TEST_P(JsonReader, document_stays_valid_when_it_moves) {
  std::string text = R"({"a":["one","two"]})";
  auto parsed = Document::parse_untrusted(text);
  ASSERT_TRUE(parsed.has_value());
  text.assign(text.size(), 'x');
  const Document moved = std::move(*parsed);
  EXPECT_EQ(moved.root().member("a")->item(1).string(), "two");
}

TEST_P(JsonReader, host_answer_that_is_no_json_is_an_internal_error_that_shows_nothing) {
  for (const char* text : {"", "{", "{\"secret\":\"abc}", "[1,]"}) {
    const auto document = Document::parse_host(text);
    ASSERT_FALSE(document.has_value());
    EXPECT_EQ(document.error().code(), ErrorCode::kInternal);
    EXPECT_EQ(document.error().message(), "The server could not read its own store.");
    EXPECT_EQ(document.error().detail().find("secret"), std::string::npos);
  }
}

}  // namespace
}  // namespace latchkey::json
