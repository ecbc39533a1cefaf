// From what a provider says to a licence and back.
#include "http/hook_auth.h"
#include "payments/gumroad.h"
#include "payments_world.h"

namespace latchkey::payments {
namespace {

using test::json_of;
using test::text_of;

constexpr TimeMs kNow = test::kTestStart;
constexpr TimeMs kGrace = limits::kRenewalGraceMs;

const std::string kSession =
    R"({"id":"cs_1","mode":"payment","payment_status":"paid","payment_intent":"pi_1","payment_link":"plink_pro",)"
    R"("customer_details":{"email":" Ada@Example.COM "}})";
const std::string kSubscriptionSession =
    R"({"id":"cs_2","mode":"subscription","payment_status":"paid","subscription":"sub_1","invoice":"in_1",)"
    R"("customer_details":{"email":"ada@example.com"}})";

// Invoices as API versions from 2025-03-31 have them, and those before it.
std::string invoice(int number, TimeMs until, std::string_view price = "price_pro") {
  return R"({"id":"in_)" + std::to_string(number) +
         R"(","customer_email":"ada@example.com","parent":{"subscription_details":{"subscription":"sub_1"}},)"
         R"("lines":{"data":[{"amount":-100,"period":{"end":9999999999},"pricing":{"price_details":{"price":"price_old"}}},)"
         R"({"amount":900,"period":{"end":)" +
         std::to_string(until / kSecondMs) + R"(},"pricing":{"price_details":{"price":")" + std::string(price) + R"("}}}]}})";
}
std::string old_invoice(int number, TimeMs until) {
  return R"({"id":"in_)" + std::to_string(number) + R"(","customer_email":"ada@example.com","subscription":"sub_1",)"
         R"("payment_intent":"pi_)" + std::to_string(number) + R"(","charge":"ch_)" + std::to_string(number) +
         R"(","lines":{"data":[{"amount":900,"period":{"end":)" + std::to_string(until / kSecondMs) +
         R"(},"price":{"id":"price_pro","product":"prod_1"}}]}})";
}
std::string subscription(std::string_view status, bool cancels, std::string_view price = "price_pro") {
  return R"({"id":"sub_1","status":")" + std::string(status) + R"(","cancel_at_period_end":)" + (cancels ? "true" : "false") +
         R"(,"items":{"data":[{"price":{"id":")" + std::string(price) + R"("}}]}})";
}
std::string refunded(int number, bool whole = true) {
  return R"({"id":"ch_)" + std::to_string(number) + R"(","payment_intent":"pi_)" + std::to_string(number) +
         R"(","refunded":)" + (whole ? "true" : "false") + R"(,"amount_refunded":100})";
}
std::string disputed(std::string_view status) {
  return R"({"id":"dp_1","charge":"ch_1","payment_intent":"pi_1","status":")" + std::string(status) + R"("})";
}

TEST(Stripe, purchase_makes_a_licence_whose_code_is_the_address) {
  PaymentsWorld world;
  EXPECT_EQ(world.outcome(world.event("checkout.session.completed", kSession, kNow)), "taken");
  EXPECT_TRUE(world.has_license("active"));
  EXPECT_EQ(world.ends_at(), kNow + 365 * kDayMs);
  const auto granted = world.provision(world.request("machine-1", provision::Delivery::kPlain, "ADA@example.com"));
  ASSERT_TRUE(granted.has_value());
  EXPECT_TRUE(granted->grant.has_value());
  // The address lies nowhere in the clear.
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM payment_events WHERE facts || ifnull(email, '') LIKE '%ada@%'"), 0);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM audit_log WHERE ifnull(details, '') LIKE '%ada@%'"), 0);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM audit_log WHERE action = 'license.created' AND actor = 'payments:stripe'"), 1);
  world.expect_sound();
}

