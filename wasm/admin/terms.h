// Terms: what a plan says, what a licence may have otherwise, and what comes of the two. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "budget/budget.h"
#include "config/providers.h"
#include "host/db.h"
#include "json/reader.h"
#include "json/writer.h"

namespace latchkey::admin {

enum class ExpiryFrom : uint8_t { kCreation, kFirstUse };
std::string_view expiry_from_name(ExpiryFrom from);

// Budget: USD as decimal text; stored and shown.
struct Budget {
  std::optional<std::string> daily, monthly, total;
  friend bool operator==(const Budget&, const Budget&) = default;
};

// PlanTerms: what one version of a plan says.
struct PlanTerms {
  config::ProviderSet providers;
  int64_t deliveries = 0;  // bits of provision::Delivery
  int64_t max_machines = 0;
  std::optional<int64_t> license_days;  // nullopt: licences do not end
  ExpiryFrom expiry_from = ExpiryFrom::kCreation;
  std::optional<std::vector<std::string>> models;  // ascending; nullopt: all
  std::map<std::string, int64_t, std::less<>> limits;
  Budget budget;
  std::string enforcement = "track";  // track, warn, block
  std::optional<pricing::Nano> monthly_price;  // what a licence brings its seller in a month
  std::optional<std::string> description;
  bool retired = false;  // no new licences
  friend bool operator==(const PlanTerms&, const PlanTerms&) = default;
};

struct Plan {
  std::string name;
  int64_t version = 0;
  PlanTerms terms;
  TimeMs created_at = 0;
  std::string created_by;
  std::optional<TimeMs> retired_at;
};

// read_plan: a row of table plans. The columns' JSON is ours: what can not be read is left out.
Plan read_plan(const host::Row& row);

// is_amount: USD as decimal text: at most nine digits, and six behind the point.
bool is_amount(std::string_view text);

// budget_of: what the plan says of money, in nano-dollars.
budget::Budget budget_of(const PlanTerms& terms);

// Overrides: where a licence differs from its plan. expires_at: nullopt inside never ends.
struct Overrides {
  std::optional<config::ProviderSet> providers;
  std::optional<int64_t> deliveries;
  std::optional<int64_t> max_machines;
  std::optional<std::optional<TimeMs>> expires_at;
  std::optional<budget::Limits> budget;  // in place of all of the plan's
  std::optional<budget::Enforcement> enforcement;
  friend bool operator==(const Overrides&, const Overrides&) = default;
};
std::string print_overrides(const Overrides& overrides);
Overrides read_overrides(json::Value object);

// LicenseTerms: what a licence's row holds of its plan, overrides applied.
struct LicenseTerms {
  std::string plan;
  int64_t plan_version = 0;
  config::ProviderSet providers;
  int64_t deliveries = 0;
  int64_t max_machines = 0;
  std::optional<TimeMs> expires_at;
  std::optional<int64_t> first_use_days;  // expires_at is set so long after the first grant
  budget::Budget budget;
  Overrides overrides;
  friend bool operator==(const LicenseTerms&, const LicenseTerms&) = default;
};

// apply_plan: the terms of a licence on that plan. A plan that counts from first use leaves the end
// open until there was one.
LicenseTerms apply_plan(const Plan& plan, const Overrides& overrides, TimeMs created_at,
                        std::optional<TimeMs> first_provision_at);

// infer_overrides: those of a licence made before they were kept: where its terms are not its plan's.
Overrides infer_overrides(const Plan& pinned, const LicenseTerms& terms, TimeMs created_at);

// Change: what a revision does to one override.
template <class T>
struct Change {
  enum class Kind : uint8_t { kKeep, kRemove, kSet } kind = Kind::kKeep;
  T value{};

  static Change remove() { return {Kind::kRemove, {}}; }
  static Change set(T value) { return {Kind::kSet, std::move(value)}; }
  void apply(std::optional<T>& target) const {
    if (kind == Kind::kRemove) target.reset();
    if (kind == Kind::kSet) target = value;
  }
};

// Revision: PATCH of a licence. `plan`: on to the newest version of that plan.
struct Revision {
  std::optional<std::string> plan;
  Change<config::ProviderSet> providers;
  Change<int64_t> deliveries;
  Change<int64_t> max_machines;
  Change<std::optional<TimeMs>> expires_at;
  Change<budget::Limits> budget;
  Change<budget::Enforcement> enforcement;
  Change<std::string> note;

  void apply(Overrides& overrides) const {
    providers.apply(overrides.providers);
    deliveries.apply(overrides.deliveries);
    max_machines.apply(overrides.max_machines);
    expires_at.apply(overrides.expires_at);
    budget.apply(overrides.budget);
    enforcement.apply(overrides.enforcement);
  }
};

// revise_terms: a licence's terms after a revision, on `target`: its own version of its plan, or the
// newest of another. The end stays what it is unless the revision is about it or moves the licence.
LicenseTerms revise_terms(const LicenseTerms& before, const Plan& target, const Overrides& overrides,
                          TimeMs created_at, std::optional<TimeMs> first_provision_at);

// extend_end: an end so many days later, counted from now where it has passed.
TimeMs extend_end(TimeMs end, int64_t days, TimeMs now);

// takes_away: whether a licence can do less than before: it ends earlier, or has a provider or a
// delivery less. Fewer seats take nothing: machines keep theirs.
bool takes_away(const LicenseTerms& before, const LicenseTerms& after);

// write_terms_details: for the audit log, canonical: members in ascending order.
void write_terms_details(json::Writer& out, const LicenseTerms& terms, const std::optional<std::string>& note);

// provider_list: JSON array in ascending order, as the columns hold it.
std::string provider_list(config::ProviderSet providers);
config::ProviderSet read_provider_list(json::Value array);

}  // namespace latchkey::admin
