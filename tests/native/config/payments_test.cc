// What the environment says of payments: good, incomplete, malformed.
#include "config/payments.h"

#include <gtest/gtest.h>

#include "support/service_world.h"

namespace latchkey::config {
namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

const std::string kHook(32, 'h');
const std::string kSellerKey = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

Result<Config> read(const Settings& changed) {
  Settings all = test::test_environment();
  for (const auto& entry : changed) {
    std::erase_if(all, [&](const auto& setting) { return setting.first == entry.first; });
    all.push_back(entry);
  }
  Environment environment;
  for (const auto& [name, value] : all) environment.emplace_back(name, value);
  testing::SeededRandom random("config");
  return parse(environment, random);
}

TEST(PaymentsConfig, is_off_where_nothing_is_set) {
  const auto config = read({});
  ASSERT_TRUE(config.has_value());
  EXPECT_FALSE(config->payments.stripe.webhook_secret.has_value());
  EXPECT_FALSE(config->payments.gumroad.has_value());
  EXPECT_FALSE(config->payments.seller.has_value());
  EXPECT_EQ(config->payments.codes, PurchaseCodes::kEmail);
}

TEST(PaymentsConfig, holds_its_secrets_sealed_and_shows_none) {
  const auto config = read({{"STRIPE_WEBHOOK_SECRET", "whsec_one-secret-1, whsec_two-secret-2"},
                            {"STRIPE_API_KEY", "rk_live_1"},
                            {"GUMROAD_HOOK_SECRET", kHook},
                            {"GUMROAD_SELLER_ID", "seller=="},
                            {"GUMROAD_ACCESS_TOKEN", "token"},
                            {"PURCHASE_CODES", "generated"},
                            {"SELLER_WEBHOOK_URL", "https://seller.example/x"},
                            {"SELLER_WEBHOOK_SECRET", kSellerKey}});
  ASSERT_TRUE(config.has_value()) << config.error().detail();
  const Payments& payments = config->payments;
  const auto opened = payments.stripe.webhook_secret->open(config->master);
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(*opened, Secret::copy_of("whsec_one-secret-1, whsec_two-secret-2"));
  EXPECT_EQ(*payments.gumroad->access_token.open(config->master), Secret::copy_of("token"));
  EXPECT_EQ(payments.stripe.webhook_secret->sealed.text().find("one-secret"), std::string::npos);
  for (const SettingValue& value : config->values) {
    if (value.setting->kind == SettingKind::kSecret) EXPECT_EQ(value.value, "");
  }
}

TEST(PaymentsConfig, finds_the_plan_of_a_product_whose_id_ends_in_equals_signs) {
  const auto config = read({{"PAYMENT_PLANS", "stripe:price_1=pro, gumroad:32-nP==_x===team ,stripe:plink_1=pro"}});
  ASSERT_TRUE(config.has_value()) << config.error().detail();
  EXPECT_EQ(config->payments.plan_of("stripe:price_1"), "pro");
  EXPECT_EQ(config->payments.plan_of("gumroad:32-nP==_x=="), "team");
  EXPECT_EQ(config->payments.plan_of("stripe:plink_1"), "pro");
  EXPECT_EQ(config->payments.plan_of("price_1"), std::nullopt);
}

TEST(PaymentsConfig, names_the_setting_that_is_wrong_and_no_value) {
  struct Case {
    const char* name;
    Settings settings;
  };
  const Settings gumroad = {{"GUMROAD_HOOK_SECRET", kHook}, {"GUMROAD_SELLER_ID", "s"}, {"GUMROAD_ACCESS_TOKEN", "t"}};
  const auto without = [&](size_t position) {
    Settings left = gumroad;
    left.erase(left.begin() + static_cast<ptrdiff_t>(position));
    return left;
  };
  for (const Case& one : std::initializer_list<Case>{
           {"STRIPE_WEBHOOK_SECRET", {{"STRIPE_WEBHOOK_SECRET", "sk_a-bad-secret-value"}}},
           {"STRIPE_WEBHOOK_SECRET", {{"STRIPE_WEBHOOK_SECRET", "whsec_bad-secret-value,whsec_bad-secret-value,whsec_bad-secret-value"}}},
           {"STRIPE_API_KEY", {{"STRIPE_API_KEY", "bad-secret-value with spaces"}}},
           {"GUMROAD_HOOK_SECRET", without(0)},
           {"GUMROAD_SELLER_ID", without(1)},
           {"GUMROAD_ACCESS_TOKEN", without(2)},
           {"GUMROAD_HOOK_SECRET", {{"GUMROAD_HOOK_SECRET", "bad-secret-value"}}},
           {"GUMROAD_HOOK_SECRET", {{"GUMROAD_HOOK_SECRET", kHook + "/bad-secret-value"}}},
           {"PAYMENT_PLANS", {{"PAYMENT_PLANS", "price_1=pro"}}},
           {"PAYMENT_PLANS", {{"PAYMENT_PLANS", "stripe:price_1"}}},
           {"PAYMENT_PLANS", {{"PAYMENT_PLANS", "stripe:price_1="}}},
           {"PURCHASE_CODES", {{"PURCHASE_CODES", "both"}}},
           {"SELLER_WEBHOOK_URL", {{"PURCHASE_CODES", "generated"}}},
           {"SELLER_WEBHOOK_URL", {{"SELLER_WEBHOOK_URL", "http://seller.example"}, {"SELLER_WEBHOOK_SECRET", kSellerKey}}},
           {"SELLER_WEBHOOK_SECRET", {{"SELLER_WEBHOOK_URL", "https://seller.example"}}},
           {"SELLER_WEBHOOK_SECRET", {{"SELLER_WEBHOOK_URL", "https://seller.example"}, {"SELLER_WEBHOOK_SECRET", "whsec_bad-secret-value"}}},
           {"PAYMENT_BASE_URL_STRIPE", {{"PAYMENT_BASE_URL_STRIPE", "ftp://x"}}},
       }) {
    const auto config = read(one.settings);
    ASSERT_FALSE(config.has_value()) << one.name;
    EXPECT_TRUE(config.error().detail().starts_with(std::string(one.name) + ": ")) << config.error().detail();
    EXPECT_EQ(config.error().detail().find("bad-secret"), std::string::npos);
  }
}

TEST(PaymentsConfig, leads_nowhere_else_in_production) {
  Settings local = {{"SELLER_WEBHOOK_URL", "http://127.0.0.1:9/x"}, {"SELLER_WEBHOOK_SECRET", kSellerKey}};
  EXPECT_FALSE(read(local).has_value());
  local.emplace_back("WEBHOOK_ALLOW_LOOPBACK", "1");
  EXPECT_TRUE(read(local).has_value());
  Settings production = local;
  production.emplace_back("ENVIRONMENT", "production");
  EXPECT_FALSE(read(production).has_value());
  EXPECT_TRUE(read({{"PAYMENT_BASE_URL_STRIPE", "http://127.0.0.1:9"}}).has_value());
  EXPECT_FALSE(read({{"PAYMENT_BASE_URL_STRIPE", "http://127.0.0.1:9"}, {"ENVIRONMENT", "production"}}).has_value());
}

}  // namespace
}  // namespace latchkey::config
