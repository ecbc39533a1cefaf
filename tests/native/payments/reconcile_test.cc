// The daily walk, and the way of generated codes to the seller.
#include "payments/reconcile.h"

#include "payments/api.h"
#include "payments/deliver.h"
#include "payments/form.h"
#include "payments/review.h"
#include "payments_world.h"
#include "webhook/signature.h"

namespace latchkey::payments {
namespace {

constexpr TimeMs kNow = test::kTestStart;

struct WalkWorld : PaymentsWorld {
  using PaymentsWorld::PaymentsWorld;
  // happen: a purchase that Stripe lists and never posted.
  void happen(int number) {
    const std::string n = std::to_string(number);
    stripe_events.insert(stripe_events.begin(),
                         event("checkout.session.completed",
                               R"({"id":"cs_)" + n + R"(","mode":"payment","payment_status":"paid","payment_intent":"pi_)" + n +
                                   R"(","payment_link":"plink_pro","customer_details":{"email":"b)" + n + R"(@c.example"}})",
                               kNow - kHourMs));
  }
  int64_t num_licenses() { return scalar("SELECT count(*) AS value FROM licenses"); }
  size_t num_asked(std::string_view url) {
    return static_cast<size_t>(std::ranges::count_if(host.fetch.requests, [&](const auto& request) {
      return request.url.find(url) != std::string::npos;
    }));
  }
};

TEST(Reconcile, finds_what_never_arrived_and_changes_nothing_the_next_day) {
  WalkWorld world;
  for (int i = 0; i < 20; ++i) world.happen(i);
  world.outcome(world.stripe_events.front());
  world.sales["s1"] = world.sale("s1", kNow - kHourMs);
  world.loud_reconcile();
  world.cron();
  EXPECT_LT(world.num_licenses(), 20);  // So many pages a run.
  for (int i = 0; i < 4; ++i) world.cron();
  EXPECT_EQ(world.num_licenses(), 21);
  const size_t asked = world.host.fetch.requests.size();
  world.cron();
  EXPECT_EQ(world.host.fetch.requests.size(), asked);
  const std::string licenses = world.licenses();
  world.host.clock.advance(limits::kReconcileEveryMs);
  for (int i = 0; i < 4; ++i) world.cron();
  EXPECT_GT(world.host.fetch.requests.size(), asked);
  EXPECT_EQ(world.licenses(), licenses);
  EXPECT_EQ(world.num_audits("license.created"), 21);
  world.expect_sound();
}

TEST(Reconcile, sees_what_became_of_a_sale_since) {
  WalkWorld world;
  world.sales["s1"] = world.sale("s1", kNow - kHourMs);
  world.loud_reconcile();
  world.cron();
  EXPECT_TRUE(world.has_license("active"));
  world.sales["s1"].replace(world.sales["s1"].find("\"refunded\":false"), 16, "\"refunded\":true");
  world.host.clock.advance(limits::kReconcileEveryMs);
  world.cron();
  EXPECT_TRUE(world.has_license("revoked", "payment_refunded"));
}

TEST(Reconcile, asks_an_api_that_refuses_the_key_once_a_day_and_one_that_fails_soon) {
  WalkWorld world;
  world.happen(1);
  world.api_status = 401;
  world.loud_reconcile();
  for (int minute = 0; minute < 30; ++minute, world.host.clock.advance(kMinuteMs)) world.cron();
  EXPECT_EQ(world.num_asked("/v1/events"), 1u);
  EXPECT_EQ(world.num_audits("payment.reconcile_refused"), 2);  // Stripe's and Gumroad's.
  world.api_status = 500;
  world.host.clock.advance(limits::kReconcileEveryMs);
  world.cron();
  EXPECT_EQ(world.num_licenses(), 0);
  world.api_status = 200;
  world.host.clock.advance(limits::kReconcileRetryMs);
  world.cron();
  EXPECT_EQ(world.num_licenses(), 1);
  EXPECT_EQ(world.num_audits("payment.reconcile_refused"), 2);
}

TEST(Reconcile, loses_nothing_wherever_it_breaks_off) {
  test::fail_every_await<WalkWorld>(
      [](WalkWorld& world) -> Task<> {
        world.happen(1);
        world.sales["s1"] = world.sale("s1", kNow - kHourMs);
        world.loud_reconcile();
        host::Host own(world.host.platform(), world.host.new_request(), 5000);
        (void)co_await run_reconcile(own, world.config());
      },
      [](WalkWorld& world, test::FaultPoint) {
        world.host.clock.advance(limits::kReconcileRetryMs);
        world.cron();
        world.host.clock.advance(limits::kReconcileRetryMs);
        world.cron();
        EXPECT_EQ(world.num_licenses(), 2);
        EXPECT_EQ(world.num_audits("license.created"), 2);
        world.expect_sound();
      });
}

