#include "payments/decide.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "base/check.h"
#include "base/limits.h"
#include "json/writer.h"

namespace latchkey::payments {
namespace {

using Kind = Fact::Kind;
using Status = Standing::Status;

constexpr std::pair<Kind, std::string_view> kKinds[] = {
    {Kind::kIgnored, "ignored"}, {Kind::kNote, "note"},     {Kind::kPayment, "payment"}, {Kind::kSubscription, "subscription"},
    {Kind::kEnded, "ended"},     {Kind::kRefund, "refund"}, {Kind::kDispute, "dispute"}, {Kind::kSale, "sale"}};

constexpr std::pair<Status, std::string_view> kStatuses[] = {
    {Status::kNone, "none"}, {Status::kActive, "active"}, {Status::kSuspended, "suspended"}, {Status::kRevoked, "revoked"}};

template <class T, size_t N>
std::string_view name_in(const std::pair<T, std::string_view> (&names)[N], T value) {
  for (const auto& [known, name] : names) {
    if (known == value) return name;
  }
  LK_UNREACHABLE();
}

template <class T, size_t N>
T named_in(const std::pair<T, std::string_view> (&names)[N], std::string_view text, T otherwise) {
  for (const auto& [value, name] : names) {
    if (name == text) return value;
  }
  return otherwise;
}

void list_field(json::Writer& out, std::string_view name, const std::vector<std::string>& list) {
  out.key(name).begin_array();
  for (const std::string& item : list) out.string(item);
  out.end_array();
}

std::vector<std::string> read_list(json::Value object, std::string_view name) {
  std::vector<std::string> list;
  if (const auto items = object.member(name)) {
    items->each_item([&](json::Value item) { list.emplace_back(item.string().value_or("")); });
  }
  return list;
}

std::string read_text(json::Value object, std::string_view name) {
  const auto value = object.member(name);
  return std::string(value ? value->string().value_or("") : "");
}

std::optional<int64_t> read_number(json::Value object, std::string_view name) {
  const auto value = object.member(name);
  return value ? value->integer() : std::nullopt;
}

bool is_earlier(const Fact& a, const Fact& b) {
  return std::tie(a.at, a.until, a.id, a.kind, a.subject) < std::tie(b.at, b.until, b.id, b.kind, b.subject);
}

// expand: a sale says in one what other events say one by one.
void expand(const Fact& sale, std::vector<Fact>& out) {
  Fact part = sale;
  part.kind = Kind::kPayment;
  part.at = sale.paid_at.value_or(sale.at);
  out.push_back(part);
  if (sale.refunded) {
    part.kind = Kind::kRefund;
    out.push_back(part);
  }
  if (!sale.dispute.empty()) {
    part.kind = Kind::kDispute;
    part.status = sale.dispute;
    out.push_back(part);
  }
  if (!sale.subscription.empty()) {
    part = sale;
    part.kind = Kind::kSubscription;
    part.ids.clear();
    part.products.clear();
    out.push_back(part);
  }
}

// Periods: the paid periods of a subscription, and which of them were refunded.
struct Periods {
  std::optional<TimeMs> good;      // the end of the last that is paid
  std::optional<TimeMs> refunded;  // and of the last that was paid back
};

// linked: all ids that belong to the same payment as these, over notes that name two.
std::set<std::string> linked(const std::vector<Fact>& facts, const std::vector<std::string>& ids) {
  std::set<std::string> found(ids.begin(), ids.end());
  for (size_t before = 0; before != found.size();) {
    before = found.size();
    for (const Fact& fact : facts) {
      if (fact.kind != Kind::kPayment && fact.kind != Kind::kNote && fact.kind != Kind::kRefund) continue;
      const bool touches = std::ranges::any_of(fact.ids, [&](const std::string& id) { return found.contains(id); });
      if (touches) found.insert(fact.ids.begin(), fact.ids.end());
    }
  }
  return found;
}

// refunded_payments: the subjects of payments that were paid back. A refund that names none of them is of the last
// one before it.
std::set<std::string> refunded_payments(const std::vector<Fact>& facts, const std::vector<const Fact*>& payments) {
  std::set<std::string> refunded;
  for (const Fact& refund : facts) {
    if (refund.kind != Kind::kRefund) continue;
    const std::set<std::string> ids = linked(facts, refund.ids);
    bool has_named = false;
    const Fact* last_before = payments.front();
    for (const Fact* payment : payments) {
      const bool is_named = std::ranges::any_of(payment->ids, [&](const std::string& id) { return ids.contains(id); });
      if (is_named) refunded.insert(payment->subject);
      has_named = has_named || is_named;
      if (payment->at <= refund.at) last_before = payment;
    }
    if (!has_named) refunded.insert(last_before->subject);
  }
  return refunded;
}

Periods periods_of(const std::vector<const Fact*>& payments, const std::set<std::string>& refunded) {
  Periods periods;
  for (const Fact* payment : payments) {
    if (!payment->until) continue;
    auto& end = refunded.contains(payment->subject) ? periods.refunded : periods.good;
    end = std::max(end.value_or(0), *payment->until);
  }
  return periods;
}

// dispute_of: the worst that became of the disputes, each as it ended where it did.
std::string_view dispute_of(const std::vector<Fact>& facts) {
  std::map<std::string, std::string_view> disputes;
  for (const Fact& fact : facts) {
    if (fact.kind != Kind::kDispute) continue;
    std::string_view& status = disputes[fact.subject];
    if (status.empty() || status == "open") status = fact.status;
  }
  std::string_view worst;
  for (const auto& [subject, status] : disputes) {
    if (status == "lost" || (status == "open" && worst != "lost")) worst = status;
  }
  return worst;
}

void refuse(Standing& standing, Status status, std::string_view reason) {
  standing.status = status;
  standing.reason = reason;
}

// judge_subscription: the end and the status of a subscription that no dispute touches.
void judge_subscription(Standing& standing, const std::vector<Fact>& facts, const Periods& periods) {
  const Fact* now = nullptr;
  const Fact* ended = nullptr;
  for (const Fact& fact : facts) {  // ascending
    if (fact.kind == Kind::kSubscription) now = &fact;
    if (fact.kind == Kind::kEnded && ended == nullptr) ended = &fact;
  }
  standing.ends_at = std::max(periods.good.value_or(0), periods.refunded.value_or(0));
  if (!periods.good || periods.refunded > periods.good) return refuse(standing, Status::kRevoked, "payment_refunded");
  standing.ends_at = periods.good;
  const std::string_view status = now != nullptr ? std::string_view(now->status) : "going";
  if (ended != nullptr) standing.ends_at = std::min(*periods.good, ended->until.value_or(ended->at));
  else if (status == "going") standing.ends_at = *periods.good + limits::kRenewalGraceMs;
  else if (status == "suspended") refuse(standing, Status::kSuspended, "payment_missing");
}

std::string key_of(const std::vector<Fact>& facts, const std::vector<const Fact*>& payments) {
  for (const Fact& fact : facts) {
    if (!fact.subscription.empty()) return fact.subscription;
  }
  return payments.empty() ? std::string() : payments.front()->subject;
}

}  // namespace

std::string_view kind_name(Kind kind) { return name_in(kKinds, kind); }
std::string_view status_name(Status status) { return name_in(kStatuses, status); }
std::string_view license_status(Status status) { return status == Status::kNone ? "suspended" : status_name(status); }

std::string print_fact(const Fact& fact) {
  json::Writer out;
  out.begin_object();
  if (!fact.dispute.empty()) out.field("dispute", fact.dispute);
  list_field(out, "ids", fact.ids);
  out.field("kind", kind_name(fact.kind));
  if (fact.paid_at) out.field("paid_at", *fact.paid_at);
  list_field(out, "products", fact.products);
  if (fact.refunded) out.field("refunded", true);
  if (!fact.status.empty()) out.field("status", fact.status);
  out.field("subject", fact.subject);
  if (!fact.subscription.empty()) out.field("subscription", fact.subscription);
  if (fact.until) out.field("until", *fact.until);
  out.end_object();
  return std::move(out).take();
}

Fact read_fact(json::Value object) {
  const auto refunded = object.member("refunded");
  return {.kind = named_in(kKinds, read_text(object, "kind"), Kind::kIgnored),
          .subject = read_text(object, "subject"),
          .subscription = read_text(object, "subscription"),
          .ids = read_list(object, "ids"),
          .products = read_list(object, "products"),
          .paid_at = read_number(object, "paid_at"),
          .until = read_number(object, "until"),
          .status = read_text(object, "status"),
          .refunded = refunded && refunded->boolean().value_or(false),
          .dispute = read_text(object, "dispute")};
}

std::vector<std::string> aliases_of(const Fact& fact) {
  std::vector<std::string> aliases = fact.ids;
  if (!fact.subscription.empty()) aliases.push_back(fact.subscription);
  if (!fact.subject.empty()) aliases.push_back(fact.subject);
  std::ranges::sort(aliases);
  aliases.erase(std::unique(aliases.begin(), aliases.end()), aliases.end());
  return aliases;
}

Folded fold(std::vector<Fact> given) {
  std::vector<Fact> facts;
  for (const Fact& fact : given) {
    if (fact.kind == Kind::kSale) expand(fact, facts);
    else if (fact.kind != Kind::kIgnored) facts.push_back(fact);
  }
  std::ranges::sort(facts, is_earlier);
  std::vector<const Fact*> payments;
  Folded folded;
  for (const Fact& fact : facts) {
    if (fact.kind == Kind::kPayment) payments.push_back(&fact);
    if (folded.email.empty()) folded.email = fact.email;
    folded.products.insert(folded.products.begin(), fact.products.begin(), fact.products.end());
  }
  if (payments.empty()) return folded;
  folded.key = key_of(facts, payments);
  Standing& standing = folded.standing;
  standing.status = Status::kActive;
  standing.paid_at = payments.front()->at;
  const std::set<std::string> refunded = refunded_payments(facts, payments);
  const bool is_subscription = std::ranges::any_of(payments, [](const Fact* fact) { return fact->until.has_value(); });
  if (is_subscription) {
    judge_subscription(standing, facts, periods_of(payments, refunded));
  } else if (!refunded.empty()) {
    refuse(standing, Status::kRevoked, "payment_refunded");
  }
  const std::string_view dispute = dispute_of(facts);
  if (dispute == "lost") refuse(standing, Status::kRevoked, "payment_charged_back");
  if (dispute == "open" && standing.status != Status::kRevoked) refuse(standing, Status::kSuspended, "payment_disputed");
  return folded;
}

std::string print_standing(const Standing& standing) {
  json::Writer out;
  out.begin_object();
  if (standing.days) out.field("days", *standing.days);
  if (standing.ends_at) out.field("ends_at", *standing.ends_at);
  if (standing.from_first_use) out.field("from_first_use", true);
  out.field("paid_at", standing.paid_at).field("plan", standing.plan).field("reason", standing.reason);
  out.field("status", status_name(standing.status)).end_object();
  return std::move(out).take();
}

Standing read_standing(std::string_view json) {
  const auto document = json::Document::parse_host(json);
  if (!document) return {};
  const json::Value object = document->root();
  const auto first_use = object.member("from_first_use");
  return {.status = named_in(kStatuses, read_text(object, "status"), Status::kNone),
          .reason = read_text(object, "reason"),
          .paid_at = read_number(object, "paid_at").value_or(0),
          .ends_at = read_number(object, "ends_at"),
          .plan = read_text(object, "plan"),
          .days = read_number(object, "days"),
          .from_first_use = first_use && first_use->boolean().value_or(false)};
}

Terms combine(const std::vector<Standing>& standings) {
  Terms terms;
  std::vector<const Standing*> counted;
  for (const Status status : {Status::kActive, Status::kSuspended, Status::kRevoked}) {
    for (const Standing& standing : standings) {
      if (standing.status == status && !standing.plan.empty()) counted.push_back(&standing);
    }
    if (counted.empty()) continue;
    terms.status = status;
    break;
  }
  if (counted.empty()) return terms;
  // By when they were paid; the plan is that of the last to end.
  std::ranges::sort(counted, [](const Standing* a, const Standing* b) {
    return std::tie(a->paid_at, a->plan, a->days, a->reason) < std::tie(b->paid_at, b->plan, b->days, b->reason);
  });
  terms.end = Terms::End::kAt;
  for (const Standing* standing : counted) {
    if (standing->is_single()) continue;
    if (*standing->ends_at >= terms.ends_at) terms.plan = standing->plan;
    terms.ends_at = std::max(terms.ends_at, *standing->ends_at);
  }
  for (const Standing* standing : counted) {
    if (!standing->is_single() || terms.end == Terms::End::kNever) continue;
    terms.plan = standing->plan;
    if (!standing->days) {
      terms.end = Terms::End::kNever;
      terms.ends_at = 0;
    } else if (standing->from_first_use && counted.size() == 1) {
      terms.end = Terms::End::kByPlan;
    } else {
      terms.ends_at = std::min(std::max(terms.ends_at, standing->paid_at) + *standing->days * kDayMs, kTimeMsMax);
    }
  }
  if (terms.status != Status::kActive) terms.reason = counted.back()->reason;
  return terms;
}

std::string print_terms(const Terms& terms) {
  json::Writer out;
  out.begin_object();
  constexpr std::string_view ends[] = {"never", "at", "by_plan"};
  out.field("end", ends[static_cast<size_t>(terms.end)]);
  if (terms.end == Terms::End::kAt) out.field("ends_at", terms.ends_at);
  out.field("plan", terms.plan).key("reason");
  terms.reason.empty() ? out.null() : out.string(terms.reason);
  out.field("status", license_status(terms.status)).end_object();
  return std::move(out).take();
}

std::optional<Terms> read_terms(std::string_view json) {
  const auto document = json::Document::parse_host(json);
  if (!document) return std::nullopt;
  const json::Value object = document->root();
  const std::string end = read_text(object, "end");
  return Terms{.status = named_in(kStatuses, read_text(object, "status"), Status::kNone),
               .reason = read_text(object, "reason"),
               .end = end == "never" ? Terms::End::kNever : end == "at" ? Terms::End::kAt : Terms::End::kByPlan,
               .ends_at = read_number(object, "ends_at").value_or(0),
               .plan = read_text(object, "plan")};
}

namespace {

std::optional<TimeMs> end_of(const Terms& terms, std::optional<TimeMs> by_plan) {
  if (terms.end == Terms::End::kByPlan) return by_plan;
  return terms.end == Terms::End::kNever ? std::nullopt : std::optional(terms.ends_at);
}

bool is_longer(std::optional<TimeMs> a, std::optional<TimeMs> than) { return than && (!a || *a > *than); }

}  // namespace

LicenseNext apply_terms(const LicenseNow& now, const Terms& terms) {
  LicenseNext next{.status = now.status, .reason = now.reason, .expires_at = now.expires_at, .plan = {}};
  if (now.applied == terms) return next;
  const std::string_view wanted = license_status(terms.status);
  const bool is_refused = now.status != "active";
  const bool is_refused_by_us = is_refused && now.applied && license_status(now.applied->status) == now.status &&
                                now.applied->reason == now.reason;
  // An admin's refusal stays, but where payments refuse for good.
  const bool takes_effect = !is_refused || is_refused_by_us || (now.status == "suspended" && wanted == "revoked");
  if (takes_effect) {
    next.status = wanted;
    next.reason = terms.reason;
  }
  next.is_held = next.status != wanted && wanted == "active";

  const std::optional<TimeMs> end = end_of(terms, now.expires_at);
  const std::optional<TimeMs> ours = now.applied ? end_of(*now.applied, now.expires_at) : std::nullopt;
  const bool is_ours = now.applied && ours == now.expires_at;
  if (is_ours || (is_longer(end, now.expires_at) && (!now.applied || is_longer(end, ours)))) next.expires_at = end;
  const bool is_plan_ours = now.applied ? now.applied->plan == now.plan : now.is_on_trial;
  if (is_plan_ours && terms.plan != now.plan) next.plan = terms.plan;
  return next;
}

}  // namespace latchkey::payments
