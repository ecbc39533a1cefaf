// /admin/alerts, /admin/alert-rules
#include "alert/service.h"
#include "base/limits.h"
#include "http/dry_run.h"
#include "http/endpoints.h"
#include "http/endpoints/acting.h"
#include "http/fields.h"
#include "http/paging.h"
#include "json/writer.h"

namespace latchkey::http {
namespace {

using alert::Act;
using alert::Alert;
using alert::AlertService;
using alert::Rule;

constexpr std::string_view kSeverities = "info, warning or critical";

// write_members: an alert, into an object that is open.
void write_members(json::Writer& out, const Alert& shown, TimeMs now) {
  out.field("id", shown.id).field("kind", shown.kind).field("subject", shown.subject);
  out.field("severity", shown.severity).field("level", shown.level).field("state", state_name(shown.state));
  const auto kind = alert::parse_kind(shown.kind);
  out.field("title", kind ? alert::info_of(*kind).title : "").field("advice", kind ? alert::info_of(*kind).advice : "");
  out.key("details").raw(shown.details);
  out.field("count", shown.count).time("first_at", shown.first_at).time("last_at", shown.last_at);
  out.time("snoozed_until", shown.snoozed_until.value_or(0) > now ? shown.snoozed_until : std::nullopt);
  out.field("acted_by", shown.acted_by).time("acted_at", shown.acted_at).time("resolved_at", shown.resolved_at);
}

Response print(const Alert& shown, TimeMs now, Run run) {
  json::Writer out(1024);
  out.begin_object();
  write_members(out, shown, now);
  write_run(out, run);
  out.end_object();
  return json_response(200, std::move(out).take());
}

// write_members: a rule, into an object that is open.
void write_members(json::Writer& out, const Rule& rule) {
  const alert::KindInfo& info = alert::info_of(rule.kind);
  out.field("kind", info.name).field("enabled", rule.is_enabled);
  out.field("severity", severity_name(rule.severity.value_or(info.severity)));
  out.field("default_severity", severity_name(info.severity)).field("title", info.title).field("advice", info.advice);
  out.field("updated_by", rule.updated_by).time("updated_at", rule.updated_at);
}

Task<Result<Response>> act_on(Context& context, Act act, std::optional<TimeMs> snoozed_until) {
  const store::AuditRow by = acting(context);
  AlertService service(context.host, by);
  CO_TRY(const Alert after, co_await service.act(context.path_parameter, act, snoozed_until, context.run));
  co_return print(after, context.host.clock.now(), context.run);
}

// known_kinds: for the message to somebody who named another.
std::string known_kinds() {
  std::string out;
  for (const alert::KindInfo& kind : alert::kinds()) out += (out.empty() ? "" : ", ") + std::string(kind.name);
  return out;
}

// parse_filter: the errors are appended.
alert::AlertFilter parse_filter(const Request& request, std::vector<FieldError>& errors) {
  alert::AlertFilter filter;
  if (const auto text = request.query_value("state")) {
    filter.state = alert::parse_state(*text);
    const bool is_shown = filter.state && *filter.state != alert::State::kPending;
    if (!is_shown) errors.push_back({"query.state", "must be open, acknowledged or resolved"});
  }
  if (const auto text = request.query_value("severity")) {
    filter.severity = alert::parse_severity(*text);
    if (!filter.severity) errors.push_back({"query.severity", "must be " + std::string(kSeverities)});
  }
  if (const auto text = request.query_value("kind")) {
    filter.kind = alert::parse_kind(*text);
    if (!filter.kind) errors.push_back({"query.kind", "must be one of " + known_kinds()});
  }
  return filter;
}

// parse_snooze: when it ends: `until`, or so many `minutes` from now.
std::optional<TimeMs> parse_snooze(Fields& fields, TimeMs now) {
  const auto minutes = fields.integer("minutes", 1, limits::kAlertSnoozeMinutesMax);
  const auto until = fields.time("until");
  if (!fields.ok()) return std::nullopt;
  if (minutes.has_value() == until.has_value()) {
    fields.add_error("minutes", "is needed, or until, and not both");
    return std::nullopt;
  }
  if (minutes) return now + *minutes * kMinuteMs;
  if (*until <= now || *until > now + limits::kAlertSnoozeMinutesMax * kMinuteMs) {
    fields.add_error("until", "must lie in the next 30 days");
  }
  return until;
}

}  // namespace

Task<Result<Response>> admin_alert_list(Context& context) {
  const Request& request = context.request;
  std::vector<FieldError> errors;
  refuse_unknown_query(context, {"state", "severity", "kind"}, errors);
  const alert::AlertFilter filter = parse_filter(request, errors);
  const std::string bound_to = "alerts|" + request.query_value("state").value_or("") + "|" +
                               request.query_value("severity").value_or("") + "|" + request.query_value("kind").value_or("");
  const PageAsked asked = parse_page(context, bound_to, errors);
  if (!errors.empty()) co_return context.invalid(errors);

  const store::AuditRow by = acting(context);
  AlertService service(context.host, by);
  CO_TRY(const alert::AlertPage page, co_await service.list(filter, asked.after.value_or(""), asked.rows_max));
  json::Writer out(8192);
  out.begin_object().key("data").begin_array();
  for (const Alert& shown : page.alerts) {
    out.begin_object();
    write_members(out, shown, context.host.clock.now());
    out.end_object();
  }
  out.end_array();
  write_next_cursor(out, context, bound_to, page.next_id);
  out.end_object();
  co_return json_response(200, std::move(out).take());
}

Task<Result<Response>> admin_alert_show(Context& context) {
  const store::AuditRow by = acting(context);
  AlertService service(context.host, by);
  CO_TRY(const Alert shown, co_await service.show(context.path_parameter));
  co_return print(shown, context.host.clock.now(), context.run);
}

Task<Result<Response>> admin_alert_acknowledge(Context& context) {
  Fields fields(context.body_root());
  fields.refuse_unknown({});
  if (!fields.ok()) co_return context.invalid(fields.errors());
  co_return co_await act_on(context, Act::kAcknowledge, std::nullopt);
}

Task<Result<Response>> admin_alert_resolve(Context& context) {
  Fields fields(context.body_root());
  fields.refuse_unknown({});
  if (!fields.ok()) co_return context.invalid(fields.errors());
  co_return co_await act_on(context, Act::kResolve, std::nullopt);
}

Task<Result<Response>> admin_alert_snooze(Context& context) {
  Fields fields(context.body_root());
  fields.refuse_unknown({"minutes", "until"});
  const auto until = parse_snooze(fields, context.host.clock.now());
  if (!fields.ok()) co_return context.invalid(fields.errors());
  co_return co_await act_on(context, Act::kSnooze, until);
}

Task<Result<Response>> admin_alert_rule_list(Context& context) {
  const store::AuditRow by = acting(context);
  AlertService service(context.host, by);
  CO_TRY(const std::vector<Rule> rules, co_await service.rules());
  json::Writer out(8192);
  out.begin_object().key("data").begin_array();
  for (const Rule& rule : rules) {
    out.begin_object();
    write_members(out, rule);
    out.end_object();
  }
  out.end_array().end_object();
  co_return json_response(200, std::move(out).take());
}

Task<Result<Response>> admin_alert_rule_set(Context& context) {
  const auto kind = alert::parse_kind(context.path_parameter);
  if (!kind) co_return fail(ErrorCode::kNotFound, "The kinds of alerts are " + known_kinds() + ".");
  Fields fields(context.body_root());
  fields.refuse_unknown({"enabled", "severity"});
  const auto enabled = fields.boolean("enabled");
  const auto severity = fields.text("severity", limits::kReasonBytesMax);
  Rule wanted{.kind = *kind,
              .is_enabled = enabled.value_or(true),
              .severity = severity ? alert::parse_severity(*severity) : std::nullopt,
              .updated_by = {},
              .updated_at = {}};
  if (severity && !wanted.severity) fields.add_error("severity", "must be " + std::string(kSeverities));
  if (!enabled && !severity && fields.ok()) fields.add_error("enabled", "is needed, or severity");
  if (!fields.ok()) co_return context.invalid(fields.errors());

  const store::AuditRow by = acting(context);
  AlertService service(context.host, by);
  CO_TRY(const Rule rule, co_await service.set_rule(wanted, context.run));
  json::Writer out;
  out.begin_object();
  write_members(out, rule);
  write_run(out, context.run);
  out.end_object();
  co_return json_response(200, std::move(out).take());
}

}  // namespace latchkey::http
