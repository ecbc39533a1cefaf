#include "admin/plans.h"

#include "json/writer.h"
#include "store/queries.h"

namespace latchkey::admin {
namespace {

std::optional<std::string> print_models(const PlanTerms& terms) {
  if (!terms.models) return std::nullopt;
  json::Writer out;
  out.begin_array();
  for (const std::string& model : *terms.models) out.string(model);
  out.end_array();
  return std::move(out).take();
}

std::string print_limits(const PlanTerms& terms) {
  json::Writer out;
  out.begin_object();
  for (const auto& [name, value] : terms.limits) out.field(name, value);
  out.end_object();
  return std::move(out).take();
}

std::string print_budget(const Budget& budget) {
  json::Writer out;
  out.begin_object();
  if (budget.daily) out.field("daily", *budget.daily);
  if (budget.monthly) out.field("monthly", *budget.monthly);
  if (budget.total) out.field("total", *budget.total);
  out.end_object();
  return std::move(out).take();
}

// details_of: the version, for the audit log. Canonical.
std::string details_of(const Plan& plan) {
  const PlanTerms& terms = plan.terms;
  json::Writer out;
  out.begin_object().key("budget").raw(print_budget(terms.budget)).field("deliveries", terms.deliveries);
  out.field("enforcement", terms.enforcement).field("expiry_from", expiry_from_name(terms.expiry_from));
  out.field("license_days", terms.license_days);
  out.key("limits").raw(print_limits(terms)).field("max_machines", terms.max_machines);
  out.key("models").raw(print_models(terms).value_or("null"));
  if (terms.monthly_price) out.field("monthly_price", terms.monthly_price->value);
  out.field("plan", plan.name).key("providers").raw(provider_list(terms.providers));
  out.field("retired", terms.retired).field("version", plan.version).end_object();
  return std::move(out).take();
}

void add_plan(host::Batch& batch, const Plan& plan) {
  const PlanTerms& terms = plan.terms;
  batch.add(store::kPlanInsert)
      .bind(plan.name)
      .bind(plan.version)
      .bind(provider_list(terms.providers))
      .bind(terms.deliveries)
      .bind(terms.max_machines)
      .bind(terms.license_days)
      .bind(plan.created_at)
      .bind(print_models(terms))
      .bind(print_limits(terms))
      .bind(print_budget(terms.budget))
      .bind(terms.enforcement)
      .bind(expiry_from_name(terms.expiry_from))
      .bind(terms.description)
      .bind(plan.created_by)
      .bind(plan.retired_at)
      .bind(terms.monthly_price.transform([](pricing::Nano price) { return price.value; }));
}

std::vector<Plan> plans_of(const host::BatchAnswer& answer) {
  std::vector<Plan> plans;
  answer.each_row(0, [&](host::Row row) { plans.push_back(read_plan(row)); });
  return plans;
}

}  // namespace

Task<Result<std::vector<Plan>>> PlanService::list() {
  host::Batch batch;
  batch.add(store::kPlanListCurrent);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  co_return plans_of(answer);
}

Task<Result<std::vector<Plan>>> PlanService::versions(std::string_view name) {
  host::Batch batch;
  batch.add(store::kPlanListVersions).bind(name);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  if (answer.num_rows(0) == 0) co_return fail(ErrorCode::kNotFound, "There is no plan of this name.");
  co_return plans_of(answer);
}

Task<Result<Plan>> PlanService::set(std::string_view name, const PlanTerms& terms, Run run) {
  host::Batch look;
  look.add(store::kPlanListVersions).bind(name);
  CO_TRY(const host::BatchAnswer found, co_await host_.db.run(std::move(look)));
  std::optional<Plan> newest;
  if (const auto row = found.first(0)) newest = read_plan(*row);
  if (newest && newest->terms == terms) co_return std::move(*newest);

  const TimeMs now = host_.clock.now();
  const Plan plan{.name = std::string(name),
                  .version = newest ? newest->version + 1 : 1,
                  .terms = terms,
                  .created_at = now,
                  .created_by = actor_.name,
                  .retired_at = terms.retired ? std::optional(now) : std::nullopt};
  if (run == Run::kDry) co_return plan;

  const provision::Client& client = actor_.client;
  host::Batch batch;
  batch.add(store::kAuditAppendPlan)
      .bind(now)
      .bind(client.request_id)
      .bind(actor_.name)
      .bind(client.address_hash.text())
      .bind(store::or_null(client.country))
      .bind(store::or_null(client.user_agent))
      .bind(details_of(plan))
      .bind(plan.name)
      .bind(plan.version);
  add_plan(batch, plan);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  if (answer.num_rows(1) == 0) {
    co_return fail(ErrorCode::kConflict, "The plan was changed by someone else. Look at it and try again.");
  }
  co_return plan;
}

}  // namespace latchkey::admin
