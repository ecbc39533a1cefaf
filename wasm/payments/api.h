// The providers' APIs: a GET that answers JSON.
#pragma once

#include <string>
#include <string_view>

#include "base/task.h"
#include "config/config.h"
#include "host/host.h"
#include "json/reader.h"

namespace latchkey::payments {

// ask_api: kNotFound where there is no such thing, kForbidden where the key is refused, kUnavailable for anything
// else that is no JSON with status 200.
Task<Result<json::Document>> ask_api(host::Host& host, const config::Config& config, const config::HeldSecret& key,
                                     std::string url);

// url_escape: a text as one part of a path or one value of a query (RFC 3986).
std::string url_escape(std::string_view text);

}  // namespace latchkey::payments
