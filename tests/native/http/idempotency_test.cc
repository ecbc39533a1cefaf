// Idempotency-Key: an admin's POST that is sent again runs once.
#include "http/idempotency.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "maintenance/scheduled.h"
#include "support/drivers.h"
#include "support/service_world.h"

namespace latchkey::http {
namespace {

using test::FaultPoint;
using test::header_of;
using test::ServiceWorld;
using test::text_of;

TEST(DecideRepeat, is_as_the_table_says) {
  const struct {
    KeyFacts facts;
    Repeat wanted;
  } rows[] = {
      {{.is_ours = true, .is_done = false, .is_same_request = true}, Repeat::kRun},
      {{.is_ours = false, .is_done = true, .is_same_request = true}, Repeat::kReplay},
      {{.is_ours = false, .is_done = false, .is_same_request = true}, Repeat::kInFlight},
      {{.is_ours = false, .is_done = true, .is_same_request = false}, Repeat::kReused},
      {{.is_ours = false, .is_done = false, .is_same_request = false}, Repeat::kReused},
  };
  for (const auto& row : rows) EXPECT_EQ(decide_repeat(row.facts), row.wanted);
}

TEST(IsIdempotencyKey, takes_1_to_64_printable_characters) {
  for (const std::string& good : {std::string("k"), std::string("a b\"~!"), std::string(64, 'x')}) {
    EXPECT_TRUE(is_idempotency_key(good)) << good;
  }
  for (const std::string& bad : {std::string(), std::string(65, 'x'), std::string("a\x7f"), std::string("a\tb"),
                                 std::string("\xc3\xa4")}) {
    EXPECT_FALSE(is_idempotency_key(bad)) << bad;
  }
}

struct KeyWorld : ServiceWorld {
  std::vector<Response> answers;
  KeyWorld() { add_license({}); }

