// post: what is asked, what is not, and what the answer makes of it.
#include "webhook/post.h"

#include <gtest/gtest.h>

#include "support/service_world.h"
#include "webhook/rows.h"

namespace latchkey::webhook {
namespace {

struct PostWorld : test::ServiceWorld {
  using ServiceWorld::ServiceWorld;
  std::optional<uint32_t> status = 204;

  Task<Posted> post_task(std::string url) {
    host.fetch.answer = [this](const test::FakeFetch::Request&) -> std::optional<test::FakeFetch::Answer> {
      return status ? std::optional(test::FakeFetch::Answer{*status, ""}) : std::nullopt;
    };
    host::Host own(host.platform(), host.new_request(), 5000);
    const Secret secret = Secret::copy_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    const Secret* const secrets[] = {&secret};
    const Message message{.id = "msg_1", .body = "{}", .timeout_ms = 7000, .answer_bytes_max = 99};
    co_return co_await webhook::post(own, config(), url, secrets, message);
  }
  Posted post(std::string url) { return host.run(post_task(std::move(url))); }
};

TEST(Post, is_taken_by_any_2xx_and_says_why_where_it_is_not) {
  struct Row {
    std::optional<uint32_t> status;
    std::string why;
  };
  for (const Row& row : {Row{200, ""}, Row{204, ""}, Row{299, ""}, Row{199, "HTTP 199"}, Row{400, "HTTP 400"},
                         Row{301, "HTTP 301: a redirect, which is not followed"},
                         Row{399, "HTTP 399: a redirect, which is not followed"}, Row{500, "HTTP 500"},
                         Row{std::nullopt, "no answer"}}) {
    PostWorld world;
    world.status = row.status;
    const Posted posted = world.post("https://hooks.example/x");
    EXPECT_EQ(posted.why, row.why);
    EXPECT_EQ(posted.status, row.status.value_or(0));
    EXPECT_EQ(world.host.fetch.requests.size(), 1u);
  }
  PostWorld world;
  world.status = 410;
  EXPECT_TRUE(world.post("https://hooks.example/x").is_gone());
}

TEST(Post, asks_with_the_bounds_it_was_given) {
  PostWorld world;
  world.post("https://hooks.example/x");
  const auto& request = world.host.fetch.requests.front();
  EXPECT_EQ(request.timeout_ms, 7000u);
  EXPECT_EQ(request.answer_bytes_max, 99u);
  EXPECT_FALSE(request.is_http_allowed);
  EXPECT_EQ(request.headers.at("webhook-timestamp"), std::to_string(test::kTestStart / kSecondMs));
}

TEST(Post, asks_nobody_at_a_url_that_is_not_allowed) {
  PostWorld world;
  for (const char* url : {"http://hooks.example/x", "https://10.0.0.1/x", "http://127.0.0.1:9/x", "https://x.internal"}) {
    EXPECT_TRUE(world.post(url).why.starts_with("the URL must ")) << url;
  }
  EXPECT_TRUE(world.host.fetch.requests.empty());
  PostWorld local({{"WEBHOOK_ALLOW_LOOPBACK", "1"}});
  EXPECT_EQ(local.post("http://127.0.0.1:9/x").why, "");
  EXPECT_TRUE(local.host.fetch.requests.front().is_http_allowed);
  EXPECT_NE(local.post("http://10.0.0.1:9/x").why, "");
}

TEST(Targets, open_in_their_own_row_alone) {
  PostWorld world;
  Target target{.url = "https://hooks.example/\"x\"", .secret = Secret::copy_of("whsec_new"), .old_secret = Secret::copy_of("whsec_old")};
  const crypto::Sealed sealed = seal_target(world.config(), world.host.random, "whk_1", target);
  const auto opened = open_target(world.config(), "whk_1", sealed);
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(opened->url, target.url);
  EXPECT_TRUE(opened->secret == target.secret);
  EXPECT_TRUE(opened->old_secret == target.old_secret);
  EXPECT_FALSE(open_target(world.config(), "whk_2", sealed).has_value());
  EXPECT_FALSE(open_target(world.config(), "whk_1", crypto::Sealed("")).has_value());
  target.old_secret.reset();
  EXPECT_FALSE(open_target(world.config(), "whk_1", seal_target(world.config(), world.host.random, "whk_1", target))->old_secret);
}

}  // namespace
}  // namespace latchkey::webhook
