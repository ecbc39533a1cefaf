#include "http/endpoints/client_request.h"

#include "base/check.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "json/writer.h"
#include "license/code.h"
#include "provision/receipt.h"

namespace latchkey::http {
namespace {

using provision::Delivery;
using provision::ProviderSet;
using provision::Verdict;

std::optional<crypto::TokenHash> parse_license(Fields& fields, const crypto::Index& index) {
  const auto text = fields.text("license_id", limits::kLicenseTextBytesMax);
  const auto code = text ? license::parse_code(*text) : std::nullopt;
  if (!code) return std::nullopt;
  return code->hash(index);
}

void parse_requested(Fields& fields, provision::ProvisionRequest& request) {
  const auto value = fields.member("requested_providers");
  if (!value) return;
  if (value->kind() != json::Kind::kArray) return fields.add_error("requested_providers", "must be an array");
  if (value->num_items() > limits::kProvidersRequestedMax) {
    return fields.add_error("requested_providers", "must have at most 64 items");
  }
  ProviderSet known;
  bool all_text = true;
  value->each_item([&](json::Value item) {
    const auto name = item.string();
    all_text = all_text && name.has_value();
    const auto index = config::provider_index(name.value_or(""));
    if (index) known.add(*index);
    else request.unknown_provider_named = true;
  });
  if (!all_text) return fields.add_error("requested_providers", "must be an array of strings");
  if (known.empty()) {
    return fields.add_error("requested_providers",
                            "must name at least one of deepseek, kimi, mistral, qwen, yandex, zhipu");
  }
  request.requested = known;
}

void parse_public_key(Fields& fields, provision::ProvisionRequest& request) {
  const auto text = fields.text("client_public_key", 64);
  if (!text) return;
  const auto bytes = base64url_decode(*text, Padding::kOptional);
  if (!bytes || bytes->size() != crypto::kX25519KeyBytes) {
    return fields.add_error("client_public_key", "must be an X25519 public key: 32 bytes in base64url");
  }
  crypto::X25519PublicKey key;
  std::copy(bytes->begin(), bytes->end(), key.begin());
  if (crypto::is_low_order(key)) {
    return fields.add_error("client_public_key", "is a point of low order, which is no key");
  }
  request.client_public_key = key;
}

// Named or not, one delivery: a device key asks for hpke; a provider list without one is how
// the published desktop client asks, and it reads plain.
void parse_delivery(Fields& fields, provision::ProvisionRequest& request) {
  const auto name = fields.text("delivery", 16);
  if (name) {
    for (const Delivery delivery : {Delivery::kFernet, Delivery::kHpke, Delivery::kPlain}) {
      if (*name == delivery_name(delivery)) {
        request.delivery = delivery;
        if (delivery == Delivery::kHpke && !fields.member("client_public_key")) {
          fields.add_error("client_public_key", "is required for delivery hpke");
        }
        return;
      }
    }
    return fields.add_error("delivery", "must be fernet, hpke or plain");
  }
  if (request.client_public_key) request.delivery = Delivery::kHpke;
  else if (fields.member("requested_providers")) request.delivery = Delivery::kPlain;
}

// A receipt that we did not sign, or for another machine, belongs to no licence: it is
// refused after it was counted, like a foreign one.
void parse_receipt(Fields& fields, const config::Config& config, TimeMs now,
                   provision::ProvisionRequest& request) {
  const auto token = fields.text("receipt", limits::kReceiptBytesMax);
  if (!token) return;
  request.receipt.emplace();
  const auto claims = provision::verify_receipt(config, *token);
  if (!claims || claims->machine != provision::receipt_machine(request.machine_id)) return;
  request.receipt->license_id = claims->license_id;
  request.receipt->expired = claims->expires_at <= now;
}

Error error_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kAddressOverLimit:
      return Error(ErrorCode::kRateLimited, "Too many requests from this address. Try again later.");
    case Verdict::kLicenseOverLimit:
      return Error(ErrorCode::kRateLimited, "Too many requests for this licence. Try again later.");
    case Verdict::kUnknownLicense:
    case Verdict::kSuspended:
    case Verdict::kRevoked:
    case Verdict::kExpired:
      return Error(ErrorCode::kInvalidLicense, "License key not found or expired");
    case Verdict::kForeignReceipt:
      return Error(ErrorCode::kInvalidLicense,
                   "The receipt is not one of this server for this licence and machine. Leave it out.");
    case Verdict::kBudgetExceeded:
      return Error(ErrorCode::kBudgetExceeded, "The licence's budget is used up. Ask who sold it for more.");
    case Verdict::kDeliveryForbidden:
      return Error(ErrorCode::kDeliveryForbidden, "The plan does not allow this delivery. Ask for another.");
    case Verdict::kNoSeat:
      return Error(ErrorCode::kMachineLimit,
                   "All machines of this licence are in use. Release one, then try again.");
    case Verdict::kReleaseOff:
      return Error(ErrorCode::kReleaseOff, "Seats are not freed by their holders here. Ask who sold the licence.");
    case Verdict::kNotSeated:
      return Error(ErrorCode::kForbidden,
                   "This machine holds no seat of this licence. Ask from one that does, or provision first.");
    case Verdict::kUnknownMachine:
      return Error(ErrorCode::kNotFound, "The licence has no machine with this id.");
    case Verdict::kReleaseLimit:
      return Error(ErrorCode::kReleaseLimit, "This licence has freed as many seats as it may in 30 days.");
    case Verdict::kGranted:
      break;
  }
  LK_UNREACHABLE();
}

}  // namespace

