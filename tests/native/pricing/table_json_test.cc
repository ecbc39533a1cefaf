// The JSON form of a table, and the default one.
#include "pricing/table_json.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "config/providers.h"
#include "pricing/check.h"
#include "pricing/cost.h"
#include "pricing/default_table.h"
#include "pricing/price_list.h"
#include "rotation/verify.h"
#include "support/service_world.h"

namespace latchkey::pricing {
namespace {

constexpr TimeMs kNow = 1'795'219'200'000;  // 2026-11-21

ReadTable read(std::string_view text) {
  const auto document = json::Document::parse_untrusted(text);
  EXPECT_TRUE(document) << text;
  return read_table(document->root());
}

std::string errors_of(std::string_view text) {
  std::string out;
  for (const Finding& one : read(text).errors) out += (out.empty() ? "" : " ") + one.location;
  return out;
}

std::string table_with(std::string_view member) {
  return R"({"rows":[{"provider":"kimi","model":"k","effective_from":"2026-01-01","input":"1","output":"2",)" +
         std::string(member) + R"(}],"aliases":[]})";
}

TEST(ReadTable, reads_every_member) {
  const ReadTable got = read(R"({"rows":[{"provider":"kimi","model":"kimi-k3","effective_from":"1970-01-02",
    "effective_to":"1970-01-03T00:00:01Z","input":"3","cached_input":"0.3","output":"15","reasoning":"16.000000001",
    "source":"https://a.example","as_of":"2026-07-18","note":"n"}],
    "aliases":[{"provider":"kimi","alias":"a","model":"kimi-k3"}]})");
  EXPECT_TRUE(got.errors.empty());
  ASSERT_EQ(got.table.rows.size(), 1u);
  const Price expected{.provider = "kimi",
                       .model = "kimi-k3",
                       .effective_from = kDayMs,
                       .effective_to = 2 * kDayMs + kSecondMs,
                       .input = Rate{3'000'000'000},
                       .output = Rate{15'000'000'000},
                       .cached_input = Rate{300'000'000},
                       .reasoning = Rate{16'000'000'001},
                       .source = "https://a.example",
                       .as_of = "2026-07-18",
                       .note = "n"};
  EXPECT_EQ(got.table.rows[0], expected);
  EXPECT_EQ(got.table.aliases, (std::vector<Alias>{{"kimi", "a", "kimi-k3"}}));
}

TEST(ReadTable, names_what_can_not_be_read) {
  const struct {
    std::string text;
    std::string_view errors;
  } cases[] = {
      {"[]", "table"},
      {"{}", ""},  // that it is empty is check_table's to say
      {R"({"rows":{}})", "rows"},
      {R"({"rows":[1]})", "rows[0]"},
      {R"({"rows":[],"currency":"EUR"})", "currency"},
      {R"({"rows":[{}]})",
       "rows[0].provider rows[0].model rows[0].effective_from rows[0].input rows[0].output"},
      {table_with(R"("cached_input":0.3)"), "rows[0].cached_input"},  // a float is not exact
      {table_with(R"("cached_input":"0.3 USD")"), "rows[0].cached_input"},
      {table_with(R"("cached_input":"-1")"), "rows[0].cached_input"},
      {table_with(R"("reasoning":"1e-7")"), "rows[0].reasoning"},
      {table_with(R"("effective_to":5)"), "rows[0].effective_to"},
      {table_with(R"("effective_to":"soon")"), "rows[0].effective_to"},
      {table_with(R"("note":7)"), "rows[0].note"},
      {table_with(R"("cache_write":"1")"), "rows[0].cache_write"},
      {table_with(R"("effective_to":null,"note":null,"cached_input":null)"), ""},
      {R"({"rows":[],"aliases":[{"provider":"kimi","alias":7}]})", "aliases[0].alias aliases[0].model"},
      {R"({"rows":[],"aliases":"none"})", "aliases"},
  };
  for (const auto& one : cases) EXPECT_EQ(errors_of(one.text), one.errors) << one.text;
}

TEST(ReadTable, does_not_read_more_rows_than_a_table_may_hold) {
  std::string text = R"({"rows":[)";
  for (size_t i = 0; i <= limits::kPriceRowsMax; ++i) text += i == 0 ? "1" : ",1";
  EXPECT_EQ(errors_of(text + "]}"), "rows");
}

TEST(PrintTable, reads_back_as_the_same_table) {
  const ReadTable table = read(default_table_json());
  const std::string text = print_table(table.table);
  EXPECT_EQ(read(text).table, table.table);
  EXPECT_EQ(print_table(read(text).table), text);
}

class DefaultTable : public ::testing::Test {
 protected:
  // The model that a probe of rotation asks, if it names one.
  static std::string probed_model(size_t provider) {
    const test::ServiceWorld world({{"YANDEX_FOLDER_ID", "folder-1"}});
    const auto probe = rotation::probe_of(world.config(), provider);
    if (!probe || probe->body.empty()) return {};
    const auto body = json::Document::parse_untrusted(probe->body);
    for (const std::string_view name : {"model", "modelUri"}) {
      if (const auto model = body->root().member(name)) return std::string(*model->string());
    }
    return {};
  }

  Table table_ = read(default_table_json()).table;
  PriceList list_ = std::move(*PriceList::of(table_));
};

TEST_F(DefaultTable, is_sound_and_says_where_each_price_is_from) {
  EXPECT_EQ(errors_of(default_table_json()), "");
  const Findings findings = check_table(table_);
  for (const Finding& one : findings.errors) ADD_FAILURE() << one.location << ": " << one.message;
  for (const Finding& one : findings.warnings) ADD_FAILURE() << one.location << ": " << one.message;
  for (const Price& row : table_.rows) EXPECT_TRUE(row.source && row.as_of) << row.model;
}

TEST_F(DefaultTable, stands_in_the_order_in_which_it_is_searched) {
  EXPECT_EQ(list_.table().rows, table_.rows);
}

TEST_F(DefaultTable, prices_a_model_of_each_provider) {
  for (const config::Provider& provider : config::kProviders) {
    const auto is_of = [&](const Price& row) { return row.provider == provider.name; };
    EXPECT_TRUE(std::ranges::any_of(table_.rows, is_of)) << provider.name;
  }
}

TEST_F(DefaultTable, prices_every_model_that_a_probe_of_a_key_names) {
  size_t named = 0;
  for (size_t provider = 0; provider < config::kNumProviders; ++provider) {
    const std::string model = probed_model(provider);
    if (model.empty()) continue;
    ++named;
    EXPECT_TRUE(list_.find(config::kProviders[provider].name, model, kNow)) << model;
  }
  EXPECT_EQ(named, 3u);  // qwen, yandex, zhipu; the others list their models
}

TEST_F(DefaultTable, prices_every_model_that_the_desktop_client_knows) {
  const struct {
    std::string_view provider, model;
  } models[] = {{"deepseek", "deepseek-chat"}, {"deepseek", "deepseek-reasoner"}, {"kimi", "moonshot-v1-8k"},
                {"kimi", "moonshot-v1-32k"},   {"mistral", "mistral-small"},      {"mistral", "mistral-medium"},
                {"mistral", "mistral-large"},  {"qwen", "qwen-plus"},             {"qwen", "qwen-turbo"},
                {"qwen", "qwen-max"},          {"yandex", "yandexgpt"},           {"zhipu", "glm-4-flash"},
                {"zhipu", "glm-4-plus"}};
  for (const auto& one : models) EXPECT_TRUE(list_.find(one.provider, one.model, kNow)) << one.model;
}

TEST_F(DefaultTable, prices_an_event_by_its_day) {
  const Tokens tokens{.input = 1'000'000, .output = 1'000'000, .cached_input = 500'000};
  const auto cost_at = [&](std::string_view time) {
    const auto price = list_.find("deepseek", "deepseek-chat", *parse_time(time));
    return price ? print_usd(cost_of(tokens, **price)->total) : std::string(unpriced_name(price.error()));
  };
  EXPECT_EQ(cost_at("2025-12-31T23:59:59Z"), "too_early");
  EXPECT_EQ(cost_at("2026-08-16T15:59:59Z"), "0.3514");  // 0.07 + 0.0014 + 0.28
  EXPECT_EQ(cost_at("2026-08-16T16:00:00Z"), "1.547");   // 0.22 + 0.007 + 1.32
  EXPECT_EQ(cost_at("2026-11-21"), "1.353");             // 0.15 + 0.003 + 1.2
}

}  // namespace
}  // namespace latchkey::pricing
