// Ask: what one question does to the database, and the facts it brings back.
#include "provision/ask.h"

#include <gtest/gtest.h>

#include "support/service_world.h"

namespace latchkey::provision {
namespace {

using test::ServiceWorld;

Seen ask(ServiceWorld& world, Wanted wanted, const ProvisionRequest& request) {
  const Terms terms{.now = world.host.clock.now(), .delivery = request.delivery, .address_limit = 100,
                    .license_limit = 60};
  host::Batch batch;
  add_ask(batch, world.config(), world.client(), request, terms, wanted, "mch_of_" + std::to_string(terms.now));
  return read_ask(world.host.query(std::move(batch)), terms);
}

TEST(Ask, for_a_grant_counts_certifies_and_takes_the_seat_and_gives_seats_as_they_were_before) {
  ServiceWorld world;
  world.add_license({});
  const ProvisionRequest request = world.request();
  const Seen first = ask(world, Wanted::kGrant, request);
  ASSERT_TRUE(first.facts.license.has_value());
  EXPECT_TRUE(first.is_certified);
  EXPECT_EQ(first.facts.license->seats_used, 0);
  EXPECT_FALSE(first.facts.license->has_seat);
  EXPECT_EQ(first.facts.license->providers, ProviderSet::all());
  EXPECT_EQ(first.facts.address_hits, 1);
  EXPECT_EQ(world.seats_used(), 1);

  world.host.clock.advance(1);
  const Seen second = ask(world, Wanted::kGrant, request);
  EXPECT_TRUE(second.is_certified);
  EXPECT_EQ(second.facts.license->seats_used, 1);
  EXPECT_TRUE(second.facts.license->has_seat);
  EXPECT_EQ(second.facts.license->hits, 2);
  EXPECT_EQ(second.held_ring_version, world.ring_version());
  EXPECT_EQ(second.held_secrets_tag, world.config().secrets_tag);
}

TEST(Ask, for_facts_counts_and_nothing_else) {
  ServiceWorld world;
  world.add_license({});
  const Seen seen = ask(world, Wanted::kFacts, world.request());
  EXPECT_FALSE(seen.is_certified);
  EXPECT_EQ(seen.facts.license->hits, 1);
  EXPECT_FALSE(seen.held_ring_version.has_value());
  EXPECT_EQ(world.seats_used(), 0);
  EXPECT_EQ(world.num_audits("provision.granted"), 0);
}

TEST(Ask, about_an_unknown_licence_counts_against_the_address_alone) {
  ServiceWorld world;
  const Seen seen = ask(world, Wanted::kGrant, world.request());
  EXPECT_FALSE(seen.is_certified);
  EXPECT_FALSE(seen.facts.license.has_value());
  EXPECT_FALSE(seen.license.has_value());
  EXPECT_EQ(seen.facts.address_hits, 1);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM rate_limits"), 1);
}

}  // namespace
}  // namespace latchkey::provision
