#include "payments/service.h"

#include <algorithm>

#include "alert/raise.h"
#include "base/ids.h"
#include "base/limits.h"
#include "edge/sync.h"
#include "json/writer.h"
#include "payments/stripe.h"
#include "store/payment_rows.h"
#include "store/queries.h"

namespace latchkey::payments {
namespace {

using crypto::SealPurpose;
using Status = Standing::Status;

constexpr SecretAccess kMail("a buyer's address becomes the licence's code or holder");
constexpr SecretAccess kDeliver("a generated code is sealed to be handed to the seller");

constexpr uint32_t kHookRetrySeconds = 60;

std::string random_id(host::Host& host, std::string_view prefix) {
  ByteArray<kIdRandomBytes> random;
  host.random.fill(random);
  return make_id(prefix, host.clock.now(), random);
}

Error try_again(Error error) {
  if (error.code() == ErrorCode::kUnavailable) error.retry_after_seconds = kHookRetrySeconds;
  return error;
}

}  // namespace

std::string_view taken_name(Taken taken) {
  constexpr std::string_view names[] = {"taken", "waiting", "ignored", "known"};
  return names[static_cast<size_t>(taken)];
}

// Loaded: everything that settling a purchase depends on, as of one moment.
struct PaymentService::Loaded {
  std::vector<Fact> facts;
  std::string marks;  // JSON array of {seq, at} of those events
  std::string provider;
  std::optional<Purchase> own;
  std::vector<Purchase> others;  // of the same licence
  std::optional<admin::LicenseView> license;
  LicenseNow license_now;
  bool keeps_overrides = false;
  admin::Plans plans;
};

// Plan: what is to be stored.
struct PaymentService::Plan {
  std::string attempt;
  std::string id;
  std::string key;
  std::string product;
  std::string outcome;
  Standing standing;
  std::optional<std::string> license_id;
  std::string email;                  // normalized; empty: none
  std::optional<license::Code> code;  // of a licence to be made
  Terms terms;
  LicenseNext next;
  std::string license_row;  // JSON, where it is made or changes
  bool is_new_license = false;
  bool takes_away = false;
  admin::LicenseTerms after;
};

namespace {

LicenseNow license_now(const host::Row& row, const config::Config& config) {
  const auto applied = row.text_or_null("paid_terms");
  return {.status = std::string(row.text("status")),
          .reason = std::string(row.text_or_null("status_reason").value_or("")),
          .expires_at = row.integer_or_null("expires_at"),
          .plan = std::string(row.text("plan")),
          .is_on_trial = !row.is_null("trial_of") && row.text("plan") == config.trial_plan,
          .applied = applied ? read_terms(*applied) : std::nullopt};
}

// license_of: what settling needs of a row of license_details.
admin::LicenseView license_of(const host::Row& row) {
  return {.id = std::string(row.text("id")),
          .terms = admin::terms_of(row),
          .has_overrides = !row.is_null("overrides"),
          .first_provision_at = row.integer_or_null("first_provision_at"),
          .created_at = row.integer("created_at"),
          .version = row.integer("version")};
}

}  // namespace

Task<Result<Taken>> PaymentService::take(Event event) {
  const TimeMs now = host_.clock.now();
  Fact& fact = event.fact;
  if (event.is_test && config_.production) fact.kind = Fact::Kind::kIgnored;
  const bool is_ignored = fact.kind == Fact::Kind::kIgnored;
  const std::vector<std::string> aliases = is_ignored ? std::vector<std::string>() : aliases_of(fact);
  std::optional<std::string> email;
  if (!is_ignored && !fact.email.empty() && fact.email.size() <= limits::kLicenseTextBytesMax) {
    email = config_.master.seal(host_.random, SealPurpose::kBuyer, store::buyer_context(fact.id), as_bytes(fact.email)).text();
  }
  json::Writer list;
  list.begin_array();
  for (const std::string& alias : aliases) list.string(alias);
  list.end_array();
  host::Batch batch;
  batch.add(store::kPaymentEventPut)
      .bind(fact.id)
      .bind(event.provider)
      .bind(event.type)
      .bind(fact.at)
      .bind(now)
      .bind(is_ignored ? "ignored" : "new")
      .bind(print_fact(fact))
      .bind(email)
      .bind(is_ignored ? std::nullopt : std::optional(now + limits::kSettleRetryMs))
      .bind(event.is_snapshot ? 1 : 0);
  batch.add(store::kPaymentAliasPut).bind(fact.id).bind(list.text());
  batch.add(store::kPaymentEventState).bind(fact.id);
  const auto answer = co_await host_.db.run(std::move(batch));
  if (!answer) co_return Unexpected(try_again(answer.error()));
  const std::string_view state = answer->row(2, 0).text("state");
  if (state == "ignored") co_return Taken::kIgnored;
  if (state != "new") co_return Taken::kKnown;
  co_return co_await settle(aliases.front());
}

Task<Result<Taken>> PaymentService::take_stripe(Event event) {
  stripe::Api api(host_, config_);
  const std::string session = stripe::needs_products(config_.payments, event);
  if (!session.empty() && api.is_configured()) {
    auto products = co_await api.products(session);
    // A key that is refused must not hold up the rest: the purchase is stored, and shown as unmapped.
    if (!products && products.error().code() == ErrorCode::kUnavailable) co_return Unexpected(try_again(products.error()));
    if (products) event.fact.products.insert(event.fact.products.end(), products->begin(), products->end());
  }
  co_return co_await take(std::move(event));
}

Task<Result<Taken>> PaymentService::take_sale(std::string sale, std::string type) {
  gumroad::Api api(host_, config_);
  auto event = co_await api.sale(sale, type);
  const std::string id = gumroad::event_id(sale);
  if (event && *event) co_return co_await take(std::move(**event));
  host::Batch batch;
  if (event) {
    batch.add(store::kPaymentSaleDropUnread).bind(id);
  } else {
    const TimeMs now = host_.clock.now();
    batch.add(store::kPaymentSaleUnread).bind(id).bind(type).bind(now).bind(now + limits::kSettleRetryMs);
  }
  const auto stored = co_await host_.db.run(std::move(batch));
  if (!stored) co_return Unexpected(try_again(stored.error()));
  if (event) co_return Taken::kIgnored;
  co_return Unexpected(try_again(Error(ErrorCode::kUnavailable, "The sale could not be read at Gumroad. Send it again later.",
                                       event.error().detail())));
}

Task<Result<Taken>> PaymentService::take_ping(gumroad::Ping ping) {
  if (ping.sales.empty()) {
    host::Batch look;
    look.add(store::kPaymentEventListOfAlias).bind(ping.subscription).bind(limits::kPaymentSalesPerPing);
    const auto known = co_await host_.db.run(std::move(look));
    if (!known) co_return Unexpected(try_again(known.error()));
    known->each_row(0, [&](host::Row row) { ping.sales.emplace_back(row.text("id").substr(gumroad::event_id("").size())); });
  }
  Result<Taken> result = Taken::kIgnored;
  for (const std::string& sale : ping.sales) {
    auto taken = co_await take_sale(sale, ping.resource);
    if (!taken) result = std::move(taken);
    else if (result && *taken != Taken::kIgnored) result = *taken;
  }
  co_return result;
}

Task<Result<Taken>> PaymentService::settle(std::string alias) {
  for (uint32_t attempt = 0; attempt < limits::kSettleAttemptsMax; ++attempt) {
    const auto taken = co_await settle_once(alias);
    if (!taken) co_return Unexpected(try_again(taken.error()));
    if (*taken) co_return **taken;
  }
  // The event is stored and due, so cron goes on where this ends.
  co_return Unexpected(try_again(Error(ErrorCode::kUnavailable, "The purchase is busy. Try again in a moment.",
                                       "payments: too many attempts to settle")));
}

PaymentService::Loaded PaymentService::read_loaded(const host::BatchAnswer& answer) const {
  Loaded loaded;
  json::Writer marks;
  marks.begin_array();
  answer.each_row(0, [&](host::Row row) {
    marks.begin_object().field("seq", row.integer("seq")).field("at", row.integer("occurred_at")).end_object();
    loaded.provider = row.text("provider");
    const auto document = json::Document::parse_host(row.text("facts"));
    if (!document) return;
    Fact fact = read_fact(document->root());
    fact.id = row.text("id");
    fact.at = row.integer("occurred_at");
    if (const auto sealed = row.text_or_null("email")) {
      const auto email = config_.master.open(SealPurpose::kBuyer, store::buyer_context(fact.id),
                                             crypto::Sealed(std::string(*sealed)));
      if (email) fact.email = email->reveal_text(kMail);
    }
    loaded.facts.push_back(std::move(fact));
  });
  marks.end_array();
  loaded.marks = std::move(marks).take();
  answer.each_row(1, [&](host::Row row) {  // the oldest
    Purchase purchase = read_purchase(row);
    if (!loaded.own || purchase.id < loaded.own->id) loaded.own = std::move(purchase);
  });
  if (loaded.own) loaded.provider = loaded.own->provider;
  answer.each_row(2, [&](host::Row row) {
    Purchase purchase = read_purchase(row);
    const bool is_own = loaded.own && purchase.key == loaded.own->key;
    if (!is_own && loaded.own && purchase.license_id == loaded.own->license_id) loaded.others.push_back(std::move(purchase));
  });
  answer.each_row(3, [&](host::Row row) {
    if (!loaded.own || row.text("id") != loaded.own->license_id.value_or("")) return;
    loaded.license = license_of(row);
    loaded.license_now = license_now(row, config_);
  });
  loaded.plans = admin::plans_of(answer, 4);
  return loaded;
}

// with_plan: the standing with its plan, once somebody said what the product is worth. A purchase keeps the plan it
// had, and a single payment the days it had.
Standing PaymentService::with_plan(const Loaded& loaded, const Folded& folded, std::string& product) const {
  Standing standing = folded.standing;
  product = folded.products.empty() ? std::string() : folded.products.front();
  for (const std::string& candidate : folded.products) {
    const auto plan = config_.payments.plan_of(candidate);
    const auto known = plan ? loaded.plans.find(*plan) : loaded.plans.end();
    if (known == loaded.plans.end() || (known->second.terms.retired && !loaded.license)) continue;
    standing.plan = *plan;
    product = candidate;
    break;
  }
  if (loaded.own && standing.plan.empty()) {
    standing.plan = loaded.own->standing.plan;
    if (loaded.own->product && !standing.plan.empty()) product = *loaded.own->product;
  }
  if (standing.plan.empty() || !standing.is_single()) return standing;
  if (loaded.own && loaded.own->standing.plan == standing.plan) {
    standing.days = loaded.own->standing.days;
    standing.from_first_use = loaded.own->standing.from_first_use;
  } else if (const auto plan = loaded.plans.find(standing.plan); plan != loaded.plans.end()) {
    standing.days = plan->second.terms.license_days;
    standing.from_first_use = plan->second.terms.expiry_from == admin::ExpiryFrom::kFirstUse;
  }
  return standing;
}

// find_license: the one that the buyer's address is the code of, where the purchase has none yet.
Task<Result<Void>> PaymentService::find_license(const Folded& folded, Loaded& loaded, Plan& plan) {
  plan.email = license::normalize_email(folded.email).value_or("");
  if (loaded.license || plan.standing.plan.empty()) co_return Void{};
  if (config_.payments.codes == config::PurchaseCodes::kGenerated) {
    plan.code = license::generate_code(host_.random);
    co_return Void{};
  }
  if (plan.email.empty()) co_return Void{};
  plan.code = license::parse_code(plan.email);
  if (!plan.code || plan.code->kind != license::CodeKind::kEmail) {
    plan.code.reset();
    co_return Void{};
  }
  const crypto::TokenHash hash = plan.code->hash(config_.index);
  host::Batch look;
  look.add(store::kLicenseGetByCode).bind(hash.text());
  look.add(store::kPurchaseListByCode).bind(hash.text());
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(look)));
  const auto row = answer.first(0);
  if (!row) co_return Void{};
  plan.code.reset();
  loaded.license = license_of(*row);
  loaded.license_now = license_now(*row, config_);
  answer.each_row(1, [&](host::Row other) {
    Purchase purchase = read_purchase(other);
    if (purchase.key != plan.key) loaded.others.push_back(std::move(purchase));
  });
  co_return Void{};
}

