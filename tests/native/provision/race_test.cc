// Races: two requests at once, in every order of what their operations do.
#include <gtest/gtest.h>

#include <set>

#include "admin/licenses.h"
#include "admin/providers.h"
#include "provision/service.h"
#include "support/drivers.h"
#include "support/service_world.h"

namespace latchkey::provision {
namespace {

using test::interleave_two;
using test::LicenseRow;
using test::Orders;
using test::ServiceWorld;

constexpr std::string_view kOldKey = "sk-qwen-secret";
constexpr std::string_view kNewKey = "sk-qwen-rotated";

// Told: what a client was told.
struct Told {
  std::optional<Verdict> verdict;
  std::optional<ErrorCode> error;
  int64_t qwen_version = 0;
  std::string qwen_key;
  std::string request_id;
};

Task<> ask(ServiceWorld& world, Told& told, std::string_view machine, std::string_view address = "203.0.113.7") {
  const Client client = world.client(address);
  told.request_id = client.request_id;
  const auto outcome = co_await world.provision_task(client, world.request(machine));
  if (!outcome) {
    told.error = outcome.error().code();
    co_return;
  }
  told.verdict = outcome->verdict;
  if (!outcome->grant) co_return;
  const size_t qwen = *config::provider_index("qwen");
  told.qwen_version = outcome->grant->key_versions[qwen];
  told.qwen_key = std::string(as_text(outcome->grant->keys.key(qwen)));
}

struct TwoClients : ServiceWorld {
  using ServiceWorld::ServiceWorld;
  Told a, b;
  int num_granted() const { return (a.verdict == Verdict::kGranted) + (b.verdict == Verdict::kGranted); }
};

template <int kSeats, bool kWarm>
struct LastSeat : TwoClients {
  LastSeat() {
    add_license({.max_machines = kSeats});
    if (kWarm) EXPECT_TRUE(provision(request("machine-0")).has_value());
  }
};

template <class World>
void race_for_the_last_seat() {
  std::set<std::string> winners;
  const uint32_t num_orders = interleave_two<World>(
      [](World& world) { return ask(world, world.a, "machine-a"); },
      [](World& world) { return ask(world, world.b, "machine-b"); },
      [&](World& world) {
        EXPECT_EQ(world.num_granted(), 1);
        EXPECT_TRUE(world.a.verdict == Verdict::kNoSeat || world.b.verdict == Verdict::kNoSeat);
        EXPECT_EQ(world.seats_used(), world.scalar("SELECT max_machines AS value FROM licenses"));
        winners.insert(world.a.verdict == Verdict::kGranted ? "a" : "b");
      });
  EXPECT_GE(num_orders, 20u);
  EXPECT_EQ(winners.size(), 2u);
}

TEST(Race, of_two_machines_for_the_last_seat_exactly_one_wins) {
  race_for_the_last_seat<LastSeat<1, false>>();
  race_for_the_last_seat<LastSeat<2, true>>();
}

TEST(Race, of_one_machine_with_itself_is_one_seat_and_two_grants) {
  interleave_two<LastSeat<1, false>>([](TwoClients& world) { return ask(world, world.a, "machine-a"); },
                                     [](TwoClients& world) { return ask(world, world.b, "machine-a"); },
                                     [](TwoClients& world) {
                                       EXPECT_EQ(world.num_granted(), 2);
                                       EXPECT_EQ(world.seats_used(), 1);
                                       EXPECT_EQ(world.num_audits("provision.granted"), 2);
                                     });
}

template <bool kOneAddress>
struct AtLimit : TwoClients {
  AtLimit() : TwoClients({{"RATE_LIMIT_IP_PER_HOUR", "2"}, {"RATE_LIMIT_LICENSE_PER_HOUR", kOneAddress ? "60" : "2"}}) {
    add_license({});
    EXPECT_TRUE(provision(request("machine-a")).has_value());
  }
};

TEST(Race, of_two_requests_for_the_last_one_allowed_exactly_one_is_over) {
  interleave_two<AtLimit<true>>([](TwoClients& world) { return ask(world, world.a, "machine-a"); },
                                [](TwoClients& world) { return ask(world, world.b, "machine-a"); },
                                [](TwoClients& world) {
                                  EXPECT_EQ(world.num_granted(), 1);
                                  EXPECT_TRUE(world.a.verdict == Verdict::kAddressOverLimit ||
                                              world.b.verdict == Verdict::kAddressOverLimit);
                                  EXPECT_EQ(world.num_audits("provision.denied"), 1);
                                  EXPECT_EQ(world.hits(world.address_subject("203.0.113.7")), 3);
                                });
  interleave_two<AtLimit<false>>([](TwoClients& world) { return ask(world, world.a, "machine-a", "address-a"); },
                                 [](TwoClients& world) { return ask(world, world.b, "machine-a", "address-b"); },
                                 [](TwoClients& world) {
                                   EXPECT_EQ(world.num_granted(), 1);
                                   EXPECT_TRUE(world.a.verdict == Verdict::kLicenseOverLimit ||
                                               world.b.verdict == Verdict::kLicenseOverLimit);
                                   EXPECT_EQ(world.num_audits("provision.denied"), 1);
                                 });
}

struct AllOver : TwoClients {
  AllOver() : TwoClients({{"RATE_LIMIT_IP_PER_HOUR", "1"}}) {
    add_license({});
    EXPECT_TRUE(provision(request("machine-a")).has_value());
  }
};

TEST(Race, of_two_requests_over_the_limit_one_writes_the_audit_row_of_the_window) {
  interleave_two<AllOver>([](TwoClients& world) { return ask(world, world.a, "machine-a"); },
                          [](TwoClients& world) { return ask(world, world.b, "machine-a"); },
                          [](TwoClients& world) {
                            EXPECT_EQ(world.num_granted(), 0);
                            EXPECT_EQ(world.num_audits("provision.denied"), 1);
                          });
}

// A provision and an admin act.

const std::string kActorName = "admin:bootstrap";

Task<> set_key(ServiceWorld& world, std::optional<int64_t>& version) {
  const Client client = world.client();
  const admin::Actor actor{client, kActorName};
  host::Host own(world.host.platform(), world.host.new_request(), 5000);
  admin::ProviderService service(own, world.config(), actor);
  const auto set = co_await service.set(*config::provider_index("qwen"), Secret::copy_of(kNewKey));
  EXPECT_TRUE(set.has_value());
  if (set) version = set->version;
}

template <bool kWarm>
struct Rotation : TwoClients {
  std::optional<int64_t> set;
  Rotation() {
    add_license({});
    if (kWarm) EXPECT_TRUE(provision(request("machine-a")).has_value());
  }
};

template <class World>
void race_with_a_new_key() {
  std::set<int64_t> seen;
  interleave_two<World>([](World& world) { return ask(world, world.a, "machine-a"); },
                        [](World& world) { return set_key(world, world.set); },
                        [&](World& world) {
                          EXPECT_EQ(world.set, 2);
                          ASSERT_EQ(world.a.verdict, Verdict::kGranted);
                          seen.insert(world.a.qwen_version);
                          EXPECT_EQ(world.a.qwen_key, world.a.qwen_version == 2 ? kNewKey : kOldKey);
                          // Whoever comes later has the new one.
                          world.run_later();
                        },
                        Orders::kEffects);
  EXPECT_EQ(seen, (std::set<int64_t>{1, 2}));
}

template <bool kWarm>
struct RotationThenAsk : Rotation<kWarm> {
  void run_later() {
    this->host.run(ask(*this, this->b, "machine-b"));
    EXPECT_EQ(this->b.qwen_version, 2);
    EXPECT_EQ(this->b.qwen_key, kNewKey);
  }
};

TEST(Race, of_a_provision_with_a_new_key_answers_the_key_of_the_version_it_names) {
  race_with_a_new_key<RotationThenAsk<false>>();
  race_with_a_new_key<RotationThenAsk<true>>();
}

Task<> revoke(ServiceWorld& world, bool& is_done) {
  const Client client = world.client();
  const admin::Actor actor{client, kActorName};
  host::Host own(world.host.platform(), world.host.new_request(), 5000);
  admin::LicenseService service(own, world.config(), actor);
  const auto view = co_await service.act(LicenseRow().id, admin::LicenseAct::kRevoke, std::nullopt);
  EXPECT_TRUE(view.has_value());
  if (view) EXPECT_EQ(view->status, "revoked");
  is_done = true;
}

struct Revocation : TwoClients {
  bool is_revoked = false;
  bool was_revoked_at_start = false;
  Revocation() { add_license({}); }
};

Task<> ask_and_remember(Revocation& world) {
  world.was_revoked_at_start = world.scalar("SELECT status = 'revoked' AS value FROM licenses") != 0;
  co_await ask(world, world.a, "machine-a");
}

TEST(Race, a_provision_that_starts_after_a_revocation_is_refused) {
  int num_late = 0, num_granted = 0;
  interleave_two<Revocation>([](Revocation& world) { return ask_and_remember(world); },
                             [](Revocation& world) { return revoke(world, world.is_revoked); },
                             [&](Revocation& world) {
                               EXPECT_TRUE(world.is_revoked);
                               if (world.was_revoked_at_start) {
                                 ++num_late;
                                 EXPECT_EQ(world.a.verdict, Verdict::kRevoked);
                               }
                               num_granted += world.a.verdict == Verdict::kGranted;
                               world.host.run(ask(world, world.b, "machine-b"));
                               EXPECT_EQ(world.b.verdict, Verdict::kRevoked);
                             },
                             Orders::kEffects);
  EXPECT_GT(num_late, 0);
  EXPECT_GT(num_granted, 0);
}

}  // namespace
}  // namespace latchkey::provision
