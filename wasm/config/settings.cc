#include "config/settings.h"

#include "base/limits.h"

namespace latchkey::config {
namespace {

constexpr auto kSecret = SettingKind::kSecret;
constexpr auto kText = SettingKind::kText;
constexpr auto kInteger = SettingKind::kInteger;
constexpr auto kNo = Required::kNo;
constexpr auto kYes = Required::kYes;

constexpr Setting kSettings[] = {
    {"ADMIN_TOKEN", kSecret, kYes, "", "Bootstrap token of the admin API: at least 16 characters."},
    {"MASTER_KEY", kSecret, kYes, "", "Seals what is stored: kid:base64(32 bytes), comma-separated; the first seals, all open."},
    {"INDEX_KEY", kSecret, kYes, "", "Keys the hashes of codes, machines and addresses: base64(32 bytes). Never changes."},
    {"SIGNING_KEY", kSecret, kYes, "", "Signs receipts (Ed25519 seeds): kid:base64(32 bytes), comma-separated; the first signs."},
    {"DEEPSEEK_API_KEY", kSecret, kNo, "", "DeepSeek's key, until D1 holds one."},
    {"KIMI_API_KEY", kSecret, kNo, "", "Kimi's (Moonshot AI) key, until D1 holds one."},
    {"MISTRAL_API_KEY", kSecret, kNo, "", "Mistral's key, until D1 holds one."},
    {"QWEN_API_KEY", kSecret, kNo, "", "Qwen's (Alibaba) key, until D1 holds one."},
    {"YANDEX_API_KEY", kSecret, kNo, "", "YandexGPT's key, until D1 holds one."},
    {"ZHIPU_API_KEY", kSecret, kNo, "", "Zhipu's (GLM) key, until D1 holds one."},
    {"ENVIRONMENT", kText, kNo, "production", "production or development; production refuses plain http."},
    {"RATE_LIMIT_IP_PER_HOUR", kInteger, kNo, "100", "Requests an address may make in its hour.", 1, limits::kRateLimitMax},
    {"RATE_LIMIT_LICENSE_PER_HOUR", kInteger, kNo, "60", "Requests a licence may make in its hour.", 1, limits::kRateLimitMax},
    {"RATE_LIMIT_REPORT_IP_PER_HOUR", kInteger, kNo, "600", "Usage reports an address may send in its hour.", 1, limits::kRateLimitMax},
    {"RATE_LIMIT_REPORT_LICENSE_PER_HOUR", kInteger, kNo, "120", "Usage reports a licence may send in its hour.", 1,
     limits::kRateLimitMax},
    {"USAGE_RETENTION_DAYS", kInteger, kNo, "90", "How long single usage events are kept; their sums stay longer.",
     limits::kUsageKeptDaysMin, 3650},
    {"SHARING_THROTTLE_PER_HOUR", kInteger, kNo, "6", "Requests an hour of a licence throttled because it looks shared.", 1,
     limits::kRateLimitMax},
    {"D1_TIMEOUT_MS", kInteger, kNo, "5000", "How long D1 may take to answer.", 50, 30'000},
    {"AUDIT_RETENTION_DAYS", kInteger, kNo, "730", "How long audit rows are kept.", 30, 36'500},
    {"KEY_MAX_AGE_DAYS", kInteger, kNo, "180", "How old a provider's key may become before a staged one is published; 0: any.",
     0, 36'500},
    {"KEY_CHECK_MINUTES", kInteger, kNo, "60",
     "How often each provider is asked whether it still takes its key; 0: never. In development only at another address.", 0,
     limits::kKeyCheckMinutesMax},
    {"TRIAL_PLAN", kText, kNo, "", "The plan of a trial that anyone may ask for, once; empty: no trials."},
    {"TRIAL_DAYS", kInteger, kNo, "14", "How long a trial lasts.", 1, 365},
    {"TRIALS_PER_IP_PER_HOUR", kInteger, kNo, "5", "Requests for trials an address may make in its hour.", 1, limits::kRateLimitMax},
    {"MACHINE_RELEASES_PER_MONTH", kInteger, kNo, "3", "Seats that a licence's holder may free in 30 days.", 0,
     limits::kReleasesPerPeriodMax},
    {"MACHINE_RELEASE_COOLDOWN_HOURS", kInteger, kNo, "24", "How long a seat that its holder freed goes to no other machine.", 0,
     limits::kReleaseCooldownHoursMax},
    {"MACHINE_IDLE_DAYS", kInteger, kNo, "0", "Seats of machines not seen for so long are freed: at least 31; 0: never.", 0,
     limits::kMachineIdleDaysMax},
    {"CORS_ORIGINS", kText, kNo, "", "Origins that browsers may call from, comma-separated; empty: none."},
    {"PUBLIC_ORIGIN", kText, kNo, "", "The origin at which admins reach this service, such as https://api.example; empty: that of the request."},
    {"ACCESS_TEAM_DOMAIN", kText, kNo, "", "Cloudflare Access: https://<team>.cloudflareaccess.com; empty: its tokens do not count."},
    {"ACCESS_AUD", kText, kNo, "", "Cloudflare Access: the application's audience tag."},
    {"ACCESS_SCOPES", kText, kNo,
     "alerts:read,audit:read,config:read,licenses:read,master:read,metrics:read,plans:read,prices:read,providers:read,"
     "queries:read,rotation:read,tokens:read,usage:read,webhooks:read",
     "Cloudflare Access: what those may do whom it lets in, comma-separated."},
    {"ACCESS_KEYS_URL", kText, kNo, "", "Another address for the team's public keys, in development only."},
    {"YANDEX_FOLDER_ID", kText, kNo, "", "The folder of YandexGPT's key, without which it cannot be verified."},
    {"PROVIDER_BASE_URL_DEEPSEEK", kText, kNo, "", "Another address for DeepSeek's API, in development only."},
    {"PROVIDER_BASE_URL_KIMI", kText, kNo, "", "Another address for Kimi's API, in development only."},
    {"PROVIDER_BASE_URL_MISTRAL", kText, kNo, "", "Another address for Mistral's API, in development only."},
    {"PROVIDER_BASE_URL_QWEN", kText, kNo, "", "Another address for Qwen's API, in development only."},
    {"PROVIDER_BASE_URL_YANDEX", kText, kNo, "", "Another address for YandexGPT's API, in development only."},
    {"PROVIDER_BASE_URL_ZHIPU", kText, kNo, "", "Another address for Zhipu's API, in development only."},
    {"STRIPE_WEBHOOK_SECRET", kSecret, kNo, "", "Signs what Stripe posts: whsec_..., and while it is rolled two, comma-separated."},
    {"STRIPE_API_KEY", kSecret, kNo, "", "Reads Stripe's events for the daily reconciliation: a restricted key, rk_live_..."},
    {"GUMROAD_HOOK_SECRET", kSecret, kNo, "", "The last part of the path that Gumroad posts to: 32 to 128 of A-Z a-z 0-9 - _."},
    {"GUMROAD_SELLER_ID", kText, kNo, "", "The seller_id of Gumroad's posts."},
    {"GUMROAD_ACCESS_TOKEN", kSecret, kNo, "", "Reads sales back from Gumroad: an access token with view_sales."},
    {"PAYMENT_PLANS", kText, kNo, "", "What is bought to plan, comma-separated: stripe:price_...=pro, gumroad:<product id>=team."},
    {"PURCHASE_CODES", kText, kNo, "email", "email: the buyer's address is the code; generated: a code goes to SELLER_WEBHOOK_URL."},
    {"SELLER_WEBHOOK_URL", kText, kNo, "", "Where generated codes are posted, https."},
    {"SELLER_WEBHOOK_SECRET", kSecret, kNo, "", "Signs what is posted there (Standard Webhooks): whsec_ and base64 of 24 to 64 bytes."},
    {"WEBHOOK_ALLOW_LOOPBACK", kInteger, kNo, "0", "1: webhooks may lead to this machine, over plain http; in development only.",
     0, 1},
    {"PAYMENT_BASE_URL_STRIPE", kText, kNo, "", "Another address for Stripe's API, in development only."},
    {"PAYMENT_BASE_URL_GUMROAD", kText, kNo, "", "Another address for Gumroad's API, in development only."},
    {"LOG_LEVEL", kText, kNo, "warn", "debug, info, warn or error; info logs one record a request."},
};

}  // namespace

std::span<const Setting> settings() { return kSettings; }

}  // namespace latchkey::config