void PaymentService::make_license(const Loaded& loaded, Plan& plan) {
  const TimeMs now = host_.clock.now();
  admin::Overrides overrides;
  if (plan.terms.end == Terms::End::kAt) overrides.expires_at.emplace(plan.terms.ends_at);
  if (plan.terms.end == Terms::End::kNever) overrides.expires_at.emplace(std::nullopt);
  const admin::NewLicense fresh{.code = {plan.code->kind, Secret::copy_of(plan.code->text.reveal_text(kDeliver))},
                                .plan = plan.terms.plan,
                                .overrides = overrides,
                                .holder = {.name = std::nullopt,
                                           .email = plan.email.empty() ? std::nullopt : std::optional(plan.email)},
                                .note = std::nullopt};
  const auto terms = loaded.plans.find(plan.terms.plan);
  plan.license_id = random_id(host_, "lic_");
  plan.is_new_license = true;
  plan.after = admin::apply_plan(terms->second, overrides, now, std::nullopt);
  json::Writer row;
  admin::write_license_row(row, config_, host_.random, *plan.license_id, fresh, plan.after);
  plan.license_row = std::move(row).take();
  plan.next.status = license_status(plan.terms.status);
  plan.next.reason = plan.terms.reason;
}

void PaymentService::change_license(const Loaded& loaded, Plan& plan) {
  const admin::LicenseView& license = *loaded.license;
  plan.license_id = license.id;
  plan.after = license.terms;
  if (plan.terms.status == Status::kNone) {
    plan.next = {.status = loaded.license_now.status, .reason = loaded.license_now.reason,
                 .expires_at = loaded.license_now.expires_at, .plan = {}};
    return;
  }
  plan.next = apply_terms(loaded.license_now, plan.terms);
  if (loaded.license_now.applied == plan.terms) return;
  const auto target = plan.next.plan ? loaded.plans.find(*plan.next.plan) : loaded.plans.end();
  if (plan.next.expires_at != license.terms.expires_at || target != loaded.plans.end()) {
    const bool is_by_plan = plan.terms.end == Terms::End::kByPlan;
    if (!is_by_plan) plan.after.overrides.expires_at.emplace(plan.next.expires_at);
    if (target != loaded.plans.end()) {
      plan.after = admin::apply_plan(target->second, plan.after.overrides, license.created_at, license.first_provision_at);
    }
    if (!is_by_plan) {
      plan.after.expires_at = plan.next.expires_at;
      plan.after.first_use_days = std::nullopt;
    }
  }
  const bool is_refused_now = plan.next.status != "active" && plan.next.status != loaded.license_now.status;
  plan.takes_away = is_refused_now || admin::takes_away(license.terms, plan.after);
  json::Writer row;
  row.begin_object().field("id", license.id).field("status", plan.next.status).field("status_reason", store::or_null(plan.next.reason));
  row.field("plan", plan.after.plan)
      .field("plan_version", plan.after.plan_version)
      .field("providers", admin::provider_list(plan.after.providers))
      .field("deliveries", plan.after.deliveries)
      .field("max_machines", plan.after.max_machines)
      .field("budget", budget::print_budget(plan.after.budget));
  row.field("expires_at", plan.after.expires_at).field("first_use_days", plan.after.first_use_days).key("overrides");
  // A licence of before there were overrides goes on telling them from its plan.
  license.has_overrides || target != loaded.plans.end() ? row.string(admin::print_overrides(plan.after.overrides)) : row.null();
  row.end_object();
  plan.license_row = std::move(row).take();
}

