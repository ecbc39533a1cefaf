// Steps of cron, by name: those whose last success is written down, and shown by /metrics and doctor. The step webhooks
// is not among them: it comes after all that is written.
#pragma once

#include <string_view>

namespace latchkey::maintenance {

inline constexpr std::string_view kCronSteps[] = {
    "alerts",           "anomalies",          "audit",     "edge_sync", "idle_seats", "key_checks", "outbox", "payments",
    "payments_deliver", "payments_reconcile", "retention", "rotation",  "sharing",    "usage"};

}  // namespace latchkey::maintenance
