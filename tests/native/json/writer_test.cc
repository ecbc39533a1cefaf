#include "json/writer.h"

#include <gtest/gtest.h>

#include <limits>

#include "json/reader.h"
#include "support/draws.h"

namespace latchkey::json {
namespace {

using namespace std::string_view_literals;

std::string written(std::string_view text) {
  std::string out;
  append_string(out, text);
  return out;
}

TEST(JsonWriter, escapes_what_rfc_8785_escapes_and_nothing_else) {
  EXPECT_EQ(written(""), R"("")");
  EXPECT_EQ(written("plain /text <&> 'x'"), R"("plain /text <&> 'x'")");
  EXPECT_EQ(written("\"\\"), R"("\"\\")");
  EXPECT_EQ(written("\b\t\n\f\r"), R"("\b\t\n\f\r")");
  EXPECT_EQ(written("\0\x01\x0b\x1f\x7f"sv), "\"\\u0000\\u0001\\u000b\\u001f\x7f\"");
  EXPECT_EQ(written("\xe2\x82\xac \xf0\x9f\x98\x80 \xe2\x80\xa8"),
            "\"\xe2\x82\xac \xf0\x9f\x98\x80 \xe2\x80\xa8\"");
  // The example of RFC 8785, section 3.2.2.2, after decoding.
  EXPECT_EQ(written("\xe2\x82\xac$\x0f\nA'B\"\\\\\"/"),
            "\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"");
}

TEST(JsonWriter, finds_every_byte_to_escape_wherever_it_stands) {
  for (int byte = 0; byte < 256; ++byte) {
    const bool escaped = byte < 0x20 || byte == '"' || byte == '\\';
    for (size_t at = 0; at < 20; ++at) {
      std::string text(20, '\xff');
      text[at] = static_cast<char>(byte);
      EXPECT_EQ(written(text).size() > text.size() + 2, escaped) << byte << " at " << at;
    }
  }
}

TEST(JsonWriter, escapes_keys_like_strings) {
  Writer out;
  out.begin_object().field("a\"b\n", 1).end_object();
  EXPECT_EQ(out.text(), R"({"a\"b\n":1})");
}

TEST(JsonWriter, puts_commas_between_values_and_nowhere_else) {
  Writer out;
  out.begin_array()
      .begin_object()
      .end_object()
      .begin_array()
      .end_array()
      .integer(1)
      .string("x")
      .null()
      .boolean(true)
      .boolean(false)
      .raw(R"({"k":0})")
      .begin_object()
      .field("a", "text")
      .field("b", 2)
      .field("c", true)
      .key("d")
      .begin_array()
      .integer(3)
      .end_array()
      .key("e")
      .null()
      .end_object()
      .end_array();
  EXPECT_EQ(std::move(out).take(),
            R"([{},[],1,"x",null,true,false,{"k":0},{"a":"text","b":2,"c":true,"d":[3],"e":null}])");
}

TEST(JsonWriter, writes_every_integer_type_by_its_value) {
  Writer out;
  out.begin_object()
      .field("min", std::numeric_limits<int64_t>::min())
      .field("max", std::numeric_limits<int64_t>::max())
      .field("small", int8_t{-5})
      .field("byte", uint8_t{255})
      .field("word", uint32_t{4294967295})
      .field("no", false)
      .end_object();
  EXPECT_EQ(out.text(), R"({"min":-9223372036854775808,"max":9223372036854775807,"small":-5,"byte":255,)"
                        R"("word":4294967295,"no":false})");
}

TEST(JsonWriter, begins_anew_after_its_text_was_taken) {
  Writer out;
  out.begin_array().integer(1).end_array();
  EXPECT_EQ(std::move(out).take(), "[1]");
  Writer next(64);
  next.string("x");
  EXPECT_EQ(next.text(), "\"x\"");
}

// A random value, written down, and compared with what is read again.
struct Tree {
  Kind kind = Kind::kNull;
  bool boolean = false;
  int64_t integer = 0;
  std::string string;
  std::vector<std::string> names;  // Of the children, in an object or not.
  std::vector<Tree> children;
};

void append_utf8(std::string& out, uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xc0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 63));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xe0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 63));
    out += static_cast<char>(0x80 | (c & 63));
  } else {
    out += static_cast<char>(0xf0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 63));
    out += static_cast<char>(0x80 | (c >> 6 & 63));
    out += static_cast<char>(0x80 | (c & 63));
  }
}

