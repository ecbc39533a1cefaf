// Kv: the edge store: eventually consistent, one write a second a key, read when D1 is not
// needed or not there. Never the truth.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "host/db.h"

namespace latchkey::host {

class Kv {
 public:
  Kv(OpPort& port, RequestId request, OpCounts& counts)
      : port_(port), request_(request), counts_(counts) {}

  // get: nullopt where there is no such key. kUnavailable where KV failed.
  Task<Result<std::optional<std::string>>> get(std::string_view key);
  // put: `ttl_seconds` 0 keeps it for good; otherwise at least 60 (the platform's floor).
  Task<Result<Void>> put(std::string_view key, std::string_view value, uint32_t ttl_seconds = 0);
  Task<Result<Void>> remove(std::string_view key);
  // list: at most `limit` keys that begin with `prefix`, in order.
  Task<Result<std::vector<std::string>>> list(std::string_view prefix, uint32_t limit);

 private:
  OpPort& port_;
  RequestId request_;
  OpCounts& counts_;
};

}  // namespace latchkey::host
