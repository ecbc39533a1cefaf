// Deliveries: messages on their way to webhooks. Each is stored in the batch that made it, and posted until its receiver
// takes it: at least once, always under the same id.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/run.h"
#include "base/task.h"
#include "config/config.h"
#include "host/host.h"
#include "store/audit.h"

namespace latchkey::alert {

struct Delivery {
  std::string id;
  std::string webhook_id;
  std::optional<std::string> alert_id;
  std::string type;
  std::string state;  // due, delivered, failed, dropped
  int64_t attempts = 0;
  std::optional<TimeMs> due_at;
  std::optional<int64_t> last_status;
  std::optional<std::string> last_error;
  TimeMs created_at = 0;
  std::optional<TimeMs> delivered_at;
};

struct DeliveryPage {
  std::vector<Delivery> deliveries;
  std::optional<std::string> next_id;  // go on after this one; nullopt: the last page
};

// run_deliveries: as cron: ends snoozes, then posts what is due, at most limits::kWebhookDeliveriesPerRun messages. Two runs
// at once post each message once. What is given up, and a receiver that is gone, raise an alert.
Task<Result<Void>> run_deliveries(host::Host& host, const config::Config& config);

class DeliveryService {
 public:
  // `by`: an audit row that says who acts and when; its action and details are set here. All outlive this.
  DeliveryService(host::Host& host, const config::Config& config, const store::AuditRow& by)
      : host_(host), config_(config), by_(by) {}

  // list: a webhook's, newest first.
  Task<Result<DeliveryPage>> list(std::string webhook_id, std::string after_id, uint32_t rows_max);
  // redeliver: with the next run of cron. kConflict where its webhook is not active.
  Task<Result<Delivery>> redeliver(std::string id, Run run);
  // test: posts a message now, once, and says what came of it. Also to one that is paused.
  Task<Result<Delivery>> test(std::string webhook_id, Run run);

 private:
  Task<Result<Delivery>> load(std::string id, std::string* webhook_state);

  host::Host& host_;
  const config::Config& config_;
  const store::AuditRow& by_;
};

}  // namespace latchkey::alert
