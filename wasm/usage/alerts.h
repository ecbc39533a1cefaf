// What usage alerts to: budgets that come to their end, models that have no price.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "alert/raise.h"
#include "base/task.h"
#include "budget/budget.h"
#include "host/host.h"

namespace latchkey::usage {

// kThresholds: per cent of a limit, ascending. Each is told once in a period.
inline constexpr int64_t kThresholds[] = {50, 80, 95, 100};

// budget_raises: an alert for each limit of which 50 per cent or more is used. Its subject names the period, so the next
// one alerts anew. Pure.
std::vector<alert::Raise> budget_raises(std::string_view license_id, const budget::Budget& budget,
                                        const budget::Spent& spent, TimeMs now);

// UsageAlerts: what a run of events is about, and what is over.
struct UsageAlerts {
  std::vector<alert::Raise> raises;
  std::vector<std::string> ended;     // subjects of budgets whose period is over
  std::vector<std::string> outdated;  // licences of which KV does not say whether they are blocked
};

// look: at the events behind `from` up to `to`. One trip.
Task<Result<UsageAlerts>> look_at(host::Host& host, int64_t from, int64_t to);

}  // namespace latchkey::usage
