// PATCH /admin/licenses/{license_id}, POST /admin/licenses/bulk, GET /admin/licenses/{license_id}/history
#include <charconv>

#include "base/limits.h"
#include "http/endpoints.h"
#include "http/endpoints/acting.h"
#include "http/endpoints/license_fields.h"
#include "http/etag.h"
#include "http/paging.h"

namespace latchkey::http {
namespace {

using admin::BulkKind;
using admin::Change;

// change_of: what a member says of its override: nothing, null for the plan's, or a value. One that is
// wrong has its error already.
template <class T>
Change<T> change_of(const Fields& fields, std::string_view name, std::optional<T> value) {
  if (value) return Change<T>::set(std::move(*value));
  return fields.has(name) ? Change<T>::remove() : Change<T>();
}

Change<std::optional<TimeMs>> parse_end(Fields& fields, std::string_view name) {
  using End = Change<std::optional<TimeMs>>;
  const auto value = fields.member(name);
  if (value && value->string() == "never") return End::set(std::nullopt);
  if (const auto time = fields.time(name)) return End::set(time);
  return fields.has(name) ? End::remove() : End();
}

admin::Revision parse_revision(Fields& fields) {
  fields.refuse_unknown({"plan", "providers", "deliveries", "max_machines", "expires_at", "budget", "enforcement", "note"});
  admin::Revision revision;
  revision.plan = fields.text("plan", limits::kPlanNameBytesMax, fields.has("plan") ? Presence::kRequired
                                                                                  : Presence::kOptional);
  revision.providers = change_of(fields, "providers", parse_providers(fields, "providers"));
  revision.deliveries = change_of(fields, "deliveries", parse_deliveries(fields, "deliveries"));
  revision.max_machines = change_of(fields, "max_machines", fields.integer("max_machines", 1, limits::kMachinesMax));
  revision.expires_at = parse_end(fields, "expires_at");
  revision.budget = change_of(fields, "budget", parse_limits(fields, "budget"));
  revision.enforcement = change_of(fields, "enforcement", parse_enforcement(fields, "enforcement"));
  revision.note = change_of(fields, "note", fields.text("note", limits::kNoteBytesMax));
  return revision;
}

std::optional<BulkKind> kind_of(std::string_view name) {
  constexpr std::pair<std::string_view, BulkKind> kinds[] = {{"revoke", BulkKind::kRevoke},
                                                             {"suspend", BulkKind::kSuspend},
                                                             {"reinstate", BulkKind::kReinstate},
                                                             {"extend", BulkKind::kExtend},
                                                             {"replan", BulkKind::kReplan}};
  for (const auto& [word, kind] : kinds) {
    if (word == name) return kind;
  }
  return std::nullopt;
}

admin::BulkFilter parse_filter(Fields& fields, std::vector<FieldError>& errors) {
  admin::BulkFilter filter;
  const auto value = fields.member("filter");
  if (!value) {
    fields.add_error("filter", "is required; {} finds every licence");
    return filter;
  }
  Fields inner(*value, "filter.");
  inner.refuse_unknown({"status", "plan", "never_provisioned", "expires_before"});
  filter.status = inner.text("status", 16);
  if (filter.status && !is_status(*filter.status)) inner.add_error("status", std::string(kStatusMustBe));
  filter.plan = inner.text("plan", limits::kPlanNameBytesMax);
  filter.never_provisioned = inner.boolean("never_provisioned").value_or(false);
  filter.expires_before = inner.time("expires_before");
  for (const FieldError& error : inner.errors()) errors.push_back(error);
  return filter;
}

admin::BulkAct parse_act(Fields& fields, Run run) {
  admin::BulkAct act;
  const auto name = fields.text("act", 16, Presence::kRequired);
  const auto kind = name ? kind_of(*name) : std::nullopt;
  if (name && !kind) fields.add_error("act", "must be extend, revoke, suspend, reinstate or replan");
  act.kind = kind.value_or(BulkKind::kRevoke);
  act.days = fields.integer("days", 1, limits::kLicenseDaysMax);
  act.expires_at = fields.time("expires_at");
  const auto plan = fields.text("plan", limits::kPlanNameBytesMax);
  act.plan = plan.value_or("");
  act.reason = parse_reason(fields);
  const int num_ends = fields.has("days") + fields.has("expires_at");
  if (kind && num_ends != (kind == BulkKind::kExtend ? 1 : 0)) {
    fields.add_error("days", "or expires_at, one of them, goes with extend and nothing else");
  }
  if (kind && (kind == BulkKind::kReplan) != plan.has_value()) fields.add_error("plan", "goes with replan");
  // A real run says how many a dry one found.
  const Presence presence = run == Run::kReal ? Presence::kRequired : Presence::kOptional;
  act.expected_count = fields.integer("expected_count", 0, INT32_MAX, presence).value_or(0);
  return act;
}

Response print_report(const admin::BulkReport& report, Run run) {
  json::Writer out(4096);
  out.begin_object().field("dry_run", run == Run::kDry).field("matched", report.matched);
  out.field("changed", report.changed).field("skipped", report.skipped);
  out.field("next", report.next_id);
  out.key("sample").begin_array();
  for (const admin::LicenseView& view : report.sample) out.raw(print(view));
  out.end_array().end_object();
  return json_response(200, std::move(out).take());
}

void write_entry(json::Writer& out, const admin::HistoryEntry& entry) {
  out.begin_object().time("at", entry.at).field("action", entry.action);
  const auto state = admin::state_after(entry.action);
  out.field("status", state ? std::optional<std::string>(*state) : std::nullopt);
  out.field("reason", entry.reason);
  out.field("actor", entry.actor).field("request_id", entry.request_id).key("details");
  // Ours is an object; what somebody wrote by hand may be anything.
  const auto document = entry.details ? json::Document::parse_untrusted(*entry.details)
                                      : Result<json::Document>(fail(ErrorCode::kInternal, ""));
  document && document->root().kind() == json::Kind::kObject ? out.raw(*entry.details) : out.null();
  out.end_object();
}

std::optional<int64_t> parse_seq(std::string_view text) {
  int64_t seq = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seq);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return seq;
}

}  // namespace

