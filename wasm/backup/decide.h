// What a restore may do, and what becomes of a row. Pure.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backup/file.h"
#include "backup/tables.h"
#include "base/result.h"
#include "json/reader.h"

namespace latchkey::backup {

// Losses: which keys of a backup this service has not.
struct Losses {
  std::vector<std::string> master_kids;  // what they sealed stays closed
  bool index_key = false;                // no code, machine or token is recognised
  bool any() const { return index_key || !master_kids.empty(); }
};
Losses losses_of(const Header& header, const config::Config& config);

// check_schema: kConflict, with the migrations that the one or the other lacks.
Result<Void> check_schema(const std::vector<std::string>& of_backup, std::span<const std::string_view> own);

// Stand: how far a restore has come, as it is stored.
struct Stand {
  bool is_done = false;
  int64_t line = 0;
  std::string line_hash;
  int64_t end_line = 0;
  bool accepts_loss = false;
  bool index_lost = false;
  int64_t skipped = 0;
};

// Found: what a restore finds in the database before it begins.
struct Found {
  std::optional<Stand> stand;               // of this backup
  std::optional<std::string> running;       // another backup, whose restore is running
  std::vector<std::string> tables_in_use;   // hold rows that no migration put there
  int64_t audit_rows = 0;
};

enum class Begin : uint8_t { kAnew, kGoOn, kDone };
// decide_begin: kConflict with what stands in the way.
Result<Begin> decide_begin(const Found& found, const Losses& losses, bool accepts_loss);

enum class Take : uint8_t { kTake, kTaken };
// decide_take: whether a line is the next one: kTaken where it was taken before. kConflict where the restore was
// not begun or an earlier line is due, kUnprocessable where it doesn't follow the last one.
Result<Take> decide_take(const std::optional<Stand>& stand, const Place& place);

// Lost: how many values don't open, by SealedColumn::what.
struct Lost {
  int64_t provider_keys = 0;
  int64_t holders = 0;
  int64_t derived_keys = 0;
  int64_t buyers = 0;
  int64_t codes = 0;  // on their way to the seller
  int64_t webhooks = 0;
  int64_t total() const { return provider_keys + holders + derived_keys + buyers + codes + webhooks; }
};

// Rows: the rows of a line as they are stored again.
struct Rows {
  std::string json;  // array of objects
  int64_t count = 0;
  Lost lost;
};
// Opens: whether a sealed value of a row can be opened.
using Opens = std::function<bool(const SealedColumn& column, json::Value row, std::string_view sealed)>;

// restored_rows: what becomes of the rows of a table:
//   a value that doesn't open is NULL; a provider key without it is retired, the delivery of a code given up
//   where INDEX_KEY was another: a machine's seat is free, an admin token is revoked
//   KV holds no licence
// nullopt where the rows are no array of objects of texts, integers and NULLs.
std::optional<Rows> restored_rows(size_t table, json::Value rows, const Opens& opens, bool index_lost, TimeMs now);

}  // namespace latchkey::backup
