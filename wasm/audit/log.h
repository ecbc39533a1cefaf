// AuditLog: keeps the tree over audit_log. Records are hashed a tile of 256 at a time, each once; a checkpoint is made
// of the kept hashes and the records behind the last whole tile.
//
// Round trips: advance: two for each limits::kAuditTilesPerTrip tiles, and two more; checkpoint: two, or one where the
// newest still stands.
#pragma once

#include <string>

#include "audit/checkpoint.h"
#include "base/task.h"
#include "config/config.h"
#include "host/host.h"

namespace latchkey::audit {

inline constexpr uint32_t kTileLevel = 8;  // a tile and every kept node has 2^8 children
inline constexpr uint32_t kTopLevel = 24;  // good for 2^32 records
inline constexpr uint64_t kTileRecords = uint64_t{1} << kTileLevel;

// SignedCheckpoint: as it is stored.
struct SignedCheckpoint {
  Checkpoint head;
  std::string note;
  TimeMs at = 0;
};

// log_keys: what verifies this log: SIGNING_KEY under the log's name, the signing one first.
std::vector<LogKey> log_keys(const config::Config& config);

class AuditLog {
 public:
  AuditLog(host::Host& host, const config::Config& config) : host_(host), config_(config) {}

  // advance: hashes whole tiles, at most limits::kAuditTilesPerRun. False: there are more. kInternal where a record
  // is missing between others: then the log was tampered with, or a restore is at work.
  Task<Result<bool>> advance();
  // checkpoint: the newest head; made and signed where the log has grown since. kUnavailable while too much of it waits
  // to be hashed.
  Task<Result<SignedCheckpoint>> checkpoint();

 private:
  Task<Result<uint32_t>> hash_tiles();
  Task<Result<Void>> join_nodes();
  Result<Checkpoint> head_of(const host::BatchAnswer& answer, size_t nodes_at, size_t tail_at, uint64_t size) const;

  host::Host& host_;
  const config::Config& config_;
};

// run_due: advances the tree, and makes a checkpoint every limits::kAuditCheckpointMs, as cron.
Task<Result<Void>> run_due(host::Host& host, const config::Config& config);

}  // namespace latchkey::audit
