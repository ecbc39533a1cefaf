// verify: asks a provider whether it takes a key, by the cheapest call that needs one.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/task.h"
#include "config/config.h"
#include "host/host.h"
#include "rotation/decide.h"

namespace latchkey::rotation {

// Probe: the call. Without the key.
struct Probe {
  std::string_view method;
  std::string url;
  std::string_view authorization_scheme;
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  std::string body;
};

// probe_of: nullopt where a setting that the call needs is missing. Points into `config`.
std::optional<Probe> probe_of(const config::Config& config, size_t provider);

// finding_of: 2xx accepts the key, 401 and 403 refuse it, anything else says nothing about it.
Finding finding_of(uint32_t status);

// ask: one call, no longer than limits::kVerifyTimeoutMs. Never an error: no answer is kCouldNotAsk.
Task<Finding> ask(host::Host& host, const config::Config& config, size_t provider, const Secret& key);

}  // namespace latchkey::rotation