Task<Result<Response>> admin_license_revise(Context& context) {
  Fields fields(context.body_root());
  const admin::Revision revision = parse_revision(fields);
  if (!fields.ok()) co_return context.invalid(fields.errors());
  CO_TRY(const admin::Versions expected, parse_versions(context.request, "if-match"));
  const admin::Actor actor = actor_of(context);
  admin::LicenseService service(context.host, context.app.config, actor);
  CO_TRY(const admin::LicenseView view, co_await service.revise(context.path_parameter, revision, expected, context.run));
  co_return tagged(view, context.run);
}

Task<Result<Response>> admin_license_bulk(Context& context) {
  Fields fields(context.body_root());
  std::vector<FieldError> errors;
  fields.refuse_unknown({"filter", "act", "days", "expires_at", "plan", "reason", "expected_count", "after"});
  admin::BulkFilter filter = parse_filter(fields, errors);
  filter.after_id = fields.text("after", limits::kPlanNameBytesMax).value_or("");
  const admin::BulkAct act = parse_act(fields, context.run);
  for (const FieldError& error : fields.errors()) errors.push_back(error);
  if (!errors.empty()) co_return context.invalid(errors);
  const admin::Actor actor = actor_of(context);
  admin::LicenseService service(context.host, context.app.config, actor);
  CO_TRY(const admin::BulkReport report, co_await service.bulk(filter, act, context.run));
  co_return print_report(report, context.run);
}

Task<Result<Response>> admin_license_history(Context& context) {
  std::vector<FieldError> errors;
  refuse_unknown_query(context, {}, errors);
  const std::string bound_to = "history|" + context.path_parameter;
  const PageAsked asked = parse_page(context, bound_to, errors);
  const auto before_seq = asked.after ? parse_seq(*asked.after) : limits::kD1IntegerMax;
  if (!before_seq) errors.push_back(bad_cursor());
  if (!errors.empty()) co_return context.invalid(errors);
  const admin::Actor actor = actor_of(context);
  admin::LicenseService service(context.host, context.app.config, actor);
  CO_TRY(const admin::HistoryPage page, co_await service.history(context.path_parameter, *before_seq, asked.rows_max));
  json::Writer out(4096);
  out.begin_object().field("status", page.status).key("data").begin_array();
  for (const admin::HistoryEntry& entry : page.entries) write_entry(out, entry);
  out.end_array();
  write_next_cursor(out, context, bound_to, page.next_seq ? std::optional(std::to_string(*page.next_seq)) : std::nullopt);
  out.end_object();
  co_return json_response(200, std::move(out).take());
}

}  // namespace latchkey::http
