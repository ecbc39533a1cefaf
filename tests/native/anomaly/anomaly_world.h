// AnomalyWorld: a service whose sums say how licences were used, and a cron that scores their hours.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "anomaly/service.h"
#include "maintenance/scheduled.h"
#include "store/audit.h"
#include "support/drivers.h"
#include "support/service_world.h"

namespace latchkey::anomaly {

inline const std::string kLicense = test::LicenseRow().id;
inline constexpr int64_t kNow = test::kTestStart / kHourMs;  // an hour that begins with the test, at noon
inline constexpr int64_t kDays = 20;

struct AnomalyWorld : test::ServiceWorld {
  int num_rows_made = 0;
  std::vector<ErrorCode> errors;

  AnomalyWorld() { add_license({}); }

  std::string add_other(int number) {
    const std::string text = std::to_string(1000 + number);
    const std::string id = "lic_0000000000000000000000" + text;
    add_license({.id = id, .code = "WRITER-2024-" + text});
    return id;
  }

  // use: what the sums say of an hour.
  void use(int64_t hour, int64_t requests, const std::string& license = kLicense, const std::string& model = "gpt-5") {
    host.query(std::move(
        host::Batch()
            .add("INSERT INTO usage_hourly (license_id, hour, provider, model, machine_id, requests, input_tokens, "
                 "output_tokens, cached_input_tokens, reasoning_tokens, cost, unpriced, seq) VALUES (?1, CAST(?2 AS INTEGER), "
                 "'openai', ?4, 'mch_1', CAST(?3 AS INTEGER), CAST(?3 AS INTEGER) * 900, CAST(?3 AS INTEGER) * 100, 0, 0, "
                 "CAST(?3 AS INTEGER) * 1000000, 0, 1)")
            .bind(license)
            .bind(hour)
            .bind(requests)
            .bind(model)));
  }
  // use_usually: 9 to 17 o'clock of each of the last days.
  void use_usually(const std::string& license = kLicense, int64_t days = kDays) {
    const int64_t midnight = kNow / 24 * 24;
    for (int64_t day = 1; day <= days; ++day) {
      for (int64_t hour = 9; hour < 17; ++hour) use(midnight - day * 24 + hour, 20 + (day + hour) % 5, license);
    }
  }

  // audit: one row, as a request leaves it.
  void audit(store::AuditRow row) {
    const std::string request_id = "req_made_" + std::to_string(++num_rows_made);
    row.request_id = request_id;
    row.actor = "client";
    host::Batch batch;
    store::add_audit(batch, row);
    host.query(std::move(batch));
  }

  Task<> cron_task() {
    host::Host own(host.platform(), host.new_request(), 5000);
    co_await maintenance::run_scheduled(own, config());
  }
  void cron() { host.run(cron_task()); }
  // watch_task: the one step of cron, and whether it failed.
  Task<> watch_task() {
    host::Host own(host.platform(), host.new_request(), 5000);
    const auto watched = co_await watch(own);
    if (!watched) errors.push_back(watched.error().code());
  }
  void watch_once() { host.run(watch_task()); }
  // catch_up: until nothing is left to do.
  void catch_up() {
    for (int64_t revision = 0, before = -1; revision != before;) {
      before = revision;
      watch_once();
      revision = scalar("SELECT revision AS value FROM anomaly_walk");
    }
  }
  // end_hour: as if the hour and its grace were over.
  void end_hour(int64_t hour) {
    host.clock.advance((hour + 1) * kHourMs + limits::kAnomalyGraceMs - host.clock.now());
  }

  int64_t num_alerts(const std::string& kind, const std::string& state = "open") {
    return scalar("SELECT count(*) AS value FROM alerts WHERE kind = '" + kind + "' AND state = '" + state + "'");
  }
  int64_t alert_count() { return scalar("SELECT ifnull(sum(count), 0) AS value FROM alerts"); }
  int64_t num_trails() { return scalar("SELECT count(*) AS value FROM anomaly_trails"); }
  int64_t scored_hour(const std::string& license = kLicense) {
    return scalar("SELECT ifnull(max(hour), 0) AS value FROM anomaly_trails WHERE license_id = '" + license + "'");
  }
  std::string text(std::string_view sql) { return std::string(host.query(sql).row(0, 0).text("value")); }

  Shown shown(const std::string& license = kLicense) {
    host::Host own(host.platform(), host.new_request(), 5000);
    auto found = host.run(show(own, license));
    EXPECT_TRUE(found.has_value());
    return std::move(*found);
  }
};

}  // namespace latchkey::anomaly
