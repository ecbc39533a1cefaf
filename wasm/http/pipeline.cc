#include "http/pipeline.h"

#include <algorithm>

#include "base/address.h"
#include "base/ids.h"
#include "base/limits.h"
#include "http/admin_auth.h"
#include "http/dry_run.h"
#include "http/fields.h"
#include "http/hook_auth.h"
#include "http/idempotency.h"
#include "http/location.h"
#include "http/routes.h"
#include "json/writer.h"

namespace latchkey::http {
namespace {

constexpr std::string_view kHsts = "max-age=63072000; includeSubDomains";

// cut_text: what may go into the log and the audit row of a header that anyone can write.
std::string cut_text(std::string_view text, size_t bytes_max) {
  std::string out;
  for (const char c : text.substr(0, bytes_max)) {
    out += static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f ? '?' : c;
  }
  return out;
}

provision::Client client_of(const App& app, host::Host& host, const Request& request) {
  return {.request_id = make_request_id(host),
          .address_hash = app.config.index.hash(crypto::IndexPurpose::kAddress, address_network(request.address)),
          .country = cut_text(request.country, 2),
          .user_agent = cut_text(request.header("user-agent"), limits::kUserAgentBytesMax),
          .asn = parse_asn(request.asn),
          .latitude = parse_degrees(request.latitude, kLatitudeMax),
          .longitude = parse_degrees(request.longitude, kLongitudeMax)};
}

bool is_allowed_origin(const config::Config& config, std::string_view origin) {
  return !origin.empty() &&
         std::find(config.cors_origins.begin(), config.cors_origins.end(), origin) != config.cors_origins.end();
}

std::string list_methods(const std::vector<Method>& methods) {
  std::string out;
  for (const Method method : methods) {
    if (!out.empty()) out += ", ";
    out += method_name(method);
  }
  return out;
}

Response preflight(const Match& match) {
  Response response;
  response.status = 204;
  response.header("access-control-allow-methods", list_methods(match.allowed))
      .header("access-control-allow-headers", "authorization, content-type, if-match, if-none-match, idempotency-key")
      .header("access-control-max-age", "600");
  return response;
}

// read_body: the parsed body of a route that takes one, or the problem with it.
Task<Result<Void>> read_body(Context& context, const Route& route) {
  const std::string_view content_type = context.request.header("content-type");
  const bool is_optional = route.body == Body::kOptional;
  const std::string_view wanted = route.body == Body::kForm ? kFormType : kJsonType;
  if (!is_type(content_type, wanted) && !(is_optional && content_type.empty())) {
    co_return fail(ErrorCode::kUnsupportedMediaType, "Send the body as " + std::string(wanted) + ".");
  }
  host::FrameWriter limit;
  limit.u32(route.body_bytes_max);
  host::OpAnswer answer = co_await host::Operation(context.host.ops, context.host.request_id,
                                                   host::OpKind::kReadBody, std::move(limit).take());
  if (answer.status == host::OpStatus::kTooLarge) {
    co_return fail(ErrorCode::kBodyTooLarge,
                   "The body is larger than " + std::to_string(route.body_bytes_max) + " bytes.");
  }
  if (answer.status != host::OpStatus::kOk) {
    co_return fail(ErrorCode::kInvalidRequest, "The body could not be read to its end.", answer.payload);
  }
  if (route.body == Body::kRaw || route.body == Body::kForm) {
    context.raw_body = std::move(answer.payload);
    co_return Void{};
  }
  if (is_optional && answer.payload.empty()) answer.payload = "{}";
  if (context.request.has_header("idempotency-key")) {
    context.body_hash = context.app.config.index.hash(crypto::IndexPurpose::kIdempotency, "body\n" + answer.payload);
  }
  CO_TRY(json::Document document, json::Document::parse_untrusted(answer.payload));
  context.body.emplace(std::move(document));
  co_return Void{};
}

// run: the steps behind the route: who, what, and the endpoint itself.
Task<Result<Response>> run(Context& context, const Route& route) {
  if (is_for_admins(route.auth)) {
    CO_TRY(Admin admin, co_await authenticate_admin(context, route));
    context.actor = std::move(admin.actor);
    context.identity = std::move(admin.identity);
    context.scopes = std::move(admin.scopes);
  }
  if (route.auth == Auth::kHook) CO_TRY_VOID(co_await authenticate_hook(context, route));
  if (const auto errors = read_run(context, route); !errors.empty()) co_return context.invalid(errors);
  if (route.body != Body::kNone) CO_TRY_VOID(co_await read_body(context, route));
  if (wants_once(context, route)) co_return co_await run_once(context, route);
  co_return co_await route.handler(context);
}

void log_error(host::Log& log, const Context& context, std::string_view operation, const Error& error) {
  if (status_of(error.code()) < 500) return;
  json::Writer record;
  record.begin_object()
      .field("event", "error")
      .field("request_id", context.client.request_id)
      .field("route", operation)
      .field("error", error_name(error.code()))
      .field("detail", error.detail())
      .end_object();
  log.write(host::LogLevel::kError, record.text());
}

void log_request(host::Host& host, const Context& context, std::string_view operation, uint32_t status) {
  if (!host.log.wants(host::LogLevel::kInfo)) return;
  json::Writer record;
  record.begin_object()
      .field("event", "request")
      .field("request_id", context.client.request_id)
      .field("route", operation)
      .field("status", status)
      .field("d1_round_trips", host.counts.d1_round_trips)
      .field("d1_rows_read", host.counts.d1_rows_read)
      .field("d1_rows_written", host.counts.d1_rows_written)
      .field("kv_reads", host.counts.kv_reads)
      .field("kv_writes", host.counts.kv_writes)
      .field("derives", host.counts.derives)
      .field("fetches", host.counts.fetches)
      .end_object();
  host.log.write(host::LogLevel::kInfo, record.text());
}

Response not_allowed(const Context& context, const Match& match) {
  Response response = context.problem(
      Error(ErrorCode::kMethodNotAllowed, "This path takes " + list_methods(match.allowed) + "."));
  response.header("allow", list_methods(match.allowed));
  return response;
}

}  // namespace

std::string make_request_id(host::Host& host) {
  ByteArray<kIdRandomBytes> random;
  host.random.fill(random);
  return make_id("req_", host.clock.now(), random);
}

Task<Response> serve(App& app, host::Host& host, const Request& request) {
  Context context{.app = app, .host = host, .request = request, .client = client_of(app, host, request)};
  const Match found = match(request.method == Method::kHead ? Method::kGet : request.method, request.path);
  const std::string_view origin = request.header("origin");
  const bool is_cors = is_allowed_origin(app.config, origin);
  const std::string_view operation = found.route ? found.route->operation : "none";

  Response response;
  if (app.config.production && request.scheme != "https") {
    response = context.problem(Error(ErrorCode::kInvalidRequest, "Use https: plain http is refused."));
  } else if (request.method == Method::kOptions && is_cors && !found.allowed.empty()) {
    response = preflight(found);
  } else if (found.route) {
    context.path_parameter = std::string(found.path_parameter);
    auto result = co_await run(context, *found.route);
    if (!result) log_error(host.log, context, operation, result.error());
    response = result ? std::move(*result) : context.problem(result.error());
  } else if (!found.allowed.empty()) {
    response = not_allowed(context, found);
  } else {
    response = context.problem(Error(ErrorCode::kNotFound, "There is nothing at this path."));
  }

  response.header("x-request-id", context.client.request_id).header("x-content-type-options", "nosniff");
  const bool is_for_admin = found.route && is_for_admins(found.route->auth);
  if (response.status == 401 && is_for_admin) response.header("www-authenticate", "Bearer");
  if (app.config.production) response.header("strict-transport-security", std::string(kHsts));
  if (is_cors) response.header("access-control-allow-origin", std::string(origin)).header("vary", "origin");
  log_request(host, context, operation, response.status);
  co_return response;
}

}  // namespace latchkey::http
