// Payments: what the environment says of Stripe, Gumroad and the seller's webhook.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "crypto/index.h"
#include "crypto/seal.h"

namespace latchkey::config {

using Environment = std::vector<std::pair<std::string_view, std::string_view>>;

// HeldSecret: a Worker secret, sealed at once so that it does not lie open in memory between requests.
struct HeldSecret {
  std::string_view name;
  crypto::Sealed sealed;

  Result<Secret> open(const crypto::MasterKeys& master) const;
};

struct Stripe {
  std::optional<HeldSecret> webhook_secret;  // without it there is no /hooks/stripe
  std::optional<HeldSecret> api_key;         // without it nothing is read back
  std::string base_url = "https://api.stripe.com";
};

struct Gumroad {
  crypto::TokenHash hook_secret;  // keyed hash, to compare with
  std::string seller_id;
  HeldSecret access_token;
  std::string base_url = "https://api.gumroad.com";
};

enum class PurchaseCodes : uint8_t { kEmail, kGenerated };

struct SellerWebhook {
  std::string url;
  HeldSecret secret;
};

struct PaymentPlan {
  std::string product;  // with its provider: stripe:price_...
  std::string plan;
};

struct Payments {
  Stripe stripe;
  std::optional<Gumroad> gumroad;
  std::vector<PaymentPlan> plans;
  PurchaseCodes codes = PurchaseCodes::kEmail;
  std::optional<SellerWebhook> seller;

  // plan_of: nullopt where nobody said what it is worth.
  std::optional<std::string_view> plan_of(std::string_view product) const;
};

// parse_payments: the error names the variable and never repeats a secret.
Result<Payments> parse_payments(const Environment& environment, const crypto::MasterKeys& master,
                                const crypto::Index& index, crypto::Random& random);

}  // namespace latchkey::config
