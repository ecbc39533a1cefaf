#include "http/problem.h"

#include "base/check.h"
#include "json/writer.h"

namespace latchkey::http {

uint32_t status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidRequest: return 400;
    case ErrorCode::kInvalidLicense: return 401;
    case ErrorCode::kUnauthorized: return 401;
    case ErrorCode::kBudgetExceeded: return 402;
    case ErrorCode::kForbidden: return 403;
    case ErrorCode::kMachineLimit: return 403;
    case ErrorCode::kDeliveryForbidden: return 403;
    case ErrorCode::kReleaseOff: return 403;
    case ErrorCode::kNotFound: return 404;
    case ErrorCode::kMethodNotAllowed: return 405;
    case ErrorCode::kConflict: return 409;
    case ErrorCode::kPreconditionFailed: return 412;
    case ErrorCode::kBodyTooLarge: return 413;
    case ErrorCode::kUnsupportedMediaType: return 415;
    case ErrorCode::kUnprocessable: return 422;
    case ErrorCode::kIdempotencyKeyReused: return 422;
    case ErrorCode::kRateLimited: return 429;
    case ErrorCode::kReleaseLimit: return 429;
    case ErrorCode::kInternal: return 500;
    case ErrorCode::kUnavailable: return 503;
  }
  LK_UNREACHABLE();
}

std::string_view title_of(uint32_t status) {
  switch (status) {
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 402: return "Payment Required";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 409: return "Conflict";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 422: return "Unprocessable Content";
    case 429: return "Too Many Requests";
    case 500: return "Internal Server Error";
    case 503: return "Service Unavailable";
    default: LK_UNREACHABLE();
  }
}

Response problem(const Error& error, std::string_view request_id, std::span<const FieldError> errors,
                 const Extension* extension) {
  const uint32_t status = status_of(error.code());
  json::Writer out(512);
  out.begin_object()
      .field("type", "urn:latchkey:error:" + std::string(error_name(error.code())))
      .field("title", title_of(status))
      .field("status", status)
      .field("detail", error.message())
      .field("success", false)
      .field("error", error_name(error.code()))
      .field("message", error.message())
      .field("retryable", is_retryable(error.code()) || error.retry_after_seconds > 0)
      .field("request_id", request_id);
  if (error.resets_at) out.time("resets_at", *error.resets_at);
  if (extension != nullptr) out.key(extension->name).raw(extension->json);
  if (!errors.empty()) {
    out.key("errors").begin_array();
    for (const FieldError& field : errors) {
      out.begin_object().field("location", field.location).field("message", field.message).end_object();
    }
    out.end_array();
  }
  out.end_object();
  Response response;
  response.status = status;
  response.header("content-type", "application/problem+json").header("cache-control", "no-store");
  if (error.retry_after_seconds > 0) response.header("retry-after", std::to_string(error.retry_after_seconds));
  response.body = std::move(out).take();
  return response;
}

}  // namespace latchkey::http
