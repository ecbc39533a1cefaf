// Admin routes: none does anything without a right token, and guessing is throttled.
#include <gtest/gtest.h>

#include <set>

#include "audit/log.h"
#include "backup/file.h"
#include "base/limits.h"
#include "http/admin_auth.h"
#include "http/routes.h"
#include "support/seeded_random.h"
#include "support/service_world.h"
#include "webhook/rows.h"

namespace latchkey::http {
namespace {

using test::Call;
using test::header_of;
using test::ServiceWorld;
using test::text_of;

constexpr std::string_view kMachineId = "mch_00000000000000000000000001";
constexpr std::string_view kPaymentId = "pay_00000000000000000000000001";
constexpr std::string_view kBackupId = "bak_00000000000000000000000001";
constexpr std::string_view kBackupKey = "lk_backup_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh84O7WPJ";
constexpr std::string_view kAlertId = "alr_00000000000000000000000001";
constexpr std::string_view kWebhookId = "whk_00000000000000000000000001";
constexpr std::string_view kMessageId = "msg_00000000000000000000000001";
constexpr std::string_view kTokenId = "tok_00000000000000000000000001";

struct AdminWorld : ServiceWorld {
  AdminWorld() {
    add_license({});
    add_machine(test::LicenseRow().id, "hash", kMachineId);
    for (const char* state : {"published", "cancelled"}) {
      host.query(std::move(host::Batch()
                               .add("INSERT INTO rotations (id, provider, state, from_version, to_version, key_id, "
                                    "material_hash, must_verify, is_emergency, grace_days, ends_by, actor, created_at, "
                                    "updated_at) VALUES ('rot_' || ?1, 'kimi', ?1, 1, 2, 'key_1', 'x', 1, 0, 30, "
                                    "'time', 'x', 0, 0)")
                               .bind(state)));
    }
    host.query(std::move(host::Batch()
                             .add("INSERT INTO purchases (id, purchase_key, provider, outcome, standing, settled_by, "
                                  "created_at, updated_at) VALUES (?1, 'stripe:cs_1', 'stripe', 'licensed', '{}', 'x', 0, 0)")
                             .bind(kPaymentId)));
    host.query(std::move(host::Batch()
                             .add("INSERT INTO payment_deliveries (id, purchase_id, state, payload, created_at) "
                                  "VALUES ('msg_1', ?1, 'given_up', 'sealed', 0)")
                             .bind(kPaymentId)));
    host.query(std::move(host::Batch()
                             .add("INSERT INTO admin_tokens (id, name, token_hash, hint, scopes, manages_tokens, "
                                  "created_by, created_at) VALUES (?1, 'manager', 'hash', 'x', '[\"*\"]', 1, 'x', 1)")
                             .bind(kTokenId)));
    add_alert();
    // That backup is restored already: an admin may ask for it again.
    host.query(std::move(host::Batch()
                             .add("INSERT INTO restores (backup_id, state, line, line_hash, end_line, accepts_loss, "
                                  "index_lost, actor, begun_at) VALUES (?1, 'done', 1, 'x', 1, 0, 0, 'x', 0)")
                             .bind(kBackupId)));
    host.query("INSERT INTO audit_log (at, request_id, action, outcome, actor) VALUES (1, 'req_1', 'x', 'done', 'x')");
    host::Host own(host.platform(), host.new_request(), 5000);
    audit::AuditLog log(own, config());
    EXPECT_TRUE(host.run(log.checkpoint()).has_value());
  }
  // add_alert: an open one, and a webhook that was told of it.
  void add_alert() {
    const webhook::Target target{.url = "https://hooks.example/x",
                                 .secret = Secret::copy_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
                                 .old_secret = std::nullopt};
    const crypto::Sealed sealed = webhook::seal_target(config(), host.random, kWebhookId, target);
    host.query(std::move(host::Batch()
                             .add("INSERT INTO alerts (id, kind, subject, severity, level, state, details, count, needed, "
                                  "first_at, last_at) VALUES (?1, 'cron_failed', 'x', 'warning', 0, 'open', '{}', 1, 1, 0, 0)")
                             .bind(kAlertId)));
    host.query(std::move(host::Batch()
                             .add("INSERT INTO webhooks (id, name, sealed, hint, events, min_severity, state, created_by, "
                                  "created_at, updated_at) VALUES (?1, 'ops', ?2, 'x', '[\"*\"]', 'info', 'active', 'x', 0, 0)")
                             .bind(kWebhookId)
                             .bind(sealed.text())));
    host.query(std::move(host::Batch()
                             .add("INSERT INTO webhook_deliveries (id, webhook_id, type, body, state, created_at) "
                                  "VALUES (?1, ?2, 'webhook.test', '{}', 'failed', 0)")
                             .bind(kMessageId)
                             .bind(kWebhookId)));
  }
  // state: everything an admin could change, as text.
  std::string state() {
    host::Batch batch;
    for (const char* table : {"licenses", "machines", "provider_keys", "rotations", "state", "plans", "admin_tokens",
                              "idempotency_keys", "restores", "sharing", "anomaly_trails", "purchases", "payment_deliveries",
                              "payment_reconciles",
                              "audit_nodes", "audit_checkpoints", "alerts", "alert_rules", "webhooks",
                              "webhook_deliveries"}) {
      batch.add("SELECT * FROM " + std::string(table));
    }
    std::string all = host.db().run_batch(std::move(batch).payload(5000)).payload;
    host.kv.each_value([&](const std::string& key, const std::string& value) { all += key + value; });
    return all;
  }
};

// backup_body: for the routes of backups: a whole backup, of a header and its last line.
std::string backup_body(std::string_view operation) {
  const auto key = backup::Key::parse(Secret::copy_of(kBackupKey));
  testing::SeededRandom random("a backup");
  const std::string header =
      backup::print(backup::make_header(test::test_config(), *key, std::string(kBackupId), test::kTestStart));
  const backup::Place end{std::string(kBackupId), 1, backup::line_hash(header)};
  json::Writer out;
  out.begin_object().field("key", kBackupKey);
  if (operation != "admin_backup") {
    out.field("line", end.line).field("previous", end.previous);
    out.field("text", key->seal(random, end, R"({"table":"end","counts":{},"last_seq":1,"state":{}})"));
    if (operation == "admin_restore_begin") out.field("header", header);
    else out.field("backup_id", kBackupId);
  }
  out.end_object();
  return std::move(out).take();
}

// call_of: a request that the route would do something on.
Call call_of(const Route& route) {
  Call call{.method = std::string(method_name(route.method)), .path = std::string(route.path), .headers = {}};
  const auto put = [&](std::string_view placeholder, std::string_view value) {
    const size_t at = call.path.find(placeholder);
    if (at != std::string::npos) call.path.replace(at, placeholder.size(), value);
  };
  put("{license_id}", test::LicenseRow().id);
  put("{machine_id}", kMachineId);
  put("{provider}", "qwen");
  put("{rotation_id}", route.operation == "admin_rotation_cancel" ? "rot_cancelled" : "rot_published");
  put("{token_id}", kTokenId);
  put("{payment_id}", kPaymentId);
  put("{plan}", "pro");
  put("{query}", "behind_kv");
  if (route.operation == "admin_audit_consistency") call.path += "?from=1";
  if (route.operation == "admin_audit_inclusion") call.path += "?seq=1";
  put("{alert_id}", kAlertId);
  put("{kind}", "cron_failed");
  put("{webhook_id}", kWebhookId);
  put("{delivery_id}", kMessageId);
  if (route.body != Body::kNone) {
    call.headers = {{"content-type", "application/json"}};
    call.body = route.operation == "admin_provider_set"     ? R"({"api_key":"sk-a-new-key"})"
                : route.operation == "admin_rotation_start" ? R"({"provider":"qwen","api_key":"sk-a-new-key"})"
                : route.operation.starts_with("admin_backup") || route.operation.starts_with("admin_restore")
                    ? backup_body(route.operation)
                : route.operation == "admin_token_create"   ? R"({"name":"ci","scopes":["*"]})"
                : route.operation == "admin_bootstrap_set"  ? R"({"enabled":false})"
                : route.operation == "admin_license_import" ? R"({"rows":[{"email":"a@b.example"}]})"
                : route.operation == "admin_license_bulk"   ? R"({"filter":{},"act":"revoke","expected_count":1})"
                : route.operation == "admin_alert_rule_set" ? R"({"enabled":false})"
                : route.operation == "admin_alert_snooze"   ? R"({"minutes":60})"
                : route.operation == "admin_webhook_create" ? R"({"name":"ops","url":"https://hooks.example/y"})"
                : route.operation == "admin_webhook_change" ? R"({"name":"other"})"
                : route.operation == "admin_sharing_clear"  ? R"({"ignore_days":1})"
                : route.operation == "admin_machine_rename" ? R"({"name":"desk"})"
                : route.operation == "admin_price_set"
                    ? R"({"rows":[{"provider":"qwen","model":"q","effective_from":"2026-01-01","input":"1","output":"2"}]})"
                : route.operation == "admin_plan_set"
                    ? R"({"providers":["qwen"],"deliveries":["hpke"],"max_machines":1})"
                    : "{}";
  }
  return call;
}

template <class Visit>
void each_admin_route(Visit visit) {
  int num_routes = 0;
  for (const Route& route : routes()) {
    if (!is_for_admins(route.auth)) continue;
    SCOPED_TRACE(std::string(route.operation));
    visit(route);
    ++num_routes;
  }
  EXPECT_GE(num_routes, 18);
}

std::vector<std::string> wrong_authorizations() {
  const std::string right(test::kAdminToken);
  return {"",         "Bearer",          "Bearer ",      "Bearer wrong",        "Basic " + right,
          right,      "Bearer  " + right, "Bearer " + right + "x", "Bearer " + right.substr(1),
          "Bearer " + right.substr(0, right.size() - 1), "Bearer " + std::string(5000, 'a'), "bearer\t" + right};
}

TEST(AdminRoutes, without_a_right_token_are_401_and_do_nothing) {
  each_admin_route([](const Route& route) {
    AdminWorld world;
    const std::string before = world.state();
    int64_t audits = 0;
    for (const std::string& authorization : wrong_authorizations()) {
      Call call = call_of(route);
      if (!authorization.empty()) call.headers.emplace_back("authorization", authorization);
      const auto response = world.send(call);
      EXPECT_EQ(response.status, 401u) << authorization.substr(0, 60);
      EXPECT_EQ(text_of(response, "error"), "unauthorized");
      EXPECT_EQ(header_of(response, "www-authenticate"), "Bearer");
      // Who asks who is signed in, and shows nothing, has not tried anything.
      if (route.auth != Auth::kSignedIn || !authorization.empty()) ++audits;
      EXPECT_EQ(world.num_audits("admin.denied"), audits);
    }
    EXPECT_EQ(world.state(), before);
    EXPECT_EQ(world.host.count(host::OpKind::kReadBody), 0u) << "a body was read for nobody";
  });
}

TEST(AdminRoutes, with_the_right_token_succeed) {
  each_admin_route([](const Route& route) {
    AdminWorld world;
    Call call = call_of(route);
    call.headers.emplace_back("authorization", "Bearer " + std::string(test::kAdminToken));
    const auto response = world.send(call);
    EXPECT_EQ(response.status, route.success_status) << response.body;
  });
}

// issue: a named token with these scopes, as its maker was shown it.
std::string issue(ServiceWorld& world, std::string_view scopes) {
  const auto made = world.admin("POST", "/admin/tokens", R"({"name":"named","scopes":)" + std::string(scopes) + "}");
  EXPECT_EQ(made.status, 201u) << made.body;
  return text_of(made, "token");
}

TEST(AdminRoutes, take_a_named_token_with_their_scope_or_every_scope_and_no_other) {
  std::set<std::string_view> scopes;
  for (const Route& route : routes()) {
    if (!route.scope.empty()) scopes.insert(route.scope);
  }
  each_admin_route([&](const Route& route) {
    if (route.auth == Auth::kSignedIn) return;
    for (const std::string& held : {std::string("*"), std::string(route.scope)}) {
      AdminWorld world;
      Call call = call_of(route);
      if (route.operation == "admin_token_create") call.body = R"({"name":"ci","scopes":["tokens:write"]})";
      call.headers.emplace_back("authorization", "Bearer " + issue(world, "[\"" + held + "\"]"));
      const auto response = world.send(call);
      EXPECT_EQ(response.status, route.success_status) << response.body;
    }
    AdminWorld world;
    std::string others;
    for (const std::string_view scope : scopes) {
      if (scope != route.scope) others += (others.empty() ? "[\"" : ",\"") + std::string(scope) + "\"";
    }
    Call call = call_of(route);
    call.headers.emplace_back("authorization", "Bearer " + issue(world, others + "]"));
    const std::string before = world.state();
    const auto response = world.send(call);
    EXPECT_EQ(response.status, 403u);
    EXPECT_EQ(text_of(response, "error"), "forbidden");
    EXPECT_NE(text_of(response, "message").find(route.scope), std::string::npos);
    EXPECT_EQ(world.num_audits("admin.denied"), 1);
    EXPECT_EQ(world.state(), before);
    EXPECT_EQ(world.host.count(host::OpKind::kReadBody), 1u) << "only that of the token's creation";
  });
}

TEST(AdminRoutes, that_ask_for_no_scope_take_every_token_and_only_read) {
  int num_routes = 0;
  each_admin_route([&](const Route& route) {
    if (route.auth != Auth::kSignedIn) return;
    ++num_routes;
    EXPECT_EQ(route.method, Method::kGet);
    for (const std::string_view held : known_scopes()) {
      AdminWorld world;
      Call call = call_of(route);
      call.headers.emplace_back("authorization", "Bearer " + issue(world, "[\"" + std::string(held) + "\"]"));
      EXPECT_EQ(world.send(call).status, route.success_status) << held;
    }
  });
  EXPECT_EQ(num_routes, 1);
}

TEST(AdminRoutes, say_401_before_anything_else_that_is_wrong) {
  each_admin_route([](const Route& route) {
    if (route.body == Body::kNone) return;
    AdminWorld world;
    Call call = call_of(route);
    call.headers = {{"content-type", "text/plain"}, {"authorization", "Bearer wrong"}};
    call.body = std::string(limits::kBodyBytesAdmin + 1, 'x');
    EXPECT_EQ(world.send(call).status, 401u);
  });
}

TEST(AdminRoutes, never_say_whether_a_thing_exists_to_somebody_without_a_token) {
  AdminWorld world;
  const auto there = world.send({.method = "GET", .path = "/admin/licenses/" + test::LicenseRow().id});
  const auto not_there = world.send({.method = "GET", .path = "/admin/licenses/lic_none"});
  EXPECT_EQ(there.status, not_there.status);
  EXPECT_EQ(text_of(there, "message"), text_of(not_there, "message"));
}

TEST(AdminTokens, that_are_wrong_are_throttled_at_20_an_hour_and_the_right_one_still_works) {
  AdminWorld world;
  const auto guess = [&](std::string address) {
    return world.send({.method = "GET", .path = "/admin/config", .headers = {{"authorization", "Bearer guess"}},
                       .address = std::move(address)});
  };
  for (uint32_t i = 0; i < limits::kAdminFailuresPerHour; ++i) EXPECT_EQ(guess("203.0.113.7").status, 401u);
  for (int i = 0; i < 3; ++i) {
    const auto over = guess("203.0.113.7");
    EXPECT_EQ(over.status, 429u);
    EXPECT_EQ(text_of(over, "error"), "rate_limited");
    EXPECT_EQ(header_of(over, "retry-after"), "3600");
  }
  // The flood wrote one row more, from another isolate too, and then none.
  world.restart();
  EXPECT_EQ(guess("203.0.113.7").status, 429u);
  EXPECT_EQ(world.num_audits("admin.denied"), limits::kAdminFailuresPerHour + 1);
  EXPECT_EQ(world.admin("GET", "/admin/config").status, 200u);
  EXPECT_EQ(guess("198.51.100.1").status, 401u);
  world.host.clock.advance(kHourMs);
  EXPECT_EQ(guess("203.0.113.7").status, 401u);
}

TEST(AdminTokens, cannot_be_guessed_for_free_while_the_database_is_down) {
  AdminWorld world;
  world.host.set_fault(host::OpKind::kDbBatch, test::Fault::kNotPerformed);
  const auto response =
      world.send({.method = "GET", .path = "/admin/config", .headers = {{"authorization", "Bearer guess"}}});
  EXPECT_EQ(response.status, 503u);
  EXPECT_FALSE(header_of(response, "retry-after").empty());
  // Nor can the bootstrap token be let in: whether it is switched off stands there.
  EXPECT_EQ(world.admin("GET", "/admin/config").status, 503u);
}

TEST(AdminConfig, shows_no_secret) {
  ServiceWorld world;
  const auto response = world.admin("GET", "/admin/config");
  for (const auto& [name, value] : test::test_environment()) {
    const bool is_secret = name.ends_with("KEY") || name.ends_with("TOKEN");
    if (is_secret) EXPECT_EQ(response.body.find(value), std::string::npos) << name;
  }
  EXPECT_NE(response.body.find("RATE_LIMIT_IP_PER_HOUR"), std::string::npos);
}

TEST(Outages, never_look_like_an_invalid_license) {
  for (const char* path : {"/keys/provision", "/keys/status", "/machines/release", "/usage/report"}) {
    ServiceWorld world;
    world.add_license({.status = "revoked"});
    world.host.set_fault(host::OpKind::kDbBatch, test::Fault::kAnswerLost);
    const auto response = world.post(path, R"({"license_id":"WRITER-2024-ABC","machine_id":"m1","events":[]})");
    EXPECT_EQ(response.status, 503u);
    EXPECT_EQ(text_of(response, "error"), "unavailable");
    EXPECT_EQ(header_of(response, "retry-after"), "1");
  }
}

}  // namespace
}  // namespace latchkey::http
