#include "admin/tokens.h"

#include "admin/token.h"
#include "base/ids.h"
#include "base/limits.h"
#include "json/writer.h"
#include "store/queries.h"

namespace latchkey::admin {
namespace {

constexpr std::string_view kAfterEveryId = "tok_~";
constexpr SecretAccess kHash("a new admin token is hashed to be stored");

std::string print(const Scopes& scopes) {
  json::Writer out;
  out.begin_array();
  for (const std::string& scope : scopes) out.string(scope);
  out.end_array();
  return std::move(out).take();
}

TokenView view_of(const host::Row& row, TimeMs now) {
  TokenView view{.id = std::string(row.text("id")),
                 .name = std::string(row.text("name")),
                 .hint = std::string(row.text("hint")),
                 .status = "active",
                 .scopes = stored_scopes(row.text("scopes")),
                 .expires_at = row.integer_or_null("expires_at"),
                 .revoked_at = row.integer_or_null("revoked_at"),
                 .created_by = std::string(row.text("created_by")),
                 .created_at = row.integer("created_at"),
                 .last_used_at = row.integer_or_null("last_used_at")};
  if (view.expires_at && *view.expires_at <= now) view.status = "expired";
  if (view.revoked_at) view.status = "revoked";
  return view;
}

Error name_taken() {
  return Error(ErrorCode::kConflict, "A live token has this name. Revoke it first, or take another name.");
}

Unexpected last_manager() {
  return fail(ErrorCode::kConflict,
              "This is the last token that manages tokens, and the bootstrap token is off. Make another first.");
}

TokenView revoked(TokenView view, TimeMs now) {
  view.revoked_at = now;
  view.status = "revoked";
  return view;
}

std::string created_details(const TokenView& token) {
  json::Writer out;
  out.begin_object();
  if (token.expires_at) out.field("expires_at", *token.expires_at);
  out.field("hint", token.hint).field("name", token.name).key("scopes").raw(print(token.scopes));
  out.field("token_id", token.id).end_object();
  return std::move(out).take();
}

}  // namespace

Scopes stored_scopes(std::string_view json) {
  Scopes scopes;
  const auto document = json::Document::parse_host(json);
  if (!document) return scopes;
  document->root().each_item([&](json::Value item) {
    if (const auto text = item.string()) scopes.emplace_back(*text);
  });
  return scopes;
}

Task<Result<CreatedToken>> TokenService::create(const NewToken& asked, const Scopes& held, Run run) {
  if (!may_grant(held, asked.scopes)) {
    co_return fail(ErrorCode::kForbidden, "A token cannot give scopes that it does not hold itself.");
  }
  const TimeMs now = host_.clock.now();
  host::Batch look;
  look.add(store::kAdminTokenCount).bind(asked.name).bind(now).bind(limits::kAdminTokensLiveMax);
  CO_TRY(const host::BatchAnswer found, co_await host_.db.run(std::move(look)));
  if (found.row(0, 0).integer("is_taken") != 0) co_return Unexpected(name_taken());
  if (found.row(0, 0).integer("num_live") >= limits::kAdminTokensLiveMax) {
    co_return fail(ErrorCode::kConflict, "There are " + std::to_string(limits::kAdminTokensLiveMax) + " live tokens. Revoke one first.");
  }

  TokenView view{.id = "tok_" + std::string(kUndoneId),
                 .name = asked.name,
                 .status = "active",
                 .scopes = asked.scopes,
                 .expires_at = asked.expires_at,
                 .created_by = actor_.name,
                 .created_at = now};
  if (run == Run::kDry) co_return CreatedToken{std::move(view), std::nullopt};

  ByteArray<kIdRandomBytes> random;
  host_.random.fill(random);
  Secret token = generate_token(host_.random);
  view.id = make_id("tok_", now, random);
  view.hint = token_hint(token);
  const crypto::TokenHash hash = config_.index.hash(crypto::IndexPurpose::kAdminToken, token.reveal(kHash));
  const provision::Client& client = actor_.client;
  host::Batch batch;
  batch.add(store::kAuditAppendTokenCreated)
      .bind(now)
      .bind(client.request_id)
      .bind(actor_.name)
      .bind(view.name)
      .bind(client.address_hash.text())
      .bind(store::or_null(client.country))
      .bind(store::or_null(client.user_agent))
      .bind(created_details(view));
  batch.add(store::kAdminTokenInsert)
      .bind(view.id)
      .bind(view.name)
      .bind(hash.text())
      .bind(view.hint)
      .bind(print(view.scopes))
      .bind(manages_tokens(view.scopes) ? 1 : 0)
      .bind(view.expires_at)
      .bind(actor_.name)
      .bind(now);
  const auto stored = co_await host_.db.run(std::move(batch));
  if (!stored) {
    co_await take_back(view.id, view.name);
    co_return Unexpected(stored.error());
  }
  if (stored->num_rows(1) == 0) co_return Unexpected(name_taken());
  co_return CreatedToken{std::move(view), std::move(token)};
}

Task<void> TokenService::take_back(std::string_view id, std::string_view name) {
  host::Batch batch;
  // Item 1: the row of the creation, if it was stored, is item 0 of this request.
  add_revocation(batch, id, name, host_.clock.now(), 1, "not_answered");
  const auto revoked = co_await host_.db.run(std::move(batch));
  if (revoked) co_return;
  json::Writer record;
  record.begin_object()
      .field("event", "token_not_taken_back")
      .field("token_id", id)
      .field("detail", revoked.error().detail())
      .end_object();
  host_.log.write(host::LogLevel::kWarning, record.text());
}

Task<Result<TokenPage>> TokenService::list(std::string_view after_id, uint32_t rows_max) {
  host::Batch batch;
  batch.add(store::kAdminTokenList).bind(after_id.empty() ? kAfterEveryId : after_id).bind(rows_max + 1);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  TokenPage page;
  answer.each_row(0, [&](host::Row row) {
    if (page.tokens.size() == rows_max) page.next_id = page.tokens.back().id;
    else page.tokens.push_back(view_of(row, host_.clock.now()));
  });
  co_return page;
}

Task<Result<TokenView>> TokenService::load(std::string_view id) {
  host::Batch batch;
  batch.add(store::kAdminTokenGet).bind(id);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  const auto row = answer.first(0);
  if (!row) co_return fail(ErrorCode::kNotFound, "There is no token with this id.");
  co_return view_of(*row, host_.clock.now());
}

void TokenService::add_revocation(host::Batch& batch, std::string_view id, std::string_view name, TimeMs now,
                                  int64_t item, std::optional<std::string_view> reason) const {
  json::Writer details;
  details.begin_object().field("name", name).field("token_id", id).end_object();
  const provision::Client& client = actor_.client;
  batch.add(store::kAuditAppendTokenRevoked)
      .bind(now)
      .bind(client.request_id)
      .bind(item)
      .bind(actor_.name)
      .bind(id)
      .bind(client.address_hash.text())
      .bind(store::or_null(client.country))
      .bind(store::or_null(client.user_agent))
      .bind(details.text())
      .bind(reason);
  batch.add(store::kAdminTokenRevoke).bind(id).bind(now);
}

Task<Result<Void>> TokenService::check_revocable(const TokenView& view, TimeMs now) {
  host::Batch batch;
  batch.add(store::kStateGetBootstrap).bind(now).bind(view.id);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  const host::Row row = answer.row(0, 0);
  const bool is_needed = row.integer("bootstrap_enabled") == 0 && row.integer("has_manager") == 0;
  if (is_needed && manages_tokens(view.scopes)) co_return last_manager();
  co_return Void{};
}

Task<Result<TokenView>> TokenService::revoke(std::string_view id, Run run) {
  CO_TRY(TokenView view, co_await load(id));
  if (view.revoked_at) co_return view;
  const TimeMs now = host_.clock.now();
  if (run == Run::kDry) {
    CO_TRY_VOID(co_await check_revocable(view, now));
    co_return revoked(std::move(view), now);
  }
  host::Batch batch;
  add_revocation(batch, id, view.name, now, 0, std::nullopt);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  if (answer.num_rows(1) == 0) {
    // Another revoked it meanwhile, or the conditions of the statement do not hold.
    CO_TRY(view, co_await load(id));
    if (view.revoked_at) co_return view;
    co_return last_manager();
  }
  co_return revoked(std::move(view), now);
}

Task<Result<bool>> TokenService::bootstrap() {
  host::Batch batch;
  batch.add(store::kStateGetBootstrap).bind(host_.clock.now()).bind("");
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  co_return answer.row(0, 0).integer("bootstrap_enabled") != 0;
}

Task<Result<bool>> TokenService::set_bootstrap(bool wanted, Run run) {
  const TimeMs now = host_.clock.now();
  const bool is_by_bootstrap = actor_.name == "admin:" + std::string(kBootstrapName);
  host::Batch look;
  look.add(store::kStateGetBootstrap).bind(now).bind("");
  CO_TRY(const host::BatchAnswer found, co_await host_.db.run(std::move(look)));
  const host::Row row = found.row(0, 0);
  CO_TRY(const bool is_change, decide_bootstrap(row.integer("bootstrap_enabled") != 0, wanted, is_by_bootstrap,
                                                row.integer("has_manager") != 0));
  if (!is_change || run == Run::kDry) co_return wanted;

  const provision::Client& client = actor_.client;
  host::Batch batch;
  batch.add(store::kAuditAppendBootstrap)
      .bind(now)
      .bind(client.request_id)
      .bind(wanted ? "bootstrap.on" : "bootstrap.off")
      .bind(actor_.name)
      .bind(client.address_hash.text())
      .bind(store::or_null(client.country))
      .bind(store::or_null(client.user_agent))
      .bind(wanted ? 1 : 0);
  batch.add(store::kStateSetBootstrap).bind(wanted ? 1 : 0).bind(now);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  if (answer.num_rows(1) == 0) {
    co_return fail(ErrorCode::kConflict, "The tokens were changed by someone else. Look at them and try again.");
  }
  co_return wanted;
}

}  // namespace latchkey::admin
