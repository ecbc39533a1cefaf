// What is wrong with a table, each by its row and field.
#include "pricing/check.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/limits.h"

namespace latchkey::pricing {
namespace {

Price row(std::string model, TimeMs from) {
  Price price;
  price.provider = "kimi";
  price.model = std::move(model);
  price.effective_from = from;
  price.input = Rate{2};
  price.output = Rate{3};
  return price;
}

// Two models, one with two periods, one alias: nothing wrong.
Table sound() {
  return {{row("k1", 0), row("k1", 10 * kDayMs), row("k2", 0)}, {{"kimi", "k2-latest", "k2"}}};
}

std::string locations(const std::vector<Finding>& findings) {
  std::string out;
  for (const Finding& one : findings) out += (out.empty() ? "" : " ") + one.location;
  return out;
}

TEST(CheckTable, finds_nothing_in_a_sound_table) {
  const Findings findings = check_table(sound());
  EXPECT_EQ(locations(findings.errors), "");
  EXPECT_EQ(locations(findings.warnings), "");
}

TEST(CheckTable, names_row_and_field_of_each_error) {
  const struct {
    std::function<void(Table&)> spoil;
    std::string_view errors;
  } cases[] = {
      {[](Table& t) { t.rows.clear(), t.aliases.clear(); }, "rows"},
      {[](Table& t) { t.rows.resize(limits::kPriceRowsMax + 1, row("k9", 0)); }, "rows"},
      {[](Table& t) { t.aliases.resize(limits::kPriceAliasesMax + 1); }, "aliases"},
      {[](Table& t) { t.rows.push_back(row("k1", 0)); }, "rows[3].effective_from"},
      {[](Table& t) { t.rows[1].effective_from = 0; }, "rows[1].effective_from"},
      {[](Table& t) { t.rows[0].provider = "openai"; }, "rows[0].provider"},
      {[](Table& t) { t.rows[0].provider = "Kimi"; }, "rows[0].provider"},
      {[](Table& t) { t.rows[0].provider = ""; }, "rows[0].provider"},
      {[](Table& t) { t.rows[1].model = ""; }, "rows[1].model"},
      {[](Table& t) { t.rows[1].model = "K1"; }, "rows[1].model"},
      {[](Table& t) { t.rows[1].model = "moonshot/k1"; }, "rows[1].model"},
      {[](Table& t) { t.rows[1].model = "k 1"; }, "rows[1].model"},
      {[](Table& t) { t.rows[1].model = "-k1"; }, "rows[1].model"},
      {[](Table& t) { t.rows[1].model = "k1."; }, "rows[1].model"},
      {[](Table& t) { t.rows[1].model = "k\xc3\xa9"; }, "rows[1].model"},
      {[](Table& t) { t.rows[1].model = std::string(limits::kPriceNameBytesMax + 1, 'k'); }, "rows[1].model"},
      {[](Table& t) { t.rows[1].input = Rate{-1}; }, "rows[1].input"},
      {[](Table& t) { t.rows[1].output = Rate{limits::kRateNanosMax + 1}; }, "rows[1].output"},
      {[](Table& t) { t.rows[1].cached_input = Rate{-1}; }, "rows[1].cached_input"},
      {[](Table& t) { t.rows[1].reasoning = Rate{limits::kRateNanosMax + 1}; }, "rows[1].reasoning"},
      {[](Table& t) { t.rows[2].effective_from = -1000; }, "rows[2].effective_from"},
      {[](Table& t) { t.rows[2].effective_from = 1; }, "rows[2].effective_from"},
      {[](Table& t) { t.rows[2].effective_from = kTimeMsMax + 1000; }, "rows[2].effective_from"},
      {[](Table& t) { t.rows[2].effective_to = 0; }, "rows[2].effective_to"},
      {[](Table& t) { t.rows[0].effective_to = 11 * kDayMs; }, "rows[0].effective_to"},
      {[](Table& t) { t.rows[0].effective_to = 9 * kDayMs; }, "rows[0].effective_to"},
      {[](Table& t) { t.rows[0].source = "http://a.example"; }, "rows[0].source"},
      {[](Table& t) { t.rows[0].source = "https://a.example/" + std::string(300, 'a'); }, "rows[0].source"},
      {[](Table& t) { t.rows[0].as_of = "2026-02-30"; }, "rows[0].as_of"},
      {[](Table& t) { t.rows[0].as_of = "2026-11-21T00:00:00Z"; }, "rows[0].as_of"},
      {[](Table& t) { t.rows[0].note = ""; }, "rows[0].note"},
      {[](Table& t) { t.rows[0].note = "a\nb"; }, "rows[0].note"},
      {[](Table& t) { t.aliases[0].provider = "openai"; }, "aliases[0].provider aliases[0].model"},
      {[](Table& t) { t.aliases[0].alias = "K2"; }, "aliases[0].alias"},
      {[](Table& t) { t.aliases[0].alias = "k1"; }, "aliases[0].alias"},
      {[](Table& t) { t.aliases[0].model = "k3"; }, "aliases[0].model"},
      {[](Table& t) { t.aliases.push_back({"kimi", "x", "k2-latest"}); }, "aliases[1].model"},
      {[](Table& t) { t.aliases.push_back({"kimi", "k2-latest", "k1"}); }, "aliases[1].alias"},
      {[](Table& t) { t.rows[0].input = Rate{-1}, t.rows[2].provider = "x"; },
       "rows[0].input rows[2].provider aliases[0].model"},
  };
  for (const auto& one : cases) {
    Table table = sound();
    one.spoil(table);
    const Findings findings = check_table(table);
    EXPECT_EQ(locations(findings.errors), one.errors) << &one - cases;
    for (const Finding& error : findings.errors) EXPECT_FALSE(error.message.empty());
  }
}

TEST(CheckTable, takes_the_bounds_themselves) {
  Table table = sound();
  table.rows[0].input = Rate{limits::kRateNanosMax};
  table.rows[0].effective_to = 10 * kDayMs;  // just where the next begins
  table.rows[2].output = Rate{0};
  table.rows[2].model = table.aliases[0].model = std::string(limits::kPriceNameBytesMax, 'k');
  EXPECT_EQ(locations(check_table(table).errors), "");
  table.rows.clear();
  for (size_t i = 0; i < limits::kPriceRowsMax; ++i) table.rows.push_back(row("m" + std::to_string(i), 0));
  table.aliases.clear();
  EXPECT_EQ(locations(check_table(table).errors), "");
}

TEST(CheckTable, warns_of_what_is_odd_and_takes_it) {
  Table table = sound();
  table.rows[1].cached_input = Rate{3};
  table.rows[2].effective_to = 20 * kDayMs;
  const Findings findings = check_table(table);
  EXPECT_EQ(locations(findings.errors), "");
  EXPECT_EQ(locations(findings.warnings), "rows[1].cached_input rows[2].effective_to");
}

TEST(CheckTable, lists_no_more_findings_than_anyone_reads) {
  Table table;
  for (int i = 0; i < 500; ++i) table.rows.push_back(row("BAD", 0));
  EXPECT_EQ(check_table(table).errors.size(), limits::kPriceFindingsMax);
}

}  // namespace
}  // namespace latchkey::pricing
