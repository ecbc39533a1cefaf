// Refusals that are counted: who guesses tokens, secrets or signatures is told to wait.
#pragma once

#include "http/context.h"
#include "store/audit.h"

namespace latchkey::http {

struct CountedRefusal {
  std::string_view subject;   // of the window: what was refused, and the address
  int64_t limit = 0;          // refusals an hour
  Error refusal;              // what is answered
  std::string too_many;       // the message once it is over the limit
};

// refuse_counted: counts it and appends `audit`, whose reason becomes address_over_limit once an hour where the
// subject is over. Gives what to answer. An outage here is a 503, not a free guess. Two trips; none from a subject that
// this isolate knows to be over.
Task<Error> refuse_counted(Context& context, CountedRefusal counted, store::AuditRow audit);

}  // namespace latchkey::http
