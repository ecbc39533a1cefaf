// ?dry_run=1: asked for by name or refused, and never mistaken for a real run. What each route shows is in
// tests/worker/dry_run.test.mjs.
#include "http/dry_run.h"

#include <gtest/gtest.h>

#include "support/service_world.h"

namespace latchkey::http {
namespace {

using test::ServiceWorld;

TEST(DryRun, is_asked_for_by_one_name_and_value_alone) {
  ServiceWorld world;
  const auto status = [&](std::string_view query) {
    return world.admin("PUT", "/admin/providers/kimi" + std::string(query), R"({"api_key":"sk-kimi-other"})").status;
  };
  for (const char* query : {"?dry_run=0", "?dry_run", "?dry_run=true", "?dryrun=1", "?dry-run=1", "?DRY_RUN=1",
                            "?dry_run=1&more=1", "?x=1"}) {
    EXPECT_EQ(status(query), 400u) << query;
  }
  EXPECT_EQ(status("?dry_run=1"), 200u);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM provider_keys"), 0);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM audit_log"), 0);
  EXPECT_EQ(status(""), 200u);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM provider_keys"), 1);
}

TEST(DryRun, is_said_of_an_answer_and_of_no_other) {
  const auto print = [](latchkey::Run run) {
    json::Writer out;
    out.begin_object();
    write_run(out, run);
    return out.end_object().text();
  };
  EXPECT_EQ(print(latchkey::Run::kDry), R"({"dry_run":true})");
  EXPECT_EQ(print(latchkey::Run::kReal), "{}");
}

TEST(DryRun, that_a_change_does_not_have_is_refused_and_nothing_is_done) {
  ServiceWorld world;
  int num_without = 0;
  for (const Route& route : routes()) {
    if (!is_for_admins(route.auth) || route.method == Method::kGet || route.dry_run == DryRun::kHas) continue;
    ++num_without;
    std::string path(route.path);
    const size_t open = path.find('{');
    if (open != std::string::npos) path.replace(open, path.find('}') - open + 1, "kimi");
    const auto refused = world.admin(std::string(method_name(route.method)), path + "?dry_run=1",
                                     route.body == Body::kNone ? "" : R"({"name":"a","api_key":"sk-kimi-other"})");
    EXPECT_EQ(refused.status, 400u) << route.operation;
    EXPECT_NE(refused.body.find("query.dry_run"), std::string::npos) << route.operation << refused.body;
  }
  EXPECT_EQ(num_without, 5) << "those of a backup's lines, and what changes nothing: the checkpoint, a query";
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM audit_log"), 0);
  EXPECT_EQ(world.ring_version(), 1);
}

}  // namespace
}  // namespace latchkey::http
