#include "trial/service.h"

#include "admin/licenses.h"
#include "json/writer.h"
#include "store/audit.h"
#include "store/queries.h"
#include "store/rate_window.h"

namespace latchkey::trial {
namespace {

constexpr std::string_view kActor = "client";

Applicant applicant(const crypto::Index& index, const std::string& name, license::Code code) {
  return {.whom = index.hash(crypto::IndexPurpose::kTrial, name), .code = std::move(code)};
}

std::string trial_subject(const provision::Client& client) {
  return "trial:" + std::string(client.address_hash.text());
}

void add_count(host::Batch& batch, std::string_view subject, TimeMs now) {
  batch.add(store::kRateLimitCountOne)
      .bind(subject)
      .bind(store::RateWindow::begin(now))
      .bind(store::RateWindow::ended(now));
}

// Counted: a subject's window, and whether its excess is in the audit log already.
struct Counted {
  store::RateWindow window;
  bool is_recorded = false;
};
Counted read_count(const host::BatchAnswer& answer, size_t statement) {
  const host::Row row = answer.row(statement, 0);
  const store::RateWindow window{row.integer("window")};
  return {window, row.integer("over_recorded") == window.start_seconds()};
}

}  // namespace

Applicant applicant_of_email(const crypto::Index& index, license::Code email) {
  const std::string name = "email\n" + std::string(email.hash(index).text());
  return applicant(index, name, std::move(email));
}

Applicant applicant_of_machine(const crypto::Index& index, const crypto::TokenHash& machine_hash) {
  const std::string machine(machine_hash.text());
  const crypto::TokenHash seed = index.hash(crypto::IndexPurpose::kTrial, "code\n" + machine);
  return applicant(index, "machine\n" + machine, license::derive_code(seed));
}

Task<Result<Outcome>> TrialService::ask(const provision::Client& client, Applicant applicant) {
  if (config_.trial_plan.empty()) co_return fail(ErrorCode::kNotFound, "Trials are not offered here.");
  const TimeMs now = host_.clock.now();
  const Limits limits{.address = config_.rate_limit_ip_per_hour, .trials = config_.trials_per_ip_per_hour};
  const std::string address = provision::address_subject(client.address_hash);
  for (const auto& [subject, verdict] : {std::pair(address, Verdict::kAddressOverLimit),
                                         std::pair(trial_subject(client), Verdict::kTrialsOverLimit)}) {
    const auto over = shared_.known_over.find(subject, now);
    if (!over) continue;
    Outcome refused;
    refused.verdict = verdict;
    const std::string_view policy = verdict == Verdict::kAddressOverLimit ? "ip" : "trials";
    refused.windows.push_back(provision::window_of(policy, over->limit, over->limit, over->end, now));
    co_return refused;
  }

  // 1. Count, and look.
  host::Batch look;
  add_count(look, address, now);
  add_count(look, trial_subject(client), now);
  look.add(store::kTrialGet).bind(applicant.whom.text()).bind(applicant.code.hash(config_.index).text());
  CO_TRY(const host::BatchAnswer found, co_await host_.db.run(std::move(look)));
  const Counted by_address = read_count(found, 0);
  const Counted by_trial = read_count(found, 1);
  Facts facts{.address_hits = by_address.window.hits(), .trial_hits = by_trial.window.hits()};
  Outcome outcome;
  found.each_row(2, [&](host::Row row) {
    if (row.integer("is_trial") == 0) {
      facts.is_code_taken = true;
      return;
    }
    facts.given = Given{.is_active = row.text("status") == "active",
                        .has_same_code = row.text("code_hash") == applicant.code.hash(config_.index).text(),
                        .expires_at = row.integer_or_null("expires_at")};
    outcome.expires_at = facts.given->expires_at;
    outcome.plan = std::string(row.text("plan"));
  });

  // 2. Decide.
  outcome.verdict = decide(facts, limits, now);
  outcome.windows.push_back(
      provision::window_of("ip", limits.address, by_address.window.hits(), by_address.window.end(), now));
  outcome.windows.push_back(
      provision::window_of("trials", limits.trials, by_trial.window.hits(), by_trial.window.end(), now));

  // 3. Store.
  switch (outcome.verdict) {
    case Verdict::kRunning: outcome.code.emplace(std::move(applicant.code)); co_return outcome;
    case Verdict::kStart: co_return co_await start(client, std::move(applicant), std::move(outcome));
    case Verdict::kAddressOverLimit: shared_.known_over.add(address, {limits.address, by_address.window.end()}, now); break;
    case Verdict::kTrialsOverLimit:
      shared_.known_over.add(trial_subject(client), {limits.trials, by_trial.window.end()}, now);
      break;
    case Verdict::kUsed:
    case Verdict::kHasLicense: break;
  }
  const bool is_recorded = outcome.verdict == Verdict::kAddressOverLimit  ? by_address.is_recorded
                           : outcome.verdict == Verdict::kTrialsOverLimit ? by_trial.is_recorded
                                                                          : false;
  CO_TRY_VOID(co_await refuse(client, outcome.verdict, is_recorded));
  co_return outcome;
}

Task<Result<Outcome>> TrialService::start(const provision::Client& client, Applicant applicant,
                                          Outcome outcome) {
  const TimeMs ends_at = host_.clock.now() + config_.trial_days * kDayMs;
  std::vector<admin::NewLicense> licenses;
  licenses.push_back({.code = std::move(applicant.code),
                      .plan = config_.trial_plan,
                      .overrides = {},
                      .holder = {},
                      .note = std::nullopt,
                      .trial_of = std::string(applicant.whom.text())});
  licenses.front().overrides.expires_at.emplace(ends_at);
  const std::string name(kActor);
  const admin::Actor actor{client, name};
  admin::LicenseService service(host_, config_, actor);
  CO_TRY(const std::vector<admin::Created> created,
         co_await service.create(licenses, Run::kReal, "trial.started"));
  switch (created.front().status) {
    case admin::CreateStatus::kCreated: break;
    // Somebody was faster: the next request finds what they made.
    case admin::CreateStatus::kExists: {
      Error error(ErrorCode::kUnavailable, "Somebody asked for this at the same moment. Try again.");
      error.retry_after_seconds = 1;
      co_return Unexpected(std::move(error));
    }
    case admin::CreateStatus::kUnknownPlan:
    case admin::CreateStatus::kRetiredPlan:
      co_return fail(ErrorCode::kUnavailable, "Trials cannot be given now.", "TRIAL_PLAN names no plan to be had");
  }
  outcome.expires_at = ends_at;
  outcome.plan = config_.trial_plan;
  outcome.code.emplace(std::move(licenses.front().code));
  co_return outcome;
}

Task<Result<Void>> TrialService::refuse(const provision::Client& client, Verdict verdict, bool is_recorded) {
  if (is_recorded) co_return Void{};
  const std::string_view reason = verdict_reason(verdict);
  const store::AuditRow row{.at = host_.clock.now(),
                            .request_id = client.request_id,
                            .action = "trial.denied",
                            .outcome = "denied",
                            .reason = reason,
                            .actor = kActor,
                            .address_hash = client.address_hash.text(),
                            .country = store::or_null(client.country),
                            .user_agent = store::or_null(client.user_agent)};
  host::Batch batch;
  if (verdict == Verdict::kAddressOverLimit) {
    store::add_audit_over(batch, row, provision::address_subject(client.address_hash));
  } else if (verdict == Verdict::kTrialsOverLimit) {
    store::add_audit_over(batch, row, trial_subject(client));
  } else {
    store::add_audit(batch, row);
  }
  CO_TRY_VOID(co_await host_.db.run(std::move(batch)));
  co_return Void{};
}

}  // namespace latchkey::trial
