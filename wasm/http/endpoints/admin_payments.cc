// /admin/payments
#include <algorithm>

#include "base/limits.h"
#include "http/dry_run.h"
#include "http/endpoints.h"
#include "http/endpoints/acting.h"
#include "http/fields.h"
#include "http/paging.h"
#include "json/writer.h"
#include "payments/review.h"

namespace latchkey::http {
namespace {

using payments::PaymentReview;
using payments::PaymentShown;
using payments::PaymentView;

constexpr std::string_view kOutcomes[] = {"licensed", "unmapped", "no_email", "held"};

void write_members(json::Writer& out, const PaymentView& view) {
  const payments::Purchase& purchase = view.purchase;
  out.field("id", purchase.id).field("provider", purchase.provider).field("reference", purchase.key);
  out.field("product", purchase.product);
  out.field("outcome", purchase.outcome).field("status", payments::status_name(purchase.standing.status));
  out.field("reason", store::or_null(purchase.standing.reason));
  out.field("plan", store::or_null(purchase.standing.plan));
  out.time("ends_at", purchase.standing.ends_at);
  out.field("license_id", purchase.license_id);
  out.field("code_delivery", view.delivery_state);
  out.time("created_at", purchase.created_at);
  out.time("updated_at", purchase.updated_at);
}

Response print(const PaymentShown& shown, Run run = Run::kReal) {
  json::Writer out(4096);
  out.begin_object();
  write_members(out, shown.view);
  out.key("events").begin_array();
  for (const payments::EventView& event : shown.events) {
    out.begin_object().field("id", event.id).field("type", event.type).field("state", event.state);
    out.time("occurred_at", event.occurred_at);
    out.time("received_at", event.received_at);
    out.end_object();
  }
  out.end_array().key("code_deliveries").begin_array();
  for (const payments::DeliveryView& delivery : shown.deliveries) {
    out.begin_object().field("id", delivery.id).field("state", delivery.state).field("attempts", delivery.attempts);
    out.field("last_error", delivery.last_error);
    out.field("has_code", delivery.has_code);
    out.time("next_at", delivery.due_at);
    out.time("created_at", delivery.created_at);
    out.time("delivered_at", delivery.delivered_at);
    out.end_object();
  }
  out.end_array();
  write_run(out, run);
  out.end_object();
  return json_response(200, std::move(out).take());
}

template <size_t N>
bool is_one_of(const std::string& text, const std::string_view (&list)[N]) {
  return std::ranges::find(list, text) != std::end(list);
}

// Asked: the query of a list, as far as it is understood.
struct Asked {
  payments::PaymentFilter filter;
  std::string bound_to;
  PageAsked page;
};

Asked parse_list(const Context& context, std::vector<FieldError>& errors) {
  const Request& request = context.request;
  refuse_unknown_query(context, {"outcome", "provider", "undelivered"}, errors);
  Asked asked;
  asked.filter.outcome = request.query_value("outcome");
  asked.filter.provider = request.query_value("provider");
  constexpr std::string_view providers[] = {"stripe", "gumroad"};
  if (asked.filter.outcome && !is_one_of(*asked.filter.outcome, kOutcomes)) {
    errors.push_back({"query.outcome", "must be licensed, unmapped, no_email or held"});
  }
  if (asked.filter.provider && !is_one_of(*asked.filter.provider, providers)) {
    errors.push_back({"query.provider", "must be stripe or gumroad"});
  }
  const std::string undelivered = request.query_value("undelivered").value_or("0");
  if (undelivered != "0" && undelivered != "1") errors.push_back({"query.undelivered", "must be 0 or 1"});
  asked.filter.undelivered = undelivered == "1";
  if (asked.filter.undelivered && asked.filter.outcome) errors.push_back({"query.outcome", "does not go with undelivered"});
  asked.bound_to = "payments|" + asked.filter.outcome.value_or("") + "|" + asked.filter.provider.value_or("") + "|" + undelivered;
  asked.page = parse_page(context, asked.bound_to, errors);
  return asked;
}

using Act = Task<Result<PaymentShown>> (PaymentReview::*)(std::string id, Run run);

Task<Result<Response>> act(Context& context, Act what) {
  Fields fields(context.body_root());
  fields.refuse_unknown({});
  if (!fields.ok()) co_return context.invalid(fields.errors());
  const store::AuditRow by = acting(context);
  PaymentReview review(context.host, context.app.config, by);
  CO_TRY(const PaymentShown shown, co_await (review.*what)(context.path_parameter, context.run));
  co_return print(shown, context.run);
}

}  // namespace

Task<Result<Response>> admin_payment_list(Context& context) {
  std::vector<FieldError> errors;
  const Asked asked = parse_list(context, errors);
  if (!errors.empty()) co_return context.invalid(errors);
  const store::AuditRow by = acting(context);
  PaymentReview review(context.host, context.app.config, by);
  CO_TRY(const payments::PaymentPage page, co_await review.list(asked.filter, asked.page.after.value_or(""), asked.page.rows_max));
  json::Writer out(page.payments.size() * 512 + 64);
  out.begin_object().key("data").begin_array();
  for (const PaymentView& view : page.payments) {
    out.begin_object();
    write_members(out, view);
    out.end_object();
  }
  out.end_array();
  write_next_cursor(out, context, asked.bound_to, page.next_id);
  out.end_object();
  co_return json_response(200, std::move(out).take());
}

Task<Result<Response>> admin_payment_show(Context& context) {
  const store::AuditRow by = acting(context);
  PaymentReview review(context.host, context.app.config, by);
  CO_TRY(const PaymentShown shown, co_await review.show(context.path_parameter));
  co_return print(shown);
}

Task<Result<Response>> admin_payment_redeliver(Context& context) {
  co_return co_await act(context, &PaymentReview::redeliver);
}

Task<Result<Response>> admin_payment_retry(Context& context) {
  co_return co_await act(context, &PaymentReview::retry);
}

Task<Result<Response>> admin_payment_reconcile(Context& context) {
  Fields fields(context.body_root());
  fields.refuse_unknown({"days"});
  const auto days = fields.integer("days", 1, limits::kReconcileSalesBackMs / kDayMs);
  if (!fields.ok()) co_return context.invalid(fields.errors());
  const store::AuditRow by = acting(context);
  PaymentReview review(context.host, context.app.config, by);
  CO_TRY(const auto walks, co_await review.reconcile(days, context.run));
  json::Writer out;
  out.begin_object().key("data").begin_array();
  for (const payments::WalkView& walk : walks) {
    out.begin_object().field("provider", walk.provider).field("configured", walk.is_on);
    out.time("last_at", walk.done_at);
    out.time("refused_at", walk.refused_at);
    out.end_object();
  }
  out.end_array();
  write_run(out, context.run);
  out.end_object();
  co_return json_response(200, std::move(out).take());
}

}  // namespace latchkey::http
