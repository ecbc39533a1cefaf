#include "base/error.h"

#include "base/check.h"

namespace latchkey {

std::string_view error_name(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidRequest: return "invalid_request";
    case ErrorCode::kInvalidLicense: return "invalid_license";
    case ErrorCode::kUnauthorized: return "unauthorized";
    case ErrorCode::kBudgetExceeded: return "budget_exceeded";
    case ErrorCode::kForbidden: return "forbidden";
    case ErrorCode::kMachineLimit: return "machine_limit";
    case ErrorCode::kDeliveryForbidden: return "delivery_forbidden";
    case ErrorCode::kReleaseOff: return "release_off";
    case ErrorCode::kNotFound: return "not_found";
    case ErrorCode::kMethodNotAllowed: return "method_not_allowed";
    case ErrorCode::kConflict: return "conflict";
    case ErrorCode::kPreconditionFailed: return "precondition_failed";
    case ErrorCode::kBodyTooLarge: return "body_too_large";
    case ErrorCode::kUnsupportedMediaType: return "unsupported_media_type";
    case ErrorCode::kUnprocessable: return "unprocessable";
    case ErrorCode::kIdempotencyKeyReused: return "idempotency_key_reused";
    case ErrorCode::kRateLimited: return "rate_limited";
    case ErrorCode::kReleaseLimit: return "release_limit";
    case ErrorCode::kInternal: return "internal";
    case ErrorCode::kUnavailable: return "unavailable";
  }
  LK_UNREACHABLE();
}

bool is_retryable(ErrorCode code) {
  return code == ErrorCode::kRateLimited || code == ErrorCode::kReleaseLimit || code == ErrorCode::kUnavailable ||
         code == ErrorCode::kInternal;
}

}  // namespace latchkey
