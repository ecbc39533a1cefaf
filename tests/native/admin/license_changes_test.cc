// Plans, revisions, bulk acts, dry runs and history, through the whole pipeline.
#include <gtest/gtest.h>

#include <set>

#include "admin/licenses.h"
#include "admin/machines.h"
#include "admin/plans.h"
#include "edge/copy.h"
#include "maintenance/scheduled.h"
#include "support/drivers.h"
#include "support/service_world.h"

namespace latchkey::admin {
namespace {

using test::FaultPoint;
using test::json_of;
using test::LicenseRow;
using test::ServiceWorld;
using test::text_of;

const std::string kLicense = "/admin/licenses/" + LicenseRow().id;
constexpr std::string_view kTeam =
    R"({"providers":["qwen","kimi"],"deliveries":["hpke","fernet"],"max_machines":2,"license_days":30)";
std::string team(std::string_view more = {}) { return std::string(kTeam) + std::string(more) + "}"; }

int64_t number_of(const http::Response& response, std::string_view name) {
  const auto document = json_of(response);
  const auto value = document.root().member(name);
  return value ? value->integer().value_or(-1) : -1;
}
uint32_t ask(ServiceWorld& world, std::string_view machine, std::string_view delivery = "fernet") {
  return world
      .post("/keys/provision", R"({"license_id":"WRITER-2024-ABC","machine_id":")" + std::string(machine) +
                                   R"(","delivery":")" + std::string(delivery) + R"("})")
      .status;
}
int64_t num_rows(ServiceWorld& world) {
  return world.scalar("SELECT (SELECT count(*) FROM audit_log) + (SELECT count(*) FROM licenses) * 1000 + "
                      "(SELECT count(*) FROM plans) * 1000000 + (SELECT sum(version) FROM licenses) * 100000000 AS value");
}

TEST(Plans, are_made_in_versions_that_never_change) {
  ServiceWorld world;
  const auto first = world.admin("PUT", "/admin/plans/team", team(R"(,"budget":{"daily":"1.50"},"limits":{"rpm":5})"));
  ASSERT_EQ(first.status, 200u) << first.body;
  EXPECT_EQ(number_of(first, "version"), 1);
  EXPECT_EQ(text_of(first, "created_by"), "admin:bootstrap");
  EXPECT_EQ(text_of(first, "enforcement"), "track");
  EXPECT_NE(first.body.find(R"("providers":["kimi","qwen"],"deliveries":["fernet","hpke"])"), std::string::npos)
      << first.body;
  EXPECT_NE(first.body.find(R"("budget":{"daily":"1.50","monthly":null,"total":null})"), std::string::npos);
  // The same again, in another order, is the same version.
  const auto again = world.admin("PUT", "/admin/plans/team",
                                 R"({"limits":{"rpm":5},"deliveries":["fernet","hpke"],"providers":["kimi","qwen"],)"
                                 R"("budget":{"daily":"1.50"},"max_machines":2,"license_days":30})");
  EXPECT_EQ(number_of(again, "version"), 1);
  EXPECT_EQ(number_of(world.admin("PUT", "/admin/plans/team", team()), "version"), 2);
  EXPECT_EQ(number_of(world.admin("PUT", "/admin/plans/team?dry_run=1", team(R"(,"models":["b","a","b"])")), "version"), 3);
  const auto versions = world.admin("GET", "/admin/plans/team");
  EXPECT_EQ(json_of(versions).root().member("data")->num_items(), 2u) << versions.body;
  const auto list = world.admin("GET", "/admin/plans");
  EXPECT_EQ(json_of(list).root().member("data")->num_items(), 2u) << list.body;
  EXPECT_NE(list.body.find(R"("name":"team","version":2)"), std::string::npos) << list.body;
  EXPECT_EQ(world.num_audits("plan.set"), 2);
  EXPECT_EQ(world.admin("GET", "/admin/plans/none").status, 404u);
}

