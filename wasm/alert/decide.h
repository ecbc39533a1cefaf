// What may be done to an alert, and what becomes of a message that was posted. Pure.
//
//   (pending) -> open <-> acknowledged -> resolved
//
// A snooze keeps an alert where it is and quiet until it ends.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace latchkey::alert {

enum class State : uint8_t { kPending, kOpen, kAcknowledged, kResolved };
std::string_view state_name(State state);
std::optional<State> parse_state(std::string_view name);

enum class Act : uint8_t { kAcknowledge, kSnooze, kResolve };
std::string_view act_name(Act act);  // of the audit log: alert.acknowledged

// decide_act: the state after it; kConflict where the alert is resolved already, unless that is what is asked.
Result<State> decide_act(State before, Act act);

// Attempt: what a receiver did with a message.
struct Attempt {
  uint32_t status = 0;  // 0: no answer
  bool is_taken = false;
  bool is_last = false;   // of a test: it is not tried again
  int64_t number = 1;     // this one counted in
};
// Fate: what becomes of the message.
struct Fate {
  bool is_delivered = false;
  std::optional<TimeMs> due_at;  // tried again then; nullopt: delivered or given up
  bool is_gone = false;          // the receiver wants nothing any more: 410
};
Fate decide_fate(const Attempt& attempt, TimeMs now);

}  // namespace latchkey::alert
