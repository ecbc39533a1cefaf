// The call that asks a provider whether it takes a key.
#include "rotation/verify.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "support/service_world.h"

namespace latchkey::rotation {
namespace {

using test::FakeFetch;
using test::ServiceWorld;

Task<Finding> ask_task(ServiceWorld& world, size_t provider) {
  host::Host own(world.host.platform(), world.host.new_request(), 5000);
  const Secret key = Secret::copy_of("sk-the-new-key");
  co_return co_await ask(own, world.config(), provider, key);
}

Finding ask_of(ServiceWorld& world, std::string_view provider) {
  return world.host.run(ask_task(world, *config::provider_index(provider)));
}

TEST(Ask, makes_each_providers_call_with_its_form_of_authorization) {
  const struct {
    std::string_view provider, method, url, authorization, in_body;
  } cases[] = {
      {"deepseek", "GET", "https://api.deepseek.com/models", "Bearer sk-the-new-key", ""},
      {"kimi", "GET", "https://api.moonshot.ai/v1/models", "Bearer sk-the-new-key", ""},
      {"mistral", "GET", "https://api.mistral.ai/v1/models", "Bearer sk-the-new-key", ""},
      {"qwen", "POST", "https://dashscope-intl.aliyuncs.com/compatible-mode/v1/chat/completions",
       "Bearer sk-the-new-key", R"("model":"qwen-turbo","max_tokens":1)"},
      {"yandex", "POST", "https://llm.api.cloud.yandex.net/foundationModels/v1/completion", "Api-Key sk-the-new-key",
       R"("modelUri":"gpt://folder-1/)"},
      {"zhipu", "POST", "https://open.bigmodel.cn/api/paas/v4/chat/completions", "Bearer sk-the-new-key",
       R"("model":"glm-4-flash","max_tokens":1)"},
  };
  ServiceWorld world({{"YANDEX_FOLDER_ID", "folder-1"}});
  world.host.fetch.answer = [](const FakeFetch::Request&) { return FakeFetch::Answer{200, "{}"}; };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.provider);
    EXPECT_EQ(ask_of(world, one.provider).verdict, Verdict::kAccepted);
    const FakeFetch::Request& request = world.host.fetch.requests.back();
    EXPECT_EQ(request.method, one.method);
    EXPECT_EQ(request.url, one.url);
    EXPECT_EQ(request.headers.at("authorization"), one.authorization);
    EXPECT_EQ(request.headers.contains("x-folder-id"), one.provider == "yandex");
    EXPECT_EQ(request.body.empty(), one.method == "GET");
    EXPECT_NE(request.body.find(one.in_body), std::string::npos) << request.body;
    EXPECT_FALSE(request.is_http_allowed);
    EXPECT_EQ(request.timeout_ms, limits::kVerifyTimeoutMs);
  }
  EXPECT_EQ(world.host.log.text().find("sk-the-new-key"), std::string::npos);
}

TEST(Ask, takes_only_a_clear_no_for_a_no) {
  const struct {
    uint32_t status;
    Verdict verdict;
  } cases[] = {{200, Verdict::kAccepted},    {204, Verdict::kAccepted},    {301, Verdict::kCouldNotAsk},
               {400, Verdict::kCouldNotAsk}, {401, Verdict::kRefused},     {402, Verdict::kCouldNotAsk},
               {403, Verdict::kRefused},     {404, Verdict::kCouldNotAsk}, {429, Verdict::kCouldNotAsk},
               {500, Verdict::kCouldNotAsk}, {503, Verdict::kCouldNotAsk}, {199, Verdict::kCouldNotAsk}};
  for (const auto& one : cases) {
    EXPECT_EQ(finding_of(one.status).verdict, one.verdict) << one.status;
    EXPECT_EQ(finding_of(one.status).detail, "HTTP " + std::to_string(one.status));
  }
}

TEST(Ask, without_an_answer_or_a_folder_could_not_ask) {
  ServiceWorld world;
  EXPECT_EQ(ask_of(world, "kimi").verdict, Verdict::kCouldNotAsk);
  EXPECT_EQ(world.host.fetch.requests.size(), 1u);
  EXPECT_EQ(ask_of(world, "yandex").detail, "YANDEX_FOLDER_ID is not set");
  EXPECT_EQ(world.host.fetch.requests.size(), 1u);
}

TEST(Ask, goes_elsewhere_and_over_plain_http_in_development_alone) {
  ServiceWorld world({{"PROVIDER_BASE_URL_KIMI", "http://127.0.0.1:9000/"}});
  ask_of(world, "kimi");
  EXPECT_EQ(world.host.fetch.requests.back().url, "http://127.0.0.1:9000/v1/models");
  EXPECT_TRUE(world.host.fetch.requests.back().is_http_allowed);

  auto variables = test::test_environment();
  for (auto& [name, value] : variables) {
    if (name == "ENVIRONMENT") value = "production";
  }
  variables.emplace_back("PROVIDER_BASE_URL_KIMI", "https://elsewhere.example");
  config::Environment environment(variables.begin(), variables.end());
  testing::SeededRandom random("production");
  const auto parsed = config::parse(environment, random);
  ASSERT_FALSE(parsed.has_value());
  EXPECT_NE(parsed.error().detail().find("PROVIDER_BASE_URL_KIMI"), std::string::npos);
}

}  // namespace
}  // namespace latchkey::rotation
