// /admin/licenses/{license_id}/machines, /admin/machines
#include "admin/machines.h"
#include "base/limits.h"
#include "http/dry_run.h"
#include "http/endpoints.h"
#include "http/endpoints/acting.h"
#include "http/endpoints/license_fields.h"
#include "http/etag.h"
#include "http/paging.h"
#include "json/writer.h"

namespace latchkey::http {
namespace {

void write_members(json::Writer& out, const admin::MachineView& machine) {
  out.field("id", machine.id).field("license_id", machine.license_id);
  out.field("name", machine.name);
  out.time("first_seen_at", machine.first_seen_at).time("last_seen_at", machine.last_seen_at);
  out.time("released_at", machine.released_at).time("seat_held_until", machine.seat_held_until);
  out.field("country", machine.country).field("app_version", machine.app_version);
  out.field("version", machine.version);
}

void write_list(json::Writer& out, const std::vector<admin::MachineView>& machines) {
  out.key("data").begin_array();
  for (const admin::MachineView& machine : machines) {
    out.begin_object();
    write_members(out, machine);
    out.end_object();
  }
  out.end_array();
}

Response tagged(const admin::MachineView& machine, Run run = Run::kReal) {
  json::Writer out;
  out.begin_object();
  write_members(out, machine);
  write_run(out, run);
  out.end_object();
  Response response = json_response(200, std::move(out).take());
  response.header("etag", etag_of(machine.version));
  return response;
}

// parse_name: 1 to limits::kMachineNameCharsMax characters; nullopt for null. The member must be there.
std::optional<std::string> parse_name(Fields& fields) {
  if (!fields.has("name")) fields.add_error("name", "is required; null takes it away");
  auto name = fields.text("name", 4 * limits::kMachineNameCharsMax);
  if (name && num_characters(*name) > limits::kMachineNameCharsMax) {
    fields.add_error("name", "must have at most " + std::to_string(limits::kMachineNameCharsMax) + " characters");
  }
  return name;
}

}  // namespace

Task<Result<Response>> admin_machine_list(Context& context) {
  const admin::Actor actor = actor_of(context);
  admin::MachineService service(context.host, context.app.config, actor);
  CO_TRY(const auto machines, co_await service.list(context.path_parameter));
  json::Writer out;
  out.begin_object();
  write_list(out, machines);
  out.end_object();
  co_return json_response(200, std::move(out).take());
}

Task<Result<Response>> admin_machine_list_all(Context& context) {
  constexpr std::string_view bound_to = "machines";
  std::vector<FieldError> errors;
  refuse_unknown_query(context, {}, errors);
  const PageAsked asked = parse_page(context, bound_to, errors);
  if (!errors.empty()) co_return context.invalid(errors);

  const admin::Actor actor = actor_of(context);
  admin::MachineService service(context.host, context.app.config, actor);
  CO_TRY(const admin::MachinePage page, co_await service.list_all(asked.after.value_or(""), asked.rows_max));
  json::Writer out(4096);
  out.begin_object();
  write_list(out, page.machines);
  write_next_cursor(out, context, bound_to, page.next_id);
  out.end_object();
  co_return json_response(200, std::move(out).take());
}

Task<Result<Response>> admin_machine_show(Context& context) {
  CO_TRY(const admin::Versions held, parse_versions(context.request, "if-none-match"));
  const admin::Actor actor = actor_of(context);
  admin::MachineService service(context.host, context.app.config, actor);
  CO_TRY(const admin::MachineView machine, co_await service.show(context.path_parameter));
  if (context.request.has_header("if-none-match") && held.has(machine.version)) {
    Response response;
    response.status = 304;
    response.header("etag", etag_of(machine.version)).header("cache-control", "no-store");
    co_return response;
  }
  co_return tagged(machine);
}

Task<Result<Response>> admin_machine_rename(Context& context) {
  Fields fields(context.body_root());
  fields.refuse_unknown({"name"});
  const auto name = parse_name(fields);
  if (!fields.ok()) co_return context.invalid(fields.errors());
  CO_TRY(const admin::Versions expected, parse_versions(context.request, "if-match"));
  const admin::Actor actor = actor_of(context);
  admin::MachineService service(context.host, context.app.config, actor);
  CO_TRY(const admin::MachineView machine, co_await service.rename(context.path_parameter, name, expected, context.run));
  co_return tagged(machine, context.run);
}

Task<Result<Response>> admin_machine_release(Context& context) {
  CO_TRY(const admin::Versions expected, parse_versions(context.request, "if-match"));
  const admin::Actor actor = actor_of(context);
  admin::MachineService service(context.host, context.app.config, actor);
  CO_TRY(const admin::MachineView machine, co_await service.release(context.path_parameter, expected, context.run));
  co_return tagged(machine, context.run);
}

}  // namespace latchkey::http
