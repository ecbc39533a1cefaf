// Problems: every refusal as RFC 9457 application/problem+json, with the members that the
// first clients read: success, error, message.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "http/message.h"

namespace latchkey::http {

// FieldError: one thing wrong with the request, and where.
struct FieldError {
  std::string location;  // "machine_id", "rows[3].email", "query.status"
  std::string message;
};

// status_of: the one table from code to HTTP status.
uint32_t status_of(ErrorCode code);
// title_of: the reason phrase that goes with it.
std::string_view title_of(uint32_t status);

// Extension: one more member of the document, its value as JSON.
struct Extension {
  std::string_view name;
  std::string json;
};

// problem: the whole document. `errors` may be empty.
Response problem(const Error& error, std::string_view request_id, std::span<const FieldError> errors = {},
                 const Extension* extension = nullptr);

}  // namespace latchkey::http