TEST(Reconcile, is_one_run_at_a_time) {
  WalkWorld world;
  world.happen(1);
  world.run("UPDATE payment_reconciles SET next_at = 0, lease_until = 9000000000000");
  world.cron();
  EXPECT_EQ(world.host.fetch.requests.size(), 0u);
}

struct CodeWorld : PaymentsWorld {
  CodeWorld()
      : PaymentsWorld({{"PURCHASE_CODES", "generated"},
                       {"SELLER_WEBHOOK_URL", "https://seller.example/codes"},
                       {"SELLER_WEBHOOK_SECRET", kSellerSecret}}) {}
  void buy() {
    outcome(event("checkout.session.completed",
                  R"({"id":"cs_1","mode":"payment","payment_status":"paid","payment_intent":"pi_1","payment_link":"plink_pro"})",
                  kNow));
  }
  const test::FakeFetch::Request& last() { return host.fetch.requests.back(); }
};

struct SoldWorld : CodeWorld {
  SoldWorld() { buy(); }
};

TEST(Codes, go_to_the_seller_signed_and_are_wiped_once_taken) {
  CodeWorld world;
  world.buy();
  EXPECT_EQ(world.text("SELECT kind AS value FROM licenses"), "generated");
  world.cron();
  ASSERT_EQ(world.host.fetch.requests.size(), 1u);
  const auto& sent = world.last();
  EXPECT_EQ(sent.url, "https://seller.example/codes");
  EXPECT_FALSE(sent.is_http_allowed && world.config().production);
  EXPECT_FALSE(sent.headers.contains("authorization"));
  const std::string wanted = webhook::signature(Secret::copy_of(kSellerSecret), sent.headers.at("webhook-id"),
                                                sent.headers.at("webhook-timestamp"), sent.body);
  EXPECT_EQ(sent.headers.at("webhook-signature"), wanted);
  const auto body = json::Document::parse_host(sent.body);
  const std::string code(*body->root().member("data")->member("code")->string());
  EXPECT_TRUE(world.provision(world.request("m", provision::Delivery::kPlain, code))->grant.has_value());
  EXPECT_EQ(world.text("SELECT state AS value FROM payment_deliveries"), "delivered");
  EXPECT_EQ(world.scalar("SELECT count(payload) AS value FROM payment_deliveries"), 0);
  world.cron();
  EXPECT_EQ(world.host.fetch.requests.size(), 1u);
}

// The specification's own example.
TEST(Codes, are_tried_again_ever_later_and_given_up_for_an_admin_to_see) {
  CodeWorld world;
  world.buy();
  world.seller_status = 500;
  int num_runs = 0;
  for (; num_runs < 20'000 && world.text("SELECT state AS value FROM payment_deliveries") == "due"; ++num_runs) {
    world.host.clock.advance(10 * kMinuteMs);
    world.quiet_reconcile();
    host::Host own(world.host.platform(), world.host.new_request(), 5000);
    (void)world.host.run(run_deliveries(own, world.config()));
  }
  EXPECT_EQ(world.host.fetch.requests.size(), limits::kCodeDeliveryAttemptsMax);
  EXPECT_GT(num_runs, 24 * 6);  // More than a day.
  EXPECT_EQ(world.text("SELECT last_error AS value FROM payment_deliveries"), "HTTP 500");
  EXPECT_EQ(world.text("SELECT subject || ' ' || state AS value FROM alerts WHERE kind = 'webhook_failing'"), "seller open");
  const auto list = world.admin("GET", "/admin/payments?undelivered=1");
  EXPECT_NE(list.body.find(R"("code_delivery":"given_up")"), std::string::npos) << list.body;
  world.seller_status = 200;
  const std::string id = world.text("SELECT id AS value FROM purchases");
  EXPECT_EQ(world.admin("POST", "/admin/payments/" + id + "/redeliver").status, 200u);
  EXPECT_EQ(world.num_audits("payment.redelivered"), 1);
  world.cron();
  EXPECT_EQ(world.text("SELECT state AS value FROM payment_deliveries"), "delivered");
  EXPECT_EQ(world.text("SELECT state AS value FROM alerts WHERE kind = 'webhook_failing'"), "resolved");
  EXPECT_EQ(world.admin("POST", "/admin/payments/" + id + "/redeliver").status, 409u);
  EXPECT_EQ(world.num_audits("payment.redelivered"), 1);
}

TEST(Codes, reach_the_seller_at_least_once_whatever_fails) {
  test::fail_every_await<SoldWorld>(
      [](SoldWorld& world) -> Task<> {
        host::Host own(world.host.platform(), world.host.new_request(), 5000);
        (void)co_await run_deliveries(own, world.config());
      },
      [](SoldWorld& world, test::FaultPoint) {
        world.host.clock.advance(kHourMs);
        world.cron();
        EXPECT_EQ(world.text("SELECT state AS value FROM payment_deliveries"), "delivered");
        for (const auto& request : world.host.fetch.requests) {
          EXPECT_EQ(request.body, world.host.fetch.requests.front().body);
          EXPECT_EQ(request.headers.at("webhook-id"), world.host.fetch.requests.front().headers.at("webhook-id"));
        }
      });
}

