// The edge copy: its text form, and how it is kept up to date.
#include <gtest/gtest.h>

#include "edge/copy.h"
#include "edge/sync.h"
#include "license/code.h"
#include "store/queries.h"
#include "support/draws.h"
#include "support/drivers.h"
#include "support/service_world.h"

namespace latchkey::edge {
namespace {

using host::OpKind;
using test::FaultPoint;
using test::LicenseRow;
using test::ServiceWorld;

LicenseCopy a_copy() {
  LicenseCopy copy{.id = "lic_1", .status = "active", .expires_at = 5, .plan = "pro \"x\"", .deliveries = 7,
                   .version = 3, .requests_per_hour = 12, .machines = {"one", "two"}};
  copy.providers.add(0);
  copy.providers.add(5);
  return copy;
}

budget::Snapshot a_snapshot() {
  using pricing::Nano;
  return {{budget::Enforcement::kBlock, {.daily = Nano{10}, .total = Nano{30}}}, {Nano{1}, Nano{2}, Nano{3}}, 4};
}

bool same(const LicenseCopy& a, const LicenseCopy& b) {
  return a.id == b.id && a.status == b.status && a.expires_at == b.expires_at && a.plan == b.plan &&
         a.providers == b.providers && a.deliveries == b.deliveries && a.version == b.version &&
         a.machines == b.machines && a.requests_per_hour == b.requests_per_hour && a.spending == b.spending;
}

TEST(LicenseCopy, reads_back_what_it_prints) {
  LicenseCopy copy = a_copy();
  for (int i = 0; i < 3; ++i) {
    const auto again = parse_license_copy(print(copy));
    ASSERT_TRUE(again.has_value());
    EXPECT_TRUE(same(*again, copy)) << print(copy);
    if (i == 0) copy.expires_at.reset(), copy.requests_per_hour.reset(), copy.spending = a_snapshot();
    if (i == 1) copy.machines.clear(), copy.providers = {};
  }
}

TEST(LicenseCopy, is_usable_while_active_and_before_its_end) {
  LicenseCopy copy = a_copy();
  EXPECT_TRUE(copy.is_usable(4));
  EXPECT_FALSE(copy.is_usable(5));
  copy.expires_at.reset();
  EXPECT_TRUE(copy.is_usable(kTimeMsMax));
  for (const char* status : {"suspended", "revoked", "reissued", "", "Active"}) {
    copy.status = status;
    EXPECT_FALSE(copy.is_usable(4)) << status;
  }
}

TEST(RingCopy, reads_back_what_it_prints) {
  const RingCopy ring{.version = 4, .epoch = 9,
                      .keys = {{"key_1", "qwen", 2, 3, crypto::Sealed("blob")}, {"key_2", "kimi", 5, 4, crypto::Sealed("b2")}}};
  const auto again = parse_ring_copy(print(ring));
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->version, 4);
  EXPECT_EQ(again->epoch, 9);
  ASSERT_EQ(again->keys.size(), 2u);
  EXPECT_EQ(again->keys[1].provider, "kimi");
  EXPECT_EQ(again->keys[1].sealed.text(), "b2");
  EXPECT_EQ(print(*again), print(ring));
}

TEST(Copies, that_are_cut_or_of_another_shape_are_none) {
  const std::string license = print(a_copy());
  const std::string ring = print(RingCopy{.version = 1, .epoch = 1, .keys = {{"k", "p", 1, 1, crypto::Sealed("s")}}});
  for (size_t size = 0; size < license.size(); ++size) EXPECT_FALSE(parse_license_copy(license.substr(0, size)));
  for (size_t size = 0; size < ring.size(); ++size) EXPECT_FALSE(parse_ring_copy(ring.substr(0, size)));
  for (const char* text : {"", "{}", "[]", "null", "5", R"({"id":5,"status":"active"})", R"({"version":"1"})",
                           R"({"version":1,"epoch":1,"keys":[{}]})", R"({"version":1,"epoch":1,"keys":[5]})"}) {
    EXPECT_FALSE(parse_license_copy(text)) << text;
    EXPECT_FALSE(parse_ring_copy(text)) << text;
  }
}

Task<Result<SyncReport>> sync_task(ServiceWorld& world, uint32_t licenses_max) {
  host::Host own(world.host.platform(), world.host.new_request(), 5000);
  co_return co_await sync(own, world.config(), licenses_max);
}
Result<SyncReport> run_sync(ServiceWorld& world, uint32_t licenses_max = 20) {
  return world.host.run(sync_task(world, licenses_max));
}

std::optional<LicenseCopy> kept(ServiceWorld& world, std::string_view code = LicenseRow().code) {
  const auto hash = license::parse_code(code)->hash(world.config().index);
  const std::string* text = world.host.kv.get(license_key(hash.text()));
  return text ? parse_license_copy(*text) : std::nullopt;
}

TEST(Sync, carries_licenses_machines_ring_and_jwks_and_then_has_nothing_to_do) {
  ServiceWorld world;
  world.add_license({});
  EXPECT_EQ(world.provision(world.request())->verdict, provision::Verdict::kGranted);
  const auto first = run_sync(world);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->licenses, 1u);
  EXPECT_TRUE(first->ring);
  const auto copy = kept(world);
  ASSERT_TRUE(copy.has_value());
  EXPECT_EQ(copy->id, LicenseRow().id);
  EXPECT_EQ(copy->status, "active");
  EXPECT_EQ(copy->providers, config::ProviderSet::all());
  EXPECT_EQ(copy->deliveries, 7);
  ASSERT_EQ(copy->machines.size(), 1u);
  EXPECT_EQ(copy->machines[0], world.request().machine_hash.text());
  EXPECT_EQ(*world.host.kv.get(std::string(kJwksKey)), world.config().signing.jwks());
  EXPECT_TRUE(parse_ring_copy(*world.host.kv.get(std::string(kRingKey))).has_value());

