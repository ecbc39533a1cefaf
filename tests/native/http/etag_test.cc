// Entity tags: what If-Match and If-None-Match name, and that a stale one changes nothing.
#include "http/etag.h"

#include <gtest/gtest.h>

#include "support/service_world.h"

namespace latchkey::http {
namespace {

using test::header_of;
using test::LicenseRow;
using test::ServiceWorld;
using test::text_of;

const std::string kLicense = "/admin/licenses/" + LicenseRow().id;

Result<admin::Versions> parsed(std::optional<std::string> value) {
  host::FrameWriter frame;
  frame.string("GET").string("http://keys.example/").string("").string("").string("").string("").string("");
  frame.u32(value ? 1 : 0);
  if (value) frame.string("if-match").string(*value);
  const auto request = Request::parse(std::move(frame).take());
  return parse_versions(*request, "if-match");
}

TEST(ParseVersions, reads_lists_of_tags) {
  const struct {
    std::optional<std::string> text;
    bool is_any;
    std::vector<int64_t> listed;
  } rows[] = {
      {std::nullopt, true, {}},
      {"*", true, {}},
      {"\"3\"", false, {3}},
      {"W/\"3\"", false, {3}},
      {"\"3\",\"4\" , W/\"5\"", false, {3, 4, 5}},
      {"\"\"", false, {}},
      {"\"03\"", false, {}},
      {"\"-0\"", false, {}},
      {"\"3x\"", false, {}},
      {"\"99999999999999999999\"", false, {}},
      {"\"another\", \"7\"", false, {7}},
  };
  for (const auto& row : rows) {
    const auto versions = parsed(row.text);
    ASSERT_TRUE(versions.has_value()) << *row.text;
    EXPECT_EQ(versions->is_any, row.is_any);
    EXPECT_EQ(versions->listed, row.listed);
  }
}

TEST(ParseVersions, refuses_what_is_no_list_of_tags) {
  std::string many = "\"1\"";
  for (int i = 0; i < 16; ++i) many += ",\"1\"";
  for (const std::string& text : {std::string(), std::string("3"), std::string("\"3"), std::string("\"3\","),
                                  std::string("\"3\" \"4\""), std::string("w/\"3\""), std::string("*, \"3\""),
                                  std::string("\"a b\""), std::string(","), std::string("\"3\"x"), many}) {
    const auto versions = parsed(text);
    ASSERT_FALSE(versions.has_value()) << text;
    EXPECT_EQ(versions.error().code(), ErrorCode::kInvalidRequest);
  }
}

struct TagWorld : ServiceWorld {
  TagWorld() { add_license({}); }
  Response ask(std::string method, std::string path, std::string header = {}, std::string value = {},
               std::string body = {}) {
    test::Call call{.method = std::move(method), .path = std::move(path), .body = std::move(body)};
    call.headers = {{"authorization", "Bearer " + std::string(test::kAdminToken)}};
    if (!call.body.empty()) call.headers.emplace_back("content-type", "application/json");
    if (!header.empty()) call.headers.emplace_back(std::move(header), std::move(value));
    return send(call);
  }
  int64_t version() { return scalar("SELECT version AS value FROM licenses"); }
  int64_t num_acts() { return scalar("SELECT count(*) AS value FROM audit_log WHERE license_id IS NOT NULL"); }
};

TEST(Etag, is_the_version_and_if_none_match_saves_the_body) {
  TagWorld world;
  const auto shown = world.ask("GET", kLicense);
  EXPECT_EQ(header_of(shown, "etag"), "\"1\"");
  for (const char* held : {"\"1\"", "W/\"1\"", "\"7\", \"1\"", "*"}) {
    const auto same = world.ask("GET", kLicense, "if-none-match", held);
    EXPECT_EQ(same.status, 304u) << held;
    EXPECT_EQ(same.body, "");
    EXPECT_EQ(header_of(same, "etag"), "\"1\"");
  }
  EXPECT_EQ(world.ask("GET", kLicense, "if-none-match", "\"2\"").status, 200u);
  EXPECT_EQ(world.ask("GET", kLicense, "if-none-match", "1").status, 400u);
  EXPECT_EQ(world.ask("GET", "/admin/licenses/lic_none", "if-none-match", "*").status, 404u);
  const auto suspended = world.ask("POST", kLicense + "/suspend");
  EXPECT_EQ(header_of(suspended, "etag"), "\"2\"");
  EXPECT_EQ(world.ask("GET", kLicense, "if-none-match", "\"1\"").status, 200u);
}

TEST(IfMatch, that_is_stale_is_412_and_nothing_changes) {
  for (const char* act : {"suspend", "reinstate", "revoke", "reissue"}) {
    TagWorld world;
    const std::string path = kLicense + "/" + act;
    for (const char* stale : {"\"2\"", "\"0\"", "\"x\"", "\"2\", \"3\""}) {
      const auto refused = world.ask("POST", path, "if-match", stale);
      EXPECT_EQ(refused.status, 412u) << act << refused.body;
      EXPECT_EQ(text_of(refused, "error"), "precondition_failed");
    }
    EXPECT_EQ(world.ask("POST", path, "if-match", "1").status, 400u);
    EXPECT_EQ(world.version(), 1);
    EXPECT_EQ(world.epoch(), 1);
    EXPECT_EQ(world.num_acts(), 0);
    const auto done = world.ask("POST", path, "if-match", "\"1\"");
    EXPECT_EQ(done.status, 200u) << act;
    EXPECT_EQ(header_of(done, "etag"), "\"" + std::to_string(world.version()) + "\"");
    EXPECT_EQ(world.ask("POST", path, "if-match", "*").status, 200u) << act;
  }
  TagWorld world;
  // A revision too.
  const std::string note = R"({"note": "ours"})";
  EXPECT_EQ(world.ask("PATCH", kLicense, "if-match", "\"2\"", note).status, 412u);
  EXPECT_EQ(world.ask("PATCH", kLicense, "if-match", "1", note).status, 400u);
  EXPECT_EQ(world.num_acts(), 0);
  const auto revised = world.ask("PATCH", kLicense, "if-match", "\"1\"", note);
  EXPECT_EQ(revised.status, 200u) << revised.body;
  EXPECT_EQ(header_of(revised, "etag"), "\"2\"");
  // Nothing to change: whoever is behind is told so all the same.
  EXPECT_EQ(world.ask("PATCH", kLicense, "if-match", "\"1\"", note).status, 412u);
  EXPECT_EQ(world.ask("POST", "/admin/licenses/lic_none/suspend", "if-match", "*").status, 404u);
}

}  // namespace
}  // namespace latchkey::http
