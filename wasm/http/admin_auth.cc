#include "http/admin_auth.h"

#include "base/limits.h"
#include "store/audit.h"
#include "store/queries.h"
#include "store/rate_window.h"

namespace latchkey::http {
namespace {

constexpr std::string_view kBootstrapActor = "admin:bootstrap";
constexpr size_t kTokenBytesMax = 512;

std::string_view bearer_token(std::string_view header) {
  constexpr std::string_view scheme = "bearer ";
  if (header.size() <= scheme.size()) return {};
  for (size_t i = 0; i < scheme.size(); ++i) {
    const char c = header[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c) != scheme[i]) return {};
  }
  return header.substr(scheme.size());
}

Error throttled(TimeMs window_end, TimeMs now) {
  Error error(ErrorCode::kRateLimited, "Too many wrong admin tokens from this address. Try again later.");
  error.retry_after_seconds = static_cast<uint32_t>((window_end - now + kSecondMs - 1) / kSecondMs);
  return error;
}

}  // namespace

Task<Result<std::string>> authenticate_admin(Context& context) {
  const std::string_view token = bearer_token(context.request.header("authorization"));
  const config::Config& config = context.app.config;
  if (!token.empty() && token.size() <= kTokenBytesMax &&
      config.index.hash(crypto::IndexPurpose::kAdminToken, token) == config.admin_token) {
    co_return std::string(kBootstrapActor);
  }

  // Count the failure, then say so: an outage here is a 503, not a free guess.
  const TimeMs now = context.host.clock.now();
  const std::string subject = "admin:" + std::string(context.client.address_hash.text());
  if (const auto end = context.app.shared.known_over.until(subject, now)) {
    co_return Unexpected(throttled(*end, now));
  }
  host::Batch count;
  count.add(store::kRateLimitCountOne)
      .bind(subject)
      .bind(store::RateWindow::begin(now))
      .bind(store::RateWindow::ended(now));
  CO_TRY(const host::BatchAnswer answer, co_await context.host.db.run(std::move(count)));
  const host::Row row = answer.row(0, 0);
  const store::RateWindow window{row.integer("window")};
  const bool is_over = window.hits() > limits::kAdminFailuresPerHour;
  const bool over_recorded = row.integer("over_recorded") == window.start_seconds();
  const TimeMs window_end = window.end();

  const store::AuditRow audit{.at = now,
                              .request_id = context.client.request_id,
                              .action = "admin.denied",
                              .outcome = "denied",
                              .reason = is_over ? "address_over_limit" : token.empty() ? "no_token" : "wrong_token",
                              .actor = "unknown",
                              .address_hash = context.client.address_hash.text(),
                              .country = store::or_null(context.client.country),
                              .user_agent = store::or_null(context.client.user_agent)};
  host::Batch record;
  if (!is_over) {
    store::add_audit(record, audit);
  } else if (!over_recorded) {
    store::add_audit_over(record, audit, subject);
  }
  if (record.num_statements() > 0) CO_TRY_VOID(co_await context.host.db.run(std::move(record)));
  if (is_over) {
    context.app.shared.known_over.add(subject, window_end, now);
    co_return Unexpected(throttled(window_end, now));
  }
  co_return fail(ErrorCode::kUnauthorized, "Send a valid admin token as Authorization: Bearer.");
}

}  // namespace latchkey::http
