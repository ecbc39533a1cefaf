// RotationWorld: a service whose providers take a set of keys.
#pragma once

#include <gtest/gtest.h>

#include <set>

#include "maintenance/scheduled.h"
#include "rotation/service.h"
#include "support/drivers.h"
#include "support/service_world.h"

namespace latchkey::rotation {

inline const std::string kOldKey = "sk-kimi-secret";  // the Worker secret
inline const std::string kNewKey = "sk-kimi-rotated-1";
inline const size_t kKimi = *config::provider_index("kimi");

struct RotationWorld : test::ServiceWorld {
  std::set<std::string> accepted = {kOldKey, kNewKey};
  bool is_reachable = true;
  std::vector<ErrorCode> errors;
  std::vector<std::string> given;  // keys of kimi that clients got, in order

  RotationWorld() {
    add_license({});
    host.fetch.answer = [this](const test::FakeFetch::Request& request) -> std::optional<test::FakeFetch::Answer> {
      if (!is_reachable) return std::nullopt;
      const std::string key = request.headers.at("authorization").substr(std::string_view("Bearer ").size());
      return test::FakeFetch::Answer{accepted.contains(key) ? 200u : 401u, "{}"};
    };
  }

  // start: POST /admin/rotations for kimi; `more` are further members, each after a comma.
  http::Response start(std::string_view key = kNewKey, std::string_view more = "", std::string_view query = "") {
    return admin("POST", "/admin/rotations" + std::string(query),
                 R"({"provider":"kimi","api_key":")" + std::string(key) + '"' + std::string(more) + "}");
  }
  std::string started(std::string_view key = kNewKey, std::string_view more = "") {
    const auto response = start(key, more);
    EXPECT_EQ(response.status, 201u) << response.body;
    return test::text_of(response, "id");
  }
  http::Response act(std::string_view id, std::string_view what) {
    return admin("POST", "/admin/rotations/" + std::string(id) + "/" + std::string(what));
  }
  http::Response show(std::string_view id) { return admin("GET", "/admin/rotations/" + std::string(id)); }
  std::string state_of(std::string_view id) { return test::text_of(show(id), "state"); }

  // key_given: what a client gets now.
  std::string key_given(std::string_view machine = "machine-1") {
    const auto outcome = provision(request(machine));
    EXPECT_TRUE(outcome.has_value() && outcome->grant.has_value());
    return key_in(*outcome);
  }
  // key_in: kimi's key of a grant, whose version must go with it.
  std::string key_in(const provision::ProvisionOutcome& outcome) {
    const std::string key(as_text(outcome.grant->keys.key(kKimi)));
    EXPECT_EQ(outcome.grant->key_versions[kKimi] == 1, key == kOldKey) << key;
    return key;
  }
  Task<> cron_task() {
    host::Host own(host.platform(), host.new_request(), 5000);
    co_await maintenance::run_scheduled(own, config());
  }
  void cron() { host.run(cron_task()); }

  // As coroutines, for the drivers.
  Task<> start_task(std::string_view key, bool must_verify) {
    const provision::Client caller = client();
    const store::AuditRow by{.request_id = caller.request_id, .outcome = "done", .actor = "admin:test"};
    host::Host own(host.platform(), host.new_request(), 5000);
    RotationService service(own, config(), by);
    const Secret secret = Secret::copy_of(key);
    const NewRotation wanted{.provider = kKimi, .api_key = secret, .must_verify = must_verify, .grace_days = 30,
                             .publish_at = std::nullopt, .idempotency_key = std::nullopt};
    const auto rotation = co_await service.start(wanted);
    if (!rotation) errors.push_back(rotation.error().code());
  }
  Task<> act_task(std::string id, Act what) {
    const provision::Client caller = client();
    const store::AuditRow by{.request_id = caller.request_id, .outcome = "done", .actor = "admin:test"};
    host::Host own(host.platform(), host.new_request(), 5000);
    RotationService service(own, config(), by);
    const auto rotation = co_await service.act(id, what);
    if (!rotation) errors.push_back(rotation.error().code());
  }
  Task<> provision_kimi() {
    const auto outcome = co_await provision_task(client(), request());
    if (!outcome) errors.push_back(outcome.error().code());
    else if (outcome->grant) given.push_back(key_in(*outcome));
  }

  // expect_sound: what holds whatever happened: one published key at most, no key left of what ended, and the ring moved
  // once for each publishing, each with its audit row.
  void expect_sound() {
    EXPECT_LE(scalar("SELECT count(*) AS value FROM provider_keys WHERE state = 'published'"), 1);
    EXPECT_EQ(scalar("SELECT count(*) AS value FROM provider_keys WHERE (sealed IS NULL) <> (state = 'retired')"), 0);
    const int64_t published = scalar("SELECT count(published_at) AS value FROM rotations");
    EXPECT_EQ(ring_version(), 1 + published + num_audits("provider.key_set"));
    EXPECT_EQ(num_audits("rotation.published"), published);
    EXPECT_EQ(num_audits("rotation.staged"), scalar("SELECT count(*) AS value FROM rotations"));
    EXPECT_EQ(num_audits("rotation.cancelled"),
              scalar("SELECT count(*) AS value FROM rotations WHERE state = 'cancelled'"));
    EXPECT_EQ(scalar("SELECT count(*) AS value FROM rotations r JOIN provider_keys k ON k.id = r.key_id "
                     "WHERE (r.state IN ('staged', 'verified')) <> (k.state = 'staged')"),
              0);
  }
};

}  // namespace latchkey::rotation
