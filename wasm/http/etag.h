// Entity tags of licences: the version of the row, in quotes (RFC 9110, 8.8.3 and 13.1).
#pragma once

#include <string>
#include <string_view>

#include "admin/decide.h"
#include "http/message.h"

namespace latchkey::http {

std::string etag_of(int64_t version);

// parse_versions: the versions that an If-Match or If-None-Match header names: all of them where it is "*" or
// the request has none. kInvalidRequest where it is malformed. A weak tag counts as its strong one: a proxy that
// compresses an answer weakens its tag, and ours stand for the row, not for bytes.
Result<admin::Versions> parse_versions(const Request& request, std::string_view header_name);

}  // namespace latchkey::http
