#include "http/hook_auth.h"

#include "base/limits.h"
#include "store/audit.h"
#include "store/queries.h"
#include "store/rate_window.h"

namespace latchkey::http {
namespace {

Error throttled(TimeMs window_end, TimeMs now) {
  Error error(ErrorCode::kRateLimited, "Too many refused posts from this address. Try again later.");
  error.retry_after_seconds = static_cast<uint32_t>((window_end - now + kSecondMs - 1) / kSecondMs);
  return error;
}

Error nothing_here() { return Error(ErrorCode::kNotFound, "There is nothing at this path."); }

}  // namespace

Task<Error> refuse_hook(Context& context, std::string_view reason, Error refusal) {
  const TimeMs now = context.host.clock.now();
  const std::string subject = "hook:" + std::string(context.client.address_hash.text());
  if (const auto over = context.app.shared.known_over.find(subject, now)) co_return throttled(over->end, now);
  host::Batch count;
  count.add(store::kRateLimitCountOne)
      .bind(subject)
      .bind(store::RateWindow::begin(now))
      .bind(store::RateWindow::ended(now));
  const auto answer = co_await context.host.db.run(std::move(count));
  if (!answer) co_return answer.error();
  const host::Row row = answer->row(0, 0);
  const store::RateWindow window{row.integer("window")};
  const bool is_over = window.hits() > limits::kHookFailuresPerHour;
  const store::AuditRow audit{.at = now,
                              .request_id = context.client.request_id,
                              .action = "payment.denied",
                              .outcome = "denied",
                              .reason = is_over ? "address_over_limit" : reason,
                              .actor = "unknown",
                              .address_hash = context.client.address_hash.text(),
                              .country = store::or_null(context.client.country),
                              .user_agent = store::or_null(context.client.user_agent)};
  host::Batch record;
  if (!is_over) store::add_audit(record, audit);
  else if (row.integer("over_recorded") != window.start_seconds()) store::add_audit_over(record, audit, subject);
  if (record.num_statements() > 0) {
    const auto recorded = co_await context.host.db.run(std::move(record));
    if (!recorded) co_return recorded.error();
  }
  if (!is_over) co_return refusal;
  context.app.shared.known_over.add(subject, {limits::kHookFailuresPerHour, window.end()}, now);
  co_return throttled(window.end(), now);
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
