// GET /admin/session
#include "audit/stored.h"
#include "http/endpoints.h"
#include "http/routes.h"
#include "json/writer.h"

namespace latchkey::http {

Task<Result<Response>> admin_session(Context& context) {
  const config::Config& config = context.app.config;
  const admin::Identity& identity = context.identity;
  json::Writer out(2048);
  out.begin_object().field("actor", context.actor).field("kind", admin::sign_in_name(identity.kind)).key("name");
  // Whom Cloudflare Access lets in has no name here but the hash.
  if (identity.kind == admin::SignIn::kAccess) out.null();
  else out.string(std::string_view(context.actor).substr(context.actor.find(':') + 1));
  out.key("token_id");
  if (identity.kind == admin::SignIn::kToken) out.string(identity.token_id);
  else out.null();
  out.time("expires_at", identity.expires_at).key("scopes").begin_array();
  for (const std::string_view scope : known_scopes()) {
    if (admin::allows(context.scopes, scope)) out.string(scope);
  }
  out.end_array().key("known_scopes").begin_array();
  for (const std::string_view scope : known_scopes()) out.string(scope);
  out.end_array()
      .field("environment", config.production ? "production" : "development")
      .field("build", config.build)
      .field("wasm_sha256", config.wasm_sha256)
      .time("time", context.host.clock.now())
      .field("audit_origin", audit::origin_of(config))
      .end_object();
  co_return json_response(200, std::move(out).take());
}

}  // namespace latchkey::http
