// What an admin does with licences and machines, through the whole pipeline.
#include "admin/licenses.h"

#include <gtest/gtest.h>

#include <set>

#include "admin/decide.h"
#include "edge/copy.h"
#include "support/service_world.h"

namespace latchkey::admin {
namespace {

using test::json_of;
using test::LicenseRow;
using test::ServiceWorld;
using test::text_of;

const std::string kLicense = "/admin/licenses/" + LicenseRow().id;

std::string member(const http::Response& response, std::string_view list, size_t index, std::string_view name) {
  const auto document = json_of(response);
  const auto items = document.root().member(list);
  if (!items || index >= items->num_items()) return "no " + std::string(list);
  const auto value = items->item(index).member(name);
  return value ? std::string(value->string().value_or("not text")) : "no " + std::string(name);
}

uint32_t provision_status(ServiceWorld& world, std::string_view code, std::string_view machine = "m1") {
  return world
      .post("/keys/provision", R"({"license_id":")" + std::string(code) + R"(","machine_id":")" + std::string(machine) +
                                   R"(","requested_providers":["qwen"]})")
      .status;
}

// everything: all rows of all tables, as text.
std::string everything(ServiceWorld& world) {
  host::Batch batch;
  for (const char* table : {"licenses", "machines", "audit_log", "provider_keys", "rate_limits"}) {
    batch.add("SELECT * FROM " + std::string(table));
  }
  std::string all = world.host.db().run_batch(std::move(batch).payload(5000)).payload;
  world.host.kv.each_value([&](const std::string& key, const std::string& value) { all += key + value; });
  return all;
}

std::string kv_status(ServiceWorld& world, std::string_view code) {
  const auto hash = license::parse_code(code)->hash(world.config().index);
  const std::string* text = world.host.kv.get(edge::license_key(hash.text()));
  const auto copy = text ? edge::parse_license_copy(*text) : std::nullopt;
  return copy ? copy->status : "none";
}

TEST(NextStatus, follows_the_table) {
  struct Case {
    const char* stored;
    LicenseAct act;
    const char* wanted;  // empty: nothing changes; "conflict"
  };
  const Case cases[] = {{"active", LicenseAct::kRevoke, "revoked"},     {"active", LicenseAct::kSuspend, "suspended"},
                        {"active", LicenseAct::kReinstate, ""},         {"suspended", LicenseAct::kRevoke, "revoked"},
                        {"suspended", LicenseAct::kSuspend, ""},        {"suspended", LicenseAct::kReinstate, "active"},
                        {"revoked", LicenseAct::kRevoke, ""},           {"revoked", LicenseAct::kSuspend, "conflict"},
                        {"revoked", LicenseAct::kReinstate, "conflict"}};
  for (const Case& one : cases) {
    const auto next = next_status(one.stored, one.act);
    if (one.wanted == std::string_view("conflict")) {
      ASSERT_FALSE(next.has_value());
      EXPECT_EQ(next.error().code(), ErrorCode::kConflict);
    } else {
      ASSERT_TRUE(next.has_value());
      EXPECT_EQ(next->value_or(""), one.wanted) << one.stored;
    }
  }
}

TEST(Create, shows_a_code_once_that_works_and_keeps_it_nowhere) {
  ServiceWorld world;
  const auto response = world.admin("POST", "/admin/licenses");
  ASSERT_EQ(response.status, 201u) << response.body;
  const std::string code = member(response, "licenses", 0, "code");
  const std::string id = member(response, "licenses", 0, "id");
  EXPECT_TRUE(is_id("lic_", id));
  EXPECT_EQ(member(response, "licenses", 0, "plan"), "pro");
  EXPECT_EQ(member(response, "licenses", 0, "status"), "active");
  EXPECT_EQ(member(response, "licenses", 0, "expires_at"), format_time(test::kTestStart + 365 * kDayMs));
  EXPECT_EQ(member(response, "licenses", 0, "code_hint"), code.substr(0, 8) + "...");
  EXPECT_EQ(provision_status(world, code), 200u);
  const std::string all = everything(world);
  EXPECT_EQ(all.find(code), std::string::npos);
  EXPECT_EQ(all.find("\"m1\""), std::string::npos) << "a raw machine id is stored";
  EXPECT_EQ(world.host.log.text().find(code), std::string::npos);
  EXPECT_EQ(world.admin("GET", "/admin/licenses/" + id).body.find(code), std::string::npos);
  EXPECT_EQ(world.num_audits("license.created"), 1);
  EXPECT_EQ(kv_status(world, code), "active");
}