TEST(Stripe, subscription_is_renewed_cancelled_and_ends) {
  PaymentsWorld world;
  world.outcome(world.event("checkout.session.completed", kSubscriptionSession, kNow));
  EXPECT_EQ(world.licenses(), "[]");  // Not paid yet.
  world.outcome(world.event("invoice.paid", invoice(1, kNow + 30 * kDayMs), kNow));
  EXPECT_TRUE(world.has_license("active"));
  EXPECT_EQ(world.ends_at(), kNow + 30 * kDayMs + kGrace);
  world.outcome(world.event("invoice.paid", old_invoice(2, kNow + 60 * kDayMs), kNow + 30 * kDayMs));
  EXPECT_EQ(world.ends_at(), kNow + 60 * kDayMs + kGrace);
  world.outcome(world.event("customer.subscription.updated", subscription("active", true), kNow + 31 * kDayMs));
  EXPECT_EQ(world.ends_at(), kNow + 60 * kDayMs);
  world.outcome(world.event("customer.subscription.updated", subscription("unpaid", false), kNow + 32 * kDayMs));
  EXPECT_TRUE(world.has_license("suspended", "payment_missing"));
  world.outcome(world.event("customer.subscription.updated", subscription("active", false, "price_team"), kNow + 33 * kDayMs));
  EXPECT_TRUE(world.has_license("active"));
  EXPECT_EQ(world.scalar("SELECT max_machines AS value FROM licenses WHERE plan = 'team'"), 10);
  const int64_t epoch = world.epoch();
  world.outcome(world.event("customer.subscription.deleted",
                            R"({"id":"sub_1","status":"canceled","ended_at":)" + std::to_string(kNow / kSecondMs + 86400) + "}",
                            kNow + 34 * kDayMs));
  EXPECT_EQ(world.ends_at(), kNow + kDayMs);
  EXPECT_GT(world.epoch(), epoch);
  world.expect_sound();
}

TEST(Stripe, refund_in_whole_revokes_and_in_part_does_nothing) {
  PaymentsWorld world;
  world.outcome(world.event("checkout.session.completed", kSession, kNow));
  EXPECT_EQ(world.outcome(world.event("charge.refunded", refunded(1, false), kNow + 1000)), "ignored");
  EXPECT_TRUE(world.has_license("active"));
  EXPECT_EQ(world.outcome(world.event("charge.refunded", refunded(1), kNow + 2000)), "taken");
  EXPECT_TRUE(world.has_license("revoked", "payment_refunded"));
  EXPECT_EQ(world.num_audits("license.revoked"), 1);
}

TEST(Stripe, dispute_suspends_and_its_end_lifts_or_revokes) {
  for (const bool won : {true, false}) {
    PaymentsWorld world;
    world.outcome(world.event("checkout.session.completed", kSession, kNow));
    EXPECT_EQ(world.outcome(world.event("charge.dispute.created", disputed("warning_needs_response"), kNow)), "ignored");
    world.outcome(world.event("charge.dispute.created", disputed("needs_response"), kNow));
    EXPECT_TRUE(world.has_license("suspended", "payment_disputed"));
    world.outcome(world.event("charge.dispute.closed", disputed(won ? "won" : "lost"), kNow + 1));
    EXPECT_TRUE(won ? world.has_license("active") : world.has_license("revoked", "payment_charged_back"));
  }
}

TEST(Stripe, replay_changes_nothing_and_costs_one_trip) {
  PaymentsWorld world;
  const std::string body = world.event("checkout.session.completed", kSession, kNow);
  EXPECT_EQ(world.outcome(body), "taken");
  const int64_t audits = world.scalar("SELECT count(*) AS value FROM audit_log");
  for (int i = 0; i < 3; ++i) {
    const size_t trips = world.host.count(host::OpKind::kDbBatch);
    EXPECT_EQ(world.outcome(body), "known");
    EXPECT_EQ(world.host.count(host::OpKind::kDbBatch), trips + 1);
  }
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM audit_log"), audits);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM payment_events"), 1);
}

TEST(Stripe, unknown_events_are_stored_and_answered_well) {
  PaymentsWorld world;
  EXPECT_EQ(world.outcome(world.event("customer.created", R"({"id":"cus_1"})", kNow)), "ignored");
  EXPECT_EQ(world.outcome(world.event("checkout.session.completed", R"({"id":"cs_1","mode":"setup"})", kNow)), "ignored");
  EXPECT_EQ(world.outcome(world.event("invoice.paid", R"({"id":17,"lines":[]})", kNow)), "ignored");
  EXPECT_EQ(world.outcome(world.event("charge.refunded", R"([])", kNow)), "ignored");
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM payment_events WHERE state = 'ignored'"), 4);
  world.host.clock.advance(limits::kPaymentIgnoredKeptMs + 1);
  world.cron();
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM payment_events"), 0);
}

