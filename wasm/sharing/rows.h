// Rows of the table `sharing`, each with what else of its licence matters.
#pragma once

#include <optional>
#include <string>

#include "host/db.h"
#include "json/writer.h"
#include "sharing/decide.h"
#include "sharing/score.h"

namespace latchkey::sharing {

// Watched: a licence and where it stands. What was never folded stands nowhere.
struct Watched {
  std::string license_id;
  std::string code_hint;
  std::string plan;
  std::string status;  // as it is stored
  int64_t version = 0;
  int64_t seats = 0;
  std::optional<int64_t> requests_per_hour;
  Policy policy;

  bool has_row = false;
  std::string trail;  // empty in lists
  int64_t score = 0;
  Standing standing;
  std::optional<int64_t> throttled_to;
  std::optional<TimeMs> ignored_until;
  std::string reasons = "[]";  // JSON
  Seen seen;
  std::optional<TimeMs> scored_at;
  std::optional<TimeMs> due_at;

  bool is_active() const { return status == "active"; }
  bool is_ignored(TimeMs now) const { return ignored_until && now < *ignored_until; }
};

Watched read_watched(const host::Row& row);
// write_watched: as sharing_store reads it.
void write_watched(json::Writer& out, const Watched& watched);

std::string print_reasons(const std::vector<Reason>& reasons);

}  // namespace latchkey::sharing
