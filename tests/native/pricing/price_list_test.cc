// Which price was in force for a model at a moment.
#include "pricing/price_list.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "config/providers.h"

namespace latchkey::pricing {
namespace {

constexpr TimeMs kDay = kDayMs;

Price row(std::string provider, std::string model, TimeMs from, int64_t input = 1) {
  Price price;
  price.provider = std::move(provider);
  price.model = std::move(model);
  price.effective_from = from;
  price.input = price.output = Rate{input};
  return price;
}

PriceList list_of(std::vector<Price> rows, std::vector<Alias> aliases = {}) {
  auto list = PriceList::of({std::move(rows), std::move(aliases)});
  EXPECT_TRUE(list) << list.error().message();
  return std::move(*list);
}

// answer: the input rate found, or why there is none.
std::string answer(const PriceList& list, std::string_view provider, std::string_view model, TimeMs at) {
  const auto found = list.find(provider, model, at);
  return found ? std::to_string((*found)->input.nanos_per_million) : std::string(unpriced_name(found.error()));
}

TEST(Find, takes_the_row_in_force_then) {
  const PriceList list = list_of({row("kimi", "kimi-k3", 20 * kDay, 2), row("kimi", "kimi-k3", 10 * kDay, 1),
                                  row("kimi", "kimi-k4", 10 * kDay, 9)});
  EXPECT_EQ(answer(list, "kimi", "kimi-k3", 10 * kDay - 1), "too_early");
  EXPECT_EQ(answer(list, "kimi", "kimi-k3", 10 * kDay), "1");
  EXPECT_EQ(answer(list, "kimi", "kimi-k3", 20 * kDay - 1), "1");
  EXPECT_EQ(answer(list, "kimi", "kimi-k3", 20 * kDay), "2");
  EXPECT_EQ(answer(list, "kimi", "kimi-k3", kTimeMsMax), "2");
  EXPECT_EQ(answer(list, "kimi", "kimi-k4", 15 * kDay), "9");
}

TEST(Find, says_why_there_is_no_price_and_never_makes_it_nothing) {
  Price ended = row("qwen", "qwen-old", 10 * kDay);
  ended.effective_to = 20 * kDay;
  const PriceList list = list_of({ended, row("zhipu", "glm-4-flash", 0, 0)});
  EXPECT_EQ(answer(list, "openai", "gpt-4o", 15 * kDay), "unknown_provider");
  EXPECT_EQ(answer(list, "qwen", "qwen-new", 15 * kDay), "unknown_model");
  EXPECT_EQ(answer(list, "qwen", "qwen-ol", 15 * kDay), "unknown_model");
  EXPECT_EQ(answer(list, "qwen", "qwen-old-2", 15 * kDay), "unknown_model");
  EXPECT_EQ(answer(list, "qwen", "", 15 * kDay), "unknown_model");
  EXPECT_EQ(answer(list, "zhipu", "qwen-old", 15 * kDay), "unknown_model");
  EXPECT_EQ(answer(list, "qwen", "qwen-old", 9 * kDay), "too_early");
  EXPECT_EQ(answer(list, "qwen", "qwen-old", 20 * kDay), "ended");
  EXPECT_EQ(answer(list, "zhipu", "glm-4-flash", 0), "0");  // free is a price
}

TEST(Find, follows_an_alias_and_its_models_history) {
  const PriceList list = list_of({row("deepseek", "deepseek-flash", 0, 1), row("deepseek", "deepseek-flash", kDay, 2)},
                                 {{"deepseek", "deepseek-chat", "deepseek-flash"}});
  EXPECT_EQ(answer(list, "deepseek", "deepseek-chat", 0), "1");
  EXPECT_EQ(answer(list, "deepseek", "DeepSeek/DeepSeek-Chat", kDay), "2");
  EXPECT_EQ(answer(list, "deepseek", "deepseek-chat-2", kDay), "unknown_model");
}

TEST(Find, agrees_with_a_plain_search_on_random_tables) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 200; ++round) {
    std::map<std::pair<std::string, TimeMs>, int64_t> prices;
    std::vector<Price> rows;
    for (uint64_t i = random() % 40 + 1; i > 0; --i) {
      const std::string model = "m" + std::to_string(random() % 5);
      const TimeMs from = static_cast<TimeMs>(random() % 50) * kSecondMs;
      if (prices.emplace(std::pair(model, from), rows.size()).second) {
        rows.push_back(row("kimi", model, from, static_cast<int64_t>(rows.size())));
      }
    }
    const PriceList list = list_of(std::move(rows));
    for (int ask = 0; ask < 100; ++ask) {
      const std::string model = "m" + std::to_string(random() % 6);
      const TimeMs at = static_cast<TimeMs>(random() % 55'000);
      std::string expected = "unknown_model";
      for (const auto& [key, input] : prices) {
        if (key.first != model) continue;
        if (key.second <= at) expected = std::to_string(input);
        else if (expected == "unknown_model") expected = "too_early";
      }
      ASSERT_EQ(answer(list, "kimi", model, at), expected) << model << " " << at;
    }
  }
}

TEST(NormalModel, drops_case_space_and_the_providers_own_prefix_alone) {
  const struct {
    std::string_view provider, model, normal;
  } cases[] = {
      {"deepseek", "deepseek-chat", "deepseek-chat"},
      {"deepseek", " DeepSeek-Chat\n", "deepseek-chat"},
      {"deepseek", "deepseek/deepseek-chat", "deepseek-chat"},
      {"deepseek", "deepseek-ai/DeepSeek-V3", "deepseek-v3"},
      {"kimi", "moonshotai/Kimi-K2.5", "kimi-k2.5"},
      {"kimi", "moonshot/moonshot-v1-8k", "moonshot-v1-8k"},
      {"mistral", "mistral/mistral-large-latest", "mistral-large-latest"},
      {"qwen", "dashscope/qwen-turbo", "qwen-turbo"},
      {"zhipu", "z-ai/glm-4.6", "glm-4.6"},
      {"yandex", "gpt://b1g0abc/yandexgpt-lite/latest", "yandexgpt-lite"},
      {"yandex", "gpt://b1g0abc/yandexgpt/rc", "yandexgpt"},
      {"yandex", "yandexgpt/latest", "yandexgpt"},
      {"yandex", "gpt://b1g0abc", "gpt://b1g0abc"},
      // Another's prefix is another's price; dates and versions are the table's to equate.
      {"deepseek", "openrouter/deepseek/deepseek-chat", "openrouter/deepseek/deepseek-chat"},
      {"qwen", "deepseek/deepseek-chat", "deepseek/deepseek-chat"},
      {"kimi", "gpt://b1g0abc/kimi/latest", "gpt://b1g0abc/kimi/latest"},
      {"qwen", "qwen-plus-2025-07-28", "qwen-plus-2025-07-28"},
  };
  for (const auto& one : cases) EXPECT_EQ(normal_model(one.provider, one.model), one.normal);
}

// check_table asks for no more than this of a name.
TEST(IsModelName, takes_only_what_is_in_normal_form_already) {
  for (const std::string_view name : {"k", "kimi-k2.5", "glm-4-32b-0414-128k", "qwen2.5:7b", "a_b"}) {
    EXPECT_TRUE(is_model_name(name)) << name;
    for (const config::Provider& provider : config::kProviders) EXPECT_EQ(normal_model(provider.name, name), name);
  }
  for (const std::string_view name : {"", "K", " k", "k ", "a/b", "kimi/k", "gpt://f/m", ".k", "k-", "\xc3\xa9"}) {
    EXPECT_FALSE(is_model_name(name)) << name;
  }
}

TEST(PriceListOf, refuses_a_table_with_an_error_and_says_which) {
  const auto list = PriceList::of({{row("kimi", "kimi-k3", 0), row("kimi", "kimi-k3", 0)}, {}});
  ASSERT_FALSE(list);
  EXPECT_EQ(list.error().code(), ErrorCode::kUnprocessable);
  EXPECT_NE(list.error().message().find("rows[1].effective_from"), std::string::npos) << list.error().message();
}

TEST(PriceListOf, survives_being_moved) {
  PriceList first = list_of({row("kimi", "k", 0, 5)});
  const PriceList second = std::move(first);
  EXPECT_EQ(answer(second, "kimi", "k", 1), "5");
}

}  // namespace
}  // namespace latchkey::pricing