TEST(Stripe, events_in_any_order_and_number_lead_to_the_same_licence) {
  const auto events = [](PaymentsWorld& world) {
    return std::vector<std::string>{
        world.event("checkout.session.completed", kSubscriptionSession, kNow),
        world.event("invoice.paid", invoice(1, kNow + 30 * kDayMs), kNow),
        world.event("invoice_payment.paid", R"({"id":"inpay_1","invoice":"in_1","payment":{"payment_intent":"pi_1"}})", kNow),
        world.event("customer.subscription.updated", subscription("active", true), kNow + 5 * kDayMs),
        world.event("customer.subscription.updated", subscription("active", false, "price_team"), kNow + 6 * kDayMs),
        world.event("invoice.paid", invoice(2, kNow + 60 * kDayMs, "price_team"), kNow + 30 * kDayMs),
        world.event("charge.refunded", refunded(2), kNow + 31 * kDayMs),
        world.event("invoice_payment.paid", R"({"id":"inpay_2","invoice":"in_2","payment":{"payment_intent":"pi_2"}})", kNow),
        world.event("charge.dispute.created", disputed("needs_response"), kNow + 32 * kDayMs),
        world.event("charge.dispute.closed", disputed("won"), kNow + 33 * kDayMs)};
  };
  std::string wanted;
  testing::SeededRandom random("deliveries");
  for (int turn = 0; turn < 40; ++turn) {
    PaymentsWorld world;
    std::vector<std::string> order = events(world);
    ByteArray<32> draws;
    random.fill(draws);
    for (size_t i = order.size(); turn > 0 && i > 1; --i) std::swap(order[i - 1], order[draws[i] % i]);
    for (size_t i = 0; turn > 0 && i < 5; ++i) order.push_back(order[draws[20 + i] % 10]);
    for (const std::string& body : order) world.outcome(body);
    world.expect_sound();
    EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM payment_events WHERE state <> 'taken'"), 0);
    if (turn == 0) wanted = world.licenses();
    EXPECT_EQ(world.licenses(), wanted);
  }
  EXPECT_NE(wanted.find(R"("revoked","payment_refunded")"), std::string::npos) << wanted;
}

TEST(Stripe, two_purchases_of_one_buyer_are_one_licence_that_lasts_longer) {
  PaymentsWorld world;
  world.outcome(world.event("checkout.session.completed", kSession, kNow));
  std::string second = kSession;
  second.replace(second.find("cs_1"), 4, "cs_9").replace(second.find("pi_1"), 4, "pi_9");
  world.outcome(world.event("checkout.session.completed", second, kNow + kDayMs));
  EXPECT_TRUE(world.has_license("active"));
  EXPECT_EQ(world.ends_at(), kNow + 730 * kDayMs);
  EXPECT_EQ(world.scalar("SELECT count(DISTINCT license_id) AS value FROM purchases"), 1);
  // One of them refunded leaves the other.
  world.outcome(world.event("charge.refunded", refunded(1), kNow + 2 * kDayMs));
  EXPECT_TRUE(world.has_license("active"));
  EXPECT_EQ(world.ends_at(), kNow + kDayMs + 365 * kDayMs);
  world.outcome(world.event("charge.refunded", refunded(9), kNow + 2 * kDayMs));
  EXPECT_TRUE(world.has_license("revoked", "payment_refunded"));
  world.expect_sound();
}

TEST(Stripe, purchase_by_somebody_with_a_licence_extends_it) {
  PaymentsWorld world;
  const auto made = world.admin("POST", "/admin/licenses", R"({"code":"ada@example.com","expires_at":"2026-12-31"})");
  ASSERT_EQ(made.status, 201u) << made.body;
  const int64_t before = world.ends_at();
  world.outcome(world.event("checkout.session.completed", kSession, kNow));
  EXPECT_EQ(world.ends_at(), std::max(before, kNow + 365 * kDayMs));
  EXPECT_EQ(world.num_audits("license.created"), 1);
  EXPECT_EQ(world.num_audits("license.changed"), before < kNow + 365 * kDayMs ? 1 : 0);
}

TEST(Stripe, late_event_lifts_nothing_that_an_admin_did_and_says_so) {
  PaymentsWorld world;
  world.outcome(world.event("invoice.paid", invoice(1, kNow + 30 * kDayMs), kNow));
  const std::string id = world.text("SELECT id AS value FROM licenses");
  EXPECT_EQ(world.admin("POST", "/admin/licenses/" + id + "/revoke", R"({"reason":"shared"})").status, 200u);
  world.outcome(world.event("invoice.paid", invoice(2, kNow + 60 * kDayMs), kNow + 30 * kDayMs));
  EXPECT_TRUE(world.has_license("revoked", "shared"));
  EXPECT_EQ(world.text("SELECT outcome AS value FROM purchases"), "held");
  EXPECT_EQ(world.num_audits("payment.held"), 1);
  world.outcome(world.event("invoice.paid", invoice(3, kNow + 90 * kDayMs), kNow + 60 * kDayMs));
  EXPECT_EQ(world.num_audits("payment.held"), 1);
}

