// POST /keys/provision
#include "http/endpoints.h"
#include "http/endpoints/client_request.h"
#include "json/writer.h"
#include "provision/deliver.h"

namespace latchkey::http {
namespace {

Result<std::string> print(Context& context, const provision::Grant& grant,
                          const provision::ProvisionRequest& request) {
  json::Writer out(4096);
  out.begin_object().field("success", true);
  TRY_VOID(provision::write_keys(out, context.host.random, grant, request));
  // The published client reads a plain answer and breaks on times at the top of it.
  if (request.delivery != provision::Delivery::kPlain) {
    out.time("expires_at", grant.times.expires_at).time("refresh_after", grant.times.refresh_after);
  }
  out.field("delivery", delivery_name(request.delivery));
  write_key_versions(out, grant.key_versions, grant.providers);
  write_notices(out, grant.notices);
  out.field("receipt", grant.receipt).end_object();
  return std::move(out).take();
}

}  // namespace

Task<Result<Response>> keys_provision(Context& context) {
  auto parsed = parse_client_request(context);
  if (auto* invalid = std::get_if<Response>(&parsed)) co_return std::move(*invalid);
  const auto& request = std::get<provision::ProvisionRequest>(parsed);

  provision::ProvisionService service(context.app.config, context.app.shared);
  CO_TRY(const provision::ProvisionOutcome outcome,
         co_await service.provision(context.host, context.client, request));
  if (!outcome.grant) co_return refusal(context, outcome);
  CO_TRY(std::string body, print(context, *outcome.grant, request));
  Response response = json_response(200, std::move(body));
  add_rate_limit_headers(response, outcome.windows);
  co_return response;
}

}  // namespace latchkey::http
