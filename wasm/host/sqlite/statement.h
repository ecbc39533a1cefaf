// Statement: one prepared SQL statement, its parameters and its rows as JSON.
#pragma once

#include <sqlite3.h>

#include <memory>
#include <string_view>

#include "base/result.h"
#include "json/reader.h"
#include "json/writer.h"

namespace latchkey::host {

struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

// refuse: kUnavailable with `reason` for the log.
Unexpected refuse(std::string reason);
// refuse_last: the same with the connection's last message.
Unexpected refuse_last(sqlite3* db);

// prepare_next: takes the next statement off `sql`. Holds null where only white space and
// comments are left.
Result<Statement> prepare_next(sqlite3* db, std::string_view& sql);
// prepare_only: the one statement that `sql` must be, with at most a semicolon after it.
Result<Statement> prepare_only(sqlite3* db, std::string_view sql);

// bind_parameters: an array of texts, numbers and nulls, exactly as many as the statement
// has. The texts must outlive the statement's run.
Result<Void> bind_parameters(sqlite3_stmt* statement, json::Value parameters);

// RunCounts: what a run cost, beside its rows.
struct RunCounts {
  int64_t changes = 0;
  int64_t rows_read = 0;
};

// run_statement: runs it to its end and writes its rows as an array of objects to `out`.
Result<RunCounts> run_statement(sqlite3* db, sqlite3_stmt* statement, json::Writer& out);

}  // namespace latchkey::host
