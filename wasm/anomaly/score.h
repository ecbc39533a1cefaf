// Score: how unlike a licence's own use an hour was, 0 to 100, and why. Pure. README.md has each signal with its
// formula and reason.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "anomaly/trail.h"

namespace latchkey::anomaly {

// Reason: one signal that counted. `points` of the score are its.
struct Reason {
  std::string_view signal;
  int64_t value = 0;
  int64_t points = 0;
  std::string sentence;
};

struct Score {
  int64_t points = 0;
  bool has_baseline = false;  // otherwise only what is odd of any licence counted
  std::vector<Reason> reasons;  // most points first
  bool is_alarm() const;        // at limits::kAnomalyAlarm
};

// score: of an hour against the days before its own. The same whether the hour was folded already or not.
Score score(const Trail& trail, const Hour& hour);

// Habits: what a trail comes to, for people.
struct Habits {
  int64_t days = 0;  // with use
  int64_t requests_per_day = 0;
  int64_t peak_requests = 0;        // of its highest hour
  std::vector<int64_t> usual_hours;  // of the day, UTC: what is used in others is unusual
};
Habits habits_of(const Trail& trail);

}  // namespace latchkey::anomaly
