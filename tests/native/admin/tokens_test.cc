// Named tokens: what they open, how they end, and that no failure leaves one that nobody holds.
#include "admin/tokens.h"

#include <gtest/gtest.h>

#include "admin/token.h"
#include "support/drivers.h"
#include "support/service_world.h"

namespace latchkey::admin {
namespace {

using test::FaultPoint;
using test::header_of;
using test::ServiceWorld;
using test::text_of;

const std::string kBootstrapActor = "admin:bootstrap";

struct TokenWorld : ServiceWorld {
  std::optional<CreatedToken> created;
  std::vector<ErrorCode> errors;
  int num_done = 0;

  http::Response as(std::string_view token, std::string method, std::string path, std::string body = {},
                    std::string address = "203.0.113.7") {
    test::Call call{.method = std::move(method), .path = std::move(path), .body = std::move(body),
                    .address = std::move(address)};
    if (call.body.empty()) call.headers.clear();
    call.headers.emplace_back("authorization", "Bearer " + std::string(token));
    return send(call);
  }
  // make: a token by the bootstrap token; {id, token}.
  std::pair<std::string, std::string> make(std::string_view name, std::string_view scopes, std::string more = {}) {
    const auto response = admin("POST", "/admin/tokens", R"({"name":")" + std::string(name) + R"(","scopes":)" +
                                                             std::string(scopes) + more + "}");
    EXPECT_EQ(response.status, 201u) << response.body;
    return {text_of(response, "id"), text_of(response, "token")};
  }
  http::Response switch_bootstrap(std::string_view token, bool on) {
    return as(token, "PUT", "/admin/tokens/bootstrap", on ? R"({"enabled":true})" : R"({"enabled":false})");
  }
  int64_t num_live() {
    return scalar("SELECT count(*) AS value FROM admin_tokens WHERE revoked_at IS NULL");
  }
  std::string last_denial() {
    const auto answer = host.query(
        "SELECT actor || ' ' || reason AS value FROM audit_log WHERE action = 'admin.denied' "
        "ORDER BY seq DESC LIMIT 1");
    return answer.num_rows(0) == 0 ? "" : std::string(answer.row(0, 0).text("value"));
  }
};

TEST(Tokens, open_what_their_scopes_name_and_nothing_else) {
  TokenWorld world;
  const auto [id, token] = world.make("reader", R"(["licenses:read","licenses:read"])");
  EXPECT_TRUE(is_token(token));
  EXPECT_EQ(world.as(token, "GET", "/admin/licenses").status, 200u);
  const auto refused = world.as(token, "POST", "/admin/licenses", "{}");
  EXPECT_EQ(refused.status, 403u);
  EXPECT_EQ(text_of(refused, "error"), "forbidden");
  EXPECT_NE(text_of(refused, "message").find("licenses:write"), std::string::npos);
  EXPECT_EQ(world.last_denial(), "admin:reader wrong_scope");
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM licenses"), 0);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM audit_log WHERE actor = 'admin:bootstrap' "
                         "AND action = 'token.created'"),
            1);
}

TEST(Tokens, that_are_revoked_or_expired_stop_at_the_next_request) {
  TokenWorld world;
  const auto [id, token] = world.make("ci", R"(["*"])", R"(,"expires_at":"2026-01-16")");
  const auto [other_id, other] = world.make("other", R"(["config:read"])");
  EXPECT_EQ(world.as(token, "GET", "/admin/config").status, 200u);
  EXPECT_EQ(text_of(world.admin("DELETE", "/admin/tokens/" + other_id), "status"), "revoked");
  EXPECT_EQ(world.admin("DELETE", "/admin/tokens/" + other_id).status, 200u);
  EXPECT_EQ(world.num_audits("token.revoked"), 1);
  const auto revoked = world.as(other, "GET", "/admin/config");
  EXPECT_EQ(revoked.status, 401u);
  EXPECT_EQ(world.last_denial(), "admin:other token_revoked");
  world.host.clock.set(1768521599999);
  EXPECT_EQ(world.as(token, "GET", "/admin/config").status, 200u);
  world.host.clock.advance(1);
  const auto expired = world.as(token, "GET", "/admin/config");
  EXPECT_EQ(expired.status, 401u);
  EXPECT_EQ(world.last_denial(), "admin:ci token_expired");
  const auto unknown = world.as("wrong", "GET", "/admin/config");
  EXPECT_EQ(text_of(unknown, "message"), text_of(expired, "message"));
  EXPECT_EQ(text_of(unknown, "message"), text_of(revoked, "message"));
  EXPECT_EQ(world.admin("DELETE", "/admin/tokens/tok_none").status, 404u);
}

