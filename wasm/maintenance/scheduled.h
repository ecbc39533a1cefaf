// Scheduled work: what cron does each minute. Every step is bounded and safe to run again.
#pragma once

#include "base/task.h"
#include "config/config.h"
#include "host/host.h"

namespace latchkey::maintenance {

// How many rows one run deletes.
inline constexpr uint32_t kDeleteRowsMax = 5000;

// run_scheduled: moves the outbox into D1, takes the steps of rotations that are due, checks providers' keys, scores
// licences, frees idle seats, goes on with payments (what is not settled, the daily walk, codes for the seller), sums
// what was used and scores its hours, brings KV up to date, hashes the audit log and signs its head, deletes ended
// rate-limit windows and what is past its retention: audit rows, usage, idempotency keys, alerts, messages; then posts
// to webhooks what is due. A step that fails is logged and the next one runs; one that fails
// limits::kAlertAfterCronFailures times in a row is an alert.
Task<void> run_scheduled(host::Host& host, const config::Config& config);

}  // namespace latchkey::maintenance
