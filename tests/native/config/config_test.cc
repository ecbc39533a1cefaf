// Configuration: what is missing or malformed is named, and its value is never repeated.
#include "config/config.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "config/providers.h"
#include "support/service_world.h"

namespace latchkey::config {
namespace {

using Variables = std::vector<std::pair<std::string, std::string>>;

Result<Config> parse_with(std::string_view name, const std::string& value) {
  Variables variables = test::test_environment();
  std::erase_if(variables, [&](const auto& variable) { return variable.first == name; });
  variables.emplace_back(name, value);
  Environment environment;
  for (const auto& [key, text] : variables) environment.emplace_back(key, text);
  testing::SeededRandom random("config");
  return parse(environment, random);
}

// expect_refused: the error names the variable; no part of a secret is in its texts.
void expect_refused(std::string_view name, const std::string& value) {
  const auto config = parse_with(name, value);
  ASSERT_FALSE(config.has_value()) << name << " = " << value;
  EXPECT_EQ(config.error().code(), ErrorCode::kUnavailable);
  EXPECT_TRUE(config.error().detail().starts_with(std::string(name) + ": ")) << config.error().detail();
  EXPECT_EQ(config.error().message().find(name), std::string::npos) << "clients need not know";
  const bool is_secret = name.ends_with("KEY") || name.ends_with("TOKEN");
  if (!is_secret || value.size() < 6) return;
  const std::string texts = config.error().detail() + config.error().message();
  for (size_t at = 0; at + 6 <= value.size(); at += 3) {
    EXPECT_EQ(texts.find(value.substr(at, 6)), std::string::npos) << "a part of the value of " << name << ": " << texts;
  }
}

std::string key_of(size_t size) { return base64_encode(as_bytes(std::string(size, 'q'))); }

TEST(Parse, takes_the_test_environment_with_its_defaults) {
  const Config config = test::test_config();
  EXPECT_FALSE(config.production);
  EXPECT_EQ(config.rate_limit_ip_per_hour, 100u);
  EXPECT_EQ(config.rate_limit_license_per_hour, 60u);
  EXPECT_EQ(config.d1_timeout_ms, 5000u);
  EXPECT_TRUE(config.cors_origins.empty());
  EXPECT_EQ(config.build, "test");
  for (const auto& secret : config.provider_secrets) EXPECT_TRUE(secret.has_value());
  EXPECT_EQ(config.secrets_tag.size(), kNumProviders * kSecretsTagCharsEach);
}

TEST(Parse, is_production_unless_it_is_told_otherwise) {
  EXPECT_TRUE(parse_with("ENVIRONMENT", "")->production);
  EXPECT_TRUE(parse_with("ENVIRONMENT", "production")->production);
}

TEST(Parse, names_each_required_setting_that_is_missing) {
  int num_required = 0;
  for (const Setting& setting : settings()) {
    if (setting.required != Required::kYes) continue;
    expect_refused(setting.name, "");
    ++num_required;
  }
  EXPECT_EQ(num_required, 4);
}

TEST(Parse, names_each_malformed_secret_and_never_shows_it) {
  for (const char* name : {"MASTER_KEY", "SIGNING_KEY"}) {
    for (const std::string& value :
         {std::string("plain-secret-text"), "k1:" + key_of(31), "k1:" + key_of(33), "k1:" + key_of(32) + "=",
          ":" + key_of(32), "k 1:" + key_of(32), key_of(32), "k1:" + key_of(32) + ",", ",k1:" + key_of(32),
          "k1:" + key_of(32) + ",k1:" + key_of(32), "k1:" + key_of(32) + ",k2:" + key_of(16),
          std::string(33, 'k') + ":" + key_of(32), "k1:" + std::string(44, '!'), " k1:" + key_of(32)}) {
      expect_refused(name, value);
    }
  }
  for (const std::string& value : {key_of(31), key_of(33), "k1:" + key_of(32), std::string("secretsecret"),
                                   key_of(32).substr(0, 43), key_of(32) + "\n"}) {
    expect_refused("INDEX_KEY", value);
  }
  expect_refused("ADMIN_TOKEN", "short-token-123");
  for (const Provider& provider : kProviders) {
    expect_refused(provider.secret_name, "sk two words");
    expect_refused(provider.secret_name, "sk-with-newline\n");
    expect_refused(provider.secret_name, std::string(4097, 's'));
  }
}

TEST(Parse, names_each_malformed_variable) {
  for (const Setting& setting : settings()) {
    if (setting.kind != SettingKind::kInteger) continue;
    for (const std::string& value :
         {std::to_string(setting.min - 1), std::to_string(setting.max + 1), std::string("abc"), std::string("1.5"),
          std::string("10 "), std::string("+10"), std::string("0x10"), std::string("99999999999999999999")}) {
      expect_refused(setting.name, value);
    }
    EXPECT_TRUE(parse_with(setting.name, std::to_string(setting.min)).has_value()) << setting.name;
    EXPECT_TRUE(parse_with(setting.name, std::to_string(setting.max)).has_value()) << setting.name;
  }
  // A client may be offline for 30 days.
  for (const char* value : {"1", "30"}) expect_refused("MACHINE_IDLE_DAYS", value);
  EXPECT_TRUE(parse_with("MACHINE_IDLE_DAYS", "31").has_value());
  for (const char* value : {"staging", "Production", "dev"}) expect_refused("ENVIRONMENT", value);
  for (const char* value : {"verbose", "WARN", "2"}) expect_refused("LOG_LEVEL", value);
  for (const char* value : {"*", "app.example", "ftp://a.example", "https://", "https://a.example/path",
                            "https://a.example,,", "https://a.example, x"}) {
    expect_refused("CORS_ORIGINS", value);
  }
}

// with_access: the settings of Cloudflare Access, with one of them changed.
Result<Config> with_access(std::string name, std::string value) {
  auto variables = test::test_environment();
  variables.emplace_back("ACCESS_TEAM_DOMAIN", "https://team.cloudflareaccess.com");
  variables.emplace_back("ACCESS_AUD", "tag");
  std::erase_if(variables, [&](const auto& variable) { return variable.first == name; });
  variables.emplace_back(std::move(name), std::move(value));
  Environment environment;
  for (const auto& [key, text] : variables) environment.emplace_back(key, text);
  testing::SeededRandom random("access");
  return parse(environment, random);
}

TEST(Parse, takes_cloudflare_access_whole_or_not_at_all) {
  const auto parsed = with_access("PUBLIC_ORIGIN", "https://api.example");
  ASSERT_TRUE(parsed.has_value() && parsed->access.has_value());
  EXPECT_EQ(parsed->access->keys_url, "https://team.cloudflareaccess.com/cdn-cgi/access/certs");
  for (const std::string& scope : parsed->access->scopes) EXPECT_TRUE(scope.ends_with(":read")) << scope;
  EXPECT_EQ(with_access("ACCESS_SCOPES", "a:b, *")->access->scopes, (std::vector<std::string>{"a:b", "*"}));
  EXPECT_EQ(with_access("ACCESS_KEYS_URL", "http://127.0.0.1:1/x")->access->keys_url, "http://127.0.0.1:1/x");
  EXPECT_FALSE(test::test_config().access.has_value());
  const std::pair<const char*, const char*> refused[] = {
      {"ACCESS_TEAM_DOMAIN", ""}, {"ACCESS_TEAM_DOMAIN", "team.cloudflareaccess.com"},
      {"ACCESS_TEAM_DOMAIN", "http://team.cloudflareaccess.com"}, {"ACCESS_TEAM_DOMAIN", "https://team.example"},
      {"ACCESS_TEAM_DOMAIN", "https://team.cloudflareaccess.com/"}, {"ACCESS_AUD", ""}, {"ACCESS_AUD", "a,b"},
      {"ACCESS_SCOPES", "all"}, {"ACCESS_SCOPES", "licenses:"}, {"ACCESS_SCOPES", "licenses:read,,x:y"},
      {"PUBLIC_ORIGIN", "api.example"}, {"PUBLIC_ORIGIN", "https://api.example/x"}};
  for (const auto& [name, value] : refused) {
    const auto config = with_access(name, value);
    EXPECT_FALSE(config.has_value()) << name << " = " << value;
    if (!config) EXPECT_TRUE(config.error().detail().starts_with("ACCESS_") || config.error().detail().starts_with(name));
  }
}

TEST(Parse, takes_several_keys_and_lists) {
  EXPECT_TRUE(parse_with("MASTER_KEY", "a:" + key_of(32) + ",b:" + base64_encode(as_bytes(std::string(32, 'r')))));
  EXPECT_EQ(parse_with("CORS_ORIGINS", "https://a.example , http://127.0.0.1:8080")->cors_origins,
            (std::vector<std::string>{"https://a.example", "http://127.0.0.1:8080"}));
}

TEST(Parse, tells_a_bootstrap_token_that_could_be_guessed) {
  const struct {
    const char* token;
    bool is_weak;
  } cases[] = {
      {"abcdefghijklmnop", true},
      {"abcdefghijklmnopqrstuvw", true},
      {"abcdefghijklmnopqrstuvwx", false},
      {"123456789123456789123456789", true},
      {"1234567890123456789012345", false},
      {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", true},
      {"lk_admin_for-tests-only-0123456789", false},
  };
  for (const auto& [token, is_weak] : cases) {
    const auto config = parse_with("ADMIN_TOKEN", token);
    ASSERT_TRUE(config.has_value()) << token;
    EXPECT_EQ(config->admin_token_is_weak, is_weak) << token;
  }
}

TEST(Parse, ignores_names_that_are_no_setting) {
  EXPECT_TRUE(parse_with("SOMETHING_ELSE", "whatever").has_value());
}

TEST(Values, show_every_setting_with_its_source_and_no_secret) {
  const Config config = test::test_config({{"RATE_LIMIT_IP_PER_HOUR", "7"}, {"QWEN_API_KEY", ""}});
  EXPECT_EQ(config.values.size(), settings().size());
  for (const SettingValue& value : config.values) {
    if (value.setting->kind == SettingKind::kSecret) EXPECT_EQ(value.value, "") << value.setting->name;
    if (value.setting->name == "RATE_LIMIT_IP_PER_HOUR") EXPECT_EQ(value.value + (value.from_environment ? "!" : ""), "7!");
    if (value.setting->name == "D1_TIMEOUT_MS") EXPECT_EQ(value.value + (value.from_environment ? "!" : ""), "5000");
    if (value.setting->name == "QWEN_API_KEY") EXPECT_FALSE(value.from_environment);
  }
}

TEST(SecretsTag, changes_at_the_place_of_the_key_that_changed_alone) {
  const std::string before = test::test_config().secrets_tag;
  for (size_t i = 0; i < kNumProviders; ++i) {
    const std::string after = test::test_config({{std::string(kProviders[i].secret_name), "sk-another"}}).secrets_tag;
    for (size_t j = 0; j < kNumProviders; ++j) {
      const auto part = [&](const std::string& tag) { return tag.substr(j * kSecretsTagCharsEach, kSecretsTagCharsEach); };
      EXPECT_EQ(part(before) == part(after), i != j);
    }
  }
}

TEST(Providers, are_sorted_and_found_by_name) {
  for (size_t i = 0; i < kNumProviders; ++i) {
    EXPECT_EQ(provider_index(kProviders[i].name), i);
    if (i > 0) EXPECT_LT(kProviders[i - 1].name, kProviders[i].name);
  }
  EXPECT_EQ(provider_index(""), std::nullopt);
  EXPECT_EQ(provider_index("Qwen"), std::nullopt);
  ProviderSet set;
  EXPECT_TRUE(set.empty());
  set.add(3);
  EXPECT_TRUE(set.has(3) && !set.has(2) && !set.empty());
  EXPECT_EQ(set & ProviderSet::all(), set);
  EXPECT_TRUE((set & ProviderSet()).empty());
}

}  // namespace
}  // namespace latchkey::config
