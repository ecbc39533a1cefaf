#include "config/config.h"

#include <bitset>
#include <charconv>

#include "base/check.h"
#include "base/limits.h"

namespace latchkey::config {
namespace {

constexpr size_t kAdminTokenCharsMin = 16;

std::string_view find(const Environment& environment, std::string_view name) {
  for (const auto& [key, value] : environment) {
    if (key == name) return value;
  }
  return {};
}

Unexpected malformed(std::string_view name, std::string_view why) {
  return fail(ErrorCode::kUnavailable, "The server is not configured.",
              std::string(name) + ": " + std::string(why));
}

// in_setting: puts the setting's name in front of why its text was refused.
template <class T>
Result<T> in_setting(std::string_view name, Result<T> result) {
  if (result) return result;
  return malformed(name, result.error().message());
}

Result<uint32_t> integer(const Setting& setting, std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < setting.min ||
      value > setting.max) {
    return malformed(setting.name, "must be a whole number from " + std::to_string(setting.min) +
                                       " to " + std::to_string(setting.max));
  }
  return static_cast<uint32_t>(value);
}

Result<host::LogLevel> log_level(std::string_view text) {
  constexpr std::string_view names[] = {"debug", "info", "warn", "error"};
  for (uint8_t i = 0; i < 4; ++i) {
    if (names[i] == text) return static_cast<host::LogLevel>(i);
  }
  return malformed("LOG_LEVEL", "must be debug, info, warn or error");
}

// words: what stands between the commas, without spaces around it.
std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> list;
  while (!text.empty()) {
    const size_t comma = text.find(',');
    std::string_view word = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    while (word.starts_with(' ')) word.remove_prefix(1);
    while (word.ends_with(' ')) word.remove_suffix(1);
    list.emplace_back(word);
  }
  return list;
}

bool is_origin(std::string_view text) {
  const bool has_scheme = text.starts_with("https://") || text.starts_with("http://");
  const size_t host = text.find("://") + 3;
  return has_scheme && host < text.size() && text.find_first_of("/?# ", host) == std::string_view::npos;
}

Result<std::vector<std::string>> origins(std::string_view text) {
  std::vector<std::string> list = words(text);
  for (const std::string& origin : list) {
    if (is_origin(origin)) continue;
    return malformed("CORS_ORIGINS", "must list origins such as https://app.example, comma-separated");
  }
  return list;
}

bool is_scope(std::string_view text) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz";
  const size_t colon = text.find(':');
  return text == "*" || (colon != std::string_view::npos && colon > 0 && colon + 1 < text.size() &&
                         text.substr(0, colon).find_first_not_of(letters) == std::string_view::npos &&
                         text.substr(colon + 1).find_first_not_of(letters) == std::string_view::npos);
}

Result<std::optional<AccessConfig>> access_of(std::string_view team_domain, std::string_view audience,
                                              std::string_view scopes, std::string_view keys_url, bool is_production) {
  if (team_domain.empty() && audience.empty()) return std::optional<AccessConfig>();
  constexpr std::string_view ending = ".cloudflareaccess.com";
  if (!is_origin(team_domain) || !team_domain.starts_with("https://") || !team_domain.ends_with(ending)) {
    return malformed("ACCESS_TEAM_DOMAIN", "must be https://<team>.cloudflareaccess.com");
  }
  if (audience.empty() || audience.find_first_of(" ,") != std::string_view::npos) {
    return malformed("ACCESS_AUD", "must be the audience tag of the application, beside ACCESS_TEAM_DOMAIN");
  }
  AccessConfig access{.team_domain = std::string(team_domain),
                      .audience = std::string(audience),
                      .scopes = words(scopes),
                      .keys_url = std::string(team_domain) + "/cdn-cgi/access/certs"};
  for (const std::string& scope : access.scopes) {
    if (!is_scope(scope)) return malformed("ACCESS_SCOPES", "must list scopes such as licenses:read, comma-separated");
  }
  if (!keys_url.empty()) {
    if (is_production) return malformed("ACCESS_KEYS_URL", "is for ENVIRONMENT = development only");
    access.keys_url = keys_url;
  }
  return std::optional(std::move(access));
}