TEST(Rewrap, seals_addresses_and_codes_anew) {
  CodeWorld world;
  world.outcome(world.event("invoice.paid", R"({"id":"in_1","customer_email":"ada@example.com"})", kNow));
  world.buy();
  const auto with_next = test::test_environment();
  std::string old_key;
  for (const auto& [name, value] : with_next) {
    if (name == "MASTER_KEY") old_key = value;
  }
  const std::string next = "k9:" + base64_encode(as_bytes("0123456789abcdef0123456789abcdef"));
  Settings settings = {{"PURCHASE_CODES", "generated"},
                       {"SELLER_WEBHOOK_URL", "https://seller.example/codes"},
                       {"SELLER_WEBHOOK_SECRET", kSellerSecret},
                       {"MASTER_KEY", next + "," + old_key}};
  world.app.config = test::test_config(payment_settings(settings));
  std::string cursor = "{}";
  for (int i = 0; i < 9 && !cursor.empty(); ++i) {
    const auto slice = world.admin("POST", "/admin/master/rewrap", cursor);
    ASSERT_EQ(slice.status, 200u) << slice.body;
    const std::string at = test::text_of(slice, "next_cursor");
    cursor = at.empty() ? "" : R"({"cursor":")" + at + "\"}";
  }
  EXPECT_EQ(cursor, "");
  settings.back().second = next;  // The old key is gone.
  world.app.config = test::test_config(payment_settings(settings));
  world.cron();
  EXPECT_EQ(world.text("SELECT state AS value FROM payment_deliveries WHERE state = 'delivered' LIMIT 1"), "delivered");
  const std::string event = world.text("SELECT id AS value FROM payment_events WHERE email IS NOT NULL LIMIT 1");
  EXPECT_EQ(event, "stripe:evt_1");
}

TEST(Api, escapes_what_goes_into_an_address) {
  EXPECT_EQ(url_escape("aZ09-_.~"), "aZ09-_.~");
  EXPECT_EQ(url_escape("a/b?c=d==&\xC3\xA9 "), "a%2Fb%3Fc%3Dd%3D%3D%26%C3%A9%20");
}

TEST(Review, lists_page_by_page_newest_first) {
  PaymentsWorld world;
  for (int i = 0; i < 5; ++i) {
    const std::string n = std::to_string(i);
    world.host.clock.advance(1000);
    world.outcome(world.event("invoice.paid", R"({"id":"in_)" + n + R"(","customer_email":"a@b.example"})", kNow));
  }
  const store::AuditRow by{.request_id = "req_1", .outcome = "done", .actor = "admin:test"};
  host::Host own(world.host.platform(), world.host.new_request(), 5000);
  PaymentReview review(own, world.config(), by);
  std::vector<std::string> ids;
  std::string after;
  for (int i = 0; i < 3; ++i) {
    const auto page = world.host.run(review.list({.outcome = "unmapped"}, after, 2));
    ASSERT_TRUE(page.has_value());
    for (const PaymentView& view : page->payments) ids.push_back(view.purchase.key);
    after = page->next_id.value_or("");
    EXPECT_EQ(after.empty(), i == 2);
  }
  EXPECT_EQ(ids, (std::vector<std::string>{"stripe:in_4", "stripe:in_3", "stripe:in_2", "stripe:in_1", "stripe:in_0"}));
  EXPECT_EQ(world.host.run(review.show("pay_none")).error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(world.admin("GET", "/admin/payments?provider=paypal").status, 400u);
  EXPECT_EQ(world.admin("GET", "/admin/payments?undelivered=1&outcome=held").status, 400u);
}

TEST(Form, is_read_as_browsers_write_it) {
  const auto form = Form::parse("a=1&a=2&b+c=d%20e%2Bf&=x&list%5B%5D=p&list[1]=q&empty&bad=%zz%4&&lists=no");
  ASSERT_TRUE(form.has_value());
  EXPECT_EQ(form->text("a"), "1");
  EXPECT_EQ(form->text("b c"), "d e+f");
  EXPECT_EQ(form->text("empty"), "");
  EXPECT_EQ(form->text("bad"), "%zz%4");
  EXPECT_EQ(form->text("none"), "");
  EXPECT_EQ(form->list("list"), (std::vector<std::string_view>{"p", "q"}));
  EXPECT_FALSE(Form::parse("a=%FF").has_value());
  EXPECT_TRUE(Form::parse("").has_value());
}

}  // namespace
}  // namespace latchkey::payments
