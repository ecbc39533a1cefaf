// Events: what a report may hold, and what it costs.
#include "usage/event.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "json/reader.h"
#include "support/test_host.h"
#include "usage/prices.h"

namespace latchkey::usage {
namespace {

constexpr TimeMs kNow = test::kTestStart;

Event event(std::string id, TimeMs at = kNow, std::string provider = "deepseek") {
  return {.event_id = std::move(id),
          .provider = std::move(provider),
          .model = "deepseek-chat",
          .tokens = {.input = 1000, .output = 500, .cached_input = 200, .reasoning = 100},
          .at = at};
}

Sorter sorted(std::vector<Event> events) {
  Sorter sorter(kNow);
  for (size_t i = 0; i < events.size(); ++i) {
    events[i].index = i;
    sorter.add(std::move(events[i]));
  }
  return sorter;
}

TEST(Sorter, takes_events_of_the_last_35_days_and_five_minutes_ahead) {
  struct Case {
    TimeMs at;
    std::optional<Rejection> why;
  };
  const Case cases[] = {{kNow, {}},
                        {kNow + limits::kUsageSkewMs, {}},
                        {kNow + limits::kUsageSkewMs + 1, Rejection::kInFuture},
                        {kNow - limits::kUsageLateMs, {}},
                        {kNow - limits::kUsageLateMs - 1, Rejection::kTooOld},
                        {0, Rejection::kTooOld},
                        {kTimeMsMax, Rejection::kInFuture}};
  for (const Case& one : cases) {
    const Sorter sorter = sorted({event("a", one.at)});
    EXPECT_EQ(sorter.events().size(), one.why ? 0u : 1u);
    ASSERT_EQ(sorter.rejected().size(), one.why ? 1u : 0u);
    if (one.why) EXPECT_EQ(sorter.rejected()[0].why, *one.why);
  }
}

TEST(Sorter, knows_the_six_providers_alone) {
  for (const std::string_view name : {"openai", "DeepSeek", "", "deepseek "}) {
    const Sorter sorter = sorted({event("a", kNow, std::string(name)), event("b")});
    ASSERT_EQ(sorter.rejected().size(), 1u) << name;
    EXPECT_EQ(sorter.rejected()[0].why, Rejection::kUnknownProvider);
    EXPECT_EQ(sorter.events().size(), 1u);
  }
}

TEST(Sorter, counts_an_event_that_comes_twice_once_and_refuses_another_of_its_id) {
  Event other = event("b");
  other.tokens.output += 1;
  const Sorter sorter = sorted({event("a"), event("b"), event("a"), other, event("b"), event("c")});
  EXPECT_EQ(sorter.events().size(), 3u);
  EXPECT_EQ(sorter.num_duplicates(), 2u);
  ASSERT_EQ(sorter.rejected().size(), 1u);
  EXPECT_EQ(sorter.rejected()[0].index, 3u);
  EXPECT_EQ(sorter.rejected()[0].why, Rejection::kConflict);
  EXPECT_EQ(sorter.events()[1], (Event{.index = 1, .event_id = "b", .provider = "deepseek", .model = "deepseek-chat",
                                       .tokens = event("b").tokens, .at = kNow}));
}

TEST(Rejections, have_words_of_their_own_and_a_conflict_is_a_409) {
  EXPECT_EQ(rejection_status(Rejection::kConflict), 409u);
  std::vector<std::string_view> words;
  for (const auto one : {Rejection::kInvalid, Rejection::kUnknownProvider, Rejection::kTooOld, Rejection::kInFuture,
                         Rejection::kConflict}) {
    EXPECT_EQ(std::ranges::count(words, rejection_name(one)), 0);
    words.push_back(rejection_name(one));
    if (one != Rejection::kConflict) EXPECT_EQ(rejection_status(one), 400u);
  }
}

TEST(CostOf, is_the_price_of_the_event_s_own_time_and_nothing_is_free_by_being_unknown) {
  const auto prices = stored_prices(7, R"({"rows":[
    {"provider":"deepseek","model":"deepseek-chat","effective_from":"2026-01-01T00:00:00Z","input":"1","output":"2"},
    {"provider":"deepseek","model":"deepseek-chat","effective_from":"2026-01-10T00:00:00Z","input":"10","output":"20",
     "cached_input":"0"}],"aliases":[]})");
  ASSERT_TRUE(prices.has_value()) << prices.error().detail();
  EXPECT_EQ((*prices)->version, 7);
  const pricing::PriceList& list = (*prices)->list;
  EXPECT_EQ(cost_of(event("a", *parse_time("2026-01-09T23:59:59Z")), list)->value, 1000 * 1000 + 500 * 2000);
  EXPECT_EQ(cost_of(event("a", *parse_time("2026-01-10")), list)->value, 800 * 10'000 + 500 * 20'000);
  EXPECT_FALSE(cost_of(event("a", *parse_time("2025-12-31")), list));
  Event unknown = event("a");
  unknown.model = "deepseek-v99";
  EXPECT_FALSE(cost_of(unknown, list));
}

TEST(BuiltInPrices, are_sound_and_know_each_provider) {
  const PricesPtr prices = built_in_prices();
  EXPECT_EQ(prices->version, 0);
  for (const config::Provider& provider : config::kProviders) {
    EXPECT_TRUE(std::ranges::any_of(prices->list.table().rows,
                                    [&](const pricing::Price& row) { return row.provider == provider.name; }))
        << provider.name;
  }
}

TEST(StoredPrices, that_are_not_sound_are_an_error_of_ours) {
  for (const std::string_view body : {"", "[]", R"({"rows":[{"provider":"kimi"}],"aliases":[]})"}) {
    const auto prices = stored_prices(1, body);
    ASSERT_FALSE(prices.has_value()) << body;
    EXPECT_EQ(prices.error().code(), ErrorCode::kInternal) << body;
  }
}

TEST(PrintRows, is_one_array_of_what_is_stored_of_each) {
  Event unknown = event("b");
  unknown.model = "x";
  const std::vector<Event> events{event("a\"", 5), unknown};
  const auto prices = stored_prices(1, R"({"rows":[{"provider":"deepseek","model":"deepseek-chat",
    "effective_from":"1970-01-01T00:00:00Z","input":"1","output":"2"}],"aliases":[]})");
  ASSERT_TRUE(prices.has_value());
  const PricedRows rows = print_rows(events, (*prices)->list);
  EXPECT_EQ(rows.num_unpriced, 1);
  EXPECT_EQ(rows.text,
            R"([["a\"",5,"deepseek","deepseek-chat",1000,500,200,100,2000000],)"
            R"(["b",1768478400000,"deepseek","x",1000,500,200,100,null]])");
}

}  // namespace
}  // namespace latchkey::usage
