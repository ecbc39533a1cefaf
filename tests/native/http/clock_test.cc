// A clock that goes back, as it does when a machine sets its time: nothing fails that did not before, nothing
// that was counted is forgotten, and nothing is remembered for longer than it may.
#include <gtest/gtest.h>

#include <functional>

#include "maintenance/scheduled.h"
#include "support/service_world.h"

namespace latchkey::http {
namespace {

using test::header_of;
using test::ServiceWorld;
using test::text_of;

const std::string kLicense = "/admin/licenses/" + test::LicenseRow().id;
constexpr std::string_view kAsk = R"({"license_id":"WRITER-2024-ABC","machine_id":"machine-1")";

std::string ask(std::string_view more = {}) { return std::string(kAsk) + std::string(more) + "}"; }

void cron(ServiceWorld& world) {
  host::Host own(world.host.platform(), world.host.new_request(), 5000);
  world.host.run(maintenance::run_scheduled(own, world.config()));
}

// A life: what clients and admins do with one licence, as steps that give a status each.
using Step = std::function<uint32_t(ServiceWorld&)>;
std::vector<Step> life() {
  const auto admin = [](std::string method, std::string path, std::string body) {
    return [=](ServiceWorld& world) { return world.admin(method, path, body).status; };
  };
  const auto provision = [](ServiceWorld& world) { return world.post("/keys/provision", ask()).status; };
  return {
      provision,
      [](ServiceWorld& world) { return world.post("/keys/status", ask()).status; },
      [](ServiceWorld& world) {
        const auto given = world.post("/keys/provision", ask());
        return world
            .send({.method = "GET",
                   .path = "/keys/status",
                   .headers = {{"authorization", "Bearer " + text_of(given, "receipt")}}})
            .status;
      },
      admin("POST", "/admin/rotations", R"({"provider":"kimi","api_key":"sk-kimi-next","verify":false})"),
      [](ServiceWorld& world) { return cron(world), 200u; },
      provision,
      admin("POST", "/admin/tokens", R"({"name":"ann","scopes":["licenses:read"]})"),
      admin("PATCH", kLicense, R"({"note":"ours","max_machines":2})"),
      admin("POST", kLicense + "/suspend", {}),
      admin("POST", kLicense + "/reinstate", {}),
      admin("GET", kLicense + "/history", {}),
      provision,
      admin("POST", kLicense + "/reissue", R"({"code":"WRITER-2024-NEW"})"),
      admin("POST", kLicense + "/reissue", R"({"code":"WRITER-2024-ABC"})"),
      [](ServiceWorld& world) { return cron(world), 200u; },
      admin("GET", "/admin/licenses", {}),
      provision,
  };
}

std::vector<uint32_t> live(size_t back_before, TimeMs by) {
  ServiceWorld world;
  world.add_license({});
  std::vector<uint32_t> statuses;
  size_t position = 0;
  for (const Step& step : life()) {
    if (position++ == back_before) world.host.clock.advance(-by);
    statuses.push_back(step(world));
    world.host.clock.advance(kSecondMs);
  }
  EXPECT_EQ(world.seats_used(), 1);
  EXPECT_EQ(world.hits(world.license_subject()), 6) << "each request of the client counts once";
  return statuses;
}

TEST(ClockGoesBack, at_any_moment_and_all_that_worked_works) {
  const std::vector<uint32_t> straight = live(SIZE_MAX, 0);
  for (const uint32_t status : straight) EXPECT_LT(status, 300u);
  for (const TimeMs by : {2 * kSecondMs, 2 * kHourMs, 3 * kDayMs}) {
    for (size_t position = 0; position < straight.size(); ++position) {
      EXPECT_EQ(live(position, by), straight) << "back by " << by << " ms before step " << position;
    }
  }
}

TEST(ClockGoesBack, and_a_limit_is_not_forgotten) {
  ServiceWorld world({{"RATE_LIMIT_LICENSE_PER_HOUR", "3"}});
  world.add_license({});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(world.post("/keys/provision", ask()).status, 200u);
  world.host.clock.advance(-30 * kMinuteMs);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(world.post("/keys/provision", ask()).status, 429u);
    world.restart();
  }
  world.host.clock.advance(kHourMs + 30 * kMinuteMs);
  EXPECT_EQ(world.post("/keys/provision", ask()).status, 200u);
}

// What KV said is kept for ten seconds: of a clock that goes back, ten seconds are not two hours.
TEST(ClockGoesBack, and_what_kv_said_is_asked_again) {
  ServiceWorld world;
  world.add_license({});
  const auto given = world.post("/keys/provision", ask());
  const std::string degraded = ask(R"(,"receipt":")" + text_of(given, "receipt") + "\"");
  cron(world);
  world.host.set_fault(host::OpKind::kDbBatch, test::Fault::kNotPerformed);
  const auto num_reads = [&] {
    const size_t before = world.host.count(host::OpKind::kKvGet);
    EXPECT_EQ(world.post("/keys/provision", degraded).status, 200u);
    return world.host.count(host::OpKind::kKvGet) - before;
  };
  const size_t fresh = num_reads();
  EXPECT_LT(num_reads(), fresh) << "the second within ten seconds finds the ring in the isolate";
  world.host.clock.advance(-2 * kHourMs);
  EXPECT_EQ(num_reads(), fresh);
}

}  // namespace
}  // namespace latchkey::http
