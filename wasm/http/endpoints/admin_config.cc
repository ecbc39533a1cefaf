// GET /admin/config
#include "base/check.h"
#include "http/endpoints.h"
#include "json/writer.h"

namespace latchkey::http {
namespace {

std::string_view kind_name(config::SettingKind kind) {
  switch (kind) {
    case config::SettingKind::kSecret: return "secret";
    case config::SettingKind::kText: return "text";
    case config::SettingKind::kInteger: return "integer";
  }
  LK_UNREACHABLE();
}

}  // namespace

Task<Result<Response>> admin_config(Context& context) {
  json::Writer out(4096);
  out.begin_object().key("data").begin_array();
  for (const config::SettingValue& shown : context.app.config.values) {
    const bool is_secret = shown.setting->kind == config::SettingKind::kSecret;
    out.begin_object().field("name", shown.setting->name).field("kind", kind_name(shown.setting->kind));
    out.key("value");
    is_secret ? out.null() : out.string(shown.value);
    out.key("default");
    is_secret ? out.null() : out.string(shown.setting->default_value);
    out.field("source", shown.from_environment ? "environment" : is_secret ? "missing" : "default")
        .field("description", shown.setting->description)
        .end_object();
  }
  out.end_array().end_object();
  co_return json_response(200, std::move(out).take());
}

}  // namespace latchkey::http
