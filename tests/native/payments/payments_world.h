// PaymentsWorld: a service that sells over Stripe and Gumroad, with both APIs and the seller's webhook beside it.
#pragma once

#include <gtest/gtest.h>

#include <map>

#include "base/encoding.h"
#include "crypto/mac.h"
#include "maintenance/scheduled.h"
#include "payments/service.h"
#include "payments/stripe.h"
#include "support/drivers.h"
#include "support/service_world.h"

namespace latchkey::payments {

inline const std::string kStripeSecret = "whsec_for-tests-only-1";
inline const std::string kHookPath = "/hooks/gumroad/hook-secret-for-tests-0123456789abcdef";
inline const std::string kSellerSecret = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
inline const std::string kPlans =
    "stripe:price_pro=pro, stripe:price_team=team,stripe:plink_pro=pro,gumroad:pro==pro,gumroad:lost=nowhere";

using Settings = std::vector<std::pair<std::string, std::string>>;

inline Settings payment_settings(Settings changed = {}) {
  Settings settings = {{"STRIPE_WEBHOOK_SECRET", kStripeSecret},
                       {"STRIPE_API_KEY", "rk_for-tests"},
                       {"GUMROAD_HOOK_SECRET", kHookPath.substr(15)},
                       {"GUMROAD_SELLER_ID", "seller-1"},
                       {"GUMROAD_ACCESS_TOKEN", "gumroad-token"},
                       {"PAYMENT_PLANS", kPlans}};
  for (auto& entry : changed) {
    std::erase_if(settings, [&](const auto& setting) { return setting.first == entry.first; });
    settings.push_back(std::move(entry));
  }
  return settings;
}

struct PaymentsWorld : test::ServiceWorld {
  std::map<std::string, std::string> sales;     // Gumroad's: id to JSON
  std::vector<std::string> stripe_events;       // Stripe's, newest first
  std::map<std::string, std::string> products;  // session to price
  uint32_t api_status = 200;
  uint32_t seller_status = 200;
  bool is_reachable = true;
  int num_event_ids = 0;

  explicit PaymentsWorld(Settings changed = {}) : ServiceWorld(payment_settings(std::move(changed))) {
    add_plan("team", R"(["kimi","qwen"])", 7, 10);
    host.fetch.answer = [this](const test::FakeFetch::Request& request) { return serve(request); };
    // What is listed is asked for by name where a test is about it.
    quiet_reconcile();
  }

  std::optional<test::FakeFetch::Answer> serve(const test::FakeFetch::Request& request) {
    if (!is_reachable) return std::nullopt;
    if (request.method == "POST") return test::FakeFetch::Answer{seller_status, ""};
    if (api_status != 200) return test::FakeFetch::Answer{api_status, "{}"};
    constexpr std::string_view sessions = "https://api.stripe.com/v1/checkout/sessions/";
    constexpr std::string_view sale = "https://api.gumroad.com/v2/sales/";
    if (request.url.starts_with(sessions)) {
      const std::string id = request.url.substr(sessions.size(), request.url.find("/line_items") - sessions.size());
      return test::FakeFetch::Answer{200, R"({"data":[{"price":{"id":")" + products[id] + R"("}}]})"};
    }
    if (request.url.starts_with("https://api.stripe.com/v1/events?")) return test::FakeFetch::Answer{200, list_events(request.url)};
    if (request.url.starts_with("https://api.gumroad.com/v2/sales?")) return test::FakeFetch::Answer{200, list_sales()};
    if (!request.url.starts_with(sale)) return test::FakeFetch::Answer{500, ""};
    const auto found = sales.find(request.url.substr(sale.size()));
    if (found == sales.end()) return test::FakeFetch::Answer{404, R"({"success":false})"};
    return test::FakeFetch::Answer{200, R"({"success":true,"sale":)" + found->second + "}"};
  }
  // Three events a page.
  std::string list_events(const std::string& url) const {
    size_t from = 0;
    if (const size_t at = url.find("starting_after="); at != std::string::npos) {
      const std::string after = "\"" + url.substr(at + 15) + "\"";
      while (from < stripe_events.size() && stripe_events[from++].find(after) == std::string::npos) {}
    }
    const size_t to = std::min(from + 3, stripe_events.size());
    std::string list;
    for (size_t i = from; i < to; ++i) list += (i > from ? "," : "") + stripe_events[i];
    return R"({"object":"list","data":[)" + list + R"(],"has_more":)" + (to < stripe_events.size() ? "true}" : "false}");
  }
  std::string list_sales() const {
    std::string list;
    for (const auto& [id, sale] : sales) list += (list.empty() ? "" : ",") + sale;
    return R"({"success":true,"sales":[)" + list + "]}";
  }
  void quiet_reconcile() { run("UPDATE payment_reconciles SET next_at = 9000000000000"); }
  void loud_reconcile() { run("UPDATE payment_reconciles SET next_at = 0"); }
  void run(std::string_view sql) { host.query(sql); }

