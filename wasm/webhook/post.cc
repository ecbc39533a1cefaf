#include "webhook/post.h"

#include "webhook/signature.h"

namespace latchkey::webhook {
namespace {

std::string why_of(uint32_t status) {
  if (status >= 200 && status < 300) return {};
  const std::string text = "HTTP " + std::to_string(status);
  return status >= 300 && status < 400 ? text + ": a redirect, which is not followed" : text;
}

}  // namespace

Loopback loopback_of(const config::Config& config) {
  return !config.production && config.webhook_allow_loopback != 0 ? Loopback::kAllowed : Loopback::kRefused;
}

Task<Posted> post(host::Host& host, const config::Config& config, std::string_view url,
                  std::span<const Secret* const> secrets, Message message) {
  const std::string_view refused = why_not_public(url, loopback_of(config));
  if (!refused.empty()) co_return Posted{.status = 0, .why = "the URL " + std::string(refused)};
  const std::string seconds = std::to_string(host.clock.now() / kSecondMs);
  const std::string signature = signatures(secrets, message.id, seconds, message.body);
  const std::pair<std::string_view, std::string_view> headers[] = {{"content-type", "application/json"},
                                                                   {"webhook-id", message.id},
                                                                   {"webhook-timestamp", seconds},
                                                                   {"webhook-signature", signature}};
  using enum host::FetchRequest::PlainHttp;
  const host::FetchRequest request{.method = "POST",
                                   .url = url,
                                   .authorization_scheme = "",
                                   .headers = headers,
                                   .body = message.body,
                                   .timeout_ms = message.timeout_ms,
                                   .answer_bytes_max = message.answer_bytes_max,
                                   .plain_http = loopback_of(config) == Loopback::kAllowed ? kAllowed : kRefused};
  const auto answer = co_await host.fetch.send(request);
  if (!answer) co_return Posted{.status = 0, .why = "no answer"};
  co_return Posted{.status = answer->status, .why = why_of(answer->status)};
}

}  // namespace latchkey::webhook
