// A licence that ends so long after its first use: the first grant sets the end, before anything leaves.
#include <gtest/gtest.h>

#include "admin/licenses.h"
#include "edge/copy.h"
#include "maintenance/scheduled.h"
#include "support/drivers.h"
#include "support/service_world.h"

namespace latchkey::provision {
namespace {

using test::FaultPoint;
using test::kTestStart;
using test::LicenseRow;
using test::ServiceWorld;

constexpr TimeMs kLength = 5 * kDayMs;

struct FirstUse : ServiceWorld {
  std::vector<ErrorCode> errors;
  std::vector<TimeMs> told;  // the ends of what was granted
  int num_refused = 0;
  FirstUse() {
    add_license({.expires_at = std::nullopt});
    host.query("UPDATE licenses SET first_use_days = 5");
  }
  std::optional<TimeMs> end() {
    return host.query("SELECT expires_at FROM licenses").row(0, 0).integer_or_null("expires_at");
  }
};

Task<> ask(FirstUse& world, std::string_view machine, Delivery delivery = Delivery::kPlain) {
  const auto outcome = co_await world.provision_task(world.client(), world.request(machine, delivery));
  if (!outcome) world.errors.push_back(outcome.error().code());
  else if (outcome->grant) world.told.push_back(outcome->grant->times.expires_at);
  else ++world.num_refused;
}

TEST(FirstUse, sets_the_end_once_and_the_answer_keeps_to_it) {
  FirstUse world;
  world.host.run(ask(world, "machine-1"));
  EXPECT_EQ(world.end(), kTestStart + kLength);
  world.host.clock.advance(kDayMs);
  world.host.run(ask(world, "machine-2"));
  EXPECT_EQ(world.end(), kTestStart + kLength);
  EXPECT_EQ(world.told, (std::vector<TimeMs>{kTestStart + kLength, kTestStart + kLength}));
  EXPECT_EQ(world.num_audits("license.started"), 1);
  world.host.clock.advance(kLength);
  world.host.run(ask(world, "machine-1"));
  EXPECT_EQ(world.num_refused, 1);
}

TEST(FirstUse, costs_one_trip_more_once_with_every_delivery_and_never_three) {
  for (const Delivery delivery : {Delivery::kPlain, Delivery::kFernet}) {
    for (const bool ring_moved : {false, true}) {
      FirstUse world;
      ASSERT_TRUE(world.provision(world.request("x", Delivery::kPlain, "NO-SUCH-CODE")).has_value());
      if (ring_moved) world.move_ring();
      const size_t before = world.host.count(host::OpKind::kDbBatch);
      world.host.run(ask(world, "machine-1", delivery));
      EXPECT_EQ(world.host.count(host::OpKind::kDbBatch) - before, 2u);
      EXPECT_EQ(world.told, std::vector<TimeMs>{kTestStart + kLength});
    }
  }
}

TEST(FirstUse, is_not_begun_by_a_status_call_or_a_refusal) {
  FirstUse world;
  world.post("/keys/status", R"({"license_id":"WRITER-2024-ABC","machine_id":"m"})");
  world.host.query("UPDATE licenses SET status = 'suspended'");
  world.host.run(ask(world, "machine-1"));
  EXPECT_EQ(world.num_refused, 1);
  EXPECT_EQ(world.end(), std::nullopt);
}

TEST(FirstUse, that_fails_hands_out_nothing_and_the_next_one_does) {
  const uint32_t num_ops = test::fail_every_await<FirstUse>(
      [](FirstUse& world) { return ask(world, "machine-1"); },
      [](FirstUse& world, FaultPoint) {
        for (const ErrorCode code : world.errors) EXPECT_EQ(code, ErrorCode::kUnavailable);
        for (const TimeMs end : world.told) EXPECT_EQ(end, kTestStart + kLength);
        if (!world.told.empty()) EXPECT_EQ(world.end(), kTestStart + kLength);
        EXPECT_EQ(world.num_audits("license.started"), world.end() ? 1 : 0);
        world.host.run(ask(world, "machine-1"));
        EXPECT_EQ(world.told.back(), kTestStart + kLength);
        EXPECT_EQ(world.num_audits("license.started"), 1);
      });
  EXPECT_GE(num_ops, 2u);
}

// Where the second trip failed, D1 has a seat and no end: KV must not know a licence without one.
TEST(FirstUse, that_could_not_set_the_end_has_one_in_kv) {
  FirstUse world;
  world.host.fail_op(world.host.num_started() + 1, test::Fault::kNotPerformed);
  world.host.run(ask(world, "machine-1"));
  ASSERT_EQ(world.errors.size(), 1u);
  ASSERT_EQ(world.end(), std::nullopt);
  host::Host own(world.host.platform(), world.host.new_request(), 5000);
  world.host.run(maintenance::run_scheduled(own, world.config()));
  const auto hash = license::parse_code(LicenseRow().code)->hash(world.config().index);
  const std::string* text = world.host.kv.get(edge::license_key(hash.text()));
  ASSERT_NE(text, nullptr);
  const auto copy = edge::parse_license_copy(*text);
  ASSERT_TRUE(copy.has_value());
  EXPECT_EQ(copy->expires_at, kTestStart + kLength);
  EXPECT_EQ(copy->machines.size(), 1u);
}

TEST(Race, of_two_first_uses_has_one_end) {
  test::interleave_two<FirstUse>([](FirstUse& world) { return ask(world, "machine-1"); },
                                 [](FirstUse& world) { return ask(world, "machine-2"); },
                                 [](FirstUse& world) {
                                   EXPECT_EQ(world.told.size(), 2u);
                                   for (const TimeMs end : world.told) EXPECT_EQ(end, kTestStart + kLength);
                                   EXPECT_EQ(world.num_audits("license.started"), 1);
                                 },
                                 test::Orders::kEffects);
}

Task<> revoke(FirstUse& world) {
  const Client client = world.client();
  const std::string name = "admin:bootstrap";
  const admin::Actor actor{client, name};
  host::Host own(world.host.platform(), world.host.new_request(), 5000);
  admin::LicenseService service(own, world.config(), actor);
  const auto result = co_await service.act(LicenseRow().id, admin::LicenseAct::kRevoke, std::nullopt);
  // The first use moved the row meanwhile: the admin is told, and nothing changed.
  if (!result) EXPECT_EQ(result.error().code(), ErrorCode::kConflict);
}

TEST(Race, of_a_first_use_with_a_revocation_grants_before_it_or_not_at_all) {
  struct KvDown : FirstUse {
    KvDown() { host.set_fault(host::OpKind::kKvPut, test::Fault::kNotPerformed); }
  };
  test::interleave_two<KvDown>([](FirstUse& world) { return ask(world, "machine-1"); },
                               [](FirstUse& world) { return revoke(world); },
                               [](FirstUse& world) {
                                 EXPECT_EQ(world.told.size() + static_cast<size_t>(world.num_refused), 1u);
                                 EXPECT_EQ(world.num_audits("provision.granted"),
                                           static_cast<int64_t>(world.told.size()));
                                 const bool is_revoked =
                                     world.scalar("SELECT count(*) AS value FROM licenses WHERE status = 'revoked'") == 1;
                                 EXPECT_EQ(world.num_audits("license.revoked"), is_revoked ? 1 : 0);
                                 if (world.num_refused > 0) EXPECT_TRUE(is_revoked);
                               },
                               test::Orders::kEffects);
}

}  // namespace
}  // namespace latchkey::provision