Secret parse_machine_id(Fields& fields) {
  const auto value = fields.member("machine_id");
  const auto text = value ? value->string() : std::nullopt;
  if (!value) {
    fields.add_error("machine_id", "is required");
  } else if (!text) {
    fields.add_error("machine_id", "must be a string");
  } else if (text->empty() || num_characters(*text) > limits::kMachineIdCharsMax || has_control(*text)) {
    fields.add_error("machine_id", "must be 1 to 128 printable characters");
  } else {
    return Secret::copy_of(*text);
  }
  return {};
}

std::variant<provision::ProvisionRequest, Response> parse_client_request(Context& context) {
  Fields fields(context.body_root());
  const config::Config& config = context.app.config;
  Secret machine_id = parse_machine_id(fields);
  const crypto::TokenHash machine_hash =
      config.index.hash(crypto::IndexPurpose::kMachine,
                        machine_id.reveal(SecretAccess("a machine id is stored as its keyed hash")));
  provision::ProvisionRequest request{.machine_id = std::move(machine_id), .machine_hash = machine_hash};
  request.code_hash = parse_license(fields, config.index);
  request.app_version = fields.text("app_version", limits::kAppVersionBytesMax);
  parse_requested(fields, request);
  parse_public_key(fields, request);
  parse_delivery(fields, request);
  if (fields.ok()) parse_receipt(fields, config, context.host.clock.now(), request);
  if (!fields.ok()) return context.invalid(fields.errors());
  return request;
}

void add_rate_limit_headers(Response& response, std::span<const provision::Window> windows) {
  if (windows.empty()) return;
  std::string limit;
  std::string policy;
  for (const provision::Window& window : windows) {
    const std::string name = (limit.empty() ? "\"" : ", \"") + std::string(window.policy) + "\"";
    limit += name + ";r=" + std::to_string(window.remaining) + ";t=" + std::to_string(window.resets_in_seconds);
    policy += name + ";q=" + std::to_string(window.limit) + ";w=" + std::to_string(limits::kRateWindowMs / kSecondMs);
  }
  response.header("ratelimit", std::move(limit)).header("ratelimit-policy", std::move(policy));
}

