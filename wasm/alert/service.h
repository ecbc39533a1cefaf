// AlertService: alerts as admins see them, and the rules of their kinds.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "alert/decide.h"
#include "alert/kinds.h"
#include "base/run.h"
#include "base/task.h"
#include "host/host.h"
#include "store/audit.h"

namespace latchkey::alert {

struct Alert {
  std::string id;
  std::string kind;
  std::string subject;
  std::string severity;
  int64_t level = 0;
  State state = State::kOpen;
  std::string details;  // JSON object
  int64_t count = 1;
  TimeMs first_at = 0;
  TimeMs last_at = 0;
  std::optional<TimeMs> snoozed_until;
  std::optional<std::string> acted_by;
  std::optional<TimeMs> acted_at;
  std::optional<TimeMs> resolved_at;
};

struct AlertFilter {
  std::optional<State> state;
  std::optional<Severity> severity;
  std::optional<Kind> kind;
};

struct AlertPage {
  std::vector<Alert> alerts;
  std::optional<std::string> next_id;  // go on after this one; nullopt: the last page
};

// Rule: a kind, and what an admin set of it.
struct Rule {
  Kind kind;
  bool is_enabled = true;
  std::optional<Severity> severity;  // nullopt: the kind's own
  std::optional<std::string> updated_by;
  std::optional<TimeMs> updated_at;
};

class AlertService {
 public:
  // `by`: an audit row that says who acts and when; its action and details are set here. Both outlive this.
  AlertService(host::Host& host, const store::AuditRow& by) : host_(host), by_(by) {}

  // list: newest first.
  Task<Result<AlertPage>> list(AlertFilter filter, std::string after_id, uint32_t rows_max);
  Task<Result<Alert>> show(std::string id);
  // act: done twice it changes nothing, but for a snooze. kConflict where the alert's state does not allow it, or somebody
  // was quicker. `snoozed_until`: of a snooze.
  Task<Result<Alert>> act(std::string id, Act act, std::optional<TimeMs> snoozed_until, Run run);
  // rules: of every kind, in the order of their names.
  Task<Result<std::vector<Rule>>> rules();
  Task<Result<Rule>> set_rule(Rule wanted, Run run);

 private:
  host::Host& host_;
  const store::AuditRow& by_;
};

}  // namespace latchkey::alert
