// Values of the provision room.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "base/time.h"
#include "budget/budget.h"
#include "config/providers.h"
#include "crypto/hpke.h"
#include "crypto/index.h"

namespace latchkey::provision {

using config::kNumProviders;
using config::ProviderSet;

// Delivery: how keys leave. The value is its bit in plans.deliveries.
enum class Delivery : uint8_t { kFernet = 1, kHpke = 2, kPlain = 4 };
std::string_view delivery_name(Delivery delivery);

// Client: who calls, as far as an audit row may know.
struct Client {
  std::string request_id;          // req_...
  crypto::TokenHash address_hash;  // of the address, IPv6 by its /64
  std::string country;             // two letters or empty
  std::string user_agent;          // cut to limits::kUserAgentBytesMax
  // Where it calls from, as far as the platform knows: the network, and whole degrees, about 100 km.
  std::optional<int64_t> asn = std::nullopt;
  std::optional<int64_t> latitude = std::nullopt;
  std::optional<int64_t> longitude = std::nullopt;
};

// PresentedReceipt: a receipt whose signature and machine were checked.
struct PresentedReceipt {
  std::string license_id;
  bool expired = false;
};

// ProvisionRequest: POST /keys/provision, parsed.
struct ProvisionRequest {
  std::optional<crypto::TokenHash> code_hash;  // nullopt: null, absent or of no known form
  Secret machine_id;
  crypto::TokenHash machine_hash;
  std::optional<std::string> app_version;
  ProviderSet requested = ProviderSet::all();
  bool unknown_provider_named = false;
  Delivery delivery = Delivery::kFernet;
  std::optional<crypto::X25519PublicKey> client_public_key;
  std::optional<PresentedReceipt> receipt;
};

// LicenseFacts and Facts: what the database said: hits with this request, seats before it.
enum class LicenseStatus : uint8_t { kActive, kSuspended, kRevoked };

struct LicenseFacts {
  std::string id;
  LicenseStatus status = LicenseStatus::kActive;
  std::optional<TimeMs> expires_at;
  std::optional<int64_t> first_use_days;  // expires_at is set so long after the first grant
  std::string plan;
  ProviderSet providers;
  uint32_t deliveries = 0;
  int64_t seats_max = 0;
  int64_t seats_used = 0;    // those that cool down too
  bool has_seat = false;
  bool is_seat_kept = false;  // its own seat, which its holder freed, cools down: nobody else gets it
  int64_t hits = 0;  // in the licence's window, this request included
  std::optional<int64_t> requests_per_hour;  // its own limit, where it has one
  budget::Budget budget;
  budget::Spent spent;  // nothing where the budget only tracks

  // begins: whether a grant is the first, which sets the end.
  bool begins() const { return !expires_at && first_use_days.has_value(); }
};

struct Facts {
  int64_t address_hits = 0;
  std::optional<LicenseFacts> license;
  int64_t ring_version = 0;
  int64_t epoch = 0;
};

// Terms: what a request asks for and the bounds it is held to.
struct Terms {
  TimeMs now = 0;
  Delivery delivery = Delivery::kFernet;
  std::optional<std::string> receipt_license_id;
  int64_t address_limit = 0;
  int64_t license_limit = 0;
};

// Verdict: one word for what happens.
enum class Verdict : uint8_t {
  kGranted,
  kAddressOverLimit,
  kUnknownLicense,
  kSuspended,
  kRevoked,
  kExpired,
  kLicenseOverLimit,
  kForeignReceipt,
  kBudgetExceeded,
  kDeliveryForbidden,
  kNoSeat,
  // Of a release alone.
  kReleaseOff,
  kNotSeated,
  kUnknownMachine,
  kReleaseLimit,
};

// verdict_reason: the word that stands in the audit row.
std::string_view verdict_reason(Verdict verdict);

// Window: a subject's place in its hour, for the RateLimit headers.
struct Window {
  std::string_view policy;  // "ip", "license", "trials"
  int64_t limit = 0;
  int64_t remaining = 0;
  int64_t resets_in_seconds = 0;
};

inline Window window_of(std::string_view policy, int64_t limit, int64_t hits, TimeMs end, TimeMs now) {
  return {.policy = policy,
          .limit = limit,
          .remaining = std::max<int64_t>(0, limit - hits),
          .resets_in_seconds = std::max<int64_t>(1, (end - now + kSecondMs - 1) / kSecondMs)};
}

// Notice: something the client should know beside its keys.
struct Notice {
  std::string_view code;
  std::string provider;  // Empty: not about one.
  std::string message;
};

}  // namespace latchkey::provision
