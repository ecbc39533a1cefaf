// UsageService: what admins ask about use and cost. Everything comes from the sums, which are behind the reports by a
// run of cron; a licence's standing comes from the ledger, which is not.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/task.h"
#include "budget/budget.h"
#include "forecast/forecast.h"
#include "host/host.h"
#include "pricing/money.h"

namespace latchkey::usage {

// Cut: how time is cut into the rows of an answer.
enum class Cut : uint8_t { kNone, kHour, kDay, kMonth, kHourOfDay, kWeekday };
std::string_view cut_name(Cut cut);  // hour, day, month, hour_of_day, weekday

// Question: sums from `from` to `until`, which it does not hold, by what is true below.
struct Question {
  TimeMs from = 0;
  TimeMs until = 0;
  Cut cut = Cut::kNone;
  bool by_plan = false, by_provider = false, by_model = false, by_machine = false;
  std::optional<std::string> plan, provider, model;
  // One licence's: then there is no plan to ask by, and by_machine and machine_id are allowed.
  std::optional<std::string> license_id;
  std::optional<std::string> machine_id;
};

struct Sum {
  int64_t requests = 0;
  int64_t input_tokens = 0, output_tokens = 0, cached_input_tokens = 0, reasoning_tokens = 0;
  pricing::Nano cost;
  int64_t unpriced = 0;
  void add(const Sum& other);
};

struct SumRow {
  std::optional<int64_t> time;  // milliseconds; of kHourOfDay and kWeekday a number (0 is Monday)
  std::optional<std::string> plan, provider, model, machine_id;
  Sum sum;
};

struct LicenseCost {
  std::string license_id;
  std::string code_hint, plan;  // empty of a licence that is no more
  int64_t requests = 0;
  pricing::Nano cost;
  int64_t unpriced = 0;
};

// Month: the days of one month (UTC) of which costs are told, and how many have gone; the running day has.
struct Month {
  int64_t first_day = 0;
  int64_t num_days = 0;
  int64_t days_gone = 0;
};
// month_of: that in which the day lies. Pure.
Month month_of(int64_t day, TimeMs now);

// PlanCost: what the licences of a plan that were used in a month cost, and what they bring in the days gone.
struct PlanCost {
  std::string plan;
  int64_t num_licenses = 0;
  pricing::Nano cost, median, p90, p99, max;  // quantiles of licences, by nearest rank
  std::optional<pricing::Nano> monthly_price;  // of the plan's newest version; each licence brings that of its own
  pricing::Nano revenue;
  int64_t num_unpriced = 0;             // licences whose plan says no price
  std::optional<pricing::Nano> margin;  // revenue less cost, of those that bring something
  int64_t num_losing = 0;               // licences that cost more than they bring
};

// DailyRow: one row of an export. The key is where a page ends.
struct DailyKey {
  int64_t day = 0;
  std::string license_id, provider, model, machine_id;
  friend bool operator==(const DailyKey&, const DailyKey&) = default;
};
struct DailyRow {
  DailyKey key;
  Sum sum;
};
struct DailyPage {
  std::vector<DailyRow> rows;
  std::optional<DailyKey> next;
};

// LicenseUsage: where a licence stands in its budget, and when that ends.
struct LicenseUsage {
  budget::Budget budget;
  budget::Spent spent;
  struct Day {
    int64_t day = 0;
    int64_t requests = 0;
    pricing::Nano cost;
    int64_t unpriced = 0;
  };
  std::vector<Day> days;  // of limits::kForecastDaysMax, those with use, oldest first
  struct Ahead {
    budget::Standing standing;
    forecast::Forecast forecast;
  };
  std::vector<Ahead> ahead;  // of each limit; without limits of the month's end
};

// look_ahead: what the days make probable, for each limit. Pure.
std::vector<LicenseUsage::Ahead> look_ahead(const LicenseUsage& usage, TimeMs now);

class UsageService {
 public:
  explicit UsageService(host::Host& host) : host_(host) {}

  // sums: one trip. kInvalidRequest where the answer would have more than limits::kUsageRowsShown rows.
  Task<Result<std::vector<SumRow>>> sums(const Question& question);
  // top: the licences that cost most on days from `first` to `end`, which it does not hold. One trip.
  Task<Result<std::vector<LicenseCost>>> top(int64_t first, int64_t end, uint32_t rows_max);
  // plans: the costs of a month by plan, dearest first. One trip.
  Task<Result<std::vector<PlanCost>>> plans(const Month& month);
  // daily: a page of sums by day. One trip.
  Task<Result<DailyPage>> daily(const DailyKey& after, int64_t end, const std::optional<std::string>& license_id,
                                uint32_t rows_max);
  // license: one trip. kNotFound where there is none.
  Task<Result<LicenseUsage>> license(std::string_view license_id);

 private:
  host::Host& host_;
};

}  // namespace latchkey::usage