TEST(Plans, of_bad_content_are_refused_with_the_field) {
  ServiceWorld world;
  const std::pair<std::string, const char*> cases[] = {
      {"{}", "providers"},
      {team(R"(,"expiry_from":"birth")"), "expiry_from"},
      {team(R"(,"enforcement":"maybe")"), "enforcement"},
      {team(R"(,"models":[])"), "models"},
      {team(R"(,"models":[5])"), "models"},
      {team(R"(,"limits":{"rpm":-1})"), "limits"},
      {team(R"(,"limits":[])"), "limits"},
      {team(R"(,"budget":{"daily":"-1"})"), "budget.daily"},
      {team(R"(,"budget":{"weekly":"1"})"), "budget.weekly"},
      {team(R"(,"budget":5)"), "budget"},
      {team(R"(,"color":"red")"), "color"},
      {R"({"providers":["gpt"],"deliveries":["hpke"],"max_machines":1})", "providers"},
      {R"({"providers":[],"deliveries":["hpke"],"max_machines":1})", "providers"},
      {R"({"providers":["qwen"],"deliveries":["pigeon"],"max_machines":1})", "deliveries"},
      {R"({"providers":["qwen"],"deliveries":["hpke"],"max_machines":0})", "max_machines"},
      {R"({"providers":["qwen"],"deliveries":["hpke"],"max_machines":1,"expiry_from":"first_use"})", "license_days"},
  };
  for (const auto& [body, location] : cases) {
    const auto response = world.admin("PUT", "/admin/plans/team", body);
    EXPECT_EQ(response.status, 400u) << body;
    EXPECT_NE(response.body.find("\"location\":\"" + std::string(location) + "\""), std::string::npos) << response.body;
  }
  EXPECT_EQ(world.admin("PUT", "/admin/plans/Two%20Words", team()).status, 400u);
  EXPECT_EQ(world.admin("PUT", "/admin/plans/team?dryrun=1", team()).status, 400u);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM plans WHERE name <> 'pro'"), 0);
  EXPECT_EQ(world.num_audits("plan.set"), 0);
}

TEST(Plans, that_are_retired_take_no_new_license_and_keep_the_old_ones) {
  ServiceWorld world;
  world.admin("PUT", "/admin/plans/team", team());
  EXPECT_EQ(world.admin("POST", "/admin/licenses", R"({"plan":"team","code":"OLD-ONE"})").status, 201u);
  const auto retired = world.admin("PUT", "/admin/plans/team", team(R"(,"retired":true)"));
  EXPECT_EQ(number_of(retired, "version"), 2);
  EXPECT_FALSE(text_of(retired, "retired_at").empty());
  EXPECT_EQ(world.admin("POST", "/admin/licenses", R"({"plan":"team"})").status, 400u);
  EXPECT_EQ(world.admin("POST", "/admin/licenses/import", R"({"rows":[{"plan":"team"}]})").body.find("\"created\":1"),
            std::string::npos);
  EXPECT_EQ(world.post("/keys/provision", R"({"license_id":"OLD-ONE","machine_id":"m"})").status, 200u);
}

