// MasterService: which master key seals, and the job that seals everything anew under it.
//
// Every sealed column is walked in order of its table's ids, a slice a call; the caller brings the
// place where the last one ended. A slice is one transaction and rows that are sealed as they
// should be are passed by, so the walk may be broken off anywhere and begun again.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "admin/actor.h"
#include "base/run.h"
#include "base/task.h"
#include "config/config.h"
#include "host/host.h"

namespace latchkey::admin {

// RewrapPlace: where a walk stands.
struct RewrapPlace {
  size_t table = 0;      // in the order of kRewrapTables
  std::string after_id;  // empty: at its beginning
};
inline constexpr std::string_view kRewrapTables[] = {"provider_keys", "licenses", "machines", "payment_events",
                                                "payment_deliveries", "webhooks"};

struct RewrapSlice {
  std::string_view table;
  uint32_t looked_at = 0;
  uint32_t rewrapped = 0;
  std::vector<std::string> unreadable;  // ids of rows whose blob no key opens; left as they are
  std::optional<RewrapPlace> next;      // nullopt: everything was walked
};

class MasterService {
 public:
  MasterService(host::Host& host, const config::Config& config, const Actor& actor)
      : host_(host), config_(config), actor_(actor) {}

  // rewrap: one slice of at most limits::kRewrapRowsMax rows. One trip where nothing is due, otherwise two
  // (read, then store and audit) and, for provider keys, what edge::sync takes.
  Task<Result<RewrapSlice>> rewrap(const RewrapPlace& place, Run run = Run::kReal);

 private:
  host::Host& host_;
  const config::Config& config_;
  const Actor& actor_;
};

}  // namespace latchkey::admin
