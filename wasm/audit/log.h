// AuditLog: keeps the tree over audit_log. Records are hashed a tile of 256 at a time, each once; a checkpoint is made
// of the kept hashes and the records behind the last whole tile.
//
// It never signs over a rewritten past: what is hashed must agree with the heads that were signed within it.
//
// Round trips: advance: two for each limits::kAuditTilesPerTrip tiles, and two more; checkpoint: two, or one where the
// newest still stands.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "audit/stored.h"
#include "base/task.h"
#include "config/config.h"
#include "host/host.h"

namespace latchkey::audit {

class AuditLog {
 public:
  AuditLog(host::Host& host, const config::Config& config) : host_(host), config_(config) {}

  // advance: hashes whole tiles, at most limits::kAuditTilesPerRun. False: there are more. kInternal where a record
  // is missing, or a signed head is not that of the records; kUnavailable while a restore is running.
  Task<Result<bool>> advance();
  // checkpoint: the newest head; where the log has grown since one is made, signed, and on its way to the webhooks that
  // keep such. kUnavailable while too much of it waits to be hashed.
  Task<Result<SignedCheckpoint>> checkpoint();
  // make_checkpoint: both, as somebody asks for it. kUnavailable where more has to be hashed than one call does: the
  // message says how far it has come.
  Task<Result<SignedCheckpoint>> make_checkpoint();
  // thin_checkpoints: of those older than limits::kAuditCheckpointsKeptMs the last of each day stays. One trip.
  Task<Result<Void>> thin_checkpoints();

 private:
  // Hashed: the tiles begin to end - 1.
  struct Hashed {
    uint32_t num_tiles = 0;
    uint64_t begin = 0;
    uint64_t end = 0;
  };
  using Roots = std::map<uint64_t, std::string>;

  Task<Result<Hashed>> hash_tiles();
  Task<Result<Void>> join_nodes();
  static Roots expected_roots(const host::BatchAnswer& answer, size_t at);
  static Result<Frontier> edge_of(const host::BatchAnswer& answer, size_t at, uint64_t hashed);
  Result<Checkpoint> head_of(Frontier tree, const host::BatchAnswer& answer, size_t tail_at, const Standing& standing,
                             const std::optional<SignedCheckpoint>& newest) const;

  host::Host& host_;
  const config::Config& config_;
};

// run_due: advances the tree, makes a checkpoint every limits::kAuditCheckpointMs and thins the old ones, as cron. One
// trip where nothing is due, or while a restore is running.
Task<Result<Void>> run_due(host::Host& host, const config::Config& config);

}  // namespace latchkey::audit
