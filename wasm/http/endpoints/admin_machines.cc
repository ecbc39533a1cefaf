// /admin/licenses/{license_id}/machines, /admin/machines
#include "admin/licenses.h"
#include "http/endpoints.h"
#include "json/writer.h"

namespace latchkey::http {
namespace {

void write_machine(json::Writer& out, const admin::MachineView& machine) {
  const auto text_or_null = [&](std::string_view name, const std::optional<std::string>& text) {
    out.key(name);
    text ? out.string(*text) : out.null();
  };
  out.begin_object()
      .field("id", machine.id)
      .field("license_id", machine.license_id)
      .field("first_seen_at", format_time(machine.first_seen_at))
      .field("last_seen_at", format_time(machine.last_seen_at));
  text_or_null("released_at", machine.released_at ? std::optional(format_time(*machine.released_at)) : std::nullopt);
  text_or_null("country", machine.country);
  text_or_null("app_version", machine.app_version);
  out.end_object();
}

}  // namespace

Task<Result<Response>> admin_machine_list(Context& context) {
  const admin::Actor actor{context.client, context.actor};
  admin::LicenseService service(context.host, context.app.config, actor);
  CO_TRY(const auto machines, co_await service.machines(context.path_parameter));
  json::Writer out;
  out.begin_object().key("data").begin_array();
  for (const admin::MachineView& machine : machines) write_machine(out, machine);
  out.end_array().end_object();
  co_return json_response(200, std::move(out).take());
}

Task<Result<Response>> admin_machine_release(Context& context) {
  const admin::Actor actor{context.client, context.actor};
  admin::LicenseService service(context.host, context.app.config, actor);
  CO_TRY(const admin::MachineView machine, co_await service.release(context.path_parameter));
  json::Writer out;
  write_machine(out, machine);
  co_return json_response(200, std::move(out).take());
}

}  // namespace latchkey::http
