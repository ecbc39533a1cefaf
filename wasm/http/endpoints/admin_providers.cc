// /admin/providers
#include "admin/providers.h"

#include "base/limits.h"
#include "http/dry_run.h"
#include "http/endpoints.h"
#include "http/endpoints/acting.h"
#include "http/fields.h"
#include "json/writer.h"

namespace latchkey::http {
namespace {

// write_members: a provider's key, into an object that is open.
void write_members(json::Writer& out, const admin::ProviderView& view) {
  out.field("provider", view.provider).field("source", view.source);
  out.field("version", view.version).time("updated_at", view.updated_at);
  out.field("rotation_due", view.is_rotation_due).key("key_check");
  if (!view.check || !view.check->verdict) {
    out.null();
    return;
  }
  out.begin_object().field("verdict", verdict_name(*view.check->verdict)).field("detail", view.check->detail);
  out.time("checked_at", view.check->checked_at).end_object();
}

}  // namespace

Task<Result<Response>> admin_provider_list(Context& context) {
  const admin::Actor actor = actor_of(context);
  admin::ProviderService service(context.host, context.app.config, actor);
  CO_TRY(const auto views, co_await service.list());
  json::Writer out;
  out.begin_object().key("data").begin_array();
  for (const admin::ProviderView& view : views) {
    out.begin_object();
    write_members(out, view);
    out.end_object();
  }
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
  const admin::Actor actor = actor_of(context);
  admin::ProviderService service(context.host, context.app.config, actor);
  CO_TRY(const auto view, co_await service.set(*provider, Secret::copy_of(*key), context.run));
  json::Writer out;
  out.begin_object();
  write_members(out, view);
  write_run(out, context.run);
  out.end_object();
  co_return json_response(200, std::move(out).take());
}

}  // namespace latchkey::http
