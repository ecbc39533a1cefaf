#include "maintenance/scheduled.h"

#include <vector>

#include "alert/deliveries.h"
#include "alert/raise.h"
#include "anomaly/service.h"
#include "audit/log.h"
#include "base/limits.h"
#include "edge/outbox.h"
#include "edge/sync.h"
#include "json/writer.h"
#include "maintenance/idle.h"
#include "payments/deliver.h"
#include "payments/reconcile.h"
#include "payments/service.h"
#include "rotation/key_check.h"
#include "rotation/service.h"
#include "sharing/service.h"
#include "store/queries.h"
#include "store/rate_window.h"
#include "usage/roll_up.h"

namespace latchkey::maintenance {
namespace {

constexpr std::string_view kAuditLog = "audit_log";  // what an alert about it is about

// Steps: how the steps of one run ended.
struct Steps {
  host::Log& log;
  std::vector<alert::Raise> failed{};
  std::vector<alert::Cause> went_well{};

  // `name` is a constant.
  void ended(std::string_view name, const Result<Void>& result) {
    if (result) return went_well.push_back({alert::Kind::kCronFailed, name});
    json::Writer record;
    record.begin_object()
        .field("event", "scheduled_step_failed")
        .field("step", name)
        .field("detail", result.error().detail())
        .end_object();
    log.write(host::LogLevel::kError, record.text());
    const std::string details = json::Writer().begin_object().field("step", name).end_object().text();
    failed.push_back({.kind = alert::Kind::kCronFailed,
                      .subject = std::string(name),
                      .details = details,
                      .needed = limits::kAlertAfterCronFailures});
  }
};

// store_ends: when each step last went well is written down; one that failed several runs in a row is an alert, until it
// works again. That this was stored says that the step that stores it went well.
Task<Result<Void>> store_ends(host::Host& host, const Steps& steps) {
  const TimeMs now = host.clock.now();
  json::Writer ends;
  ends.begin_object().field("alerts", now);
  for (const alert::Cause& cause : steps.went_well) {
    if (cause.kind == alert::Kind::kCronFailed) ends.field(cause.subject, now);
  }
  ends.end_object();
  host::Batch batch;
  batch.add(store::kCronStepsPut).bind(ends.text());
  alert::add_raise(batch, host, steps.failed);
  alert::add_clear(batch, host, steps.went_well);
  CO_TRY_VOID(co_await host.db.run(std::move(batch)));
  co_return Void{};
}

template <class T>
Result<Void> without_value(const Result<T>& result) {
  return result ? Result<Void>(Void{}) : Unexpected(result.error());
}

}  // namespace

Task<void> run_scheduled(host::Host& host, const config::Config& config) {
  const TimeMs now = host.clock.now();
  Steps steps{host.log};

  steps.ended("outbox", without_value(co_await edge::drain(host)));
  steps.ended("rotation", co_await rotation::run_due(host, config));
  steps.ended("key_checks", co_await rotation::run_key_checks(host, config));
  steps.ended("sharing", co_await sharing::watch(host, config));
  steps.ended("idle_seats", co_await release_idle(host, config));
  steps.ended("payments", co_await payments::run_due(host, config));
  steps.ended("payments_reconcile", co_await payments::run_reconcile(host, config));
  steps.ended("payments_deliver", co_await payments::run_deliveries(host, config));
  steps.ended("usage", without_value(co_await usage::roll_up(host)));
  steps.ended("anomalies", co_await anomaly::watch(host));
  steps.ended("edge_sync", without_value(co_await edge::sync(host, config, edge::kSyncByCron)));

  // Behind every step that writes audit rows.
  const auto hashed = co_await audit::run_due(host, config);
  steps.ended("audit", hashed);
  if (hashed) steps.went_well.push_back({alert::Kind::kAuditBroken, kAuditLog});
  else if (hashed.error().code() == ErrorCode::kInternal) {
    steps.failed.push_back({.kind = alert::Kind::kAuditBroken, .subject = std::string(kAuditLog)});
  }

  host::Batch retention;
  retention.add(store::kRateLimitDeleteEnded).bind(store::RateWindow::ended(now)).bind(kDeleteRowsMax);
  retention.add(store::kAuditDeleteOld).bind(now - config.audit_retention_days * kDayMs).bind(kDeleteRowsMax);
  retention.add(store::kIdempotencyKeyDeleteOld).bind(now - limits::kIdempotencyKeptMs).bind(kDeleteRowsMax);
  const TimeMs ignored = now - limits::kPaymentIgnoredKeptMs;
  retention.add(store::kPaymentAliasDeleteOld).bind(ignored).bind(kDeleteRowsMax);
  retention.add(store::kPaymentIgnoredDeleteOld).bind(ignored).bind(kDeleteRowsMax);
  retention.add(store::kAlertDeleteOld).bind(now - limits::kAlertKeptMs).bind(kDeleteRowsMax);
  retention.add(store::kWebhookDeliveryDeleteOld).bind(now - limits::kWebhookDeliveryKeptMs).bind(kDeleteRowsMax);
  usage::add_retention(retention, config, now);
  anomaly::add_retention(retention, now);
  steps.ended("retention", without_value(co_await host.db.run(std::move(retention))));

  // Last, so that what this run raised goes out with it.
  steps.ended("alerts", co_await store_ends(host, steps));
  steps.ended("webhooks", co_await alert::run_deliveries(host, config));
}

}  // namespace latchkey::maintenance
