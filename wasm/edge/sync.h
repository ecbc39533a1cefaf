// sync: brings KV up to date with D1. The one writer of the edge copy: an admin act runs it
// before it answers, cron runs it for what is left.
#pragma once

#include "base/task.h"
#include "config/config.h"
#include "edge/copy.h"
#include "host/host.h"

namespace latchkey::edge {

// How many licences one run writes. Each is one KV write, and the platform bounds what one
// invocation may do.
inline constexpr uint32_t kSyncAfterAct = 20;
inline constexpr uint32_t kSyncByCron = 400;
// How many audit rows one run looks through for seats that were taken.
inline constexpr uint32_t kSeatedAuditRows = 2000;

struct SyncReport {
  uint32_t licenses = 0;
  bool ring = false;
};

// sync: writes `license_id`, which an act was about, at most `licenses_max` others that are behind, each with a
// stone on the copies of the codes that it had before, and the ring if it moved.
// Two D1 trips, one when nothing is behind. Safe to run twice at once. A KV failure leaves
// the rest behind for the next run and is the error.
Task<Result<SyncReport>> sync(host::Host& host, const config::Config& config, uint32_t licenses_max,
                              std::optional<std::string_view> license_id = std::nullopt);

// The same for one licence, beside a change of it: a client waits for that.
//   add_look    one statement, after those that change it: its row, if KV is behind
//   carry_look  writes what that statement found and marks it, in one trip to each. A failure is logged, and
//               cron tries again
void add_look(host::Batch& batch, std::string_view code_hash, TimeMs now);
Task<void> carry_look(host::Host& host, const host::BatchAnswer& answer, size_t statement);

}  // namespace latchkey::edge
