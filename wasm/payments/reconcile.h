// reconcile: the daily walk through what the providers' APIs list, for what never reached us.
//
// A walk goes on over many runs of cron, some pages each. What is found takes the same way as what is posted, so it
// does not matter where a walk breaks off or what is met twice.
#pragma once

#include "base/task.h"
#include "config/config.h"
#include "host/host.h"

namespace latchkey::payments {

// run_reconcile: the next slice of each provider's walk that is due. An API that refuses our key is written to the
// audit log, and asked again a day later.
Task<Result<Void>> run_reconcile(host::Host& host, const config::Config& config);

}  // namespace latchkey::payments
