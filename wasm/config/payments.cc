#include "config/payments.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/limits.h"
#include "base/public_url.h"

namespace latchkey::config {
namespace {

constexpr size_t kHookSecretCharsMin = 32;
constexpr size_t kHookSecretCharsMax = 128;
constexpr size_t kWebhookKeyBytesMin = 24;
constexpr size_t kWebhookKeyBytesMax = 64;
constexpr size_t kSecretBytesMax = 512;
constexpr std::string_view kUrlSafe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

crypto::SealContext context_of(std::string_view name) {
  return {.table = "worker_secrets", .row_id = name, .owner = "", .version = 1};
}

Unexpected malformed(std::string_view name, std::string_view why) {
  return fail(ErrorCode::kUnavailable, "The server is not configured.", std::string(name) + ": " + std::string(why));
}

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// each_part: the parts of a comma-separated list, trimmed.
template <class Visit>
void each_part(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const size_t comma = text.find(',');
    visit(trim(text.substr(0, comma)));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
}

// Reader: the variables that have to do with payments.
struct Reader {
  const Environment& environment;
  const crypto::MasterKeys& master;
  const crypto::Index& index;
  crypto::Random& random;

  std::string_view text(std::string_view name) const {
    for (const auto& [key, value] : environment) {
      if (key == name) return value;
    }
    return {};
  }
  bool is_production() const { return text("ENVIRONMENT") != "development"; }