  test::Call call(std::string path, std::string body, std::string key, std::string method = "POST") const {
    return {.method = std::move(method),
            .path = std::move(path),
            .body = std::move(body),
            .headers = {{"content-type", "application/json"},
                        {"idempotency-key", std::move(key)},
                        {"authorization", "Bearer " + std::string(test::kAdminToken)}}};
  }
  Response create(std::string key, std::string body = "{}") {
    return send(call("/admin/licenses", std::move(body), std::move(key)));
  }
  int64_t num_created() { return scalar("SELECT count(*) - 1 AS value FROM licenses"); }
  int64_t num_keys() { return scalar("SELECT count(*) AS value FROM idempotency_keys"); }
};

TEST(Idempotency, gives_the_stored_answer_again_and_runs_once) {
  KeyWorld world;
  const auto first = world.create("k1");
  EXPECT_EQ(first.status, 201u) << first.body;
  EXPECT_EQ(header_of(first, "idempotent-replayed"), "");
  world.restart();
  const auto again = world.create("k1");
  EXPECT_EQ(again.status, first.status);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(header_of(again, "content-type"), "application/json");
  EXPECT_EQ(header_of(again, "cache-control"), "no-store");
  EXPECT_EQ(header_of(again, "idempotent-replayed"), "true");
  EXPECT_NE(header_of(again, "x-request-id"), header_of(first, "x-request-id"));
  EXPECT_EQ(world.num_created(), 1);
  EXPECT_EQ(world.num_audits("license.created"), 1);
  EXPECT_EQ(world.create("k2").status, 201u);
  EXPECT_EQ(world.num_created(), 2);
}

TEST(Idempotency, keeps_refusals_and_entity_tags_too) {
  KeyWorld world;
  const std::string license = "/admin/licenses/" + test::LicenseRow().id;
  const auto first = world.send(world.call(license + "/suspend", "{}", "s"));
  const auto again = world.send(world.call(license + "/suspend", "{}", "s"));
  EXPECT_EQ(first.status, 200u);
  EXPECT_EQ(header_of(again, "etag"), header_of(first, "etag"));
  EXPECT_EQ(header_of(again, "etag"), "\"2\"");
  const auto missing = world.send(world.call("/admin/licenses/lic_none/suspend", "{}", "m"));
  const auto missing_again = world.send(world.call("/admin/licenses/lic_none/suspend", "{}", "m"));
  EXPECT_EQ(missing.status, 404u);
  EXPECT_EQ(missing_again.status, 404u);
  EXPECT_EQ(missing_again.body, missing.body);
  EXPECT_EQ(header_of(missing_again, "content-type"), "application/problem+json");
  EXPECT_EQ(header_of(missing_again, "idempotent-replayed"), "true");
}

TEST(Idempotency, refuses_a_key_that_came_with_another_request) {
  KeyWorld world;
  EXPECT_EQ(world.create("k", R"({"count":2})").status, 201u);
  for (const auto& call : {world.call("/admin/licenses", R"({"count":3})", "k"),
                           world.call("/admin/licenses", R"({"count": 2})", "k"),
                           world.call("/admin/licenses/import", R"({"count":2})", "k"),
                           world.call("/admin/licenses/lic_1/suspend", R"({"count":2})", "k")}) {
    const auto other = world.send(call);
    EXPECT_EQ(other.status, 422u) << call.path;
    EXPECT_EQ(text_of(other, "error"), "idempotency_key_reused");
  }
  EXPECT_EQ(world.num_created(), 2);
  EXPECT_EQ(world.num_keys(), 1);
}

TEST(Idempotency, is_of_one_actor) {
  KeyWorld world;
  const auto made = world.admin("POST", "/admin/tokens", R"({"name":"ci","scopes":["*"]})");
  EXPECT_EQ(world.create("k").status, 201u);
  auto call = world.call("/admin/licenses", "{}", "k");
  call.headers.back().second = "Bearer " + text_of(made, "token");
  const auto other = world.send(call);
  EXPECT_EQ(other.status, 201u);
  EXPECT_EQ(header_of(other, "idempotent-replayed"), "");
  EXPECT_EQ(world.num_created(), 2);
}

TEST(Idempotency, costs_nothing_without_the_header_and_is_for_admin_posts_only) {
  KeyWorld world;
  const auto trips = [&](const test::Call& call) {
    const size_t before = world.host.count(host::OpKind::kDbBatch);
    world.send(call);
    return world.host.count(host::OpKind::kDbBatch) - before;
  };
  test::Call plain = world.call("/admin/licenses", "{}", "k");
  plain.headers.erase(plain.headers.begin() + 1);
  const size_t usual = trips(plain);
  EXPECT_EQ(world.num_keys(), 0);
  world.send(world.call("/admin/licenses", "", "k", "GET"));
  world.send(world.call("/admin/providers/qwen", R"({"api_key":"sk-a-new-key"})", "k", "PUT"));
  const std::string ask = R"({"license_id":"WRITER-2024-ABC","machine_id":"m"})";
  for (const std::string& key : {std::string("k"), std::string(70, 'k')}) {
    EXPECT_EQ(world.send(world.call("/keys/provision", ask, key)).status, 200u);
  }
  EXPECT_EQ(world.num_keys(), 0);
  EXPECT_EQ(trips(world.call("/admin/licenses", "{}", "k")), usual + 2);
  for (const std::string& bad : {std::string(), std::string(65, 'k'), std::string("a\tb")}) {
    EXPECT_EQ(world.create(bad).status, 400u) << bad;
  }
  auto unknown = world.call("/admin/licenses", "{}", "fresh");
  unknown.headers.back().second = "Bearer wrong";
  EXPECT_EQ(world.send(unknown).status, 401u);
  EXPECT_EQ(world.num_keys(), 1);
}

TEST(Idempotency, stores_neither_key_nor_body_nor_answer_in_the_open) {
  KeyWorld world;
  const auto created = world.create("my-secret-key", R"({"code":"WRITER-2024-XYZ"})");
  EXPECT_EQ(created.status, 201u);
  host::Batch batch;
  batch.add("SELECT key_hash || request_hash || answer AS value FROM idempotency_keys");
  const std::string stored(world.host.query(std::move(batch)).row(0, 0).text("value"));
  for (const char* open : {"my-secret-key", "WRITER", "writer", "license"}) {
    EXPECT_EQ(stored.find(open), std::string::npos) << open;
  }
}

TEST(Idempotency, carries_the_largest_answer) {
  KeyWorld world;
  std::string note(limits::kNoteBytesMax, '"'), name(limits::kHolderNameBytesMax, '\\'), escaped;
  for (const std::string* text : {&note, &name}) {
    std::string all;
    for (const char c : *text) all += std::string("\\") + c;
    escaped += (text == &note ? R"("note":")" : R"(,"holder":{"name":")") + all + (text == &note ? "\"" : "\"}");
  }
  const std::string body = "{" + escaped + R"(,"count":500})";
  const auto first = world.create("large", body);
  ASSERT_EQ(first.status, 201u) << first.body.substr(0, 300);
  EXPECT_GT(first.body.size(), 900'000u);
  const auto again = world.create("large", body);
  EXPECT_TRUE(again.body == first.body);
  EXPECT_EQ(world.num_created(), 500);
}

TEST(Idempotency, lasts_a_day_and_cron_deletes_what_is_older) {
  KeyWorld world;
  const auto first = world.create("k");
  world.host.clock.advance(limits::kIdempotencyKeptMs - 1);
  EXPECT_EQ(world.create("k").body, first.body);
  world.host.clock.advance(1);
  // Another body too: the key is free again.
  EXPECT_EQ(world.create("k", R"({"count":1})").status, 201u);
  EXPECT_EQ(world.num_created(), 2);
  const auto cron = [](ServiceWorld& in) -> Task<> {
    host::Host own(in.host.platform(), in.host.new_request(), 5000);
    co_await maintenance::run_scheduled(own, in.config());
  };
  world.host.clock.advance(limits::kIdempotencyKeptMs - 1);
  world.host.run(cron(world));
  EXPECT_EQ(world.num_keys(), 1);
  world.host.clock.advance(1);
  world.host.run(cron(world));
  EXPECT_EQ(world.num_keys(), 0);
}

TEST(Idempotency, of_a_request_in_flight_says_wait_and_of_a_dead_one_takes_over) {
  KeyWorld world;
  const auto first = world.create("k");
  world.host.query("UPDATE idempotency_keys SET state = 'in_flight', status = NULL, answer = NULL, owner = 'req_dead'");
  const auto wait = world.create("k");
  EXPECT_EQ(wait.status, 409u);
  EXPECT_EQ(text_of(wait, "error"), "conflict");
  EXPECT_EQ(header_of(wait, "retry-after"), "1");
  EXPECT_NE(wait.body.find(R"("retryable":true)"), std::string::npos);
  EXPECT_EQ(world.create("k", R"({"count":1})").status, 422u);
  world.host.clock.advance(limits::kIdempotencyTakeoverMs - 1);
  EXPECT_EQ(world.create("k").status, 409u);
  world.host.clock.advance(1);
  EXPECT_EQ(world.create("k", R"({"count":1})").status, 422u);
  const auto taken = world.create("k");
  EXPECT_EQ(taken.status, 201u);
  EXPECT_EQ(world.create("k").body, taken.body);
  EXPECT_EQ(world.num_created(), 2);
}

TEST(Idempotency, keeps_no_answer_of_500_or_more) {
  KeyWorld world;
  // The reservation is the second batch, after the look-up of the token; the third is the endpoint's.
  world.host.fail_op(world.host.num_started() + 3, test::Fault::kNotPerformed);
  EXPECT_EQ(world.create("k").status, 503u);
  EXPECT_EQ(world.num_keys(), 0);
  EXPECT_EQ(world.create("k").status, 201u);
}

Task<> create_once(KeyWorld& world) {
  const auto call = world.call("/admin/licenses", "{}", "k");
  host::FrameWriter frame;
  frame.string(call.method).string("http://keys.example" + call.path).string(call.address).string("NL");
  frame.string("").string("").string("");
  frame.u32(static_cast<uint32_t>(call.headers.size()));
  for (const auto& [name, value] : call.headers) frame.string(name).string(value);
  const auto request = Request::parse(std::move(frame).take());
  host::Host own(world.host.platform(), world.host.new_request(call.body), 5000);
  world.answers.push_back(co_await serve(world.app, own, *request));
}

TEST(Faults, of_a_request_with_a_key_run_it_once_for_each_answer_that_was_lost_at_most) {
  const uint32_t num_ops = test::fail_every_await<KeyWorld>(
      [](KeyWorld& world) { return create_once(world); },
      [](KeyWorld& world, FaultPoint) {
        const int64_t before = world.num_created();
        EXPECT_LE(before, 1);
        const bool is_answered = !world.answers.empty() && world.answers.front().status == 201;
        if (is_answered) EXPECT_EQ(before, 1);
        // A retry, after the time in which a dead one is left alone, is answered.
        world.host.clock.advance(limits::kIdempotencyTakeoverMs);
        const auto again = world.create("k");
        EXPECT_EQ(again.status, 201u) << again.body;
        EXPECT_LE(world.num_created(), before + 1);
        const auto third = world.create("k");
        EXPECT_EQ(third.body, again.body);
        EXPECT_EQ(header_of(third, "idempotent-replayed"), "true");
      });
  EXPECT_GE(num_ops, 6u);
}

// count_one: an endpoint whose every run leaves a row.
Task<Result<Response>> count_one(Context& context) {
  host::Batch batch;
  batch.add("INSERT INTO plans (name, version, providers, deliveries, max_machines, license_days, created_at) "
            "SELECT 'run', count(*) + 1, '[]', 1, 1, 1, 1 FROM plans WHERE ?1 = ?1")
      .bind(context.client.request_id);
  CO_TRY_VOID(co_await context.host.db.run(std::move(batch)));
  co_return json_response(201, R"({"ran":true})");
}

// run_counted: what the pipeline does behind authentication, on that endpoint.
Task<> run_counted(KeyWorld& world) {
  host::FrameWriter frame;
  frame.string("POST").string("http://keys.example/admin/x").string("").string("");
  frame.string("").string("").string("").u32(1);
  frame.string("idempotency-key").string("k");
  const auto request = Request::parse(std::move(frame).take());
  const Route route{.method = Method::kPost, .path = "/admin/x", .operation = "x", .auth = Auth::kAdmin,
                    .scope = "x", .body = Body::kOptional, .body_bytes_max = 1, .request_schema = "Empty",
                    .response_schema = "Empty", .success_status = 201, .summary = "x", .handler = count_one};
  host::Host own(world.host.platform(), world.host.new_request(), 5000);
  Context context{.app = world.app, .host = own, .request = *request, .client = world.client(), .actor = "admin:ci"};
  auto result = co_await run_once(context, route);
  world.answers.push_back(result ? std::move(*result) : context.problem(result.error()));
}

TEST(Race, of_two_requests_with_one_key_runs_one) {
  const auto orders = test::interleave_two<KeyWorld>(
      [](KeyWorld& world) { return run_counted(world); }, [](KeyWorld& world) { return run_counted(world); },
      [](KeyWorld& world) {
        EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM plans WHERE name = 'run'"), 1);
        ASSERT_EQ(world.answers.size(), 2u);
        for (const Response& answer : world.answers) {
          EXPECT_TRUE(answer.status == 201 || answer.status == 409) << answer.body;
        }
        EXPECT_TRUE(world.answers[0].status == 201 || world.answers[1].status == 201);
      });
  EXPECT_GT(orders, 10u);
}

TEST(Faults, of_the_run_behind_a_key_are_never_followed_by_a_second_run_but_after_a_failure) {
  test::fail_every_await<KeyWorld>([](KeyWorld& world) { return run_counted(world); },
                                   [](KeyWorld& world, FaultPoint point) {
                                     const bool was_answered =
                                         !world.answers.empty() && world.answers.front().status == 201;
                                     world.host.run(run_counted(world));
                                     const uint32_t status = world.answers.back().status;
                                     const auto runs = world.scalar(
                                         "SELECT count(*) AS value FROM plans WHERE name = 'run'");
                                     EXPECT_TRUE(status == 201 || status == 409) << point.index;
                                     if (was_answered) EXPECT_EQ(runs, 1);
                                   });
}

}  // namespace
}  // namespace latchkey::http