TEST(Revise, sets_and_removes_overrides_and_replanning_keeps_them) {
  ServiceWorld world;
  world.admin("PUT", "/admin/plans/team", team());
  world.add_license({.expires_at = test::kTestStart + 365 * kDayMs});
  const int64_t epoch = world.epoch();
  auto changed = world.admin("PATCH", kLicense, R"({"max_machines":1,"note":"a note"})");
  ASSERT_EQ(changed.status, 200u) << changed.body;
  EXPECT_EQ(number_of(changed, "max_machines"), 1);
  EXPECT_EQ(text_of(changed, "note"), "a note");
  EXPECT_EQ(number_of(changed, "version"), 2);
  EXPECT_EQ(text_of(changed, "expires_at"), format_time(test::kTestStart + 365 * kDayMs));
  EXPECT_EQ(world.epoch(), epoch);

  changed = world.admin("PATCH", kLicense, R"({"plan":"team"})");
  EXPECT_EQ(text_of(changed, "plan"), "team");
  EXPECT_EQ(number_of(changed, "max_machines"), 1) << changed.body;
  EXPECT_EQ(text_of(changed, "expires_at"), format_time(test::kTestStart + 30 * kDayMs));
  EXPECT_EQ(world.epoch(), epoch + 1);
  EXPECT_EQ(ask(world, "m1", "plain"), 403u);
  EXPECT_EQ(ask(world, "m1"), 200u);

  changed = world.admin("PATCH", kLicense, R"({"max_machines":null,"expires_at":"never","providers":["zhipu"]})");
  EXPECT_EQ(number_of(changed, "max_machines"), 2);
  EXPECT_NE(changed.body.find(R"("expires_at":null)"), std::string::npos) << changed.body;
  EXPECT_NE(changed.body.find(R"("overrides":{"expires_at":"never","providers":["zhipu"]})"), std::string::npos);
  changed = world.admin("PATCH", kLicense, R"({"expires_at":null,"providers":null})");
  EXPECT_NE(changed.body.find(R"("overrides":{})"), std::string::npos) << changed.body;
  EXPECT_EQ(text_of(changed, "expires_at"), format_time(test::kTestStart + 30 * kDayMs));

  // Said again, it changes nothing.
  const int64_t rows = num_rows(world);
  EXPECT_EQ(world.admin("PATCH", kLicense, R"({"expires_at":null})").status, 200u);
  EXPECT_EQ(world.admin("PATCH", kLicense, "{}").status, 200u);
  EXPECT_EQ(num_rows(world), rows);
  EXPECT_EQ(world.num_audits("license.changed"), 4);
  const auto audit = world.host.query("SELECT details FROM audit_log WHERE action = 'license.changed' ORDER BY seq LIMIT 1");
  const std::string details(audit.row(0, 0).text("details"));
  EXPECT_TRUE(details.starts_with(R"({"after":{"budget":{},"deliveries":7,)")) << details;
  EXPECT_NE(details.find(R"("before":{"budget":{},"deliveries":7,)"), std::string::npos) << details;
}

TEST(Revise, to_fewer_seats_leaves_machines_theirs_and_takes_no_new_one) {
  ServiceWorld world;
  world.add_license({.max_machines = 3});
  for (const char* machine : {"m1", "m2"}) EXPECT_EQ(ask(world, machine), 200u);
  EXPECT_EQ(world.admin("PATCH", kLicense, R"({"max_machines":1})").status, 200u);
  world.host.clock.advance(1);
  for (const char* machine : {"m1", "m2"}) EXPECT_EQ(ask(world, machine), 200u);
  EXPECT_EQ(ask(world, "m3"), 403u);
}

TEST(Revise, refuses_what_it_does_not_understand) {
  ServiceWorld world;
  world.add_license({});
  const int64_t rows = num_rows(world);
  for (const char* body : {R"({"max_machines":0})", R"({"max_machines":"2"})", R"({"providers":[]})", R"({"plan":null})",
                           R"({"providers":["gpt"]})", R"({"deliveries":"hpke"})", R"({"expires_at":"soon"})",
                           R"({"plan":"none"})", R"({"note":""})", R"({"status":"active"})", "[]", "{", ""}) {
    EXPECT_EQ(world.admin("PATCH", kLicense, body).status, body[0] == 0 ? 415u : 400u) << body;
  }
  EXPECT_EQ(world.admin("PATCH", kLicense + "?dry_run=0", "{}").status, 400u);
  EXPECT_EQ(world.admin("PATCH", "/admin/licenses/lic_none", "{}").status, 404u);
  EXPECT_EQ(num_rows(world), rows);
}