  // event: as Stripe sends it. `object` is the JSON of data.object.
  std::string event(std::string_view type, std::string_view object, TimeMs at, std::string id = {}) {
    if (id.empty()) id = "evt_" + std::to_string(++num_event_ids);
    return R"({"id":")" + id + R"(","object":"event","livemode":true,"created":)" + std::to_string(at / kSecondMs) +
           R"(,"type":")" + std::string(type) + R"(","data":{"object":)" + std::string(object) + "}}";
  }
  std::string signature(std::string_view body, std::string_view secret = kStripeSecret, TimeMs age = 0) {
    const std::string seconds = std::to_string((host.clock.now() - age) / kSecondMs);
    return "t=" + seconds + ",v1=" +
           hex_encode(crypto::hmac_sha256(as_bytes(secret), as_bytes(seconds + "." + std::string(body))));
  }
  test::Call stripe_call(const std::string& body) {
    return {.path = "/hooks/stripe",
            .body = body,
            .headers = {{"content-type", "application/json; charset=utf-8"}, {"stripe-signature", signature(body)}}};
  }
  http::Response stripe(const std::string& body) { return send(stripe_call(body)); }
  std::string outcome(const std::string& body) {
    const auto response = stripe(body);
    EXPECT_EQ(response.status, 200u) << response.body;
    return test::text_of(response, "outcome");
  }
  http::Response ping(std::string body, std::string path = kHookPath) {
    return send({.path = std::move(path), .body = std::move(body),
                 .headers = {{"content-type", "application/x-www-form-urlencoded"}}});
  }
  std::string sale(std::string_view id, TimeMs at, std::string_view more = "") const {
    return R"({"id":")" + std::string(id) + R"(","seller_id":"seller-1","email":"Buyer@Gum.example","created_at":")" +
           format_time(at) + R"(","product_id":"pro=","refunded":false,"disputed":false)" + std::string(more) + "}";
  }

  Task<> cron_task() {
    host::Host own(host.platform(), host.new_request(), 5000);
    co_await maintenance::run_scheduled(own, config());
  }
  void cron() { host.run(cron_task()); }

  Task<> take_task(std::string body, std::vector<ErrorCode>* errors) {
    const provision::Client caller = client();
    const store::AuditRow by{.request_id = caller.request_id, .outcome = "done", .actor = "payments:stripe"};
    host::Host own(host.platform(), host.new_request(), 5000);
    const auto document = json::Document::parse_untrusted(body);
    auto read = stripe::read_event(document->root());
    PaymentService service(own, config(), by);
    const auto taken = co_await service.take_stripe(std::move(*read));
    if (!taken && errors != nullptr) errors->push_back(taken.error().code());
  }

  std::string text(std::string_view sql) { return std::string(host.query(sql).row(0, 0).text("value")); }
  // licenses: all of them, as far as payments have to do with them.
  std::string licenses() {
    return text("SELECT json_group_array(json_array(code_hash, kind, plan, max_machines, status, status_reason, "
                "expires_at)) AS value FROM (SELECT * FROM licenses ORDER BY code_hash)");
  }
  int64_t ends_at() { return scalar("SELECT ifnull(max(expires_at), 0) AS value FROM licenses"); }
  bool has_license(std::string_view status, std::string_view reason = "") {
    return scalar("SELECT count(*) AS value FROM licenses WHERE status = '" + std::string(status) +
                  "' AND ifnull(status_reason, '') = '" + std::string(reason) + "'") == 1 &&
           scalar("SELECT count(*) AS value FROM licenses") == 1;
  }

  // expect_sound: what holds whatever happened.
  void expect_sound() {
    EXPECT_EQ(num_audits("license.created"), scalar("SELECT count(*) AS value FROM licenses WHERE paid_terms IS NOT NULL"));
    EXPECT_EQ(scalar("SELECT count(*) AS value FROM purchases p WHERE license_id IS NOT NULL AND NOT EXISTS "
                     "(SELECT 1 FROM licenses l WHERE l.id = p.license_id)"),
              0);
    EXPECT_EQ(scalar("SELECT count(*) AS value FROM payment_events e WHERE state = 'new' AND due_at IS NULL"), 0);
  }
};

}  // namespace latchkey::payments