void PaymentService::decide(const Loaded& loaded, Plan& plan) {
  std::vector<Standing> standings{plan.standing};
  for (const Purchase& other : loaded.others) standings.push_back(other.standing);
  plan.terms = combine(standings);
  if (loaded.license) change_license(loaded, plan);
  else if (plan.code) make_license(loaded, plan);
  plan.outcome = plan.standing.plan.empty() ? "unmapped"
                 : !plan.license_id         ? "no_email"
                 : plan.next.is_held        ? "held"
                                            : "licensed";
}

void PaymentService::add_audit(host::Batch& batch, const Plan& plan, std::string_view action, std::string_view reason,
                               std::string_view details) {
  batch.add(store::kAuditAppendPayment)
      .bind(host_.clock.now())
      .bind(by_.request_id)
      .bind(num_audits_++)
      .bind(action)
      .bind(store::or_null(reason))
      .bind(by_.actor)
      .bind(plan.license_id)
      .bind(by_.address_hash)
      .bind(by_.country)
      .bind(by_.user_agent)
      .bind(details)
      .bind(plan.key)
      .bind(plan.attempt);
}

// add_audits: what is done to the licence, and what keeps a purchase from having one.
void PaymentService::add_audits(host::Batch& batch, const Loaded& loaded, const Plan& plan) {
  if (plan.is_new_license) {
    const std::string details = json::Writer()
                                    .begin_object()
                                    .field("code_hint", plan.code->hint())
                                    .field("kind", code_kind_name(plan.code->kind))
                                    .field("plan", plan.terms.plan)
                                    .field("purchase", plan.id)
                                    .end_object()
                                    .text();
    add_audit(batch, plan, "license.created", "", details);
  }
  const std::string before = plan.is_new_license ? "active" : loaded.license_now.status;
  if (plan.license_id && plan.next.status != before) {
    const std::string details = json::Writer()
                                    .begin_object()
                                    .field("after", plan.next.status)
                                    .field("before", before)
                                    .field("purchase", plan.id)
                                    .end_object()
                                    .text();
    const std::string_view action = plan.next.status == "active"    ? "license.reinstated"
                                    : plan.next.status == "revoked" ? "license.revoked"
                                                                    : "license.suspended";
    add_audit(batch, plan, action, plan.next.reason, details);
  }
  if (loaded.license && !(plan.after == loaded.license->terms)) {
    json::Writer details;
    details.begin_object().key("after");
    admin::write_terms_details(details, plan.after, std::nullopt);
    details.key("before");
    admin::write_terms_details(details, loaded.license->terms, std::nullopt);
    details.field("purchase", plan.id).end_object();
    add_audit(batch, plan, "license.changed", "paid", details.text());
  }
  if (plan.outcome != "licensed" && !(loaded.own && loaded.own->outcome == plan.outcome)) {
    const std::string details =
        json::Writer().begin_object().field("product", plan.product).field("purchase", plan.id).end_object().text();
    add_audit(batch, plan, "payment." + plan.outcome, "", details);
  }
}

