// Pipeline: every request takes the same steps, in this order: transport, route, method,
// authentication, media type, size, JSON, endpoint, headers.
#pragma once

#include "base/task.h"
#include "http/context.h"

namespace latchkey::http {

// serve: the answer to a request. Never fails: what goes wrong becomes a problem document.
Task<Response> serve(App& app, host::Host& host, const Request& request);

// make_request_id: req_ and a sortable body.
std::string make_request_id(host::Host& host);

}  // namespace latchkey::http