  HeldSecret hold(std::string_view name) const {
    return {name, master.seal(random, crypto::SealPurpose::kWebhookSecret, context_of(name), as_bytes(text(name)))};
  }
  Result<std::optional<HeldSecret>> word(std::string_view name) const {
    const std::string_view value = text(name);
    if (value.empty()) return std::nullopt;
    if (value.size() > kSecretBytesMax || value.find_first_of(" \t\r\n") != std::string_view::npos) {
      return malformed(name, "must be one word of at most 512 bytes");
    }
    return hold(name);
  }
  Result<Void> base_url(std::string_view name, std::string& url) const {
    std::string_view value = text(name);
    if (value.empty()) return Void{};
    if (is_production()) return malformed(name, "is for ENVIRONMENT = development only");
    if (!value.starts_with("https://") && !value.starts_with("http://")) {
      return malformed(name, "must be a URL such as http://127.0.0.1:9000");
    }
    if (value.ends_with('/')) value.remove_suffix(1);
    url = value;
    return Void{};
  }
};

Result<Stripe> read_stripe(const Reader& reader) {
  Stripe stripe;
  size_t num_secrets = 0;
  bool is_good = true;
  each_part(reader.text("STRIPE_WEBHOOK_SECRET"), [&](std::string_view secret) {
    ++num_secrets;
    is_good = is_good && secret.starts_with("whsec_") && secret.size() >= 16 && secret.size() <= kSecretBytesMax;
  });
  if (!is_good || num_secrets > 2) return malformed("STRIPE_WEBHOOK_SECRET", "must be whsec_..., or two of them");
  if (num_secrets > 0) stripe.webhook_secret = reader.hold("STRIPE_WEBHOOK_SECRET");
  TRY(stripe.api_key, reader.word("STRIPE_API_KEY"));
  TRY_VOID(reader.base_url("PAYMENT_BASE_URL_STRIPE", stripe.base_url));
  return stripe;
}

Result<std::optional<Gumroad>> read_gumroad(const Reader& reader) {
  const std::string_view hook = reader.text("GUMROAD_HOOK_SECRET");
  const std::string_view seller_id = reader.text("GUMROAD_SELLER_ID");
  TRY(auto token, reader.word("GUMROAD_ACCESS_TOKEN"));
  if (hook.empty() && seller_id.empty() && !token) return std::nullopt;
  if (hook.size() < kHookSecretCharsMin || hook.size() > kHookSecretCharsMax ||
      hook.find_first_not_of(kUrlSafe) != std::string_view::npos) {
    return malformed("GUMROAD_HOOK_SECRET", "must be 32 to 128 of A-Z a-z 0-9 - _");
  }
  if (seller_id.empty() || seller_id.size() > limits::kPaymentIdBytesMax) {
    return malformed("GUMROAD_SELLER_ID", "must be set with the other settings of Gumroad");
  }
  if (!token) return malformed("GUMROAD_ACCESS_TOKEN", "must be set with the other settings of Gumroad");
  Gumroad gumroad{.hook_secret = reader.index.hash(crypto::IndexPurpose::kKeyTag, "gumroad|" + std::string(hook)),
                  .seller_id = std::string(seller_id),
                  .access_token = std::move(*token)};
  TRY_VOID(reader.base_url("PAYMENT_BASE_URL_GUMROAD", gumroad.base_url));
  return gumroad;
}

Result<std::vector<PaymentPlan>> read_plans(std::string_view text) {
  std::vector<PaymentPlan> plans;
  bool is_good = true;
  each_part(text, [&](std::string_view entry) {
    const size_t equals = entry.rfind('=');  // Gumroad's product ids end in = signs.
    const std::string_view product = equals == std::string_view::npos ? "" : trim(entry.substr(0, equals));
    const std::string_view plan = equals == std::string_view::npos ? "" : trim(entry.substr(equals + 1));
    const bool has_provider = product.starts_with("stripe:") || product.starts_with("gumroad:");
    is_good = is_good && has_provider && product.find(' ') == std::string_view::npos && !plan.empty() &&
              product.size() <= limits::kPaymentIdBytesMax && plan.size() <= limits::kPlanNameBytesMax;
    plans.push_back({std::string(product), std::string(plan)});
  });
  if (!is_good || plans.size() > limits::kPaymentPlansMax) {
    return malformed("PAYMENT_PLANS", "must list entries such as stripe:price_1=pro, comma-separated, 200 at most");
  }
  return plans;
}

Result<std::optional<SellerWebhook>> read_seller(const Reader& reader) {
  const std::string_view url = reader.text("SELLER_WEBHOOK_URL");
  const std::string_view secret = reader.text("SELLER_WEBHOOK_SECRET");
  if (url.empty() && secret.empty()) return std::nullopt;
  if (url.empty()) return malformed("SELLER_WEBHOOK_URL", "is needed with SELLER_WEBHOOK_SECRET");
  const bool allows_loopback = !reader.is_production() && reader.text("WEBHOOK_ALLOW_LOOPBACK") == "1";
  const std::string_view why = why_not_public(url, allows_loopback ? Loopback::kAllowed : Loopback::kRefused);
  if (!why.empty()) return malformed("SELLER_WEBHOOK_URL", why);
  constexpr std::string_view prefix = "whsec_";
  const auto key = secret.starts_with(prefix) ? base64_decode(secret.substr(prefix.size())) : std::nullopt;
  if (!key || key->size() < kWebhookKeyBytesMin || key->size() > kWebhookKeyBytesMax) {
    return malformed("SELLER_WEBHOOK_SECRET", "must be whsec_ and base64 of 24 to 64 bytes");
  }
  return SellerWebhook{std::string(url), reader.hold("SELLER_WEBHOOK_SECRET")};
}

}  // namespace

Result<Secret> HeldSecret::open(const crypto::MasterKeys& master) const {
  return master.open(crypto::SealPurpose::kWebhookSecret, context_of(name), sealed);
}

std::optional<std::string_view> Payments::plan_of(std::string_view product) const {
  const auto found = std::ranges::find(plans, product, &PaymentPlan::product);
  return found == plans.end() ? std::nullopt : std::optional<std::string_view>(found->plan);
}

Result<Payments> parse_payments(const Environment& environment, const crypto::MasterKeys& master,
                                const crypto::Index& index, crypto::Random& random) {
  const Reader reader{environment, master, index, random};
  Payments payments;
  TRY(payments.stripe, read_stripe(reader));
  TRY(payments.gumroad, read_gumroad(reader));
  TRY(payments.plans, read_plans(reader.text("PAYMENT_PLANS")));
  TRY(payments.seller, read_seller(reader));
  const std::string_view codes = reader.text("PURCHASE_CODES");
  if (!codes.empty() && codes != "email" && codes != "generated") {
    return malformed("PURCHASE_CODES", "must be email or generated");
  }
  if (codes == "generated") payments.codes = PurchaseCodes::kGenerated;
  if (payments.codes == PurchaseCodes::kGenerated && !payments.seller) {
    return malformed("SELLER_WEBHOOK_URL", "is needed where PURCHASE_CODES = generated");
  }
  return payments;
}

}  // namespace latchkey::config
