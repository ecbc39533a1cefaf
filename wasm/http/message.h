// Request and Response, as the pipeline and the endpoints see them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/frame.h"

namespace latchkey::http {

enum class Method : uint8_t { kGet, kPost, kPut, kDelete, kPatch, kHead, kOptions, kOther };
Method parse_method(std::string_view text);
std::string_view method_name(Method method);

// Request: a decoded request frame (abi.h). Owns the frame; the views point into it.
class Request {
 public:
  // parse: nullopt where the frame is malformed.
  static std::optional<Request> parse(std::string frame);

  Method method = Method::kOther;
  std::string_view scheme;  // "http" or "https"
  std::string_view origin;  // scheme://host[:port]
  std::string path;         // slashes folded: //keys/provision is /keys/provision
  std::string_view query;
  std::string_view address;
  std::string_view country;
  std::string_view asn;        // as the platform gives them: empty where it does not know
  std::string_view latitude;
  std::string_view longitude;

  // header: by lower-case name; empty where it is absent.
  std::string_view header(std::string_view name) const;
  // has_header: it is there, be it empty.
  bool has_header(std::string_view name) const;
  // query_value: the decoded value of the first `name`; nullopt where it is absent.
  std::optional<std::string> query_value(std::string_view name) const;
  // query_names: every name in the query, decoded.
  std::vector<std::string> query_names() const;

 private:
  std::string frame_;
  host::StringPairs headers_;
};

struct Response {
  uint32_t status = 200;
  std::vector<std::pair<std::string_view, std::string>> headers;  // names are constants
  std::string body;

  Response& header(std::string_view name, std::string value) {
    headers.emplace_back(name, std::move(value));
    return *this;
  }
  // frame: the response frame (abi.h). `with_body` is false for HEAD.
  enum class Body : bool { kOmit, kSend };
  std::string frame(Body body) const;
};

inline constexpr std::string_view kJsonType = "application/json";
inline constexpr std::string_view kFormType = "application/x-www-form-urlencoded";
// is_type: whether a content type is `wanted`, with or without parameters.
bool is_type(std::string_view content_type, std::string_view wanted);

// json_response: no-store, because most answers hold something private.
Response json_response(uint32_t status, std::string body);

}  // namespace latchkey::http
