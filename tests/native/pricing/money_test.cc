// Money: exact amounts, read, written and added.
#include "pricing/money.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "admin/terms.h"

namespace latchkey::pricing {
namespace {

TEST(ParseUsd, reads_decimal_text_exactly) {
  const struct {
    std::string_view text;
    int64_t nanos;
  } cases[] = {{"0", 0},
               {"1", 1'000'000'000},
               {"0.000000001", 1},
               {"0.28", 280'000'000},
               {"12.50", 12'500'000'000},
               {"0.003625", 3'625'000},
               {"999999999.999999999", 999'999'999'999'999'999}};
  for (const auto& one : cases) {
    const auto amount = parse_usd(one.text);
    ASSERT_TRUE(amount) << one.text;
    EXPECT_EQ(amount->value, one.nanos) << one.text;
  }
}

TEST(ParseUsd, refuses_what_is_no_plain_amount) {
  for (const std::string_view text :
       {"", ".", "1.", ".5", "-1", "+1", "01", "00", "1e3", "1,5", " 1", "1 ", "$1", "0x1", "1.0000000001", "1234567890",
        "1.2.3", "nan", "inf", "\0", "1\n"}) {
    EXPECT_FALSE(parse_usd(text)) << text;
  }
}

TEST(ParseUsd, takes_every_amount_that_a_plans_budget_may_hold) {
  for (const std::string_view text : {"0", "0.5", "10", "10.000001", "999999999.999999"}) {
    EXPECT_TRUE(admin::is_amount(text)) << text;
    EXPECT_TRUE(parse_usd(text)) << text;
  }
}

TEST(PrintUsd, leaves_out_zeros_at_the_end) {
  const struct {
    int64_t nanos;
    std::string_view text;
  } cases[] = {{0, "0"},
               {1, "0.000000001"},
               {1'500'000'000, "1.5"},
               {10'000'000'000, "10"},
               {100'000'010, "0.10000001"},
               {-1, "-0.000000001"},
               {-1'500'000'000, "-1.5"},
               {std::numeric_limits<int64_t>::max(), "9223372036.854775807"},
               {std::numeric_limits<int64_t>::min(), "-9223372036.854775808"}};
  for (const auto& one : cases) EXPECT_EQ(print_usd(Nano{one.nanos}), one.text);
}

TEST(PrintUsd, reads_back_as_the_same_amount) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 100'000; ++i) {
    const Nano amount{static_cast<int64_t>(random() % 1'000'000'000'000'000'000) >> (random() % 60)};
    const auto back = parse_usd(print_usd(amount));
    ASSERT_TRUE(back) << amount.value;
    ASSERT_EQ(*back, amount);
  }
}

TEST(Add, never_wraps) {
  constexpr int64_t most = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(add(Nano{most - 1}, Nano{1})->value, most);
  const auto over = add(Nano{most}, Nano{1});
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().code(), ErrorCode::kUnprocessable);
  EXPECT_FALSE(add(Nano{-most - 1}, Nano{-1}));
}

}  // namespace
}  // namespace latchkey::pricing