TEST(DryRun, of_every_act_shows_the_effect_and_changes_nothing) {
  ServiceWorld world;
  world.add_license({});
  world.add_license({.id = "lic_2", .code = "CODE-2", .status = "suspended"});
  world.add_machine(LicenseRow().id, "hash", "mch_1");
  const int64_t rows = num_rows(world);
  const int64_t epoch = world.epoch();
  struct Case {
    const char* method;
    std::string path;
    const char* body;
    const char* shows;
  };
  const Case cases[] = {
      {"POST", "/admin/licenses", R"({"count":2,"max_machines":9})", R"("max_machines":9)"},
      {"POST", "/admin/licenses/import", R"({"rows":[{}]})", R"("created":1)"},
      {"POST", kLicense + "/revoke", R"({"reason":"fraud"})", R"("status":"revoked","status_reason":"fraud")"},
      {"POST", kLicense + "/suspend", "{}", R"("status":"suspended")"},
      {"POST", "/admin/licenses/lic_2/reinstate", "{}", R"("status":"active")"},
      {"POST", kLicense + "/reissue", R"({"code":"NEW-CODE"})", R"("code":"NEW-CODE")"},
      {"PATCH", kLicense, R"({"max_machines":8})", R"("max_machines":8)"},
      {"POST", "/admin/machines/mch_1/release", "{}", R"("released_at":")"},
      {"PUT", "/admin/plans/team", R"({"providers":["qwen"],"deliveries":["hpke"],"max_machines":1})", R"("version":1)"},
      {"POST", "/admin/licenses/bulk", R"({"filter":{},"act":"suspend"})", R"("matched":2)"},
  };
  for (const Case& one : cases) {
    const auto response = world.admin(one.method, one.path + "?dry_run=1", one.body);
    EXPECT_EQ(response.status, 200u) << one.path << response.body;
    EXPECT_NE(response.body.find(one.shows), std::string::npos) << one.path << response.body;
    if (!one.path.ends_with("release")) EXPECT_NE(response.body.find(R"("dry_run":true)"), std::string::npos) << one.path;
    EXPECT_EQ(num_rows(world), rows) << one.path;
    EXPECT_EQ(world.seats_used(), 1) << one.path;
    EXPECT_EQ(world.admin(one.method, one.path + "?dry-run=1", one.body).status, 400u) << one.path;
    EXPECT_EQ(num_rows(world), rows) << one.path;
  }
  EXPECT_EQ(world.epoch(), epoch);
  EXPECT_EQ(json_of(world.admin("POST", "/admin/licenses?dry_run=1")).root().member("licenses")->item(0).member("code"),
            std::nullopt);
  EXPECT_EQ(world.admin("POST", kLicense + "/reissue?dry_run=1", R"({"code":"CODE-2"})").status, 409u);
  EXPECT_EQ(world.admin("POST", "/admin/licenses?dry_run=1", R"({"code":"CODE-2"})").status, 409u);
}

TEST(History, lists_acts_newest_first_in_pages_and_no_grant) {
  ServiceWorld world;
  const auto made = world.admin("POST", "/admin/licenses", R"({"code":"WRITER-2024-ABC"})");
  const std::string id(*json_of(made).root().member("licenses")->item(0).member("id")->string());
  const std::string path = "/admin/licenses/" + id;
  EXPECT_EQ(ask(world, "m1"), 200u);
  world.admin("POST", path + "/suspend", R"({"reason":"unpaid"})");
  world.admin("POST", path + "/reinstate");
  world.admin("PATCH", path, R"({"note":"x"})");
  world.admin("POST", path + "/revoke", R"({"reason":"fraud"})");
  std::vector<std::string> seen;
  std::string cursor;
  for (int page = 0; page < 3; ++page) {
    const auto response = world.admin("GET", path + "/history?limit=2" + (cursor.empty() ? "" : "&cursor=" + cursor));
    ASSERT_EQ(response.status, 200u) << response.body;
    EXPECT_EQ(text_of(response, "status"), "revoked");
    const auto document = json_of(response);
    document.root().member("data")->each_item([&](json::Value entry) {
      const auto text = [&](const char* name) { return std::string(entry.member(name)->string().value_or("-")); };
      EXPECT_EQ(text("actor"), "admin:bootstrap");
      seen.push_back(text("action") + " " + text("status") + " " + text("reason"));
    });
    cursor = text_of(response, "next_cursor");
  }
  EXPECT_EQ(cursor, "");
  EXPECT_EQ(seen, (std::vector<std::string>{"license.revoked revoked fraud", "license.changed - -",
                                            "license.reinstated active -", "license.suspended suspended unpaid",
                                            "license.created active -"}));
  for (const char* query : {"limit=0", "cursor=x", "colour=red"}) {
    EXPECT_EQ(world.admin("GET", path + "/history?" + query).status, 400u) << query;
  }
  EXPECT_EQ(world.admin("GET", "/admin/licenses/lic_none/history").status, 404u);
}

