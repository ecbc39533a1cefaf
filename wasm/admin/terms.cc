#include "admin/terms.h"

#include <algorithm>

#include "base/check.h"

namespace latchkey::admin {
namespace {

std::optional<std::string> text_of(json::Value object, std::string_view name) {
  const auto value = object.member(name);
  const auto text = value ? value->string() : std::nullopt;
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

std::optional<json::Document> parse_column(std::optional<std::string_view> text) {
  if (!text) return std::nullopt;
  auto document = json::Document::parse_host(*text);
  return document ? std::optional(std::move(*document)) : std::nullopt;
}

}  // namespace

std::string_view expiry_from_name(ExpiryFrom from) {
  switch (from) {
    case ExpiryFrom::kCreation: return "creation";
    case ExpiryFrom::kFirstUse: return "first_use";
  }
  LK_UNREACHABLE();
}

std::string provider_list(config::ProviderSet providers) {
  json::Writer out;
  out.begin_array();
  for (size_t i = 0; i < config::kNumProviders; ++i) {
    if (providers.has(i)) out.string(config::kProviders[i].name);
  }
  out.end_array();
  return std::move(out).take();
}

config::ProviderSet read_provider_list(json::Value array) {
  config::ProviderSet providers;
  array.each_item([&](json::Value name) {
    if (const auto index = config::provider_index(name.string().value_or(""))) providers.add(*index);
  });
  return providers;
}

Plan read_plan(const host::Row& row) {
  Plan plan{.name = std::string(row.text("name")),
            .version = row.integer("version"),
            .terms = {.deliveries = row.integer("deliveries"),
                      .max_machines = row.integer("max_machines"),
                      .license_days = row.integer_or_null("license_days"),
                      .enforcement = std::string(row.text("enforcement")),
                      .description = std::nullopt,
                      .retired = !row.is_null("retired_at")},
            .created_at = row.integer("created_at"),
            .created_by = std::string(row.text("created_by")),
            .retired_at = row.integer_or_null("retired_at")};
  PlanTerms& terms = plan.terms;
  if (row.text("expiry_from") == "first_use") terms.expiry_from = ExpiryFrom::kFirstUse;
  if (const auto price = row.integer_or_null("monthly_price")) terms.monthly_price = pricing::Nano{*price};
  if (const auto text = row.text_or_null("description")) terms.description = std::string(*text);
  if (const auto list = parse_column(row.text("providers"))) terms.providers = read_provider_list(list->root());
  if (const auto list = parse_column(row.text_or_null("models"))) {
    terms.models.emplace();
    list->root().each_item([&](json::Value name) { terms.models->emplace_back(name.string().value_or("")); });
  }
  if (const auto limits = parse_column(row.text("limits"))) {
    limits->root().each_member([&](std::string_view name, json::Value value) {
      if (const auto number = value.integer()) terms.limits.emplace(name, *number);
    });
  }
  if (const auto budget = parse_column(row.text("budget"))) {
    terms.budget = {.daily = text_of(budget->root(), "daily"),
                    .monthly = text_of(budget->root(), "monthly"),
                    .total = text_of(budget->root(), "total")};
  }
  return plan;
}

bool is_amount(std::string_view text) {
  constexpr std::string_view digits = "0123456789";
  const size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  if (whole.empty() || whole.size() > 9 || whole.find_first_not_of(digits) != std::string_view::npos) return false;
  if (whole.size() > 1 && whole[0] == '0') return false;
  if (point == std::string_view::npos) return true;
  const std::string_view fraction = text.substr(point + 1);
  return !fraction.empty() && fraction.size() <= 6 && fraction.find_first_not_of(digits) == std::string_view::npos;
}

budget::Budget budget_of(const PlanTerms& terms) {
  const auto nanos = [](const std::optional<std::string>& usd) { return usd ? pricing::parse_usd(*usd) : std::nullopt; };
  return {budget::parse_enforcement(terms.enforcement).value_or(budget::Enforcement::kTrack),
          {nanos(terms.budget.daily), nanos(terms.budget.monthly), nanos(terms.budget.total)}};
}

std::string print_overrides(const Overrides& overrides) {
  json::Writer out;
  out.begin_object();
  if (overrides.budget) budget::write_limits(out.key("budget"), *overrides.budget);
  if (overrides.deliveries) out.field("deliveries", *overrides.deliveries);
  if (overrides.enforcement) out.field("enforcement", budget::enforcement_name(*overrides.enforcement));
  if (overrides.expires_at) out.field("expires_at", *overrides.expires_at);
  if (overrides.max_machines) out.field("max_machines", *overrides.max_machines);
  if (overrides.providers) out.key("providers").raw(provider_list(*overrides.providers));
  out.end_object();
  return std::move(out).take();
}

Overrides read_overrides(json::Value object) {
  Overrides overrides;
  const auto number = [&](std::string_view name) {
    const auto value = object.member(name);
    return value ? value->integer() : std::nullopt;
  };
  overrides.deliveries = number("deliveries");
  overrides.max_machines = number("max_machines");
  if (object.member("expires_at")) overrides.expires_at.emplace(number("expires_at"));
  if (const auto limits = object.member("budget")) overrides.budget = budget::read_limits(*limits);
  if (const auto word = object.member("enforcement")) {
    overrides.enforcement = budget::parse_enforcement(word->string().value_or(""));
  }
  if (const auto list = object.member("providers")) overrides.providers = read_provider_list(*list);
  return overrides;
}

LicenseTerms apply_plan(const Plan& plan, const Overrides& overrides, TimeMs created_at,
                        std::optional<TimeMs> first_provision_at) {
  const PlanTerms& says = plan.terms;
  LicenseTerms terms{.plan = plan.name,
                     .plan_version = plan.version,
                     .providers = overrides.providers.value_or(says.providers),
                     .deliveries = overrides.deliveries.value_or(says.deliveries),
                     .max_machines = overrides.max_machines.value_or(says.max_machines),
                     .expires_at = std::nullopt,
                     .first_use_days = std::nullopt,
                     .budget = budget_of(says),
                     .overrides = overrides};
  if (overrides.budget) terms.budget.limits = *overrides.budget;
  if (overrides.enforcement) terms.budget.enforcement = *overrides.enforcement;
  if (overrides.expires_at) {
    terms.expires_at = *overrides.expires_at;
  } else if (says.license_days) {
    const bool from_creation = says.expiry_from == ExpiryFrom::kCreation;
    const auto start = from_creation ? std::optional(created_at) : first_provision_at;
    if (start) terms.expires_at = std::min(*start + *says.license_days * kDayMs, kTimeMsMax);
    else terms.first_use_days = says.license_days;
  }
  return terms;
}

Overrides infer_overrides(const Plan& pinned, const LicenseTerms& terms, TimeMs created_at) {
  Overrides overrides;
  const LicenseTerms plain = apply_plan(pinned, {}, created_at, std::nullopt);
  if (!(terms.providers == plain.providers)) overrides.providers = terms.providers;
  if (terms.deliveries != plain.deliveries) overrides.deliveries = terms.deliveries;
  if (terms.max_machines != plain.max_machines) overrides.max_machines = terms.max_machines;
  if (terms.expires_at != plain.expires_at) overrides.expires_at.emplace(terms.expires_at);
  return overrides;
}

LicenseTerms revise_terms(const LicenseTerms& before, const Plan& target, const Overrides& overrides,
                          TimeMs created_at, std::optional<TimeMs> first_provision_at) {
  LicenseTerms after = apply_plan(target, overrides, created_at, first_provision_at);
  const bool is_same_plan = target.name == before.plan && target.version == before.plan_version;
  if (is_same_plan && overrides.expires_at == before.overrides.expires_at) {
    after.expires_at = before.expires_at;
    after.first_use_days = before.first_use_days;
  }
  return after;
}

TimeMs extend_end(TimeMs end, int64_t days, TimeMs now) {
  return std::min(std::max(end, now) + days * kDayMs, kTimeMsMax);
}

bool takes_away(const LicenseTerms& before, const LicenseTerms& after) {
  const bool ends_earlier = after.expires_at && (!before.expires_at || *after.expires_at < *before.expires_at);
  return ends_earlier || !((before.providers & after.providers) == before.providers) ||
         (before.deliveries & ~after.deliveries) != 0;
}

void write_terms_details(json::Writer& out, const LicenseTerms& terms, const std::optional<std::string>& note) {
  out.begin_object();
  budget::write_limits(out.key("budget"), terms.budget.limits);
  out.field("deliveries", terms.deliveries);
  out.field("enforcement", budget::enforcement_name(terms.budget.enforcement));
  out.field("expires_at", terms.expires_at);
  out.field("first_use_days", terms.first_use_days);
  out.field("max_machines", terms.max_machines);
  out.field("note", note);
  out.field("plan", terms.plan).field("plan_version", terms.plan_version);
  out.key("providers").raw(provider_list(terms.providers)).end_object();
}

}  // namespace latchkey::admin
