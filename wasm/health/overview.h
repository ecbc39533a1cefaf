// Overview: the service at one look: its figures, and what the models cost, with a forecast of the month.
#pragma once

#include <span>
#include <vector>

#include "base/task.h"
#include "forecast/forecast.h"
#include "health/figures.h"
#include "host/host.h"

namespace latchkey::health {

struct DayCost {
  int64_t day = 0;  // since 1970-01-01, UTC
  int64_t requests = 0;
  int64_t cost = 0;  // nano-dollars
  int64_t unpriced = 0;
};

struct Overview {
  Figures figures;
  std::vector<DayCost> days;  // with use, oldest first, of the last limits::kOverviewDays
  bool is_capped = false;     // days are missing in front: there are more than limits::kOverviewRowsMax rows of them
};

// load_overview: one round trip. kUnavailable where D1 does not answer.
Task<Result<Overview>> load_overview(host::Host& host);

// Costs: of the running day and month, by UTC.
struct Costs {
  DayCost today;
  DayCost month;  // `day` is its first
  forecast::Forecast forecast;  // to the month's end
};

// sum_costs: what `days`, which are in order, come to. Pure.
Costs sum_costs(std::span<const DayCost> days, TimeMs now);

}  // namespace latchkey::health
