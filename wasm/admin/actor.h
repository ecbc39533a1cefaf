// Actor: who does an admin act, for the audit log.
#pragma once

#include <string>
#include <string_view>

#include "provision/types.h"
#include "store/audit.h"

namespace latchkey::admin {

struct Actor {
  const provision::Client& client;
  const std::string& name;  // admin:<token name>

  // row: an audit row of this act, done at `now`.
  store::AuditRow row(std::string_view action, TimeMs now) const {
    return {.at = now,
            .request_id = client.request_id,
            .action = action,
            .outcome = "done",
            .actor = name,
            .address_hash = client.address_hash.text(),
            .country = store::or_null(client.country),
            .user_agent = store::or_null(client.user_agent)};
  }
};

}  // namespace latchkey::admin