TEST(Create, makes_as_many_as_asked_with_different_codes_and_one_audit_row_each) {
  ServiceWorld world;
  const auto response = world.admin("POST", "/admin/licenses", R"({"count":500,"max_machines":7,"note":"a batch"})");
  ASSERT_EQ(response.status, 201u) << response.body.substr(0, 300);
  const auto document = json_of(response);
  std::set<std::string> codes, ids;
  document.root().member("licenses")->each_item([&](json::Value license) {
    codes.emplace(*license.member("code")->string());
    ids.emplace(*license.member("id")->string());
    EXPECT_EQ(license.member("max_machines")->integer(), 7);
    EXPECT_EQ(license.member("note")->string(), "a batch");
  });
  EXPECT_EQ(codes.size(), 500u);
  EXPECT_EQ(ids.size(), 500u);
  EXPECT_EQ(world.num_audits("license.created"), 500);
  for (const char* body : {R"({"count":501})", R"({"count":0})", R"({"count":"1"})", R"({"max_machines":0})",
                           R"({"max_machines":1001})", R"({"plan":"none"})", R"({"plan":""})", R"({"unknown":1})",
                           R"({"code":"ab"})", R"({"code":"WF-12345"})", R"({"code":"GOOD-CODE","count":2})",
                           R"({"expires_at":"soon"})", R"({"holder":[]})", R"({"holder":{"email":"x"}})",
                           R"({"holder":{"phone":"x"}})", "[]", "{"}) {
    const auto bad = world.admin("POST", "/admin/licenses", body);
    EXPECT_EQ(bad.status, 400u) << body;
    EXPECT_EQ(text_of(bad, "error"), "invalid_request") << body;
  }
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM licenses"), 500);
}

TEST(Create, of_a_code_that_exists_is_a_conflict_however_it_is_typed) {
  ServiceWorld world;
  EXPECT_EQ(world.admin("POST", "/admin/licenses", R"({"code":"WRITER-2024-ABC","expires_at":null})").status, 201u);
  EXPECT_EQ(world.admin("POST", "/admin/licenses", R"({"code":" Ann@Example.org "})").status, 201u);
  for (const char* body : {R"({"code":"writer-2024-abc"})", R"({"code":"ann@example.ORG"})"}) {
    const auto again = world.admin("POST", "/admin/licenses", body);
    EXPECT_EQ(again.status, 409u);
    EXPECT_EQ(text_of(again, "error"), "conflict");
  }
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM licenses"), 2);
  EXPECT_EQ(world.num_audits("license.created"), 2);
  EXPECT_EQ(provision_status(world, "  Writer-2024-ABC "), 200u);
  EXPECT_EQ(provision_status(world, "ANN@example.org", "m2"), 200u);
}