TEST(Stripe, unmapped_product_is_kept_and_settled_once_its_plan_is_named) {
  PaymentsWorld world({{"PAYMENT_PLANS", "stripe:price_other=pro,stripe:price_pro=nowhere"}});
  EXPECT_EQ(world.outcome(world.event("invoice.paid", invoice(1, kNow + 30 * kDayMs), kNow)), "taken");
  EXPECT_EQ(world.licenses(), "[]");
  EXPECT_EQ(world.num_audits("payment.unmapped"), 1);
  const std::string alert = "SELECT count(*) AS value FROM alerts WHERE kind = 'payment_unmapped' AND subject = "
                            "'stripe:price_pro' AND state = ";
  EXPECT_EQ(world.scalar(alert + "'open'"), 1);
  const auto list = world.admin("GET", "/admin/payments?outcome=unmapped");
  EXPECT_NE(list.body.find(R"("product":"stripe:price_pro","outcome":"unmapped")"), std::string::npos) << list.body;
  const std::string id = world.text("SELECT id AS value FROM purchases");
  world.app.config = test::test_config(payment_settings());
  const auto foreseen = world.admin("POST", "/admin/payments/" + id + "/retry?dry_run=1");
  for (const char* part : {R"("outcome":"licensed")", R"("license_id":"lic_00000000000000000000000000")",
                           R"("plan":"pro")", R"("dry_run":true)"}) {
    EXPECT_NE(foreseen.body.find(part), std::string::npos) << part << foreseen.body;
  }
  EXPECT_EQ(world.licenses(), "[]");
  const auto retried = world.admin("POST", "/admin/payments/" + id + "/retry");
  EXPECT_EQ(retried.status, 200u) << retried.body;
  EXPECT_EQ(text_of(retried, "outcome"), "licensed");
  EXPECT_TRUE(world.has_license("active"));
  EXPECT_EQ(world.num_audits("payment.retried"), 1);
  EXPECT_EQ(world.scalar(alert + "'resolved'"), 1);
  // A mapping that is taken away again takes nothing from those who bought.
  world.app.config = test::test_config(payment_settings({{"PAYMENT_PLANS", ""}}));
  world.outcome(world.event("invoice.paid", invoice(2, kNow + 60 * kDayMs), kNow + 30 * kDayMs));
  EXPECT_EQ(world.ends_at(), kNow + 60 * kDayMs + kGrace);
}

TEST(Stripe, session_that_does_not_say_what_was_bought_is_read_back) {
  PaymentsWorld world;
  std::string session = kSession;
  session.replace(session.find("plink_pro"), 9, "plink_none");
  world.products["cs_1"] = "price_team";
  world.is_reachable = false;
  const std::string body = world.event("checkout.session.completed", session, kNow);
  const auto later = world.stripe(body);
  EXPECT_EQ(later.status, 503u);
  EXPECT_EQ(test::header_of(later, "retry-after"), "60");
  world.is_reachable = true;
  EXPECT_EQ(world.outcome(body), "taken");
  EXPECT_EQ(world.text("SELECT plan AS value FROM licenses"), "team");
  EXPECT_EQ(world.host.fetch.requests.back().headers.at("authorization"), "Bearer rk_for-tests");
}

TEST(Stripe, purchase_without_an_address_is_kept_for_an_admin) {
  PaymentsWorld world;
  std::string session = kSession;
  session.replace(session.find(" Ada@Example.COM "), 17, "nobody");
  EXPECT_EQ(world.outcome(world.event("checkout.session.completed", session, kNow)), "taken");
  EXPECT_EQ(world.text("SELECT outcome AS value FROM purchases"), "no_email");
  EXPECT_EQ(world.num_audits("payment.no_email"), 1);
}

TEST(Stripe, session_with_an_invoice_is_one_purchase_whichever_names_the_other) {
  const std::string link = R"({"id":"inpay_1","invoice":"in_7","payment":{"payment_intent":"pi_1"}})";
  const std::string paid = R"({"id":"in_7","customer_email":"ada@example.com","lines":{"data":[{"amount":900,"pricing":)"
                           R"({"price_details":{"price":"price_pro"}}}]}})";
  for (const char* more : {R"("invoice":"in_7",)", R"("invoice":null,"invoice_creation":{"enabled":true},)"}) {
    PaymentsWorld world;
    std::string session = kSession;
    session.insert(1, more);
    world.outcome(world.event("checkout.session.completed", session, kNow));
    world.outcome(world.event("invoice.paid", paid, kNow));
    world.outcome(world.event("invoice_payment.paid", link, kNow));
    EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM purchases"), 1);
    EXPECT_EQ(world.ends_at(), kNow + 365 * kDayMs);
    world.outcome(world.event("charge.refunded", refunded(1), kNow));
    EXPECT_TRUE(world.has_license("revoked", "payment_refunded"));
  }
}

