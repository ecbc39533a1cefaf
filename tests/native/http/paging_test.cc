// Every list is paged alike: limit, cursor, no other query than its filters.
#include "http/paging.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "support/service_world.h"

namespace latchkey::http {
namespace {

using test::json_of;
using test::ServiceWorld;

constexpr const char* kLists[] = {"/admin/licenses", "/admin/machines", "/admin/tokens", "/admin/sharing",
                                  "/admin/payments", "/admin/rotations"};

TEST(Paging, is_the_same_for_every_list) {
  ServiceWorld world;
  for (const std::string list : kLists) {
    EXPECT_EQ(world.admin("GET", list).status, 200u) << list;
    EXPECT_EQ(world.admin("GET", list + "?limit=" + std::to_string(limits::kPageRowsMax)).status, 200u) << list;
    for (const char* query : {"?limit=0", "?limit=501", "?limit=x", "?limit=", "?cursor=x", "?cursor=", "?lmit=5"}) {
      const auto refused = world.admin("GET", list + query);
      EXPECT_EQ(refused.status, 400u) << list << query;
      EXPECT_NE(refused.body.find("query."), std::string::npos) << refused.body;
    }
  }
}

TEST(Paging, gives_each_row_once_and_a_cursor_of_another_list_is_refused) {
  ServiceWorld world;
  for (int i = 0; i < 5; ++i) {
    world.add_license({.id = "lic_" + std::to_string(i), .code = "CODE-" + std::to_string(i)});
  }
  int64_t num_rows = 0;
  std::string path = "/admin/licenses?limit=2";
  for (int page = 0; page < 3; ++page) {
    const auto answer = world.admin("GET", path);
    ASSERT_EQ(answer.status, 200u) << answer.body;
    const auto document = json_of(answer);
    num_rows += static_cast<int64_t>(document.root().member("data")->num_items());
    const auto next = document.root().member("next_cursor")->string();
    EXPECT_EQ(next.has_value(), page < 2);
    if (!next) break;
    EXPECT_EQ(world.admin("GET", "/admin/machines?cursor=" + std::string(*next)).status, 400u);
    EXPECT_EQ(world.admin("GET", "/admin/licenses?status=active&cursor=" + std::string(*next)).status, 400u);
    path = "/admin/licenses?limit=2&cursor=" + std::string(*next);
  }
  EXPECT_EQ(num_rows, 5);
}

}  // namespace
}  // namespace latchkey::http