TEST(Tokens, that_are_mistyped_are_counted_without_a_look_up) {
  TokenWorld world;
  auto [id, token] = world.make("ci", R"(["*"])");
  token.back() = token.back() == '0' ? '1' : '0';
  const size_t before = world.host.count(host::OpKind::kDbBatch);
  EXPECT_EQ(world.as(token, "GET", "/admin/config").status, 401u);
  EXPECT_EQ(world.last_denial(), "unknown wrong_token");
  EXPECT_EQ(world.host.count(host::OpKind::kDbBatch), before + 2);  // Count, record.
}

TEST(Tokens, that_are_right_work_from_an_address_that_is_over_its_limit) {
  TokenWorld world;
  const auto [id, token] = world.make("ci", R"(["config:read"])");
  for (uint32_t i = 0; i <= limits::kAdminFailuresPerHour; ++i) world.as("wrong", "GET", "/admin/config");
  EXPECT_EQ(world.as("wrong", "GET", "/admin/config").status, 429u);
  EXPECT_EQ(world.as(token, "GET", "/admin/config").status, 200u);
  world.admin("DELETE", "/admin/tokens/" + id);
  EXPECT_EQ(world.as(token, "GET", "/admin/config").status, 429u);
}

TEST(Tokens, write_their_use_down_once_an_hour) {
  TokenWorld world;
  const auto [id, token] = world.make("ci", R"(["config:read"])");
  const auto used = [&] { return world.scalar("SELECT ifnull(last_used_at, 0) AS value FROM admin_tokens"); };
  const auto trips = [&] {
    const size_t before = world.host.count(host::OpKind::kDbBatch);
    EXPECT_EQ(world.as(token, "GET", "/admin/config").status, 200u);
    return world.host.count(host::OpKind::kDbBatch) - before;
  };
  EXPECT_EQ(trips(), 2u);
  EXPECT_EQ(used(), test::kTestStart);
  world.host.clock.advance(kHourMs - 1);
  EXPECT_EQ(trips(), 1u);
  EXPECT_EQ(used(), test::kTestStart);
  world.host.clock.advance(1);
  EXPECT_EQ(trips(), 2u);
  EXPECT_EQ(used(), test::kTestStart + kHourMs);
}

TEST(Tokens, give_no_scope_that_their_maker_lacks) {
  TokenWorld world;
  const auto [id, maker] = world.make("maker", R"(["tokens:write","licenses:read"])");
  const auto ask = [&](std::string scopes) {
    return world.as(maker, "POST", "/admin/tokens", R"({"name":"made","scopes":)" + scopes + "}").status;
  };
  EXPECT_EQ(ask(R"(["*"])"), 403u);
  EXPECT_EQ(ask(R"(["licenses:write"])"), 403u);
  EXPECT_EQ(ask(R"(["licenses:read","providers:write"])"), 403u);
  EXPECT_EQ(world.num_live(), 1);
  EXPECT_EQ(ask(R"(["licenses:read"])"), 201u);
}

TEST(Tokens, are_refused_with_every_field_that_is_wrong) {
  TokenWorld world;
  for (const char* body : {R"({})", R"({"name":"ci"})", R"({"scopes":["*"]})", R"({"name":"ci","scopes":[]})",
                           R"({"name":"ci","scopes":"*"})", R"({"name":"ci","scopes":["license:read"]})",
                           R"({"name":"ci","scopes":[""]})", R"({"name":"ci","scopes":[1]})",
                           R"({"name":"bootstrap","scopes":["*"]})", R"({"name":"A b","scopes":["*"]})",
                           R"({"name":"ci","scopes":["*"],"expires_at":"2026-01-15"})",
                           R"({"name":"ci","scopes":["*"],"expires_at":"soon"})",
                           R"({"name":"ci","scopes":["*"],"more":1})"}) {
    EXPECT_EQ(world.admin("POST", "/admin/tokens", body).status, 400u) << body;
  }
  for (const char* body : {R"({})", R"({"enabled":null})", R"({"enabled":"no"})", R"({"enabled":false,"x":1})"}) {
    EXPECT_EQ(world.admin("PUT", "/admin/tokens/bootstrap", body).status, 400u) << body;
  }
  for (const char* query : {"limit=0", "limit=x", "cursor=x", "status=live"}) {
    EXPECT_EQ(world.admin("GET", "/admin/tokens?" + std::string(query)).status, 400u) << query;
  }
  EXPECT_EQ(world.num_live(), 0);
}