TEST(Stripe, test_mode_makes_no_licence_in_production) {
  for (const bool is_production : {true, false}) {
    PaymentsWorld world({{"ENVIRONMENT", is_production ? "production" : "development"}});
    std::string body = world.event("checkout.session.completed", kSession, kNow);
    body.replace(body.find("\"livemode\":true"), 15, "\"livemode\":false");
    test::Call call = world.stripe_call(body);
    call.scheme = "https";
    EXPECT_EQ(text_of(world.send(call), "outcome"), is_production ? "ignored" : "taken");
  }
}

TEST(Stripe, refuses_what_is_not_signed_as_it_should_be) {
  PaymentsWorld world;
  const std::string body = world.event("checkout.session.completed", kSession, kNow);
  const std::string good = world.signature(body);
  const std::string mac = good.substr(good.find("v1="));
  const std::string old = world.signature(body, kStripeSecret, 301 * kSecondMs);
  const std::string early = world.signature(body, kStripeSecret, -301 * kSecondMs);
  int address = 0;
  const auto post = [&](std::string signature, std::string sent) {
    return world.send({.path = "/hooks/stripe", .body = std::move(sent),
                       .headers = {{"content-type", "application/json"}, {"stripe-signature", std::move(signature)}},
                       .address = "203.0.113." + std::to_string(++address)});
  };
  for (const std::string& wrong :
       {std::string(), std::string("t=,v1="), mac, good.substr(0, good.find(',')), "t=abc," + mac, good + ",t=1",
        good.substr(0, good.size() - 1) + "0", world.signature(body, "whsec_another-secret"), old, early,
        "t=" + std::to_string(kNow / kSecondMs) + ",v0=" + mac.substr(3), std::string(5000, 'v')}) {
    EXPECT_EQ(post(wrong, body).status, 401u) << wrong;
  }
  EXPECT_EQ(post(good, body + " ").status, 401u);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM payment_events"), 0);
  EXPECT_EQ(world.num_audits("payment.denied"), address);
  for (const std::string& right :
       {world.signature(body, kStripeSecret, 299 * kSecondMs), good + ",v0=" + mac.substr(3),
        good.substr(0, good.find(',')) + ",v1=" + std::string(64, '0') + "," + mac, "v1=00,junk," + good}) {
    EXPECT_EQ(post(right, body).status, 200u) << right;
  }
}

TEST(Stripe, takes_both_secrets_while_one_is_rolled) {
  PaymentsWorld world({{"STRIPE_WEBHOOK_SECRET", kStripeSecret + ", whsec_the-next-one"}});
  const std::string body = world.event("customer.created", "{}", kNow);
  for (const std::string_view secret : {std::string_view(kStripeSecret), std::string_view("whsec_the-next-one")}) {
    test::Call call = world.stripe_call(body);
    call.headers.back().second = world.signature(body, secret);
    EXPECT_EQ(world.send(call).status, 200u);
  }
}

TEST(Stripe, refuses_signed_bodies_that_are_no_events) {
  PaymentsWorld world;
  const std::string good = world.event("invoice.paid", "{}", kNow);
  for (const std::string& body : {std::string(), std::string("{"), std::string("[]"), std::string("null"), std::string("{}"),
                                  std::string(R"({"id":"evt_1","object":"event","type":"x","created":"1","data":{"object":{}}})"),
                                  std::string(R"({"id":1,"object":"event","type":"x","created":1,"data":{"object":{}}})"),
                                  std::string(R"({"id":"evt_1","object":"event","type":"x","created":-1,"data":{"object":{}}})"),
                                  std::string(R"({"id":"evt_1","object":"event","type":"x","created":1,"data":{}})"),
                                  good.substr(0, good.size() - 1)}) {
    EXPECT_EQ(world.stripe(body).status, 400u) << body;
  }
  test::Call plain = world.stripe_call(good);
  plain.headers.front().second = "text/plain";
  EXPECT_EQ(world.send(plain).status, 415u);
  EXPECT_EQ(world.stripe(std::string(limits::kBodyBytesReport + 1, ' ')).status, 413u);
}

