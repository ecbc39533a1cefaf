// /admin/licenses/{license_id}/machines, /admin/machines
#include "admin/licenses.h"
#include "http/endpoints.h"
#include "http/endpoints/license_fields.h"
#include "json/writer.h"

namespace latchkey::http {
namespace {

void write_machine(json::Writer& out, const admin::MachineView& machine) {
  out.begin_object()
      .field("id", machine.id)
      .field("license_id", machine.license_id)
      .field("first_seen_at", format_time(machine.first_seen_at))
      .field("last_seen_at", format_time(machine.last_seen_at));
  time_or_null(out, "released_at", machine.released_at);
  text_or_null(out, "country", machine.country);
  text_or_null(out, "app_version", machine.app_version);
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
  std::vector<FieldError> errors;
  const admin::Run run = parse_run(context, errors);
  if (!errors.empty()) co_return context.invalid(errors);
  const admin::Actor actor{context.client, context.actor};
  admin::LicenseService service(context.host, context.app.config, actor);
  CO_TRY(const admin::MachineView machine, co_await service.release(context.path_parameter, run));
  json::Writer out;
  write_machine(out, machine);
  co_return json_response(200, std::move(out).take());
}

}  // namespace latchkey::http