TEST(TokenNames, are_those_of_one_live_token) {
  TokenWorld world;
  const auto [id, token] = world.make("ci", R"(["*"])");
  const std::string again = R"({"name":"ci","scopes":["*"],"expires_at":"2026-01-16"})";
  EXPECT_EQ(world.admin("POST", "/admin/tokens", again).status, 409u);
  EXPECT_EQ(world.num_audits("token.created"), 1);
  world.admin("DELETE", "/admin/tokens/" + id);
  EXPECT_EQ(world.admin("POST", "/admin/tokens", again).status, 201u);
  world.host.clock.advance(kDayMs);
  EXPECT_EQ(world.admin("POST", "/admin/tokens", R"({"name":"ci","scopes":["*"]})").status, 201u);
}

TEST(TokenList, is_paged_newest_first_and_shows_no_token) {
  TokenWorld world;
  std::vector<std::string> tokens;
  for (const char* name : {"a", "b", "c"}) {
    tokens.push_back(world.make(name, R"(["*"])").second);
    world.host.clock.advance(1);
  }
  const auto first = world.admin("GET", "/admin/tokens?limit=2");
  const auto document = test::json_of(first);
  ASSERT_EQ(document.root().member("data")->num_items(), 2u);
  EXPECT_EQ(document.root().member("data")->item(0).member("name")->string(), "c");
  const std::string cursor(*document.root().member("next_cursor")->string());
  const auto second = world.admin("GET", "/admin/tokens?limit=2&cursor=" + cursor);
  const auto rest = test::json_of(second);
  ASSERT_EQ(rest.root().member("data")->num_items(), 1u);
  EXPECT_EQ(rest.root().member("data")->item(0).member("name")->string(), "a");
  EXPECT_TRUE(rest.root().member("next_cursor")->is_null());
  for (const std::string& token : tokens) {
    EXPECT_EQ((first.body + second.body).find(token), std::string::npos);
    EXPECT_EQ(world.host.log.text().find(token), std::string::npos);
  }
}

TEST(Bootstrap, is_off_only_while_somebody_could_get_back_in) {
  TokenWorld world;
  EXPECT_EQ(world.switch_bootstrap(test::kAdminToken, false).status, 409u);
  const auto [reader_id, reader] = world.make("reader", R"(["licenses:read","tokens:read"])");
  EXPECT_EQ(world.switch_bootstrap(test::kAdminToken, false).status, 409u);
  const auto [id, manager] = world.make("manager", R"(["tokens:write"])");
  EXPECT_EQ(world.switch_bootstrap(test::kAdminToken, false).status, 200u);
  EXPECT_EQ(world.num_audits("bootstrap.off"), 1);

  EXPECT_EQ(world.admin("GET", "/admin/config").status, 401u);
  EXPECT_EQ(world.last_denial(), "admin:bootstrap bootstrap_off");
  EXPECT_NE(world.as(reader, "GET", "/admin/tokens/bootstrap").body.find("false"), std::string::npos);
  // The last one that manages tokens stays.
  EXPECT_EQ(world.as(manager, "DELETE", "/admin/tokens/" + id).status, 409u);
  EXPECT_EQ(world.num_audits("token.revoked"), 0);
  EXPECT_EQ(world.as(manager, "DELETE", "/admin/tokens/" + reader_id).status, 200u);

  EXPECT_EQ(world.switch_bootstrap(manager, true).status, 200u);
  EXPECT_EQ(world.switch_bootstrap(manager, true).status, 200u);
  EXPECT_EQ(world.num_audits("bootstrap.on"), 1);
  EXPECT_EQ(world.admin("GET", "/admin/config").status, 200u);
  EXPECT_EQ(world.switch_bootstrap(test::kAdminToken, true).status, 403u);
  EXPECT_EQ(world.as(manager, "DELETE", "/admin/tokens/" + id).status, 200u);
}

TEST(Bootstrap, counts_no_token_that_has_expired) {
  TokenWorld world;
  world.make("manager", R"(["*"])", R"(,"expires_at":"2026-01-16")");
  world.host.clock.advance(kDayMs);
  EXPECT_EQ(world.switch_bootstrap(test::kAdminToken, false).status, 409u);
}