void PaymentService::add_delivery(host::Batch& batch, const Plan& plan) {
  const std::string id = random_id(host_, "msg_");
  json::Writer body;
  body.begin_object().field("type", "license.created").field("timestamp", format_time(host_.clock.now())).key("data");
  body.begin_object()
      .field("license_id", *plan.license_id)
      .field("code", plan.code->text.reveal_text(kDeliver))
      .field("plan", plan.terms.plan)
      .field("purchase", plan.id)
      .field("provider_ref", plan.key)
      .field("product", plan.product)
      .field("email", store::or_null(plan.email));
  body.end_object().end_object();
  const crypto::Sealed sealed = config_.master.seal(host_.random, SealPurpose::kCodeDelivery,
                                                    store::delivery_context(id), as_bytes(body.text()));
  batch.add(store::kPaymentDeliveryInsert)
      .bind(id)
      .bind(sealed.text())
      .bind(host_.clock.now())
      .bind(plan.key)
      .bind(plan.attempt);
}

// add_alerts: a product that no plan is named for is one alert, however often it is bought, until a purchase of it that
// waited is licensed. Both share the condition of the settling's last audit row.
void PaymentService::add_alerts(host::Batch& batch, const Loaded& loaded, const Plan& plan, int64_t audits_before) {
  const bool was_unmapped = loaded.own && loaded.own->outcome == "unmapped";
  const std::string subject = plan.product.empty() ? loaded.provider + ":unknown" : plan.product;
  if (plan.outcome == "unmapped" && !was_unmapped) {
    const std::string details =
        json::Writer().begin_object().field("product", plan.product).field("purchase", plan.id).end_object().text();
    const alert::Raise raises[] = {{.kind = alert::Kind::kPaymentUnmapped, .subject = subject, .details = details}};
    alert::add_raise(batch, host_, raises, alert::IfAudited{by_.request_id, num_audits_ - 1});
  } else if (was_unmapped && plan.outcome == "licensed" && num_audits_ > audits_before) {
    const alert::Cause causes[] = {{alert::Kind::kPaymentUnmapped, subject}};
    alert::add_clear(batch, host_, causes, alert::IfAudited{by_.request_id, num_audits_ - 1});
  }
}