TEST(Revise, of_a_license_from_before_overrides_keeps_what_differs_from_its_plan) {
  ServiceWorld world;
  world.add_license({.expires_at = test::kTestStart + 5 * kDayMs, .max_machines = 7});
  const auto changed = world.admin("PATCH", kLicense, R"({"deliveries":["hpke"]})");
  EXPECT_EQ(number_of(changed, "max_machines"), 7) << changed.body;
  EXPECT_EQ(text_of(changed, "expires_at"), format_time(test::kTestStart + 5 * kDayMs));
  const auto later = world.admin("PATCH", kLicense, R"({"expires_at":"2040-01-01"})");
  EXPECT_EQ(text_of(later, "expires_at"), "2040-01-01T00:00:00Z");
}

// fill: so many active licences of plan pro.
void fill(ServiceWorld& world, int count) {
  for (int i = 0; i < count; ++i) {
    const std::string number = std::to_string(10'000 + i);
    world.add_license({.id = "lic_" + number, .code = "CODE-" + number, .expires_at = test::kTestStart + kDayMs});
  }
}

TEST(Bulk, runs_in_slices_each_with_its_audit_rows_and_one_epoch) {
  ServiceWorld world;
  fill(world, 450);
  const int64_t epoch = world.epoch();
  const std::string filter = R"({"filter":{"status":"active","plan":"pro"},"act":"suspend","reason":"audit")";
  const auto dry = world.admin("POST", "/admin/licenses/bulk?dry_run=1", filter + "}");
  EXPECT_EQ(number_of(dry, "matched"), 450);
  EXPECT_EQ(json_of(dry).root().member("sample")->num_items(), limits::kBulkSampleMax);
  EXPECT_EQ(world.admin("POST", "/admin/licenses/bulk", filter + R"(,"expected_count":449})").status, 409u);
  EXPECT_EQ(world.admin("POST", "/admin/licenses/bulk", filter + "}").status, 400u);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM audit_log"), 0);

  int64_t left = 450;
  std::string after;
  int num_slices = 0;
  do {
    const auto report = world.admin("POST", "/admin/licenses/bulk",
                                    filter + R"(,"expected_count":)" + std::to_string(left) +
                                        (after.empty() ? "" : R"(,"after":")" + after + "\"") + "}");
    ASSERT_EQ(report.status, 200u) << report.body;
    const int64_t changed = number_of(report, "changed");
    EXPECT_LE(changed, limits::kBulkLicensesMax);
    left -= changed + number_of(report, "skipped");
    after = text_of(report, "next");
    ++num_slices;
    EXPECT_EQ(world.epoch(), epoch + num_slices);
  } while (!after.empty());
  EXPECT_EQ(left, 0);
  EXPECT_EQ(num_slices, 3);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM licenses WHERE status = 'suspended'"), 450);
  EXPECT_EQ(world.scalar("SELECT count(DISTINCT license_id) AS value FROM audit_log WHERE action = 'license.suspended' "
                         "AND reason = 'audit'"),
            450);
}

