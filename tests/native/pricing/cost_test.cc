// What one event costs: each token once, rounded once, and parts that make the whole.
#include "pricing/cost.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <vector>

#include "base/limits.h"

namespace latchkey::pricing {
namespace {

__extension__ typedef __int128 Wide;

Rate usd(std::string_view per_million) { return Rate{parse_usd(per_million)->value}; }

Price price_of(std::string_view input, std::string_view output) {
  Price price;
  price.input = usd(input);
  price.output = usd(output);
  return price;
}

std::string total_of(const Tokens& tokens, const Price& price) {
  const auto cost = cost_of(tokens, price);
  return cost ? print_usd(cost->total) : "error";
}

TEST(CostOf, is_tokens_times_price) {
  const Price price = price_of("0.28", "0.42");
  EXPECT_EQ(total_of({}, price), "0");
  EXPECT_EQ(total_of({.input = 1'000'000}, price), "0.28");
  EXPECT_EQ(total_of({.output = 1'000'000}, price), "0.42");
  EXPECT_EQ(total_of({.input = 1'200, .output = 800}, price), "0.000672");
  EXPECT_EQ(total_of({.input = 1}, price), "0.00000028");
}

TEST(CostOf, counts_cached_input_and_reasoning_once_at_their_own_price) {
  Price price = price_of("1", "10");
  price.cached_input = usd("0.1");
  price.reasoning = usd("20");
  const Tokens tokens{.input = 1000, .output = 500, .cached_input = 400, .reasoning = 200};
  const Cost cost = *cost_of(tokens, price);
  EXPECT_EQ(print_usd(cost.input), "0.0006");
  EXPECT_EQ(print_usd(cost.cached_input), "0.00004");
  EXPECT_EQ(print_usd(cost.output), "0.003");
  EXPECT_EQ(print_usd(cost.reasoning), "0.004");
  EXPECT_EQ(print_usd(cost.total), "0.00764");
}

TEST(CostOf, takes_the_price_of_the_whole_where_a_part_has_none) {
  const Price price = price_of("1", "10");
  const Tokens parts{.input = 1000, .output = 500, .cached_input = 1000, .reasoning = 500};
  EXPECT_EQ(total_of(parts, price), total_of({.input = 1000, .output = 500}, price));
}

TEST(CostOf, knows_free_from_unpriced) {
  EXPECT_EQ(total_of({.input = 1000, .output = 1000}, price_of("0", "0")), "0");
}

TEST(CostOf, rounds_to_the_nearest_nano_dollar_a_half_upwards) {
  EXPECT_EQ(cost_of({.input = 1}, price_of("0.000499999", "0"))->total.value, 0);
  EXPECT_EQ(cost_of({.input = 1}, price_of("0.0005", "0"))->total.value, 1);
  EXPECT_EQ(cost_of({.input = 3}, price_of("0.0005", "0"))->total.value, 2);
  // Once for the event, not once a class: two halves make one.
  EXPECT_EQ(cost_of({.input = 1, .output = 1}, price_of("0.0005", "0.0005"))->total.value, 1);
  EXPECT_EQ(cost_of({.input = 1, .output = 1}, price_of("0.0004", "0.0002"))->total.value, 1);
}

TEST(CostOf, gives_a_missing_nano_dollar_to_the_class_that_lost_most) {
  const Cost cost = *cost_of({.input = 1, .output = 1}, price_of("0.0002", "0.0004"));
  EXPECT_EQ(cost.total.value, 1);
  EXPECT_EQ(cost.input.value, 0);
  EXPECT_EQ(cost.output.value, 1);
  const Cost equals = *cost_of({.input = 1, .output = 1}, price_of("0.0005", "0.0005"));
  EXPECT_EQ(equals.input.value, 1);
  EXPECT_EQ(equals.output.value, 0);
}

TEST(CostOf, refuses_parts_that_are_more_than_their_whole) {
  const struct {
    Tokens tokens;
    std::string_view says;
  } cases[] = {
      {{.input = 10, .cached_input = 11}, "cached_input_tokens"},
      {{.output = 10, .reasoning = 11}, "reasoning_tokens"},
      {{.input = -1}, "0 to 1000000000"},
      {{.output = -1}, "0 to 1000000000"},
      {{.input = limits::kEventTokensMax + 1}, "0 to 1000000000"},
      {{.cached_input = -1}, "0 to 1000000000"},
      {{.reasoning = -1}, "0 to 1000000000"},
  };
  for (const auto& one : cases) {
    const auto cost = cost_of(one.tokens, price_of("1", "1"));
    ASSERT_FALSE(cost) << one.says;
    EXPECT_EQ(cost.error().code(), ErrorCode::kInvalidRequest);
    EXPECT_NE(cost.error().message().find(one.says), std::string::npos) << cost.error().message();
  }
  EXPECT_EQ(limits::kEventTokensMax, 1'000'000'000);
}

TEST(CostOf, holds_the_dearest_event_there_may_be) {
  const Tokens most{.input = limits::kEventTokensMax, .output = limits::kEventTokensMax};
  EXPECT_EQ(total_of(most, price_of("10000", "10000")), "20000000");
}

// An event with its price, drawn so that small and large counts and prices meet.
struct Drawn {
  Tokens tokens;
  Price price;
};

Drawn draw(std::mt19937_64& random) {
  const auto up_to = [&](int64_t most) {
    const int64_t bound = most >> (random() % 34);
    return bound <= 0 ? int64_t{0} : static_cast<int64_t>(random() % static_cast<uint64_t>(bound + 1));
  };
  Drawn drawn;
  drawn.tokens.input = up_to(limits::kEventTokensMax);
  drawn.tokens.output = up_to(limits::kEventTokensMax);
  drawn.tokens.cached_input = up_to(drawn.tokens.input);
  drawn.tokens.reasoning = up_to(drawn.tokens.output);
  drawn.price.input = Rate{up_to(limits::kRateNanosMax)};
  drawn.price.output = Rate{up_to(limits::kRateNanosMax)};
  if (random() % 2 == 0) drawn.price.cached_input = Rate{up_to(limits::kRateNanosMax)};
  if (random() % 2 == 0) drawn.price.reasoning = Rate{up_to(limits::kRateNanosMax)};
  return drawn;
}

TEST(CostOf, has_parts_that_make_the_total_and_are_each_within_a_nano_dollar) {
  std::mt19937_64 random(20261121);
  for (int i = 0; i < 200'000; ++i) {
    const auto [tokens, price] = draw(random);
    const auto cost = cost_of(tokens, price);
    ASSERT_TRUE(cost);
    const Rate cached = price.cached_input ? *price.cached_input : price.input;
    const Rate reasoning = price.reasoning ? *price.reasoning : price.output;
    const std::array<Wide, 4> exact = {Wide{tokens.input - tokens.cached_input} * price.input.nanos_per_million,
                                       Wide{tokens.cached_input} * cached.nanos_per_million,
                                       Wide{tokens.output - tokens.reasoning} * price.output.nanos_per_million,
                                       Wide{tokens.reasoning} * reasoning.nanos_per_million};
    const std::array<Nano, 4> parts = {cost->input, cost->cached_input, cost->output, cost->reasoning};
    Wide exact_total = 0;
    Nano total;
    for (size_t part = 0; part < parts.size(); ++part) {
      const Wide off = Wide{parts[part].value} * 1'000'000 - exact[part];
      ASSERT_TRUE(off > -1'000'000 && off < 1'000'000) << i;
      ASSERT_GE(parts[part].value, 0);
      exact_total += exact[part];
      total = *add(total, parts[part]);
    }
    ASSERT_EQ(total, cost->total) << i;
    const Wide off = Wide{cost->total.value} * 1'000'000 - exact_total;
    ASSERT_TRUE(off > -500'000 && off <= 500'000) << i;
  }
}

TEST(CostOf, makes_the_same_total_however_events_are_grouped) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 100; ++round) {
    std::vector<Nano> costs(1'000);
    for (Nano& cost : costs) {
      auto [tokens, price] = draw(random);
      tokens = {.input = tokens.input % 100'000, .output = tokens.output % 100'000};
      cost = cost_of(tokens, price)->total;
    }
    Nano whole;
    for (const Nano cost : costs) whole = *add(whole, cost);
    std::ranges::shuffle(costs, random);
    std::array<Nano, 7> groups;
    for (const Nano cost : costs) {
      Nano& group = groups[random() % groups.size()];
      group = *add(group, cost);
    }
    Nano grouped;
    for (const Nano group : groups) grouped = *add(grouped, group);
    ASSERT_EQ(grouped, whole);
  }
}

}  // namespace
}  // namespace latchkey::pricing
