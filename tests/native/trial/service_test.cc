// Trials through the whole pipeline: once, the same again, limits, faults and two at once.
#include "trial/service.h"

#include <gtest/gtest.h>

#include "support/drivers.h"
#include "support/service_world.h"

namespace latchkey::trial {
namespace {

using test::FaultPoint;
using test::header_of;
using test::ServiceWorld;
using test::text_of;

const std::string kEmail = R"({"email":" Ann@Example.org "})";
const std::string kMachine = R"({"machine_id":"machine-1"})";

struct TrialWorld : ServiceWorld {
  TrialWorld() : ServiceWorld({{"TRIAL_PLAN", "pro"}, {"TRIAL_DAYS", "10"}}) {}
  http::Response ask(const std::string& body, const std::string& address = "203.0.113.7") {
    return send({.path = "/trials", .body = body, .address = address});
  }
  uint32_t provision_with(std::string_view code) {
    return post("/keys/provision", R"({"license_id":")" + std::string(code) + R"(","machine_id":"machine-1"})").status;
  }
  int num_given = 0;
  int64_t num_trials() { return scalar("SELECT count(*) AS value FROM licenses WHERE trial_of IS NOT NULL"); }
};

TEST(Trial, is_a_licence_for_as_many_days_as_the_setting_says) {
  for (const auto& [body, code] : {std::pair(kEmail, std::string("ann@example.org")), std::pair(kMachine, std::string())}) {
    TrialWorld world;
    const auto given = world.ask(body);
    ASSERT_EQ(given.status, 201u) << given.body;
    if (!code.empty()) EXPECT_EQ(text_of(given, "license_id"), code);
    EXPECT_EQ(text_of(given, "plan"), "pro");
    EXPECT_EQ(text_of(given, "expires_at"), format_time(world.host.clock.now() + 10 * kDayMs));
    EXPECT_NE(header_of(given, "ratelimit").find("\"trials\";r=4"), std::string_view::npos);
    EXPECT_EQ(world.provision_with(text_of(given, "license_id")), 200u);
    EXPECT_EQ(world.num_audits("trial.started"), 1);
    EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM audit_log WHERE action = 'trial.started' AND actor = 'client' "
                           "AND license_id = (SELECT id FROM licenses)"),
              1);
    EXPECT_NE(world.admin("GET", "/admin/licenses").body.find("\"trial\":true"), std::string::npos);
    world.host.clock.advance(10 * kDayMs);
    EXPECT_EQ(world.provision_with(text_of(given, "license_id")), 401u);
  }
}

TEST(Trial, asked_for_again_is_the_same_one_and_after_its_end_none) {
  for (const std::string& body : {kEmail, kMachine}) {
    TrialWorld world;
    const auto given = world.ask(body);
    world.host.clock.advance(kDayMs);
    const auto again = world.ask(body);
    EXPECT_EQ(again.status, 200u) << again.body;
    EXPECT_EQ(again.body, given.body);
    world.host.clock.advance(9 * kDayMs);
    const auto late = world.ask(body);
    EXPECT_EQ(late.status, 409u) << late.body;
    EXPECT_EQ(world.num_trials(), 1);
    EXPECT_EQ(world.num_audits("trial.denied"), 1);
  }
}

TEST(Trial, is_not_given_anew_by_a_revocation_or_another_code) {
  for (const char* act : {"revoke", "suspend", "reissue"}) {
    TrialWorld world;
    world.ask(kMachine);
    const host::BatchAnswer found = world.host.query("SELECT id FROM licenses");
    const std::string id(found.row(0, 0).text("id"));
    EXPECT_EQ(world.admin("POST", "/admin/licenses/" + id + "/" + act).status, 200u);
    EXPECT_EQ(world.ask(kMachine).status, 409u) << act;
    EXPECT_EQ(world.num_trials(), 1);
  }
}

TEST(Trial, is_refused_to_an_address_that_has_a_licence) {
  TrialWorld world;
  world.add_license({.code = "ann@example.org"});
  const auto refused = world.ask(kEmail);
  EXPECT_EQ(refused.status, 409u) << refused.body;
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM audit_log WHERE action = 'trial.denied' AND reason = 'has_license'"),
            1);
}

