// Fetch: one HTTP request to somebody else, with a credential.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/secret.h"
#include "base/task.h"
#include "host/db.h"

namespace latchkey::host {

struct FetchRequest {
  std::string_view method;
  std::string_view url;
  // authorization_scheme: what stands before the credential, for instance "Bearer ". With an empty credential
  // there is no such header.
  std::string_view authorization_scheme;
  std::span<const std::pair<std::string_view, std::string_view>> headers;  // beside authorization
  std::string_view body;
  uint32_t timeout_ms = 0;
  uint32_t answer_bytes_max = 0;
  enum class PlainHttp : uint8_t { kRefused, kAllowed } plain_http = PlainHttp::kRefused;
};

struct FetchAnswer {
  uint32_t status = 0;
  std::string body;  // cut at answer_bytes_max
};

class Fetch {
 public:
  Fetch(OpPort& port, RequestId request, OpCounts& counts)
      : port_(port), request_(request), counts_(counts) {}

  // send: any answer with a status, redirects included. kUnavailable where none came in time.
  Task<Result<FetchAnswer>> send(const FetchRequest& request, const Secret& credential);
  // send: the same without a credential, for what is public.
  Task<Result<FetchAnswer>> send(const FetchRequest& request);

 private:
  Task<Result<FetchAnswer>> answer_of(std::string payload);

  OpPort& port_;
  RequestId request_;
  OpCounts& counts_;
};

}  // namespace latchkey::host