Result<std::array<std::optional<ProviderSecret>, kNumProviders>> provider_secrets(
    const Environment& environment, const crypto::MasterKeys& master, const crypto::Index& index,
    crypto::Random& random) {
  std::array<std::optional<ProviderSecret>, kNumProviders> secrets;
  for (size_t i = 0; i < kNumProviders; ++i) {
    const std::string_view key = find(environment, kProviders[i].secret_name);
    if (key.empty()) continue;
    if (key.size() > limits::kProviderKeyBytesMax || key.find_first_of(" \t\r\n") != std::string_view::npos) {
      return malformed(kProviders[i].secret_name, "must be one word of at most 4096 bytes");
    }
    secrets[i].emplace(ProviderSecret{
        master.seal(random, crypto::SealPurpose::kProviderKey, secret_context(i), as_bytes(key)),
        index.hash(crypto::IndexPurpose::kKeyTag, key)});
  }
  return secrets;
}

// base_urls: where the providers' APIs are instead, which a test may say and production may not.
Result<std::array<std::string, kNumProviders>> base_urls(const Environment& environment, bool is_production) {
  std::array<std::string, kNumProviders> urls;
  for (size_t i = 0; i < kNumProviders; ++i) {
    std::string_view url = find(environment, kProviders[i].base_url_name);
    if (url.empty()) continue;
    if (is_production) return malformed(kProviders[i].base_url_name, "is for ENVIRONMENT = development only");
    if (!url.starts_with("https://") && !url.starts_with("http://")) {
      return malformed(kProviders[i].base_url_name, "must be a URL such as http://127.0.0.1:9000");
    }
    if (url.ends_with('/')) url.remove_suffix(1);
    urls[i] = url;
  }
  return urls;
}

// is_weak: short, or of few different letters: somebody made it up.
bool is_weak(std::string_view token) {
  std::bitset<256> letters;
  for (const char c : token) letters.set(static_cast<uint8_t>(c));
  return token.size() < limits::kAdminTokenCharsGood || letters.count() < limits::kAdminTokenLettersGood;
}

std::vector<SettingValue> shown_values(const Environment& environment) {
  std::vector<SettingValue> values;
  for (const Setting& setting : settings()) {
    const std::string_view value = find(environment, setting.name);
    SettingValue shown{&setting, {}, !value.empty()};
    if (setting.kind != SettingKind::kSecret) {
      shown.value = value.empty() ? setting.default_value : value;
    }
    values.push_back(std::move(shown));
  }
  return values;
}

const Setting& setting_of(std::string_view name) {
  for (const Setting& setting : settings()) {
    if (setting.name == name) return setting;
  }
  LK_UNREACHABLE();
}

// kNumbers: where each integer goes.
struct Number {
  std::string_view name;
  uint32_t Config::*field;
};
constexpr Number kNumbers[] = {
    {"RATE_LIMIT_IP_PER_HOUR", &Config::rate_limit_ip_per_hour},
    {"RATE_LIMIT_LICENSE_PER_HOUR", &Config::rate_limit_license_per_hour},
    {"RATE_LIMIT_REPORT_IP_PER_HOUR", &Config::rate_limit_report_ip_per_hour},
    {"RATE_LIMIT_REPORT_LICENSE_PER_HOUR", &Config::rate_limit_report_license_per_hour},
    {"USAGE_RETENTION_DAYS", &Config::usage_retention_days},
    {"SHARING_THROTTLE_PER_HOUR", &Config::sharing_throttle_per_hour},
    {"D1_TIMEOUT_MS", &Config::d1_timeout_ms},
    {"AUDIT_RETENTION_DAYS", &Config::audit_retention_days},
    {"KEY_MAX_AGE_DAYS", &Config::key_max_age_days},
    {"TRIAL_DAYS", &Config::trial_days},
    {"TRIALS_PER_IP_PER_HOUR", &Config::trials_per_ip_per_hour},
    {"MACHINE_RELEASES_PER_MONTH", &Config::machine_releases_per_month},
    {"MACHINE_RELEASE_COOLDOWN_HOURS", &Config::machine_release_cooldown_hours},
    {"MACHINE_IDLE_DAYS", &Config::machine_idle_days},
    {"KEY_CHECK_MINUTES", &Config::key_check_minutes},
    {"WEBHOOK_ALLOW_LOOPBACK", &Config::webhook_allow_loopback},
};

