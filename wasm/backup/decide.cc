#include "backup/decide.h"

#include <algorithm>
#include <map>
#include <variant>

#include "base/check.h"
#include "base/limits.h"
#include "json/writer.h"

namespace latchkey::backup {
namespace {

// Changes: what columns of a row are set to.
using Cell = std::variant<std::monostate, int64_t, std::string_view>;
using Changes = std::map<std::string_view, Cell>;

std::string list_of(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

void count(Lost& lost, std::string_view what) {
  if (what == "provider_keys") ++lost.provider_keys;
  else if (what == "holders") ++lost.holders;
  else if (what == "derived_keys") ++lost.derived_keys;
  else if (what == "buyers") ++lost.buyers;
  else if (what == "codes") ++lost.codes;
  else if (what == "webhooks") ++lost.webhooks;
  else LK_UNREACHABLE();
}

bool is_null(json::Value row, std::string_view column) {
  const auto value = row.member(column);
  return !value || value->is_null();
}

void lose(const SealedColumn& column, Changes& changes, TimeMs now) {
  changes[column.column] = std::monostate();
  if (kTables[column.table] == "provider_keys") {
    changes["state"] = std::string_view("retired");
    changes["retired_at"] = now;
  } else if (kTables[column.table] == "payment_deliveries") {
    changes["state"] = std::string_view("given_up");
    changes["due_at"] = std::monostate();
  } else if (kTables[column.table] == "webhooks") {
    changes["state"] = std::string_view("disabled");
  }
}

Changes changes_of(size_t table, json::Value row, const Opens& opens, bool index_lost, TimeMs now, Lost& lost) {
  Changes changes;
  for (const SealedColumn& column : sealed_columns()) {
    if (column.table != table) continue;
    const auto value = row.member(column.column);
    const auto sealed = value ? value->string() : std::nullopt;
    if (!sealed || opens(column, row, *sealed)) continue;
    count(lost, column.what);
    lose(column, changes, now);
  }
  if (kTables[table] == "licenses") changes["kv_version"] = int64_t{0};
  if (!index_lost) return changes;
  if (kTables[table] == "machines" && is_null(row, "released_at")) changes["released_at"] = now;
  if (kTables[table] == "admin_tokens" && is_null(row, "revoked_at")) changes["revoked_at"] = now;
  return changes;
}

bool write_value(json::Writer& out, json::Value value) {
  if (const auto text = value.string()) return out.string(*text), true;
  if (const auto integer = value.integer()) return out.integer(*integer), true;
  if (value.is_null()) return out.null(), true;
  return false;
}

void write_cell(json::Writer& out, const Cell& cell) {
  if (const auto* text = std::get_if<std::string_view>(&cell)) out.string(*text);
  else if (const auto* integer = std::get_if<int64_t>(&cell)) out.integer(*integer);
  else out.null();
}

bool write_row(json::Writer& out, json::Value row, const Changes& changes) {
  bool is_well_formed = true;
  out.begin_object();
  row.each_member([&](std::string_view name, json::Value value) {
    out.key(name);
    const auto changed = changes.find(name);
    if (changed != changes.end()) write_cell(out, changed->second);
    else if (!write_value(out, value)) is_well_formed = false, out.null();
  });
  out.end_object();
  return is_well_formed;
}

}  // namespace

Losses losses_of(const Header& header, const config::Config& config) {
  Losses losses;
  const std::vector<crypto::Fingerprint> own = config.master.fingerprints();
  for (const crypto::Fingerprint& key : header.master_keys) {
    if (std::ranges::find(own, key) == own.end()) losses.master_kids.push_back(key.kid);
  }
  losses.index_key = header.index_key != index_fingerprint(config.index);
  return losses;
}

Result<Void> check_schema(const std::vector<std::string>& of_backup, std::span<const std::string_view> own) {
  std::vector<std::string> only_backup, only_own;
  for (const std::string& name : of_backup) {
    if (std::ranges::find(own, name) == own.end()) only_backup.push_back(name);
  }
  for (const std::string_view name : own) {
    if (std::ranges::find(of_backup, name) == of_backup.end()) only_own.emplace_back(name);
  }
  if (only_backup.empty() && only_own.empty()) return Void{};
  std::string message = "The backup is of another schema.";
  if (!only_backup.empty()) message += " It has migrations that this build lacks: " + list_of(only_backup) + ".";
  if (!only_own.empty()) message += " It lacks migrations that this build has: " + list_of(only_own) + ".";
  return fail(ErrorCode::kConflict,
              message + " Deploy the build that made it to a fresh database, restore, then deploy the newer build.");
}

Result<Begin> decide_begin(const Found& found, const Losses& losses, bool accepts_loss) {
  if (found.stand) return found.stand->is_done ? Begin::kDone : Begin::kGoOn;
  if (found.running) {
    return fail(ErrorCode::kConflict,
                "The restore of " + *found.running + " is not finished. Finish it, or take a fresh database.");
  }
  if (!found.tables_in_use.empty()) {
    return fail(ErrorCode::kConflict, "The database is not empty (" + list_of(found.tables_in_use) +
                                          "). A backup is restored into a fresh one.");
  }
  if (found.audit_rows > limits::kRestoreAuditRowsMax) {
    return fail(ErrorCode::kConflict, "The audit log holds over 10,000 rows. Take a fresh database.");
  }
  if (losses.any() && !accepts_loss) {
    return fail(ErrorCode::kConflict,
                "This service lacks keys that the backup was made with. Set them, or accept what is lost.");
  }
  return Begin::kAnew;
}

Result<Take> decide_take(const std::optional<Stand>& stand, const Place& place) {
  if (!stand) return fail(ErrorCode::kConflict, "This restore was not begun.");
  if (stand->is_done || place.line <= stand->line) return Take::kTaken;
  if (place.line != stand->line + 1) {
    return fail(ErrorCode::kConflict, "Line " + std::to_string(stand->line + 1) + " of the backup is due.");
  }
  if (place.previous != stand->line_hash || place.line > stand->end_line) {
    return fail(ErrorCode::kUnprocessable, "This line does not follow the one that was taken last.");
  }
  return Take::kTake;
}

std::optional<Rows> restored_rows(size_t table, json::Value rows, const Opens& opens, bool index_lost, TimeMs now) {
  if (rows.kind() != json::Kind::kArray) return std::nullopt;
  Rows restored;
  bool is_well_formed = true;
  json::Writer out;
  out.begin_array();
  rows.each_item([&](json::Value row) {
    ++restored.count;
    if (row.kind() != json::Kind::kObject) {
      is_well_formed = false;
      return;
    }
    const Changes changes = changes_of(table, row, opens, index_lost, now, restored.lost);
    is_well_formed = write_row(out, row, changes) && is_well_formed;
  });
  out.end_array();
  if (!is_well_formed) return std::nullopt;
  restored.json = std::move(out).take();
  return restored;
}

}  // namespace latchkey::backup
