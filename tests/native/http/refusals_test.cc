// Refusals are counted by address: so many an hour are answered and written down, then one row says that there
// were more.
#include "http/refusals.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "support/service_world.h"

namespace latchkey::http {
namespace {

using test::header_of;
using test::ServiceWorld;

struct GuessWorld : ServiceWorld {
  Response guess(const std::string& address = "203.0.113.7") {
    return send({.method = "GET",
                 .path = "/admin/licenses",
                 .headers = {{"authorization", "Bearer wrong-0123456789"}},
                 .address = address});
  }
};

TEST(Refusals, are_counted_by_address_and_end_in_one_row_more) {
  GuessWorld world;
  const auto limit = static_cast<int>(limits::kAdminFailuresPerHour);
  for (int i = 0; i < limit; ++i) EXPECT_EQ(world.guess().status, 401u) << i;
  for (int i = 0; i < 6; ++i) {
    if (i == 3) world.restart();  // another isolate, which has to look
    const auto over = world.guess();
    EXPECT_EQ(over.status, 429u);
    EXPECT_EQ(header_of(over, "retry-after"), "3600");
  }
  EXPECT_EQ(world.num_audits("admin.denied"), limit + 1);
  EXPECT_EQ(world.guess("203.0.113.8").status, 401u);
  // Right tokens are not held up by another's guesses.
  EXPECT_EQ(world.admin("GET", "/admin/licenses").status, 200u);
  world.host.clock.advance(kHourMs);
  EXPECT_EQ(world.guess().status, 401u);
}

TEST(Refusals, are_no_free_guesses_while_d1_is_away) {
  for (const test::Fault fault : {test::Fault::kNotPerformed, test::Fault::kAnswerLost}) {
    GuessWorld world;
    world.host.set_fault(host::OpKind::kDbBatch, fault);
    EXPECT_EQ(world.guess().status, 503u);
  }
}

}  // namespace
}  // namespace latchkey::http