TEST(Bulk, does_what_each_act_says_to_what_the_filter_finds) {
  struct Case {
    const char* body;
    int64_t matched, changed;
    const char* check;  // counts licences that are as they should be
    int64_t wanted;
  };
  const Case cases[] = {
      {R"("filter":{"status":"active"},"act":"revoke")", 3, 3, "status = 'revoked'", 4},
      {R"("filter":{},"act":"suspend")", 6, 4, "status = 'suspended'", 5},
      {R"("filter":{"status":"suspended"},"act":"reinstate")", 1, 1, "status = 'active'", 5},
      {R"("filter":{"status":"expired"},"act":"extend","days":10)", 1, 1, "id = 'lic_3' AND expires_at = 1768478400000 + 864000000", 1},
      {R"("filter":{"expires_before":"2100-01-01"},"act":"extend","expires_at":"2200-01-01")", 4, 4,
       "expires_at = 7258118400000", 4},
      {R"("filter":{"never_provisioned":true,"plan":"pro"},"act":"replan","plan":"team")", 5, 5, "plan = 'team'", 5},
      {R"("filter":{"plan":"none"},"act":"revoke")", 0, 0, "status = 'revoked'", 1},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.body);
    ServiceWorld world;
    world.admin("PUT", "/admin/plans/team", team());
    const TimeMs now = test::kTestStart;
    world.add_license({.id = "lic_1", .code = "CODE-1"});
    world.add_license({.id = "lic_2", .code = "CODE-2", .expires_at = std::nullopt});
    world.add_license({.id = "lic_3", .code = "CODE-3", .expires_at = now - 1});
    world.add_license({.id = "lic_4", .code = "CODE-4", .status = "suspended"});
    world.add_license({.id = "lic_5", .code = "CODE-5", .status = "revoked", .expires_at = std::nullopt});
    world.add_license({.id = "lic_6", .code = "CODE-6"});
    world.add_machine("lic_6", "hash", "mch_6");
    const auto report = world.admin("POST", "/admin/licenses/bulk",
                                    "{" + std::string(one.body) + R"(,"expected_count":)" + std::to_string(one.matched) + "}");
    ASSERT_EQ(report.status, 200u) << report.body;
    EXPECT_EQ(number_of(report, "changed"), one.changed) << report.body;
    EXPECT_EQ(number_of(report, "skipped"), one.matched - one.changed) << report.body;
    const int64_t found =
        world.scalar("SELECT count(*) AS value FROM licenses WHERE " + std::string(one.check));
    EXPECT_EQ(found, one.wanted) << world.admin("GET", "/admin/licenses").body;
    EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM audit_log WHERE license_id IS NOT NULL"), one.changed);
  }
}

TEST(Bulk, refuses_what_it_does_not_understand) {
  ServiceWorld world;
  fill(world, 2);
  const int64_t rows = num_rows(world);
  for (const char* body :
       {"{}", R"({"act":"revoke","expected_count":2})", R"({"filter":{},"expected_count":2})",
        R"({"filter":{"stauts":"x"},"act":"revoke","expected_count":2})",
        R"({"filter":{"status":"lost"},"act":"revoke","expected_count":2})", R"({"filter":{},"act":"delete","expected_count":2})",
        R"({"filter":{},"act":"extend","expected_count":2})", R"({"filter":{},"act":"revoke","days":5,"expected_count":2})",
        R"({"filter":{},"act":"extend","days":5,"expires_at":"2030-01-01","expected_count":2})",
        R"({"filter":{},"act":"extend","days":0,"expected_count":2})", R"({"filter":{},"act":"replan","expected_count":2})",
        R"({"filter":{},"act":"replan","plan":"none","expected_count":2})",
        R"({"filter":{},"act":"revoke","plan":"pro","expected_count":2})",
        R"({"filter":{},"act":"revoke","reason":"two words","expected_count":2})",
        R"({"filter":{},"act":"revoke","expected_count":-1})", R"({"filter":[],"act":"revoke","expected_count":2})"}) {
    EXPECT_EQ(world.admin("POST", "/admin/licenses/bulk", body).status, 400u) << body;
  }
  EXPECT_EQ(num_rows(world), rows);
}

// Worlds for faults and races.
const std::string kLicenseId = LicenseRow().id;
const std::string kActorName = "admin:bootstrap";

struct ChangeWorld : ServiceWorld {
  std::vector<ErrorCode> errors;
  int num_done = 0;
  ChangeWorld() { add_license({}); }
};

