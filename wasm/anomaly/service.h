// Anomalies: cron scores each hour of each licence once it is over, and the addresses that tried codes out in it, and
// alerts; admins look. Nothing here is on the way of a provision.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "anomaly/rows.h"
#include "base/result.h"
#include "base/task.h"
#include "host/host.h"

namespace latchkey::anomaly {

// watch: cron's part. It notes what is new in the audit log (at most limits::kAnomalyAuditSlicesPerRun slices of
// limits::kAnomalyRowsPerSlice rows), then scores hours that are over and complete (at most
// limits::kAnomalySlicesPerRun slices of limits::kAnomalyLicensesPerSlice licences of one hour), and ends alarms that
// are quiet for limits::kAnomalyQuietMs. A slice is a read and a batch, which moves the walk and everything that came of
// it together, and takes effect only if nobody moved the walk meanwhile. One read where there is nothing to do.
Task<Result<Void>> watch(host::Host& host);

// add_retention: deletes what is old: four tables, limits::kAnomalyRowsPerRetention rows of each.
void add_retention(host::Batch& batch, TimeMs now);

// Shown: a licence as admins see it.
struct Shown {
  std::string license_id;
  std::string code_hint;
  std::string plan;
  std::string status;
  Trail trail;
  // Of the last hour that was scored; nullopt: none was.
  std::optional<int64_t> hour;
  int64_t score = 0;
  bool has_baseline = false;
  std::string reasons = "[]";
  std::optional<TimeMs> scored_at;
  std::optional<Alarm> alarm;
  // Its alert, where one is not resolved.
  struct Alert {
    std::string id;
    std::string state;
    int64_t count = 0;
    TimeMs since = 0;
  };
  std::optional<Alert> alert;
};
// show: kNotFound where there is no such licence; one that was never used has no hour.
Task<Result<Shown>> show(host::Host& host, std::string_view license_id);

}  // namespace latchkey::anomaly
