#include "http/admin_auth.h"

#include "admin/token.h"
#include "admin/tokens.h"
#include "base/limits.h"
#include "http/refusals.h"
#include "json/writer.h"
#include "store/audit.h"
#include "store/queries.h"

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

Error no_valid_token() {
  return Error(ErrorCode::kUnauthorized, "Send a valid admin token as Authorization: Bearer.");
}

// refuse: counts the failure and audits it, then says so.
Task<Error> refuse(Context& context, Access access, std::string_view actor, TimeMs now) {
  const std::string subject = "admin:" + std::string(context.client.address_hash.text());
  co_return co_await refuse_counted(
      context,
      {.subject = subject,
       .limit = limits::kAdminFailuresPerHour,
       .refusal = no_valid_token(),
       .too_many = "Too many wrong admin tokens from this address. Try again later."},
      denial(context, now, admin::access_reason(access), actor));
}

// forbid: the token is good, so it hears what is missing.
Task<Error> forbid(Context& context, Access access, std::string_view scope, std::string_view actor, TimeMs now) {
  json::Writer details;
  details.begin_object().field("scope", scope).end_object();
  store::AuditRow audit = denial(context, now, admin::access_reason(access), actor);
  audit.details = details.text();
  host::Batch record;
  store::add_audit(record, audit);
  const auto recorded = co_await context.host.db.run(std::move(record));
  if (!recorded) co_return recorded.error();
  if (access == Access::kForeignOrigin) {
    co_return Error(ErrorCode::kForbidden,
                    "Behind Cloudflare Access a change needs this service's own Origin and a body of type "
                    "application/json.");
  }
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

// access_token: what Cloudflare Access says of the request: its header, or else its cookie.
std::string_view access_token(const Request& request) {
  const std::string_view header = request.header("cf-access-jwt-assertion");
  return header.empty() ? admin::cookie_value(request.header("cookie"), "CF_Authorization") : header;
}

Error keys_away(std::string detail) {
  return Error(ErrorCode::kUnavailable, "Cloudflare Access does not answer. Try again in a moment.", std::move(detail));
}

// load_keys: the team's keys, from wherever they are published.
Task<Result<std::vector<admin::AccessKey>>> load_keys(Context& context) {
  const config::Config& config = context.app.config;
  const bool is_plain = !config.production && config.access->keys_url.starts_with("http://");
  using enum host::FetchRequest::PlainHttp;
  const host::FetchRequest request{.method = "GET",
                                   .url = config.access->keys_url,
                                   .authorization_scheme = {},
                                   .headers = {},
                                   .body = {},
                                   .timeout_ms = limits::kAccessKeysTimeoutMs,
                                   .answer_bytes_max = limits::kAccessKeysBytesMax,
                                   .plain_http = is_plain ? kAllowed : kRefused};
  const auto answer = co_await context.host.fetch.send(request);
  if (!answer) co_return Unexpected(keys_away("access keys: " + answer.error().detail()));
  auto keys = answer->status == 200 ? admin::parse_access_keys(answer->body) : std::nullopt;
  if (!keys) co_return Unexpected(keys_away("access keys: HTTP " + std::to_string(answer->status)));
  co_return std::move(*keys);
}

// know_key: makes sure that the keys of this isolate are those of now. False where the token's is not among them.
Task<Result<bool>> know_key(Context& context, const std::string& kid) {
  admin::AccessKeys& known = context.app.access_keys;
  const TimeMs now = context.host.clock.now();
  switch (admin::decide_lookup(known, kid, now)) {
    case admin::Lookup::kUse: co_return true;
    case admin::Lookup::kUnknown: co_return false;
    case admin::Lookup::kAway: co_return Unexpected(keys_away("access keys: asked just now"));
    case admin::Lookup::kFetch: break;
  }
  auto keys = co_await load_keys(context);
  known.asked_at = context.host.clock.now();
  if (!keys) co_return Unexpected(std::move(keys).error());
  known.keys = std::move(*keys);
  known.fetched_at = known.asked_at;
  co_return admin::decide_lookup(known, kid, *known.asked_at) == admin::Lookup::kUse;
}

// authenticate_access: one whom Cloudflare Access let in. Without the team's keys nobody is refused: it is a 503.
Task<Result<Admin>> authenticate_access(Context& context, const Route& route, std::string_view text) {
  const config::Config& config = context.app.config;
  const auto token = admin::parse_access_token(text);
  bool is_known = false;
  if (token) {
    CO_TRY(is_known, co_await know_key(context, token->kid));
  }
  const TimeMs now = context.host.clock.now();
  const auto actor =
      is_known ? admin::verify_access(config, context.app.access_keys, *token, now) : std::nullopt;
  if (!actor) co_return Unexpected(co_await refuse(context, Access::kAccessRefused, "unknown", now));

  const std::string_view own =
      config.public_origin.empty() ? context.request.origin : std::string_view(config.public_origin);
  const admin::CookieFacts facts{.is_read = route.method == Method::kGet,
                                 .is_own_origin = context.request.header("origin") == own,
                                 .is_json = is_type(context.request.header("content-type"), kJsonType)};
  const Access access = admin::decide_cookie_access(config.access->scopes, route.scope, facts);
  if (access != Access::kGranted) co_return Unexpected(co_await forbid(context, access, route.scope, actor->name, now));
  co_return Admin{actor->name, config.access->scopes, {admin::SignIn::kAccess, {}, actor->expires_at}};
}

}  // namespace

Task<Result<Admin>> authenticate_admin(Context& context, const Route& route) {
  const std::string_view scope = route.scope;
  if (context.app.config.access && !context.request.has_header("authorization")) {
    const std::string_view shown = access_token(context.request);
    if (!shown.empty()) co_return co_await authenticate_access(context, route, shown);
  }
  const std::string_view token = bearer_token(context.request.header("authorization"));
  CO_TRY(admin::AccessFacts facts, co_await look_up(context, token));
  const TimeMs now = context.host.clock.now();
  const Access access = admin::decide_access(facts, scope, now);
  // A page asks who is signed in before it asks for a token: that is no attempt.
  if (route.auth == Auth::kSignedIn && !context.request.has_header("authorization")) {
    co_return Unexpected(no_valid_token());
  }
  std::string actor = actor_of(facts);
  if (access == Access::kWrongScope) co_return Unexpected(co_await forbid(context, access, scope, actor, now));
  if (access != Access::kGranted) co_return Unexpected(co_await refuse(context, access, actor, now));
  if (facts.is_bootstrap) co_return Admin{std::move(actor), {std::string(admin::kEveryScope)}, {}};
  if (admin::is_touch_due(*facts.named, now)) co_await touch(context, *facts.named, now);
  admin::TokenFacts& named = *facts.named;
  co_return Admin{std::move(actor), std::move(named.scopes),
                  {admin::SignIn::kToken, std::move(named.id), named.expires_at}};
}

}  // namespace latchkey::http
