// PaymentReview: what an admin sees of payments, and does about them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/run.h"
#include "base/task.h"
#include "config/config.h"
#include "host/host.h"
#include "payments/purchase.h"
#include "store/audit.h"

namespace latchkey::payments {

struct PaymentView {
  Purchase purchase;
  std::optional<std::string> delivery_state;  // of a generated code: due, delivered, given_up
};

struct PaymentFilter {
  std::optional<std::string> outcome;
  std::optional<std::string> provider;
  bool undelivered = false;
};

struct PaymentPage {
  std::vector<PaymentView> payments;
  std::optional<std::string> next_id;
};

struct EventView {
  std::string id;
  std::string type;
  std::string state;
  TimeMs occurred_at = 0;
  TimeMs received_at = 0;
};

struct DeliveryView {
  std::string id;
  std::string state;
  int64_t attempts = 0;
  std::optional<TimeMs> due_at;
  std::optional<std::string> last_error;
  TimeMs created_at = 0;
  std::optional<TimeMs> delivered_at;
  bool has_code = false;
};

// PaymentShown: one, with the newest of its events and of its code's ways to the seller.
struct PaymentShown {
  PaymentView view;
  std::vector<EventView> events;
  std::vector<DeliveryView> deliveries;
};

struct WalkView {
  std::string provider;
  bool is_on = false;
  std::optional<TimeMs> done_at;
  std::optional<TimeMs> refused_at;
};

class PaymentReview {
 public:
  // `by`: an audit row that says who acts.
  PaymentReview(host::Host& host, const config::Config& config, const store::AuditRow& by)
      : host_(host), config_(config), by_(by) {}

  Task<Result<PaymentPage>> list(const PaymentFilter& filter, std::string_view after_id, uint32_t rows_max);
  Task<Result<PaymentShown>> show(std::string id);
  // redeliver: cron hands the code over again. kConflict where it is no longer here.
  Task<Result<PaymentShown>> redeliver(std::string id, Run run = Run::kReal);
  // retry: settles it anew, for instance once PAYMENT_PLANS names its product.
  Task<Result<PaymentShown>> retry(std::string id, Run run = Run::kReal);
  // reconcile: both walks begin anew, so many days back; nullopt: where the last one began.
  Task<Result<std::vector<WalkView>>> reconcile(std::optional<int64_t> days, Run run = Run::kReal);

 private:
  host::Host& host_;
  const config::Config& config_;
  const store::AuditRow& by_;
};

}  // namespace latchkey::payments
