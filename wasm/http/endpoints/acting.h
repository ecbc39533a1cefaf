// Who acts behind an admin route, as the services and the audit log take it.
#pragma once

#include "admin/actor.h"
#include "http/context.h"

namespace latchkey::http {

// Both view into `context`, which outlives them.

// actor_of: for a service.
inline admin::Actor actor_of(const Context& context) { return {context.client, context.actor}; }
// acting: an audit row that says who and when, and not yet what.
inline store::AuditRow acting(const Context& context) {
  return actor_of(context).row("", context.host.clock.now());
}

}  // namespace latchkey::http
