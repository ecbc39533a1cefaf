// A thousand machines through a rotation, a fifth of them away for a while: none loses a refresh, and the key that
// each one works with is one that the provider takes.
#include "rotation_world.h"

namespace latchkey::rotation {
namespace {

constexpr int kNumMachines = 1000;
constexpr int kNumDays = 60;
constexpr int kRotationDay = 10;

struct Machine {
  std::string name;
  std::string key;
  int refresh_day = 0;  // the day it comes by next
  int back_day = 0;     // away until then
};

struct Simulation : RotationWorld {
  std::vector<Machine> machines;
  int64_t num_refreshes = 0;
  int day = 0;

  Simulation() {
    add_license({.id = "lic_00000000000000000000000009", .code = "WRITER-2024-MANY", .max_machines = kNumMachines});
    for (int i = 0; i < kNumMachines; ++i) machines.push_back({.name = "m" + std::to_string(i), .refresh_day = i % 7});
  }

  void refresh(Machine& machine) {
    ++num_refreshes;
    const auto outcome = provision(request(machine.name, provision::Delivery::kPlain, "WRITER-2024-MANY"));
    ASSERT_TRUE(outcome.has_value() && outcome->grant.has_value()) << machine.name << " on day " << day;
    machine.key = key_in(*outcome);
    machine.refresh_day = day + static_cast<int>(limits::kRefreshAfterMs / kDayMs);
  }

  void live_through_a_day() {
    host.query(std::move(host::Batch().add("DELETE FROM rate_limits")));  // An hour's limits, not a day's.
    app.shared.known_over = {};
    for (Machine& machine : machines) {
      if (day < machine.back_day) continue;
      const bool is_due = day >= machine.refresh_day;
      if (is_due) refresh(machine);
      if (!machine.key.empty()) EXPECT_TRUE(accepted.contains(machine.key)) << machine.name << " on day " << day;
    }
    cron();
    host.clock.advance(kDayMs);
  }
};

TEST(Simulation, of_a_rotation_beside_a_thousand_machines_loses_no_refresh) {
  Simulation world;
  world.app.config = test::test_config({{"RATE_LIMIT_IP_PER_HOUR", "100000"}, {"RATE_LIMIT_LICENSE_PER_HOUR", "100000"}});
  std::string id;
  for (world.day = 0; world.day < kNumDays; ++world.day) {
    if (world.day == kRotationDay - 1) {
      // A fifth leaves for up to three weeks, on both sides of the publishing.
      for (int i = 0; i < kNumMachines; i += 5) world.machines[static_cast<size_t>(i)].back_day = kRotationDay + 1 + i % 20;
    }
    if (world.day == kRotationDay) {
      id = world.started();
      EXPECT_EQ(test::text_of(world.act(id, "publish"), "state"), "published");
    }
    // The operator deletes the old key once it is said to be retired.
    if (!id.empty() && world.state_of(id) == "retired") world.accepted.erase(kOldKey);
    world.live_through_a_day();
    if (::testing::Test::HasFailure()) return;
  }
  EXPECT_EQ(world.state_of(id), "retired");
  EXPECT_FALSE(world.accepted.contains(kOldKey));
  for (const Machine& machine : world.machines) EXPECT_EQ(machine.key, kNewKey);
  EXPECT_GT(world.num_refreshes, kNumMachines * 7);
  EXPECT_EQ(world.num_audits("provision.denied"), 0);
}

}  // namespace
}  // namespace latchkey::rotation
