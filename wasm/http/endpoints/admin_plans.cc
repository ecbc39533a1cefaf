// /admin/plans
#include "admin/plans.h"

#include <algorithm>

#include "base/limits.h"
#include "http/dry_run.h"
#include "http/endpoints.h"
#include "http/endpoints/acting.h"
#include "http/endpoints/license_fields.h"

namespace latchkey::http {
namespace {

using admin::Plan;
using admin::PlanTerms;

constexpr std::string_view kNameLetters = "abcdefghijklmnopqrstuvwxyz0123456789_-";

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= limits::kPlanNameBytesMax &&
         text.find_first_not_of(kNameLetters) == std::string_view::npos;
}

void write_plan(json::Writer& out, const Plan& plan) {
  const PlanTerms& terms = plan.terms;
  out.field("name", plan.name).field("version", plan.version);
  out.key("providers");
  write_provider_names(out, terms.providers);
  out.key("deliveries");
  write_deliveries(out, terms.deliveries);
  out.field("max_machines", terms.max_machines);
  out.field("license_days", terms.license_days);
  out.field("expiry_from", expiry_from_name(terms.expiry_from)).key("models");
  if (terms.models) {
    out.begin_array();
    for (const std::string& model : *terms.models) out.string(model);
    out.end_array();
  } else {
    out.null();
  }
  out.key("limits").begin_object();
  for (const auto& [name, value] : terms.limits) out.field(name, value);
  out.end_object().key("budget").begin_object();
  out.field("daily", terms.budget.daily);
  out.field("monthly", terms.budget.monthly);
  out.field("total", terms.budget.total);
  out.end_object().field("enforcement", terms.enforcement);
  out.field("monthly_price", terms.monthly_price.transform(pricing::print_usd));
  out.field("description", terms.description);
  out.time("created_at", plan.created_at).field("created_by", plan.created_by);
  out.time("retired_at", plan.retired_at);
}

Response print_list(const std::vector<Plan>& plans) {
  json::Writer out(plans.size() * 512);
  out.begin_object().key("data").begin_array();
  for (const Plan& plan : plans) {
    out.begin_object();
    write_plan(out, plan);
    out.end_object();
  }
  out.end_array().end_object();
  return json_response(200, std::move(out).take());
}

void parse_models(Fields& fields, PlanTerms& terms) {
  const auto value = fields.member("models");
  if (!value) return;
  bool ok = value->kind() == json::Kind::kArray && value->num_items() > 0 &&
            value->num_items() <= limits::kPlanModelsMax;
  terms.models.emplace();
  value->each_item([&](json::Value item) {
    const auto name = item.string();
    ok = ok && name && !name->empty() && name->size() <= limits::kPlanModelBytesMax && !has_control(*name);
    if (ok) terms.models->emplace_back(*name);
  });
  if (!ok) return fields.add_error("models", "must be an array of 1 to 200 names of at most 100 bytes");
  std::ranges::sort(*terms.models);
  const auto repeated = std::ranges::unique(*terms.models);
  terms.models->erase(repeated.begin(), repeated.end());
}

void parse_limits(Fields& fields, PlanTerms& terms) {
  const auto value = fields.member("limits");
  if (!value) return;
  bool ok = value->kind() == json::Kind::kObject;
  value->each_member([&](std::string_view name, json::Value member) {
    const auto number = member.integer();
    ok = ok && is_name(name) && number && *number >= 0 && *number <= limits::kD1IntegerMax;
    if (ok && name.starts_with("sharing_") && *number > limits::kSharingScoreMax) {
      fields.add_error("limits." + std::string(name), "must be a score from 0 (never) to 100");
    }
    if (ok) terms.limits.emplace(name, *number);
  });
  if (!ok || terms.limits.size() > limits::kPlanLimitsMax) {
    fields.add_error("limits", "must be an object of at most 16 whole numbers, names of a-z 0-9 _ -");
  }
}

void parse_budget(Fields& fields, PlanTerms& terms, std::vector<FieldError>& errors) {
  const auto value = fields.member("budget");
  if (!value) return;
  Fields inner(*value, "budget.");
  inner.refuse_unknown({"daily", "monthly", "total"});
  const auto amount = [&](std::string_view name, std::optional<std::string>& target) {
    target = inner.text(name, limits::kAmountBytesMax);
    if (target && !admin::is_amount(*target)) {
      inner.add_error(name, "must be US dollars as text, such as \"12.50\"");
    }
  };
  amount("daily", terms.budget.daily);
  amount("monthly", terms.budget.monthly);
  amount("total", terms.budget.total);
  for (const FieldError& error : inner.errors()) errors.push_back(error);
}

void parse_monthly_price(Fields& fields, PlanTerms& terms) {
  const auto text = fields.text("monthly_price", limits::kAmountBytesMax);
  if (!text) return;
  if (admin::is_amount(*text)) terms.monthly_price = pricing::parse_usd(*text);
  if (!terms.monthly_price || terms.monthly_price->value > limits::kMonthlyPriceDollarsMax * pricing::kNanosPerDollar) {
    fields.add_error("monthly_price", "must be US dollars as text, such as \"12.50\", and at most a million");
  }
}

// parse_choice: one of two or three words; absent leaves the default.
void parse_choice(Fields& fields, std::string_view name, std::initializer_list<std::string_view> words,
                  std::string& choice) {
  const auto text = fields.text(name, 16);
  if (!text) return;
  if (std::ranges::find(words, *text) != words.end()) {
    choice = *text;
    return;
  }
  std::string message = "must be one of";
  for (const std::string_view word : words) message += " " + std::string(word);
  fields.add_error(name, std::move(message));
}

PlanTerms parse_plan(Fields& fields, std::vector<FieldError>& errors) {
  fields.refuse_unknown({"providers", "deliveries", "max_machines", "license_days", "expiry_from", "models", "limits",
                         "budget", "enforcement", "monthly_price", "description", "retired"});
  PlanTerms terms;
  for (const std::string_view name : {"providers", "deliveries"}) {
    if (!fields.member(name)) fields.add_error(name, "is required");
  }
  terms.providers = parse_providers(fields, "providers").value_or(config::ProviderSet());
  terms.deliveries = parse_deliveries(fields, "deliveries").value_or(0);
  terms.max_machines = fields.integer("max_machines", 1, limits::kMachinesMax, Presence::kRequired).value_or(0);
  terms.license_days = fields.integer("license_days", 1, limits::kLicenseDaysMax);
  std::string expiry_from = "creation";
  parse_choice(fields, "expiry_from", {"creation", "first_use"}, expiry_from);
  if (expiry_from == "first_use") {
    terms.expiry_from = admin::ExpiryFrom::kFirstUse;
    if (!terms.license_days) fields.add_error("license_days", "is required where expiry_from is first_use");
  }
  parse_choice(fields, "enforcement", {"track", "warn", "block"}, terms.enforcement);
  parse_models(fields, terms);
  parse_limits(fields, terms);
  parse_budget(fields, terms, errors);
  parse_monthly_price(fields, terms);
  terms.description = fields.text("description", limits::kNoteBytesMax);
  terms.retired = fields.boolean("retired").value_or(false);
  for (const FieldError& error : fields.errors()) errors.push_back(error);
  return terms;
}

}  // namespace

