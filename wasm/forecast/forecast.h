// Forecast: when a budget reaches its limit, and what it will have spent at its period's end, each with an interval
// that is to hold four times in five. Pure: the same days give the same answer everywhere.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/time.h"
#include "forecast/model.h"

namespace latchkey::forecast {

// Spending: in nano-dollars, by days in UTC.
struct Spending {
  std::span<const int64_t> days;  // whole ones, oldest first; the last is yesterday
  int64_t today = 0;              // since midnight
};

struct Budget {
  int64_t spent = 0;  // in its period so far, today included
  int64_t limit = 0;
  TimeMs ends_at = 0;  // its period
};

// Outlook: times are in the future, but for a limit that is reached already: that is now.
struct Outlook {
  std::optional<TimeMs> reached_at;  // nullopt: not before `until`
  std::optional<TimeMs> earliest;    // one time in ten it is reached before this; nullopt: not even then
  std::optional<TimeMs> latest;      // one time in ten it is reached after this, or not at all: nullopt
  TimeMs until = 0;  // the period's end, or limits::kForecastHorizonDays from now where that is earlier
  int64_t sum = 0;   // of the period, at `until`
  int64_t sum_low = 0;
  int64_t sum_high = 0;
};

struct Forecast {
  Method method = Method::kTooLittle;
  size_t days = 0;                 // of history; what is before the first day with spending does not count
  std::optional<Outlook> outlook;  // nullopt: fewer than limits::kForecastDaysMin days, so nothing is said
};

Forecast predict(const Spending& spending, const Budget& budget, TimeMs now);

std::string_view method_name(Method method);

}  // namespace latchkey::forecast