Result<Void> read_numbers(const Environment& environment, Config& config) {
  for (const Number& number : kNumbers) {
    const Setting& setting = setting_of(number.name);
    const std::string_view text = find(environment, number.name);
    TRY(config.*number.field, integer(setting, text.empty() ? setting.default_value : text));
  }
  const uint32_t idle_days = config.machine_idle_days;
  if (idle_days != 0 && idle_days < limits::kMachineIdleDaysMin) {
    return malformed("MACHINE_IDLE_DAYS", "must be 0 or at least 31: a client may be offline for 30 days");
  }
  return Void{};
}

}  // namespace

crypto::SealContext secret_context(size_t provider) {
  return {.table = "worker_secrets", .row_id = kProviders[provider].secret_name, .owner = "", .version = 1};
}

Result<Config> parse(const Environment& environment, crypto::Random& random) {
  for (const Setting& setting : settings()) {
    if (setting.required == Required::kYes && find(environment, setting.name).empty()) {
      return malformed(setting.name, "is missing. " + std::string(setting.description));
    }
  }
  const auto secret = [&](std::string_view name) { return Secret::copy_of(find(environment, name)); };
  const auto text = [&](std::string_view name) {
    const std::string_view value = find(environment, name);
    return value.empty() ? setting_of(name).default_value : value;
  };

  if (find(environment, "ADMIN_TOKEN").size() < kAdminTokenCharsMin) {
    return malformed("ADMIN_TOKEN", "must have at least 16 characters");
  }
  TRY(crypto::MasterKeys master,
      in_setting("MASTER_KEY", crypto::MasterKeys::parse(secret("MASTER_KEY"))));
  TRY(crypto::SigningKeys signing,
      in_setting("SIGNING_KEY", crypto::SigningKeys::parse(secret("SIGNING_KEY"))));
  TRY(const Secret index_key, in_setting("INDEX_KEY", crypto::parse_index_key(secret("INDEX_KEY"))));
  crypto::Index index(index_key);
  TRY(auto secrets, provider_secrets(environment, master, index, random));
  const crypto::TokenHash admin_token =
      index.hash(crypto::IndexPurpose::kAdminToken, find(environment, "ADMIN_TOKEN"));
  Config config{.master = std::move(master),
                .signing = std::move(signing),
                .index = std::move(index),
                .admin_token = admin_token,
                .admin_token_is_weak = is_weak(find(environment, "ADMIN_TOKEN")),
                .provider_secrets = std::move(secrets)};
  for (const auto& provider : config.provider_secrets) {
    config.secrets_tag += provider ? provider->tag.text().substr(0, kSecretsTagCharsEach)
                                   : std::string_view("--------");
  }
  if (text("ENVIRONMENT") != "production" && text("ENVIRONMENT") != "development") {
    return malformed("ENVIRONMENT", "must be production or development");
  }
  config.production = text("ENVIRONMENT") == "production";
  TRY_VOID(read_numbers(environment, config));
  if (config.production && config.webhook_allow_loopback != 0) {
    return malformed("WEBHOOK_ALLOW_LOOPBACK", "is for ENVIRONMENT = development only");
  }
  TRY(config.cors_origins, origins(text("CORS_ORIGINS")));
  TRY(config.log_level, log_level(text("LOG_LEVEL")));
  TRY(config.provider_base_urls, base_urls(environment, config.production));
  TRY(config.payments, parse_payments(environment, config.master, config.index, random));
  TRY(config.access, access_of(text("ACCESS_TEAM_DOMAIN"), text("ACCESS_AUD"), text("ACCESS_SCOPES"),
                               text("ACCESS_KEYS_URL"), config.production));
  if (!text("PUBLIC_ORIGIN").empty() && !is_origin(text("PUBLIC_ORIGIN"))) {
    return malformed("PUBLIC_ORIGIN", "must be an origin such as https://api.example");
  }
  config.public_origin = text("PUBLIC_ORIGIN");
  config.trial_plan = text("TRIAL_PLAN");
  config.yandex_folder_id = text("YANDEX_FOLDER_ID");
  config.wasm_sha256 = find(environment, "LATCHKEY_WASM_SHA256");
  config.build = find(environment, "LATCHKEY_BUILD");
  config.values = shown_values(environment);
  return config;
}

}  // namespace latchkey::config
