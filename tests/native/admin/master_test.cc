// Re-wrapping: everything stored ends up under the first master key, whatever fails on the way.
#include "admin/master.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "admin/licenses.h"
#include "admin/providers.h"
#include "base/limits.h"
#include "support/drivers.h"
#include "support/service_world.h"

namespace latchkey::admin {
namespace {

using test::ServiceWorld;

const std::string kActorName = "admin:bootstrap";
// Two master keys, of which the second is the one a world begins with.
const std::string kOld = "k1:" + std::string(43, 'A') + "=";
const std::string kPromoted = "k2:" + std::string(42, 'B') + "A=," + kOld;

// A world with something in every sealed column, sealed under k1, and k2 promoted since.
struct RewrapWorld : ServiceWorld {
  RewrapWorld() : ServiceWorld({{"MASTER_KEY", kOld}}) {
    add_license({});
    EXPECT_TRUE(provision(request("machine-1", provision::Delivery::kFernet)).has_value());
    const provision::Client one = client(), other = client();
    const Actor actor{one, kActorName}, actor_again{other, kActorName};
    host::Host own(host.platform(), host.new_request(), 5000);
    ProviderService providers(own, config(), actor);
    EXPECT_TRUE(host.run(providers.set(0, Secret::copy_of("sk-stored-under-k1"))).has_value());
    LicenseService licenses(own, config(), actor_again);
    std::vector<NewLicense> fresh;
    fresh.push_back({.code = *license::parse_code("HELD-2024-ABC"),
                     .holder = {.name = "Ada", .email = "ada@example.com"}});
    EXPECT_TRUE(host.run(licenses.create(fresh, Run::kReal, "license.created")).has_value());
    app.config = test::test_config({{"MASTER_KEY", kPromoted}});
    restart();
  }

  // kids: how many sealed values stand under each key.
  std::map<std::string, int> kids() {
    std::map<std::string, int> found;
    const host::BatchAnswer answer = host.query(
        "SELECT sealed FROM provider_keys WHERE sealed IS NOT NULL UNION ALL "
        "SELECT holder FROM licenses WHERE holder IS NOT NULL UNION ALL "
        "SELECT fernet_key FROM machines WHERE fernet_key IS NOT NULL");
    answer.each_row(0, [&](host::Row row) {
      ++found[crypto::kid_of(crypto::Sealed(std::string(row.text("sealed")))).value_or("none")];
    });
    return found;
  }
};

// walk: a whole walk, a request a slice, as the CLI does it; gives how many were sealed anew, or the
// first error.
Task<Result<uint32_t>> walk(RewrapWorld& world) {
  uint32_t rewrapped = 0;
  std::optional<RewrapPlace> place = RewrapPlace{};
  while (place) {
    const provision::Client client = world.client();
    const Actor actor{client, kActorName};
    host::Host own(world.host.platform(), world.host.new_request(), 5000);
    MasterService service(own, world.config(), actor);
    CO_TRY(const RewrapSlice slice, co_await service.rewrap(*place));
    EXPECT_TRUE(slice.unreadable.empty());
    rewrapped += slice.rewrapped;
    place = slice.next;
  }
  co_return rewrapped;
}

TEST(Rewrap, in_a_dry_run_counts_and_leaves_everything_as_it_is) {
  RewrapWorld world;
  const provision::Client client = world.client();
  const Actor actor{client, kActorName};
  host::Host own(world.host.platform(), world.host.new_request(), 5000);
  MasterService service(own, world.config(), actor);
  uint32_t counted = 0;
  for (size_t table = 0; table < std::size(kRewrapTables); ++table) {
    const auto slice = world.host.run(service.rewrap({table, {}}, Run::kDry));
    ASSERT_TRUE(slice.has_value());
    counted += slice->rewrapped;
  }
  EXPECT_EQ(counted, 3u);
  EXPECT_EQ(world.kids(), (std::map<std::string, int>{{"k1", 3}}));
  EXPECT_EQ(world.num_audits("master.rewrapped"), 0);
}

TEST(Rewrap, seals_everything_under_the_first_key_once_and_everything_still_opens) {
  RewrapWorld world;
  EXPECT_EQ(world.kids(), (std::map<std::string, int>{{"k1", 3}}));
  EXPECT_EQ(world.host.run(walk(world)).value(), 3u);
  EXPECT_EQ(world.kids(), (std::map<std::string, int>{{"k2", 3}}));
  EXPECT_EQ(world.host.run(walk(world)).value(), 0u);
  EXPECT_EQ(world.num_audits("master.rewrapped"), 3);

  // The old key is gone for good, and nobody notices.
  world.app.config = test::test_config({{"MASTER_KEY", kPromoted.substr(0, kPromoted.find(','))}});
  world.restart();
  const auto outcome = world.provision(world.request("machine-1", provision::Delivery::kFernet));
  ASSERT_TRUE(outcome.has_value());
  EXPECT_TRUE(outcome->grant->providers.has(0));
  EXPECT_EQ(world.host.log.text().find("not_opened"), std::string::npos);
}

TEST(Rewrap, that_fails_anywhere_is_made_good_by_the_next_walk) {
  const uint32_t num_ops = test::fail_every_await<RewrapWorld>(
      [](RewrapWorld& world) -> Task<> { (void)co_await walk(world); },
      [](RewrapWorld& world, test::FaultPoint) {
        EXPECT_TRUE(world.host.run(walk(world)).has_value());
        EXPECT_EQ(world.kids(), (std::map<std::string, int>{{"k2", 3}}));
      });
  EXPECT_GE(num_ops, 6u);
}

TEST(Rewrap, walks_a_table_in_slices_and_misses_no_row) {
  RewrapWorld world;
  host::Host own(world.host.platform(), world.host.new_request(), 5000);
  const int num_machines = static_cast<int>(limits::kRewrapRowsMax) * 2 + 3;
  for (int i = 0; i < num_machines; ++i) {
    const std::string hash = "hash" + std::to_string(i), id = "mch_" + std::to_string(i);
    world.add_machine(test::LicenseRow().id, hash, id);
    const crypto::Sealed sealed = test::test_config({{"MASTER_KEY", kOld}})
                                      .master.seal(own.random, crypto::SealPurpose::kDerivedKey,
                                                   provision::derived_key_context(test::LicenseRow().id, hash),
                                                   as_bytes("a Fernet key"));
    world.host.query(std::move(host::Batch()
                                   .add("UPDATE machines SET fernet_key = ?1 WHERE id = ?2")
                                   .bind(sealed.text())
                                   .bind(id)));
  }
  EXPECT_EQ(world.host.run(walk(world)).value(), 3u + static_cast<uint32_t>(num_machines));
  EXPECT_EQ(world.kids(), (std::map<std::string, int>{{"k2", 3 + num_machines}}));
}

TEST(Rewrap, leaves_a_row_alone_that_no_key_opens_and_names_it) {
  RewrapWorld world;
  world.host.query("UPDATE licenses SET holder = 'AQ' WHERE holder IS NOT NULL");
  const provision::Client client = world.client();
  const Actor actor{client, kActorName};
  host::Host own(world.host.platform(), world.host.new_request(), 5000);
  MasterService service(own, world.config(), actor);
  const auto slice = world.host.run(service.rewrap({.table = 1, .after_id = {}}));
  ASSERT_TRUE(slice.has_value());
  EXPECT_EQ(slice->unreadable.size(), 1u);
  EXPECT_EQ(slice->rewrapped, 0u);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM licenses WHERE holder = 'AQ'"), 1);
}

}  // namespace
}  // namespace latchkey::admin
