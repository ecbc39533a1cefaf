// Price tables: whatever is read as one is judged, and what is sound prints to the same table, finds each of its
// own rows, and prices any event so that the parts make the whole.
#include "base/check.h"
#include "base/limits.h"
#include "pricing/check.h"
#include "pricing/cost.h"
#include "pricing/price_list.h"
#include "pricing/table_json.h"

using namespace latchkey;
using namespace latchkey::pricing;

namespace {

void check_round_trip(const Table& table) {
  const std::string text = print_table(table);
  const auto document = json::Document::parse_untrusted(text);
  CHECK(document.has_value());
  const ReadTable again = read_table(document->root());
  CHECK(again.errors.empty() && again.table == table);
  CHECK(print_table(again.table) == text);
}

void check_cost(const Price& price, size_t seed) {
  const int64_t most = limits::kEventTokensMax;
  const int64_t some = static_cast<int64_t>(seed * 2'654'435'761 % static_cast<size_t>(most));
  for (const Tokens& tokens : {Tokens{most, most, some, some}, Tokens{some, most - some, some / 3, 0}, Tokens{1, 1, 1, 0}}) {
    const auto cost = cost_of(tokens, price);
    CHECK(cost.has_value());
    const auto prompt = add(cost->input, cost->cached_input);
    const auto answer = add(cost->output, cost->reasoning);
    CHECK(prompt && answer && *add(*prompt, *answer) == cost->total);
  }
}

void check_found(const PriceList& list, const Table& table) {
  for (const Price& row : table.rows) {
    const auto found = list.find(row.provider, " " + row.model, row.effective_from);
    CHECK(found && **found == row);
    check_cost(row, table.rows.size() + row.model.size());
  }
  for (const Alias& alias : table.aliases) {
    CHECK(list.find(alias.provider, alias.alias, kTimeMsMax) == list.find(alias.provider, alias.model, kTimeMsMax));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto document = json::Document::parse_untrusted({reinterpret_cast<const char*>(data), size});
  if (!document) return 0;
  const ReadTable read = read_table(document->root());
  CHECK(read.errors.size() <= limits::kPriceFindingsMax);
  if (!read.errors.empty()) return 0;
  const Findings findings = check_table(read.table);
  CHECK(findings.errors.size() <= limits::kPriceFindingsMax && findings.warnings.size() <= limits::kPriceFindingsMax);
  const auto list = PriceList::of(read.table);
  CHECK(list.has_value() == findings.errors.empty());
  if (!list) return 0;
  check_round_trip(read.table);
  check_found(*list, read.table);
  return 0;
}
