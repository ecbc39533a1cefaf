// Row structs and audit rows, as they go into the database and come back.
#include "store/rows.h"

#include <gtest/gtest.h>

#include "store/audit.h"
#include "store/queries.h"
#include "support/test_host.h"

namespace latchkey::store {
namespace {

using test::TestHost;

TEST(StoredKeys, are_the_published_rows_in_order_of_their_names) {
  TestHost host;
  for (const auto& [id, provider, state] : {std::tuple{"key_1", "qwen", "published"},
                                            {"key_2", "kimi", "published"},
                                            {"key_3", "zhipu", "retired"}}) {
    host.query(std::move(host::Batch()
                             .add("INSERT INTO provider_keys (id, provider, version, state, sealed, ring_version, "
                                  "created_at) VALUES (?1, ?2, 2, ?3, 'blob', 5, 1)")
                             .bind(id)
                             .bind(provider)
                             .bind(state)));
  }
  const auto answer = host.query(kProviderKeyListPublished);
  const std::vector<StoredKey> keys = stored_keys(answer, 0);
  ASSERT_EQ(keys.size(), 2u);
  EXPECT_EQ(keys[0].provider, "kimi");
  EXPECT_EQ(keys[1].id, "key_1");
  EXPECT_EQ(keys[1].version, 2);
  EXPECT_EQ(keys[1].ring_version, 5);
  EXPECT_EQ(keys[1].sealed.text(), "blob");
}

TEST(AuditRow, is_stored_whole_with_integers_as_integers_and_absent_values_as_null) {
  TestHost host;
  host::Batch batch;
  add_audit(batch, {.at = 1768478400123,
                    .request_id = "req_1",
                    .item = 2,
                    .action = "license.revoked",
                    .outcome = "done",
                    .actor = "admin:x",
                    .country = or_null(""),
                    .details = R"({"a":1})"});
  host.query(std::move(batch));
  const auto answer = host.query("SELECT *, typeof(at) AS at_type, typeof(item) AS item_type FROM audit_log");
  const host::Row row = answer.row(0, 0);
  EXPECT_EQ(row.integer("at"), 1768478400123);
  EXPECT_EQ(row.text("at_type"), "integer");
  EXPECT_EQ(row.text("item_type"), "integer");
  EXPECT_EQ(row.text("request_id"), "req_1");
  EXPECT_EQ(row.integer("item"), 2);
  EXPECT_EQ(row.text("action"), "license.revoked");
  EXPECT_EQ(row.text("outcome"), "done");
  EXPECT_EQ(row.text("actor"), "admin:x");
  EXPECT_EQ(row.text("details"), R"({"a":1})");
  for (const char* column : {"reason", "license_id", "machine_hash", "address_hash", "country", "user_agent"}) {
    EXPECT_TRUE(row.is_null(column)) << column;
  }
}

TEST(AuditRow, of_one_request_and_item_is_stored_once) {
  TestHost host;
  for (int i = 0; i < 2; ++i) {
    host::Batch batch;
    add_audit(batch, {.request_id = "req_1", .action = "a", .outcome = "done", .actor = "x"});
    const auto answer = host.db().run_batch(std::move(batch).payload(5000));
    EXPECT_EQ(answer.status, i == 0 ? host::OpStatus::kOk : host::OpStatus::kUnavailable);
  }
  EXPECT_EQ(host.scalar("SELECT count(*) AS value FROM audit_log"), 1);
}

}  // namespace
}  // namespace latchkey::store