TEST(Trial, is_off_unless_a_plan_is_named_and_503_where_it_cannot_be_had) {
  ServiceWorld off;
  EXPECT_EQ(off.send({.path = "/trials", .body = kEmail}).status, 404u);
  ServiceWorld wrong({{"TRIAL_PLAN", "gone"}});
  EXPECT_EQ(wrong.send({.path = "/trials", .body = kEmail}).status, 503u);
}

TEST(Trial, bad_bodies_are_400_and_count_nothing) {
  TrialWorld world;
  for (const char* body : {"{}", R"({"email":1})", R"({"email":"ann"})", R"({"email":"WF-1"})", R"({"email":""})",
                           R"({"machine_id":""})", R"({"machine_id":7})", R"({"email":"a@b.cd","machine_id":"m"})",
                           R"({"email":null,"machine_id":null})", "[]", "1"}) {
    EXPECT_EQ(world.ask(body).status, 400u) << body;
  }
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM rate_limits"), 0);
}

TEST(Trial, an_address_is_limited_and_leaves_one_row) {
  TrialWorld world;
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(world.ask(R"({"machine_id":"m)" + std::to_string(i) + R"("})").status, 201u);
  }
  for (int i = 5; i < 8; ++i) {
    if (i == 7) world.restart();
    const auto over = world.ask(R"({"machine_id":"m)" + std::to_string(i) + R"("})");
    EXPECT_EQ(over.status, 429u);
    EXPECT_NE(header_of(over, "retry-after"), "");
  }
  EXPECT_EQ(world.num_trials(), 5);
  EXPECT_EQ(world.num_audits("trial.denied"), 1);
  // Another address is another matter, and so is the next hour.
  EXPECT_EQ(world.ask(kMachine, "203.0.113.8").status, 201u);
  world.host.clock.advance(kHourMs);
  EXPECT_EQ(world.ask(R"({"machine_id":"m5"})").status, 201u);
  // They count as requests of the address too.
  world.set_hits(world.address_subject("203.0.113.9"), 100, 0);
  EXPECT_EQ(world.ask(kMachine, "203.0.113.9").status, 429u);
}

Task<> do_ask(TrialWorld& world) {
  const provision::Client client = world.client();
  host::Host own(world.host.platform(), world.host.new_request(), 5000);
  TrialService service(own, world.config(), world.app.shared);
  const crypto::Index& index = world.config().index;
  Applicant applicant = applicant_of_machine(index, index.hash(crypto::IndexPurpose::kMachine, "machine-1"));
  const auto outcome = co_await service.ask(client, std::move(applicant));
  if (outcome && outcome->code) ++world.num_given;
}

TEST(Faults, of_a_trial_leave_it_given_and_audited_or_not_at_all) {
  const uint32_t num_ops = test::fail_every_await<TrialWorld>(
      [](TrialWorld& world) { return do_ask(world); },
      [](TrialWorld& world, FaultPoint) {
        EXPECT_LE(world.num_given, world.num_trials());
        EXPECT_EQ(world.num_trials(), world.num_audits("trial.started"));
        // Whoever heard nothing asks again and gets it.
        const auto again = world.ask(kMachine);
        EXPECT_EQ(again.status, world.num_audits("trial.started") == 1 && again.status == 200 ? 200u : 201u);
        EXPECT_EQ(world.num_trials(), 1);
      });
  EXPECT_GE(num_ops, 3u);
}

// KvDown: a request ends at its first write to KV, so that there are fewer orders to try.
struct KvDown : TrialWorld {
  KvDown() { host.set_fault(host::OpKind::kKvPut, test::Fault::kNotPerformed); }
};

TEST(Race, of_two_requests_makes_one_trial) {
  test::interleave_two<KvDown>([](KvDown& world) { return do_ask(world); }, [](KvDown& world) { return do_ask(world); },
                               [](KvDown& world) {
                                 EXPECT_EQ(world.num_trials(), 1);
                                 EXPECT_EQ(world.num_audits("trial.started"), 1);
                                 EXPECT_GE(world.num_given, 1);
                               },
                               test::Orders::kEffects);
}

}  // namespace
}  // namespace latchkey::trial
