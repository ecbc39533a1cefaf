// Where the sealed columns of payments live.
#pragma once

#include <string_view>

#include "crypto/seal.h"

namespace latchkey::store {

// buyer_context: of an event's e-mail address.
inline crypto::SealContext buyer_context(std::string_view event_id) {
  return {.table = "payment_events", .row_id = event_id, .owner = "email", .version = 1};
}
// delivery_context: of a code on its way.
inline crypto::SealContext delivery_context(std::string_view delivery_id) {
  return {.table = "payment_deliveries", .row_id = delivery_id, .owner = "payload", .version = 1};
}

}  // namespace latchkey::store
