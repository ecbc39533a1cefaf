// Bad input through the whole pipeline: each gets its own answer, nothing is stored but the
// audit row where one is due, and the next request works.
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/limits.h"
#include "http/endpoints/client_request.h"
#include "http/pipeline.h"
#include "support/service_world.h"

namespace latchkey::http {
namespace {

using test::Call;
using test::header_of;
using test::LicenseRow;
using test::ServiceWorld;
using test::text_of;

constexpr std::string_view kGood =
    R"({"license_id":"WRITER-2024-ABC","machine_id":"m1","requested_providers":["qwen","kimi"]})";

// with: a good body with one member more, or another.
std::string with(std::string_view member) {
  return R"({"license_id":"WRITER-2024-ABC","machine_id":"m1",)" + std::string(member) + "}";
}
std::string machine(std::string_view value) {
  return R"({"license_id":"WRITER-2024-ABC","machine_id":)" + std::string(value) + "}";
}
std::string license(std::string_view value) { return R"({"machine_id":"m1","license_id":)" + std::string(value) + "}"; }
std::string quoted(const std::string& text) { return '"' + text + '"'; }
std::string repeated(std::string_view text, size_t times) {
  std::string out;
  for (size_t i = 0; i < times; ++i) out += text;
  return out;
}

// expect_next_works: the service is as good as before.
void expect_next_works(ServiceWorld& world) {
  const auto response = world.post("/keys/provision", std::string(kGood));
  EXPECT_EQ(response.status, 200u) << response.body;
}

// expect_refused: that answer, no trace but `audits` rows, and the next request works. `location`:
// the first field that the answer names, or empty.
void expect_refused(const Call& call, uint32_t status, std::string_view error, std::string_view location = {},
                    int64_t audits = 0) {
  ServiceWorld world;
  world.add_license({});
  SCOPED_TRACE(call.path + " " + call.body.substr(0, 200));
  const auto response = world.send(call);
  EXPECT_EQ(response.status, status) << response.body;
  EXPECT_EQ(text_of(response, "error"), error);
  EXPECT_FALSE(text_of(response, "message").empty());
  EXPECT_EQ(header_of(response, "content-type"), "application/problem+json");
  if (!location.empty()) {
    const auto document = test::json_of(response);
    const auto errors = document.root().member("errors");
    ASSERT_TRUE(errors.has_value()) << response.body;
    EXPECT_EQ(errors->item(0).member("location")->string(), location);
  }
  EXPECT_EQ(world.seats_used(), 0);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM audit_log"), audits);
  // What is not well formed neither counts nor carries the headers.
  const bool is_counted = audits > 0;
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM rate_limits") > 0, is_counted);
  EXPECT_EQ(header_of(response, "ratelimit").empty(), !is_counted);
  expect_next_works(world);
}

void expect_bad(std::string body, std::string_view location = {}) {
  for (const char* path : {"/keys/provision", "/keys/status", "/machines/release"}) {
    expect_refused({.path = path, .body = body}, 400, "invalid_request", location);
  }
}

TEST(BadInput, that_is_no_json_is_400) {
  for (const std::string& body : std::vector<std::string>{
           "", " ", "{", "}", "{]", "{\"a\":}", "{'a':1}", "nul", "{\"machine_id\":\"m1\"", std::string(kGood) + "x",
           std::string(kGood) + std::string(kGood), "{\"a\":01}", "{\"a\":\"\n\"}", "{\"a\":\"\\x\"}",
           std::string("\0", 1), "\xef\xbb\xbf{", "{\"machine_id\":\"\xff\"}", "{\"machine_id\":\"\xc0\xaf\"}",
           "{\"machine_id\":\"\xed\xa0\x80\"}", R"({"machine_id":"\ud800"})", R"({"machine_id":"\udc00 x"})",
           R"({"machine_id":"m1","machine_id":"m2"})", R"({"machine_id":"m1","x":{"a":1,"a":2}})",
           R"({"machine_id":"m1","\u006dachine_id":"m2"})"}) {
    expect_bad(body);
  }
}

TEST(BadInput, that_nests_a_thousand_deep_is_400) {
  expect_bad(repeated("[", 1000) + repeated("]", 1000));
  expect_bad(repeated("{\"a\":", 1000) + "1" + repeated("}", 1000));
  expect_bad(with("\"x\":" + repeated("[", 1000) + repeated("]", 1000)));
  expect_bad(repeated("[", 1000));
}

TEST(BadInput, of_another_shape_is_400_and_names_the_body) {
  for (const char* body : {"[]", "5", "\"text\"", "null", "true", "[{}]"}) expect_bad(body, "body");
}

TEST(BadInput, of_a_wrong_type_in_any_field_is_400_and_names_it) {
  for (const char* value : {"5", "true", "[]", "{}", "[\"m1\"]", "-0.5"}) {
    expect_bad(machine(value), "machine_id");
    expect_bad(license(value), "license_id");
    const std::string text(value);
    expect_bad(with("\"app_version\":" + text), "app_version");
    expect_bad(with("\"client_public_key\":" + text), "client_public_key");
    expect_bad(with("\"delivery\":" + text), "delivery");
    expect_bad(with("\"receipt\":" + text), "receipt");
  }
  for (const char* value : {"5", "true", "\"qwen\"", "{}", "[5]", "[\"qwen\",null]", "[[\"qwen\"]]"}) {
    expect_bad(with("\"requested_providers\":" + std::string(value)), "requested_providers");
  }
  expect_bad(with(R"("x":1e999)"));  // No number that a double holds.
}

TEST(BadInput, that_is_missing_empty_or_too_long_is_400_and_names_it) {
  expect_bad("{}", "machine_id");
  expect_bad(machine("null"), "machine_id");
  expect_bad(machine("\"\""), "machine_id");
  expect_bad(machine(quoted(repeated("m", 129))), "machine_id");
  expect_bad(machine(quoted(repeated("\xc3\xa4", 129))), "machine_id");
  expect_bad(license("\"\""), "license_id");
  expect_bad(license(quoted(repeated("A", 255))), "license_id");
  expect_bad(with("\"app_version\":\"\""), "app_version");
  expect_bad(with("\"app_version\":" + quoted(repeated("1", 65))), "app_version");
  expect_bad(with("\"delivery\":\"\""), "delivery");
  expect_bad(with("\"client_public_key\":\"\""), "client_public_key");
  expect_bad(with("\"receipt\":\"\""), "receipt");
  expect_bad(with("\"receipt\":" + quoted(repeated("r", limits::kReceiptBytesMax + 1))), "receipt");
  expect_bad(with("\"requested_providers\":[]"), "requested_providers");
  expect_bad(with("\"requested_providers\":[\"gpt\",\"\"]"), "requested_providers");
  expect_bad(with("\"requested_providers\":[\"Qwen\"]"), "requested_providers");
  expect_bad(with("\"requested_providers\":[" + repeated("\"qwen\",", 64) + "\"qwen\"]"), "requested_providers");
}

TEST(BadInput, with_control_characters_is_400_and_names_the_field) {
  for (const char* text : {R"("a\u0000b")", R"("\n")", R"("x\u007f")", "\"\xc2\x85\"", R"("\u009f")"}) {
    expect_bad(machine(text), "machine_id");
    expect_bad(license(text), "license_id");
    expect_bad(with("\"app_version\":" + std::string(text)), "app_version");
    expect_bad(with("\"receipt\":" + std::string(text)), "receipt");
  }
}

TEST(BadInput, of_a_public_key_that_is_none_is_400) {
  for (const size_t size : {0, 1, 31, 33, 48}) {
    const std::string key = base64url_encode(as_bytes(std::string(size, 'k')));
    expect_bad(with("\"client_public_key\":" + quoted(key)), "client_public_key");
  }
  expect_bad(with("\"client_public_key\":" + quoted(repeated("!", 43))), "client_public_key");
  expect_bad(with("\"client_public_key\":" + quoted(repeated("A", 300))), "client_public_key");
  // RFC 7748, section 6.1: points whose secret is zero, also with the top bit set.
  for (const char* hex : {"0000000000000000000000000000000000000000000000000000000000000000",
                          "0100000000000000000000000000000000000000000000000000000000000000",
                          "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                          "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                          "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                          "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                          "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"}) {
    Bytes point = *hex_decode(hex);
    for (const int top : {0x00, 0x80}) {
      point[31] = static_cast<uint8_t>(point[31] | top);
      expect_bad(with("\"client_public_key\":" + quoted(base64url_encode(point))), "client_public_key");
    }
  }
}

TEST(BadInput, of_a_delivery_that_is_none_or_lacks_its_key_is_400) {
  for (const char* name : {"none", "Fernet", "fernet ", "hpke,plain", "aaaaaaaaaaaaaaaaaaaa"}) {
    expect_bad(with("\"delivery\":" + quoted(name)), "delivery");
  }
  expect_bad(with(R"("delivery":"hpke")"), "client_public_key");
  expect_bad(with(R"("delivery":"hpke","client_public_key":null)"), "client_public_key");
}

TEST(BadInput, of_a_machine_to_release_that_is_none_is_400) {
  const auto refused = [](std::string_view value) {
    expect_refused({.path = "/machines/release", .body = with("\"release_machine_id\":" + std::string(value))}, 400,
                   "invalid_request", "release_machine_id");
  };
  for (const char* value : {"5", "true", "[]", "{}", "\"\"", R"("a\u0000b")"}) refused(value);
  refused(quoted(repeated("m", 65)));
  for (const char* query : {"?dry_run=2", "?dry_run", "?dryrun=1"}) {
    expect_refused({.path = "/machines/release" + std::string(query), .body = std::string(kGood)}, 400,
                   "invalid_request");
  }
}

TEST(BadInput, names_every_wrong_field_at_once) {
  ServiceWorld world;
  const auto response = world.post("/keys/provision", R"({"machine_id":5,"license_id":6,"delivery":7,"app_version":8})");
  EXPECT_EQ(test::json_of(response).root().member("errors")->num_items(), 4u);
}

TEST(BadInput, of_another_media_type_is_415) {
  for (const char* type : {"", "text/plain", "application/x-www-form-urlencoded", "application/jsonp",
                           "multipart/form-data", "application/jso", "text/json"}) {
    for (const char* path : {"/keys/provision", "/keys/status", "/machines/release"}) {
      Call call{.path = path, .body = std::string(kGood), .headers = {}};
      if (*type != '\0') call.headers = {{"content-type", type}};
      expect_refused(call, 415, "unsupported_media_type");
    }
  }
  for (const char* type : {"application/json", "APPLICATION/JSON", "application/json; charset=utf-8"}) {
    ServiceWorld world;
    world.add_license({});
    EXPECT_EQ(world.send({.body = std::string(kGood), .headers = {{"content-type", type}}}).status, 200u) << type;
  }
}

TEST(BadInput, over_the_size_of_its_route_is_413_and_at_it_is_read) {
  const std::string at_limit = std::string(kGood) + std::string(limits::kBodyBytesClient - kGood.size(), ' ');
  expect_refused({.body = at_limit + " "}, 413, "body_too_large");
  expect_refused({.path = "/keys/status", .body = std::string(200'000, 'x')}, 413, "body_too_large");
  ServiceWorld world;
  world.add_license({});
  EXPECT_EQ(world.post("/keys/provision", at_limit).status, 200u);
}

TEST(BadInput, of_a_license_that_is_none_is_one_and_the_same_401_and_is_audited) {
  ServiceWorld world;
  world.add_license({});
  world.add_license({.id = "lic_suspended", .code = "CODE-SUSPENDED", .status = "suspended"});
  world.add_license({.id = "lic_revoked", .code = "CODE-REVOKED", .status = "revoked"});
  world.add_license({.id = "lic_expired", .code = "CODE-EXPIRED", .expires_at = test::kTestStart});
  std::string first;
  int64_t audits = 0;
  for (const char* code : {"null", "\"NO-SUCH-CODE\"", "\"?\"", "\"a b\"", "\"WF-AAAAA-AAAAA-AAAAA-AAAAA-AAAAA\"",
                           "\"CODE-SUSPENDED\"", "\"CODE-REVOKED\"", "\"CODE-EXPIRED\"", "\"x@y.z\""}) {
    const auto response = world.post("/keys/provision", license(code));
    EXPECT_EQ(response.status, 401u) << code;
    EXPECT_EQ(text_of(response, "error"), "invalid_license") << code;
    std::string body = response.body;
    const std::string id = text_of(response, "request_id");
    body.replace(body.find(id), id.size(), "ID");
    if (first.empty()) first = body;
    EXPECT_EQ(body, first) << code;
    EXPECT_EQ(world.num_audits("provision.denied"), ++audits);
  }
  const auto absent = world.post("/keys/provision", R"({"machine_id":"m1"})");
  EXPECT_EQ(absent.status, 401u);
  expect_next_works(world);
}

TEST(BadInput, of_a_receipt_that_is_forged_or_foreign_is_refused_and_an_expired_one_is_ignored) {
  ServiceWorld world;
  world.add_license({});
  world.add_license({.id = "lic_other", .code = "OTHER-CODE"});
  const auto receipt_of = [&](std::string_view code, std::string_view machine_id) {
    return text_of(world.post("/keys/provision", R"({"license_id":")" + std::string(code) + R"(","machine_id":")" +
                                                     std::string(machine_id) + R"("})"),
                   "receipt");
  };
  const std::string own = receipt_of("WRITER-2024-ABC", "m1");
  ASSERT_FALSE(own.empty());
  std::string forged = own;
  forged[forged.rfind('.') + 5] = forged[forged.rfind('.') + 5] == 'A' ? 'B' : 'A';
  const std::string unsigned_one = own.substr(0, own.rfind('.') + 1);
  for (const char* path : {"/keys/provision", "/keys/status"}) {
    for (const std::string& bad : {forged, unsigned_one, std::string("x"), std::string("a.b.c"),
                                   receipt_of("OTHER-CODE", "m1"), receipt_of("WRITER-2024-ABC", "m2")}) {
      const auto response = world.post(path, with("\"receipt\":" + quoted(bad)));
      EXPECT_EQ(response.status, 401u) << path << " " << bad << response.body;
      EXPECT_EQ(text_of(response, "error"), "invalid_license");
    }
    EXPECT_EQ(world.post(path, with("\"receipt\":" + quoted(own))).status, 200u);
  }
  world.host.clock.advance(31 * kDayMs);
  const auto late = world.post("/keys/provision", with("\"receipt\":" + quoted(own)));
  EXPECT_EQ(late.status, 200u);
  EXPECT_NE(late.body.find("receipt_expired"), std::string::npos);
}

TEST(BadInput, in_a_url_that_is_no_utf8_is_answered_in_utf8) {
  ServiceWorld world;
  for (const char* path : {"/admin/licenses?%ff=1", "/admin/licenses?status=%c3", "/admin/licenses?limit=%fe",
                           "/admin/licenses?cursor=%ff.%ff", "/admin/licenses?%00=1"}) {
    const auto response = world.admin("GET", path);
    EXPECT_EQ(response.status, 400u) << path;
    EXPECT_EQ(text_of(response, "error"), "invalid_request") << path;
  }
  EXPECT_EQ(world.admin("GET", "/admin/licenses?plan=%ff&holder=%fe").status, 200u);
  EXPECT_EQ(world.admin("GET", "/admin/licenses/\xff").status, 404u);
}

TEST(GoodInput, with_unknown_members_and_nulls_is_taken_as_if_they_were_absent) {
  ServiceWorld world;
  world.add_license({});
  const auto response = world.post(
      "/keys/provision",
      with(R"("app_version":null,"requested_providers":null,"client_public_key":null,"delivery":null,"receipt":null,)"
           R"("future":{"deep":[1,2,3]})"));
  EXPECT_EQ(response.status, 200u) << response.body;
  EXPECT_EQ(text_of(response, "delivery"), "fernet");
}

TEST(GoodInput, chooses_the_delivery_by_what_the_client_can_read) {
  ServiceWorld world;
  world.add_license({});
  const std::string key =
      quoted(base64url_encode(crypto::x25519_public_key(Secret::copy_of(std::string(32, 'k')))));
  const std::pair<std::string, std::string> cases[] = {
      {with(R"("app_version":"1.0")"), "fernet"},
      {with(R"("requested_providers":["qwen"])"), "plain"},
      {with("\"client_public_key\":" + key), "hpke"},
      {with("\"requested_providers\":[\"qwen\"],\"client_public_key\":" + key), "hpke"},
      {with("\"delivery\":\"plain\",\"client_public_key\":" + key), "plain"},
      {with(R"("delivery":"fernet","requested_providers":["qwen"])"), "fernet"}};
  for (const auto& [body, wanted] : cases) {
    const auto response = world.post("/keys/provision", body);
    EXPECT_EQ(response.status, 200u) << body;
    EXPECT_EQ(text_of(response, "delivery"), wanted) << body;
    // The published client breaks for good on a time at the top.
    EXPECT_EQ(test::json_of(response).root().member("expires_at").has_value(), wanted != "plain") << body;
    EXPECT_EQ(header_of(response, "cache-control"), "no-store");
    EXPECT_FALSE(header_of(response, "ratelimit").empty());
  }
}

}  // namespace
}  // namespace latchkey::http
