#include "host/sqlite/statement.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/limits.h"

namespace latchkey::host {
namespace {

Result<Void> bind_value(sqlite3_stmt* statement, int index, json::Value value) {
  int status = SQLITE_MISUSE;
  switch (value.kind()) {
    case json::Kind::kNull:
      status = sqlite3_bind_null(statement, index);
      break;
    case json::Kind::kString: {
      const std::string_view text = *value.string();
      status = sqlite3_bind_text64(statement, index, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
      break;
    }
    case json::Kind::kNumber: {
      const auto number = value.number();
      if (!number) return refuse("a parameter is no number that a double holds");
      const bool is_whole = std::trunc(*number) == *number;
      if (is_whole && std::abs(*number) > static_cast<double>(limits::kD1IntegerMax)) {
        return refuse("an integer parameter is past 2^53");
      }
      status = sqlite3_bind_double(statement, index, *number);
      break;
    }
    default:
      return refuse("a parameter is neither text nor number nor null");
  }
  if (status != SQLITE_OK) return refuse_last(sqlite3_db_handle(statement));
  return Void{};
}

// Doubles in JSON as JavaScript means them: whole ones without a fraction, no infinities.
void write_double(json::Writer& out, double value) {
  if (!std::isfinite(value)) {
    out.null();
    return;
  }
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, value == 0 ? 0.0 : value);
  out.raw(std::string_view(digits, end.ptr));
}

Result<Void> write_value(sqlite3_stmt* statement, int column, json::Writer& out) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_NULL:
      out.null();
      return Void{};
    case SQLITE_INTEGER: {
      const int64_t value = sqlite3_column_int64(statement, column);
      if (value > limits::kD1IntegerMax || value < -limits::kD1IntegerMax) {
        return refuse("an integer of the answer is past 2^53");
      }
      out.integer(value);
      return Void{};
    }
    case SQLITE_FLOAT:
      write_double(out, sqlite3_column_double(statement, column));
      return Void{};
    case SQLITE_TEXT: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
      if (text == nullptr) return refuse("out of memory");
      const auto size = static_cast<size_t>(sqlite3_column_bytes(statement, column));
      if (!json::is_utf8({text, size})) return refuse("a text of the answer is not UTF-8");
      out.string({text, size});
      return Void{};
    }
    default:
      return refuse("a blob in the answer: bytes travel as base64url text");
  }
}

Result<std::vector<std::string>> column_names(sqlite3_stmt* statement) {
  std::vector<std::string> names;
  for (int i = 0; i < sqlite3_column_count(statement); ++i) {
    const char* name = sqlite3_column_name(statement, i);
    if (name == nullptr) return refuse("out of memory");
    if (std::ranges::find(names, std::string_view(name)) != names.end()) {
      return refuse("two columns of the answer are named " + std::string(name));
    }
    names.emplace_back(name);
  }
  return names;
}

}  // namespace

Unexpected refuse(std::string reason) {
  return fail(ErrorCode::kUnavailable, "The database refused a statement.", std::move(reason));
}

Unexpected refuse_last(sqlite3* db) { return refuse(sqlite3_errmsg(db)); }

Result<Statement> prepare_next(sqlite3* db, std::string_view& sql) {
  // Longer than any limit: SQLite takes an int, and refuses at the connection's limit.
  if (sql.size() > limits::kD1ValueBytesMax) return refuse("statement too long");
  sqlite3_stmt* raw = nullptr;
  const char* rest = nullptr;
  const int status =
      sqlite3_prepare_v2(db, sql.data(), static_cast<int>(sql.size()), &raw, &rest);
  Statement statement(raw);
  if (status != SQLITE_OK) return refuse_last(db);
  sql.remove_prefix(static_cast<size_t>(rest - sql.data()));
  return statement;
}

Result<Statement> prepare_only(sqlite3* db, std::string_view sql) {
  TRY(Statement statement, prepare_next(db, sql));
  if (!statement) return refuse("the SQL holds no statement");
  if (sql.find_first_not_of(" \t\r\n") != std::string_view::npos) {
    return refuse("more than one statement in one entry");
  }
  return statement;
}

Result<Void> bind_parameters(sqlite3_stmt* statement, json::Value parameters) {
  const int num_wanted = sqlite3_bind_parameter_count(statement);
  if (parameters.kind() != json::Kind::kArray ||
      parameters.num_items() != static_cast<size_t>(num_wanted)) {
    return refuse("wrong number of parameters: the statement takes " + std::to_string(num_wanted));
  }
  Result<Void> bound = Void{};
  int index = 0;
  parameters.each_item([&](json::Value value) {
    if (bound) bound = bind_value(statement, ++index, value);
  });
  return bound;
}

Result<RunCounts> run_statement(sqlite3* db, sqlite3_stmt* statement, json::Writer& out) {
  TRY(const std::vector<std::string> names, column_names(statement));
  RunCounts counts;
  const int64_t changes_before = sqlite3_total_changes64(db);
  out.begin_array();
  int status = SQLITE_ROW;
  while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
    ++counts.rows_read;
    out.begin_object();
    for (size_t i = 0; i < names.size(); ++i) {
      out.key(names[i]);
      TRY([[maybe_unused]] const Void written, write_value(statement, static_cast<int>(i), out));
    }
    out.end_object();
  }
  out.end_array();
  if (status != SQLITE_DONE) return refuse_last(db);
  counts.rows_read += sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_FULLSCAN_STEP, 0);
  counts.changes = sqlite3_total_changes64(db) - changes_before;
  return counts;
}

}  // namespace latchkey::host
