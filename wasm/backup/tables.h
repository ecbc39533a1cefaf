// Tables: what a backup holds. Every table of the schema stands in one of the two lists below; a test says
// which one was forgotten, and writes the queries of a new or changed one.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "crypto/seal.h"
#include "host/db.h"
#include "json/reader.h"

namespace latchkey::backup {

// kTables: in the order in which they are read. What refers comes before what it refers to, so that under load
// every reference of a backup leads somewhere; sums before what they are of, which they then do not outrun; the log
// comes last, so that it tells of every row.
inline constexpr std::string_view kTables[] = {
    "usage_hourly", "usage_daily", "usage_totals", "license_spend", "usage_events", "prices",
    "payment_deliveries", "payment_aliases", "payment_events", "purchases", "machines", "sharing",
    "anomaly_trails", "rotations", "provider_keys", "admin_tokens", "alerts", "alert_rules", "webhooks", "licenses", "plans",
    "audit_nodes", "audit_checkpoints", "audit_log",
};
inline constexpr size_t kNumTables = std::size(kTables);
inline constexpr size_t kLogTable = kNumTables - 1;
static_assert(kTables[kLogTable] == "audit_log");
// From here on: the log and its tree. What a database holds of them does not keep it from being restored into.
inline constexpr size_t kFirstLogTable = kNumTables - 3;
static_assert(kTables[kFirstLogTable] == "audit_nodes");

// LeftOut: a table that no backup holds.
struct LeftOut {
  std::string_view name;
  std::string_view why;
};
inline constexpr LeftOut kLeftOut[] = {
    {"state", "one row, which stands in the last line"},
    {"rate_limits", "windows of an hour have ended before a backup is restored"},
    {"idempotency_keys", "kept for a day; what they answer may not be true of a restored database"},
    {"sharing_walk", "one row: a restore leaves it at the end of the log"},
    {"anomaly_walk", "one row: a restore leaves it at the end of the log"},
    {"anomaly_seen", "what hours had that are not scored yet: the log has it"},
    {"anomaly_tries", "the same of addresses"},
    {"anomaly_addresses", "a day of tries: whoever goes on is found again"},
    {"payment_reconciles", "one row a provider: its next walk goes through the last weeks anew"},
    {"webhook_deliveries", "what was on its way is old news: a restored database tells nobody of it"},
    {"key_checks", "made anew within the hour"},
    {"restores", "about this database, and no other"},
};

// Queries: how a table is read and written, and the key before its first row.
struct Queries {
  std::string_view list;
  std::string_view insert;
  std::string_view before_first;  // JSON array
};
const Queries& queries_of(size_t table);
// table_index: kNumTables where there is no such table.
size_t table_index(std::string_view name);

// SealedColumn: a column whose text only MASTER_KEY opens.
struct SealedColumn {
  size_t table;
  std::string_view column;
  std::string_view what;  // the name under which losses are counted
  crypto::SealPurpose purpose;
  crypto::SealContext (*context)(json::Value row);
};
std::span<const SealedColumn> sealed_columns();

}  // namespace latchkey::backup
