// The outbox: audit rows that were due while D1 did not answer. Each lies in KV under a key of its
// own until cron has moved it into D1, once: request_id is unique there.
#pragma once

#include "base/task.h"
#include "host/host.h"
#include "store/audit.h"

namespace latchkey::edge {

inline constexpr std::string_view kOutboxPrefix = "outbox:";
// How many rows one run moves.
inline constexpr uint32_t kOutboxRowsMax = 100;
inline constexpr std::string_view kDegradedDetails = R"({"degraded":true})";

// post: stores a row. Its details, kDegradedDetails where it has none, say that it was made in degraded mode.
// One KV write.
Task<Result<Void>> post(host::Host& host, const store::AuditRow& row);

// drain: moves up to kOutboxRowsMax rows into D1 and deletes them from KV only then, so that a
// failure loses none and a second run doubles none. A value that is no row is logged and dropped.
// The number taken out.
Task<Result<uint32_t>> drain(host::Host& host);

}  // namespace latchkey::edge
