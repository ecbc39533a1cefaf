// /admin/tokens
#include <algorithm>

#include "admin/tokens.h"

#include "base/limits.h"
#include "http/dry_run.h"
#include "http/endpoints.h"
#include "http/endpoints/acting.h"
#include "http/fields.h"
#include "http/paging.h"
#include "http/routes.h"
#include "json/writer.h"

namespace latchkey::http {
namespace {

using admin::TokenService;
using admin::TokenView;

constexpr SecretAccess kShowOnce("a new admin token is shown once, to the admin who made it");

// write_members: the members of a token, into an object that is open.
void write_members(json::Writer& out, const TokenView& view) {
  out.field("id", view.id).field("name", view.name).field("hint", view.hint).field("status", view.status);
  out.key("scopes").begin_array();
  for (const std::string& scope : view.scopes) out.string(scope);
  out.end_array();
  out.time("expires_at", view.expires_at);
  out.time("revoked_at", view.revoked_at);
  out.field("created_by", view.created_by).time("created_at", view.created_at);
  out.time("last_used_at", view.last_used_at);
}

bool is_scope(std::string_view text) {
  return text == admin::kEveryScope ||
         std::ranges::any_of(routes(), [&](const Route& route) { return !text.empty() && route.scope == text; });
}

// list_scopes: for the message to somebody who named another.
std::string list_scopes() {
  std::string out(admin::kEveryScope);
  for (const std::string_view scope : known_scopes()) out += ", " + std::string(scope);
  return out;
}

admin::Scopes parse_scopes(Fields& fields) {
  admin::Scopes scopes;
  const auto list = fields.member("scopes");
  if (!list || list->kind() != json::Kind::kArray || list->num_items() == 0) {
    fields.add_error("scopes", "must be an array of scopes: " + list_scopes());
    return scopes;
  }
  size_t position = 0;
  list->each_item([&](json::Value item) {
    const auto text = item.string();
    if (text && is_scope(*text)) scopes.emplace_back(*text);
    else fields.add_error("scopes[" + std::to_string(position) + "]", "must be one of " + list_scopes());
    ++position;
  });
  std::ranges::sort(scopes);
  scopes.erase(std::unique(scopes.begin(), scopes.end()), scopes.end());
  return scopes;
}

Response show_bootstrap(bool is_enabled, Run run) {
  json::Writer out;
  out.begin_object().field("enabled", is_enabled);
  write_run(out, run);
  out.end_object();
  return json_response(200, std::move(out).take());
}

}  // namespace

Task<Result<Response>> admin_token_list(Context& context) {
  constexpr std::string_view bound_to = "tokens";
  std::vector<FieldError> errors;
  refuse_unknown_query(context, {}, errors);
  const PageAsked asked = parse_page(context, bound_to, errors);
  if (!errors.empty()) co_return context.invalid(errors);

  const admin::Actor actor = actor_of(context);
  TokenService service(context.host, context.app.config, actor);
  CO_TRY(const admin::TokenPage page, co_await service.list(asked.after.value_or(""), asked.rows_max));
  json::Writer out(4096);
  out.begin_object().key("data").begin_array();
  for (const TokenView& view : page.tokens) {
    out.begin_object();
    write_members(out, view);
    out.end_object();
  }
  out.end_array();
  write_next_cursor(out, context, bound_to, page.next_id);
  out.end_object();
  co_return json_response(200, std::move(out).take());
}

Task<Result<Response>> admin_token_create(Context& context) {
  Fields fields(context.body_root());
  fields.refuse_unknown({"name", "scopes", "expires_at"});
  const auto name = fields.text("name", limits::kAdminTokenNameBytesMax, Presence::kRequired);
  if (name && !admin::is_token_name(*name)) {
    fields.add_error("name", "must be one word of a-z 0-9 - _ . beginning with a letter or digit, not bootstrap");
  }
  admin::NewToken asked{
      .name = name.value_or(""), .scopes = parse_scopes(fields), .expires_at = fields.time("expires_at")};
  if (asked.expires_at && *asked.expires_at <= context.host.clock.now()) {
    fields.add_error("expires_at", "must lie in the future");
  }
  if (!fields.ok()) co_return context.invalid(fields.errors());

  const admin::Actor actor = actor_of(context);
  TokenService service(context.host, context.app.config, actor);
  CO_TRY(const admin::CreatedToken created, co_await service.create(asked, context.scopes, context.run));
  json::Writer out(1024);
  out.begin_object();
  write_members(out, created.view);
  if (created.token) out.field("token", created.token->reveal_text(kShowOnce));
  write_run(out, context.run);
  out.end_object();
  co_return json_response(created.token ? 201 : 200, std::move(out).take());
}

Task<Result<Response>> admin_token_revoke(Context& context) {
  const admin::Actor actor = actor_of(context);
  TokenService service(context.host, context.app.config, actor);
  CO_TRY(const TokenView view, co_await service.revoke(context.path_parameter, context.run));
  json::Writer out;
  out.begin_object();
  write_members(out, view);
  write_run(out, context.run);
  out.end_object();
  co_return json_response(200, std::move(out).take());
}

Task<Result<Response>> admin_bootstrap_show(Context& context) {
  const admin::Actor actor = actor_of(context);
  TokenService service(context.host, context.app.config, actor);
  CO_TRY(const bool is_enabled, co_await service.bootstrap());
  co_return show_bootstrap(is_enabled, context.run);
}

Task<Result<Response>> admin_bootstrap_set(Context& context) {
  Fields fields(context.body_root());
  fields.refuse_unknown({"enabled"});
  const auto wanted = fields.boolean("enabled");
  if (!wanted && fields.ok()) fields.add_error("enabled", "is required");
  if (!fields.ok()) co_return context.invalid(fields.errors());
  const admin::Actor actor = actor_of(context);
  TokenService service(context.host, context.app.config, actor);
  CO_TRY(const bool is_enabled, co_await service.set_bootstrap(*wanted, context.run));
  co_return show_bootstrap(is_enabled, context.run);
}

}  // namespace latchkey::http
