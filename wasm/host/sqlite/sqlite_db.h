// SqliteDb: the database port over one SQLite database. It runs the payload of kDbBatch
// (host/abi.h) and answers as D1 does, through a connection as strict as D1's (strictness.h).
#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "host/ops.h"
#include "host/sqlite/strictness.h"
#include "json/reader.h"
#include "json/writer.h"

namespace latchkey::host {

class SqliteDb {
 public:
  // open: the database in that file, made if it is not there, or ":memory:". kUnavailable
  // with SQLite's reason where that fails.
  static Result<std::unique_ptr<SqliteDb>> open(const std::string& path);
  // open_image: a database in memory that begins as `image`, which image() gave.
  static Result<std::unique_ptr<SqliteDb>> open_image(std::string_view image);
  std::string image() const;
  SqliteDb(const SqliteDb&) = delete;
  SqliteDb& operator=(const SqliteDb&) = delete;
  ~SqliteDb();

  // run_batch: all statements in one transaction. kOk with the answer, or kUnavailable with
  // the reason, and then nothing happened. Numbers are bound as REAL. Refused beside what
  // strictness.h refuses: more than one statement in an entry, a wrong number of parameters,
  // two columns of one name, blobs, text that is not UTF-8, integers past 2^53.
  //   changes       rows changed, those by triggers among them, as D1 counts
  //   rows_read     rows given back and steps of full scans: SQLite counts no others
  //   rows_written  as changes; D1 adds the entries of indexes
  OpAnswer run_batch(std::string_view payload);

  // apply_migrations: runs those *.sql files of `directory` that have not run here, in the
  // order of their names, each in a transaction. Keeps their names in `d1_migrations`, where
  // wrangler keeps them. Gives how many ran. An error names the file.
  Result<uint32_t> apply_migrations(const std::string& directory);

  // explain: the query plan of one statement, a line for each step.
  Result<std::vector<std::string>> explain(std::string_view sql);

 private:
  explicit SqliteDb(sqlite3* db) : db_(db) {}

  static Result<std::unique_ptr<SqliteDb>> open_with(const std::string& path, std::string_view image);

  // exec_host: the host's own SQL, outside the strict rules.
  Result<Void> exec_host(const char* sql);
  Result<std::string> run_statements(std::string_view payload);
  // run_entry: one `[SQL, parameters]` of a batch; its part of the answer goes to `out`.
  Result<Void> run_entry(json::Value entry, json::Writer& out);
  Result<bool> is_migrated(const std::string& name);
  Result<Void> record_migration(const std::string& name);
  // run_script: statement after statement; rows are dropped.
  Result<Void> run_script(std::string_view script);

  sqlite3* db_;
  Authority authority_ = Authority::kHost;
};

}  // namespace latchkey::host
