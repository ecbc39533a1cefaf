#include "health/tally.h"

#include <gtest/gtest.h>

namespace latchkey::health {
namespace {

constexpr std::string_view kOpen[] = {"a", "b", kOther};
constexpr std::string_view kShut[] = {"a", "b"};

TEST(Tally, counts_under_other_what_is_not_listed_where_the_list_has_it) {
  Tally tally(kOpen);
  tally.add("a", 2);
  tally.add("a", 3);
  tally.add("made up", 7);
  tally.add("", 1);
  EXPECT_EQ(tally.of("a"), 5);
  EXPECT_EQ(tally.of("b"), 0);
  EXPECT_EQ(tally.of(kOther), 8);
  EXPECT_EQ(tally.of("made up"), 0);
  EXPECT_EQ(tally.names().size(), 3u);
}

TEST(Tally, drops_what_is_not_listed_otherwise) {
  Tally tally(kShut);
  tally.add("made up", 7);
  tally.add("b", 1);
  EXPECT_EQ(tally.of("a"), 0);
  EXPECT_EQ(tally.of("b"), 1);
  EXPECT_EQ(tally.names().size(), 2u);
}

}  // namespace
}  // namespace latchkey::health
