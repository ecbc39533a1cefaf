#include "http/admin_auth.h"

#include "admin/token.h"
#include "admin/tokens.h"
#include "base/limits.h"
#include "json/writer.h"
#include "store/audit.h"
#include "store/queries.h"
#include "store/rate_window.h"

namespace latchkey::http {
namespace {

using admin::Access;

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

// look_up: what D1 says of a token that can be a right one. A text that is no token costs no trip.
Task<Result<admin::AccessFacts>> look_up(Context& context, std::string_view token) {
  const config::Config& config = context.app.config;
  admin::AccessFacts facts{.is_shown = !token.empty()};
  if (token.empty() || token.size() > kTokenBytesMax) co_return facts;
  const crypto::TokenHash hash = config.index.hash(crypto::IndexPurpose::kAdminToken, token);
  facts.is_bootstrap = hash == config.admin_token;
  if (!facts.is_bootstrap && !admin::is_token(token)) co_return facts;

  host::Batch batch;
  batch.add(store::kAdminAccessGet).bind(hash.text());
  CO_TRY(const host::BatchAnswer answer, co_await context.host.db.run(std::move(batch)));
  const host::Row row = answer.row(0, 0);
  facts.bootstrap_enabled = row.integer("bootstrap_enabled") != 0;
  if (!row.is_null("id")) {
    facts.named = admin::TokenFacts{.id = std::string(row.text("id")),
                                    .name = std::string(row.text("name")),
                                    .scopes = admin::stored_scopes(row.text("scopes")),
                                    .expires_at = row.integer_or_null("expires_at"),
                                    .revoked_at = row.integer_or_null("revoked_at"),
                                    .last_used_at = row.integer_or_null("last_used_at")};
  }
  co_return facts;
}

std::string actor_of(const admin::AccessFacts& facts) {
  if (facts.is_bootstrap) return "admin:" + std::string(admin::kBootstrapName);
  return facts.named ? "admin:" + facts.named->name : "unknown";
}

store::AuditRow denial(const Context& context, TimeMs now, std::string_view reason, std::string_view actor) {
  return {.at = now,
          .request_id = context.client.request_id,
          .action = "admin.denied",
          .outcome = "denied",
          .reason = reason,
          .actor = actor,
          .address_hash = context.client.address_hash.text(),
          .country = store::or_null(context.client.country),
          .user_agent = store::or_null(context.client.user_agent)};
}

// refuse: counts the failure and audits it, then says so: an outage here is a 503, not a free guess.
Task<Error> refuse(Context& context, Access access, std::string_view actor, TimeMs now) {
  const std::string subject = "admin:" + std::string(context.client.address_hash.text());
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
  const bool is_over = window.hits() > limits::kAdminFailuresPerHour;
  const bool over_recorded = row.integer("over_recorded") == window.start_seconds();

  const store::AuditRow audit =
      denial(context, now, is_over ? "address_over_limit" : admin::access_reason(access), actor);
  host::Batch record;
  if (!is_over) {
    store::add_audit(record, audit);
  } else if (!over_recorded) {
    store::add_audit_over(record, audit, subject);
  }
  if (record.num_statements() > 0) {
    const auto recorded = co_await context.host.db.run(std::move(record));
    if (!recorded) co_return recorded.error();
  }
  if (is_over) {
    context.app.shared.known_over.add(subject, {limits::kAdminFailuresPerHour, window.end()}, now);
    co_return throttled(window.end(), now);
  }
  co_return Error(ErrorCode::kUnauthorized, "Send a valid admin token as Authorization: Bearer.");
}

// forbid: the token is good, so it hears which scope it lacks.
Task<Error> forbid(Context& context, std::string_view scope, std::string_view actor, TimeMs now) {
  json::Writer details;
  details.begin_object().field("scope", scope).end_object();
  store::AuditRow audit = denial(context, now, admin::access_reason(Access::kWrongScope), actor);
  audit.details = details.text();
  host::Batch record;
  store::add_audit(record, audit);
  const auto recorded = co_await context.host.db.run(std::move(record));
  if (!recorded) co_return recorded.error();
  co_return Error(ErrorCode::kForbidden,
                  "This token lacks the scope " + std::string(scope) + ". Use one that has it.");
}

// touch: writes down that the token is in use. Bookkeeping: its failure stops nobody.
Task<void> touch(Context& context, const admin::TokenFacts& token, TimeMs now) {
  host::Batch batch;
  batch.add(store::kAdminTokenTouch).bind(token.id).bind(now);
  const auto touched = co_await context.host.db.run(std::move(batch));
  if (touched) co_return;
  json::Writer record;
  record.begin_object()
      .field("event", "token_use_not_stored")
      .field("token_id", token.id)
      .field("detail", touched.error().detail())
      .end_object();
  context.host.log.write(host::LogLevel::kWarning, record.text());
}

}  // namespace

Task<Result<Admin>> authenticate_admin(Context& context, std::string_view scope) {
  const std::string_view token = bearer_token(context.request.header("authorization"));
  CO_TRY(admin::AccessFacts facts, co_await look_up(context, token));
  const TimeMs now = context.host.clock.now();
  const Access access = admin::decide_access(facts, scope, now);
  std::string actor = actor_of(facts);
  if (access == Access::kWrongScope) co_return Unexpected(co_await forbid(context, scope, actor, now));
  if (access != Access::kGranted) co_return Unexpected(co_await refuse(context, access, actor, now));
  if (facts.is_bootstrap) co_return Admin{std::move(actor), {std::string(admin::kEveryScope)}};
  if (admin::is_touch_due(*facts.named, now)) co_await touch(context, *facts.named, now);
  co_return Admin{std::move(actor), std::move(facts.named->scopes)};
}

}  // namespace latchkey::http