TEST(Stripe, refusals_of_an_address_are_counted_and_end_in_429) {
  PaymentsWorld world;
  const std::string body = world.event("customer.created", "{}", kNow);
  test::Call wrong = world.stripe_call(body);
  wrong.headers.back().second = "t=1,v1=" + std::string(64, '0');
  for (uint32_t i = 0; i < limits::kHookFailuresPerHour; ++i) EXPECT_EQ(world.send(wrong).status, 401u);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(world.send(wrong).status, 429u);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM audit_log WHERE reason = 'address_over_limit'"), 1);
  EXPECT_EQ(world.stripe(body).status, 200u);  // What is signed is no guess.
}

TEST(Hooks, that_are_not_configured_are_not_there) {
  test::ServiceWorld world;
  const auto unknown = world.send({.path = "/hooks/none", .body = "{}"});
  for (const std::string path : {"/hooks/stripe", "/hooks/gumroad/hook-secret-for-tests-0123456789abcdef"}) {
    const auto response = world.send({.path = path, .body = "{}"});
    EXPECT_EQ(response.status, 404u);
    EXPECT_EQ(text_of(response, "message"), text_of(unknown, "message"));
  }
  EXPECT_EQ(world.num_audits("payment.denied"), 0);
}

// A delivery that is sent again until it is answered well, as Stripe does it.
Task<> deliver(PaymentsWorld& world, std::string body) {
  for (int i = 0; i < 3; ++i) {
    std::vector<ErrorCode> errors;
    co_await world.take_task(body, &errors);
    if (errors.empty()) co_return;
    EXPECT_EQ(errors.front(), ErrorCode::kUnavailable);
  }
}

TEST(Faults, lose_and_double_no_event_that_is_sent_again) {
  const uint32_t ops = test::fail_every_await<PaymentsWorld>(
      [](PaymentsWorld& world) -> Task<> {
        co_await deliver(world, world.event("checkout.session.completed", kSession, kNow, "evt_a"));
        co_await deliver(world, world.event("charge.dispute.created", disputed("needs_response"), kNow, "evt_b"));
      },
      [](PaymentsWorld& world, test::FaultPoint) {
        EXPECT_TRUE(world.has_license("suspended", "payment_disputed")) << world.licenses();
        EXPECT_EQ(world.num_audits("license.created"), 1);
        EXPECT_EQ(world.num_audits("license.suspended"), 1);
        EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM payment_events WHERE state = 'taken'"), 2);
        world.expect_sound();
      });
  EXPECT_GE(ops, 7u);
}

TEST(Faults, leave_to_cron_what_nobody_sends_again) {
  const auto once = [](PaymentsWorld& world) -> Task<> {
    co_await world.take_task(world.event("checkout.session.completed", kSession, kNow, "evt_a"), nullptr);
  };
  const auto check = [](PaymentsWorld& world, test::FaultPoint) {
    const bool is_stored = world.scalar("SELECT count(*) AS value FROM payment_events") == 1;
    world.host.clock.advance(limits::kSettleRetryMs);
    world.cron();
    EXPECT_EQ(world.has_license("active"), is_stored);
    EXPECT_EQ(world.num_audits("license.created"), is_stored ? 1 : 0);
    world.expect_sound();
  };
  test::fail_every_await<PaymentsWorld>(once, check);
  test::cancel_every_await<PaymentsWorld>(once, check);
}

TEST(Faults, of_d1_are_answered_503_for_the_provider_to_send_it_again) {
  PaymentsWorld world;
  world.host.set_fault(host::OpKind::kDbBatch, test::Fault::kNotPerformed);
  const auto response = world.stripe(world.event("checkout.session.completed", kSession, kNow));
  EXPECT_EQ(response.status, 503u);
  EXPECT_EQ(test::header_of(response, "retry-after"), "60");
}