template <class Service = LicenseService, class Act>
Task<> with_service(ChangeWorld& world, Act act) {
  const provision::Client client = world.client();
  const Actor actor{client, kActorName};
  host::Host own(world.host.platform(), world.host.new_request(), 5000);
  Service service(own, world.config(), actor);
  const auto result = co_await act(service);
  if (result) ++world.num_done;
  else world.errors.push_back(result.error().code());
}

Revision seats(int64_t count) {
  Revision revision;
  revision.max_machines = Change<int64_t>::set(count);
  return revision;
}
const Revision kOneSeat = seats(1);
const Revision kTwoSeats = seats(2);
const BulkFilter kEvery{.status = std::nullopt, .plan = std::nullopt, .expires_before = std::nullopt, .after_id = {}};
const BulkAct kRevokeOne{.kind = BulkKind::kRevoke, .plan = {}, .reason = std::nullopt, .expected_count = 1};

Task<> do_revise(ChangeWorld& world, const Revision& revision) {
  return with_service(world, [&revision](LicenseService& service) {
    return service.revise(kLicenseId, revision, {}, Run::kReal);
  });
}
Task<> do_bulk(ChangeWorld& world) {
  return with_service(world, [](LicenseService& service) { return service.bulk(kEvery, kRevokeOne, Run::kReal); });
}
Task<> set_plan(ChangeWorld& world, int64_t machines) {
  const provision::Client client = world.client();
  const Actor actor{client, kActorName};
  host::Host own(world.host.platform(), world.host.new_request(), 5000);
  PlanService service(own, actor);
  PlanTerms terms;
  terms.providers.add(0);
  terms.deliveries = 1;
  terms.max_machines = machines;
  const auto result = co_await service.set("team", terms, Run::kReal);
  if (result) ++world.num_done;
  else world.errors.push_back(result.error().code());
}

TEST(Faults, of_a_revision_leave_it_done_and_audited_or_not_at_all) {
  const uint32_t num_ops = test::fail_every_await<ChangeWorld>(
      [](ChangeWorld& world) { return do_revise(world, kOneSeat); },
      [](ChangeWorld& world, FaultPoint) {
        for (const ErrorCode code : world.errors) EXPECT_EQ(code, ErrorCode::kUnavailable);
        const bool is_changed = world.scalar("SELECT max_machines AS value FROM licenses") == 1;
        EXPECT_EQ(world.num_audits("license.changed"), is_changed ? 1 : 0);
        if (world.num_done > 0) EXPECT_TRUE(is_changed);
      });
  EXPECT_GE(num_ops, 4u);
}

TEST(Faults, of_a_bulk_act_leave_the_slice_done_and_audited_or_not_at_all) {
  const uint32_t num_ops = test::fail_every_await<ChangeWorld>(
      [](ChangeWorld& world) { return do_bulk(world); },
      [](ChangeWorld& world, FaultPoint) {
        for (const ErrorCode code : world.errors) EXPECT_EQ(code, ErrorCode::kUnavailable);
        const int64_t revoked = world.scalar("SELECT count(*) AS value FROM licenses WHERE status = 'revoked'");
        EXPECT_EQ(world.num_audits("license.revoked"), revoked);
        EXPECT_EQ(world.epoch(), 1 + revoked);
        if (world.num_done > 0) EXPECT_EQ(revoked, 1);
      });
  EXPECT_GE(num_ops, 4u);
}

TEST(Faults, of_a_plan_leave_a_version_with_its_audit_row_or_none) {
  const uint32_t num_ops = test::fail_every_await<ChangeWorld>(
      [](ChangeWorld& world) { return set_plan(world, 1); },
      [](ChangeWorld& world, FaultPoint) {
        const int64_t made = world.scalar("SELECT count(*) AS value FROM plans WHERE name = 'team'");
        EXPECT_EQ(world.num_audits("plan.set"), made);
        if (world.num_done > 0) EXPECT_EQ(made, 1);
      });
  EXPECT_EQ(num_ops, 2u);
}