TEST(Import, reports_each_line_and_a_dry_run_stores_nothing) {
  constexpr std::string_view rows =
      R"("rows":[{"code":"FIRST-CODE"},{"line":7,"email":"Ann@Example.org","holder_name":"Ann"},)"
      R"({"code":"first-code"},{"code":"?"},{"plan":"none"},{"note":"generated"},5,{"email":"x"},{"code":"THIRD","bad":1}])";
  ServiceWorld world;
  const char* wanted[] = {"created", "created", "exists", "error", "error", "created", "error", "error", "error"};
  for (const bool dry : {true, false}) {
    const auto response =
        world.admin("POST", "/admin/licenses/import", "{" + std::string(dry ? R"("dry_run":true,)" : "") + std::string(rows) + "}");
    ASSERT_EQ(response.status, 200u) << response.body;
    for (size_t i = 0; i < 9; ++i) EXPECT_EQ(member(response, "rows", i, "status"), wanted[i]) << i << response.body;
    const auto document = json_of(response);
    EXPECT_EQ(document.root().member("rows")->item(1).member("line")->integer(), 7);
    EXPECT_EQ(document.root().member("rows")->item(2).member("line")->integer(), 3);
    EXPECT_EQ(document.root().member("created")->integer(), 3);
    EXPECT_EQ(document.root().member("skipped")->integer(), 1);
    EXPECT_EQ(document.root().member("failed")->integer(), 5);
    EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM licenses"), dry ? 0 : 3);
    EXPECT_EQ(world.num_audits("license.imported"), dry ? 0 : 3);
  }
  const auto again = world.admin("POST", "/admin/licenses/import", R"({"rows":[{"code":"FIRST-CODE"}]})");
  EXPECT_EQ(member(again, "rows", 0, "status"), "exists");
  for (const char* body : {"{}", R"({"rows":[]})", R"({"rows":{}})", R"({"rows":[{}],"dry_run":1})"}) {
    EXPECT_EQ(world.admin("POST", "/admin/licenses/import", body).status, 400u) << body;
  }
}

// ids_of: the ids of a list, over all its pages.
std::vector<std::string> ids_of(ServiceWorld& world, const std::string& query, size_t* num_pages = nullptr) {
  std::vector<std::string> ids;
  std::string cursor;
  for (size_t page = 1; page < 100; ++page) {
    const auto response = world.admin("GET", "/admin/licenses?" + query + (cursor.empty() ? "" : "&cursor=" + cursor));
    EXPECT_EQ(response.status, 200u) << response.body;
    if (response.status != 200) return ids;
    const auto document = json_of(response);
    document.root().member("data")->each_item(
        [&](json::Value license) { ids.emplace_back(*license.member("id")->string()); });
    if (num_pages != nullptr) *num_pages = page;
    cursor = text_of(response, "next_cursor");
    if (cursor.empty()) return ids;
  }
  ADD_FAILURE() << "the list does not end";
  return ids;
}

TEST(List, pages_through_everything_once_newest_first) {
  ServiceWorld world;
  for (int i = 0; i < 25; ++i) {
    const std::string number = std::to_string(100 + i);
    world.add_license({.id = "lic_" + number, .code = "CODE-" + number, .status = i % 5 == 0 ? "revoked" : "active"});
  }
  for (const char* query : {"limit=10", "limit=25", "limit=1", "limit=24"}) {
    const auto ids = ids_of(world, query);
    EXPECT_EQ(ids.size(), 25u) << query;
    EXPECT_TRUE(std::ranges::is_sorted(ids, std::greater<>())) << query;
    EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 25u) << query;
  }
  size_t num_pages = 0;
  ids_of(world, "limit=25", &num_pages);
  EXPECT_EQ(num_pages, 1u);
  EXPECT_EQ(ids_of(world, "status=revoked&limit=2").size(), 5u);
  EXPECT_EQ(ids_of(world, "status=active&plan=pro&limit=3").size(), 20u);
  EXPECT_EQ(ids_of(world, "plan=none").size(), 0u);
}

TEST(List, filters_by_what_counts_now) {
  ServiceWorld world;
  world.add_license({.id = "lic_1", .code = "CODE-1"});
  world.add_license({.id = "lic_2", .code = "CODE-2", .expires_at = test::kTestStart});
  world.add_license({.id = "lic_3", .code = "CODE-3", .status = "suspended"});
  world.add_license({.id = "lic_4", .code = "CODE-4", .expires_at = std::nullopt});
  EXPECT_EQ(provision_status(world, "CODE-1"), 200u);
  using Ids = std::vector<std::string>;
  EXPECT_EQ(ids_of(world, "status=active"), (Ids{"lic_4", "lic_1"}));
  EXPECT_EQ(ids_of(world, "status=expired"), (Ids{"lic_2"}));
  EXPECT_EQ(ids_of(world, "status=suspended"), (Ids{"lic_3"}));
  EXPECT_EQ(ids_of(world, "never_provisioned=1"), (Ids{"lic_4", "lic_3", "lic_2"}));
  EXPECT_EQ(ids_of(world, "never_provisioned=1&status=active"), (Ids{"lic_4"}));
  for (const char* query : {"status=lost", "limit=0", "limit=501", "limit=x", "cursor=x", "colour=red"}) {
    EXPECT_EQ(world.admin("GET", "/admin/licenses?" + std::string(query)).status, 400u) << query;
  }
}

