// Admin acts when operations fail and when two run at once.
#include <gtest/gtest.h>

#include "admin/actor.h"
#include "admin/licenses.h"
#include "admin/machines.h"
#include "admin/providers.h"
#include "edge/copy.h"
#include "maintenance/scheduled.h"
#include "support/drivers.h"
#include "support/service_world.h"

namespace latchkey::admin {
namespace {

using test::FaultPoint;
using test::interleave_two;
using test::LicenseRow;
using test::Orders;
using test::ServiceWorld;

const std::string kActorName = "admin:bootstrap";
const std::string kLicenseId = LicenseRow().id;

struct ActWorld : ServiceWorld {
  std::string machine_id;
  std::vector<ErrorCode> errors;
  int num_done = 0;
  ActWorld() {
    add_license({});
    add_machine(LicenseRow().id, "hash", "mch_1");
    machine_id = "mch_1";
  }
};

// with_service: runs one act as an admin's request would, and counts how it ended.
template <class Service = LicenseService, class Act>
Task<> with_service(ActWorld& world, Act act) {
  const provision::Client client = world.client();
  const Actor actor{client, kActorName};
  host::Host own(world.host.platform(), world.host.new_request(), 5000);
  Service service(own, world.config(), actor);
  const auto result = co_await act(service);
  if (result) ++world.num_done;
  else world.errors.push_back(result.error().code());
}

Task<> do_act(ActWorld& world, LicenseAct act) {
  return with_service(world, [act](LicenseService& service) { return service.act(kLicenseId, act, std::nullopt); });
}
Task<> do_release(ActWorld& world) {
  return with_service<MachineService>(world, [](MachineService& service) { return service.release("mch_1"); });
}

Task<> run_cron(ActWorld& world) {
  host::Host own(world.host.platform(), world.host.new_request(), 5000);
  co_await maintenance::run_scheduled(own, world.config());
}

std::string stored_status(ActWorld& world) {
  return std::string(world.host.query("SELECT status FROM licenses").row(0, 0).text("status"));
}

std::string kv_status(ActWorld& world) {
  const auto hash = license::parse_code(LicenseRow().code)->hash(world.config().index);
  const std::string* text = world.host.kv.get(edge::license_key(hash.text()));
  const auto copy = text ? edge::parse_license_copy(*text) : std::nullopt;
  return copy ? copy->status : "none";
}

TEST(Faults, of_a_revocation_leave_it_done_and_audited_or_not_at_all_and_cron_carries_it_to_kv) {
  const uint32_t num_ops = test::fail_every_await<ActWorld>(
      [](ActWorld& world) { return do_act(world, LicenseAct::kRevoke); },
      [](ActWorld& world, FaultPoint) {
        for (const ErrorCode code : world.errors) EXPECT_EQ(code, ErrorCode::kUnavailable);
        const bool is_revoked = stored_status(world) == "revoked";
        EXPECT_EQ(world.num_audits("license.revoked"), is_revoked ? 1 : 0);
        EXPECT_EQ(world.epoch(), is_revoked ? 2 : 1);
        if (world.num_done > 0) EXPECT_TRUE(is_revoked);
        world.host.run(run_cron(world));
        EXPECT_EQ(kv_status(world), stored_status(world));
        EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM licenses WHERE version > kv_version"), 0);
      });
  EXPECT_GE(num_ops, 5u);
}

TEST(Faults, of_kv_do_not_fail_an_act_but_are_logged) {
  ActWorld world;
  world.host.set_fault(host::OpKind::kKvPut, test::Fault::kNotPerformed);
  world.host.run(do_act(world, LicenseAct::kRevoke));
  EXPECT_EQ(world.num_done, 1);
  EXPECT_EQ(stored_status(world), "revoked");
  EXPECT_NE(world.host.log.text().find("edge_sync_failed"), std::string::npos);
  world.host.set_fault(host::OpKind::kKvPut, test::Fault::kNone);
  world.host.run(run_cron(world));
  EXPECT_EQ(kv_status(world), "revoked");
}

// KvDown: an act ends at its first write to KV, so that there are fewer orders to try.
struct KvDown : ActWorld {
  KvDown() { host.set_fault(host::OpKind::kKvPut, test::Fault::kNotPerformed); }
};

TEST(Race, of_two_acts_on_one_license_has_an_audit_row_for_each_that_took_effect) {
  interleave_two<KvDown>([](ActWorld& world) { return do_act(world, LicenseAct::kSuspend); },
                           [](ActWorld& world) { return do_act(world, LicenseAct::kRevoke); },
                           [](ActWorld& world) {
                             for (const ErrorCode code : world.errors) EXPECT_EQ(code, ErrorCode::kConflict);
                             EXPECT_GE(world.num_done, 1);
                             EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM audit_log"), world.num_done);
                             const bool is_revoked = world.num_audits("license.revoked") == 1;
                             if (is_revoked && world.num_done == 1) EXPECT_EQ(stored_status(world), "revoked");
                           },
                           Orders::kEffects);
}

Task<> do_act_on(ActWorld& world, LicenseAct act, int64_t version) {
  return with_service(world, [act, version](LicenseService& service) {
    return service.act(kLicenseId, act, std::nullopt, Versions{.is_any = false, .listed = {version}});
  });
}

TEST(Race, of_two_acts_on_the_same_version_does_one_and_the_other_hears_of_it) {
  interleave_two<KvDown>([](ActWorld& world) { return do_act_on(world, LicenseAct::kSuspend, 1); },
                         [](ActWorld& world) { return do_act_on(world, LicenseAct::kRevoke, 1); },
                         [](ActWorld& world) {
                           EXPECT_EQ(world.num_done, 1);
                           EXPECT_EQ(world.errors, std::vector{ErrorCode::kPreconditionFailed});
                           EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM audit_log"), 1);
                         },
                         Orders::kEffects);
}

TEST(Race, of_two_releases_of_one_machine_has_one_audit_row) {
  interleave_two<KvDown>([](ActWorld& world) { return do_release(world); },
                           [](ActWorld& world) { return do_release(world); },
                           [](ActWorld& world) {
                             EXPECT_EQ(world.num_done, 2);
                             EXPECT_EQ(world.num_audits("machine.released"), 1);
                           },
                           Orders::kEffects);
}

Task<> set_key(ActWorld& world, std::string_view key) {
  const provision::Client client = world.client();
  const Actor actor{client, kActorName};
  host::Host own(world.host.platform(), world.host.new_request(), 5000);
  ProviderService service(own, world.config(), actor);
  const auto set = co_await service.set(*config::provider_index("qwen"), Secret::copy_of(key));
  if (set) ++world.num_done;
  else world.errors.push_back(set.error().code());
}

TEST(Race, of_two_new_keys_for_one_provider_publishes_one_and_loses_none_unsaid) {
  interleave_two<KvDown>([](ActWorld& world) { return set_key(world, "sk-first-key"); },
                           [](ActWorld& world) { return set_key(world, "sk-second-key"); },
                           [](ActWorld& world) {
                             for (const ErrorCode code : world.errors) EXPECT_EQ(code, ErrorCode::kUnavailable);
                             EXPECT_GE(world.num_done, 1);
                             EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM provider_keys WHERE state = 'published'"), 1);
                             EXPECT_EQ(world.scalar("SELECT max(version) AS value FROM provider_keys"), 1 + world.num_done);
                             EXPECT_EQ(world.ring_version(), 1 + world.num_done);
                             EXPECT_EQ(world.num_audits("provider.key_set"), world.num_done);
                           },
                           Orders::kEffects);
}

TEST(ProviderSet, seals_the_key_retires_the_old_one_and_shows_it_to_nobody) {
  ServiceWorld world;
  world.add_license({});
  for (const char* key : {"sk-rotated-key-1", "sk-rotated-key-2"}) {
    const auto response = world.admin("PUT", "/admin/providers/qwen", R"({"api_key":")" + std::string(key) + R"("})");
    EXPECT_EQ(response.status, 200u) << response.body;
    EXPECT_EQ(response.body.find(key), std::string::npos);
    EXPECT_EQ(test::text_of(response, "source"), "stored");
    const auto answer =
        world.post("/keys/provision", R"({"license_id":"WRITER-2024-ABC","machine_id":"m","requested_providers":["qwen"]})");
    EXPECT_NE(answer.body.find(key), std::string::npos) << answer.body;
  }
  EXPECT_EQ(world.scalar("SELECT count(sealed) AS value FROM provider_keys"), 1);
  EXPECT_EQ(world.scalar("SELECT version AS value FROM provider_keys WHERE state = 'published'"), 3);
  EXPECT_EQ(world.host.log.text().find("sk-rotated"), std::string::npos);
  const auto list = world.admin("GET", "/admin/providers");
  EXPECT_EQ(list.body.find("sk-"), std::string::npos);
  for (const char* body : {"{}", R"({"api_key":"short"})", R"({"api_key":"two words here"})", R"({"api_key":5})",
                           R"({"api_key":"sk-good-key","more":1})"}) {
    EXPECT_EQ(world.admin("PUT", "/admin/providers/qwen", body).status, 400u) << body;
  }
  EXPECT_EQ(world.admin("PUT", "/admin/providers/gpt", R"({"api_key":"sk-good-key"})").status, 404u);
}

}  // namespace
}  // namespace latchkey::admin
