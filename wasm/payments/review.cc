#include "payments/review.h"

#include "base/limits.h"
#include "json/writer.h"
#include "payments/service.h"
#include "store/queries.h"

namespace latchkey::payments {
namespace {

constexpr std::string_view kAfterEveryId = "pay_~";
constexpr uint32_t kEventsShown = 50;

std::optional<std::string> own(std::optional<std::string_view> text) {
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

PaymentView view_of(const host::Row& row) {
  return {.purchase = read_purchase(row), .delivery_state = own(row.text_or_null("delivery_state"))};
}

std::string details_of(std::string_view purchase) {
  json::Writer out;
  out.begin_object().field("purchase", purchase).end_object();
  return std::move(out).take();
}

Unexpected not_found() { return fail(ErrorCode::kNotFound, "There is no payment with this id."); }

Unexpected nothing_to_deliver(const PaymentShown& shown) {
  return fail(ErrorCode::kConflict, shown.deliveries.empty()
                                        ? "This payment has no generated code to hand over."
                                        : "The code was handed over and is no longer kept. Reissue the licence " +
                                              shown.view.purchase.license_id.value_or("") + " for a new one.");
}

}  // namespace

Task<Result<PaymentPage>> PaymentReview::list(const PaymentFilter& filter, std::string_view after_id,
                                              uint32_t rows_max) {
  host::Batch batch;
  batch.add(filter.undelivered ? store::kPurchaseListUndelivered
            : filter.outcome   ? store::kPurchaseListByOutcome
                               : store::kPurchaseList)
      .bind(after_id.empty() ? kAfterEveryId : after_id)
      .bind(filter.provider)
      .bind(rows_max + 1);
  if (filter.outcome && !filter.undelivered) batch.bind(*filter.outcome);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  PaymentPage page;
  answer.each_row(0, [&](host::Row row) {
    if (page.payments.size() < rows_max) page.payments.push_back(view_of(row));
  });
  if (answer.num_rows(0) > rows_max) page.next_id = page.payments.back().purchase.id;
  co_return page;
}

Task<Result<PaymentShown>> PaymentReview::show(std::string id) {
  host::Batch batch;
  batch.add(store::kPurchaseGet).bind(id);
  batch.add(store::kPaymentDeliveryList).bind(id);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  const auto row = answer.first(0);
  if (!row) co_return not_found();
  PaymentShown shown{.view = view_of(*row), .events = {}, .deliveries = {}};
  answer.each_row(1, [&](host::Row delivery) {
    shown.deliveries.push_back({.id = std::string(delivery.text("id")),
                                .state = std::string(delivery.text("state")),
                                .attempts = delivery.integer("attempts"),
                                .due_at = delivery.integer_or_null("due_at"),
                                .last_error = own(delivery.text_or_null("last_error")),
                                .created_at = delivery.integer("created_at"),
                                .delivered_at = delivery.integer_or_null("delivered_at"),
                                .has_code = delivery.integer("has_payload") != 0});
  });
  host::Batch events;
  events.add(store::kPaymentEventListShown).bind(shown.view.purchase.key).bind(kEventsShown);
  CO_TRY(const host::BatchAnswer found, co_await host_.db.run(std::move(events)));
  found.each_row(0, [&](host::Row event) {
    shown.events.push_back({.id = std::string(event.text("id")),
                            .type = std::string(event.text("type")),
                            .state = std::string(event.text("state")),
                            .occurred_at = event.integer("occurred_at"),
                            .received_at = event.integer("received_at")});
  });
  co_return shown;
}

Task<Result<PaymentShown>> PaymentReview::redeliver(std::string id, Run run) {
  if (run == Run::kDry) {
    CO_TRY(PaymentShown shown, co_await show(id));
    if (shown.deliveries.empty() || !shown.deliveries.front().has_code) co_return nothing_to_deliver(shown);
    shown.deliveries.front().state = "due";
    shown.deliveries.front().due_at = host_.clock.now();
    co_return shown;
  }
  const TimeMs now = host_.clock.now();
  host::Batch batch;
  batch.add(store::kAuditAppendRedelivered)
      .bind(now)
      .bind(by_.request_id)
      .bind(by_.actor)
      .bind(id)
      .bind(by_.address_hash)
      .bind(by_.country)
      .bind(by_.user_agent)
      .bind(details_of(id));
  batch.add(store::kPaymentDeliveryAgain).bind(id).bind(now);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  CO_TRY(PaymentShown shown, co_await show(id));
  if (answer.num_rows(1) > 0) co_return shown;
  co_return nothing_to_deliver(shown);
}

Task<Result<PaymentShown>> PaymentReview::retry(std::string id, Run run) {
  CO_TRY(PaymentShown before, co_await show(id));
  if (run == Run::kDry) {
    PaymentService service(host_, config_, by_);
    CO_TRY(before.view.purchase, co_await service.foresee(before.view.purchase));
    co_return before;
  }
  // The act is written down first; what comes of it has rows of its own.
  const std::string details = details_of(id);
  store::AuditRow row = by_;
  row.at = host_.clock.now();
  row.action = "payment.retried";
  row.details = details;
  host::Batch batch;
  store::add_audit(batch, row);
  CO_TRY_VOID(co_await host_.db.run(std::move(batch)));
  PaymentService service(host_, config_, by_, 1);
  CO_TRY_VOID(co_await service.settle(before.view.purchase.key));
  co_return co_await show(id);
}

Task<Result<std::vector<WalkView>>> PaymentReview::reconcile(std::optional<int64_t> days, Run run) {
  const TimeMs now = host_.clock.now();
  const std::string details = [&] {
    json::Writer out;
    out.begin_object().field("days", days).end_object();
    return std::move(out).take();
  }();
  store::AuditRow row = by_;
  row.at = now;
  row.action = "payment.reconcile_asked";
  row.details = details;
  host::Batch batch;
  if (run == Run::kReal) {
    store::add_audit(batch, row);
    batch.add(store::kPaymentReconcileBegin).bind(days ? std::optional(now - *days * kDayMs) : std::nullopt);
  }
  const size_t list_at = batch.num_statements();
  batch.add(store::kPaymentReconcileList);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  std::vector<WalkView> walks;
  answer.each_row(list_at, [&](host::Row walk) {
    const bool is_stripe = walk.text("provider") == "stripe";
    walks.push_back({.provider = std::string(walk.text("provider")),
                     .is_on = is_stripe ? config_.payments.stripe.api_key.has_value() : config_.payments.gumroad.has_value(),
                     .done_at = walk.integer_or_null("done_at"),
                     .refused_at = walk.integer_or_null("refused_at")});
  });
  co_return walks;
}

}  // namespace latchkey::payments
