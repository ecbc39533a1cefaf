#include "payments/gumroad.h"

#include <algorithm>

#include "base/limits.h"
#include "payments/api.h"

namespace latchkey::payments::gumroad {
namespace {

using Kind = Fact::Kind;

std::string text_of(json::Value object, std::string_view name) {
  const auto value = object.member(name);
  return std::string(value ? value->string().value_or("") : "");
}

bool flag_of(json::Value object, std::string_view name) {
  const auto value = object.member(name);
  return value && value->boolean().value_or(false);
}

std::string alias(std::string_view kind, std::string_view id) {
  return id.empty() ? std::string() : "gumroad:" + std::string(kind) + "_" + std::string(id);
}

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= limits::kPaymentIdBytesMax &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

int days_in_month(int year, int month) {
  constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && is_leap ? 29 : days[month - 1];
}

int number(std::string_view text, size_t at, size_t size) {
  int value = 0;
  for (const char c : text.substr(at, size)) value = value * 10 + (c - '0');
  return value;
}

std::string two(int value) { return (value < 10 ? "0" : "") + std::to_string(value); }

}  // namespace

Result<Ping> read_ping(const Form& form, std::string_view seller_id) {
  Ping ping{.resource = std::string(form.text("resource_name")), .sales = {}, .subscription = {}};
  if (ping.resource.empty()) ping.resource = "sale";  // What "Ping" in Gumroad's settings sends.
  const std::string_view seller = form.text("seller_id");
  const std::string_view subscription = form.text("subscription_id");
  if (is_id(form.text("sale_id"))) ping.sales.emplace_back(form.text("sale_id"));
  if (ping.sales.empty() && is_id(subscription)) {
    ping.subscription = alias("subscription", subscription);
    for (const std::string_view id : form.list("purchase_ids")) {
      if (is_id(id)) ping.sales.emplace_back(id);
    }
    // The last ones tell how it stands now.
    if (ping.sales.size() > limits::kPaymentSalesPerPing) {
      ping.sales.erase(ping.sales.begin(), ping.sales.end() - limits::kPaymentSalesPerPing);
    }
  }
  if (!seller.empty() && seller != seller_id) {
    return fail(ErrorCode::kForbidden, "The post is another seller's.", "gumroad: another seller_id");
  }
  const bool is_about_subscription = form.text("sale_id").empty() && !ping.subscription.empty();
  if (seller.empty() && !is_about_subscription) {
    return fail(ErrorCode::kForbidden, "The post names no seller.", "gumroad: no seller_id");
  }
  if (ping.sales.empty() && ping.subscription.empty()) {
    return fail(ErrorCode::kInvalidRequest, "The post names neither a sale_id nor a subscription_id.");
  }
  if (ping.resource.size() > limits::kReasonBytesMax) ping.resource = "other";
  return ping;
}

std::string event_id(std::string_view sale) { return "gumroad:" + std::string(sale); }

std::optional<TimeMs> period_end(TimeMs from, std::string_view duration) {
  constexpr std::pair<std::string_view, int> durations[] = {
      {"monthly", 1}, {"quarterly", 3}, {"biannually", 6}, {"yearly", 12}, {"every_two_years", 24}};
  const auto known = std::ranges::find(durations, duration, &std::pair<std::string_view, int>::first);
  if (known == std::end(durations)) return std::nullopt;
  const std::string text = format_time(from);
  const int months = number(text, 0, 4) * 12 + number(text, 5, 2) - 1 + known->second;
  const int year = months / 12;
  const int month = months % 12 + 1;
  const int day = std::min(number(text, 8, 2), days_in_month(year, month));
  if (year > 9999) return std::nullopt;
  return parse_time(std::to_string(year) + "-" + two(month) + "-" + two(day) + text.substr(10));
}

std::optional<Event> read_sale(json::Value sale, std::string_view seller_id, TimeMs now) {
  const std::string id = text_of(sale, "id");
  const std::string seller = text_of(sale, "seller_id");
  const auto created = parse_time(text_of(sale, "created_at"));
  if (!is_id(id) || !created || (!seller.empty() && seller != seller_id)) return std::nullopt;
  Event event{.provider = "gumroad", .type = "sale", .fact = {.id = event_id(id), .at = now}, .is_snapshot = true};
  Fact& fact = event.fact;
  // A gift is two sales: the giver's, which is paid, and the receiver's, which is not.
  const bool is_payment = !flag_of(sale, "is_gift_receiver_purchase") && !flag_of(sale, "is_preorder_authorization");
  fact.kind = is_payment ? Kind::kSale : Kind::kIgnored;
  fact.email = text_of(sale, "giftee_email");
  for (const std::string_view name : {"purchase_email", "email"}) {
    if (fact.email.empty()) fact.email = text_of(sale, name);
  }
  fact.subject = alias("sale", id);
  fact.ids = {fact.subject};
  fact.subscription = alias("subscription", text_of(sale, "subscription_id"));
  for (const std::string_view name : {"product_id", "product_permalink"}) {
    const std::string product = text_of(sale, name);
    if (!product.empty()) fact.products.push_back("gumroad:" + product);
  }
  fact.paid_at = *created;
  fact.refunded = flag_of(sale, "refunded");
  if (flag_of(sale, "disputed") || flag_of(sale, "chargedback")) fact.dispute = "open";
  if (flag_of(sale, "dispute_won")) fact.dispute = "won";
  if (fact.subscription.empty()) return event;
  fact.until = period_end(*created, text_of(sale, "subscription_duration"));
  const bool is_over = flag_of(sale, "ended") || flag_of(sale, "dead");
  fact.status = is_over ? "ended" : flag_of(sale, "cancelled") ? "canceling" : "going";
  return event;
}

Task<Result<std::optional<Event>>> Api::sale(std::string id, std::string type) {
  const config::Gumroad& gumroad = *config_.payments.gumroad;
  const TimeMs now = host_.clock.now();
  const auto answer = co_await ask_api(host_, config_, gumroad.access_token,
                                       gumroad.base_url + "/v2/sales/" + url_escape(id));
  if (!answer && answer.error().code() == ErrorCode::kNotFound) co_return std::optional<Event>();
  if (!answer) co_return Unexpected(answer.error());
  const auto sale = answer->root().member("sale");
  if (!flag_of(answer->root(), "success") || !sale) co_return std::optional<Event>();
  auto event = read_sale(*sale, gumroad.seller_id, now);
  if (event && event->fact.id != event_id(id)) event.reset();
  if (event) event->type = std::move(type);
  co_return event;
}

Task<Result<Api::Page>> Api::sales(TimeMs from, std::string page_key) {
  const config::Gumroad& gumroad = *config_.payments.gumroad;
  const TimeMs now = host_.clock.now();
  std::string url = gumroad.base_url + "/v2/sales?after=" + format_time(from).substr(0, 10);
  if (!page_key.empty()) url += "&page_key=" + url_escape(page_key);
  CO_TRY(const json::Document answer, co_await ask_api(host_, config_, gumroad.access_token, std::move(url)));
  const auto list = answer.root().member("sales");
  if (!flag_of(answer.root(), "success") || !list || list->kind() != json::Kind::kArray) {
    co_return fail(ErrorCode::kUnavailable, "Gumroad did not answer. Try again later.", "gumroad: no list of sales");
  }
  Page page{.events = {}, .next_key = text_of(answer.root(), "next_page_key")};
  list->each_item([&](json::Value item) {
    if (auto event = read_sale(item, gumroad.seller_id, now)) page.events.push_back(std::move(*event));
  });
  co_return page;
}

}  // namespace latchkey::payments::gumroad
