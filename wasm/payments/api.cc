#include "payments/api.h"

#include "base/limits.h"

namespace latchkey::payments {

Task<Result<json::Document>> ask_api(host::Host& host, const config::Config& config, const config::HeldSecret& key,
                                     std::string url) {
  CO_TRY(const Secret credential, key.open(config.master));
  const std::pair<std::string_view, std::string_view> headers[] = {{"accept", "application/json"}};
  using enum host::FetchRequest::PlainHttp;
  const host::FetchRequest request{.method = "GET",
                                   .url = url,
                                   .authorization_scheme = "Bearer ",
                                   .headers = headers,
                                   .body = {},
                                   .timeout_ms = limits::kPaymentApiTimeoutMs,
                                   .answer_bytes_max = limits::kPaymentAnswerBytesMax,
                                   .plain_http = config.production ? kRefused : kAllowed};
  CO_TRY(const host::FetchAnswer answer, co_await host.fetch.send(request, credential));
  const std::string detail = std::string(key.name) + ": HTTP " + std::to_string(answer.status);
  if (answer.status == 404) co_return fail(ErrorCode::kNotFound, "The payment provider does not know it.", detail);
  if (answer.status == 401 || answer.status == 403) {
    co_return fail(ErrorCode::kForbidden, "The payment provider refuses our key.", detail);
  }
  if (answer.status == 200) {
    auto document = json::Document::parse_host(answer.body);
    if (document) co_return std::move(*document);
  }
  co_return fail(ErrorCode::kUnavailable, "The payment provider did not answer as it should. Try again later.", detail);
}

std::string url_escape(std::string_view text) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                          c == '_' || c == '.' || c == '~';
    if (is_plain) {
      out += c;
    } else {
      out += '%';
      out += digits[static_cast<uint8_t>(c) >> 4];
      out += digits[static_cast<uint8_t>(c) & 15];
    }
  }
  return out;
}

}  // namespace latchkey::payments
