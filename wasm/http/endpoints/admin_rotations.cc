// /admin/rotations
#include "base/limits.h"
#include "http/dry_run.h"
#include "http/endpoints.h"
#include "http/endpoints/acting.h"
#include "http/fields.h"
#include "http/paging.h"
#include "json/writer.h"
#include "rotation/service.h"

namespace latchkey::http {
namespace {

using rotation::Rotation;
using rotation::RotationService;

std::optional<std::string_view> name_of(const std::optional<rotation::Verdict>& verdict) {
  return verdict ? std::optional(verdict_name(*verdict)) : std::nullopt;
}

// write_members: a rotation, into an object that is open.
void write_members(json::Writer& out, const config::Config& config, const Rotation& rotation) {
  const std::string_view secret = RotationService::worker_secret(config, rotation);
  out.field("id", store::or_null(rotation.id));
  out.field("provider", rotation.provider).field("state", state_name(rotation.state));
  out.field("message", advice(rotation, secret))
      .field("from_version", rotation.from_version)
      .field("to_version", rotation.to_version)
      .field("verify", rotation.must_verify)
      .field("emergency", rotation.is_emergency)
      .field("grace_days", rotation.grace_days)
      .field("ends_by", ends_by_name(rotation.ends_by))
      .field("verdict", name_of(rotation.verdict))
      .field("verdict_detail", rotation.verdict_detail)
      .time("verified_at", rotation.verified_at)
      .time("publish_at", rotation.publish_at)
      .time("published_at", rotation.published_at)
      .time("grace_ends_at", rotation.grace_ends_at)
      .field("old_key_verdict", name_of(rotation.old_verdict))
      .time("old_key_verdict_at", rotation.old_verdict_at)
      .field("worker_secret", store::or_null(secret));
  out.field("failure", rotation.failure);
  out.field("actor", rotation.actor);
  out.time("created_at", rotation.created_at);
  out.time("updated_at", rotation.updated_at);
  out.time("ended_at", rotation.ended_at);
}

Response print(uint32_t status, const Context& context, const Rotation& rotation) {
  json::Writer out(1024);
  out.begin_object();
  write_members(out, context.app.config, rotation);
  write_run(out, context.run);
  out.end_object();
  return json_response(status, std::move(out).take());
}

// Asked: the body of a start, as far as it is understood.
struct Asked {
  std::optional<size_t> provider;
  std::optional<std::string> api_key;
  rotation::EndsBy ends_by = rotation::EndsBy::kTime;
  bool must_verify = true;
  bool is_emergency = false;
  int64_t grace_days = limits::kGraceDaysDefault;
  std::optional<TimeMs> publish_at;
};

Asked parse_start(Fields& fields) {
  fields.refuse_unknown({"provider", "api_key", "grace_days", "verify", "emergency", "ends_by", "publish_at"});
  Asked asked;
  if (const auto name = fields.text("provider", 64, Presence::kRequired)) {
    asked.provider = config::provider_index(*name);
    if (!asked.provider) fields.add_error("provider", "must be deepseek, kimi, mistral, qwen, yandex or zhipu");
  }
  asked.api_key = fields.text("api_key", limits::kProviderKeyBytesMax, Presence::kRequired);
  if (asked.api_key && (asked.api_key->size() < 8 || asked.api_key->find(' ') != std::string::npos)) {
    fields.add_error("api_key", "must be one word of 8 to 4096 bytes");
  }
  if (const auto days = fields.integer("grace_days", 0, limits::kGraceDaysMax)) asked.grace_days = *days;
  asked.must_verify = fields.boolean("verify").value_or(true);
  asked.is_emergency = fields.boolean("emergency").value_or(false);
  if (const auto name = fields.text("ends_by", 16)) {
    const auto ends_by = rotation::parse_ends_by(*name);
    if (ends_by) asked.ends_by = *ends_by;
    else fields.add_error("ends_by", "must be time or adoption");
  }
  asked.publish_at = fields.time("publish_at");
  if (asked.publish_at && asked.is_emergency) fields.add_error("publish_at", "does not go with an emergency");
  return asked;
}

Task<Result<Response>> act(Context& context, rotation::Act what) {
  Fields fields(context.body_root());
  fields.refuse_unknown({});
  if (!fields.ok()) co_return context.invalid(fields.errors());
  const store::AuditRow by = acting(context);
  RotationService service(context.host, context.app.config, by, context.run);
  CO_TRY(const Rotation rotation, co_await service.act(context.path_parameter, what));
  co_return print(200, context, rotation);
}

}  // namespace

Task<Result<Response>> admin_rotation_list(Context& context) {
  constexpr std::string_view bound_to = "rotations";
  std::vector<FieldError> errors;
  refuse_unknown_query(context, {}, errors);
  const PageAsked asked = parse_page(context, bound_to, errors);
  if (!errors.empty()) co_return context.invalid(errors);
  const store::AuditRow by = acting(context);
  RotationService service(context.host, context.app.config, by, context.run);
  CO_TRY(const rotation::RotationPage page, co_await service.list(asked.after.value_or(""), asked.rows_max));
  json::Writer out(page.rotations.size() * 1024 + 64);
  out.begin_object().key("data").begin_array();
  for (const Rotation& rotation : page.rotations) {
    out.begin_object();
    write_members(out, context.app.config, rotation);
    out.end_object();
  }
  out.end_array();
  write_next_cursor(out, context, bound_to, page.next_id);
  out.end_object();
  co_return json_response(200, std::move(out).take());
}

Task<Result<Response>> admin_rotation_start(Context& context) {
  Fields fields(context.body_root());
  const Asked asked = parse_start(fields);
  const std::string_view idempotency_key = context.request.header("idempotency-key");
  if (!fields.ok()) co_return context.invalid(fields.errors());

  const Secret api_key = Secret::copy_of(*asked.api_key);
  rotation::NewRotation wanted{.provider = *asked.provider,
                               .api_key = api_key,
                               .must_verify = asked.must_verify,
                               .is_emergency = asked.is_emergency,
                               .grace_days = asked.grace_days,
                               .ends_by = asked.ends_by,
                               .publish_at = asked.publish_at,
                               .idempotency_key = std::nullopt};
  if (!idempotency_key.empty()) wanted.idempotency_key = std::string(idempotency_key);
  const store::AuditRow by = acting(context);
  RotationService service(context.host, context.app.config, by, context.run);
  CO_TRY(const Rotation rotation, co_await service.start(wanted));
  co_return print(context.run == Run::kDry ? 200 : 201, context, rotation);
}

Task<Result<Response>> admin_rotation_show(Context& context) {
  const store::AuditRow by = acting(context);
  RotationService service(context.host, context.app.config, by, context.run);
  CO_TRY(const rotation::Shown shown, co_await service.show(context.path_parameter));
  json::Writer out(1024);
  out.begin_object();
  write_members(out, context.app.config, shown.rotation);
  out.key("adoption");
  if (shown.adoption) {
    out.begin_object().field("active", shown.adoption->active).field("holding", shown.adoption->holding);
    out.key("lagging").begin_object().field("count", shown.adoption->lagging());
    out.time("oldest_seen_at", shown.adoption->oldest_seen_at);
    out.end_object().end_object();
  } else {
    out.null();
  }
  out.end_object();
  co_return json_response(200, std::move(out).take());
}

Task<Result<Response>> admin_rotation_verify(Context& context) {
  co_return co_await act(context, rotation::Act::kVerify);
}
Task<Result<Response>> admin_rotation_publish(Context& context) {
  co_return co_await act(context, rotation::Act::kPublish);
}
Task<Result<Response>> admin_rotation_cancel(Context& context) {
  co_return co_await act(context, rotation::Act::kCancel);
}
Task<Result<Response>> admin_rotation_retire(Context& context) {
  co_return co_await act(context, rotation::Act::kRetire);
}

}  // namespace latchkey::http
