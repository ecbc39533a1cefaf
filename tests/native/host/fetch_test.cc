// The port to services elsewhere.
#include "host/fetch.h"

#include <gtest/gtest.h>

#include "support/test_host.h"

namespace latchkey::host {
namespace {

using test::FakeFetch;
using test::TestHost;

class FetchTest : public ::testing::Test {
 protected:
  Result<FetchAnswer> send(const FetchRequest& request) { return host_.run(send_task(request)); }
  Task<Result<FetchAnswer>> send_task(const FetchRequest& request) {
    const Secret credential = Secret::copy_of("sk-credential");
    co_return co_await fetch_.send(request, credential);
  }

  TestHost host_{TestHost::Schema::kEmpty};
  OpCounts counts_;
  Fetch fetch_{host_, 1, counts_};
};

TEST_F(FetchTest, sends_no_authorization_without_a_credential) {
  host_.fetch.answer = [](const FakeFetch::Request&) { return FakeFetch::Answer{200, "public"}; };
  const std::pair<std::string_view, std::string_view> headers[] = {{"accept", "text/x"}};
  const FetchRequest request{.method = "GET", .url = "https://a.example/b", .headers = headers, .timeout_ms = 7,
                             .answer_bytes_max = 40};
  const auto answer = host_.run(fetch_.send(request));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body, "public");
  EXPECT_EQ(host_.fetch.requests.front().headers, (std::map<std::string, std::string>{{"accept", "text/x"}}));
}

TEST_F(FetchTest, sends_method_url_headers_and_body_and_gives_what_came) {
  host_.fetch.answer = [](const FakeFetch::Request&) { return FakeFetch::Answer{418, "0123456789"}; };
  const std::pair<std::string_view, std::string_view> headers[] = {{"accept", "text/x"}, {"x-empty", ""}};
  const auto answer = send({.method = "POST", .url = "https://a.example/b", .authorization_scheme = "Bearer ",
                            .headers = headers, .body = "the body", .timeout_ms = 7, .answer_bytes_max = 4});
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 418u);
  EXPECT_EQ(answer->body, "0123");
  const FakeFetch::Request& request = host_.fetch.requests.front();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "https://a.example/b");
  EXPECT_EQ(request.body, "the body");
  EXPECT_EQ(request.timeout_ms, 7u);
  EXPECT_FALSE(request.is_http_allowed);
  const std::map<std::string, std::string> expected{
      {"accept", "text/x"}, {"authorization", "Bearer sk-credential"}, {"x-empty", ""}};
  EXPECT_EQ(request.headers, expected);
  EXPECT_EQ(counts_.fetches, 1u);
}

TEST_F(FetchTest, without_an_answer_is_unavailable_and_says_nothing_of_the_credential) {
  const auto answer = send({.method = "GET", .url = "https://a.example/"});
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(answer.error().detail().find("sk-credential"), std::string::npos);
}

TEST_F(FetchTest, refuses_an_answer_that_is_cut_off) {
  const FetchRequest request{.method = "GET", .url = "https://a.example/"};
  Task<Result<FetchAnswer>> task = send_task(request);
  task.start();
  host_.complete_with(0, {OpStatus::kOk, std::string("\xc8\0\0\0\x09\0\0\0abc", 11)});
  ASSERT_TRUE(task.done());
  EXPECT_EQ(task.take().error().code(), ErrorCode::kInternal);
}

}  // namespace
}  // namespace latchkey::host
