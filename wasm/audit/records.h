// RecordService: the records themselves: as the exact lines of the tree, and for people.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "audit/stored.h"
#include "base/task.h"
#include "host/host.h"

namespace latchkey::audit {

// LinePage: leaves `after` and so on, without a gap.
struct LinePage {
  std::vector<std::string> lines;
  std::optional<uint64_t> next_after;  // nullopt: no more records
};

// RecordFilter: nullopt: any.
struct RecordFilter {
  std::optional<std::string> action;
  std::optional<std::string> license_id;
  std::optional<TimeMs> since;
  std::optional<TimeMs> until;
};

// Record: a row of the log.
struct Record {
  int64_t seq = 0;
  TimeMs at = 0;
  int64_t item = 0;
  std::string request_id, action, outcome, actor;
  std::optional<std::string> reason, license_id, machine_hash, address_hash, country, user_agent, details;
};

struct RecordPage {
  std::vector<Record> records;
  std::optional<uint64_t> next_before;
};

// CheckpointPage: newest first.
struct CheckpointPage {
  std::vector<SignedCheckpoint> checkpoints;  // their roots are in their notes
  std::optional<uint64_t> next_before;
};

class RecordService {
 public:
  RecordService(host::Host& host, const config::Config& config) : host_(host), config_(config) {}

  // lines: up to rows_max records and limits::kAuditPageBytesMax, at least one. kNotFound where they begin with records
  // that are gone. One trip.
  Task<Result<LinePage>> lines(uint64_t after, uint32_t rows_max);
  // list: newest first, of at most limits::kAuditRowsLookedAt: a page may hold fewer rows than asked for, or none, and
  // there may be more. One trip.
  Task<Result<RecordPage>> list(const RecordFilter& filter, std::optional<uint64_t> before, uint32_t rows_max);
  Task<Result<CheckpointPage>> checkpoints(std::optional<uint64_t> before, uint32_t rows_max);

 private:
  host::Host& host_;
  const config::Config& config_;
};

}  // namespace latchkey::audit
