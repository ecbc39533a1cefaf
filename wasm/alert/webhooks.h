// WebhookService: an admin's webhooks: where they lead, what they want to hear of, what signs.
//
// Round trips: a read is one; a change is two: load, then change and audit in one batch, which takes effect only if the
// webhook is as it was read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/run.h"
#include "base/secret.h"
#include "base/task.h"
#include "config/config.h"
#include "host/host.h"
#include "store/audit.h"
#include "webhook/rows.h"

namespace latchkey::alert {

using webhook::Webhook;

// NewWebhook: one to make. Its URL is allowed (base/public_url.h).
struct NewWebhook {
  std::string name;
  std::string url;
  std::vector<std::string> events;
  std::string min_severity;
};

// Changes: what an admin wants otherwise.
struct Changes {
  std::optional<std::string> name;
  std::optional<std::string> url;
  std::optional<std::vector<std::string>> events;
  std::optional<std::string> min_severity;
  std::optional<webhook::State> state;  // active or paused
};

// WithSecret: a webhook and its secret, which is shown once; a dry run makes none.
struct WithSecret {
  Webhook webhook;
  std::optional<Secret> secret;
};

class WebhookService {
 public:
  // `by`: an audit row that says who acts and when; its action and details are set here. All outlive this.
  WebhookService(host::Host& host, const config::Config& config, const store::AuditRow& by)
      : host_(host), config_(config), by_(by) {}

  Task<Result<std::vector<Webhook>>> list();
  Task<Result<Webhook>> show(std::string id);
  // create: kConflict where there are limits::kWebhooksMax.
  Task<Result<WithSecret>> create(NewWebhook wanted, Run run);
  // change: what waits for one that is paused is dropped.
  Task<Result<Webhook>> change(std::string id, Changes changes, Run run);
  // rotate_secret: a new one; the one before signs too for so many hours.
  Task<Result<WithSecret>> rotate_secret(std::string id, int64_t overlap_hours, Run run);
  // remove: gives it as it was.
  Task<Result<Webhook>> remove(std::string id, Run run);

 private:
  Result<webhook::Target> open(const Webhook& webhook) const;
  void add_audit(host::Batch& batch, const Webhook& before, std::string_view action, std::string_view details) const;
  Task<Result<Webhook>> store(Webhook before, Webhook after, std::string_view action, std::string details);

  host::Host& host_;
  const config::Config& config_;
  const store::AuditRow& by_;
};

}  // namespace latchkey::alert
