// GET and POST /keys/status
#include "http/endpoints.h"
#include "http/endpoints/client_request.h"
#include "json/writer.h"
#include "provision/edge_status.h"
#include "provision/receipt.h"

namespace latchkey::http {
namespace {

constexpr std::string_view kBearer = "Bearer ";

Error bad_receipt() {
  return Error(ErrorCode::kUnauthorized, "Send a receipt of this server as Authorization: Bearer.");
}

std::string print(const provision::StatusOutcome& outcome) {
  json::Writer out;
  const bool changed = !outcome.changed.empty();
  out.begin_object().field("changed", changed);
  if (changed) {
    out.key("changed_providers");
    write_providers(out, outcome.changed);
    write_key_versions(out, outcome.key_versions, outcome.providers);
    if (outcome.refresh_after) out.time("refresh_after", *outcome.refresh_after);
  }
  if (!outcome.notices.empty()) write_notices(out, outcome.notices);
  out.end_object();
  return std::move(out).take();
}

std::string print(const provision::EdgeStatus& status) {
  json::Writer out;
  out.begin_object().field("changed", !status.changed.empty()).key("changed_providers");
  write_providers(out, status.changed);
  out.field("plan", status.plan);
  write_key_versions(out, status.key_versions, status.providers);
  out.time("license_expires_at", status.license_expires_at);
  if (status.refresh_after) out.time("refresh_after", *status.refresh_after);
  out.field("epoch", status.epoch);
  write_notices(out, status.notices);
  out.end_object();
  return std::move(out).take();
}

// matches: RFC 9110 If-None-Match, weak comparison.
bool matches(std::string_view if_none_match, std::string_view etag) {
  return if_none_match == "*" || if_none_match.find(etag) != std::string_view::npos;
}

}  // namespace

Task<Result<Response>> keys_status_post(Context& context) {
  auto parsed = parse_client_request(context);
  if (auto* invalid = std::get_if<Response>(&parsed)) co_return std::move(*invalid);
  const auto& request = std::get<provision::ProvisionRequest>(parsed);

  provision::ProvisionService service(context.app.config, context.app.shared);
  CO_TRY(const provision::StatusOutcome outcome, co_await service.status(context.host, context.client, request));
  if (outcome.verdict != provision::Verdict::kGranted) {
    co_return refusal(context, outcome);
  }
  Response response = json_response(200, print(outcome));
  add_rate_limit_headers(response, outcome.windows);
  co_return response;
}

Task<Result<Response>> keys_status_get(Context& context) {
  const std::string_view authorization = context.request.header("authorization");
  const auto brake = context.app.shared.status_brake.count(context.client.address_hash.text(),
                                                           context.host.clock.now(),
                                                           context.app.config.rate_limit_ip_per_hour);
  if (brake) {
    Error error(ErrorCode::kRateLimited, "Too many requests from this address. Try again later.");
    error.retry_after_seconds = *brake;
    co_return Unexpected(std::move(error));
  }
  if (!authorization.starts_with(kBearer)) co_return Unexpected(bad_receipt());
  const TimeMs now = context.host.clock.now();
  const auto receipt =
      context.app.shared.verified_receipts.verify(context.app.config, authorization.substr(kBearer.size()), now);
  if (!receipt || receipt->expires_at <= now) co_return Unexpected(bad_receipt());

  CO_TRY(const provision::EdgeStatus status,
         co_await provision::edge_status(context.host, context.app.config, context.app.shared, *receipt));
  if (!status.is_usable) {
    co_return fail(ErrorCode::kInvalidLicense, "License key not found or expired");
  }
  if (status.used_up) co_return budget_refusal(context, *status.used_up, {});
  Response response = json_response(200, print(status));
  if (matches(context.request.header("if-none-match"), status.etag)) {
    response.status = 304;
    response.headers.clear();
    response.header("cache-control", "no-store");
    response.body.clear();
  }
  response.header("etag", status.etag);
  co_return response;
}

}  // namespace latchkey::http
