// Gumroad's wire: its posts ("pings") and its API, version 2.
//
// A ping is not signed, so it says only where to look: what counts is the sale as the API has it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/task.h"
#include "config/config.h"
#include "host/host.h"
#include "payments/event.h"
#include "payments/form.h"

namespace latchkey::payments::gumroad {

// Ping: what to look at.
struct Ping {
  std::string resource;            // sale, refund, dispute, cancellation, ...
  std::vector<std::string> sales;  // ids; empty: those of the subscription that are known
  std::string subscription;        // its alias, or empty
};
// read_ping: kInvalidRequest where it names nothing, kForbidden where it is another seller's. Pings about
// subscriptions name no seller.
Result<Ping> read_ping(const Form& form, std::string_view seller_id);

// event_id: under what a sale is stored.
std::string event_id(std::string_view sale);

// read_sale: a sale of the API's, read at `now`; nullopt where it is none of ours.
std::optional<Event> read_sale(json::Value sale, std::string_view seller_id, TimeMs now);

// period_end: of a sale of a subscription: so many calendar months on; nullopt for an unknown duration.
std::optional<TimeMs> period_end(TimeMs from, std::string_view duration);

class Api {
 public:
  Api(host::Host& host, const config::Config& config) : host_(host), config_(config) {}

  // sale: nullopt where the API knows none; kUnavailable and kForbidden as ask_api.
  Task<Result<std::optional<Event>>> sale(std::string id, std::string type);
  // Page: ten sales, newest first.
  struct Page {
    std::vector<Event> events;
    std::string next_key;  // empty: the last page
  };
  Task<Result<Page>> sales(TimeMs from, std::string page_key);

 private:
  host::Host& host_;
  const config::Config& config_;
};

}  // namespace latchkey::payments::gumroad
