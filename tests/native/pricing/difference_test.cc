// compare: every row is in one list or in none.
#include "pricing/difference.h"

#include <gtest/gtest.h>

#include "pricing/price_list.h"

namespace latchkey::pricing {
namespace {

Price row(std::string model, int64_t nanos, TimeMs from = 0, std::string provider = "qwen") {
  return {.provider = std::move(provider), .model = std::move(model), .effective_from = from, .input = {nanos}, .output = {1}};
}

TEST(Compare, finds_what_was_added_changed_and_removed) {
  const Table before{{row("a", 1), row("b", 1), row("b", 2, 5000), row("d", 1)},
                     {{"qwen", "x", "a"}, {"qwen", "y", "a"}}};
  const Table after{{row("b", 1), row("b", 3, 5000), row("b", 4, 6000), row("c", 1), row("d", 1)},
                    {{"qwen", "x", "b"}, {"qwen", "z", "a"}}};
  const Difference found = compare(before, after);
  EXPECT_EQ(found.added, (std::vector{row("b", 4, 6000), row("c", 1)}));
  EXPECT_EQ(found.removed, (std::vector{row("a", 1)}));
  ASSERT_EQ(found.changed.size(), 1u);
  EXPECT_EQ(found.changed[0].before, row("b", 2, 5000));
  EXPECT_EQ(found.changed[0].after, row("b", 3, 5000));
  EXPECT_EQ(found.num_aliases_added, 2u);
  EXPECT_EQ(found.num_aliases_removed, 2u);
}

TEST(Compare, tells_providers_apart_and_sees_a_note) {
  Price noted = row("a", 1);
  noted.note = "read anew";
  const Difference found = compare({{row("a", 1, 0, "kimi"), row("a", 1)}, {}}, {{noted, row("a", 1, 0, "zhipu")}, {}});
  EXPECT_EQ(found.removed, (std::vector{row("a", 1, 0, "kimi")}));
  EXPECT_EQ(found.changed.size(), 1u);
  EXPECT_EQ(found.added, (std::vector{row("a", 1, 0, "zhipu")}));
}

TEST(Compare, of_a_table_with_itself_and_with_nothing) {
  const Table table{{row("a", 1), row("b", 1)}, {{"qwen", "x", "a"}}};
  const Difference same = compare(table, table);
  EXPECT_TRUE(same.added.empty() && same.changed.empty() && same.removed.empty());
  EXPECT_EQ(same.num_aliases_added + same.num_aliases_removed, 0u);
  EXPECT_EQ(compare({}, table).added, table.rows);
  EXPECT_EQ(compare(table, {}).removed, table.rows);
}

}  // namespace
}  // namespace latchkey::pricing
