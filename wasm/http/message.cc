#include "http/message.h"

#include <algorithm>

#include "json/reader.h"

namespace latchkey::http {
namespace {

constexpr std::string_view kMethodNames[] = {"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// to_utf8: every byte that is no part of valid UTF-8 becomes U+FFFD, as the URL standard decodes.
// What stands in a URL is echoed in problem documents and bound in SQL, which are UTF-8.
std::string to_utf8(std::string text) {
  if (json::is_utf8(text)) return text;
  std::string out;
  for (size_t at = 0; at < text.size();) {
    size_t size = 1;
    while (size <= 4 && at + size <= text.size() && !json::is_utf8(std::string_view(text).substr(at, size))) ++size;
    const bool is_valid = size <= 4 && at + size <= text.size();
    out += is_valid ? text.substr(at, size) : "\xef\xbf\xbd";
    at += is_valid ? size : 1;
  }
  return out;
}

// percent_decode: application/x-www-form-urlencoded; a malformed escape stays as it is.
std::string percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low >= 0) {
      out += static_cast<char>(high << 4 | low);
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return to_utf8(std::move(out));
}

template <class Visit>
void each_query_pair(std::string_view query, Visit visit) {
  while (!query.empty()) {
    const size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    if (pair.empty()) continue;
    const size_t equals = pair.find('=');
    const std::string_view value = equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    visit(percent_decode(pair.substr(0, equals)), value);
  }
}

std::string fold_slashes(std::string_view path) {
  std::string out;
  out.reserve(path.size());
  for (const char c : path) {
    if (c != '/' || out.empty() || out.back() != '/') out += c;
  }
  return out;
}

}  // namespace

Method parse_method(std::string_view text) {
  for (size_t i = 0; i < std::size(kMethodNames); ++i) {
    if (kMethodNames[i] == text) return static_cast<Method>(i);
  }
  return Method::kOther;
}

std::string_view method_name(Method method) { return kMethodNames[static_cast<size_t>(method)]; }

std::optional<Request> Request::parse(std::string frame) {
  Request request;
  request.frame_ = std::move(frame);
  host::FrameReader in(as_bytes(request.frame_));
  request.method = parse_method(in.string());
  const std::string_view url = in.string();
  request.address = in.string();
  request.country = in.string();
  request.asn = in.string();
  request.latitude = in.string();
  request.longitude = in.string();
  auto headers = host::read_pairs(in);
  if (!headers || !in.at_end()) return std::nullopt;
  request.headers_ = std::move(*headers);

  const size_t authority = url.find("://");
  if (authority == std::string_view::npos) return std::nullopt;
  request.scheme = url.substr(0, authority);
  const size_t path = std::min(url.find_first_of("/?#", authority + 3), url.size());
  request.origin = url.substr(0, path);
  const std::string_view target = url.substr(path, url.find('#', path) - path);
  const size_t question = target.find('?');
  request.path = to_utf8(fold_slashes(target.substr(0, question)));
  if (request.path.empty()) request.path = "/";
  if (question != std::string_view::npos) request.query = target.substr(question + 1);
  return request;
}

std::string_view Request::header(std::string_view name) const {
  for (const auto& [key, value] : headers_) {
    if (key == name) return value;
  }
  return {};
}

bool Request::has_header(std::string_view name) const {
  return std::ranges::any_of(headers_, [&](const auto& header) { return header.first == name; });
}

std::optional<std::string> Request::query_value(std::string_view name) const {
  std::optional<std::string> found;
  each_query_pair(query, [&](const std::string& key, std::string_view value) {
    if (!found && key == name) found = percent_decode(value);
  });
  return found;
}

std::vector<std::string> Request::query_names() const {
  std::vector<std::string> names;
  each_query_pair(query, [&](std::string key, std::string_view) { names.push_back(std::move(key)); });
  return names;
}

std::string Response::frame(Body send) const {
  size_t size = body.size() + 64;
  for (const auto& [name, value] : headers) size += name.size() + value.size() + 8;
  host::FrameWriter out(size);
  out.u32(status).u32(static_cast<uint32_t>(headers.size()));
  for (const auto& [name, value] : headers) out.string(name).string(value);
  out.string(send == Body::kSend ? std::string_view(body) : std::string_view());
  return std::move(out).take();
}

bool is_type(std::string_view content_type, std::string_view wanted) {
  if (content_type.size() < wanted.size()) return false;
  for (size_t i = 0; i < wanted.size(); ++i) {
    const char c = content_type[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c) != wanted[i]) return false;
  }
  return content_type.size() == wanted.size() || content_type[wanted.size()] == ';' ||
         content_type[wanted.size()] == ' ';
}

Response json_response(uint32_t status, std::string body) {
  Response response;
  response.status = status;
  response.header("content-type", "application/json").header("cache-control", "no-store");
  response.body = std::move(body);
  return response;
}

}  // namespace latchkey::http
