// deliver: hands generated codes to the seller's webhook, by the Standard Webhooks specification
// (https://www.standardwebhooks.com): webhook-id, webhook-timestamp, webhook-signature v1,base64(HMAC-SHA256).
#pragma once

#include <string>
#include <string_view>

#include "base/secret.h"
#include "base/task.h"
#include "config/config.h"
#include "host/host.h"

namespace latchkey::payments {

// webhook_signature: over id, seconds and body; `secret` is whsec_ and base64.
std::string webhook_signature(const Secret& secret, std::string_view id, std::string_view seconds,
                              std::string_view body);

// run_deliveries: those that are due, as cron. An answer of 2xx delivers, and the code is wiped here; anything else is
// tried again, ever later, limits::kCodeDeliveryAttemptsMax times.
Task<Result<Void>> run_deliveries(host::Host& host, const config::Config& config);

}  // namespace latchkey::payments
