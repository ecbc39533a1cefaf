// Config: the environment, parsed once into values that cannot be invalid.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "config/payments.h"
#include "config/providers.h"
#include "config/settings.h"
#include "crypto/index.h"
#include "crypto/seal.h"
#include "crypto/sign.h"
#include "host/log.h"

namespace latchkey::config {

// SettingValue: what `latchkey config` shows. Secrets have no value here.
struct SettingValue {
  const Setting* setting = nullptr;
  std::string value;
  bool from_environment = false;
};

// ProviderSecret: a key from the Worker's secrets, sealed at once so that none lies open in
// memory between requests, and a keyed hash that shows when it changes.
struct ProviderSecret {
  crypto::Sealed sealed;
  crypto::TokenHash tag;
};

// AccessConfig: Cloudflare Access, where it is set up.
struct AccessConfig {
  std::string team_domain;  // https://<team>.cloudflareaccess.com: its tokens' issuer
  std::string audience;     // of the application
  std::vector<std::string> scopes;
  std::string keys_url;     // where the team's public keys are
};

struct Config {
  crypto::MasterKeys master;
  crypto::SigningKeys signing;
  crypto::Index index;
  crypto::TokenHash admin_token;
  bool admin_token_is_weak = false;  // it could be guessed
  std::array<std::optional<ProviderSecret>, kNumProviders> provider_secrets;
  // secrets_tag: a short keyed hash of each Worker secret's key, in provider order, so that
  // a machine's row tells which of them it was last given.
  std::string secrets_tag;

  bool production = true;
  uint32_t rate_limit_ip_per_hour = 0;
  uint32_t rate_limit_license_per_hour = 0;
  uint32_t rate_limit_report_ip_per_hour = 0;
  uint32_t rate_limit_report_license_per_hour = 0;
  uint32_t usage_retention_days = 0;
  uint32_t sharing_throttle_per_hour = 0;
  uint32_t d1_timeout_ms = 0;
  uint32_t audit_retention_days = 0;
  uint32_t key_max_age_days = 0;  // of a provider's key; 0: any
  std::string trial_plan;  // empty: no trials
  uint32_t trial_days = 0;
  uint32_t trials_per_ip_per_hour = 0;
  uint32_t machine_releases_per_month = 0;  // 0: holders free no seats
  uint32_t machine_release_cooldown_hours = 0;
  uint32_t machine_idle_days = 0;           // 0: idle seats stay
  uint32_t key_check_minutes = 0;           // 0: providers' keys are not checked
  uint32_t webhook_allow_loopback = 0;      // 1: a webhook may lead to this machine; in development only
  std::vector<std::string> cors_origins;
  std::optional<AccessConfig> access;
  std::string public_origin;  // empty: that of the request
  std::string yandex_folder_id;
  // provider_base_urls: another address for a provider's API; empty: its own. In development only.
  std::array<std::string, kNumProviders> provider_base_urls;
  Payments payments;
  host::LogLevel log_level = host::LogLevel::kWarning;
  std::string wasm_sha256;
  std::string build;

  std::vector<SettingValue> values;
};

inline constexpr size_t kSecretsTagCharsEach = 8;

// secret_context: where a Worker secret's key is sealed to, in memory only.
crypto::SealContext secret_context(size_t provider);

// parse: the whole environment, names that are no setting ignored. The error names the first
// variable that is missing or malformed and what it must look like, never its value.
Result<Config> parse(const Environment& environment, crypto::Random& random);

}  // namespace latchkey::config
