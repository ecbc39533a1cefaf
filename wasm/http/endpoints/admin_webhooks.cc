// /admin/webhooks
#include <algorithm>

#include "alert/deliveries.h"
#include "alert/kinds.h"
#include "alert/webhooks.h"
#include "base/limits.h"
#include "base/public_url.h"
#include "http/dry_run.h"
#include "http/endpoints.h"
#include "http/endpoints/acting.h"
#include "http/fields.h"
#include "http/paging.h"
#include "json/writer.h"
#include "webhook/post.h"

namespace latchkey::http {
namespace {

using alert::Delivery;
using alert::DeliveryService;
using alert::WebhookService;
using webhook::Webhook;

constexpr SecretAccess kShowOnce("a webhook's secret is shown once, to the admin who made it");
constexpr std::string_view kEveryEvent = "*";  // every kind of alert
constexpr std::string_view kCheckpointEvent = "audit_checkpoint";  // signed heads of the audit log

// write_members: a webhook, into an object that is open.
void write_members(json::Writer& out, const Webhook& shown, TimeMs now) {
  out.field("id", shown.id).field("name", shown.name).field("url_hint", shown.hint).key("events").begin_array();
  for (const std::string& event : shown.events) out.string(event);
  out.end_array().field("min_severity", shown.min_severity).field("state", state_name(shown.state));
  out.field("failures", shown.failures);
  out.time("old_secret_until", shown.old_secret_until.value_or(0) > now ? shown.old_secret_until : std::nullopt);
  out.field("created_by", shown.created_by).time("created_at", shown.created_at).time("updated_at", shown.updated_at);
  out.time("last_delivered_at", shown.last_delivered_at);
}

// write_members: a message, into an object that is open.
void write_members(json::Writer& out, const Delivery& shown) {
  out.field("id", shown.id).field("webhook_id", shown.webhook_id).field("alert_id", shown.alert_id);
  out.field("type", shown.type).field("state", shown.state).field("attempts", shown.attempts);
  out.time("next_at", shown.due_at).field("last_status", shown.last_status).field("last_error", shown.last_error);
  out.time("created_at", shown.created_at).time("delivered_at", shown.delivered_at);
}

Response print(const Context& context, const Webhook& shown) {
  json::Writer out(1024);
  out.begin_object();
  write_members(out, shown, context.host.clock.now());
  write_run(out, context.run);
  out.end_object();
  return json_response(200, std::move(out).take());
}

Response print(const Context& context, const Delivery& shown) {
  json::Writer out;
  out.begin_object();
  write_members(out, shown);
  write_run(out, context.run);
  out.end_object();
  return json_response(200, std::move(out).take());
}

Response print(const Context& context, const alert::WithSecret& made, uint32_t status) {
  json::Writer out(1024);
  out.begin_object();
  write_members(out, made.webhook, context.host.clock.now());
  if (made.secret) out.field("secret", made.secret->reveal_text(kShowOnce));
  write_run(out, context.run);
  out.end_object();
  return json_response(made.secret ? status : 200, std::move(out).take());
}

std::string known_events() {
  std::string out = std::string(kEveryEvent) + ", " + std::string(kCheckpointEvent);
  for (const alert::KindInfo& kind : alert::kinds()) out += ", " + std::string(kind.name);
  return out;
}

// parse_events: ascending, each once; "*" in place of all kinds of alerts where it is among them. nullopt where the member is absent.
std::optional<std::vector<std::string>> parse_events(Fields& fields) {
  const auto list = fields.member("events");
  if (!list) return std::nullopt;
  std::vector<std::string> events;
  if (list->kind() != json::Kind::kArray || list->num_items() == 0) {
    fields.add_error("events", "must be an array of " + known_events());
    return events;
  }
  size_t position = 0;
  list->each_item([&](json::Value item) {
    const auto text = item.string();
    if (text && (*text == kEveryEvent || *text == kCheckpointEvent || alert::parse_kind(*text))) events.emplace_back(*text);
    else fields.add_error("events[" + std::to_string(position) + "]", "must be one of " + known_events());
    ++position;
  });
  std::ranges::sort(events);
  events.erase(std::unique(events.begin(), events.end()), events.end());
  if (std::ranges::find(events, kEveryEvent) != events.end()) {
    std::erase_if(events, [](const std::string& event) { return alert::parse_kind(event).has_value(); });
  }
  return events;
}

std::optional<std::string> parse_url(Context& context, Fields& fields, Presence presence) {
  auto url = fields.text("url", limits::kWebhookUrlBytesMax, presence);
  const std::string_view why = url ? why_not_public(*url, webhook::loopback_of(context.app.config)) : "";
  if (!why.empty()) fields.add_error("url", std::string(why));
  return url;
}

std::optional<std::string> parse_min_severity(Fields& fields) {
  auto severity = fields.text("min_severity", limits::kReasonBytesMax);
  if (severity && !alert::parse_severity(*severity)) {
    fields.add_error("min_severity", "must be info, warning or critical");
  }
  return severity;
}

}  // namespace

Task<Result<Response>> admin_webhook_list(Context& context) {
  const store::AuditRow by = acting(context);
  WebhookService service(context.host, context.app.config, by);
  CO_TRY(const std::vector<Webhook> webhooks, co_await service.list());
  json::Writer out(4096);
  out.begin_object().key("data").begin_array();
  for (const Webhook& shown : webhooks) {
    out.begin_object();
    write_members(out, shown, context.host.clock.now());
    out.end_object();
  }
  out.end_array().end_object();
  co_return json_response(200, std::move(out).take());
}

Task<Result<Response>> admin_webhook_show(Context& context) {
  const store::AuditRow by = acting(context);
  WebhookService service(context.host, context.app.config, by);
  CO_TRY(const Webhook shown, co_await service.show(context.path_parameter));
  co_return print(context, shown);
}

Task<Result<Response>> admin_webhook_create(Context& context) {
  Fields fields(context.body_root());
  fields.refuse_unknown({"name", "url", "events", "min_severity"});
  const auto name = fields.text("name", limits::kWebhookNameBytesMax, Presence::kRequired);
  const auto url = parse_url(context, fields, Presence::kRequired);
  const auto events = parse_events(fields);
  const auto min_severity = parse_min_severity(fields);
  if (!fields.ok()) co_return context.invalid(fields.errors());

  const store::AuditRow by = acting(context);
  WebhookService service(context.host, context.app.config, by);
  CO_TRY(const alert::WithSecret made,
         co_await service.create({.name = *name,
                                  .url = *url,
                                  .events = events.value_or(std::vector<std::string>{std::string(kEveryEvent)}),
                                  .min_severity = min_severity.value_or("info")},
                                 context.run));
  co_return print(context, made, 201);
}

Task<Result<Response>> admin_webhook_change(Context& context) {
  Fields fields(context.body_root());
  fields.refuse_unknown({"name", "url", "events", "min_severity", "state"});
  alert::Changes changes{.name = fields.text("name", limits::kWebhookNameBytesMax),
                         .url = parse_url(context, fields, Presence::kOptional),
                         .events = parse_events(fields),
                         .min_severity = parse_min_severity(fields),
                         .state = std::nullopt};
  if (const auto state = fields.text("state", limits::kReasonBytesMax)) {
    changes.state = webhook::parse_state(*state);
    const bool is_settable = changes.state && *changes.state != webhook::State::kDisabled;
    if (!is_settable) fields.add_error("state", "must be active or paused");
  }
  if (!fields.ok()) co_return context.invalid(fields.errors());

  const store::AuditRow by = acting(context);
  WebhookService service(context.host, context.app.config, by);
  CO_TRY(const Webhook changed, co_await service.change(context.path_parameter, std::move(changes), context.run));
  co_return print(context, changed);
}

Task<Result<Response>> admin_webhook_delete(Context& context) {
  const store::AuditRow by = acting(context);
  WebhookService service(context.host, context.app.config, by);
  CO_TRY(const Webhook deleted, co_await service.remove(context.path_parameter, context.run));
  co_return print(context, deleted);
}

Task<Result<Response>> admin_webhook_rotate_secret(Context& context) {
  Fields fields(context.body_root());
  fields.refuse_unknown({"overlap_hours"});
  const int64_t overlap_hours =
      fields.integer("overlap_hours", 0, limits::kWebhookOverlapHoursMax).value_or(limits::kWebhookOverlapHoursDefault);
  if (!fields.ok()) co_return context.invalid(fields.errors());
  const store::AuditRow by = acting(context);
  WebhookService service(context.host, context.app.config, by);
  CO_TRY(const alert::WithSecret rotated,
         co_await service.rotate_secret(context.path_parameter, overlap_hours, context.run));
  co_return print(context, rotated, 200);
}

Task<Result<Response>> admin_webhook_test(Context& context) {
  Fields fields(context.body_root());
  fields.refuse_unknown({});
  if (!fields.ok()) co_return context.invalid(fields.errors());
  const store::AuditRow by = acting(context);
  DeliveryService service(context.host, context.app.config, by);
  CO_TRY(const Delivery posted, co_await service.test(context.path_parameter, context.run));
  co_return print(context, posted);
}

Task<Result<Response>> admin_webhook_redeliver(Context& context) {
  Fields fields(context.body_root());
  fields.refuse_unknown({});
  if (!fields.ok()) co_return context.invalid(fields.errors());
  const store::AuditRow by = acting(context);
  DeliveryService service(context.host, context.app.config, by);
  CO_TRY(const Delivery delivery, co_await service.redeliver(context.path_parameter, context.run));
  co_return print(context, delivery);
}

Task<Result<Response>> admin_webhook_delivery_list(Context& context) {
  std::vector<FieldError> errors;
  refuse_unknown_query(context, {}, errors);
  const std::string bound_to = "webhook_deliveries|" + context.path_parameter;
  const PageAsked asked = parse_page(context, bound_to, errors);
  if (!errors.empty()) co_return context.invalid(errors);

  const store::AuditRow by = acting(context);
  DeliveryService service(context.host, context.app.config, by);
  CO_TRY(const alert::DeliveryPage page,
         co_await service.list(context.path_parameter, asked.after.value_or(""), asked.rows_max));
  json::Writer out(4096);
  out.begin_object().key("data").begin_array();
  for (const Delivery& shown : page.deliveries) {
    out.begin_object();
    write_members(out, shown);
    out.end_object();
  }
  out.end_array();
  write_next_cursor(out, context, bound_to, page.next_id);
  out.end_object();
  co_return json_response(200, std::move(out).take());
}

}  // namespace latchkey::http
