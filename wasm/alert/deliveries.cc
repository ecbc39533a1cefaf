#include "alert/deliveries.h"

#include "alert/decide.h"
#include "alert/raise.h"
#include "base/ids.h"
#include "base/limits.h"
#include "json/writer.h"
#include "store/queries.h"
#include "webhook/post.h"
#include "webhook/rows.h"

namespace latchkey::alert {
namespace {

constexpr std::string_view kAfterEveryId = "msg_~";
constexpr std::string_view kTest = "webhook.test";

// Claimed: a message that this run has until `lease_until`, and where it goes.
struct Claimed {
  std::string id;
  std::string webhook_id;
  std::string type;
  std::string body;
  int64_t attempts = 1;
  std::optional<std::string> sealed;  // nullopt: its webhook was deleted
  std::optional<TimeMs> old_secret_until;
  int64_t failures = 0;
  TimeMs lease_until = 0;

  bool is_test() const { return type == kTest; }
};

std::optional<std::string> own(std::optional<std::string_view> text) {
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

Claimed read_claimed(const host::Row& row, TimeMs lease_until) {
  return {.id = std::string(row.text("id")),
          .webhook_id = std::string(row.text("webhook_id")),
          .type = std::string(row.text("type")),
          .body = std::string(row.text("body")),
          .attempts = row.integer("attempts"),
          .sealed = own(row.text_or_null("sealed")),
          .old_secret_until = row.integer_or_null("old_secret_until"),
          .failures = row.integer_or_null("failures").value_or(0),
          .lease_until = lease_until};
}

Delivery read_delivery(const host::Row& row) {
  return {.id = std::string(row.text("id")),
          .webhook_id = std::string(row.text("webhook_id")),
          .alert_id = own(row.text_or_null("alert_id")),
          .type = std::string(row.text("type")),
          .state = std::string(row.text("state")),
          .attempts = row.integer("attempts"),
          .due_at = row.integer_or_null("due_at"),
          .last_status = row.integer_or_null("last_status"),
          .last_error = own(row.text_or_null("last_error")),
          .created_at = row.integer("created_at"),
          .delivered_at = row.integer_or_null("delivered_at")};
}

Task<webhook::Posted> post(host::Host& host, const config::Config& config, const Claimed& claimed) {
  if (!claimed.sealed) co_return webhook::Posted{.status = 0, .why = "the webhook is not there any more"};
  const auto target = webhook::open_target(config, claimed.webhook_id, crypto::Sealed(*claimed.sealed));
  if (!target) co_return webhook::Posted{.status = 0, .why = "the webhook's URL does not open"};
  std::vector<const Secret*> secrets{&target->secret};
  const bool has_old = target->old_secret && claimed.old_secret_until.value_or(0) > host.clock.now();
  if (has_old) secrets.push_back(&*target->old_secret);
  co_return co_await webhook::post(host, config, target->url, secrets,
                                   {.id = claimed.id,
                                    .body = claimed.body,
                                    .timeout_ms = limits::kWebhookTimeoutMs,
                                    .answer_bytes_max = limits::kWebhookAnswerBytesMax});
}

std::optional<int64_t> status_of(const webhook::Posted& posted) {
  return posted.status == 0 ? std::nullopt : std::optional<int64_t>(posted.status);
}

// add_failing: the alert of a webhook that did not take a message.
void add_failing(host::Batch& batch, host::Host& host, const Claimed& claimed, std::string_view why) {
  json::Writer details;
  details.begin_object().field("message", claimed.id).field("why", why).end_object();
  const Raise raises[] = {{.kind = Kind::kWebhookFailing, .subject = claimed.webhook_id, .details = details.text()}};
  add_raise(batch, host, raises);
}

// batch_of: what is stored of an attempt.
host::Batch batch_of(host::Host& host, const Claimed& claimed, const webhook::Posted& posted, const Fate& fate) {
  host::Batch batch;
  if (fate.is_delivered) {
    batch.add(store::kWebhookDeliveryDone).bind(claimed.id).bind(claimed.lease_until).bind(posted.status);
    batch.bind(host.clock.now());
    batch.add(store::kWebhookMarkDelivered).bind(claimed.webhook_id).bind(host.clock.now());
    const Cause failing[] = {{Kind::kWebhookFailing, claimed.webhook_id}};
    if (claimed.failures > 0) add_clear(batch, host, failing);
    return batch;
  }
  batch.add(store::kWebhookDeliveryFailed).bind(claimed.id).bind(claimed.lease_until).bind(status_of(posted));
  batch.bind(posted.why).bind(fate.due_at);
  batch.add(store::kWebhookMarkFailed).bind(claimed.webhook_id).bind(fate.is_gone ? 1 : 0);
  if (fate.is_gone) batch.add(store::kWebhookDeliveryDropGone).bind(claimed.webhook_id);
  const bool is_given_up = !fate.due_at && !claimed.is_test() && claimed.sealed.has_value();
  if (is_given_up || fate.is_gone) add_failing(batch, host, claimed, posted.why);
  return batch;
}

Task<Result<Void>> deliver(host::Host& host, const config::Config& config, const Claimed& claimed) {
  const webhook::Posted posted = co_await post(host, config, claimed);
  const Fate fate = decide_fate({.status = posted.status,
                                 .is_taken = posted.why.empty(),
                                 .is_last = claimed.is_test() || !claimed.sealed,
                                 .number = claimed.attempts},
                                host.clock.now());
  CO_TRY_VOID(co_await host.db.run(batch_of(host, claimed, posted, fate)));
  co_return Void{};
}

std::string test_body(TimeMs now, std::string_view webhook_id) {
  json::Writer out;
  out.begin_object().field("type", kTest).field("timestamp", format_time(now)).key("data");
  out.begin_object().field("webhook_id", webhook_id).end_object().end_object();
  return std::move(out).take();
}

}  // namespace

Task<Result<Void>> run_deliveries(host::Host& host, const config::Config& config) {
  // 1. Wake what was snoozed, and take what is due.
  const TimeMs now = host.clock.now();
  const TimeMs lease_until = now + limits::kWebhookLeaseMs;
  const std::string notice = new_notice(host);
  host::Batch batch;
  batch.add(store::kAlertWake).bind(now).bind(notice).bind(limits::kAlertsWokenPerRun);
  add_notify(batch, notice, kRaised, now);
  batch.add(store::kWebhookDeliveryClaim).bind(now).bind(lease_until).bind(limits::kWebhookDeliveriesPerRun);
  CO_TRY(const host::BatchAnswer answer, co_await host.db.run(std::move(batch)));
  std::vector<Claimed> claimed;
  answer.each_row(2, [&](host::Row row) { claimed.push_back(read_claimed(row, lease_until)); });

  // 2. Post. One whose outcome could not be stored is posted again once the lease is over.
  Result<Void> result = Void{};
  for (const Claimed& one : claimed) {
    auto delivered = co_await deliver(host, config, one);
    if (!delivered) result = std::move(delivered);
  }
  co_return result;
}

Task<Result<DeliveryPage>> DeliveryService::list(std::string webhook_id, std::string after_id, uint32_t rows_max) {
  host::Batch batch;
  batch.add(store::kWebhookGet).bind(webhook_id);
  batch.add(store::kWebhookDeliveryList).bind(webhook_id).bind(after_id.empty() ? kAfterEveryId : after_id).bind(rows_max + 1);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  if (!answer.first(0)) co_return fail(ErrorCode::kNotFound, "There is no webhook with this id.");
  DeliveryPage page;
  answer.each_row(1, [&](host::Row row) { page.deliveries.push_back(read_delivery(row)); });
  if (page.deliveries.size() > rows_max) {
    page.deliveries.pop_back();
    page.next_id = page.deliveries.back().id;
  }
  co_return page;
}

Task<Result<Delivery>> DeliveryService::load(std::string id, std::string* webhook_state) {
  host::Batch batch;
  batch.add(store::kWebhookDeliveryGet).bind(id);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  const auto row = answer.first(0);
  if (!row) co_return fail(ErrorCode::kNotFound, "There is no message with this id, or it is no longer kept.");
  if (webhook_state != nullptr) *webhook_state = row->text_or_null("webhook_state").value_or("");
  co_return read_delivery(*row);
}

Task<Result<Delivery>> DeliveryService::redeliver(std::string id, Run run) {
  std::string webhook_state;
  CO_TRY(Delivery delivery, co_await load(id, &webhook_state));
  if (webhook_state != webhook::state_name(webhook::State::kActive)) {
    co_return fail(ErrorCode::kConflict, "The webhook of this message is not active. Switch it on first.");
  }
  const TimeMs now = host_.clock.now();
  delivery.state = "due";
  delivery.attempts = 0;
  delivery.due_at = now;
  if (run == Run::kDry) co_return delivery;
  const std::string details =
      json::Writer().begin_object().field("message", id).field("webhook", delivery.webhook_id).end_object().text();
  host::Batch batch;
  batch.add(store::kAuditAppendMessage).bind(now).bind(by_.request_id).bind(by_.actor).bind(by_.address_hash);
  batch.bind(by_.country).bind(by_.user_agent).bind(details).bind(id);
  batch.add(store::kWebhookDeliveryAgain).bind(id).bind(now);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  if (answer.num_rows(1) == 0) {
    co_return fail(ErrorCode::kConflict, "The webhook of this message is not active. Switch it on first.");
  }
  co_return delivery;
}

Task<Result<Delivery>> DeliveryService::test(std::string webhook_id, Run run) {
  // 1. Write it down.
  host::Batch look;
  look.add(store::kWebhookGet).bind(webhook_id);
  CO_TRY(const host::BatchAnswer found, co_await host_.db.run(std::move(look)));
  const auto row = found.first(0);
  if (!row) co_return fail(ErrorCode::kNotFound, "There is no webhook with this id.");
  const webhook::Webhook webhook = webhook::read_webhook(*row);
  const TimeMs now = host_.clock.now();
  Claimed claimed{.id = "msg_" + std::string(kUndoneId),
                  .webhook_id = webhook_id,
                  .type = std::string(kTest),
                  .body = test_body(now, webhook_id),
                  .sealed = webhook.sealed.text(),
                  .old_secret_until = webhook.old_secret_until,
                  .failures = webhook.failures,
                  .lease_until = now + limits::kWebhookLeaseMs};
  if (run == Run::kDry) {
    co_return Delivery{.id = claimed.id, .webhook_id = webhook_id, .alert_id = {}, .type = claimed.type, .state = "due",
                       .due_at = now, .last_status = {}, .last_error = {}, .created_at = now, .delivered_at = {}};
  }
  claimed.id = new_notice(host_);
  const std::string details =
      json::Writer().begin_object().field("message", claimed.id).field("webhook", webhook_id).end_object().text();
  host::Batch batch;
  batch.add(store::kAuditAppendWebhook).bind(now).bind(by_.request_id).bind("webhook.tested").bind(by_.actor);
  batch.bind(by_.address_hash).bind(by_.country).bind(by_.user_agent).bind(details).bind(webhook_id).bind(webhook.revision);
  batch.add(store::kWebhookDeliveryInsert).bind(claimed.id).bind(webhook_id).bind(claimed.type).bind(claimed.body);
  batch.bind(claimed.lease_until).bind(now).bind(webhook.revision);
  CO_TRY(const host::BatchAnswer stored, co_await host_.db.run(std::move(batch)));
  if (stored.num_rows(1) == 0) {
    co_return fail(ErrorCode::kConflict, "The webhook was changed by someone else. Look at it and try again.");
  }

  // 2. Post it.
  CO_TRY_VOID(co_await deliver(host_, config_, claimed));
  co_return co_await load(claimed.id, nullptr);
}

}  // namespace latchkey::alert
