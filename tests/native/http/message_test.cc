// Request frames, problem documents, fields and cursors.
#include "http/message.h"

#include <gtest/gtest.h>

#include <set>

#include "base/limits.h"
#include "http/context.h"
#include "http/cursor.h"
#include "http/fields.h"
#include "http/problem.h"
#include "support/draws.h"
#include "support/service_world.h"

namespace latchkey::http {
namespace {

std::string frame_of(std::string_view method, std::string_view url) {
  host::FrameWriter frame;
  frame.string(method).string(url).string("203.0.113.7").string("NL");
  frame.string("1136").string("52.4").string("4.9").u32(2);
  frame.string("content-type").string("application/json").string("user-agent").string("x");
  return std::move(frame).take();
}

TEST(Request, splits_a_url_into_its_parts) {
  struct Case {
    std::string_view url, scheme, origin, path, query;
  };
  const Case cases[] = {
      {"https://a.example/keys/status?x=1", "https", "https://a.example", "/keys/status", "x=1"},
      {"http://127.0.0.1:8787/", "http", "http://127.0.0.1:8787", "/", ""},
      {"https://a.example", "https", "https://a.example", "/", ""},
      {"https://a.example?x", "https", "https://a.example", "/", "x"},
      {"https://a.example#f", "https", "https://a.example", "/", ""},
      {"https://a.example/a?b#c?d", "https", "https://a.example", "/a", "b"},
      {"https://a.example//a///b//", "https", "https://a.example", "/a/b/", ""},
      {"https://a.example/a?b//c", "https", "https://a.example", "/a", "b//c"}};
  for (const Case& one : cases) {
    const auto request = Request::parse(frame_of("POST", one.url));
    ASSERT_TRUE(request.has_value()) << one.url;
    EXPECT_EQ(request->method, Method::kPost);
    EXPECT_EQ(request->scheme, one.scheme);
    EXPECT_EQ(request->origin, one.origin);
    EXPECT_EQ(request->path, one.path) << one.url;
    EXPECT_EQ(request->query, one.query) << one.url;
    EXPECT_EQ(request->address, "203.0.113.7");
    EXPECT_EQ(request->country, "NL");
    EXPECT_EQ(request->asn, "1136");
    EXPECT_EQ(request->latitude, "52.4");
    EXPECT_EQ(request->longitude, "4.9");
    EXPECT_EQ(request->header("user-agent"), "x");
    EXPECT_EQ(request->header("authorization"), "");
  }
}

TEST(Request, of_a_frame_that_is_cut_or_too_long_is_none) {
  const std::string frame = frame_of("GET", "https://a.example/health");
  ASSERT_TRUE(Request::parse(frame).has_value());
  for (size_t size = 0; size < frame.size(); ++size) EXPECT_FALSE(Request::parse(frame.substr(0, size))) << size;
  EXPECT_FALSE(Request::parse(frame + "x"));
  for (const char* url : {"", "/health", "a.example/health", "https:/a.example"}) {
    EXPECT_FALSE(Request::parse(frame_of("GET", url))) << url;
  }
}

TEST(Request, of_changed_bytes_never_reads_past_its_frame) {
  const std::string frame = frame_of("GET", "https://a.example/health?limit=5&cursor=%41");
  test::Draws draws(3);
  for (int i = 0; i < 20'000; ++i) {
    std::string changed = frame;
    for (uint64_t changes = 1 + draws.below(4); changes > 0; --changes) {
      changed[draws.below(changed.size())] = static_cast<char>(draws.below(256));
    }
    const auto request = Request::parse(std::move(changed));
    if (!request) continue;
    EXPECT_LE(request->path.size() + request->query.size(), frame.size());
    EXPECT_LE(request->query_names().size(), frame.size());
  }
}

TEST(Request, reads_the_first_value_of_a_query_decoded) {
  const auto request =
      Request::parse(frame_of("GET", "https://a.example/x?a=1&a=2&b=%41+%2B%zz%4&c&&=d&e=f=g&%61b=1"));
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->query_value("a"), "1");
  EXPECT_EQ(request->query_value("b"), "A +%zz%4");
  EXPECT_EQ(request->query_value("c"), "");
  EXPECT_EQ(request->query_value(""), "d");
  EXPECT_EQ(request->query_value("e"), "f=g");
  EXPECT_EQ(request->query_value("ab"), "1");
  EXPECT_EQ(request->query_value("x"), std::nullopt);
  EXPECT_EQ(request->query_names().size(), 7u);
}

TEST(Request, turns_bytes_that_are_no_utf8_into_the_replacement_character) {
  const auto request = Request::parse(frame_of(
      "GET", "https://a.example/\xff/\xc3\xa4?a=%ff&b=%c3%a4%e2%82&\xc3=1&c=\xed\xa0\x80&d=%F0%9F%98%80x"));
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->path, "/\xef\xbf\xbd/\xc3\xa4");
  EXPECT_EQ(request->query_value("a"), "\xef\xbf\xbd");
  EXPECT_EQ(request->query_value("b"), "\xc3\xa4\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(request->query_value("\xef\xbf\xbd"), "1");
  EXPECT_EQ(request->query_value("c"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(request->query_value("d"), "\xf0\x9f\x98\x80x");
}

TEST(Method, reads_back_what_it_prints_and_nothing_else) {
  for (const Method method : {Method::kGet, Method::kPost, Method::kPut, Method::kDelete, Method::kPatch,
                              Method::kHead, Method::kOptions}) {
    EXPECT_EQ(parse_method(method_name(method)), method);
  }
  for (const char* text : {"", "get", "GETS", "TRACE", "GE"}) EXPECT_EQ(parse_method(text), Method::kOther);
}

TEST(Problem, has_the_members_of_rfc_9457_and_those_of_the_first_clients_for_every_code) {
  constexpr uint32_t statuses[] = {400, 401, 401, 402, 403, 403, 403, 403, 404, 405,
                                   409, 412, 413, 415, 422, 422, 429, 429, 500, 503};
  static_assert(std::size(statuses) == static_cast<size_t>(ErrorCode::kUnavailable) + 1);
  std::set<std::string> names;
  for (uint8_t i = 0; i <= static_cast<uint8_t>(ErrorCode::kUnavailable); ++i) {
    const auto code = static_cast<ErrorCode>(i);
    const std::string name(error_name(code));
    EXPECT_TRUE(names.insert(name).second);
    const FieldError field{"rows[3].email", "must be \"one\""};
    const Response response = problem(Error(code, "What is wrong.", "a detail for the log"), "req_1", {&field, 1});
    EXPECT_EQ(response.status, statuses[i]) << name;
    EXPECT_EQ(status_of(code), statuses[i]);
    EXPECT_EQ(test::header_of(response, "content-type"), "application/problem+json");
    EXPECT_EQ(test::header_of(response, "cache-control"), "no-store");
    EXPECT_EQ(test::header_of(response, "retry-after"), code == ErrorCode::kUnavailable ? "1" : "");
    EXPECT_EQ(test::text_of(response, "type"), "urn:latchkey:error:" + name);
    EXPECT_EQ(test::text_of(response, "title"), title_of(statuses[i]));
    EXPECT_EQ(test::text_of(response, "error"), name);
    EXPECT_EQ(test::text_of(response, "message"), "What is wrong.");
    EXPECT_EQ(test::text_of(response, "detail"), "What is wrong.");
    EXPECT_EQ(test::text_of(response, "request_id"), "req_1");
    EXPECT_EQ(response.body.find("for the log"), std::string::npos);
    const auto document = test::json_of(response);
    EXPECT_EQ(document.root().member("success")->boolean(), false);
    EXPECT_EQ(document.root().member("status")->integer(), statuses[i]);
    EXPECT_EQ(document.root().member("retryable")->boolean(), is_retryable(code));
    EXPECT_EQ(document.root().member("errors")->item(0).member("location")->string(), "rows[3].email");
  }
}

TEST(Problem, says_when_a_limit_ends_where_the_error_does) {
  Error error(ErrorCode::kReleaseLimit, "Later.");
  EXPECT_EQ(problem(error, "req_1").body.find("resets_at"), std::string::npos);
  error.resets_at = test::kTestStart;
  EXPECT_EQ(test::text_of(problem(error, "req_1"), "resets_at"), format_time(test::kTestStart));
}

TEST(Fields, collects_every_mistake_and_reads_the_rest) {
  const auto document = json::Document::parse_untrusted(
      R"({"a":"text","b":5,"c":true,"d":"2027-01-31","e":"","f":"toolong","g":"x\u0007","h":1.5,"i":"no","j":null})");
  ASSERT_TRUE(document.has_value());
  Fields fields(document->root(), "rows[2].");
  EXPECT_EQ(fields.text("a", 4), "text");
  EXPECT_EQ(fields.integer("b", 1, 5), 5);
  EXPECT_EQ(fields.boolean("c"), true);
  EXPECT_EQ(fields.time("d"), parse_time("2027-01-31T00:00:00Z"));
  EXPECT_EQ(fields.text("j", 4), std::nullopt);
  EXPECT_EQ(fields.text("absent", 4), std::nullopt);
  EXPECT_TRUE(fields.ok());
  EXPECT_EQ(fields.text("b", 4), std::nullopt);
  EXPECT_EQ(fields.text("e", 4), std::nullopt);
  EXPECT_EQ(fields.text("f", 6), std::nullopt);
  EXPECT_EQ(fields.text("g", 6), std::nullopt);
  EXPECT_EQ(fields.text("j", 6, Presence::kRequired), std::nullopt);
  EXPECT_EQ(fields.integer("b", 6, 9), std::nullopt);
  EXPECT_EQ(fields.integer("h", 0, 9), std::nullopt);
  EXPECT_EQ(fields.boolean("i"), std::nullopt);
  EXPECT_EQ(fields.time("i"), std::nullopt);
  ASSERT_EQ(fields.errors().size(), 9u);
  EXPECT_EQ(fields.errors()[0].location, "rows[2].b");
  fields.refuse_unknown({"a", "b", "c", "d", "e", "f", "g", "h", "i"});
  EXPECT_EQ(fields.errors().back().location, "rows[2].j");
}

TEST(Fields, of_something_else_than_an_object_are_one_mistake) {
  for (const char* text : {"[]", "5", "\"x\"", "null", "true"}) {
    const auto document = json::Document::parse_untrusted(text);
    ASSERT_TRUE(document.has_value()) << text;
    const Fields fields(document->root());
    ASSERT_EQ(fields.errors().size(), 1u) << text;
    EXPECT_EQ(fields.errors()[0].location, "body");
  }
}

TEST(HasControl, finds_c0_c1_and_del_and_leaves_other_letters_alone) {
  for (const std::string_view text : {std::string_view("\x00", 1), std::string_view("a\n"), std::string_view("\x7f"),
                                      std::string_view("\xc2\x80"), std::string_view("b\xc2\x9f")}) {
    EXPECT_TRUE(has_control(text));
  }
  for (const char* text : {"", "plain ~", "\xc2\xa0", "\xc3\x80", "\xe2\x82\xac"}) EXPECT_FALSE(has_control(text));
}

TEST(Cursor, opens_only_for_the_list_and_filter_it_was_made_for) {
  const config::Config config = test::test_config();
  const std::string cursor = make_cursor(config.index, "licenses|active", "lic_1");
  EXPECT_EQ(open_cursor(config.index, "licenses|active", cursor), "lic_1");
  EXPECT_FALSE(open_cursor(config.index, "licenses|revoked", cursor));
  EXPECT_FALSE(open_cursor(config.index, "licenses|active", ""));
  EXPECT_FALSE(open_cursor(config.index, "licenses|active", "lic_1"));
  for (size_t at = 0; at < cursor.size(); ++at) {
    std::string changed = cursor;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(open_cursor(config.index, "licenses|active", changed)) << at;
    EXPECT_FALSE(open_cursor(config.index, "licenses|active", cursor.substr(0, at))) << at;
  }
}

TEST(PageRows, are_1_to_500) {
  EXPECT_EQ(parse_page_rows("1"), 1u);
  EXPECT_EQ(parse_page_rows("500"), 500u);
  for (const char* text : {"", "0", "501", "-1", "1.5", "x", "5x", " 5", "99999999999999"}) {
    EXPECT_FALSE(parse_page_rows(text)) << text;
  }
}

}  // namespace
}  // namespace latchkey::http
