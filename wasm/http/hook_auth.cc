#include "http/hook_auth.h"

#include "base/limits.h"
#include "http/refusals.h"

namespace latchkey::http {
namespace {

Error nothing_here() { return Error(ErrorCode::kNotFound, "There is nothing at this path."); }

}  // namespace

Task<Error> refuse_hook(Context& context, std::string_view reason, Error refusal) {
  const std::string subject = "hook:" + std::string(context.client.address_hash.text());
  co_return co_await refuse_counted(
      context,
      {.subject = subject,
       .limit = limits::kHookFailuresPerHour,
       .refusal = std::move(refusal),
       .too_many = "Too many refused posts from this address. Try again later."},
      {.at = context.host.clock.now(),
       .request_id = context.client.request_id,
       .action = "payment.denied",
       .outcome = "denied",
       .reason = reason,
       .actor = "unknown",
       .address_hash = context.client.address_hash.text(),
       .country = store::or_null(context.client.country),
       .user_agent = store::or_null(context.client.user_agent)});
}

Task<Result<Void>> authenticate_hook(Context& context, const Route& route) {
  const config::Payments& payments = context.app.config.payments;
  if (route.operation == "hook_stripe") {
    if (!payments.stripe.webhook_secret) co_return Unexpected(nothing_here());
    co_return Void{};
  }
  if (!payments.gumroad) co_return Unexpected(nothing_here());
  const crypto::TokenHash given = context.app.config.index.hash(crypto::IndexPurpose::kKeyTag,
                                                                "gumroad|" + context.path_parameter);
  if (given == payments.gumroad->hook_secret) co_return Void{};
  co_return Unexpected(co_await refuse_hook(context, "wrong_path", nothing_here()));
}

}  // namespace latchkey::http
