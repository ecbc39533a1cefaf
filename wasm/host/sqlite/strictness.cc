#include "host/sqlite/strictness.h"

#include <algorithm>
#include <string_view>

#include "base/check.h"
#include "base/limits.h"

namespace latchkey::host {
namespace {

using std::string_view_literals::operator""sv;

// PRAGMAs that only read the schema, and two that D1 documents for migrations. D1 allows a
// few that change the connection (foreign_keys, case_sensitive_like): a batch that needs
// one would behave otherwise on another connection, so they are refused here.
constexpr std::string_view kPragmas[] = {
    "table_list", "table_info",       "table_xinfo",       "index_list",         "index_info",
    "index_xinfo", "foreign_key_list", "foreign_key_check", "defer_foreign_keys", "optimize",
};

// Functions of SQLite that D1 has not or does not authorize. Those named sqlite_* are
// refused by prefix, but for the ones ALTER TABLE runs inside itself.
constexpr std::string_view kFunctionsRefused[] = {
    "ceiling", "edit",           "fts3_tokenizer", "fts5",      "fts5_source_id",
    "log10",   "load_extension", "matchinfo",      "offsets",   "optimize",
    "power",   "rtreedepth",     "rtreenode",      "soundex",   "subtype",
};
constexpr std::string_view kAlterTablePrefixes[] = {"sqlite_rename_", "sqlite_drop_", "sqlite_fail"};

bool equal_fold(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

bool is_one_of(auto& list, std::string_view name) {
  return std::ranges::any_of(list, [&](std::string_view entry) { return equal_fold(entry, name); });
}

bool allows_function(std::string_view name) {
  if (equal_fold(name.substr(0, 7), "sqlite_")) {
    return std::ranges::any_of(kAlterTablePrefixes,
                               [&](std::string_view prefix) { return name.starts_with(prefix); });
  }
  return !is_one_of(kFunctionsRefused, name);
}

// The names that D1 keeps for itself.
bool is_reserved(const char* name) {
  return name != nullptr && equal_fold(std::string_view(name).substr(0, 4), "_cf_");
}

bool allows(int action, const char* first, const char* second, const char* database) {
  if (database != nullptr && database == "temp"sv) {
    // ALTER TABLE looks through the temporary schema too, which is empty.
    return action == SQLITE_READ || action == SQLITE_UPDATE || action == SQLITE_PRAGMA;
  }
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_RECURSIVE:
      return true;
    case SQLITE_READ:
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
    case SQLITE_CREATE_TABLE:
    case SQLITE_DROP_TABLE:
    case SQLITE_CREATE_VIEW:
    case SQLITE_DROP_VIEW:
    case SQLITE_CREATE_INDEX:
    case SQLITE_DROP_INDEX:
    case SQLITE_CREATE_TRIGGER:
    case SQLITE_DROP_TRIGGER:
    case SQLITE_ALTER_TABLE:
    case SQLITE_ANALYZE:
    case SQLITE_REINDEX:
      return !is_reserved(first) && !is_reserved(second);
    case SQLITE_FUNCTION:
      return allows_function(second);
    case SQLITE_PRAGMA:
      return is_one_of(kPragmas, first);
    default:
      // Transactions and savepoints, ATTACH and DETACH, everything temporary, virtual tables.
      return false;
  }
}

int authorize(void* authority, int action, const char* first, const char* second,
              const char* database, const char* /*trigger*/) {
  if (*static_cast<const Authority*>(authority) == Authority::kHost) return SQLITE_OK;
  return allows(action, first, second, database) ? SQLITE_OK : SQLITE_DENY;
}

}  // namespace

void make_strict(sqlite3* db, const Authority* authority) {
  sqlite3_limit(db, SQLITE_LIMIT_LENGTH, limits::kD1ValueBytesMax);
  sqlite3_limit(db, SQLITE_LIMIT_SQL_LENGTH, limits::kD1StatementBytesMax);
  sqlite3_limit(db, SQLITE_LIMIT_COLUMN, limits::kD1ColumnsMax);
  sqlite3_limit(db, SQLITE_LIMIT_VARIABLE_NUMBER, limits::kD1BoundParametersMax);
  sqlite3_limit(db, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, limits::kD1LikePatternBytesMax);
  sqlite3_limit(db, SQLITE_LIMIT_COMPOUND_SELECT, limits::kD1CompoundTermsMax);
  sqlite3_limit(db, SQLITE_LIMIT_EXPR_DEPTH, limits::kD1ExpressionDepthMax);
  sqlite3_limit(db, SQLITE_LIMIT_FUNCTION_ARG, limits::kD1FunctionArgumentsMax);
  sqlite3_limit(db, SQLITE_LIMIT_VDBE_OP, limits::kD1ProgramOpsMax);
  sqlite3_limit(db, SQLITE_LIMIT_TRIGGER_DEPTH, limits::kD1TriggerDepthMax);
  sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_limit(db, SQLITE_LIMIT_WORKER_THREADS, 0);
  CHECK(sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr) == SQLITE_OK);
  // D1 takes a "misspelt" column for a text. Here it is an error.
  CHECK(sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, nullptr) == SQLITE_OK);
  CHECK(sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr) == SQLITE_OK);
  CHECK(sqlite3_set_authorizer(db, authorize, const_cast<Authority*>(authority)) == SQLITE_OK);
}

}  // namespace latchkey::host