host::Batch PaymentService::batch_of(const Loaded& loaded, const Plan& plan) {
  const TimeMs now = host_.clock.now();
  int64_t revisions = 0;
  for (const Purchase& other : loaded.others) revisions += other.revision;
  std::optional<std::string> code_hash;
  if (plan.code) code_hash = plan.code->hash(config_.index).text();
  host::Batch batch;
  batch.add(store::kPurchaseSettle)
      .bind(plan.id)
      .bind(plan.key)
      .bind(loaded.provider)
      .bind(store::or_null(plan.product))
      .bind(plan.outcome)
      .bind(print_standing(plan.standing))
      .bind(plan.license_id)
      .bind(plan.attempt)
      .bind(now)
      .bind(loaded.own ? loaded.own->revision : 0)
      .bind(revisions)
      .bind(loaded.license ? std::optional(loaded.license->version) : std::nullopt)
      .bind(code_hash);
  if (!plan.license_row.empty()) {
    batch.add(plan.is_new_license ? store::kPurchaseInsertLicense : store::kPurchaseReviseLicense)
        .bind(plan.license_row)
        .bind(now)
        .bind(plan.key)
        .bind(plan.attempt)
        .bind(print_terms(plan.terms));
  }
  const int64_t audits_before = num_audits_;
  add_audits(batch, loaded, plan);
  if (plan.takes_away) batch.add(store::kPurchaseMoveEpoch).bind(plan.key).bind(plan.attempt);
  add_alerts(batch, loaded, plan, audits_before);
  const bool is_delivered = plan.is_new_license && plan.code->kind == license::CodeKind::kGenerated;
  if (is_delivered) add_delivery(batch, plan);
  batch.add(store::kPaymentEventMark).bind(loaded.marks).bind("taken").bind(plan.key).bind(plan.attempt);
  return batch;
}

