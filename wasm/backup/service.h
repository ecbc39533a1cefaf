// BackupService: D1 into sealed lines. RestoreService: the lines back into D1. Both keep nothing between calls:
// the caller brings the backup's key, and the place where it stands.
//
// A backup is no snapshot: a line is as its rows stood at one moment, lines at different ones. Every reference
// leads somewhere, and what a row tells of is in the log (tables.h).
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "admin/actor.h"
#include "backup/decide.h"
#include "backup/file.h"
#include "base/run.h"
#include "base/task.h"
#include "config/config.h"
#include "host/host.h"

namespace latchkey::backup {

// Walk: where a backup stands.
struct Walk {
  size_t table = 0;  // kNumTables: all are read, the last line is due
  std::string after = std::string(queries_of(0).before_first);
  std::array<int64_t, kNumTables> rows{};  // of each table, so far
};
// As a text, "<table>:<rows>,<rows>...:<after>".
std::string print(const Walk& walk);
std::optional<Walk> parse_walk(std::string_view text);

// Line: one line of a backup, and where it goes on.
struct Line {
  std::string backup_id;
  std::string text;
  std::string_view table;  // "header", "end", or a table
  int64_t rows = 0;
  std::optional<Walk> next;
};

// Verified: what stands in a line, and what of it this service doesn't open.
struct Verified {
  std::string table;  // "end" for the last one
  int64_t rows = 0;
  Lost lost;
  std::array<int64_t, kNumTables> counts{};  // of the last line
};

class BackupService {
 public:
  BackupService(host::Host& host, const config::Config& config, const admin::Actor& actor)
      : host_(host), config_(config), actor_(actor) {}

  // begin: the header. Audited.
  Task<Result<Line>> begin(const Key& key);
  // next: the line after `place.line - 1`. One trip; the last line is audited.
  Task<Result<Line>> next(const Key& key, const Place& place, const Walk& walk);
  // verify: opens a line and everything sealed in it. No trip.
  Result<Verified> verify(const Key& key, const Place& place, std::string_view line) const;

 private:
  Task<Result<Line>> end(const Key& key, const Place& place, const Walk& walk);

  host::Host& host_;
  const config::Config& config_;
  const admin::Actor& actor_;
};

// Restoring: how a restore stands after a call.
struct Restoring {
  std::string backup_id;
  bool is_done = false;
  int64_t line = 0;     // the last one that was taken
  int64_t rows = 0;     // of this line
  int64_t skipped = 0;  // rows whose place was taken, in all
  Losses losses;        // from begin() only
};

// BeginRestore: a file's first and last lines. With the last one in hand, what it holds is known from the start.
struct BeginRestore {
  std::string header;
  Place end;
  std::string end_line;
  bool accepts_loss = false;
  Run run = Run::kReal;
};

class RestoreService {
 public:
  RestoreService(host::Host& host, const config::Config& config, const admin::Actor& actor)
      : host_(host), config_(config), actor_(actor) {}

  // begin: whether this backup may be restored here, and then makes room for it. A restore that was broken off
  // goes on. Two trips.
  Task<Result<Restoring>> begin(const Key& key, const BeginRestore& asked);
  // take: stores the next line, all of it or nothing; the last one ends the restore. Two trips, and for the last
  // line what edge::sync takes. A line that was taken before is passed by.
  Task<Result<Restoring>> take(const Key& key, const Place& place, std::string_view line);

 private:
  struct End;
  Task<Result<Found>> find(const std::string& backup_id);
  Task<Result<std::optional<Stand>>> stand_of(const std::string& backup_id);
  Task<Result<Restoring>> store(const Place& place, std::string_view line, size_t table, Rows rows, Stand stand);
  Task<Result<Restoring>> finish(const Place& place, End end, Stand stand);

  host::Host& host_;
  const config::Config& config_;
  const admin::Actor& actor_;
};

}  // namespace latchkey::backup
