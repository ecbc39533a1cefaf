#include "rotation/verify.h"

#include <array>

#include "base/limits.h"
#include "json/writer.h"

namespace latchkey::rotation {
namespace {

// Endpoint: a GET lists models and costs nothing; where a provider has none, one token of a chat. `model` empty: GET.
struct Endpoint {
  std::string_view base_url;
  std::string_view path;
  std::string_view model;
};

constexpr size_t kYandex = *config::provider_index("yandex");

// In the order of config::kProviders.
constexpr std::array<Endpoint, config::kNumProviders> kEndpoints = {{
    {"https://api.deepseek.com", "/models", ""},
    {"https://api.moonshot.ai", "/v1/models", ""},
    {"https://api.mistral.ai", "/v1/models", ""},
    {"https://dashscope-intl.aliyuncs.com", "/compatible-mode/v1/chat/completions", "qwen-turbo"},
    {"https://llm.api.cloud.yandex.net", "/foundationModels/v1/completion", "yandexgpt-lite"},
    {"https://open.bigmodel.cn", "/api/paas/v4/chat/completions", "glm-4-flash"},
}};

std::string chat_body(std::string_view model) {
  json::Writer out;
  out.begin_object().field("model", model).field("max_tokens", 1).key("messages").begin_array();
  out.begin_object().field("role", "user").field("content", "hi").end_object().end_array().end_object();
  return std::move(out).take();
}

std::string yandex_body(std::string_view folder_id, std::string_view model) {
  json::Writer out;
  out.begin_object().field("modelUri", "gpt://" + std::string(folder_id) + "/" + std::string(model) + "/latest");
  out.key("completionOptions").begin_object().field("stream", false).field("maxTokens", "1").end_object();
  out.key("messages").begin_array().begin_object().field("role", "user").field("text", "hi");
  out.end_object().end_array().end_object();
  return std::move(out).take();
}

}  // namespace

std::optional<Probe> probe_of(const config::Config& config, size_t provider) {
  const Endpoint& endpoint = kEndpoints[provider];
  const std::string& other = config.provider_base_urls[provider];
  Probe probe{.method = endpoint.model.empty() ? "GET" : "POST",
              .url = (other.empty() ? std::string(endpoint.base_url) : other) + std::string(endpoint.path),
              .authorization_scheme = provider == kYandex ? "Api-Key " : "Bearer ",
              .headers = {{"accept", "application/json"}},
              .body = {}};
  if (endpoint.model.empty()) return probe;
  probe.headers.emplace_back("content-type", "application/json");
  if (provider != kYandex) {
    probe.body = chat_body(endpoint.model);
    return probe;
  }
  if (config.yandex_folder_id.empty()) return std::nullopt;
  probe.headers.emplace_back("x-folder-id", config.yandex_folder_id);
  probe.body = yandex_body(config.yandex_folder_id, endpoint.model);
  return probe;
}

Finding finding_of(uint32_t status) {
  const std::string detail = "HTTP " + std::to_string(status);
  if (status >= 200 && status < 300) return {Verdict::kAccepted, detail};
  if (status == 401 || status == 403) return {Verdict::kRefused, detail};
  return {Verdict::kCouldNotAsk, detail};
}

Task<Finding> ask(host::Host& host, const config::Config& config, size_t provider, const Secret& key) {
  const auto probe = probe_of(config, provider);
  if (!probe) co_return Finding{Verdict::kCouldNotAsk, "YANDEX_FOLDER_ID is not set"};
  const bool is_plain = !config.production && probe->url.starts_with("http://");
  using enum host::FetchRequest::PlainHttp;
  const host::FetchRequest request{.method = probe->method,
                                   .url = probe->url,
                                   .authorization_scheme = probe->authorization_scheme,
                                   .headers = probe->headers,
                                   .body = probe->body,
                                   .timeout_ms = limits::kVerifyTimeoutMs,
                                   .answer_bytes_max = limits::kVerifyAnswerBytesMax,
                                   .plain_http = is_plain ? kAllowed : kRefused};
  const auto answer = co_await host.fetch.send(request, key);
  if (!answer) co_return Finding{Verdict::kCouldNotAsk, "no answer"};
  co_return finding_of(answer->status);
}

}  // namespace latchkey::rotation
