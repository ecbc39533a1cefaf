#include "payments/stripe.h"

#include <algorithm>
#include <charconv>

#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/mac.h"
#include "payments/api.h"

namespace latchkey::payments::stripe {
namespace {

using Kind = Fact::Kind;

constexpr SecretAccess kAccess("Stripe's signature is checked under the webhook's secret");

// The types that concern a licence, as an operator ticks them and as we list them.
constexpr std::string_view kTypes[] = {
    "charge.dispute.closed",         "charge.dispute.created",
    "charge.refunded",               "checkout.session.async_payment_failed",
    "checkout.session.async_payment_succeeded", "checkout.session.completed",
    "customer.subscription.deleted", "customer.subscription.updated",
    "invoice.paid",                  "invoice_payment.paid"};

template <class Visit>
void each_part(std::string_view text, char separator, Visit visit) {
  while (!text.empty()) {
    const size_t end = text.find(separator);
    visit(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
}

std::optional<int64_t> parse_integer(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// at: a value some members down; nullopt where one is absent or null.
std::optional<json::Value> at(json::Value value, std::initializer_list<std::string_view> path) {
  for (const std::string_view name : path) {
    const auto next = value.member(name);
    if (!next || next->is_null()) return std::nullopt;
    value = *next;
  }
  return value;
}

std::string text_at(json::Value value, std::initializer_list<std::string_view> path) {
  const auto found = at(value, path);
  return std::string(found ? found->string().value_or("") : "");
}

// id_at: an id, be it expanded to its object or not.
std::string id_at(json::Value value, std::initializer_list<std::string_view> path) {
  const auto found = at(value, path);
  if (!found) return {};
  const std::string id = found->kind() == json::Kind::kObject ? text_at(*found, {"id"}) : text_at(value, path);
  return id.size() <= limits::kPaymentIdBytesMax ? id : std::string();
}

std::optional<TimeMs> time_at(json::Value value, std::initializer_list<std::string_view> path) {
  const auto found = at(value, path);
  const auto seconds = found ? found->integer() : std::nullopt;
  if (!seconds || *seconds < 0 || *seconds > kTimeMsMax / kSecondMs) return std::nullopt;
  return *seconds * kSecondMs;
}

bool flag_at(json::Value value, std::string_view name) {
  const auto found = at(value, {name});
  return found && found->boolean().value_or(false);
}

void add(std::vector<std::string>& list, std::string_view id) {
  if (id.empty() || list.size() >= limits::kPaymentIdsMax) return;
  const std::string alias = "stripe:" + std::string(id);
  if (std::ranges::find(list, alias) == list.end()) list.push_back(alias);
}

std::string alias_of(std::string_view id) { return id.empty() ? std::string() : "stripe:" + std::string(id); }

// add_price: the price, and the product it is of.
void add_price(std::vector<std::string>& products, json::Value item) {
  add(products, id_at(item, {"price"}));
  add(products, text_at(item, {"pricing", "price_details", "price"}));
  add(products, id_at(item, {"price", "product"}));
  add(products, text_at(item, {"pricing", "price_details", "product"}));
  add(products, id_at(item, {"plan"}));
}

void read_session(json::Value object, std::string_view type, Event& event) {
  Fact& fact = event.fact;
  const std::string mode = text_at(object, {"mode"});
  if (mode != "payment" && mode != "subscription") return;
  fact.email = text_at(object, {"customer_details", "email"});
  if (fact.email.empty()) fact.email = text_at(object, {"customer_email"});
  const std::string invoice = id_at(object, {"invoice"});
  const std::string session = id_at(object, {"id"});
  for (const std::string& id : {session, id_at(object, {"payment_intent"}), invoice}) add(fact.ids, id);
  add(fact.products, id_at(object, {"payment_link"}));
  fact.subscription = alias_of(id_at(object, {"subscription"}));
  // An invoice for it is the same payment.
  fact.subject = alias_of(invoice.empty() ? session : invoice);
  const std::string paid = text_at(object, {"payment_status"});
  const bool is_paid = paid == "paid" || paid == "no_payment_required";
  const bool has_failed = type == "checkout.session.async_payment_failed";
  // An invoice that is still to be made for it will be the payment, and would count a second time.
  const auto invoiced = at(object, {"invoice_creation", "enabled"});
  const bool is_invoiced = invoice.empty() && invoiced && invoiced->boolean().value_or(false);
  // A subscription's payments are its invoices, which say until when.
  fact.kind = mode == "payment" && is_paid && !has_failed && !is_invoiced ? Kind::kPayment : Kind::kNote;
  if (fact.kind == Kind::kNote) fact.subject.clear();
}

void read_invoice(json::Value object, Event& event) {
  Fact& fact = event.fact;
  fact.kind = Kind::kPayment;
  fact.email = text_at(object, {"customer_email"});
  for (const auto& path : {id_at(object, {"id"}), id_at(object, {"payment_intent"}), id_at(object, {"charge"})}) {
    add(fact.ids, path);
  }
  fact.subject = alias_of(id_at(object, {"id"}));
  std::string subscription = id_at(object, {"subscription"});
  if (subscription.empty()) subscription = id_at(object, {"parent", "subscription_details", "subscription"});
  fact.subscription = alias_of(subscription);
  if (const auto payments = at(object, {"payments", "data"})) {
    payments->each_item([&](json::Value item) { add(fact.ids, id_at(item, {"payment", "payment_intent"})); });
  }
  const auto lines = at(object, {"lines", "data"});
  if (!lines) return;
  lines->each_item([&](json::Value line) {
    const auto amount = at(line, {"amount"});
    if (amount && amount->integer().value_or(0) < 0) return;  // What is given back for a plan that was left.
    add_price(fact.products, line);
    const auto end = time_at(line, {"period", "end"});
    if (!subscription.empty() && end) fact.until = std::max(fact.until.value_or(0), *end);
  });
}

void read_subscription(json::Value object, std::string_view type, Event& event) {
  Fact& fact = event.fact;
  fact.subscription = alias_of(id_at(object, {"id"}));
  if (const auto items = at(object, {"items", "data"})) {
    items->each_item([&](json::Value item) { add_price(fact.products, item); });
  }
  if (type == "customer.subscription.deleted") {
    fact.kind = Kind::kEnded;
    fact.until = time_at(object, {"ended_at"});
    return;
  }
  fact.kind = Kind::kSubscription;
  const std::string status = text_at(object, {"status"});
  const bool is_canceling = flag_at(object, "cancel_at_period_end") || time_at(object, {"cancel_at"});
  fact.status = status == "unpaid" || status == "paused" ? "suspended" : is_canceling ? "canceling" : "going";
}

void read_charge(json::Value object, Event& event) {
  if (!flag_at(object, "refunded")) return;  // In part: the purchase stays one.
  Fact& fact = event.fact;
  fact.kind = Kind::kRefund;
  for (const auto& id : {id_at(object, {"id"}), id_at(object, {"payment_intent"}), id_at(object, {"invoice"})}) {
    add(fact.ids, id);
  }
}

void read_dispute(json::Value object, std::string_view type, Event& event) {
  const std::string status = text_at(object, {"status"});
  const bool is_closed = type == "charge.dispute.closed";
  if (!is_closed && status.starts_with("warning")) return;  // An inquiry: no money was taken back.
  Fact& fact = event.fact;
  fact.kind = Kind::kDispute;
  fact.subject = alias_of(id_at(object, {"id"}));
  fact.status = !is_closed ? "open" : status == "lost" ? "lost" : "won";
  for (const auto& id : {id_at(object, {"charge"}), id_at(object, {"payment_intent"})}) add(fact.ids, id);
}

// read_invoice_payment: which payment paid which invoice. Nothing else says it since 2025-03-31.
void read_invoice_payment(json::Value object, Event& event) {
  event.fact.kind = Kind::kNote;
  add(event.fact.ids, id_at(object, {"invoice"}));
  add(event.fact.ids, id_at(object, {"payment", "payment_intent"}));
  add(event.fact.ids, id_at(object, {"payment", "charge"}));
}

void read_object(json::Value object, std::string_view type, Event& event) {
  if (type.starts_with("checkout.session.")) return read_session(object, type, event);
  if (type.starts_with("customer.subscription.")) return read_subscription(object, type, event);
  if (type.starts_with("charge.dispute.")) return read_dispute(object, type, event);
  if (type == "charge.refunded") return read_charge(object, event);
  if (type == "invoice.paid") return read_invoice(object, event);
  if (type == "invoice_payment.paid") return read_invoice_payment(object, event);
}

}  // namespace

Signature check_signature(std::string_view header, std::string_view body, const Secret& secrets, TimeMs now) {
  std::optional<int64_t> sent;
  std::string_view sent_text;
  std::vector<Bytes> given;
  bool is_twice = false;
  each_part(header.substr(0, limits::kHookSignatureBytesMax), ',', [&](std::string_view part) {
    while (part.starts_with(' ')) part.remove_prefix(1);
    if (part.starts_with("t=")) {
      is_twice = is_twice || sent;
      sent_text = part.substr(2);
      sent = parse_integer(sent_text);
    } else if (part.starts_with("v1=")) {
      if (auto bytes = hex_decode(part.substr(3)); bytes && bytes->size() == crypto::kSha256Bytes) {
        given.push_back(std::move(*bytes));
      }
    }
  });
  if (!sent || is_twice || given.empty()) return Signature::kMalformed;
  bool is_good = false;
  each_part(secrets.reveal_text(kAccess), ',', [&](std::string_view secret) {
    while (secret.starts_with(' ')) secret.remove_prefix(1);
    while (secret.ends_with(' ')) secret.remove_suffix(1);
    const crypto::HmacKey key(as_bytes(secret));
    const crypto::Digest wanted = key.mac({as_bytes(sent_text), as_bytes("."), as_bytes(body)});
    for (const Bytes& one : given) is_good = equal_constant_time(wanted, one) || is_good;
  });
  if (!is_good) return Signature::kWrong;
  const int64_t age_seconds = now / kSecondMs - *sent;
  constexpr int64_t seconds_max = limits::kHookSignatureAgeMs / kSecondMs;
  return age_seconds > seconds_max || age_seconds < -seconds_max ? Signature::kTooOld : Signature::kGood;
}

Result<Event> read_event(json::Value value) {
  const std::string id = text_at(value, {"id"});
  const std::string type = text_at(value, {"type"});
  const auto created = time_at(value, {"created"});
  const auto object = at(value, {"data", "object"});
  if (text_at(value, {"object"}) != "event" || !id.starts_with("evt_") || id.size() > limits::kPaymentIdBytesMax ||
      type.empty() || type.size() > limits::kPaymentIdBytesMax || !created || !object) {
    return fail(ErrorCode::kInvalidRequest, "The body is no event of Stripe's: id, type, created and data.object.");
  }
  const auto live = at(value, {"livemode"});
  Event event{.provider = "stripe", .type = type, .fact = {.id = "stripe:" + id, .at = *created}};
  event.is_test = live && !live->boolean().value_or(true);
  if (std::ranges::find(kTypes, type) != std::end(kTypes)) read_object(*object, type, event);
  // What names nothing leads nowhere.
  if (aliases_of(event.fact).empty()) event.fact.kind = Kind::kIgnored;
  return event;
}

std::string needs_products(const config::Payments& payments, const Event& event) {
  const Fact& fact = event.fact;
  if (fact.kind != Kind::kPayment || !event.type.starts_with("checkout.")) return {};
  for (const std::string& product : fact.products) {
    if (payments.plan_of(product)) return {};
  }
  constexpr std::string_view prefix = "stripe:cs_";
  for (const std::string& id : fact.ids) {
    if (id.starts_with(prefix)) return id.substr(prefix.size() - 3);
  }
  return {};
}

Task<Result<json::Document>> Api::get(std::string path) {
  const config::Stripe& stripe = config_.payments.stripe;
  co_return co_await ask_api(host_, config_, *stripe.api_key, stripe.base_url + path);
}

Task<Result<std::vector<std::string>>> Api::products(std::string session) {
  CO_TRY(const json::Document answer, co_await get("/v1/checkout/sessions/" + url_escape(session) + "/line_items?limit=100"));
  std::vector<std::string> products;
  if (const auto items = answer.root().member("data")) {
    items->each_item([&](json::Value item) { add_price(products, item); });
  }
  co_return products;
}

Task<Result<Api::Page>> Api::events(TimeMs from, std::string after_id) {
  std::string path = "/v1/events?limit=" + std::to_string(limits::kReconcileRowsPerPage) +
                     "&created[gte]=" + std::to_string(from / kSecondMs);
  for (const std::string_view type : kTypes) path += "&types[]=" + std::string(type);
  if (!after_id.empty()) path += "&starting_after=" + url_escape(after_id);
  CO_TRY(const json::Document answer, co_await get(std::move(path)));
  Page page;
  const auto list = answer.root().member("data");
  if (!list || list->kind() != json::Kind::kArray) {
    co_return fail(ErrorCode::kUnavailable, "Stripe did not answer. Try again later.", "stripe: no list of events");
  }
  list->each_item([&](json::Value item) {
    page.last_id = text_at(item, {"id"});
    auto event = read_event(item);
    if (event) page.events.push_back(std::move(*event));
  });
  page.has_more = flag_at(answer.root(), "has_more") && !page.last_id.empty();
  co_return page;
}

}  // namespace latchkey::payments::stripe
