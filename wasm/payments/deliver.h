// deliver: hands generated codes to the seller's webhook (webhook/post.h).
#pragma once

#include "base/task.h"
#include "config/config.h"
#include "host/host.h"

namespace latchkey::payments {

// run_deliveries: those that are due, as cron. An answer of 2xx delivers, and the code is wiped here; anything else is
// tried again, ever later, limits::kCodeDeliveryAttemptsMax times.
Task<Result<Void>> run_deliveries(host::Host& host, const config::Config& config);

}  // namespace latchkey::payments
