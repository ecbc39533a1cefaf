#include "alert/webhooks.h"

#include "alert/raise.h"
#include "base/ids.h"
#include "base/limits.h"
#include "base/public_url.h"
#include "json/writer.h"
#include "store/queries.h"
#include "webhook/signature.h"

namespace latchkey::alert {
namespace {

using webhook::State;
using webhook::Target;

Error too_many() {
  return Error(ErrorCode::kConflict,
               "There are " + std::to_string(limits::kWebhooksMax) + " webhooks already. Delete one first.");
}

Error changed_meanwhile() {
  return Error(ErrorCode::kConflict, "The webhook was changed by someone else. Look at it and try again.");
}

// details_of: what the audit log keeps of a webhook. Of its URL the host alone.
std::string details_of(const Webhook& webhook) {
  json::Writer out;
  out.begin_object().key("events").raw(webhook::print_events(webhook.events)).field("hint", webhook.hint);
  out.field("min_severity", webhook.min_severity).field("name", webhook.name);
  out.field("state", webhook::state_name(webhook.state)).field("webhook", webhook.id).end_object();
  return std::move(out).take();
}

}  // namespace

Task<Result<std::vector<Webhook>>> WebhookService::list() {
  host::Batch batch;
  batch.add(store::kWebhookList);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  std::vector<Webhook> webhooks;
  answer.each_row(0, [&](host::Row row) { webhooks.push_back(webhook::read_webhook(row)); });
  co_return webhooks;
}

Task<Result<Webhook>> WebhookService::show(std::string id) {
  host::Batch batch;
  batch.add(store::kWebhookGet).bind(id);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  const auto row = answer.first(0);
  if (!row) co_return fail(ErrorCode::kNotFound, "There is no webhook with this id.");
  co_return webhook::read_webhook(*row);
}

Task<Result<WithSecret>> WebhookService::create(NewWebhook wanted, Run run) {
  CO_TRY(const std::vector<Webhook> there, co_await list());
  if (there.size() >= limits::kWebhooksMax) co_return Unexpected(too_many());
  const TimeMs now = host_.clock.now();
  Webhook made{.id = "whk_" + std::string(kUndoneId),
               .name = std::move(wanted.name),
               .hint = url_hint(wanted.url),
               .events = std::move(wanted.events),
               .min_severity = std::move(wanted.min_severity),
               .created_by = std::string(by_.actor),
               .created_at = now,
               .updated_at = now};
  if (run == Run::kDry) co_return WithSecret{std::move(made), std::nullopt};

  ByteArray<kIdRandomBytes> random;
  host_.random.fill(random);
  made.id = make_id("whk_", now, random);
  Target target{.url = std::move(wanted.url), .secret = webhook::generate_secret(host_.random), .old_secret = std::nullopt};
  made.sealed = webhook::seal_target(config_, host_.random, made.id, target);
  host::Batch batch;
  batch.add(store::kAuditAppendWebhookCreated).bind(now).bind(by_.request_id).bind(by_.actor).bind(by_.address_hash);
  batch.bind(by_.country).bind(by_.user_agent).bind(details_of(made)).bind(limits::kWebhooksMax);
  batch.add(store::kWebhookInsert).bind(made.id).bind(made.name).bind(made.sealed.text()).bind(made.hint);
  batch.bind(webhook::print_events(made.events)).bind(made.min_severity).bind(by_.actor).bind(now).bind(limits::kWebhooksMax);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  if (answer.num_rows(1) == 0) co_return Unexpected(too_many());
  co_return WithSecret{std::move(made), std::move(target.secret)};
}

Result<Target> WebhookService::open(const Webhook& webhook) const {
  auto target = webhook::open_target(config_, webhook.id, webhook.sealed);
  if (target) return target;
  return fail(ErrorCode::kConflict, "The webhook's URL and secret were lost with a master key. Delete it and make another.",
              target.error().detail());
}

void WebhookService::add_audit(host::Batch& batch, const Webhook& before, std::string_view action,
                               std::string_view details) const {
  batch.add(store::kAuditAppendWebhook).bind(host_.clock.now()).bind(by_.request_id).bind(action).bind(by_.actor);
  batch.bind(by_.address_hash).bind(by_.country).bind(by_.user_agent).bind(details).bind(before.id).bind(before.revision);
}

Task<Result<Webhook>> WebhookService::store(Webhook before, Webhook after, std::string_view action, std::string details) {
  after.updated_at = host_.clock.now();
  after.revision = before.revision + 1;
  host::Batch batch;
  add_audit(batch, before, action, details);
  batch.add(store::kWebhookUpdate).bind(before.id).bind(before.revision).bind(after.name).bind(after.sealed.text());
  batch.bind(after.hint).bind(webhook::print_events(after.events)).bind(after.min_severity).bind(webhook::state_name(after.state));
  batch.bind(after.old_secret_until).bind(after.updated_at);
  if (after.state != State::kActive) {
    batch.add(store::kWebhookDeliveryDrop).bind(before.id).bind(before.revision + 1).bind("the webhook was paused");
  }
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  if (answer.num_rows(1) == 0) co_return Unexpected(changed_meanwhile());
  co_return std::move(after);
}

Task<Result<Webhook>> WebhookService::change(std::string id, Changes changes, Run run) {
  CO_TRY(Webhook before, co_await show(std::move(id)));
  Webhook after = before;
  if (changes.name) after.name = std::move(*changes.name);
  if (changes.events) after.events = std::move(*changes.events);
  if (changes.min_severity) after.min_severity = std::move(*changes.min_severity);
  if (changes.state) after.state = *changes.state;
  if (changes.url) {
    CO_TRY(Target target, open(before));
    target.url = std::move(*changes.url);
    after.hint = url_hint(target.url);
    after.sealed = webhook::seal_target(config_, host_.random, before.id, target);
  }
  if (run == Run::kDry) co_return after;
  const std::string details = details_of(after);
  co_return co_await store(std::move(before), std::move(after), "webhook.changed", details);
}

Task<Result<WithSecret>> WebhookService::rotate_secret(std::string id, int64_t overlap_hours, Run run) {
  CO_TRY(Webhook before, co_await show(std::move(id)));
  Webhook after = before;
  after.old_secret_until = overlap_hours > 0 ? std::optional(host_.clock.now() + overlap_hours * kHourMs) : std::nullopt;
  if (run == Run::kDry) co_return WithSecret{std::move(after), std::nullopt};
  CO_TRY(Target target, open(before));
  target.old_secret = overlap_hours > 0 ? std::optional(std::move(target.secret)) : std::nullopt;
  target.secret = webhook::generate_secret(host_.random);
  after.sealed = webhook::seal_target(config_, host_.random, before.id, target);
  json::Writer details;
  details.begin_object().field("overlap_hours", overlap_hours).field("webhook", before.id).end_object();
  CO_TRY(Webhook stored,
         co_await store(std::move(before), std::move(after), "webhook.secret_rotated", std::move(details).take()));
  co_return WithSecret{std::move(stored), std::move(target.secret)};
}

Task<Result<Webhook>> WebhookService::remove(std::string id, Run run) {
  CO_TRY(Webhook before, co_await show(std::move(id)));
  if (run == Run::kDry) co_return before;
  host::Batch batch;
  const std::string details = details_of(before);
  add_audit(batch, before, "webhook.deleted", details);
  batch.add(store::kWebhookDelete).bind(before.id).bind(before.revision);
  batch.add(store::kWebhookDeliveryDrop).bind(before.id).bind(host::Null{}).bind("the webhook was deleted");
  const Cause failing[] = {{Kind::kWebhookFailing, before.id}};
  add_clear(batch, host_, failing, IfAudited{by_.request_id, 0});
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  if (answer.num_rows(1) == 0) co_return Unexpected(changed_meanwhile());
  co_return before;
}

}  // namespace latchkey::alert
