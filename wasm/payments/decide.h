// What a purchase is worth, and what its licence becomes. Pure.
//
// A purchase is the set of what its provider said of it. Its standing is folded from the whole set each time, so it
// does not matter in which order events came, how often, or what was known in between.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "json/reader.h"

namespace latchkey::payments {

// Fact: what one event says. `subject`: the payment, dispute or sale that it is about.
struct Fact {
  enum class Kind : uint8_t {
    kIgnored,       // nothing that concerns a licence
    kNote,          // a purchase that is not paid yet, its buyer, or ids that belong together
    kPayment,       // paid; until: the end of the period, where it is one of a subscription
    kSubscription,  // how a subscription stands: the newest counts
    kEnded,         // a subscription ended, for good
    kRefund,        // a payment was refunded in full
    kDispute,       // a payment is disputed; status: open, won, lost
    kSale,          // a sale of Gumroad's as it stands: payment, refund, dispute and subscription in one
  };
  Kind kind = Kind::kIgnored;
  std::string id;  // of the event
  TimeMs at = 0;   // by the provider's clock
  std::string subject;
  std::string subscription;           // alias, or empty
  std::vector<std::string> ids;       // aliases of the payment: what a refund may name
  std::vector<std::string> products;  // what was bought, with its provider; the first that has a plan counts
  std::optional<TimeMs> paid_at;      // kSale
  std::optional<TimeMs> until;
  std::string status;  // kSubscription: going, canceling, ended, suspended; kDispute
  bool refunded = false;  // kSale
  std::string dispute;    // kSale: empty, open, won
  std::string email;      // where it names a buyer; not part of the stored facts
};
std::string_view kind_name(Fact::Kind kind);
std::string print_fact(const Fact& fact);
// read_fact: from print_fact, but for id, at and email.
Fact read_fact(json::Value object);

// aliases_of: all ids that an event names, its subscription among them.
std::vector<std::string> aliases_of(const Fact& fact);

// Standing: what a purchase is worth.
struct Standing {
  enum class Status : uint8_t { kNone, kActive, kSuspended, kRevoked };
  Status status = Status::kNone;
  std::string reason;  // of kSuspended and kRevoked: payment_disputed and so on
  TimeMs paid_at = 0;
  std::optional<TimeMs> ends_at;  // of a subscription
  std::string plan;               // empty: what was bought has none
  std::optional<int64_t> days;    // of a single payment: its plan's, as they were; nullopt: without an end
  bool from_first_use = false;    // a single payment: the plan counts from the first grant
  bool is_single() const { return !ends_at; }
  friend bool operator==(const Standing&, const Standing&) = default;
};
std::string_view status_name(Standing::Status status);
std::string print_standing(const Standing& standing);
Standing read_standing(std::string_view json);

// Folded: a standing still without its plan, and what it needs to find one and a licence.
struct Folded {
  Standing standing;
  std::string key;                    // the alias that the purchase is known by; empty: nothing was bought (yet)
  std::vector<std::string> products;  // the newest first
  std::string email;                  // of the first event that names one
};
Folded fold(std::vector<Fact> facts);

// Terms: what all purchases of a licence make of it together.
struct Terms {
  enum class End : uint8_t { kNever, kAt, kByPlan };
  Standing::Status status = Standing::Status::kNone;
  std::string reason;
  End end = End::kByPlan;
  TimeMs ends_at = 0;  // kAt
  std::string plan;
  friend bool operator==(const Terms&, const Terms&) = default;
};
// combine: the best of them. Single payments follow one another: each adds its plan's days.
Terms combine(const std::vector<Standing>& standings);
std::string print_terms(const Terms& terms);
std::optional<Terms> read_terms(std::string_view json);
// license_status: active, suspended, revoked.
std::string_view license_status(Standing::Status status);

// LicenseNow: the licence as it is stored.
struct LicenseNow {
  std::string status;
  std::string reason;
  std::optional<TimeMs> expires_at;
  std::string plan;
  bool is_on_trial = false;      // a trial that is on TRIAL_PLAN still: nobody chose that plan for good
  std::optional<Terms> applied;  // what payments last made of it
};

// LicenseNext: what becomes of it.
struct LicenseNext {
  std::string status;
  std::string reason;
  std::optional<TimeMs> expires_at;
  std::optional<std::string> plan;  // where it changes
  bool is_held = false;  // an admin refused the licence, and what was paid does not change that
};
// apply_terms: what an admin did stands. Payments lift only a refusal that is theirs, shorten only an end that is
// theirs, and change only a plan that is theirs; they refuse whatever there is.
LicenseNext apply_terms(const LicenseNow& now, const Terms& terms);

}  // namespace latchkey::payments
