// GET /health, /ready, /version, /openapi.json, /.well-known/jwks.json
#include "crypto/self_test.h"
#include "http/endpoints.h"
#include "http/openapi.h"
#include "json/writer.h"
#include "store/queries.h"

namespace latchkey::http {

Task<Result<Response>> health(Context&) { co_return json_response(200, R"({"status":"ok"})"); }

Task<Result<Response>> ready(Context& context) {
  const bool crypto_ok = context.app.self_test_passed;
  host::Batch probe;
  probe.add(store::kStateGet);
  const auto d1 = co_await context.host.db.run(std::move(probe));
  const auto kv = co_await context.host.kv.get("ring");
  const bool is_ready = crypto_ok && d1.has_value() && kv.has_value();
  const auto word = [](bool ok) { return ok ? "ok" : "failed"; };
  json::Writer out;
  out.begin_object().field("ready", is_ready).key("checks").begin_object();
  out.field("crypto", word(crypto_ok)).field("d1", word(d1.has_value())).field("kv", word(kv.has_value()));
  out.end_object().end_object();
  Response response = json_response(is_ready ? 200 : 503, std::move(out).take());
  if (!is_ready) response.header("retry-after", "5");
  co_return response;
}

Task<Result<Response>> version(Context& context) {
  json::Writer out;
  out.begin_object()
      .field("name", "latchkey")
      .field("build", context.app.config.build)
      .field("wasm_sha256", context.app.config.wasm_sha256)
      .field("environment", context.app.config.production ? "production" : "development")
      .end_object();
  co_return json_response(200, std::move(out).take());
}

Task<Result<Response>> openapi(Context&) {
  Response response = json_response(200, openapi_document());
  response.headers.back().second = "public, max-age=300";
  co_return response;
}

Task<Result<Response>> jwks(Context& context) {
  Response response = json_response(200, context.app.config.signing.jwks());
  response.headers.back().second = "public, max-age=300";
  co_return response;
}

}  // namespace latchkey::http