std::string random_text(test::Draws& draws) {
  constexpr uint32_t bounds[] = {0x20, 0x80, 0x800, 0x10000, 0x110000};
  std::string out;
  for (uint64_t left = draws.below(12); left > 0; --left) {
    const auto c = static_cast<uint32_t>(draws.below(bounds[draws.below(5)]));
    if (c < 0xd800 || c > 0xdfff) append_utf8(out, c);
  }
  return out;
}

Tree random_tree(test::Draws& draws, int depth) {
  Tree tree;
  tree.kind = static_cast<Kind>(draws.below(depth > 0 ? 6 : 4));
  switch (tree.kind) {
    case Kind::kNull:
      break;
    case Kind::kBoolean:
      tree.boolean = draws.one_in(2);
      break;
    case Kind::kNumber:
      tree.integer = static_cast<int64_t>(draws.any()) >> draws.below(64);
      break;
    case Kind::kString:
      tree.string = random_text(draws);
      break;
    case Kind::kArray:
    case Kind::kObject:
      for (uint64_t i = draws.below(6); i > 0; --i) {
        // The number keeps the keys of one object apart.
        tree.names.push_back(random_text(draws) + std::to_string(i));
        tree.children.push_back(random_tree(draws, depth - 1));
      }
  }
  return tree;
}

void write(Writer& out, const Tree& tree) {
  switch (tree.kind) {
    case Kind::kNull:
      out.null();
      break;
    case Kind::kBoolean:
      out.boolean(tree.boolean);
      break;
    case Kind::kNumber:
      out.integer(tree.integer);
      break;
    case Kind::kString:
      out.string(tree.string);
      break;
    case Kind::kArray:
      out.begin_array();
      for (const Tree& child : tree.children) write(out, child);
      out.end_array();
      break;
    case Kind::kObject:
      out.begin_object();
      for (size_t i = 0; i < tree.children.size(); ++i) write(out.key(tree.names[i]), tree.children[i]);
      out.end_object();
  }
}

bool equal(const Tree& tree, Value value) {
  if (tree.kind != value.kind()) return false;
  size_t next = 0;
  bool same = true;
  switch (tree.kind) {
    case Kind::kNull:
      return true;
    case Kind::kBoolean:
      return value.boolean() == tree.boolean;
    case Kind::kNumber:
      return value.integer() == tree.integer;
    case Kind::kString:
      return value.string() == tree.string;
    case Kind::kArray:
      if (value.num_items() != tree.children.size()) return false;
      value.each_item([&](Value item) { same = same && equal(tree.children[next++], item); });
      return same;
    case Kind::kObject:
      value.each_member([&](std::string_view name, Value member) {
        same = same && next < tree.children.size() && tree.names[next] == name &&
               equal(tree.children[next], member);
        ++next;
      });
      return same && next == tree.children.size();
  }
  return false;
}

TEST(Json, written_and_read_again_is_the_same_value) {
  test::Draws draws(4711);
  for (int i = 0; i < 5'000; ++i) {
    const Tree tree = random_tree(draws, 6);
    Writer out;
    write(out, tree);
    const auto document = Document::parse_untrusted(out.text());
    ASSERT_TRUE(document.has_value()) << document.error().message() << "\n" << out.text();
    ASSERT_TRUE(equal(tree, document->root())) << out.text();
  }
}

TEST(Json, text_that_is_damaged_by_one_byte_never_harms_the_reader) {
  test::Draws draws(815);
  int num_refused = 0;
  for (int i = 0; i < 5'000; ++i) {
    Writer out;
    write(out, random_tree(draws, 4));
    std::string text = out.text();
    text[draws.below(text.size())] = static_cast<char>(draws.below(256));
    if (!Document::parse_untrusted(text)) ++num_refused;
  }
  EXPECT_GT(num_refused, 1'000);
}

}  // namespace
}  // namespace latchkey::json
