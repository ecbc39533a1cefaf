// Doctor: what is well, what is not, and what to do.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "health/figures.h"

namespace latchkey::health {

enum class Status : uint8_t { kOk, kWarn, kFail };
std::string_view status_name(Status status);

struct Check {
  std::string_view name;
  Status status = Status::kOk;
  std::string detail;       // what was seen; never a secret
  std::string_view advice;  // what to do; empty where it is well
};

// KvProbe: how KV answered.
struct KvProbe {
  bool answers = false;
  TimeMs took = 0;
  int64_t waiting = 0;  // audit rows in the outbox, at most edge::kOutboxRowsMax
};

// Seen: all that is judged.
struct Seen {
  const Figures& figures;
  const config::Config& config;
  KvProbe kv;
  bool self_test_passed = false;
  bool is_loopback = false;  // the request came to a name of this machine itself
};

// examine: one check each, always the same names in the same order.
std::vector<Check> examine(const Seen& seen);
// worst: of a list of checks.
Status worst(const std::vector<Check>& checks);

// probe_kv: two operations. It does not fail: that is what it is to see.
Task<KvProbe> probe_kv(host::Host& host);

}  // namespace latchkey::health
