#include "usage/roll_up.h"

#include <algorithm>

#include "base/limits.h"
#include "budget/budget.h"
#include "json/writer.h"
#include "store/queries.h"
#include "usage/alerts.h"

namespace latchkey::usage {
namespace {

std::string print_ids(const std::vector<std::string>& ids) {
  json::Writer out;
  out.begin_array();
  for (const std::string& id : ids) out.string(id);
  out.end_array();
  return std::move(out).take();
}

}  // namespace

Task<Result<bool>> roll_up(host::Host& host) {
  host::Batch look;
  look.add(store::kUsageRollLook);
  CO_TRY(const host::BatchAnswer answer, co_await host.db.run(std::move(look)));
  int64_t from = answer.row(0, 0).integer("usage_rolled_seq");
  const int64_t newest = answer.row(0, 0).integer("newest_seq");
  for (uint32_t run = 0; run < limits::kUsageRollRunsMax && from < newest; ++run) {
    const int64_t to = std::min<int64_t>(newest, from + limits::kUsageRollEventsPerRun);
    CO_TRY(const UsageAlerts alerts, co_await look_at(host, from, to));
    std::vector<alert::Cause> ended;
    for (const std::string& subject : alerts.ended) ended.push_back({alert::Kind::kBudgetThreshold, subject});
    host::Batch batch;
    for (const std::string_view sums : {store::kUsageRollSpend, store::kUsageRollHourly, store::kUsageRollDaily,
                                        store::kUsageRollTotals}) {
      batch.add(sums).bind(from).bind(to);
    }
    batch.add(store::kUsageRollMove).bind(from).bind(to);
    if (!alerts.outdated.empty()) batch.add(store::kLicenseTouchMany).bind(print_ids(alerts.outdated));
    alert::add_raise(batch, host, alerts.raises);
    alert::add_clear(batch, host, ended);
    CO_TRY_VOID(co_await host.db.run(std::move(batch)));
    from = to;
  }
  co_return from >= newest;
}

void add_retention(host::Batch& batch, const config::Config& config, TimeMs now) {
  constexpr uint32_t rows = limits::kUsageRowsPerRetention;
  const int64_t first_day = budget::day_of(now - limits::kUsageDailyKeptMs);
  batch.add(store::kUsageEventDeleteOld).bind(now - config.usage_retention_days * kDayMs).bind(rows);
  batch.add(store::kUsageHourlyDeleteOld).bind((now - limits::kUsageHourlyKeptMs) / kHourMs).bind(rows);
  batch.add(store::kUsageDailyDeleteOld).bind(first_day).bind(rows);
  batch.add(store::kUsageTotalsDeleteOld).bind(first_day * 24).bind(rows);
  batch.add(store::kLicenseSpendFoldOld).bind(first_day).bind(rows);
  batch.add(store::kLicenseSpendDeleteOld).bind(first_day).bind(rows);
}

}  // namespace latchkey::usage
