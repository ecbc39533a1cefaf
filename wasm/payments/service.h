// PaymentService: stores what a provider said, and settles the purchase that it is about.
//
// Store first, then settle: an event is in D1 before anything is decided on it, and stays due until a settling that
// read it took effect. A settling reads every event of the purchase, folds them, and stores purchase, licence, audit
// rows and marks in one batch, which takes effect only if everything is as it was read.
//
// Round trips: three for an event (store, load, settle), one more for a licence that is looked up by the buyer's
// address, one for an event that is known, and what edge::sync takes where a licence changed.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/licenses.h"
#include "base/task.h"
#include "config/config.h"
#include "host/host.h"
#include "payments/event.h"
#include "payments/gumroad.h"
#include "payments/purchase.h"
#include "store/audit.h"

namespace latchkey::payments {

// Taken: what became of an event.
enum class Taken : uint8_t { kTaken, kWaiting, kIgnored, kKnown };
std::string_view taken_name(Taken taken);

class PaymentService {
 public:
  // `by`: an audit row that says who brings it; action, reason, time, licence and details are set here.
  // `audits_before`: how many rows of this request are in the log already.
  PaymentService(host::Host& host, const config::Config& config, const store::AuditRow& by, int64_t audits_before = 0)
      : host_(host), config_(config), by_(by), num_audits_(audits_before) {}

  // take: kUnavailable where it could not be stored or settled: then it is sent again, or cron goes on.
  Task<Result<Taken>> take(Event event);
  // take_stripe: the same, for an event that may not say what was bought.
  Task<Result<Taken>> take_stripe(Event event);
  // take_ping: reads the sales that a ping is about. kUnavailable where that failed: then cron reads them.
  Task<Result<Taken>> take_ping(gumroad::Ping ping);
  // take_sale: the same for one sale.
  Task<Result<Taken>> take_sale(std::string sale, std::string type);
  // settle: the purchase that an alias leads to.
  Task<Result<Taken>> settle(std::string alias);
  // foresee: the purchase as settling it now would leave it; a licence that would be made has the id kUndoneId.
  Task<Result<Purchase>> foresee(Purchase purchase);

 private:
  struct Loaded;
  struct Plan;
  // plan_for: loads what an alias leads to, as of one moment, and decides. nullopt: nothing was bought yet.
  Task<Result<std::optional<Plan>>> plan_for(const std::string& alias, Loaded& loaded);
  Task<Result<std::optional<Taken>>> settle_once(const std::string& alias);
  Loaded read_loaded(const host::BatchAnswer& answer) const;
  Standing with_plan(const Loaded& loaded, const Folded& folded, std::string& product) const;
  Task<Result<Void>> find_license(const Folded& folded, Loaded& loaded, Plan& plan);
  void decide(const Loaded& loaded, Plan& plan);
  void make_license(const Loaded& loaded, Plan& plan);
  void change_license(const Loaded& loaded, Plan& plan);
  void add_audit(host::Batch& batch, const Plan& plan, std::string_view action, std::string_view reason,
                 std::string_view details);
  void add_audits(host::Batch& batch, const Loaded& loaded, const Plan& plan);
  void add_delivery(host::Batch& batch, const Plan& plan);
  void add_alerts(host::Batch& batch, const Loaded& loaded, const Plan& plan, int64_t audits_before);
  host::Batch batch_of(const Loaded& loaded, const Plan& plan);
  Task<void> carry(std::string license_id);

  host::Host& host_;
  const config::Config& config_;
  const store::AuditRow& by_;
  int64_t num_audits_;
};

// run_due: takes up what was stored and not settled, or not read yet, as cron. A failure is tried again later, and is
// the error once all were tried.
Task<Result<Void>> run_due(host::Host& host, const config::Config& config);

// cron_row: who acts where cron does. `request_id` outlives it.
store::AuditRow cron_row(std::string_view request_id);
std::string cron_request_id(host::Host& host);

}  // namespace latchkey::payments