// with_service: runs one act as an admin's request would, and counts how it ended.
template <class Act>
Task<> with_service(TokenWorld& world, Act act) {
  const provision::Client client = world.client();
  const Actor actor{client, kBootstrapActor};
  host::Host own(world.host.platform(), world.host.new_request(), 5000);
  TokenService service(own, world.config(), actor);
  const auto error = co_await act(service);
  if (error) world.errors.push_back(*error);
  else ++world.num_done;
}

Task<> create(TokenWorld& world, std::string name = "ci") {
  return with_service(world, [&world, name = std::move(name)](TokenService& service) -> Task<std::optional<ErrorCode>> {
    const NewToken asked{.name = name, .scopes = {"*"}, .expires_at = {}};
    const Scopes held{"*"};
    auto made = co_await service.create(asked, held);
    if (!made) co_return made.error().code();
    world.created.emplace(std::move(*made));
    co_return std::nullopt;
  });
}

// A token whose maker's isolate died on the way is live and nobody holds it: its name says which to revoke.
TEST(Faults, of_a_creation_leave_no_live_token_that_was_not_shown_and_a_retry_works) {
  const uint32_t num_ops = test::fail_every_await<TokenWorld>(
      [](TokenWorld& world) { return create(world); },
      [](TokenWorld& world, FaultPoint point) {
        for (const ErrorCode code : world.errors) EXPECT_EQ(code, ErrorCode::kUnavailable);
        const bool is_dead = point.fault == test::Fault::kNeverAnswered || point.fault == test::Fault::kNeverPerformed;
        if (!is_dead) EXPECT_EQ(world.num_live(), world.num_done);
        EXPECT_EQ(world.num_audits("token.created"), world.scalar("SELECT count(*) AS value FROM admin_tokens"));
        EXPECT_EQ(world.num_audits("token.revoked"),
                  world.scalar("SELECT count(revoked_at) AS value FROM admin_tokens"));
        const auto list = world.admin("GET", "/admin/tokens");
        EXPECT_EQ(list.status, 200u);
        if (world.num_live() > 0) {
          const json::Document tokens = test::json_of(list);
          const auto id = tokens.root().member("data")->item(0).member("id")->string();
          EXPECT_EQ(world.admin("DELETE", "/admin/tokens/" + std::string(*id)).status, 200u);
        }
        world.host.run(create(world));
        EXPECT_EQ(world.num_live(), 1);
      });
  EXPECT_GE(num_ops, 2u);
}

TEST(Race, of_two_creations_of_one_name_makes_one) {
  test::interleave_two<TokenWorld>([](TokenWorld& world) { return create(world); },
                                   [](TokenWorld& world) { return create(world); },
                                   [](TokenWorld& world) {
                                     for (const ErrorCode code : world.errors) EXPECT_EQ(code, ErrorCode::kConflict);
                                     EXPECT_EQ(world.num_done, 1);
                                     EXPECT_EQ(world.num_live(), 1);
                                     EXPECT_EQ(world.num_audits("token.created"), 1);
                                   });
}

// ManagedWorld: the bootstrap token is off, and two tokens manage.
struct ManagedWorld : TokenWorld {
  std::string first, second;
  ManagedWorld() {
    first = make("first", R"(["*"])").first;
    second = make("second", R"(["*"])").first;
    EXPECT_EQ(switch_bootstrap(test::kAdminToken, false).status, 200u);
  }
};

Task<> revoke(TokenWorld& world, std::string id) {
  return with_service(world, [id = std::move(id)](TokenService& service) -> Task<std::optional<ErrorCode>> {
    const auto revoked = co_await service.revoke(id);
    co_return revoked ? std::nullopt : std::optional(revoked.error().code());
  });
}

TEST(Race, of_two_revocations_leaves_a_token_that_manages) {
  test::interleave_two<ManagedWorld>([](ManagedWorld& world) { return revoke(world, world.first); },
                                     [](ManagedWorld& world) { return revoke(world, world.second); },
                                     [](ManagedWorld& world) {
                                       EXPECT_EQ(world.num_live(), 1);
                                       EXPECT_EQ(world.num_done, 1);
                                       EXPECT_EQ(world.errors, std::vector{ErrorCode::kConflict});
                                       EXPECT_EQ(world.num_audits("token.revoked"), 1);
                                     });
}

struct OneManager : TokenWorld {
  std::string id;
  OneManager() { id = make("only", R"(["*"])").first; }
};

Task<> switch_off(TokenWorld& world) {
  return with_service(world, [](TokenService& service) -> Task<std::optional<ErrorCode>> {
    const auto set = co_await service.set_bootstrap(false);
    co_return set ? std::nullopt : std::optional(set.error().code());
  });
}