  const size_t puts = world.host.count(OpKind::kKvPut);
  const size_t trips = world.host.count(OpKind::kDbBatch);
  const auto second = run_sync(world);
  EXPECT_EQ(second->licenses, 0u);
  EXPECT_FALSE(second->ring);
  EXPECT_EQ(world.host.count(OpKind::kKvPut), puts);
  EXPECT_EQ(world.host.count(OpKind::kDbBatch), trips + 1);
}

TEST(Sync, follows_a_seat_taken_later_and_one_released) {
  ServiceWorld world;
  world.add_license({});
  run_sync(world);
  EXPECT_TRUE(world.provision(world.request("m1")).has_value());
  EXPECT_TRUE(world.provision(world.request("m2")).has_value());
  run_sync(world);
  EXPECT_EQ(kept(world)->machines.size(), 2u);
  // The same machines again are no news.
  world.host.clock.advance(1);
  EXPECT_TRUE(world.provision(world.request("m1")).has_value());
  EXPECT_EQ(run_sync(world)->licenses, 0u);
  world.release_machines();
  EXPECT_TRUE(world.provision(world.request("m2")).has_value());
  run_sync(world);
  EXPECT_EQ(kept(world)->machines, (std::vector<std::string>{std::string(world.request("m2").machine_hash.text())}));
}

TEST(Sync, is_bounded_and_a_few_runs_carry_everything) {
  ServiceWorld world;
  for (int i = 0; i < 12; ++i) {
    const std::string number = std::to_string(10 + i);
    world.add_license({.id = "lic_" + number, .code = "CODE-" + number});
  }
  for (const uint32_t wanted : {5u, 5u, 2u, 0u}) EXPECT_EQ(run_sync(world, 5)->licenses, wanted);
  for (int i = 0; i < 12; ++i) EXPECT_TRUE(kept(world, "CODE-" + std::to_string(10 + i)).has_value());
}

struct Behind : ServiceWorld {
  std::optional<Result<SyncReport>> report;
  Behind() {
    for (int i = 0; i < 4; ++i) {
      const std::string number = std::to_string(10 + i);
      add_license({.id = "lic_" + number, .code = "CODE-" + number});
    }
  }
};

TEST(Sync, that_fails_midway_is_an_error_and_the_next_run_carries_the_rest) {
  const uint32_t num_ops = test::fail_every_await<Behind>(
      [](Behind& world) -> Task<> { world.report.emplace(co_await sync_task(world, 20)); },
      [](Behind& world, FaultPoint point) {
        ASSERT_TRUE(world.report.has_value());
        EXPECT_EQ(world.report->has_value(), point.fault == test::Fault::kNone);
        if (!world.report->has_value()) EXPECT_EQ(world.report->error().code(), ErrorCode::kUnavailable);
        // What is marked is there.
        const int64_t marked = world.scalar("SELECT count(*) AS value FROM licenses WHERE version <= kv_version");
        int64_t present = 0;
        for (int i = 0; i < 4; ++i) present += kept(world, "CODE-" + std::to_string(10 + i)).has_value();
        EXPECT_GE(present, marked);
        ASSERT_TRUE(run_sync(world).has_value());
        for (int i = 0; i < 4; ++i) EXPECT_TRUE(kept(world, "CODE-" + std::to_string(10 + i)).has_value());
        EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM licenses WHERE version > kv_version"), 0);
        EXPECT_NE(world.host.kv.get(std::string(kRingKey)), nullptr);
      });
  EXPECT_EQ(num_ops, 8u);  // look, ring, jwks, four licences, mark
}

// Two runs at once, of which one follows a change: KV takes writes in any order.

struct Racing : ServiceWorld {
  Racing() {
    add_license({});
    EXPECT_TRUE(run_sync(*this).has_value());
    host.query("UPDATE licenses SET version = version + 1");
  }
};

Task<> sync_only(Racing& world) { EXPECT_TRUE((co_await sync_task(world, 20)).has_value()); }

Task<> revoke_and_sync(Racing& world) {
  world.host.query("UPDATE licenses SET status = 'revoked', version = version + 1");
  EXPECT_TRUE((co_await sync_task(world, 20)).has_value());
}

