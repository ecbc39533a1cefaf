// ProvisionService: round trips, and what holds when an operation fails or is cut off.
#include "provision/service.h"

#include <gtest/gtest.h>

#include "crypto/fernet.h"
#include "support/drivers.h"
#include "support/service_world.h"

namespace latchkey::provision {
namespace {

using host::OpKind;
using test::FaultPoint;
using test::LicenseRow;
using test::ServiceWorld;

// trips_of: D1 round trips of one provision, which must succeed or be refused as `wanted`.
size_t trips_of(ServiceWorld& world, ProvisionRequest request, Verdict wanted = Verdict::kGranted,
                std::string_view address = "203.0.113.7") {
  const size_t before = world.host.count(OpKind::kDbBatch);
  const auto outcome = world.provision(world.client(address), std::move(request));
  EXPECT_TRUE(outcome.has_value()) << outcome.error().detail();
  if (outcome) EXPECT_EQ(verdict_reason(outcome->verdict), verdict_reason(wanted));
  return world.host.count(OpKind::kDbBatch) - before;
}

TEST(RoundTrips, a_grant_is_one_for_each_of_two_machines_from_a_cold_isolate_too) {
  ServiceWorld world;
  world.add_license({});
  for (const Delivery delivery : {Delivery::kPlain, Delivery::kHpke}) {
    world.restart();
    EXPECT_EQ(trips_of(world, world.request("machine-1", delivery)), 1u);
    EXPECT_EQ(trips_of(world, world.request("machine-2", delivery)), 1u);
    EXPECT_EQ(trips_of(world, world.request("machine-1", delivery)), 1u);
  }
  EXPECT_EQ(world.host.count(OpKind::kKvGet) + world.host.count(OpKind::kKvPut), 0u);
}

TEST(RoundTrips, a_denial_is_two) {
  ServiceWorld world;
  world.add_license({.status = "revoked"});
  EXPECT_EQ(trips_of(world, world.request(), Verdict::kRevoked), 2u);
  EXPECT_EQ(trips_of(world, world.request("machine-1", Delivery::kPlain, "NO-SUCH-CODE"), Verdict::kUnknownLicense), 2u);
}

TEST(RoundTrips, a_first_fernet_answer_is_two_and_derives_once_and_later_ones_are_one) {
  ServiceWorld world;
  world.add_license({});
  EXPECT_EQ(trips_of(world, world.request("machine-1", Delivery::kFernet)), 2u);
  world.restart();
  EXPECT_EQ(trips_of(world, world.request("machine-1", Delivery::kFernet)), 1u);
  EXPECT_EQ(world.host.count(OpKind::kDerive), 1u);
  EXPECT_EQ(trips_of(world, world.request("machine-2", Delivery::kFernet)), 2u);
}

TEST(RoundTrips, over_the_limit_writes_one_audit_row_a_window_and_is_then_refused_from_memory) {
  ServiceWorld world({{"RATE_LIMIT_IP_PER_HOUR", "2"}});
  world.add_license({});
  trips_of(world, world.request());
  trips_of(world, world.request());
  EXPECT_EQ(trips_of(world, world.request(), Verdict::kAddressOverLimit), 2u);
  EXPECT_EQ(trips_of(world, world.request(), Verdict::kAddressOverLimit), 0u);
  // Another isolate does not know it yet. It counts, and finds the row written.
  world.restart();
  EXPECT_EQ(trips_of(world, world.request(), Verdict::kAddressOverLimit), 1u);
  EXPECT_EQ(trips_of(world, world.request(), Verdict::kAddressOverLimit), 0u);
  EXPECT_EQ(world.num_audits("provision.denied"), 1);
  // Another address is another subject, and the next hour another window.
  EXPECT_EQ(trips_of(world, world.request(), Verdict::kGranted, "198.51.100.1"), 1u);
  world.host.clock.advance(limits::kRateWindowMs);
  EXPECT_EQ(trips_of(world, world.request()), 1u);
}

TEST(RoundTrips, a_license_over_its_limit_is_refused_the_same_way) {
  ServiceWorld world({{"RATE_LIMIT_LICENSE_PER_HOUR", "1"}});
  world.add_license({});
  EXPECT_EQ(trips_of(world, world.request(), Verdict::kGranted, "a"), 1u);
  EXPECT_EQ(trips_of(world, world.request(), Verdict::kLicenseOverLimit, "b"), 2u);
  EXPECT_EQ(trips_of(world, world.request(), Verdict::kLicenseOverLimit, "c"), 0u);
  world.restart();
  EXPECT_EQ(trips_of(world, world.request(), Verdict::kLicenseOverLimit, "d"), 1u);
  EXPECT_EQ(world.num_audits("provision.denied"), 1);
}

TEST(RoundTrips, a_ring_that_moved_is_two_and_counts_once) {
  ServiceWorld world;
  world.add_license({});
  trips_of(world, world.request());
  world.move_ring();
  EXPECT_EQ(trips_of(world, world.request()), 2u);
  EXPECT_EQ(trips_of(world, world.request()), 1u);
  EXPECT_EQ(world.hits(world.license_subject()), 3);
}

TEST(RoundTrips, a_first_fernet_answer_on_a_ring_that_moved_is_two_and_the_next_one_keeps_the_key) {
  ServiceWorld world;
  world.add_license({});
  trips_of(world, world.request("machine-1"));
  world.move_ring();
  EXPECT_EQ(trips_of(world, world.request("machine-2", Delivery::kFernet)), 2u);
  EXPECT_EQ(trips_of(world, world.request("machine-2", Delivery::kFernet)), 2u);
  EXPECT_EQ(trips_of(world, world.request("machine-2", Delivery::kFernet)), 1u);
  EXPECT_EQ(world.host.count(OpKind::kDerive), 2u);
}

TEST(Seats, the_same_machine_is_one_seat_and_a_released_one_comes_back_to_its_row) {
  ServiceWorld world;
  world.add_license({.max_machines = 1});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(world.provision(world.request())->verdict, Verdict::kGranted);
  EXPECT_EQ(world.provision(world.request("machine-2"))->verdict, Verdict::kNoSeat);
  world.release_machines();
  EXPECT_EQ(world.provision(world.request("machine-2"))->verdict, Verdict::kGranted);
  EXPECT_EQ(world.provision(world.request())->verdict, Verdict::kNoSeat);
  world.release_machines();
  EXPECT_EQ(world.provision(world.request())->verdict, Verdict::kGranted);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM machines"), 2);
}

TEST(Grant, an_empty_key_ring_is_unavailable_and_not_a_refusal) {
  std::vector<std::pair<std::string, std::string>> none;
  for (const config::Provider& provider : config::kProviders) none.emplace_back(provider.secret_name, "");
  ServiceWorld world(none);
  world.add_license({});
  const auto outcome = world.provision(world.request());
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code(), ErrorCode::kUnavailable);
}

TEST(Grant, a_provider_without_a_key_is_left_out_with_a_notice) {
  ServiceWorld world({{"QWEN_API_KEY", ""}});
  world.add_license({});
  const auto outcome = world.provision(world.request());
  ASSERT_TRUE(outcome.has_value() && outcome->grant);
  EXPECT_FALSE(outcome->grant->providers.has(*config::provider_index("qwen")));
  EXPECT_TRUE(outcome->grant->providers.has(*config::provider_index("kimi")));
  ASSERT_EQ(outcome->grant->notices.size(), 1u);
  EXPECT_EQ(outcome->grant->notices[0].code, "provider_unavailable");
  EXPECT_EQ(outcome->grant->notices[0].provider, "qwen");
}

// Faults.

// Way: how a provision goes where nothing fails.
struct Way {
  const char* name;
  Delivery delivery;
  bool is_warm;
  bool is_denied;
  bool ring_moved;
};
constexpr Way kWays[] = {
    {"plain, cold", Delivery::kPlain, false, false, false},   {"plain, warm", Delivery::kPlain, true, false, false},
    {"fernet, cold", Delivery::kFernet, false, false, false}, {"fernet, warm", Delivery::kFernet, true, false, false},
    {"hpke, cold", Delivery::kHpke, false, false, false},     {"hpke, warm", Delivery::kHpke, true, false, false},
    {"denied, cold", Delivery::kPlain, false, true, false},   {"denied, warm", Delivery::kPlain, true, true, false},
    {"ring moved", Delivery::kFernet, true, false, true},
};

struct FaultWorld : ServiceWorld {
  std::optional<Result<ProvisionOutcome>> outcome;
  std::string request_id;
};

// prepare: before the first operation of the scenario.
void prepare(FaultWorld& world, const Way& way) {
  world.add_license({.status = way.is_denied ? "suspended" : "active", .max_machines = 2});
  if (way.is_warm) {
    world.add_license({.id = "lic_other", .code = "OTHER-CODE"});
    EXPECT_TRUE(world.provision(world.request("other", Delivery::kPlain, "OTHER-CODE")).has_value());
  }
  if (way.ring_moved) world.move_ring();
}

struct WayWorld : FaultWorld {
  static inline const Way* way = nullptr;
  WayWorld() { prepare(*this, *way); }
};

Task<> scenario(WayWorld& world) {
  const Client client = world.client();
  world.request_id = client.request_id;
  world.outcome.emplace(co_await world.provision_task(client, world.request("machine-1", WayWorld::way->delivery)));
}

int64_t audits_of(ServiceWorld& world, std::string_view request_id, std::string_view outcome) {
  return world.host
      .query(std::move(host::Batch()
                           .add("SELECT count(*) AS value FROM audit_log WHERE request_id = ?1 AND outcome = ?2")
                           .bind(request_id)
                           .bind(outcome)))
      .row(0, 0)
      .integer("value");
}

// check_again: the same machine afterwards gets its answer and holds one seat.
void check_again(ServiceWorld& world, const Way& way) {
  world.restart();
  const auto again = world.provision(world.request("machine-1", way.delivery));
  ASSERT_TRUE(again.has_value()) << again.error().detail();
  EXPECT_EQ(again->verdict, way.is_denied ? Verdict::kSuspended : Verdict::kGranted);
  EXPECT_EQ(again->grant.has_value(), !way.is_denied);
  EXPECT_EQ(world.seats_used(), way.is_denied ? 0 : 1);
}

TEST(Faults, a_failed_operation_is_unavailable_with_a_time_and_never_a_refusal_or_an_unaudited_key) {
  for (const Way& way : kWays) {
    SCOPED_TRACE(way.name);
    WayWorld::way = &way;
    const uint32_t num_ops = test::fail_every_await<WayWorld>(scenario, [&](WayWorld& world, FaultPoint point) {
      ASSERT_TRUE(world.outcome.has_value());
      const Result<ProvisionOutcome>& outcome = *world.outcome;
      if (point.fault == test::Fault::kNone) {
        ASSERT_TRUE(outcome.has_value());
        EXPECT_EQ(outcome->grant.has_value(), !way.is_denied);
      } else {
        ASSERT_FALSE(outcome.has_value());
        EXPECT_EQ(outcome.error().code(), ErrorCode::kUnavailable);
        EXPECT_GE(outcome.error().retry_after_seconds, 1u);
      }
      if (outcome && outcome->grant) EXPECT_EQ(audits_of(world, world.request_id, "granted"), 1);
      check_again(world, way);
    });
    // A second trip, and for a first Fernet answer the derivation.
    const bool is_fernet = way.delivery == Delivery::kFernet;
    EXPECT_EQ(num_ops, 1u + (way.is_denied || is_fernet ? 1 : 0) + (is_fernet ? 1 : 0));
  }
}

TEST(Faults, a_client_that_hangs_up_leaves_a_database_on_which_it_can_come_back) {
  for (const Way& way : kWays) {
    SCOPED_TRACE(way.name);
    WayWorld::way = &way;
    test::cancel_every_await<WayWorld>(scenario, [&](WayWorld& world, FaultPoint point) {
      EXPECT_EQ(world.outcome.has_value(), point.fault == test::Fault::kNone);
      EXPECT_LE(world.seats_used(), 1);
      check_again(world, way);
    });
  }
}

TEST(Faults, a_kept_fernet_key_that_does_not_open_is_an_error_and_hands_out_nothing) {
  ServiceWorld world;
  world.add_license({});
  ASSERT_TRUE(world.provision(world.request("machine-1", Delivery::kFernet)).has_value());
  world.host.query("UPDATE machines SET fernet_key = 'AQJtMQ'");
  const auto outcome = world.provision(world.request("machine-1", Delivery::kFernet));
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code(), ErrorCode::kInternal);
}

}  // namespace
}  // namespace latchkey::provision