TEST(Race, of_the_switch_and_the_revocation_of_the_last_manager_locks_nobody_out) {
  test::interleave_two<OneManager>([](OneManager& world) { return revoke(world, world.id); },
                                   [](OneManager& world) { return switch_off(world); },
                                   [](OneManager& world) {
                                     const bool is_on = world.scalar("SELECT bootstrap_enabled AS value FROM state");
                                     EXPECT_TRUE(is_on || world.num_live() == 1);
                                     EXPECT_EQ(world.num_audits("bootstrap.off"), is_on ? 0 : 1);
                                     EXPECT_EQ(world.num_audits("token.revoked"), 1 - world.num_live());
                                   });
}

TEST(Faults, of_a_switch_and_of_a_revocation_leave_it_done_and_audited_or_not_at_all) {
  test::fail_every_await<OneManager>([](OneManager& world) { return switch_off(world); },
                                     [](OneManager& world, FaultPoint) {
                                       const bool is_on = world.scalar("SELECT bootstrap_enabled AS value FROM state");
                                       EXPECT_EQ(world.num_audits("bootstrap.off"), is_on ? 0 : 1);
                                       if (world.num_done > 0) EXPECT_FALSE(is_on);
                                       world.host.run(switch_off(world));
                                       EXPECT_EQ(world.num_audits("bootstrap.off"), 1);
                                     });
  test::fail_every_await<OneManager>([](OneManager& world) { return revoke(world, world.id); },
                                     [](OneManager& world, FaultPoint) {
                                       EXPECT_EQ(world.num_audits("token.revoked"), 1 - world.num_live());
                                       if (world.num_done > 0) EXPECT_EQ(world.num_live(), 0);
                                       world.host.run(revoke(world, world.id));
                                       EXPECT_EQ(world.num_live(), 0);
                                       EXPECT_EQ(world.num_audits("token.revoked"), 1);
                                     });
}

Task<> show_config(TokenWorld& world, const std::string& token) {
  host::FrameWriter frame;
  frame.string("GET").string("http://keys.example/admin/config").string("203.0.113.7").string("NL");
  frame.string("").string("").string("").u32(1);
  frame.string("authorization").string("Bearer " + token);
  const auto request = http::Request::parse(std::move(frame).take());
  host::Host own(world.host.platform(), world.host.new_request(), 5000);
  const http::Response response = co_await http::serve(world.app, own, *request);
  if (response.status == 200) ++world.num_done;
  else world.errors.push_back(response.status == 503 ? ErrorCode::kUnavailable : ErrorCode::kInternal);
}

struct Reader : TokenWorld {
  std::string token;
  Reader() { token = make("reader", R"(["config:read"])").second; }
};

TEST(Faults, of_the_look_up_are_outages_and_those_of_the_note_of_its_use_stop_nobody) {
  const uint32_t num_ops = test::fail_every_await<Reader>(
      [](Reader& world) { return show_config(world, world.token); },
      [](Reader& world, FaultPoint point) {
        const bool is_look_up = point.fault != test::Fault::kNone && point.index == 0;
        for (const ErrorCode code : world.errors) EXPECT_EQ(code, ErrorCode::kUnavailable);
        EXPECT_EQ(world.errors.empty(), !is_look_up || point.fault == test::Fault::kNeverPerformed ||
                                            point.fault == test::Fault::kNeverAnswered);
        if (is_look_up) EXPECT_EQ(world.num_done, 0);
        EXPECT_EQ(world.num_audits("admin.denied"), 0);
        EXPECT_EQ(world.as(world.token, "GET", "/admin/config").status, 200u);
        EXPECT_EQ(world.scalar("SELECT count(last_used_at) AS value FROM admin_tokens"), 1);
      });
  EXPECT_EQ(num_ops, 2u);
}

TEST(Outages, never_let_a_token_in_and_never_call_a_right_one_wrong) {
  TokenWorld world;
  const auto [id, token] = world.make("ci", R"(["*"])");
  world.host.set_fault(host::OpKind::kDbBatch, test::Fault::kNotPerformed);
  EXPECT_EQ(world.as(token, "GET", "/admin/config").status, 503u);
  EXPECT_EQ(world.admin("GET", "/admin/config").status, 503u);
  EXPECT_EQ(world.as("wrong", "GET", "/admin/config").status, 503u);
}

}  // namespace
}  // namespace latchkey::admin
