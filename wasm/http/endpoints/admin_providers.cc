// /admin/providers
#include "admin/providers.h"

#include "base/limits.h"
#include "http/endpoints.h"
#include "http/fields.h"
#include "json/writer.h"

namespace latchkey::http {
namespace {

void write_provider(json::Writer& out, const admin::ProviderView& view) {
  out.begin_object().field("provider", view.provider).field("source", view.source);
  out.key("version");
  view.version ? out.integer(*view.version) : out.null();
  out.key("updated_at");
  view.updated_at ? out.string(format_time(*view.updated_at)) : out.null();
  out.field("rotation_due", view.is_rotation_due).end_object();
}

}  // namespace

Task<Result<Response>> admin_provider_list(Context& context) {
  const admin::Actor actor{context.client, context.actor};
  admin::ProviderService service(context.host, context.app.config, actor);
  CO_TRY(const auto views, co_await service.list());
  json::Writer out;
  out.begin_object().key("data").begin_array();
  for (const admin::ProviderView& view : views) write_provider(out, view);
  out.end_array().end_object();
  co_return json_response(200, std::move(out).take());
}

Task<Result<Response>> admin_provider_set(Context& context) {
  const auto provider = config::provider_index(context.path_parameter);
  if (!provider) {
    co_return fail(ErrorCode::kNotFound, "The providers are deepseek, kimi, mistral, qwen, yandex and zhipu.");
  }
  Fields fields(context.body_root());
  fields.refuse_unknown({"api_key"});
  const auto key = fields.text("api_key", limits::kProviderKeyBytesMax, Presence::kRequired);
  if (key && (key->size() < 8 || key->find(' ') != std::string::npos)) {
    fields.add_error("api_key", "must be one word of 8 to 4096 bytes");
  }
  if (!fields.ok()) co_return context.invalid(fields.errors());
  const admin::Actor actor{context.client, context.actor};
  admin::ProviderService service(context.host, context.app.config, actor);
  CO_TRY(const auto view, co_await service.set(*provider, Secret::copy_of(*key)));
  json::Writer out;
  write_provider(out, view);
  co_return json_response(200, std::move(out).take());
}

}  // namespace latchkey::http
