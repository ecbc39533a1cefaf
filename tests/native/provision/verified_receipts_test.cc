#include "provision/verified_receipts.h"

#include <gtest/gtest.h>

#include "support/service_world.h"

namespace latchkey::provision {
namespace {

using test::ServiceWorld;

std::string receipt_of(ServiceWorld& world, std::string_view machine) {
  const auto outcome = world.provision(world.request(machine));
  EXPECT_TRUE(outcome.has_value() && outcome->grant.has_value());
  return outcome->grant->receipt;
}

TEST(VerifiedReceipts, gives_the_same_claims_the_second_time) {
  ServiceWorld world;
  world.add_license({});
  const std::string token = receipt_of(world, "machine-1");
  VerifiedReceipts receipts;
  for (int i = 0; i < 2; ++i) {
    const auto claims = receipts.verify(world.config(), token, world.host.clock.now());
    ASSERT_TRUE(claims.has_value());
    EXPECT_EQ(claims->machine, receipt_machine(Secret::copy_of("machine-1")));
  }
}

TEST(VerifiedReceipts, knows_no_receipt_by_a_part_of_it) {
  ServiceWorld world;
  world.add_license({});
  const std::string token = receipt_of(world, "machine-1");
  VerifiedReceipts receipts;
  ASSERT_TRUE(receipts.verify(world.config(), token, 0).has_value());
  for (size_t at = 0; at < token.size(); at += 7) {
    std::string other = token;
    other[at] = other[at] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(receipts.verify(world.config(), other, 0).has_value()) << at;
    EXPECT_FALSE(receipts.verify(world.config(), token.substr(0, at), 0).has_value()) << at;
  }
}

TEST(VerifiedReceipts, still_verifies_when_it_is_full) {
  ServiceWorld world({{"RATE_LIMIT_IP_PER_HOUR", "900000"}, {"RATE_LIMIT_LICENSE_PER_HOUR", "900000"}});
  world.add_license({});
  VerifiedReceipts receipts;
  for (size_t i = 0; i < limits::kVerifiedReceiptsMax + 10; ++i) {
    world.host.clock.advance(kSecondMs);
    const std::string token = receipt_of(world, "machine-1");
    EXPECT_TRUE(receipts.verify(world.config(), token, world.host.clock.now()).has_value()) << i;
  }
}

}  // namespace
}  // namespace latchkey::provision
