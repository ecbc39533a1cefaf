#include "alert/service.h"

#include "alert/raise.h"
#include "base/check.h"
#include "json/writer.h"
#include "store/queries.h"

namespace latchkey::alert {
namespace {

constexpr std::string_view kAfterEveryId = "alr_~";

std::optional<std::string> own(std::optional<std::string_view> text) {
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

Alert read_alert(const host::Row& row) {
  const auto state = parse_state(row.text("state"));
  CHECK(state.has_value());
  return {.id = std::string(row.text("id")),
          .kind = std::string(row.text("kind")),
          .subject = std::string(row.text("subject")),
          .severity = std::string(row.text("severity")),
          .level = row.integer("level"),
          .state = *state,
          .details = std::string(row.text("details")),
          .count = row.integer("count"),
          .first_at = row.integer("first_at"),
          .last_at = row.integer("last_at"),
          .snoozed_until = row.integer_or_null("snoozed_until"),
          .acted_by = own(row.text_or_null("acted_by")),
          .acted_at = row.integer_or_null("acted_at"),
          .resolved_at = row.integer_or_null("resolved_at")};
}

std::optional<std::string_view> name_of(std::optional<Severity> severity) {
  return severity ? std::optional(severity_name(*severity)) : std::nullopt;
}

std::string act_details(const Alert& before, std::optional<TimeMs> snoozed_until) {
  json::Writer out;
  out.begin_object().field("alert", before.id).field("before", state_name(before.state)).field("kind", before.kind);
  if (snoozed_until) out.field("snoozed_until", *snoozed_until);
  out.field("subject", before.subject).end_object();
  return std::move(out).take();
}

std::string rule_details(const Rule& rule) {
  json::Writer out;
  out.begin_object().field("enabled", rule.is_enabled).field("kind", info_of(rule.kind).name);
  out.field("severity", name_of(rule.severity)).end_object();
  return std::move(out).take();
}

}  // namespace

Task<Result<AlertPage>> AlertService::list(AlertFilter filter, std::string after_id, uint32_t rows_max) {
  const std::string_view after = after_id.empty() ? kAfterEveryId : std::string_view(after_id);
  const auto severity = name_of(filter.severity);
  const auto kind = filter.kind ? std::optional(info_of(*filter.kind).name) : std::nullopt;
  host::Batch batch;
  batch.add(filter.state ? store::kAlertListByState : filter.kind ? store::kAlertListByKind : store::kAlertList);
  batch.bind(after).bind(rows_max + 1).bind(severity);
  if (filter.state) batch.bind(state_name(*filter.state));
  if (filter.state || filter.kind) batch.bind(kind);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  AlertPage page;
  answer.each_row(0, [&](host::Row row) { page.alerts.push_back(read_alert(row)); });
  if (page.alerts.size() > rows_max) {
    page.alerts.pop_back();
    page.next_id = page.alerts.back().id;
  }
  co_return page;
}

Task<Result<Alert>> AlertService::show(std::string id) {
  host::Batch batch;
  batch.add(store::kAlertGet).bind(id);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  const auto row = answer.first(0);
  if (!row) co_return fail(ErrorCode::kNotFound, "There is no alert with this id.");
  co_return read_alert(*row);
}

Task<Result<Alert>> AlertService::act(std::string id, Act act, std::optional<TimeMs> snoozed_until, Run run) {
  CO_TRY(const Alert before, co_await show(std::move(id)));
  CO_TRY(const State after_state, decide_act(before.state, act));
  if (after_state == before.state && act != Act::kSnooze) co_return before;
  const TimeMs now = host_.clock.now();
  Alert after = before;
  after.state = after_state;
  after.snoozed_until = act == Act::kSnooze ? snoozed_until : std::nullopt;
  after.acted_by = std::string(by_.actor);
  after.acted_at = now;
  if (act == Act::kResolve) after.resolved_at = now;
  if (run == Run::kDry) co_return after;

  host::Batch batch;
  batch.add(store::kAuditAppendAlert).bind(now).bind(by_.request_id).bind(act_name(act)).bind(by_.actor);
  batch.bind(by_.address_hash).bind(by_.country).bind(by_.user_agent).bind(act_details(before, after.snoozed_until));
  batch.bind(before.id).bind(state_name(before.state));
  batch.add(store::kAlertAct).bind(before.id).bind(state_name(before.state)).bind(state_name(after.state));
  const std::string notice = new_notice(host_);
  const bool is_told = act == Act::kResolve;
  batch.bind(after.snoozed_until).bind(by_.actor).bind(now).bind(is_told ? std::optional<std::string_view>(notice) : std::nullopt);
  if (is_told) add_notify(batch, notice, kResolvedType, now);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  if (answer.num_rows(1) == 0) {
    co_return fail(ErrorCode::kConflict, "The alert was changed by someone else. Look at it and try again.");
  }
  co_return after;
}

Task<Result<std::vector<Rule>>> AlertService::rules() {
  host::Batch batch;
  batch.add(store::kAlertRuleList);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  std::vector<Rule> rules;
  for (size_t i = 0; i < kNumKinds; ++i) rules.push_back({.kind = static_cast<Kind>(i)});
  answer.each_row(0, [&](host::Row row) {
    const auto kind = parse_kind(row.text("kind"));
    if (!kind) return;  // of a newer build
    Rule& rule = rules[static_cast<size_t>(*kind)];
    rule.is_enabled = row.integer("enabled") != 0;
    rule.severity = parse_severity(row.text_or_null("severity").value_or(""));
    rule.updated_by = own(row.text_or_null("updated_by"));
    rule.updated_at = row.integer("updated_at");
  });
  co_return rules;
}

Task<Result<Rule>> AlertService::set_rule(Rule wanted, Run run) {
  const TimeMs now = host_.clock.now();
  wanted.updated_by = std::string(by_.actor);
  wanted.updated_at = now;
  if (run == Run::kDry) co_return wanted;
  const std::string details = rule_details(wanted);
  store::AuditRow audit = by_;
  audit.at = now;
  audit.action = "alert.rule_set";
  audit.details = details;
  host::Batch batch;
  batch.add(store::kAlertRulePut).bind(info_of(wanted.kind).name).bind(wanted.is_enabled ? 1 : 0);
  batch.bind(name_of(wanted.severity)).bind(by_.actor).bind(now);
  store::add_audit(batch, audit);
  CO_TRY_VOID(co_await host_.db.run(std::move(batch)));
  co_return wanted;
}

}  // namespace latchkey::alert