Task<Result<std::optional<PaymentService::Plan>>> PaymentService::plan_for(const std::string& alias, Loaded& loaded) {
  // 1. Load, as of one moment.
  host::Batch look;
  for (const std::string_view query : {store::kPaymentEventListLinked, store::kPurchaseListLinked,
                                       store::kPurchaseListSiblings, store::kPurchaseLicenseLinked}) {
    look.add(query).bind(alias);
  }
  look.add(store::kPlanListCurrent);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(look)));
  loaded = read_loaded(answer);
  const Folded folded = fold(loaded.facts);
  if (folded.key.empty()) co_return std::optional<Plan>();

  // 2. Decide.
  Plan plan{.attempt = random_id(host_, "req_"),
            .id = loaded.own ? loaded.own->id : random_id(host_, "pay_"),
            .key = loaded.own ? loaded.own->key : folded.key};
  plan.standing = with_plan(loaded, folded, plan.product);
  CO_TRY_VOID(co_await find_license(folded, loaded, plan));
  decide(loaded, plan);
  co_return std::optional(std::move(plan));
}

Task<Result<std::optional<Taken>>> PaymentService::settle_once(const std::string& alias) {
  Loaded loaded;
  CO_TRY(const std::optional<Plan> plan, co_await plan_for(alias, loaded));
  if (!plan) {
    host::Batch wait;
    wait.add(store::kPaymentEventMark).bind(loaded.marks).bind("waiting").bind(host::Null{}).bind(host::Null{});
    CO_TRY_VOID(co_await host_.db.run(std::move(wait)));
    co_return std::optional(Taken::kWaiting);
  }

  // Nothing of it takes effect where something changed meanwhile.
  const int64_t audits_before = num_audits_;
  CO_TRY(const host::BatchAnswer stored, co_await host_.db.run(batch_of(loaded, *plan)));
  if (stored.num_rows(0) == 0) {
    num_audits_ = audits_before;
    co_return std::optional<Taken>();
  }
  if (!plan->license_row.empty()) co_await carry(*plan->license_id);
  co_return std::optional(Taken::kTaken);
}

