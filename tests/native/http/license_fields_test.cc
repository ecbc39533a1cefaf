// What the admin endpoints of licences and plans share, read and printed.
#include "http/endpoints/license_fields.h"

#include <gtest/gtest.h>

namespace latchkey::http {
namespace {

// parsed: what `parse` makes of the member "x" of a body, and whether it was refused.
template <class Parse>
auto parsed(const std::string& value, Parse parse) {
  const auto document = json::Document::parse_untrusted("{\"x\":" + value + "}");
  Fields fields(document->root());
  auto result = parse(fields, "x");
  return std::pair(result, !fields.ok());
}

TEST(ParseProviders, takes_known_names_in_any_order_and_nothing_else) {
  const auto [set, is_refused] = parsed(R"(["qwen","kimi","qwen"])", parse_providers);
  ASSERT_TRUE(set.has_value());
  EXPECT_FALSE(is_refused);
  EXPECT_EQ(admin::provider_list(*set), R"(["kimi","qwen"])");
  EXPECT_EQ(parsed("null", parse_providers), std::pair(std::optional<config::ProviderSet>(), false));
  for (const char* bad : {"[]", R"(["gpt"])", R"(["kimi",5])", R"("kimi")", "{}", "5"}) {
    const auto [none, refused] = parsed(bad, parse_providers);
    EXPECT_FALSE(none.has_value()) << bad;
    EXPECT_TRUE(refused) << bad;
  }
}

TEST(ParseDeliveries, makes_bits_of_names_and_back) {
  const std::pair<const char*, int64_t> cases[] = {
      {R"(["fernet"])", 1}, {R"(["hpke"])", 2}, {R"(["plain"])", 4}, {R"(["plain","fernet","plain"])", 5}};
  for (const auto& [text, bits] : cases) EXPECT_EQ(parsed(text, parse_deliveries).first, bits) << text;
  for (const char* bad : {"[]", R"(["pigeon"])", R"([1])", "7"}) EXPECT_TRUE(parsed(bad, parse_deliveries).second) << bad;
  json::Writer out;
  write_deliveries(out, 6);
  EXPECT_EQ(out.text(), R"(["hpke","plain"])");
}

TEST(ParseReason, is_one_word) {
  const auto reason = [](const std::string& value) {
    const auto document = json::Document::parse_untrusted("{\"reason\":" + value + "}");
    Fields fields(document->root());
    const auto text = parse_reason(fields);
    return fields.ok() ? text.value_or("none") : "refused";
  };
  EXPECT_EQ(reason(R"("charge_back-2")"), "charge_back-2");
  EXPECT_EQ(reason("null"), "none");
  for (const std::string& bad : {std::string("\"Two words\""), std::string("\"\""), std::string("5"),
                                 "\"" + std::string(65, 'a') + "\"", std::string("\"Fraud\"")}) {
    EXPECT_EQ(reason(bad), "refused") << bad;
  }
}

}  // namespace
}  // namespace latchkey::http