Task<Result<Response>> admin_plan_list(Context& context) {
  const admin::Actor actor = actor_of(context);
  admin::PlanService service(context.host, actor);
  CO_TRY(const auto plans, co_await service.list());
  co_return print_list(plans);
}

Task<Result<Response>> admin_plan_show(Context& context) {
  const admin::Actor actor = actor_of(context);
  admin::PlanService service(context.host, actor);
  CO_TRY(const auto plans, co_await service.versions(context.path_parameter));
  co_return print_list(plans);
}

Task<Result<Response>> admin_plan_set(Context& context) {
  Fields fields(context.body_root());
  std::vector<FieldError> errors;
  const PlanTerms terms = parse_plan(fields, errors);
  if (!is_name(context.path_parameter)) errors.push_back({"path.plan", "must be 1 to 64 of a-z 0-9 _ -"});
  if (!errors.empty()) co_return context.invalid(errors);
  const admin::Actor actor = actor_of(context);
  admin::PlanService service(context.host, actor);
  CO_TRY(const Plan plan, co_await service.set(context.path_parameter, terms, context.run));
  json::Writer out(1024);
  out.begin_object();
  write_run(out, context.run);
  write_plan(out, plan);
  out.end_object();
  co_return json_response(200, std::move(out).take());
}

}  // namespace latchkey::http
