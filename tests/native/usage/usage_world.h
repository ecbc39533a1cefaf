// UsageWorld: a licence with a machine that reports, and what the database makes of it.
#pragma once

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "support/drivers.h"
#include "support/service_world.h"
#include "usage/report.h"
#include "usage/roll_up.h"

namespace latchkey::usage {

inline constexpr std::string_view kMachine = "machine-1";
inline constexpr std::string_view kMachineRow = "mch_one";
inline constexpr TimeMs kNow = test::kTestStart;

struct UsageWorld : test::ServiceWorld {
  explicit UsageWorld(std::vector<std::pair<std::string, std::string>> changed = {})
      : ServiceWorld(std::move(changed)) {
    add_license({});
    add_machine(test::LicenseRow().id, machine_hash().text(), kMachineRow);
  }

  crypto::TokenHash machine_hash(std::string_view machine = kMachine) const { return request(machine).machine_hash; }
  Reporter reporter() const { return {.code_hash = request().code_hash, .machine_hash = machine_hash()}; }

  static Event event(std::string id, int64_t input = 1000, TimeMs at = kNow) {
    return {.event_id = std::move(id),
            .provider = "deepseek",
            .model = "deepseek-chat",
            .tokens = {.input = input, .output = 500},
            .at = at};
  }
  Sorter sorter(std::vector<Event> events) const {
    Sorter sorter(host.clock.now());
    for (size_t i = 0; i < events.size(); ++i) {
      events[i].index = i;
      sorter.add(std::move(events[i]));
    }
    return sorter;
  }

  Task<Result<ReportOutcome>> report_task(provision::Client client, Reporter reporter, Sorter sorter) {
    host::Host own(host.platform(), host.new_request(), 5000);
    ReportService service(own, app.config, app.usage, app.shared.known_over);
    co_return co_await service.report(client, reporter, sorter);
  }
  Result<ReportOutcome> report(Reporter reporter, std::vector<Event> events) {
    return host.run(report_task(client(), std::move(reporter), sorter(std::move(events))));
  }
  Result<ReportOutcome> report(std::vector<Event> events) { return report(reporter(), std::move(events)); }

  Task<bool> roll_up_task() {
    host::Host own(host.platform(), host.new_request(), 5000);
    const auto all = co_await roll_up(own);
    co_return all.has_value() && *all;
  }
  bool roll() { return host.run(roll_up_task()); }

  // set_prices: the next version, in force at once. Dollars for a million tokens.
  void set_prices(std::string_view input, std::string_view output, std::string_view model = "deepseek-chat") {
    host.query(std::move(host::Batch()
                             .add("INSERT INTO prices (version, body, created_at, created_by) SELECT "
                                  "ifnull(max(version), 0) + 1, ?1, 1, 'admin:x' FROM prices")
                             .bind(R"({"rows":[{"provider":"deepseek","model":")" + std::string(model) +
                                   R"(","effective_from":"2020-01-01T00:00:00Z","input":")" + std::string(input) +
                                   R"(","output":")" + std::string(output) + R"("}],"aliases":[]})")));
  }
  void set_budget(const budget::Budget& budget) {
    host.query(std::move(host::Batch().add("UPDATE licenses SET budget = ?1").bind(budget::print_budget(budget))));
  }

  int64_t num_events() { return scalar("SELECT count(*) AS value FROM usage_events"); }
  // expect_sound: the ledger is what the events say, and the sums are what those of them say that they hold.
  void expect_sound() {
    EXPECT_EQ(scalar("SELECT count(*) AS value FROM (SELECT license_id, at / 86400000 AS day, count(*) AS n, "
                     "ifnull(sum(cost), 0) AS cost, count(*) - count(cost) AS unpriced FROM usage_events GROUP BY 1, 2 "
                     "EXCEPT SELECT license_id, day, requests, cost, unpriced FROM license_spend)"),
              0);
    EXPECT_EQ(scalar("SELECT (SELECT ifnull(sum(requests), 0) FROM license_spend) - (SELECT count(*) FROM usage_events) "
                     "AS value"),
              0);
    for (const std::string_view table : {"usage_hourly", "usage_daily", "usage_totals"}) {
      const std::string name(table);
      EXPECT_EQ(scalar("SELECT (SELECT json_array(ifnull(sum(requests), 0), ifnull(sum(input_tokens), 0), "
                       "ifnull(sum(output_tokens), 0), ifnull(sum(cached_input_tokens), 0), "
                       "ifnull(sum(reasoning_tokens), 0), ifnull(sum(cost), 0), ifnull(sum(unpriced), 0)) FROM " + name +
                       ") = (SELECT json_array(count(*), ifnull(sum(input_tokens), 0), ifnull(sum(output_tokens), 0), "
                       "ifnull(sum(cached_input_tokens), 0), ifnull(sum(reasoning_tokens), 0), ifnull(sum(cost), 0), "
                       "count(*) - count(cost)) FROM usage_events WHERE seq <= (SELECT usage_rolled_seq FROM state)) "
                       "AS value"),
                1)
          << name;
    }
  }
};

}  // namespace latchkey::usage