Response budget_refusal(const Context& context, const budget::Standing& used_up,
                        std::span<const provision::Window> windows) {
  Error error(ErrorCode::kBudgetExceeded,
              "The licence's budget is used up: " + budget::describe(used_up) + ". Ask who sold it for more.");
  error.resets_at = used_up.resets_at;
  json::Writer usage;
  write_standing(usage, used_up);
  const Extension extension{"usage", std::move(usage).take()};
  Response response = http::problem(error, context.client.request_id, {}, &extension);
  add_rate_limit_headers(response, windows);
  return response;
}

Response refusal(const Context& context, Verdict verdict, std::span<const provision::Window> windows) {
  return refusal(context, error_of(verdict), windows);
}

Response refusal(const Context& context, const provision::StatusOutcome& outcome) {
  if (outcome.used_up) return budget_refusal(context, *outcome.used_up, outcome.windows);
  return refusal(context, outcome.verdict, outcome.windows);
}

Response refusal(const Context& context, const provision::ProvisionOutcome& outcome) {
  if (outcome.used_up) return budget_refusal(context, *outcome.used_up, outcome.windows);
  if (outcome.verdict != Verdict::kNoSeat || !outcome.seat_free_at) {
    return refusal(context, outcome.verdict, outcome.windows);
  }
  Error error(ErrorCode::kMachineLimit, "All machines of this licence are in use, or their seats cool down. One is "
                                        "free at " + format_time(*outcome.seat_free_at) + ".");
  error.resets_at = outcome.seat_free_at;
  return refusal(context, std::move(error), outcome.windows);
}

Response refusal(const Context& context, const provision::ReleaseOutcome& outcome) {
  Error error = error_of(outcome.verdict);
  if (outcome.resets_at) {
    const TimeMs wait = *outcome.resets_at - context.host.clock.now();
    error = Error(error.code(), error.message() + " The next is possible at " + format_time(*outcome.resets_at) + ".");
    error.resets_at = outcome.resets_at;
    error.retry_after_seconds = static_cast<uint32_t>(std::max<TimeMs>(1, (wait + kSecondMs - 1) / kSecondMs));
  }
  return refusal(context, std::move(error), outcome.windows);
}

Response refusal(const Context& context, Error error, std::span<const provision::Window> windows) {
  if (error.code() == ErrorCode::kRateLimited) {
    for (const provision::Window& window : windows) {
      if (window.remaining == 0) error.retry_after_seconds = static_cast<uint32_t>(window.resets_in_seconds);
    }
  }
  Response response = context.problem(error);
  add_rate_limit_headers(response, windows);
  return response;
}

void write_key_versions(json::Writer& out, const std::array<int64_t, config::kNumProviders>& versions,
                        ProviderSet providers) {
  out.key("key_versions").begin_object();
  for (size_t i = 0; i < config::kNumProviders; ++i) {
    if (providers.has(i)) out.field(config::kProviders[i].name, versions[i]);
  }
  out.end_object();
}

void write_providers(json::Writer& out, ProviderSet providers) {
  out.begin_array();
  for (size_t i = 0; i < config::kNumProviders; ++i) {
    if (providers.has(i)) out.string(config::kProviders[i].name);
  }
  out.end_array();
}

void write_notices(json::Writer& out, std::span<const provision::Notice> notices) {
  out.key("notices").begin_array();
  for (const provision::Notice& notice : notices) {
    out.begin_object().field("code", notice.code);
    if (!notice.provider.empty()) out.field("provider", notice.provider);
    out.field("message", notice.message).end_object();
  }
  out.end_array();
}

void write_standing(json::Writer& out, const budget::Standing& standing) {
  const auto usd = [](std::optional<pricing::Nano> amount) {
    return amount ? std::optional(pricing::print_usd(*amount)) : std::nullopt;
  };
  out.begin_object()
      .field("period", budget::period_name(standing.period))
      .field("cost", pricing::print_usd(standing.cost))
      .field("limit", usd(standing.limit))
      .field("remaining", usd(standing.remaining()))
      .time("resets_at", standing.resets_at)
      .end_object();
}

}  // namespace latchkey::http
