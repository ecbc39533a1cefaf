// roll_up: the sums of events, by hour and day, which queries and exports read. By cron.
#pragma once

#include "base/task.h"
#include "config/config.h"
#include "host/host.h"

namespace latchkey::usage {

// roll_up: adds the events that came in since the last run, in the order in which they were stored, so that late ones
// need nothing special. Each sum says up to which event it goes, so an event is in it once, however often and by how many
// this runs. In the same transactions it alerts to budgets that come to their end and models without a price. One trip, and
// two for each limits::kUsageRollEventsPerRun events, at most limits::kUsageRollRunsMax times. False: there are more.
Task<Result<bool>> roll_up(host::Host& host);

// add_retention: deletes what is old: single events after USAGE_RETENTION_DAYS, sums later; the ledger keeps what its
// old days came to. Five tables, limits::kUsageRowsPerRetention rows of each.
void add_retention(host::Batch& batch, const config::Config& config, TimeMs now);

}  // namespace latchkey::usage
