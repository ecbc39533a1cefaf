// Rows of the tables: what is read is what was written, and what somebody else wrote counts as nothing.
#include "anomaly/rows.h"

#include "anomaly_world.h"

namespace latchkey::anomaly {
namespace {

host::BatchAnswer answer_of(AnomalyWorld& world, const std::string& columns) {
  return world.host.query("SELECT " + columns);
}

const std::string kHourColumns =
    "'lic_1' AS license_id, 5 AS requests, 700 AS tokens, 9 AS cost, '[\"a\",\"b\",7]' AS models, '[\"DE\"]' AS countries, "
    "2 AS windows_over, 3 AS machines_refused, ";

TEST(LicenseRow, of_one_that_is_new_has_an_empty_trail_and_no_alarm) {
  AnomalyWorld world;
  const auto answer = answer_of(world, kHourColumns + "NULL AS trail, NULL AS hour, NULL AS alarm_hour, NULL AS alarm_score, "
                                                      "NULL AS alarm_reasons");
  const LicenseHour license = read_license_hour(answer.row(0, 0), 77);
  EXPECT_EQ(license.license_id, "lic_1");
  EXPECT_EQ(license.hour.hour, 77);
  EXPECT_EQ(license.hour.requests, 5);
  EXPECT_EQ(license.hour.tokens, 700);
  EXPECT_EQ(license.hour.cost, 9);
  EXPECT_EQ(license.hour.models, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(license.hour.countries, (std::vector<std::string>{"DE"}));
  EXPECT_EQ(license.hour.limited, 2 * limits::kAnomalyLimitedPerWindow);
  EXPECT_EQ(license.hour.machines_refused, 3);
  EXPECT_TRUE(read_trail(license.trail).empty());
  EXPECT_EQ(license.done_hour, std::nullopt);
  EXPECT_EQ(license.alarm, std::nullopt);
}

TEST(LicenseRow, keeps_an_alarm_whose_reasons_somebody_broke) {
  AnomalyWorld world;
  const auto answer = answer_of(world, kHourColumns + "'x' AS trail, 70 AS hour, 60 AS alarm_hour, 90 AS alarm_score, "
                                                      "'x' AS alarm_reasons");
  const LicenseHour license = read_license_hour(answer.row(0, 0), 77);
  EXPECT_EQ(license.done_hour, 70);
  EXPECT_EQ(license.alarm, (Alarm{.hour = 60, .score = 90, .reasons = "[]"}));
}

TEST(Printed, rows_are_json_as_the_statements_take_them) {
  const Score score{.points = 70, .has_baseline = true, .reasons = {{"rate", 600, 70, "600 \"requests\"."}}};
  EXPECT_EQ(print_reasons(score),
            R"([{"points":70,"sentence":"600 \"requests\".","signal":"rate","value":600}])");
  LicenseHour license{.license_id = "lic_1", .hour = {.hour = 77}, .trail = {}, .done_hour = {}, .alarm = {}};
  EXPECT_EQ(print_license(license, {}, {}, 5),
            R"({"license_id":"lic_1","trail":{"recent":[],"days":[],"models":[],"countries":[]},"hour":77,"score":0,)"
            R"("has_baseline":0,"reasons":[],"scored_at":5})");
  license.alarm = Alarm{.hour = 77, .score = 70, .reasons = "[]"};
  EXPECT_NE(print_license(license, {}, score, 5)
                .find(R"("score":70,"has_baseline":1,"reasons":[{"points":70,)"
                      R"("sentence":"600 \"requests\".","signal":"rate","value":600}],"alarm_hour":77,"alarm_score":70,)"
                      R"("alarm_reasons":[],"scored_at":5})"),
            std::string::npos);
  const AddressHour address{.address_hash = "a", .tries = {.hour = 77, .refused = 9, .codes = 8}, .trail = {},
                            .done_hour = {}, .alarm_hour = 77};
  EXPECT_EQ(print_address(address, {{.hour = 77, .refused = 9, .codes = 8}}, {}, 5),
            R"({"address_hash":"a","tries":[[77,9,8]],"hour":77,"score":0,"reasons":[],"alarm_hour":77,"scored_at":5})");
}

}  // namespace
}  // namespace latchkey::anomaly
