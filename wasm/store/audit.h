// AuditRow: one row of the audit log. Never a secret, a raw machine id or a raw code.
#pragma once

#include <optional>
#include <string_view>

#include "base/time.h"
#include "host/db.h"

namespace latchkey::store {

struct AuditRow {
  TimeMs at = 0;
  std::string_view request_id;
  int64_t item = 0;
  std::string_view action;   // dotted words
  std::string_view outcome;  // granted, denied, done
  std::optional<std::string_view> reason;
  std::string_view actor;
  std::optional<std::string_view> license_id;
  std::optional<std::string_view> machine_hash;
  std::optional<std::string_view> address_hash;
  std::optional<std::string_view> country;
  std::optional<std::string_view> user_agent;
  std::optional<std::string_view> details;  // canonical JSON object
};

// add_audit appends the row, as one statement of `batch`.
void add_audit(host::Batch& batch, const AuditRow& row);

// add_audit_over appends a denial for a subject over its limit unless its window has one.
// Two statements.
void add_audit_over(host::Batch& batch, const AuditRow& row, std::string_view subject);

// or_null: nullopt for empty text, so that it is stored as NULL.
inline std::optional<std::string_view> or_null(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace latchkey::store