void replace_code(ServiceWorld& world, std::string_view code) {
  host::Batch batch;
  batch.add(store::kLicenseSetCode)
      .bind(LicenseRow().id)
      .bind(world.scalar("SELECT version AS value FROM licenses WHERE id = '" + LicenseRow().id + "'"))
      .bind(license::parse_code(code)->hash(world.config().index).text())
      .bind("hint")
      .bind("code")
      .bind(world.host.clock.now());
  world.host.query(std::move(batch));
}

Task<> reissue_and_sync(Racing& world) {
  replace_code(world, "NEXT-CODE");
  EXPECT_TRUE((co_await sync_task(world, 20)).has_value());
}

Task<> move_ring_and_sync(Racing& world) {
  world.move_ring();
  EXPECT_TRUE((co_await sync_task(world, 0)).has_value());
}

// Begins on a ring that moved already, so that both write it.
Task<> sync_after_move(Racing& world) {
  if (world.ring_version() == 1) world.move_ring();
  EXPECT_TRUE((co_await sync_task(world, 0)).has_value());
}

TEST(SyncRace, a_revocation_is_in_kv_after_the_next_run_whatever_order_its_writes_took) {
  test::interleave_two<Racing>(revoke_and_sync, sync_only, [](Racing& world) {
    EXPECT_TRUE(run_sync(world).has_value());
    EXPECT_EQ(kept(world)->status, "revoked");
    EXPECT_EQ(run_sync(world)->licenses, 0u);
  }, test::Orders::kEffects);
}

TEST(SyncRace, a_replaced_code_stays_buried) {
  test::interleave_two<Racing>(reissue_and_sync, sync_only,
                               [](Racing& world) {
                                 EXPECT_TRUE(run_sync(world).has_value());
                                 EXPECT_EQ(kept(world)->status, "reissued");
                                 EXPECT_EQ(kept(world, "NEXT-CODE")->status, "active");
                               },
                               test::Orders::kEffects);
}

TEST(Sync, buries_replaced_codes_however_often_kv_refuses) {
  Racing world;
  EXPECT_TRUE(run_sync(world).has_value());
  world.host.set_fault(host::OpKind::kKvPut, test::Fault::kNotPerformed);
  for (const char* code : {"SECOND-CODE", "THIRD-CODE"}) {
    replace_code(world, code);
    EXPECT_FALSE(run_sync(world).has_value());
    EXPECT_EQ(kept(world)->status, "active") << "KV does not know yet";
  }
  world.host.set_fault(host::OpKind::kKvPut, test::Fault::kNone);
  EXPECT_TRUE(run_sync(world).has_value());
  EXPECT_EQ(kept(world)->status, "reissued");
  EXPECT_EQ(kept(world, "SECOND-CODE")->status, "reissued");
  EXPECT_EQ(kept(world, "THIRD-CODE")->status, "active");
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM licenses WHERE replaced_codes IS NOT NULL"), 0);
}

TEST(Sync, buries_no_code_that_somebody_has_again) {
  Racing world;
  EXPECT_TRUE(run_sync(world).has_value());
  replace_code(world, "SECOND-CODE");
  world.add_license({.id = "lic_other", .code = LicenseRow().code});
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(run_sync(world).has_value());
    EXPECT_EQ(kept(world)->id, "lic_other");
    EXPECT_EQ(kept(world)->status, "active");
  }
  replace_code(world, "THIRD-CODE");
  replace_code(world, "SECOND-CODE");
  EXPECT_TRUE(run_sync(world).has_value());
  EXPECT_EQ(kept(world, "SECOND-CODE")->status, "active");
  EXPECT_EQ(kept(world, "THIRD-CODE")->status, "reissued");
}

TEST(SyncRace, a_ring_that_moved_is_in_kv_after_the_next_run) {
  test::interleave_two<Racing>(move_ring_and_sync, sync_after_move,
                               [](Racing& world) {
                                 EXPECT_TRUE(run_sync(world).has_value());
                                 const auto ring = parse_ring_copy(*world.host.kv.get(std::string(kRingKey)));
                                 EXPECT_EQ(ring->version, world.ring_version());
                                 EXPECT_EQ(ring->epoch, world.epoch());
                               },
                               test::Orders::kEffects);
}

TEST(Sync, leaves_no_raw_secret_in_kv) {
  ServiceWorld world;
  world.add_license({});
  world.admin("PUT", "/admin/providers/qwen", R"({"api_key":"sk-stored-in-d1"})");
  EXPECT_TRUE(world.provision(world.request("machine-raw-id")).has_value());
  run_sync(world);
  int num_values = 0;
  world.host.kv.each_value([&](const std::string& key, const std::string& value) {
    ++num_values;
    for (const char* secret : {"sk-", "machine-raw-id", "WRITER-2024-ABC"}) {
      EXPECT_EQ((key + value).find(secret), std::string::npos) << key;
    }
  });
  EXPECT_EQ(num_values, 3);
}

}  // namespace
}  // namespace latchkey::edge
