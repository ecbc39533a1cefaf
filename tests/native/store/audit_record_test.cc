#include "store/audit_record.h"

#include <gtest/gtest.h>

#include "store/audit.h"
#include "support/test_host.h"

namespace latchkey::store {
namespace {

constexpr std::string_view kAll = "SELECT * FROM audit_log ORDER BY seq";

constexpr std::string_view kMachine = "6VZlGsBXAM-WqSXJMKMVYaCt2kN-nfjr9ORYeAiIzPU";
constexpr std::string_view kAddress = "l4QX2WRoL3Q7xkVvnNYMwzG4qvphfDGvxPdDBNncnZk";

AuditRow granted_row() {
  return {.at = 1767225600123,
          .request_id = "req_01kdvyrd3v00000000000000a1",
          .action = "provision.granted",
          .outcome = "granted",
          .actor = "client",
          .license_id = "lic_01kdvyrd3v00000000000000b2",
          .machine_hash = kMachine,
          .address_hash = kAddress,
          .country = "DE",
          .user_agent = "python-httpx/0.27 \"quoted\"",
          .details = R"({"app_version":"1.4.0 \u00e9","delivery":"fernet"})"};
}

// stored: the record of the row as the database gives it back.
std::string stored(const AuditRow& row) {
  test::TestHost host;
  host::Batch batch;
  add_audit(batch, row);
  host.query(std::move(batch));
  const host::BatchAnswer answer = host.query(kAll);
  EXPECT_EQ(answer.num_rows(0), 1u);
  return audit_record(answer.row(0, 0));
}

// A tree of hashes and every export stand on these bytes: they never change.
TEST(AuditRecord, has_the_fixed_form_of_the_specification) {
  EXPECT_EQ(stored(granted_row()),
            R"({"action":"provision.granted","actor":"client",)"
            R"("address_hash":"l4QX2WRoL3Q7xkVvnNYMwzG4qvphfDGvxPdDBNncnZk","at":1767225600123,"country":"DE",)"
            "\"details\":{\"app_version\":\"1.4.0 \xc3\xa9\",\"delivery\":\"fernet\"},\"item\":0,"
            R"("license_id":"lic_01kdvyrd3v00000000000000b2",)"
            R"("machine_hash":"6VZlGsBXAM-WqSXJMKMVYaCt2kN-nfjr9ORYeAiIzPU","outcome":"granted",)"
            R"("request_id":"req_01kdvyrd3v00000000000000a1",)"
            R"("user_agent":"python-httpx/0.27 \"quoted\""})");
}

TEST(AuditRecord, leaves_null_columns_out_and_keeps_the_item) {
  EXPECT_EQ(stored({.at = 1,
                    .request_id = "req_1",
                    .item = 7,
                    .action = "license.imported",
                    .outcome = "done",
                    .reason = "a_word",
                    .actor = "admin:bootstrap"}),
            R"({"action":"license.imported","actor":"admin:bootstrap","at":1,"item":7,"outcome":"done",)"
            R"("reason":"a_word","request_id":"req_1"})");
}

TEST(AuditRecord, orders_the_names_of_details_at_every_depth_and_drops_white_space) {
  AuditRow row = granted_row();
  row.details = R"({ "b": [3.0, {"z": null, "a": true}], "a": {"y": "2", "x": -1} })";
  EXPECT_NE(stored(row).find(R"("details":{"a":{"x":-1,"y":"2"},"b":[3,{"a":true,"z":null}]},"item")"),
            std::string::npos)
      << stored(row);
}

TEST(AuditRecord, keeps_details_that_are_no_such_object_as_the_text_they_are) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"edited by hand", R"("details":"edited by hand","item")"},
      {"[1]", R"("details":"[1]","item")"},
      {R"({"a":0.5})", R"("details":"{\"a\":0.5}","item")"},
      {R"({"a":1,"a":2})", R"("details":"{\"a\":1,\"a\":2}","item")"},
      {"", R"("details":"","item")"},
  };
  for (const auto& [details, wanted] : cases) {
    AuditRow row = granted_row();
    row.details = details;
    EXPECT_NE(stored(row).find(wanted), std::string::npos) << stored(row);
  }
}

// Two different rows with one record could stand for each other under a signed root.
TEST(AuditRecord, differs_where_any_column_differs) {
  const std::string record = stored(granted_row());
  const auto changed = [](auto change) {
    AuditRow row = granted_row();
    change(row);
    return stored(row);
  };
  EXPECT_NE(changed([](AuditRow& row) { row.at += 1; }), record);
  EXPECT_NE(changed([](AuditRow& row) { row.item = 1; }), record);
  EXPECT_NE(changed([](AuditRow& row) { row.request_id = "req_2"; }), record);
  EXPECT_NE(changed([](AuditRow& row) { row.action = "provision.denied"; }), record);
  EXPECT_NE(changed([](AuditRow& row) { row.outcome = "denied"; }), record);
  EXPECT_NE(changed([](AuditRow& row) { row.reason = "expired"; }), record);
  EXPECT_NE(changed([](AuditRow& row) { row.actor = "cron"; }), record);
  EXPECT_NE(changed([](AuditRow& row) { row.license_id = "lic_2"; }), record);
  EXPECT_NE(changed([](AuditRow& row) { row.machine_hash = kAddress; }), record);
  EXPECT_NE(changed([](AuditRow& row) { row.address_hash = kMachine; }), record);
  EXPECT_NE(changed([](AuditRow& row) { row.country = std::nullopt; }), record);
  EXPECT_NE(changed([](AuditRow& row) { row.user_agent = std::nullopt; }), record);
  EXPECT_NE(changed([](AuditRow& row) { row.details = std::nullopt; }), record);
}

}  // namespace
}  // namespace latchkey::store
