// GET /admin/session, /admin/queries and /admin/overview through the pipeline.
#include <gtest/gtest.h>

#include <algorithm>

#include "admin/queries.h"
#include "http/routes.h"
#include "support/service_world.h"

namespace latchkey::http {
namespace {

using test::json_of;
using test::ServiceWorld;
using test::text_of;

std::vector<std::string> list_of(const Response& response, std::string_view name) {
  const json::Document document = json_of(response);
  std::vector<std::string> out;
  document.root().member(name)->each_item([&](json::Value item) { out.emplace_back(*item.string()); });
  return out;
}

std::string query_message(ServiceWorld& world, std::string_view path, std::string body, uint32_t status) {
  const auto response = world.admin("POST", "/admin/queries/" + std::string(path), std::move(body));
  EXPECT_EQ(response.status, status) << response.body;
  return text_of(response, "message");
}

TEST(Session, of_the_bootstrap_token_has_every_scope_in_one_trip) {
  ServiceWorld world;
  const auto response = world.admin("GET", "/admin/session");
  ASSERT_EQ(response.status, 200u) << response.body;
  EXPECT_EQ(text_of(response, "actor"), "admin:bootstrap");
  EXPECT_EQ(text_of(response, "kind"), "bootstrap");
  EXPECT_EQ(text_of(response, "name"), "bootstrap");
  EXPECT_EQ(text_of(response, "environment"), "development");
  EXPECT_EQ(text_of(response, "time"), "2026-01-15T12:00:00Z");
  EXPECT_TRUE(json_of(response).root().member("token_id")->is_null());
  EXPECT_TRUE(json_of(response).root().member("expires_at")->is_null());
  const auto known = known_scopes();
  EXPECT_EQ(list_of(response, "scopes"), std::vector<std::string>(known.begin(), known.end()));
  EXPECT_EQ(list_of(response, "known_scopes"), list_of(response, "scopes"));
  EXPECT_EQ(world.host.num_started(), 1u);
}

TEST(Session, of_nobody_is_a_refusal_that_costs_nothing_and_is_no_attempt) {
  ServiceWorld world;
  const auto response = world.send({.method = "GET", .path = "/admin/session"});
  EXPECT_EQ(response.status, 401u) << response.body;
  EXPECT_EQ(world.host.num_started(), 0u);
  const auto wrong = world.send({.method = "GET", .path = "/admin/session", .headers = {{"authorization", "Bearer x"}}});
  EXPECT_EQ(wrong.status, 401u) << wrong.body;
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM audit_log WHERE action = 'admin.denied'"), 1);
}

TEST(Session, of_a_named_token_has_its_own_scopes_and_end) {
  ServiceWorld world;
  const auto made = world.admin("POST", "/admin/tokens",
                                R"({"name":"ann","scopes":["usage:read","licenses:read"],"expires_at":"2026-02-01"})");
  ASSERT_EQ(made.status, 201u) << made.body;
  const auto response = world.send({.method = "GET",
                                    .path = "/admin/session",
                                    .headers = {{"authorization", "Bearer " + text_of(made, "token")}}});
  ASSERT_EQ(response.status, 200u) << response.body;
  EXPECT_EQ(text_of(response, "actor"), "admin:ann");
  EXPECT_EQ(text_of(response, "kind"), "token");
  EXPECT_EQ(text_of(response, "name"), "ann");
  EXPECT_EQ(text_of(response, "token_id"), text_of(made, "id"));
  EXPECT_EQ(text_of(response, "expires_at"), "2026-02-01T00:00:00Z");
  EXPECT_EQ(list_of(response, "scopes"), (std::vector<std::string>{"licenses:read", "usage:read"}));
  EXPECT_TRUE(std::ranges::is_sorted(known_scopes()));
  world.host.clock.set(*parse_time("2026-02-01T00:00:00Z"));
  EXPECT_EQ(world.send({.method = "GET",
                        .path = "/admin/session",
                        .headers = {{"authorization", "Bearer " + text_of(made, "token")}}})
                .status,
            401u);
}

TEST(Queries, are_listed_without_a_trip_behind_the_token) {
  ServiceWorld world;
  const auto response = world.admin("GET", "/admin/queries");
  ASSERT_EQ(response.status, 200u);
  EXPECT_EQ(world.host.num_started(), 1u);
  EXPECT_EQ(json_of(response).root().member("data")->num_items(), store::cookbook().size());
}

TEST(Queries, run_in_one_trip_behind_the_token_and_leave_no_audit_row) {
  ServiceWorld world;
  world.add_license({});
  const auto response = world.admin("POST", "/admin/queries/behind_kv");
  ASSERT_EQ(response.status, 200u) << response.body;
  EXPECT_TRUE(response.body.starts_with(R"({"name":"behind_kv","columns":["licenses"],"rows":[[1]],"truncated":false,)"))
      << response.body;
  EXPECT_EQ(world.host.count(host::OpKind::kDbBatch), 2u);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM audit_log"), 0);
}

TEST(Queries, take_their_parameters_and_a_limit) {
  ServiceWorld world;
  for (int i = 0; i < 3; ++i) {
    world.add_license({.id = "lic_" + std::to_string(i), .code = "WRITER-2024-AA" + std::to_string(i)});
  }
  const auto run = [&](std::string body) {
    const auto response = world.admin("POST", "/admin/queries/licenses_never_used", std::move(body));
    EXPECT_EQ(response.status, 200u) << response.body;
    const json::Document document = json_of(response);
    return std::pair(document.root().member("rows")->num_items(), *document.root().member("truncated")->boolean());
  };
  EXPECT_EQ(run(R"({"parameters":{"days":0}})"), std::pair(size_t{3}, false));
  EXPECT_EQ(run(R"({"parameters":{"days":0},"limit":2})"), std::pair(size_t{2}, true));
  EXPECT_EQ(run(R"({"limit":3,"parameters":{"days":3650}})"), std::pair(size_t{0}, false));
  const auto of_one = world.admin("POST", "/admin/queries/license_acts", R"({"parameters":{"license":"lic_1"}})");
  EXPECT_EQ(of_one.status, 200u) << of_one.body;
}

TEST(Queries, refuse_what_they_do_not_know_and_say_what_there_is) {
  ServiceWorld world;
  EXPECT_NE(query_message(world, "nothing", "{}", 404).find("There are: " + admin::recipe_names()), std::string::npos);
  EXPECT_EQ(query_message(world, "licenses_never_used", R"({"parameters":{"hours":1}})", 400),
            "parameters.hours is no parameter of this query: it takes days.");
  EXPECT_EQ(query_message(world, "grants_per_hour", R"({"parameters":{"days":1}})", 400),
            "parameters.days is no parameter of this query: it takes hours, newest.");
  EXPECT_EQ(query_message(world, "behind_kv", R"({"parameters":{"days":1}})", 400),
            "parameters.days is no parameter of this query: it takes none.");
  EXPECT_EQ(query_message(world, "licenses_never_used", R"({"parameters":{"days":"14"}})", 400),
            "parameters.days must be a whole number from 0 to 3650.");
  EXPECT_EQ(query_message(world, "licenses_never_used", R"({"parameters":{"days":3651}})", 400),
            "parameters.days must be a whole number from 0 to 3650.");
  EXPECT_EQ(query_message(world, "license_acts", "{}", 400), "parameters.license is required.");
  EXPECT_EQ(query_message(world, "license_acts", R"({"parameters":{"license":7}})", 400),
            "parameters.license must be a string.");
  const std::string long_text(limits::kQueryTextBytesMax + 1, 'x');
  EXPECT_EQ(query_message(world, "license_acts", R"({"parameters":{"license":")" + long_text + "\"}}", 400),
            "parameters.license must have at most 200 bytes.");
  EXPECT_EQ(query_message(world, "behind_kv", R"({"parameters":[]})", 400), "parameters must be a JSON object.");
  EXPECT_EQ(query_message(world, "behind_kv", R"({"limit":0})", 400), "limit must be a whole number from 1 to 1000.");
  EXPECT_EQ(query_message(world, "behind_kv", R"({"limit":1001})", 400), "limit must be a whole number from 1 to 1000.");
  EXPECT_EQ(query_message(world, "behind_kv", R"({"sql":"SELECT 1"})", 400), "sql is not a known member.");
  EXPECT_EQ(query_message(world, "behind_kv?limit=1", "{}", 400), "query.limit is not a parameter of this request.");
}

TEST(Queries, are_an_outage_where_D1_is) {
  ServiceWorld world;
  world.host.fail_op(2, test::Fault::kNotPerformed);  // token, body, query
  EXPECT_EQ(world.admin("POST", "/admin/queries/behind_kv", "{}").status, 503u);
}

TEST(Overview, costs_one_trip_behind_the_token_and_two_looks_at_KV) {
  ServiceWorld world;
  world.add_license({});
  const auto response = world.admin("GET", "/admin/overview");
  ASSERT_EQ(response.status, 200u) << response.body;
  EXPECT_EQ(world.host.count(host::OpKind::kDbBatch), 2u);
  EXPECT_EQ(world.host.num_started(), 4u);
  const json::Document document = json_of(response);
  const json::Value root = document.root();
  EXPECT_EQ(*root.member("licenses")->member("active")->integer(), 1);
  EXPECT_EQ(root.member("providers")->num_items(), config::kNumProviders);
  EXPECT_EQ(*root.member("providers")->item(0).member("source")->string(), "secret");
  EXPECT_EQ(*root.member("cost")->member("month")->member("cost")->string(), "0");
  EXPECT_TRUE(root.member("cost")->member("forecast")->is_null());
  EXPECT_EQ(*root.member("kv")->member("answers")->boolean(), true);
  EXPECT_EQ(root.member("capped")->num_items(), 0u);
}

TEST(Overview, is_a_503_without_D1_and_says_so_of_KV) {
  for (const auto fault : {test::Fault::kNotPerformed, test::Fault::kAnswerLost}) {
    ServiceWorld world;
    world.host.fail_op(1, fault);
    EXPECT_EQ(world.admin("GET", "/admin/overview").status, 503u);
  }
  ServiceWorld world;
  world.host.set_fault(host::OpKind::kKvGet, test::Fault::kNotPerformed);
  const auto response = world.admin("GET", "/admin/overview");
  ASSERT_EQ(response.status, 200u);
  EXPECT_NE(response.body.find(R"("kv":{"answers":false,"took_ms":null,"outbox":null)"), std::string::npos);
}

}  // namespace
}  // namespace latchkey::http