TEST(List, finds_a_holder_by_exact_name_or_address_on_every_page_with_every_filter) {
  ServiceWorld world;
  std::vector<std::string> ids;
  for (int i = 0; i < 4; ++i) {
    world.host.clock.advance(1);  // Ids sort by their millisecond.
    const auto response = world.admin("POST", "/admin/licenses", R"({"holder":{"name":"Ann Lee","email":"ann@example.org"}})");
    ids.insert(ids.begin(), member(response, "licenses", 0, "id"));
  }
  world.admin("POST", "/admin/licenses", R"({"holder":{"name":"Ann"}})");
  for (const char* holder : {"ANN@example.org", "ann+lee", "Ann%20Lee"}) {
    EXPECT_EQ(ids_of(world, "limit=3&holder=" + std::string(holder)), ids) << holder;
  }
  EXPECT_EQ(ids_of(world, "holder=ann").size(), 1u);
  EXPECT_EQ(ids_of(world, "holder=nobody").size(), 0u);
  // The newest two are suspended: a page of them alone must not end the list.
  for (size_t i = 0; i < 2; ++i) world.admin("POST", "/admin/licenses/" + ids[i] + "/suspend");
  EXPECT_EQ(ids_of(world, "limit=1&holder=ann@example.org&status=active"), (std::vector<std::string>{ids[2], ids[3]}));
  EXPECT_EQ(ids_of(world, "limit=1&holder=ann@example.org&status=suspended"), (std::vector<std::string>{ids[0], ids[1]}));
  EXPECT_EQ(everything(world).find("ann@example.org"), std::string::npos);
}

TEST(Act, changes_the_status_once_with_an_audit_row_an_epoch_and_the_edge_copy) {
  struct Case {
    const char *act, *from, *to, *action;
    bool moves_epoch;
  };
  for (const Case& one : {Case{"revoke", "active", "revoked", "license.revoked", true},
                          Case{"suspend", "active", "suspended", "license.suspended", true},
                          Case{"reinstate", "suspended", "active", "license.reinstated", false}}) {
    SCOPED_TRACE(one.act);
    ServiceWorld world;
    world.add_license({.status = one.from});
    const int64_t epoch = world.epoch();
    const std::string path = kLicense + "/" + one.act;
    const auto response = world.admin("POST", path, R"({"reason":"because"})");
    EXPECT_EQ(response.status, 200u) << response.body;
    EXPECT_EQ(text_of(response, "status"), one.to);
    EXPECT_EQ(text_of(response, "status_reason"), "because");
    EXPECT_EQ(world.epoch(), epoch + (one.moves_epoch ? 1 : 0));
    EXPECT_EQ(kv_status(world, LicenseRow().code), one.to);
    const auto audit = world.host.query("SELECT * FROM audit_log");
    ASSERT_EQ(audit.num_rows(0), 1u);
    EXPECT_EQ(audit.row(0, 0).text("action"), one.action);
    EXPECT_EQ(audit.row(0, 0).text("actor"), "admin:bootstrap");
    EXPECT_EQ(audit.row(0, 0).text("license_id"), LicenseRow().id);
    EXPECT_EQ(audit.row(0, 0).text("details"),
              R"({"after":")" + std::string(one.to) + R"(","before":")" + one.from + R"("})");
    // Done twice, it changes nothing.
    const auto again = world.admin("POST", path);
    EXPECT_EQ(again.status, 200u);
    EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM audit_log"), 1);
    EXPECT_EQ(world.epoch(), epoch + (one.moves_epoch ? 1 : 0));
    EXPECT_EQ(provision_status(world, LicenseRow().code), one.to == std::string_view("active") ? 200u : 401u);
  }
}