Task<Result<Purchase>> PaymentService::foresee(Purchase purchase) {
  Loaded loaded;
  CO_TRY(std::optional<Plan> plan, co_await plan_for(purchase.key, loaded));
  if (!plan) co_return purchase;
  if (plan->is_new_license) plan->license_id = "lic_" + std::string(kUndoneId);
  purchase.product = plan->product.empty() ? std::nullopt : std::optional(plan->product);
  purchase.outcome = plan->outcome;
  purchase.standing = plan->standing;
  purchase.license_id = plan->license_id;
  co_return purchase;
}

Task<void> PaymentService::carry(std::string license_id) {
  const auto synced = co_await edge::sync(host_, config_, edge::kSyncAfterAct, license_id);
  if (!synced) host_.log.write(host::LogLevel::kWarning, R"({"event":"edge_sync_failed"})");
}

std::string cron_request_id(host::Host& host) { return random_id(host, "req_"); }

store::AuditRow cron_row(std::string_view request_id) {
  return {.request_id = request_id, .outcome = "done", .actor = "cron"};
}

namespace {

// Due: an event that cron takes up.
struct Due {
  std::string id;
  std::string alias;
  int64_t attempts;
  bool is_unread;
};

Task<Result<Taken>> take_up(host::Host& host, const config::Config& config, const Due& due) {
  const std::string request_id = cron_request_id(host);
  const store::AuditRow by = cron_row(request_id);
  PaymentService service(host, config, by);
  if (!due.is_unread) co_return co_await service.settle(due.alias);
  // Gumroad may have been switched off since.
  if (!config.payments.gumroad) co_return fail(ErrorCode::kUnavailable, "", "gumroad is not configured");
  co_return co_await service.take_sale(due.id.substr(gumroad::event_id("").size()), "sale");
}

}  // namespace

Task<Result<Void>> run_due(host::Host& host, const config::Config& config) {
  host::Batch look;
  look.add(store::kPaymentEventListDue).bind(host.clock.now()).bind(limits::kPaymentsPerRun);
  CO_TRY(const host::BatchAnswer answer, co_await host.db.run(std::move(look)));
  std::vector<Due> due;
  answer.each_row(0, [&](host::Row row) {
    due.push_back({.id = std::string(row.text("id")),
                   .alias = std::string(row.text_or_null("alias").value_or("")),
                   .attempts = row.integer("attempts"),
                   .is_unread = row.integer("unread") != 0});
  });
  Result<Void> result = Void{};
  for (const Due& one : due) {
    auto taken = co_await take_up(host, config, one);
    if (taken) continue;
    result = Unexpected(std::move(taken).error());
    host::Batch postpone;
    postpone.add(store::kPaymentEventPostpone)
        .bind(one.id)
        .bind(host.clock.now() + retry_delay(one.attempts, limits::kPaymentRetryMsMax));
    const auto postponed = co_await host.db.run(std::move(postpone));
    if (!postponed) result = Unexpected(postponed.error());
  }
  co_return result;
}

}  // namespace latchkey::payments
