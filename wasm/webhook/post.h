// post: one message to one receiver, signed by the Standard Webhooks specification.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/public_url.h"
#include "base/secret.h"
#include "base/task.h"
#include "config/config.h"
#include "host/host.h"

namespace latchkey::webhook {

// Message: what is posted. All outlive the call.
struct Message {
  std::string_view id;  // the webhook-id: the same each time the message is posted
  std::string_view body;
  uint32_t timeout_ms = 0;
  uint32_t answer_bytes_max = 0;
};

// Posted: what came of it.
struct Posted {
  uint32_t status = 0;  // 0: no answer
  std::string why;      // empty: the receiver took it
  bool is_gone() const { return status == 410; }
};

// loopback_of: whether this service may post to its own machine.
Loopback loopback_of(const config::Config& config);

// post: never an error. An answer of 2xx takes the message. A redirect is not followed. A URL that is not allowed
// (base/public_url.h) is not asked.
Task<Posted> post(host::Host& host, const config::Config& config, std::string_view url,
                  std::span<const Secret* const> secrets, Message message);

}  // namespace latchkey::webhook
