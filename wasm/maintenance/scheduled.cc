#include "maintenance/scheduled.h"

#include "audit/log.h"
#include "base/limits.h"
#include "edge/outbox.h"
#include "edge/sync.h"
#include "json/writer.h"
#include "maintenance/idle.h"
#include "payments/deliver.h"
#include "payments/reconcile.h"
#include "payments/service.h"
#include "rotation/service.h"
#include "sharing/service.h"
#include "store/queries.h"
#include "store/rate_window.h"
#include "usage/roll_up.h"

namespace latchkey::maintenance {
namespace {

void log_failure(host::Log& log, std::string_view step, const Error& error) {
  json::Writer record;
  record.begin_object()
      .field("event", "scheduled_step_failed")
      .field("step", step)
      .field("detail", error.detail())
      .end_object();
  log.write(host::LogLevel::kError, record.text());
}

}  // namespace

Task<void> run_scheduled(host::Host& host, const config::Config& config) {
  const TimeMs now = host.clock.now();

  const auto moved = co_await edge::drain(host);
  if (!moved) log_failure(host.log, "outbox", moved.error());

  const auto rotated = co_await rotation::run_due(host, config);
  if (!rotated) log_failure(host.log, "rotation", rotated.error());

  const auto watched = co_await sharing::watch(host, config);
  if (!watched) log_failure(host.log, "sharing", watched.error());
  const auto freed = co_await release_idle(host, config);
  if (!freed) log_failure(host.log, "idle_seats", freed.error());
  const auto settled = co_await payments::run_due(host, config);
  if (!settled) log_failure(host.log, "payments", settled.error());
  const auto reconciled = co_await payments::run_reconcile(host, config);
  if (!reconciled) log_failure(host.log, "payments_reconcile", reconciled.error());
  const auto delivered = co_await payments::run_deliveries(host, config);
  if (!delivered) log_failure(host.log, "payments_deliver", delivered.error());

  const auto rolled = co_await usage::roll_up(host);
  if (!rolled) log_failure(host.log, "usage", rolled.error());

  const auto synced = co_await edge::sync(host, config, edge::kSyncByCron);
  if (!synced) log_failure(host.log, "edge_sync", synced.error());

  // Behind every step that writes audit rows.
  const auto hashed = co_await audit::run_due(host, config);
  if (!hashed) log_failure(host.log, "audit", hashed.error());

  host::Batch retention;
  retention.add(store::kRateLimitDeleteEnded).bind(store::RateWindow::ended(now)).bind(kDeleteRowsMax);
  retention.add(store::kAuditDeleteOld).bind(now - config.audit_retention_days * kDayMs).bind(kDeleteRowsMax);
  retention.add(store::kIdempotencyKeyDeleteOld).bind(now - limits::kIdempotencyKeptMs).bind(kDeleteRowsMax);
  const TimeMs ignored = now - limits::kPaymentIgnoredKeptMs;
  retention.add(store::kPaymentAliasDeleteOld).bind(ignored).bind(kDeleteRowsMax);
  retention.add(store::kPaymentIgnoredDeleteOld).bind(ignored).bind(kDeleteRowsMax);
  usage::add_retention(retention, config, now);
  const auto deleted = co_await host.db.run(std::move(retention));
  if (!deleted) log_failure(host.log, "retention", deleted.error());
}

}  // namespace latchkey::maintenance
