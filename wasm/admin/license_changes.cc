// LicenseService: revisions, bulk acts, history.
#include <algorithm>
#include <map>

#include "admin/licenses.h"
#include "base/check.h"
#include "base/limits.h"
#include "json/writer.h"
#include "store/queries.h"

namespace latchkey::admin {
namespace {

using PlanVersion = std::pair<std::string, int64_t>;

std::map<PlanVersion, Plan> plans_by_version(const host::BatchAnswer& answer, size_t statement) {
  std::map<PlanVersion, Plan> plans;
  answer.each_row(statement, [&](host::Row row) {
    Plan plan = read_plan(row);
    plans.emplace(PlanVersion(plan.name, plan.version), std::move(plan));
  });
  return plans;
}

// find_target: the newest version of a plan, for new terms.
Result<Plan> find_target(const host::BatchAnswer& answer, size_t statement, std::string_view name) {
  std::optional<Plan> found;
  answer.each_row(statement, [&](host::Row row) {
    if (row.text("name") == name) found = read_plan(row);
  });
  if (!found) return fail(ErrorCode::kInvalidRequest, "plan names no plan: there is no " + std::string(name) + ".");
  if (found->terms.retired) return fail(ErrorCode::kInvalidRequest, "plan is retired. Name another.");
  return std::move(*found);
}

// overrides_of: those that the licence has, told from its plan where it is older than they are.
Overrides overrides_of(const LicenseView& view, const Plan& pinned) {
  return view.has_overrides ? view.terms.overrides : infer_overrides(pinned, view.terms, view.created_at);
}

// with_terms: `kept` are the overrides of before, `overrides` those of after.
LicenseView with_terms(const LicenseView& before, const Plan& target, const Overrides& kept,
                       const Overrides& overrides, TimeMs now) {
  LicenseTerms terms = before.terms;
  terms.overrides = kept;
  LicenseView after = before;
  after.terms = revise_terms(terms, target, overrides, before.created_at, before.first_provision_at);
  after.has_overrides = true;
  after.status = status_now(after.stored_status, after.terms.expires_at, now);
  return after;
}

bool is_changed(const LicenseView& before, const LicenseView& after) {
  return before.stored_status != after.stored_status || before.note != after.note ||
         !(before.terms == after.terms);
}

std::string details_of(const LicenseView& before, const LicenseView& after) {
  json::Writer out;
  out.begin_object();
  if (before.stored_status != after.stored_status) {
    out.field("after", after.stored_status).field("before", before.stored_status);
  } else {
    out.key("after");
    write_terms_details(out, after.terms, after.note);
    out.key("before");
    write_terms_details(out, before.terms, before.note);
  }
  out.end_object();
  return std::move(out).take();
}

void write_row(json::Writer& out, const LicenseView& before, const LicenseView& after) {
  const LicenseTerms& terms = after.terms;
  out.begin_object().field("id", before.id).field("version", before.version).field("status", after.stored_status);
  out.field("status_reason", after.status_reason);
  out.field("plan", terms.plan).field("plan_version", terms.plan_version);
  out.field("providers", provider_list(terms.providers)).field("deliveries", terms.deliveries);
  out.field("max_machines", terms.max_machines);
  out.field("expires_at", terms.expires_at).field("first_use_days", terms.first_use_days);
  out.field("budget", budget::print_budget(terms.budget));
  out.field("overrides", print_overrides(terms.overrides)).field("note", after.note).end_object();
}

LicenseAct license_act(BulkKind kind) {
  switch (kind) {
    case BulkKind::kRevoke: return LicenseAct::kRevoke;
    case BulkKind::kSuspend: return LicenseAct::kSuspend;
    case BulkKind::kReinstate: return LicenseAct::kReinstate;
    case BulkKind::kExtend:
    case BulkKind::kReplan: break;
  }
  LK_UNREACHABLE();
}

bool is_about_terms(BulkKind kind) { return kind == BulkKind::kExtend || kind == BulkKind::kReplan; }

// changed_status: the licence after an act on its status; nullopt where that changes nothing or is
// not allowed.
std::optional<LicenseView> changed_status(const LicenseView& before, const BulkAct& act, TimeMs now) {
  const auto status = next_status(before.stored_status, license_act(act.kind));
  if (!status || !*status) return std::nullopt;
  LicenseView after = before;
  after.stored_status = **status;
  after.status = status_now(after.stored_status, after.terms.expires_at, now);
  after.status_reason = act.reason;
  return after;
}

std::optional<LicenseView> changed_terms(const LicenseView& before, const BulkAct& act, const Plan& pinned,
                                         const std::optional<Plan>& target, TimeMs now) {
  const Overrides kept = overrides_of(before, pinned);
  Overrides overrides = kept;
  if (act.kind == BulkKind::kExtend) {
    // One that never ends, or whose end is not set yet, has none to move.
    if (!before.terms.expires_at) return std::nullopt;
    overrides.expires_at.emplace(act.days ? extend_end(*before.terms.expires_at, *act.days, now) : *act.expires_at);
  }
  LicenseView after = with_terms(before, target ? *target : pinned, kept, overrides, now);
  return is_changed(before, after) ? std::optional(std::move(after)) : std::nullopt;
}

void bind_filter(host::Batch& batch, const BulkFilter& filter, TimeMs now) {
  const bool is_expired = filter.status == "expired";
  std::optional<std::string> stored = filter.status;
  if (is_expired) stored = "active";
  batch.bind(filter.after_id)
      .bind(filter.plan)
      .bind(filter.never_provisioned ? 1 : 0)
      .bind(stored)
      .bind(now)
      .bind(is_expired ? 2 : filter.status == "active" ? 1 : 0)
      .bind(filter.expires_before);
}

std::string id_list(const std::vector<LicenseView>& views) {
  json::Writer out;
  out.begin_array();
  for (const LicenseView& view : views) out.string(view.id);
  out.end_array();
  return std::move(out).take();
}

}  // namespace

Task<Result<std::vector<std::string>>> LicenseService::store_revised(const std::vector<Revised>& revised,
                                                                     std::string_view action,
                                                                     const std::optional<std::string>& reason) {
  const TimeMs now = host_.clock.now();
  json::Writer rows, audits;
  rows.begin_array();
  audits.begin_array();
  bool moves_epoch = false;
  for (const auto& [before, after] : revised) {
    write_row(rows, before, after);
    audits.begin_object()
        .field("id", before.id)
        .field("version", before.version)
        .field("details", details_of(before, after))
        .end_object();
    const bool is_refused = before.stored_status != after.stored_status && after.stored_status != "active";
    moves_epoch = moves_epoch || is_refused || takes_away(before.terms, after.terms);
  }
  rows.end_array();
  audits.end_array();
  const provision::Client& client = actor_.client;
  host::Batch batch;
  batch.add(store::kAuditAppendRevised)
      .bind(now)
      .bind(client.request_id)
      .bind(action)
      .bind(reason)
      .bind(actor_.name)
      .bind(client.address_hash.text())
      .bind(store::or_null(client.country))
      .bind(store::or_null(client.user_agent))
      .bind(audits.text());
  batch.add(store::kLicenseRevise).bind(rows.text()).bind(now);
  if (moves_epoch) batch.add(store::kStateMoveEpoch);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  std::vector<std::string> changed;
  answer.each_row(1, [&](host::Row row) { changed.emplace_back(row.text("id")); });
  co_return changed;
}

Task<Result<LicenseView>> LicenseService::revise(std::string_view id, const Revision& revision, Versions expected,
                                                 Run run) {
  // 1. Load the licence, the version of the plan it is pinned to, and the newest ones.
  json::Writer ids;
  ids.begin_array().string(id).end_array();
  host::Batch look;
  look.add(store::kLicenseGet).bind(id);
  look.add(store::kPlanListPinned).bind(ids.text());
  look.add(store::kPlanListCurrent);
  CO_TRY(const host::BatchAnswer found, co_await host_.db.run(std::move(look)));
  const auto row = found.first(0);
  if (!row) co_return fail(ErrorCode::kNotFound, "There is no licence with this id.");
  const LicenseView before = view_of(*row);
  if (!expected.has(before.version)) co_return Unexpected(precondition_failed());
  const Plan pinned = read_plan(found.row(1, 0));

  // 2. Decide.
  Plan target = pinned;
  if (revision.plan) {
    CO_TRY(target, find_target(found, 2, *revision.plan));
  }
  const Overrides kept = overrides_of(before, pinned);
  Overrides overrides = kept;
  revision.apply(overrides);
  LicenseView after = with_terms(before, target, kept, overrides, host_.clock.now());
  revision.note.apply(after.note);
  if (run == Run::kDry || !is_changed(before, after)) co_return after;

  // 3. Store.
  std::vector<Revised> revised;
  revised.push_back({before, after});
  CO_TRY(const std::vector<std::string> changed, co_await store_revised(revised, "license.changed", std::nullopt));
  if (changed.empty()) co_return Unexpected(co_await not_changed(id, expected, changed_meanwhile()));
  co_await carry(id);
  co_return co_await show(id);
}

Task<Result<BulkReport>> LicenseService::bulk(const BulkFilter& filter, const BulkAct& act, Run run) {
  const TimeMs now = host_.clock.now();
  // 1. Count, and load the next slice with the plans it is pinned to.
  host::Batch look;
  look.add(store::kLicenseBulkCount);
  bind_filter(look, filter, now);
  look.add(store::kLicenseBulkSlice);
  bind_filter(look, filter, now);
  look.bind(run == Run::kDry ? limits::kBulkSampleMax : limits::kBulkLicensesMax);
  look.add(store::kPlanListCurrent);
  CO_TRY(const host::BatchAnswer found, co_await host_.db.run(std::move(look)));
  BulkReport report{.matched = found.row(0, 0).integer("matched"), .next_id = std::nullopt, .sample = {}};
  if (run == Run::kReal && report.matched != act.expected_count) {
    co_return fail(ErrorCode::kConflict, "The filter finds " + std::to_string(report.matched) +
                                             " licences, not expected_count. Ask again with ?dry_run=1.");
  }
  std::optional<Plan> target;
  if (act.kind == BulkKind::kReplan) {
    CO_TRY(target, find_target(found, 2, act.plan));
  }
  std::vector<LicenseView> slice;
  found.each_row(1, [&](host::Row row) { slice.push_back(view_of(row)); });
  if (slice.empty()) co_return report;
  std::map<PlanVersion, Plan> pinned;
  if (is_about_terms(act.kind)) {
    host::Batch plans;
    plans.add(store::kPlanListPinned).bind(id_list(slice));
    CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(plans)));
    pinned = plans_by_version(answer, 0);
  }

  // 2. Decide for each.
  std::vector<Revised> revised;
  for (const LicenseView& before : slice) {
    auto after = std::optional<LicenseView>();
    if (is_about_terms(act.kind)) {
      const auto plan = pinned.find({before.terms.plan, before.terms.plan_version});
      if (plan != pinned.end()) after = changed_terms(before, act, plan->second, target, now);
    } else {
      after = changed_status(before, act, now);
    }
    if (run == Run::kDry) report.sample.push_back(after ? *after : before);
    else if (after) revised.push_back({before, std::move(*after)});
  }
  if (run == Run::kDry) co_return report;

  // 3. Store.
  const auto size = static_cast<int64_t>(slice.size());
  if (report.matched > size) report.next_id = slice.back().id;
  if (!revised.empty()) {
    const std::string_view action =
        is_about_terms(act.kind) ? "license.changed" : audit_action(license_act(act.kind));
    CO_TRY(const std::vector<std::string> changed, co_await store_revised(revised, action, act.reason));
    report.changed = static_cast<int64_t>(changed.size());
    co_await carry(std::nullopt);
  }
  report.skipped = size - report.changed;
  co_return report;
}

Task<Result<HistoryPage>> LicenseService::history(std::string_view id, int64_t before_seq, uint32_t rows_max) {
  host::Batch batch;
  batch.add(store::kLicenseGet).bind(id);
  batch.add(store::kLicenseHistory).bind(id).bind(before_seq).bind(rows_max + 1);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  const auto license = answer.first(0);
  if (!license) co_return fail(ErrorCode::kNotFound, "There is no licence with this id.");
  HistoryPage page{.status = view_of(*license).status, .entries = {}, .next_seq = std::nullopt};
  answer.each_row(1, [&](host::Row row) {
    if (page.entries.size() == rows_max) {
      page.next_seq = page.entries.back().seq;
      return;
    }
    const auto text = [&](std::string_view name) {
      const auto value = row.text_or_null(name);
      return value ? std::optional<std::string>(*value) : std::nullopt;
    };
    page.entries.push_back({.seq = row.integer("seq"),
                            .at = row.integer("at"),
                            .request_id = std::string(row.text("request_id")),
                            .action = std::string(row.text("action")),
                            .reason = text("reason"),
                            .actor = std::string(row.text("actor")),
                            .details = text("details")});
  });
  co_return page;
}

}  // namespace latchkey::admin
