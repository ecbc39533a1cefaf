// Machines through the admin API: shown, named, released.
#include "admin/machines.h"

#include <gtest/gtest.h>

#include <set>

#include "support/drivers.h"
#include "support/service_world.h"

namespace latchkey::admin {
namespace {

using test::FaultPoint;
using test::header_of;
using test::LicenseRow;
using test::ServiceWorld;
using test::text_of;

const std::string kActorName = "admin:bootstrap";
const std::string kMachine = "/admin/machines/mch_1";

struct MachineWorld : ServiceWorld {
  std::vector<ErrorCode> errors;
  int num_done = 0;
  MachineWorld() {
    add_license({});
    add_machine(LicenseRow().id, "hash", "mch_1");
  }
  http::Response as(std::string method, std::string path, std::string body, std::string_view if_match) {
    test::Call call{.method = std::move(method), .path = std::move(path), .body = std::move(body)};
    if (call.body.empty()) call.headers.clear();
    call.headers.emplace_back("authorization", "Bearer " + std::string(test::kAdminToken));
    call.headers.emplace_back("if-match", std::string(if_match));
    return send(call);
  }
  std::string name() {
    const auto answer = host.query("SELECT ifnull(name, '(none)') AS name FROM machines");
    return std::string(answer.row(0, 0).text("name"));
  }
};

TEST(Machine, is_shown_with_its_entity_tag) {
  MachineWorld world;
  const auto shown = world.admin("GET", kMachine);
  EXPECT_EQ(shown.status, 200u);
  EXPECT_EQ(text_of(shown, "license_id"), LicenseRow().id);
  EXPECT_EQ(header_of(shown, "etag"), "\"1\"");
  test::Call call{.method = "GET", .path = kMachine, .headers = {{"if-none-match", "\"1\""}}};
  call.headers.emplace_back("authorization", "Bearer " + std::string(test::kAdminToken));
  EXPECT_EQ(world.send(call).status, 304u);
  EXPECT_EQ(world.admin("GET", "/admin/machines/mch_none").status, 404u);
}

TEST(MachineList, pages_through_every_machine_once_newest_first) {
  MachineWorld world;
  for (const char* id : {"mch_2", "mch_3", "mch_4"}) world.add_machine(LicenseRow().id, id, id, id[4] == '3');
  std::string seen, cursor;
  for (int page = 0; page < 9; ++page) {
    const auto response = world.admin("GET", "/admin/machines?limit=3" + (cursor.empty() ? "" : "&cursor=" + cursor));
    ASSERT_EQ(response.status, 200u) << response.body;
    const auto document = test::json_of(response);
    document.root().member("data")->each_item([&](json::Value machine) {
      seen += std::string(*machine.member("id")->string()) + " ";
    });
    cursor = text_of(response, "next_cursor");
    if (cursor.empty()) break;
  }
  EXPECT_EQ(seen, "mch_4 mch_3 mch_2 mch_1 ");
  for (const char* query : {"?limit=0", "?limit=501", "?limit=x", "?cursor=mch_1.x", "?license=x"}) {
    EXPECT_EQ(world.admin("GET", "/admin/machines" + std::string(query)).status, 400u) << query;
  }
}

TEST(Rename, is_shown_everywhere_and_audited_with_before_and_after) {
  MachineWorld world;
  const auto renamed = world.admin("PATCH", kMachine, R"({"name":"Ada's desk"})");
  EXPECT_EQ(renamed.status, 200u) << renamed.body;
  EXPECT_EQ(text_of(renamed, "name"), "Ada's desk");
  EXPECT_EQ(header_of(renamed, "etag"), "\"2\"");
  EXPECT_EQ(text_of(world.admin("GET", kMachine), "name"), "Ada's desk");
  EXPECT_NE(world.admin("GET", "/admin/licenses/" + LicenseRow().id + "/machines").body.find("Ada's desk"),
            std::string::npos);
  EXPECT_EQ(world.host.query("SELECT name FROM v_machines").row(0, 0).text("name"), "Ada's desk");
  // The same again changes nothing, and null takes it away.
  EXPECT_EQ(header_of(world.admin("PATCH", kMachine, R"({"name":"Ada's desk"})"), "etag"), "\"2\"");
  EXPECT_EQ(world.admin("PATCH", kMachine, R"({"name":null})").status, 200u);
  EXPECT_EQ(world.name(), "(none)");
  EXPECT_EQ(world.admin("PATCH", kMachine, R"({"name":null})").status, 200u);
  const auto audits = world.host.query(
      "SELECT details, license_id FROM audit_log WHERE action = 'machine.renamed' ORDER BY seq");
  ASSERT_EQ(audits.num_rows(0), 2u);
  EXPECT_EQ(audits.row(0, 0).text("details"), R"({"after":"Ada's desk","before":null,"machine_id":"mch_1"})");
  EXPECT_EQ(audits.row(0, 1).text("details"), R"({"after":null,"before":"Ada's desk","machine_id":"mch_1"})");
  EXPECT_EQ(audits.row(0, 0).text("license_id"), LicenseRow().id);
}

TEST(Rename, dry_shows_the_name_and_stores_nothing) {
  MachineWorld world;
  const auto renamed = world.admin("PATCH", kMachine + "?dry_run=1", R"({"name":"x"})");
  EXPECT_EQ(renamed.status, 200u);
  EXPECT_EQ(text_of(renamed, "name"), "x");
  EXPECT_EQ(header_of(renamed, "etag"), "\"1\"");
  EXPECT_EQ(world.name(), "(none)");
  EXPECT_EQ(world.num_audits("machine.renamed"), 0);
}

TEST(Rename, of_bad_input_is_400) {
  MachineWorld world;
  std::string long_name, longest;
  for (int i = 0; i < 64; ++i) longest += "\xc3\xa4";
  long_name = longest + "x";
  for (const std::string& body :
       {std::string("{}"), std::string(R"({"name":5})"), std::string(R"({"name":""})"), std::string("[]"),
        std::string(R"({"name":"x","id":"y"})"), std::string(R"({"name":"a\u0007b"})"),
        R"({"name":")" + long_name + "\"}"}) {
    EXPECT_EQ(world.admin("PATCH", kMachine, body).status, 400u) << body;
  }
  EXPECT_EQ(world.admin("PATCH", kMachine + "?dry=1", R"({"name":"x"})").status, 400u);
  EXPECT_EQ(world.admin("PATCH", "/admin/machines/mch_none", R"({"name":"x"})").status, 404u);
  EXPECT_EQ(world.name(), "(none)");
  EXPECT_EQ(world.admin("PATCH", kMachine, R"({"name":")" + longest + "\"}").status, 200u);
  EXPECT_EQ(world.name(), longest);
}

TEST(IfMatch, of_another_version_changes_nothing) {
  MachineWorld world;
  for (const auto& [method, path, body] : {std::tuple("PATCH", kMachine, R"({"name":"x"})"),
                                           std::tuple("POST", kMachine + "/release", "")}) {
    const auto refused = world.as(method, path, body, "\"7\"");
    EXPECT_EQ(refused.status, 412u) << refused.body;
    EXPECT_EQ(world.as(method, path, body, "broken").status, 400u);
  }
  EXPECT_EQ(world.scalar("SELECT version AS value FROM machines"), 1);
  EXPECT_EQ(world.as("PATCH", kMachine, R"({"name":"x"})", "\"1\"").status, 200u);
  EXPECT_EQ(world.as("POST", kMachine + "/release", "", "\"1\", \"2\"").status, 200u);
  EXPECT_EQ(world.scalar("SELECT version AS value FROM machines"), 3);
  EXPECT_EQ(world.seats_used(), 0);
}

TEST(Version, moves_when_a_seat_is_taken_again_and_not_when_it_is_used) {
  ServiceWorld world;
  world.add_license({});
  const auto version = [&] { return world.scalar("SELECT version AS value FROM machines"); };
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(world.provision(world.request()).has_value());
  EXPECT_EQ(version(), 1);
  world.release_machines();
  EXPECT_TRUE(world.provision(world.request()).has_value());
  EXPECT_EQ(version(), 2);
}

template <class Act>
Task<> with_service(MachineWorld& world, Act act) {
  const provision::Client client = world.client();
  const Actor actor{client, kActorName};
  host::Host own(world.host.platform(), world.host.new_request(), 5000);
  MachineService service(own, world.config(), actor);
  const auto result = co_await act(service);
  if (result) ++world.num_done;
  else world.errors.push_back(result.error().code());
}

Task<> do_rename(MachineWorld& world, std::string name, Versions expected = {}) {
  return with_service(world, [name = std::move(name), expected](MachineService& service) {
    return service.rename("mch_1", name, expected);
  });
}
Task<> do_release(MachineWorld& world) {
  return with_service(world, [](MachineService& service) { return service.release("mch_1"); });
}

TEST(Faults, of_a_rename_leave_it_done_and_audited_or_not_at_all) {
  const uint32_t num_ops = test::fail_every_await<MachineWorld>(
      [](MachineWorld& world) { return do_rename(world, "desk"); },
      [](MachineWorld& world, FaultPoint) {
        for (const ErrorCode code : world.errors) EXPECT_EQ(code, ErrorCode::kUnavailable);
        EXPECT_EQ(world.num_audits("machine.renamed"), world.name() == "desk" ? 1 : 0);
        if (world.num_done > 0) EXPECT_EQ(world.name(), "desk");
      });
  EXPECT_EQ(num_ops, 2u);
}

TEST(Faults, of_a_release_leave_it_done_and_audited_or_not_at_all) {
  const uint32_t num_ops = test::fail_every_await<MachineWorld>(
      [](MachineWorld& world) { return do_release(world); },
      [](MachineWorld& world, FaultPoint) {
        for (const ErrorCode code : world.errors) EXPECT_EQ(code, ErrorCode::kUnavailable);
        EXPECT_EQ(world.num_audits("machine.released"), world.seats_used() == 0 ? 1 : 0);
        if (world.num_done > 0) EXPECT_EQ(world.seats_used(), 0);
      });
  EXPECT_GE(num_ops, 4u);
}

TEST(Race, of_two_names_has_an_audit_row_for_each_that_took_effect) {
  test::interleave_two<MachineWorld>(
      [](MachineWorld& world) { return do_rename(world, "first"); },
      [](MachineWorld& world) { return do_rename(world, "second"); },
      [](MachineWorld& world) {
        for (const ErrorCode code : world.errors) EXPECT_EQ(code, ErrorCode::kConflict);
        EXPECT_GE(world.num_done, 1);
        EXPECT_EQ(world.num_audits("machine.renamed"), world.num_done);
        EXPECT_EQ(world.scalar("SELECT version AS value FROM machines"), 1 + world.num_done);
      });
}

TEST(Race, of_two_names_for_the_same_version_does_one_and_the_other_hears_of_it) {
  const Versions first{.is_any = false, .listed = {1}};
  test::interleave_two<MachineWorld>(
      [&](MachineWorld& world) { return do_rename(world, "first", first); },
      [&](MachineWorld& world) { return do_rename(world, "second", first); },
      [](MachineWorld& world) {
        EXPECT_EQ(world.num_done, 1);
        EXPECT_EQ(world.errors, std::vector{ErrorCode::kPreconditionFailed});
      });
}

}  // namespace
}  // namespace latchkey::admin