// KvDown: an act ends at its first write to KV, so that there are fewer orders to try.
struct KvDown : ChangeWorld {
  KvDown() { host.set_fault(host::OpKind::kKvPut, test::Fault::kNotPerformed); }
};

TEST(Race, of_two_revisions_has_an_audit_row_for_each_that_took_effect) {
  test::interleave_two<KvDown>([](ChangeWorld& world) { return do_revise(world, kOneSeat); },
                               [](ChangeWorld& world) { return do_revise(world, kTwoSeats); },
                               [](ChangeWorld& world) {
                                 for (const ErrorCode code : world.errors) EXPECT_EQ(code, ErrorCode::kConflict);
                                 EXPECT_GE(world.num_done, 1);
                                 EXPECT_EQ(world.num_audits("license.changed"), world.num_done);
                               },
                               test::Orders::kEffects);
}

TEST(Race, of_two_versions_of_a_plan_makes_each_once_and_loses_none_unsaid) {
  test::interleave_two<KvDown>([](ChangeWorld& world) { return set_plan(world, 1); },
                               [](ChangeWorld& world) { return set_plan(world, 2); },
                               [](ChangeWorld& world) {
                                 for (const ErrorCode code : world.errors) EXPECT_EQ(code, ErrorCode::kConflict);
                                 EXPECT_GE(world.num_done, 1);
                                 EXPECT_EQ(world.num_audits("plan.set"), world.num_done);
                                 EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM plans WHERE name = 'team'"),
                                           world.num_done);
                               },
                               test::Orders::kEffects);
}

// SeatWorld: machine-a holds the one seat of two that is taken; machine-b asks for the other.
template <int kSeats>
struct SeatWorld : KvDown {
  std::string seated;
  std::optional<provision::Verdict> verdict;
  SeatWorld() {
    host.query("UPDATE licenses SET max_machines = " + std::to_string(kSeats));
    EXPECT_TRUE(provision(request("machine-a")).has_value());
    seated = std::string(host.query("SELECT id FROM machines").row(0, 0).text("id"));
    host.clock.advance(1);
  }
};

template <class World>
Task<> ask_for_b(World& world) {
  const auto outcome = co_await world.provision_task(world.client(), world.request("machine-b"));
  EXPECT_TRUE(outcome.has_value());
  if (outcome) world.verdict = outcome->verdict;
}

TEST(Race, of_a_release_with_the_next_machine_gives_the_seat_once) {
  using World = SeatWorld<1>;
  std::set<provision::Verdict> verdicts;
  test::interleave_two<World>(
      [](World& world) {
        return with_service<MachineService>(
            world, [&world](MachineService& service) { return service.release(world.seated); });
      },
      [](World& world) { return ask_for_b(world); },
      [&](World& world) {
        const bool is_granted = world.verdict == provision::Verdict::kGranted;
        EXPECT_TRUE(is_granted || world.verdict == provision::Verdict::kNoSeat);
        EXPECT_EQ(world.seats_used(), is_granted ? 1 : 0);
        EXPECT_EQ(world.num_audits("machine.released"), 1);
        verdicts.insert(*world.verdict);
      },
      test::Orders::kEffects);
  EXPECT_EQ(verdicts.size(), 2u);
}

TEST(Race, of_fewer_seats_with_the_next_machine_seats_it_before_or_not_at_all) {
  using World = SeatWorld<2>;
  std::set<provision::Verdict> verdicts;
  test::interleave_two<World>([](World& world) { return do_revise(world, kOneSeat); },
                              [](World& world) { return ask_for_b(world); },
                              [&](World& world) {
                                const bool is_granted = world.verdict == provision::Verdict::kGranted;
                                EXPECT_TRUE(is_granted || world.verdict == provision::Verdict::kNoSeat);
                                EXPECT_EQ(world.seats_used(), is_granted ? 2 : 1);
                                EXPECT_EQ(world.num_audits("license.changed"), 1);
                                verdicts.insert(*world.verdict);
                              },
                              test::Orders::kEffects);
  EXPECT_EQ(verdicts.size(), 2u);
}

}  // namespace
}  // namespace latchkey::admin
