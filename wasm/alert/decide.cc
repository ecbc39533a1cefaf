#include "alert/decide.h"

#include "base/limits.h"

namespace latchkey::alert {
namespace {

constexpr std::string_view kStates[] = {"pending", "open", "acknowledged", "resolved"};
constexpr std::string_view kActs[] = {"alert.acknowledged", "alert.snoozed", "alert.resolved"};
constexpr uint32_t kGone = 410;

}  // namespace

std::string_view state_name(State state) { return kStates[static_cast<size_t>(state)]; }

std::optional<State> parse_state(std::string_view name) {
  for (size_t i = 0; i < std::size(kStates); ++i) {
    if (kStates[i] == name) return static_cast<State>(i);
  }
  return std::nullopt;
}

std::string_view act_name(Act act) { return kActs[static_cast<size_t>(act)]; }

Result<State> decide_act(State before, Act act) {
  if (act == Act::kResolve) return State::kResolved;
  if (before == State::kResolved) {
    return fail(ErrorCode::kConflict, "The alert is resolved. If its cause comes back, it is raised anew.");
  }
  return act == Act::kAcknowledge ? State::kAcknowledged : before;
}

Fate decide_fate(const Attempt& attempt, TimeMs now) {
  if (attempt.is_taken) return {.is_delivered = true, .due_at = std::nullopt};
  if (attempt.status == kGone) return {.due_at = std::nullopt, .is_gone = true};
  if (attempt.is_last || attempt.number >= limits::kWebhookAttemptsMax) return {};
  return {.due_at = now + retry_delay(attempt.number - 1, limits::kWebhookRetryMsMax)};
}

}  // namespace latchkey::alert
