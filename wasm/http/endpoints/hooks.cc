// /hooks/stripe, /hooks/gumroad/{secret}
#include "http/endpoints.h"
#include "http/hook_auth.h"
#include "json/writer.h"
#include "payments/service.h"
#include "payments/stripe.h"

namespace latchkey::http {
namespace {

using payments::stripe::Signature;

store::AuditRow by_of(const Context& context, std::string_view actor) {
  return {.request_id = context.client.request_id,
          .outcome = "done",
          .actor = actor,
          .address_hash = context.client.address_hash.text(),
          .country = store::or_null(context.client.country),
          .user_agent = store::or_null(context.client.user_agent)};
}

Response print(payments::Taken taken) {
  json::Writer out;
  out.begin_object().field("received", true).field("outcome", payments::taken_name(taken)).end_object();
  return json_response(200, std::move(out).take());
}

}  // namespace

Task<Result<Response>> hook_stripe(Context& context) {
  const config::Config& config = context.app.config;
  const std::string_view header = context.request.header("stripe-signature");
  Signature signature = Signature::kMalformed;
  {
    CO_TRY(const Secret secret, config.payments.stripe.webhook_secret->open(config.master));
    signature = payments::stripe::check_signature(header, context.raw_body, secret, context.host.clock.now());
  }
  if (signature == Signature::kTooOld) {
    co_return Unexpected(co_await refuse_hook(
        context, "signature_too_old",
        Error(ErrorCode::kUnauthorized, "The Stripe-Signature is not of the last five minutes. Send the event again.")));
  }
  if (signature != Signature::kGood) {
    co_return Unexpected(co_await refuse_hook(
        context, signature == Signature::kWrong ? "signature_wrong" : "signature_malformed",
        Error(ErrorCode::kUnauthorized, "The Stripe-Signature does not fit the body. Check STRIPE_WEBHOOK_SECRET.")));
  }
  CO_TRY(const json::Document document, json::Document::parse_untrusted(context.raw_body));
  CO_TRY(payments::Event event, payments::stripe::read_event(document.root()));
  const store::AuditRow by = by_of(context, "payments:stripe");
  payments::PaymentService service(context.host, config, by);
  CO_TRY(const payments::Taken taken, co_await service.take_stripe(std::move(event)));
  co_return print(taken);
}

Task<Result<Response>> hook_gumroad(Context& context) {
  const config::Config& config = context.app.config;
  const auto form = payments::Form::parse(context.raw_body);
  if (!form) co_return fail(ErrorCode::kInvalidRequest, "The form has more than 500 fields, or is not UTF-8.");
  if (form->text("test") == "true" && config.production) co_return print(payments::Taken::kIgnored);
  CO_TRY(payments::gumroad::Ping ping, payments::gumroad::read_ping(*form, config.payments.gumroad->seller_id));
  const store::AuditRow by = by_of(context, "payments:gumroad");
  payments::PaymentService service(context.host, config, by);
  CO_TRY(const payments::Taken taken, co_await service.take_ping(std::move(ping)));
  co_return print(taken);
}

}  // namespace latchkey::http