TEST(Act, on_nothing_or_against_the_table_is_refused) {
  ServiceWorld world;
  world.add_license({.status = "revoked"});
  EXPECT_EQ(world.admin("POST", kLicense + "/reinstate").status, 409u);
  EXPECT_EQ(world.admin("POST", kLicense + "/suspend").status, 409u);
  for (const char* path : {"/admin/licenses/lic_none/revoke", "/admin/licenses/lic_none/reissue",
                           "/admin/machines/mch_none/release"}) {
    const auto response = world.admin("POST", path);
    EXPECT_EQ(response.status, 404u) << path;
    EXPECT_EQ(text_of(response, "error"), "not_found");
  }
  EXPECT_EQ(world.admin("GET", "/admin/licenses/lic_none").status, 404u);
  EXPECT_EQ(world.admin("GET", "/admin/licenses/lic_none/machines").status, 404u);
  for (const char* body : {R"({"reason":"Two words"})", R"({"reason":""})", R"({"reason":5})", R"({"other":1})"}) {
    EXPECT_EQ(world.admin("POST", kLicense + "/revoke", body).status, 400u) << body;
  }
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM audit_log"), 0);
}

TEST(Reissue, keeps_seats_and_history_and_the_old_code_is_refused_everywhere) {
  ServiceWorld world;
  world.add_license({});
  EXPECT_EQ(provision_status(world, LicenseRow().code), 200u);
  const int64_t epoch = world.epoch();
  const auto response = world.admin("POST", kLicense + "/reissue");
  ASSERT_EQ(response.status, 200u) << response.body;
  const std::string code = text_of(response, "code");
  EXPECT_EQ(json_of(response).root().member("license")->member("machines_used")->integer(), 1);
  EXPECT_EQ(provision_status(world, LicenseRow().code), 401u);
  EXPECT_EQ(provision_status(world, code), 200u);
  EXPECT_EQ(world.seats_used(), 1);
  EXPECT_EQ(world.epoch(), epoch + 1);
  EXPECT_EQ(kv_status(world, LicenseRow().code), "reissued");
  EXPECT_EQ(kv_status(world, code), "active");
  EXPECT_EQ(world.num_audits("license.reissued"), 1);
  EXPECT_EQ(everything(world).find(code), std::string::npos);

  world.add_license({.id = "lic_other", .code = "OTHER-CODE"});
  EXPECT_EQ(world.admin("POST", kLicense + "/reissue", R"({"code":"other-code"})").status, 409u);
  EXPECT_EQ(world.num_audits("license.reissued"), 1);
  EXPECT_EQ(world.admin("POST", kLicense + "/reissue", R"({"code":"CHOSEN-CODE"})").status, 200u);
  EXPECT_EQ(provision_status(world, "chosen-code"), 200u);
}

TEST(Release, frees_the_seat_once) {
  ServiceWorld world;
  world.add_license({.max_machines = 1});
  EXPECT_EQ(provision_status(world, LicenseRow().code, "m1"), 200u);
  EXPECT_EQ(provision_status(world, LicenseRow().code, "m2"), 403u);
  const auto machines = world.admin("GET", kLicense + "/machines");
  const std::string id = member(machines, "data", 0, "id");
  ASSERT_TRUE(is_id("mch_", id)) << machines.body;
  for (int i = 0; i < 2; ++i) {
    const auto response = world.admin("POST", "/admin/machines/" + id + "/release");
    EXPECT_EQ(response.status, 200u) << response.body;
    EXPECT_EQ(text_of(response, "released_at"), format_time(test::kTestStart));
  }
  EXPECT_EQ(world.num_audits("machine.released"), 1);
  EXPECT_EQ(provision_status(world, LicenseRow().code, "m2"), 200u);
  EXPECT_EQ(provision_status(world, LicenseRow().code, "m1"), 403u);
}

}  // namespace
}  // namespace latchkey::admin
