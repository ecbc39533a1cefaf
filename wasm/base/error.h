// Error: why something failed, for the client and for the log, kept apart.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace latchkey {

// ErrorCode: the closed list of failures. Wire strings are forever; the HTTP status
// of each stands in http/errors.cc.
enum class ErrorCode : uint8_t {
  kInvalidRequest,
  kInvalidLicense,
  kUnauthorized,
  kBudgetExceeded,
  kForbidden,
  kMachineLimit,
  kDeliveryForbidden,
  kReleaseOff,
  kNotFound,
  kMethodNotAllowed,
  kConflict,
  kPreconditionFailed,
  kBodyTooLarge,
  kUnsupportedMediaType,
  kUnprocessable,
  kIdempotencyKeyReused,
  kRateLimited,
  kReleaseLimit,
  kInternal,
  kUnavailable,
};

// error_name returns the wire string of a code, for instance "invalid_license".
std::string_view error_name(ErrorCode code);

// is_retryable says whether the same request may succeed later.
bool is_retryable(ErrorCode code);

// What a client waits where nobody knows better.
inline constexpr uint32_t kUnavailableRetrySeconds = 1;

class [[nodiscard]] Error {
 public:
  Error(ErrorCode code, std::string message, std::string detail = {})
      : retry_after_seconds(code == ErrorCode::kUnavailable ? kUnavailableRetrySeconds : 0),
        code_(code),
        message_(std::move(message)),
        detail_(std::move(detail)) {}

  ErrorCode code() const { return code_; }
  // message: one public sentence that says what is wrong and what to do.
  const std::string& message() const { return message_; }
  // detail: for the log. Never sent to a client, never holds a secret.
  const std::string& detail() const { return detail_; }

  // retry_after_seconds: 0 means not stated; kUnavailable always states it.
  uint32_t retry_after_seconds;
  // resets_at: when a limit ends, where that is days away; in the answer too.
  std::optional<TimeMs> resets_at;

 private:
  ErrorCode code_;
  std::string message_;
  std::string detail_;
};

}  // namespace latchkey