// race: both tasks on one world, their operations taking effect in an order that is drawn, many times.
template <class A, class B, class Check>
void race(std::string_view seed, A make_a, B make_b, Check check) {
  constexpr int kOrders = 150;
  testing::SeededRandom random{std::string(seed)};
  const auto draw = [&](size_t options) {
    ByteArray<2> bytes;
    random.fill(bytes);
    return (bytes[0] * 256u + bytes[1]) % options;
  };
  for (int order = 0; order < kOrders; ++order) {
    PaymentsWorld world;
    Task<> a = make_a(world);
    Task<> b = make_b(world);
    a.start();
    b.start();
    while (!world.host.pending().empty()) {
      const size_t position = draw(world.host.pending().size());
      const bool is_performed = world.host.pending()[position].answer.has_value();
      if (is_performed) world.host.deliver(position);
      else world.host.perform(position);
    }
    EXPECT_TRUE(a.done() && b.done());
    check(world);
    EXPECT_EQ(world.num_audits("license.created"), 1);
    world.host.clock.advance(limits::kSettleRetryMs);
    const std::string before = world.licenses();
    world.cron();
    EXPECT_EQ(world.licenses(), before);
    world.expect_sound();
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(Races, of_two_deliveries_end_as_if_one_came_after_the_other) {
  const auto purchase = [](PaymentsWorld& world) {
    return world.take_task(world.event("checkout.session.completed", kSession, kNow, "evt_a"), nullptr);
  };
  race("the same one twice", purchase, purchase, [](PaymentsWorld& world) { EXPECT_TRUE(world.has_license("active")); });
  const auto refund = [](PaymentsWorld& world) {
    return world.take_task(world.event("charge.refunded", refunded(1), kNow, "evt_b"), nullptr);
  };
  race("a purchase and its refund", purchase, refund, [](PaymentsWorld& world) {
    EXPECT_TRUE(world.has_license("revoked", "payment_refunded")) << world.licenses();
  });
  std::string second = kSession;
  second.replace(second.find("cs_1"), 4, "cs_9").replace(second.find("pi_1"), 4, "pi_9");
  const auto other = [&](PaymentsWorld& world) {
    return world.take_task(world.event("checkout.session.completed", second, kNow, "evt_c"), nullptr);
  };
  race("two purchases of one buyer", purchase, other, [](PaymentsWorld& world) {
    EXPECT_TRUE(world.has_license("active"));
    EXPECT_EQ(world.ends_at(), kNow + 730 * kDayMs);
  });
}

TEST(Gumroad, sale_is_what_the_api_says_and_not_what_the_ping_says) {
  PaymentsWorld world;
  const std::string ping = "resource_name=sale&seller_id=seller-1&sale_id=s1&email=liar%40example.com&product_id=team&refunded=false";
  EXPECT_EQ(text_of(world.ping(ping), "outcome"), "ignored");  // There is no such sale.
  EXPECT_EQ(world.licenses(), "[]");
  world.sales["s1"] = world.sale("s1", kNow);
  EXPECT_EQ(text_of(world.ping(ping), "outcome"), "taken");
  EXPECT_TRUE(world.has_license("active"));
  EXPECT_EQ(world.text("SELECT plan AS value FROM licenses"), "pro");
  EXPECT_TRUE(world.provision(world.request("m", provision::Delivery::kPlain, "buyer@gum.example"))->grant.has_value());
  EXPECT_EQ(world.host.fetch.requests.back().headers.at("authorization"), "Bearer gumroad-token");
  EXPECT_EQ(text_of(world.ping(ping), "outcome"), "known");
  // A refund that only the ping claims.
  EXPECT_EQ(text_of(world.ping("resource_name=refund&seller_id=seller-1&sale_id=s1&refunded=true"), "outcome"), "known");
  EXPECT_TRUE(world.has_license("active"));
  world.sales["s1"] = world.sale("s1", kNow, R"(,"refunded_at":1)");
  world.sales["s1"].replace(world.sales["s1"].find("\"refunded\":false"), 16, "\"refunded\":true");
  world.ping("resource_name=refund&seller_id=seller-1&sale_id=s1&refunded=true");
  EXPECT_TRUE(world.has_license("revoked", "payment_refunded"));
  world.expect_sound();
}

TEST(Gumroad, membership_goes_on_is_cancelled_and_disputed) {
  PaymentsWorld world;
  const std::string monthly = R"(,"subscription_id":"sub==","subscription_duration":"monthly")";
  world.sales["s1"] = world.sale("s1", kNow, monthly);
  world.ping("seller_id=seller-1&sale_id=s1&subscription_id=sub%3D%3D");
  const TimeMs month = *gumroad::period_end(kNow, "monthly");
  EXPECT_EQ(world.ends_at(), month + kGrace);
  world.sales["s2"] = world.sale("s2", month, monthly);
  world.ping("seller_id=seller-1&sale_id=s2");
  EXPECT_EQ(world.ends_at(), *gumroad::period_end(month, "monthly") + kGrace);
  // A cancellation names no sale and no seller.
  for (auto& [id, sale] : world.sales) sale.insert(sale.size() - 1, R"(,"cancelled":true)");
  world.host.clock.advance(1000);
  EXPECT_EQ(text_of(world.ping("resource_name=cancellation&subscription_id=sub%3D%3D&cancelled=true"), "outcome"), "taken");
  EXPECT_EQ(world.ends_at(), *gumroad::period_end(month, "monthly"));
  world.sales["s2"].replace(world.sales["s2"].find("\"disputed\":false"), 16, "\"disputed\":true");
  world.host.clock.advance(1000);
  world.ping("resource_name=dispute&seller_id=seller-1&sale_id=s2");
  EXPECT_TRUE(world.has_license("suspended", "payment_disputed"));
  world.sales["s2"].insert(world.sales["s2"].size() - 1, R"(,"dispute_won":true)");
  world.host.clock.advance(1000);
  world.ping("resource_name=dispute_won&subscription_id=sub%3D%3D&purchase_ids%5B%5D=s1&purchase_ids%5B%5D=s2");
  EXPECT_TRUE(world.has_license("active"));
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM purchases"), 1);
}

TEST(Gumroad, api_that_does_not_answer_is_asked_again_by_cron) {
  for (const uint32_t status : {0u, 401u, 500u}) {
    PaymentsWorld world;
    world.sales["s1"] = world.sale("s1", kNow);
    world.is_reachable = status != 0;
    world.api_status = status == 0 ? 200 : status;
    const auto response = world.ping("seller_id=seller-1&sale_id=s1");
    EXPECT_EQ(response.status, 503u);
    EXPECT_EQ(test::header_of(response, "retry-after"), "60");
    EXPECT_EQ(world.licenses(), "[]");
    world.host.clock.advance(limits::kSettleRetryMs);
    world.cron();
    EXPECT_EQ(world.licenses(), "[]");
    world.is_reachable = true;
    world.api_status = 200;
    world.host.clock.advance(2 * kMinuteMs);
    world.cron();
    EXPECT_TRUE(world.has_license("active")) << status;
    EXPECT_EQ(world.scalar("SELECT count(due_at) AS value FROM payment_events"), 0);
  }
}

TEST(Gumroad, refuses_strangers) {
  PaymentsWorld world;
  world.sales["s1"] = world.sale("s1", kNow);
  const std::string good = "seller_id=seller-1&sale_id=s1";
  const std::string nothing = text_of(world.send({.path = "/none", .body = "{}"}), "message");
  for (const std::string& path : {kHookPath + "x", kHookPath.substr(0, kHookPath.size() - 1), std::string("/hooks/gumroad/x")}) {
    const auto response = world.ping(good, path);
    EXPECT_EQ(response.status, 404u);
    EXPECT_EQ(text_of(response, "message"), nothing);
  }
  EXPECT_EQ(world.ping("seller_id=seller-2&sale_id=s1").status, 403u);
  EXPECT_EQ(world.ping("sale_id=s1").status, 403u);
  EXPECT_EQ(world.ping("seller_id=seller-1").status, 400u);
  EXPECT_EQ(world.ping("seller_id=seller-1&sale_id=a%20b").status, 400u);
  EXPECT_EQ(world.ping("seller_id=seller-1&sale_id=%FF").status, 400u);
  std::string many;
  for (size_t i = 0; i <= limits::kFormFieldsMax; ++i) many += "a=1&";
  EXPECT_EQ(world.ping(many + good).status, 400u);
  EXPECT_EQ(world.ping(std::string(limits::kBodyBytesReport + 1, 'a')).status, 413u);
  test::Call json{.path = kHookPath, .body = "{}"};
  EXPECT_EQ(world.send(json).status, 415u);
  EXPECT_EQ(world.licenses(), "[]");
  EXPECT_EQ(world.host.log.text().find("hook-secret"), std::string::npos);
  EXPECT_EQ(world.num_audits("payment.denied"), 3);
}

TEST(Gumroad, months_are_of_the_calendar) {
  const auto end = [](std::string_view from, std::string_view duration) {
    const auto at = gumroad::period_end(*parse_time(from), duration);
    return at ? format_time(*at) : std::string();
  };
  EXPECT_EQ(end("2026-01-31T10:00:00Z", "monthly"), "2026-02-28T10:00:00Z");
  EXPECT_EQ(end("2028-01-31T10:00:00Z", "monthly"), "2028-02-29T10:00:00Z");
  EXPECT_EQ(end("2026-11-30T00:00:00Z", "quarterly"), "2027-02-28T00:00:00Z");
  EXPECT_EQ(end("2026-12-01T00:00:00Z", "yearly"), "2027-12-01T00:00:00Z");
  EXPECT_EQ(end("2024-02-29T00:00:00Z", "every_two_years"), "2026-02-28T00:00:00Z");
  EXPECT_EQ(end("2024-02-29T00:00:00Z", "weekly"), "");
}

}  // namespace
}  // namespace latchkey::payments
