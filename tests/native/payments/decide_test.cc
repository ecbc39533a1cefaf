// What a purchase is worth, and what its licence becomes.
#include "payments/decide.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/limits.h"
#include "support/seeded_random.h"

namespace latchkey::payments {
namespace {

using Kind = Fact::Kind;
using Status = Standing::Status;

constexpr TimeMs kStart = 1'767'225'600'000;  // 2026-01-01

TimeMs day(int64_t n) { return kStart + n * kDayMs; }

Fact fact(Kind kind, std::string id, TimeMs at, std::vector<std::string> ids = {}) {
  return {.kind = kind, .id = std::move(id), .at = at, .ids = std::move(ids)};
}

Fact invoice(int number, TimeMs at, TimeMs until) {
  const std::string id = "stripe:in_" + std::to_string(number);
  Fact paid = fact(Kind::kPayment, "stripe:evt_" + id, at, {id, "stripe:pi_" + std::to_string(number)});
  paid.subject = id;
  paid.subscription = "stripe:sub_1";
  paid.products = {"stripe:price_1"};
  paid.until = until;
  paid.email = "a@b.example";
  return paid;
}

Fact single(TimeMs at = day(0)) {
  Fact paid = fact(Kind::kPayment, "stripe:evt_cs", at, {"stripe:cs_1", "stripe:pi_1"});
  paid.subject = "stripe:cs_1";
  paid.products = {"stripe:price_1"};
  return paid;
}

Fact subscription(std::string status, TimeMs at, std::string id = "stripe:evt_sub") {
  Fact now = fact(Kind::kSubscription, std::move(id), at);
  now.subscription = "stripe:sub_1";
  now.status = std::move(status);
  return now;
}

Fact ended(TimeMs at) {
  Fact end = fact(Kind::kEnded, "stripe:evt_end", at);
  end.subscription = "stripe:sub_1";
  end.until = at;
  return end;
}

Fact refund(std::string id, TimeMs at) { return fact(Kind::kRefund, "stripe:evt_re", at, {std::move(id), "stripe:ch_1"}); }

Fact dispute(std::string status, TimeMs at, std::string subject = "stripe:dp_1") {
  Fact one = fact(Kind::kDispute, "stripe:evt_dp_" + status + subject, at, {"stripe:pi_1"});
  one.subject = std::move(subject);
  one.status = std::move(status);
  return one;
}

Fact sale(int number, TimeMs at, std::optional<TimeMs> until, TimeMs read_at) {
  const std::string id = "gumroad:sale_" + std::to_string(number);
  Fact one = fact(Kind::kSale, "gumroad:" + std::to_string(number), read_at, {id});
  one.subject = id;
  one.paid_at = at;
  one.until = until;
  one.products = {"gumroad:product"};
  if (until) {
    one.subscription = "gumroad:subscription_1";
    one.status = "going";
  }
  return one;
}

struct Expected {
  Status status;
  std::string reason;
  std::optional<TimeMs> ends_at;
};

struct Row {
  const char* name;
  std::vector<Fact> facts;
  Expected expected;
};

std::vector<Row> rows() {
  const Fact first = invoice(1, day(0), day(30));
  const Fact second = invoice(2, day(30), day(60));
  const TimeMs grace = limits::kRenewalGraceMs;
  Fact sale_refunded = sale(1, day(0), {}, day(9));
  sale_refunded.refunded = true;
  Fact sale_disputed = sale(1, day(0), day(30), day(9));
  sale_disputed.dispute = "open";
  Fact sale_won = sale(1, day(0), day(30), day(10));
  sale_won.dispute = "won";
  Fact sale_ended = sale(2, day(30), day(60), day(40));
  sale_ended.status = "ended";
  Fact link = fact(Kind::kNote, "stripe:evt_link", day(30), {"stripe:in_2", "stripe:pi_9"});
  return {
      {"nothing", {}, {Status::kNone, "", {}}},
      {"a refund before its sale is known", {refund("stripe:pi_1", day(1))}, {Status::kNone, "", {}}},
      {"a subscription that is not paid yet", {subscription("going", day(0))}, {Status::kNone, "", {}}},
      {"one payment", {single()}, {Status::kActive, "", {}}},
      {"one payment, refunded", {single(), refund("stripe:pi_1", day(1))}, {Status::kRevoked, "payment_refunded", {}}},
      {"one payment, disputed", {single(), dispute("open", day(1))}, {Status::kSuspended, "payment_disputed", {}}},
      {"a dispute won", {single(), dispute("open", day(1)), dispute("won", day(2))}, {Status::kActive, "", {}}},
      {"a dispute lost", {single(), dispute("open", day(1)), dispute("lost", day(2))},
       {Status::kRevoked, "payment_charged_back", {}}},
      {"a dispute closed by a clock that runs behind", {single(), dispute("open", day(2)), dispute("lost", day(1))},
       {Status::kRevoked, "payment_charged_back", {}}},
      {"one dispute won, another open", {single(), dispute("won", day(1)), dispute("open", day(1), "stripe:dp_2")},
       {Status::kSuspended, "payment_disputed", {}}},
      {"a chargeback after a refund", {single(), refund("stripe:pi_1", day(1)), dispute("open", day(2))},
       {Status::kRevoked, "payment_refunded", {}}},
      {"a chargeback lost after a refund",
       {single(), refund("stripe:pi_1", day(1)), dispute("open", day(2)), dispute("lost", day(3))},
       {Status::kRevoked, "payment_charged_back", {}}},
      {"a subscription's first month", {first}, {Status::kActive, "", day(30) + grace}},
      {"renewed", {first, second}, {Status::kActive, "", day(60) + grace}},
      {"cancelled for the end of the period", {first, subscription("canceling", day(3))}, {Status::kActive, "", day(30)}},
      {"cancelled and taken up again",
       {first, subscription("canceling", day(3)), subscription("going", day(4), "stripe:evt_sub_2")},
       {Status::kActive, "", day(30) + grace}},
      {"ended before its period did", {first, ended(day(10))}, {Status::kActive, "", day(10)}},
      {"ended after its period did", {first, ended(day(50))}, {Status::kActive, "", day(30)}},
      {"ended, and a late word of going on", {first, ended(day(10)), subscription("going", day(11))},
       {Status::kActive, "", day(10)}},
      {"unpaid", {first, subscription("suspended", day(40))}, {Status::kSuspended, "payment_missing", day(30)}},
      {"unpaid, then paid", {first, subscription("suspended", day(40)), subscription("going", day(41), "x"), second},
       {Status::kActive, "", day(60) + grace}},
      {"the last month refunded", {first, second, refund("stripe:pi_2", day(31))},
       {Status::kRevoked, "payment_refunded", day(60)}},
      {"an old month refunded", {first, second, refund("stripe:pi_1", day(31))}, {Status::kActive, "", day(60) + grace}},
      {"a refund that is known by another event", {first, second, refund("stripe:pi_9", day(31)), link},
       {Status::kRevoked, "payment_refunded", day(60)}},
      {"a refund that names nothing known is of the last payment before it",
       {first, second, refund("stripe:pi_8", day(29))}, {Status::kActive, "", day(60) + grace}},
      {"paid again after a refund", {first, refund("stripe:pi_1", day(1)), second}, {Status::kActive, "", day(60) + grace}},
      {"a sale", {sale(1, day(0), {}, day(1))}, {Status::kActive, "", {}}},
      {"a sale refunded", {sale_refunded}, {Status::kRevoked, "payment_refunded", {}}},
      {"a sale disputed", {sale_disputed}, {Status::kSuspended, "payment_disputed", day(30) + grace}},
      {"a sale whose dispute was won", {sale_won}, {Status::kActive, "", day(30) + grace}},
      {"sales of a membership that ended", {sale(1, day(0), day(30), day(1)), sale_ended}, {Status::kActive, "", day(60)}},
  };
}

TEST(Fold, says_what_a_purchase_is_worth) {
  for (const Row& row : rows()) {
    const Standing standing = fold(row.facts).standing;
    EXPECT_EQ(status_name(standing.status), status_name(row.expected.status)) << row.name;
    EXPECT_EQ(standing.reason, row.expected.reason) << row.name;
    EXPECT_EQ(standing.ends_at, row.expected.ends_at) << row.name;
  }
}

TEST(Fold, is_the_same_in_every_order_and_however_often_events_come) {
  testing::SeededRandom random("orders");
  int num_orders = 0;
  for (const Row& row : rows()) {
    const Folded once = fold(row.facts);
    for (int turn = 0; turn < 200; ++turn, ++num_orders) {
      std::vector<Fact> facts = row.facts;
      ByteArray<16> draws;
      random.fill(draws);
      for (size_t i = 0; i < draws.size() && !row.facts.empty(); ++i) {
        if (draws[i] % 4 == 0) facts.push_back(row.facts[draws[i] / 4 % row.facts.size()]);
      }
      for (size_t i = facts.size(); i > 1; --i) {
        ByteArray<1> draw;
        random.fill(draw);
        std::swap(facts[i - 1], facts[draw[0] % i]);
      }
      const Folded again = fold(facts);
      EXPECT_EQ(again.standing, once.standing) << row.name;
      EXPECT_EQ(again.key, once.key) << row.name;
    }
  }
  EXPECT_GT(num_orders, 1000);
}

TEST(Fold, knows_a_purchase_by_its_subscription_or_its_payment_and_the_newest_product_first) {
  EXPECT_EQ(fold({single()}).key, "stripe:cs_1");
  EXPECT_EQ(fold({invoice(1, day(0), day(30))}).key, "stripe:sub_1");
  EXPECT_EQ(fold({invoice(1, day(0), day(30))}).email, "a@b.example");
  EXPECT_EQ(fold({subscription("going", day(0))}).key, "");
  Fact moved = subscription("going", day(3));
  moved.products = {"stripe:price_2"};
  EXPECT_EQ(fold({moved, invoice(1, day(0), day(30))}).products,
            (std::vector<std::string>{"stripe:price_2", "stripe:price_1"}));
}

TEST(Fact, is_stored_and_read_as_it_was_without_the_address) {
  for (const Row& row : rows()) {
    for (const Fact& one : row.facts) {
      const std::string text = print_fact(one);
      EXPECT_EQ(text.find("a@b"), std::string::npos);
      const auto document = json::Document::parse_host(text);
      ASSERT_TRUE(document.has_value()) << text;
      EXPECT_EQ(print_fact(read_fact(document->root())), text);
    }
  }
}

Standing months(TimeMs from, TimeMs ends_at, std::string plan = "pro") {
  return {.status = Status::kActive, .paid_at = from, .ends_at = ends_at, .plan = std::move(plan)};
}
Standing once(TimeMs at, std::optional<int64_t> days, std::string plan = "pro") {
  return {.status = Status::kActive, .paid_at = at, .plan = std::move(plan), .days = days};
}

TEST(Combine, takes_the_best_of_all_purchases_and_lets_single_ones_follow_one_another) {
  const Terms::End at = Terms::End::kAt;
  EXPECT_EQ(combine({}).status, Status::kNone);
  EXPECT_EQ(combine({once(day(0), 365)}).ends_at, day(365));
  EXPECT_EQ(combine({once(day(0), 365), once(day(10), 365)}).ends_at, day(730));
  EXPECT_EQ(combine({once(day(0), 10), once(day(100), 10)}).ends_at, day(110));
  EXPECT_EQ(combine({once(day(0), {})}).end, Terms::End::kNever);
  EXPECT_EQ(combine({months(day(0), day(30)), once(day(5), 10)}).ends_at, day(40));
  EXPECT_EQ(combine({months(day(0), day(30), "small"), months(day(1), day(90), "large")}),
            (Terms{.status = Status::kActive, .reason = "", .end = at, .ends_at = day(90), .plan = "large"}));
  Standing first_use = once(day(0), 365);
  first_use.from_first_use = true;
  EXPECT_EQ(combine({first_use}).end, Terms::End::kByPlan);
  EXPECT_EQ(combine({first_use, once(day(0), 365)}).end, at);

  Standing refunded = once(day(3), 365);
  refunded.status = Status::kRevoked;
  refunded.reason = "payment_refunded";
  Standing disputed = once(day(2), 365);
  disputed.status = Status::kSuspended;
  disputed.reason = "payment_disputed";
  EXPECT_EQ(combine({refunded, once(day(0), 365)}).status, Status::kActive);
  EXPECT_EQ(combine({refunded, once(day(0), 365)}).ends_at, day(365));
  EXPECT_EQ(combine({refunded, disputed}).status, Status::kSuspended);
  EXPECT_EQ(combine({refunded, disputed}).reason, "payment_disputed");
  EXPECT_EQ(combine({refunded}).reason, "payment_refunded");
  Standing unmapped = once(day(0), 365, "");
  EXPECT_EQ(combine({unmapped}).status, Status::kNone);
}

TEST(Combine, does_not_depend_on_the_order_of_purchases) {
  std::vector<Standing> standings{once(day(0), 10), months(day(1), day(50), "large"), once(day(70), 20), once(day(2), 30)};
  std::ranges::sort(standings, {}, &Standing::paid_at);
  const Terms terms = combine(standings);
  do {
    EXPECT_EQ(combine(standings), terms);
  } while (std::ranges::next_permutation(standings, {}, &Standing::paid_at).found);
}

TEST(Terms, are_stored_and_read_as_they_were) {
  for (const Terms& terms : {combine({once(day(0), 365)}), combine({once(day(0), {})}),
                             Terms{.status = Status::kRevoked, .reason = "payment_refunded", .plan = "pro"}}) {
    EXPECT_EQ(read_terms(print_terms(terms)), terms) << print_terms(terms);
  }
  EXPECT_EQ(read_standing(print_standing(months(1, 2))), months(1, 2));
  EXPECT_EQ(read_standing(print_standing(once(1, 2))), once(1, 2));
}

// What payments want of a licence that they made, until day 30.
Terms active(TimeMs until = day(30), std::string plan = "pro") {
  return {.status = Status::kActive, .reason = "", .end = Terms::End::kAt, .ends_at = until, .plan = std::move(plan)};
}
Terms refused(Status status, std::string reason) {
  Terms terms = active();
  terms.status = status;
  terms.reason = std::move(reason);
  return terms;
}
LicenseNow made(const Terms& terms) {
  return {.status = std::string(license_status(terms.status)), .reason = terms.reason, .expires_at = terms.ends_at,
          .plan = terms.plan, .applied = terms};
}

TEST(ApplyTerms, makes_a_licence_what_its_payments_say) {
  const Terms disputed = refused(Status::kSuspended, "payment_disputed");
  const Terms lost = refused(Status::kRevoked, "payment_charged_back");
  for (const Terms& before : {active(), disputed, lost, active(day(60)), active(day(30), "team")}) {
    for (const Terms& after : {active(), disputed, lost, active(day(60)), active(day(30), "team")}) {
      const LicenseNext next = apply_terms(made(before), after);
      EXPECT_EQ(next.status, license_status(after.status));
      EXPECT_EQ(next.reason, after.reason);
      EXPECT_EQ(next.expires_at, after.ends_at);
      EXPECT_EQ(next.plan.value_or(before.plan), after.plan);
      EXPECT_FALSE(next.is_held);
    }
  }
}

TEST(ApplyTerms, lifts_no_refusal_of_an_admin) {
  for (const char* status : {"suspended", "revoked"}) {
    LicenseNow now = made(active());
    now.status = status;
    now.reason = "shared";
    for (const Terms& late : {active(day(60)), refused(Status::kSuspended, "payment_disputed")}) {
      const LicenseNext next = apply_terms(now, late);
      EXPECT_EQ(next.status, status);
      EXPECT_EQ(next.reason, "shared");
      EXPECT_EQ(next.is_held, late.status == Status::kActive);
    }
  }
  // What is paid counts all the same, for when the admin lifts it.
  LicenseNow now = made(active());
  now.status = "suspended";
  EXPECT_EQ(apply_terms(now, active(day(60))).expires_at, day(60));
  EXPECT_EQ(apply_terms(now, refused(Status::kRevoked, "payment_refunded")).status, "revoked");
}

TEST(ApplyTerms, does_nothing_again_that_an_admin_undid) {
  LicenseNow now = made(refused(Status::kSuspended, "payment_disputed"));
  now.status = "active";
  now.reason = "";
  EXPECT_EQ(apply_terms(now, refused(Status::kSuspended, "payment_disputed")).status, "active");
  EXPECT_EQ(apply_terms(now, refused(Status::kRevoked, "payment_charged_back")).status, "revoked");
}

TEST(ApplyTerms, puts_whoever_buys_after_a_trial_on_the_plan_they_bought) {
  LicenseNow trial{
      .status = "active", .reason = "", .expires_at = day(5), .plan = "taste", .is_on_trial = true, .applied = {}};
  const LicenseNext bought = apply_terms(trial, active());
  EXPECT_EQ(bought.plan, "pro");
  EXPECT_EQ(bought.expires_at, active().ends_at);
  EXPECT_FALSE(bought.is_held);
  // Ended already: the same.
  trial.expires_at = day(-5);
  EXPECT_EQ(apply_terms(trial, active()).expires_at, active().ends_at);
  // One that an admin moved to another plan is a gift like others.
  trial.is_on_trial = false;
  EXPECT_FALSE(apply_terms(trial, active()).plan.has_value());
}

TEST(ApplyTerms, never_shortens_the_end_an_admin_set_and_extends_only_what_was_bought) {
  LicenseNow longer = made(active());
  longer.expires_at = day(100);
  EXPECT_EQ(apply_terms(longer, active(day(60))).expires_at, day(100));
  EXPECT_EQ(apply_terms(longer, active(day(120))).expires_at, day(120));
  EXPECT_EQ(apply_terms(longer, active(day(20))).expires_at, day(100));
  LicenseNow without_end = made(active());
  without_end.expires_at = std::nullopt;
  EXPECT_EQ(apply_terms(without_end, active(day(60))).expires_at, std::nullopt);
  LicenseNow shorter = made(active());
  shorter.expires_at = day(5);
  EXPECT_EQ(apply_terms(shorter, active(day(20))).expires_at, day(5));
  EXPECT_EQ(apply_terms(shorter, active(day(60))).expires_at, day(60));
}

TEST(ApplyTerms, extends_a_licence_that_an_admin_made_and_keeps_its_plan) {
  LicenseNow given{.status = "active", .reason = "", .expires_at = day(10), .plan = "gift", .applied = {}};
  EXPECT_EQ(apply_terms(given, active(day(60))).expires_at, day(60));
  EXPECT_EQ(apply_terms(given, active(day(60))).plan, std::nullopt);
  given.expires_at = day(90);
  EXPECT_EQ(apply_terms(given, active(day(60))).expires_at, day(90));
  given.expires_at = std::nullopt;
  EXPECT_EQ(apply_terms(given, active(day(60))).expires_at, std::nullopt);
}

}  // namespace
}  // namespace latchkey::payments
