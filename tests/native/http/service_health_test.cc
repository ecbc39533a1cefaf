// GET /metrics and /admin/doctor through the pipeline: what they cost, and what an outage behind the token is.
#include <gtest/gtest.h>

#include "support/service_world.h"

namespace latchkey::http {
namespace {

using test::header_of;
using test::ServiceWorld;
using test::text_of;

TEST(ServiceHealth, costs_one_trip_behind_the_token) {
  ServiceWorld world;
  const auto metrics = world.admin("GET", "/metrics");
  EXPECT_EQ(metrics.status, 200u);
  EXPECT_EQ(header_of(metrics, "content-type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(header_of(metrics, "cache-control"), "no-store");
  EXPECT_EQ(world.host.count(host::OpKind::kDbBatch), 2u);
  EXPECT_EQ(world.host.num_started(), 2u);
  const auto doctor = world.admin("GET", "/admin/doctor");
  EXPECT_EQ(doctor.status, 200u);
  EXPECT_EQ(world.host.num_started(), 6u) << "token, figures, and two looks at KV";
}

TEST(ServiceHealth, is_a_503_where_D1_is_lost_behind_the_token) {
  for (const char* path : {"/metrics", "/admin/doctor"}) {
    for (const auto fault : {test::Fault::kNotPerformed, test::Fault::kAnswerLost}) {
      ServiceWorld world;
      world.host.fail_op(1, fault);
      const auto response = world.admin("GET", path);
      EXPECT_EQ(response.status, 503u) << path;
      EXPECT_EQ(text_of(response, "error"), "unavailable");
    }
  }
}

TEST(ServiceHealth, of_a_development_service_at_a_public_name_fails) {
  ServiceWorld world;  // ENVIRONMENT is development, and the host keys.example
  EXPECT_EQ(text_of(world.admin("GET", "/admin/doctor"), "status"), "fail");
  EXPECT_NE(world.admin("GET", "/admin/doctor").body.find(R"({"name":"settings","status":"fail")"), std::string::npos);
}

}  // namespace
}  // namespace latchkey::http
