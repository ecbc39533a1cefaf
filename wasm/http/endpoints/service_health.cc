// GET /metrics, /admin/doctor
#include "base/public_url.h"
#include "health/doctor.h"
#include "health/metrics.h"
#include "http/endpoints.h"
#include "json/writer.h"

namespace latchkey::http {
namespace {

constexpr std::string_view kExpositionType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace

Task<Result<Response>> metrics(Context& context) {
  CO_TRY(const health::Figures figures, co_await health::load_figures(context.host));
  Response response;
  response.header("content-type", std::string(kExpositionType)).header("cache-control", "no-store");
  response.body = health::print_metrics(figures, context.app.config);
  co_return response;
}

Task<Result<Response>> admin_doctor(Context& context) {
  CO_TRY(const health::Figures figures, co_await health::load_figures(context.host));
  const health::KvProbe kv = co_await health::probe_kv(context.host);
  const auto checks = health::examine({.figures = figures,
                                       .config = context.app.config,
                                       .kv = kv,
                                       .self_test_passed = context.app.self_test_passed,
                                       .is_loopback = is_loopback(context.request.origin)});
  json::Writer out(4096);
  out.begin_object().field("status", health::status_name(health::worst(checks)));
  out.time("time", context.host.clock.now()).key("data").begin_array();
  for (const health::Check& check : checks) {
    out.begin_object().field("name", check.name).field("status", health::status_name(check.status));
    out.field("detail", check.detail).key("what_to_do");
    check.advice.empty() ? out.null() : out.string(check.advice);
    out.end_object();
  }
  out.end_array().end_object();
  co_return json_response(200, std::move(out).take());
}

}  // namespace latchkey::http
