// Licence codes: one canonical form, whatever a person types, and no typo goes through.
#include "license/code.h"

#include <gtest/gtest.h>

#include <set>

#include "base/limits.h"
#include "support/draws.h"
#include "support/seeded_random.h"

namespace latchkey::license {
namespace {

using latchkey::testing::SeededRandom;
using test::Draws;

constexpr SecretAccess kTestAccess("a test reads a code it made");
constexpr std::string_view kSymbols = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr int kNumCodes = 200;

std::string text_of(const Code& code) { return std::string(code.text.reveal_text(kTestAccess)); }

// parsed: "kind:canonical", or "none".
std::string parsed(std::string_view text) {
  const auto code = parse_code(text);
  return code ? std::string(code_kind_name(code->kind)) + ":" + text_of(*code) : "none";
}

crypto::Index test_index() { return crypto::Index(Secret::copy_of(std::string(32, 'i'))); }

TEST(GenerateCode, makes_25_symbols_in_groups_and_reads_them_back) {
  SeededRandom random("codes");
  std::set<std::string> seen;
  for (int i = 0; i < kNumCodes; ++i) {
    const Code code = generate_code(random);
    const std::string text = text_of(code);
    EXPECT_EQ(code.kind, CodeKind::kGenerated);
    EXPECT_EQ(text.size(), 32u);
    EXPECT_TRUE(text.starts_with("WF-"));
    for (size_t at = 2; at < text.size(); at += 6) EXPECT_EQ(text[at], '-') << text;
    EXPECT_EQ(parsed(text), "generated:" + text);
    EXPECT_TRUE(seen.insert(text).second);
  }
}

TEST(GenerateCode, draws_at_least_100_bits_and_every_symbol_at_every_place) {
  static_assert(kGeneratedBits >= 100);
  SeededRandom random("spread");
  std::array<std::set<char>, kGeneratedSymbols> at_place;
  for (int i = 0; i < 1000; ++i) {
    std::string symbols;
    for (const char c : text_of(generate_code(random)).substr(3)) {
      if (c != '-') symbols += c;
    }
    for (size_t place = 0; place < kGeneratedSymbols; ++place) at_place[place].insert(symbols[place]);
  }
  for (const auto& symbols : at_place) EXPECT_EQ(symbols.size(), kSymbols.size());
}

TEST(GenerateCode, differs_with_each_random_bit_it_uses) {
  for (size_t byte = 0; byte < kGeneratedSymbols; ++byte) {
    for (int bit = 0; bit < 5; ++bit) {
      Bytes zero(kGeneratedSymbols, 0), one(kGeneratedSymbols, 0);
      one[byte] = static_cast<uint8_t>(1 << bit);
      latchkey::testing::ScriptedRandom first(zero), second(one);
      EXPECT_NE(text_of(generate_code(first)), text_of(generate_code(second)));
    }
  }
}

TEST(ParseCode, folds_case_space_hyphens_and_look_alikes) {
  SeededRandom random("folding");
  Draws draws(1);
  for (int i = 0; i < kNumCodes; ++i) {
    const std::string canonical = text_of(generate_code(random));
    std::string typed = "  wF-";
    for (const char c : canonical.substr(3)) {
      if (c == '-') {
        if (draws.one_in(2)) typed += draws.one_of(" -");
        continue;
      }
      char shown = c;
      if (c == '0' && draws.one_in(2)) shown = draws.one_of("oO");
      if (c == '1' && draws.one_in(2)) shown = draws.one_of("iIlL");
      if (draws.one_in(2) && shown >= 'A' && shown <= 'Z') shown = static_cast<char>(shown + 32);
      typed += shown;
      if (draws.one_in(6)) typed += draws.one_of(" -");
    }
    EXPECT_EQ(parsed(typed + "   "), "generated:" + canonical) << typed;
  }
}

TEST(ParseCode, reads_a_generated_code_without_its_hyphens) {
  SeededRandom random("bare");
  const std::string canonical = text_of(generate_code(random));
  std::string bare;
  for (const char c : canonical) {
    if (c != '-') bare += c;
  }
  EXPECT_EQ(parsed(bare), "generated:" + canonical);
}

TEST(ParseCode, refuses_every_substitution_of_one_symbol) {
  SeededRandom random("substitutions");
  for (int i = 0; i < 20; ++i) {
    const std::string canonical = text_of(generate_code(random));
    for (size_t at = 3; at < canonical.size(); ++at) {
      if (canonical[at] == '-') continue;
      for (const char symbol : kSymbols) {
        if (symbol == canonical[at]) continue;
        std::string typo = canonical;
        typo[at] = symbol;
        EXPECT_EQ(parsed(typo), "none") << canonical << " became " << typo;
      }
    }
  }
}

TEST(ParseCode, refuses_every_swap_of_two_different_neighbours) {
  SeededRandom random("swaps");
  for (int i = 0; i < kNumCodes; ++i) {
    const std::string canonical = text_of(generate_code(random));
    for (size_t at = 3; at + 1 < canonical.size(); ++at) {
      size_t next = at + 1;
      if (canonical[at] == '-') continue;
      if (canonical[next] == '-') ++next;
      if (canonical[at] == canonical[next]) continue;
      std::string typo = canonical;
      std::swap(typo[at], typo[next]);
      EXPECT_EQ(parsed(typo), "none") << canonical << " became " << typo;
    }
  }
}

TEST(ParseCode, refuses_a_symbol_more_or_less_and_never_reads_wf_as_a_simple_code) {
  SeededRandom random("lengths");
  const std::string canonical = text_of(generate_code(random));
  for (size_t at = 3; at < canonical.size(); ++at) {
    if (canonical[at] == '-') continue;
    EXPECT_EQ(parsed(canonical.substr(0, at) + canonical.substr(at + 1)), "none");
  }
  for (const std::string& text : {canonical + "0", canonical + "-", std::string("WF-"), std::string("WF-1234"),
                                  std::string("wf-writers"), std::string("WF 2024 X"), canonical + "U"}) {
    if (text == canonical + "-") EXPECT_EQ(parsed(text), "generated:" + canonical);
    else EXPECT_EQ(parsed(text), "none") << text;
  }
}

TEST(ParseCode, reads_simple_codes) {
  const std::pair<std::string, std::string> cases[] = {
      {"WRITER-2024-ABC", "code:WRITER-2024-ABC"},
      {"  writer-2024-abc ", "code:WRITER-2024-ABC"},
      {"A_B.C-1", "code:A_B.C-1"},
      {"1234", "code:1234"},
      {"WFX-1", "code:WFX-1"},
      {std::string(64, 'a'), "code:" + std::string(64, 'A')},
      {std::string(65, 'a'), "none"},
      {"ABC", "none"},
      {"", "none"},
      {"    ", "none"},
      {"-ABC", "none"},
      {"_ABC", "none"},
      {"WRITER 2024", "none"},
      {"WRITER/2024", "none"},
      {"WRITER-2024-\xc3\x84", "none"},
      {"WRITER\n2024", "none"},
      {std::string("WRIT\0ER", 7), "none"},
      {std::string(255, 'a'), "none"}};
  for (const auto& [typed, wanted] : cases) EXPECT_EQ(parsed(typed), wanted) << typed;
}

TEST(ParseCode, reads_email_addresses) {
  const std::string longest = std::string(limits::kLicenseTextBytesMax - 6, 'a') + "@ab.cd";
  const std::pair<std::string, std::string> cases[] = {
      {"Ann@Example.ORG", "email:ann@example.org"},
      {"  ann+tag@mail.example.org ", "email:ann+tag@mail.example.org"},
      {"\xc3\xa4nn@example.org", "email:\xc3\xa4nn@example.org"},
      {longest, "email:" + longest},
      {"a" + longest, "none"},
      {"ann@example", "none"},
      {"@example.org", "none"},
      {"ann@", "none"},
      {"ann@.org", "none"},
      {"ann@example.", "none"},
      {"ann@example..org", "none"},
      {"ann@@example.org", "none"},
      {"ann@b@example.org", "none"},
      {"an n@example.org", "none"},
      {"<ann@example.org>", "none"},
      {"ann@example.org,bob@example.org", "none"},
      {"ann\t@example.org", "none"}};
  for (const auto& [typed, wanted] : cases) EXPECT_EQ(parsed(typed), wanted) << typed;
}

TEST(ParseCode, of_its_own_canonical_form_is_that_form_and_hash) {
  const crypto::Index index = test_index();
  SeededRandom random("again");
  std::vector<std::string> texts{"WRITER-2024-ABC", "Ann@Example.org", " 1234 "};
  for (int i = 0; i < 20; ++i) texts.push_back(text_of(generate_code(random)));
  std::set<std::string> hashes;
  for (const std::string& text : texts) {
    const auto code = parse_code(text);
    ASSERT_TRUE(code.has_value()) << text;
    const auto again = parse_code(text_of(*code));
    ASSERT_TRUE(again.has_value()) << text;
    EXPECT_EQ(text_of(*again), text_of(*code));
    EXPECT_EQ(again->kind, code->kind);
    EXPECT_TRUE(again->hash(index) == code->hash(index));
    EXPECT_TRUE(hashes.insert(std::string(code->hash(index).text())).second);
  }
}

TEST(Hint, shows_the_beginning_and_far_too_little_to_guess_the_rest) {
  SeededRandom random("hints");
  const Code code = generate_code(random);
  EXPECT_EQ(code.hint(), text_of(code).substr(0, 8) + "...");
  EXPECT_EQ(parse_code("WRITER-2024-ABC")->hint(), "WRI...");
  EXPECT_EQ(parse_code("1234")->hint(), "1...");
  EXPECT_EQ(parse_code("ann@example.org")->hint(), "ann...");
  for (const char* text : {"1234", "12345678", "ab@c.de", "WRITER-2024-ABC"}) {
    EXPECT_LE(parse_code(text)->hint().size(), 3 + std::string_view(text).size() / 4) << text;
  }
}

}  // namespace
}  // namespace latchkey::license
