// Who may post to /hooks: a wrong secret or signature is counted against its address, as wrong admin tokens are.
#pragma once

#include "http/context.h"
#include "http/routes.h"

namespace latchkey::http {

// authenticate_hook: what can be said before the body is read. A hook that is not configured, and Gumroad's under
// another secret, is a path where nothing is.
Task<Result<Void>> authenticate_hook(Context& context, const Route& route);

// refuse_hook: counts the failure and writes it down, once an hour where the address is over its limit; then the
// error is `refusal`, or that there were too many.
Task<Error> refuse_hook(Context& context, std::string_view reason, Error refusal);

}  // namespace latchkey::http
