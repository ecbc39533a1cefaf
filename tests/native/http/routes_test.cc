// The route table: what matches, what is not allowed, and what OpenAPI says of it.
#include "http/routes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "http/endpoints.h"
#include "http/openapi.h"
#include "support/service_world.h"

namespace latchkey::http {
namespace {

using test::ServiceWorld;

// filled: a path that the pattern takes.
std::string filled(std::string_view pattern, std::string_view parameter = "x1") {
  const size_t open = pattern.find('{');
  if (open == std::string_view::npos) return std::string(pattern);
  return std::string(pattern.substr(0, open)) + std::string(parameter) +
         std::string(pattern.substr(pattern.find('}') + 1));
}

TEST(Routes, are_sorted_and_each_operation_and_method_of_a_path_stands_once) {
  std::set<std::string_view> operations;
  for (size_t i = 0; i < routes().size(); ++i) {
    const Route& route = routes()[i];
    EXPECT_TRUE(operations.insert(route.operation).second) << route.operation;
    EXPECT_NE(route.handler, nullptr);
    EXPECT_FALSE(route.response_schema.empty()) << route.operation;
    EXPECT_EQ(route.body == Body::kNone, route.request_schema.empty()) << route.operation;
    if (i == 0) continue;
    const Route& before = routes()[i - 1];
    EXPECT_TRUE(before.path < route.path || (before.path == route.path && before.method < route.method));
  }
}

TEST(Routes, under_admin_and_metrics_ask_for_a_token_and_no_others_do) {
  for (const Route& route : routes()) {
    const bool must_sign_in = route.path.starts_with("/admin") || route.path == "/metrics";
    EXPECT_EQ(is_for_admins(route.auth), must_sign_in) << route.operation;
  }
}

TEST(Match, finds_every_route_and_its_parameter) {
  for (const Route& route : routes()) {
    const std::string path = filled(route.path, "lic_0123");
    const Match found = match(route.method, path);
    ASSERT_NE(found.route, nullptr) << path;
    EXPECT_EQ(found.route->operation, route.operation);
    EXPECT_EQ(found.path_parameter, route.path.find('{') == std::string_view::npos ? "" : "lic_0123");
  }
}

TEST(Match, of_a_wrong_method_has_no_route_and_names_the_right_ones) {
  for (const Route& route : routes()) {
    for (const Method method : {Method::kDelete, Method::kPatch, Method::kOther, Method::kOptions}) {
      // The path may take it by another route.
      const auto takes = [&](const Route& other) { return other.path == route.path && other.method == method; };
      if (std::ranges::any_of(routes(), takes)) continue;
      const Match found = match(method, filled(route.path));
      EXPECT_EQ(found.route, nullptr) << route.path;
      EXPECT_NE(std::ranges::find(found.allowed, route.method), found.allowed.end()) << route.path;
      EXPECT_EQ(std::ranges::find(found.allowed, Method::kGet) != found.allowed.end(),
                std::ranges::find(found.allowed, Method::kHead) != found.allowed.end());
    }
  }
}

TEST(Match, of_a_path_that_stands_in_the_table_as_it_is_fills_no_placeholder) {
  const Match found = match(Method::kDelete, "/admin/tokens/bootstrap");
  EXPECT_EQ(found.route, nullptr);
  EXPECT_EQ(found.allowed, (std::vector{Method::kGet, Method::kHead, Method::kPut}));
  EXPECT_EQ(match(Method::kPut, "/admin/tokens/bootstrap").route->operation, "admin_bootstrap_set");
  EXPECT_EQ(match(Method::kDelete, "/admin/tokens/bootstrap2").path_parameter, "bootstrap2");
  EXPECT_EQ(match(Method::kGet, "/admin/licenses/import").route, nullptr);
}

TEST(Match, of_a_path_in_the_table_is_never_a_parameter) {
  const Match found = match(Method::kPatch, "/admin/licenses/bulk");
  EXPECT_EQ(found.route, nullptr);
  EXPECT_EQ(found.allowed, std::vector<Method>{Method::kPost});
  EXPECT_EQ(match(Method::kPatch, "/admin/licenses/lic_1").route->operation, "admin_license_revise");
}

TEST(Match, of_an_unknown_path_is_nothing_at_all) {
  for (const char* path : {"/", "/keys", "/keys/", "/keys/provision/", "/Keys/provision", "/keys/provisionx", "",
                           "/admin", "/admin/licenses/", "/admin/licenses/a/b", "/admin/licenses//revoke",
                           "/admin/licenses/revoke/x/revoke", "/admin/machines//release", "/admin/providers/",
                           "/keys/%70rovision", "/health/..", "/.well-known", "keys/provision"}) {
    for (const Method method : {Method::kGet, Method::kPost, Method::kPut}) {
      const Match found = match(method, path);
      EXPECT_EQ(found.route, nullptr) << path;
      EXPECT_TRUE(found.allowed.empty()) << path;
    }
  }
}

TEST(Serve, answers_head_wherever_get_with_the_same_head_and_no_body_in_the_frame) {
  for (const Route& route : routes()) {
    if (route.method != Method::kGet) continue;
    ServiceWorld world;
    const std::string path = filled(route.path);
    const auto get = world.admin("GET", path);
    const auto head = world.admin("HEAD", path);
    EXPECT_EQ(head.status, get.status) << path;
    EXPECT_EQ(test::header_of(head, "content-type"), test::header_of(get, "content-type")) << path;
    const std::string frame = head.frame(Response::Body::kOmit);
    EXPECT_TRUE(frame.ends_with(std::string(4, '\0'))) << path;
    EXPECT_LT(frame.size(), get.frame(Response::Body::kSend).size()) << path;
  }
}

TEST(Serve, answers_405_with_allow_on_every_path_and_404_beside_them) {
  ServiceWorld world;
  for (const Route& route : routes()) {
    const auto response = world.send({.method = "PROPFIND", .path = filled(route.path)});
    EXPECT_EQ(response.status, 405u);
    EXPECT_EQ(test::text_of(response, "error"), "method_not_allowed");
    EXPECT_NE(test::header_of(response, "allow").find(method_name(route.method)), std::string_view::npos);
    EXPECT_TRUE(test::header_of(response, "ratelimit").empty());
  }
  EXPECT_EQ(test::header_of(world.send({.method = "DELETE", .path = "/keys/status"}), "allow"), "GET, HEAD, POST");
  const auto missing = world.send({.method = "GET", .path = "/nothing"});
  EXPECT_EQ(missing.status, 404u);
  EXPECT_EQ(test::text_of(missing, "error"), "not_found");
  EXPECT_EQ(world.host.num_started(), 0u);
}

TEST(Serve, folds_the_slashes_that_a_client_adds) {
  ServiceWorld world;
  EXPECT_EQ(world.send({.method = "GET", .path = "//health"}).status, 200u);
  EXPECT_EQ(world.post("//keys//provision", "{}").status, 400u);
}

TEST(Serve, in_production_refuses_plain_http_and_sends_hsts_always) {
  ServiceWorld world({{"ENVIRONMENT", "production"}});
  for (const char* scheme : {"http", "https"}) {
    const auto response = world.send({.method = "GET", .path = "/health", .scheme = scheme});
    EXPECT_EQ(response.status, scheme == std::string_view("https") ? 200u : 400u);
    EXPECT_TRUE(test::header_of(response, "strict-transport-security").starts_with("max-age=63072000"));
  }
  ServiceWorld development;
  EXPECT_EQ(test::header_of(development.send({.method = "GET", .path = "/health"}), "strict-transport-security"), "");
}

TEST(Serve, allows_only_the_origins_it_was_given) {
  ServiceWorld world({{"CORS_ORIGINS", "https://app.example, https://b.example"}});
  const auto ask = [&](std::string method, std::string origin) {
    return world.send({.method = std::move(method), .path = "/keys/status", .headers = {{"origin", std::move(origin)}}});
  };
  EXPECT_EQ(ask("OPTIONS", "https://app.example").status, 204u);
  EXPECT_EQ(test::header_of(ask("GET", "https://b.example"), "access-control-allow-origin"), "https://b.example");
  for (const char* origin : {"https://evil.example", "https://app.example.evil", "null", "https://app.exampl"}) {
    EXPECT_EQ(ask("OPTIONS", origin).status, 405u);
    EXPECT_EQ(test::header_of(ask("GET", origin), "access-control-allow-origin"), "");
  }
}

TEST(OpenApi, names_every_route_with_its_operation_and_only_schemas_that_exist) {
  const auto document = json::Document::parse_host(openapi_document());
  ASSERT_TRUE(document.has_value());
  const auto schemas = document->root().member("components")->member("schemas");
  ASSERT_TRUE(schemas.has_value());
  for (const Route& route : routes()) {
    const auto path = document->root().member("paths")->member(route.path);
    ASSERT_TRUE(path.has_value()) << route.path;
    std::string method(method_name(route.method));
    for (char& c : method) c = static_cast<char>(c + 32);
    const auto operation = path->member(method);
    ASSERT_TRUE(operation.has_value()) << route.operation;
    EXPECT_EQ(operation->member("operationId")->string(), route.operation);
    EXPECT_TRUE(schemas->member(route.response_schema).has_value()) << route.response_schema;
    if (!route.request_schema.empty()) EXPECT_TRUE(schemas->member(route.request_schema)) << route.request_schema;
  }
}

}  // namespace
}  // namespace latchkey::http
