// Stripe's wire: its signature, its events, its API.
//
// Written for API versions 2020-08-27 to 2025-10-29.clover: where a field moved (invoice.subscription, the end of a
// period, a line's price), both places are read.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "base/task.h"
#include "config/config.h"
#include "host/host.h"
#include "payments/event.h"

namespace latchkey::payments::stripe {

enum class Signature : uint8_t { kGood, kMalformed, kWrong, kTooOld };
// check_signature: `secrets` as STRIPE_WEBHOOK_SECRET holds them, one or two.
Signature check_signature(std::string_view header, std::string_view body, const Secret& secrets, TimeMs now);

// read_event: kInvalidRequest where it is no event of Stripe's. One of a type that does not concern us is kIgnored.
Result<Event> read_event(json::Value event);

// needs_products: the checkout session whose line items say what was bought; empty: the event says it itself.
std::string needs_products(const config::Payments& payments, const Event& event);

// Api: what we read. No answer is kUnavailable; an answer that refuses our key kForbidden.
class Api {
 public:
  Api(host::Host& host, const config::Config& config) : host_(host), config_(config) {}

  bool is_configured() const { return config_.payments.stripe.api_key.has_value(); }
  // products: of a checkout session.
  Task<Result<std::vector<std::string>>> products(std::string session);
  // Page: events, newest first; has_more: older ones are there.
  struct Page {
    std::vector<Event> events;
    std::string last_id;
    bool has_more = false;
  };
  Task<Result<Page>> events(TimeMs from, std::string after_id);

 private:
  Task<Result<json::Document>> get(std::string path);

  host::Host& host_;
  const config::Config& config_;
};

}  // namespace latchkey::payments::stripe
