#include "host/sqlite/sqlite_db.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "base/check.h"
#include "host/sqlite/statement.h"

namespace latchkey::host {
namespace {

using SteadyClock = std::chrono::steady_clock;

// AuthorityScope: the strict rules hold as long as it lives.
class AuthorityScope {
 public:
  AuthorityScope(Authority& authority, Authority wanted)
      : authority_(authority), before_(std::exchange(authority, wanted)) {}
  AuthorityScope(const AuthorityScope&) = delete;
  AuthorityScope& operator=(const AuthorityScope&) = delete;
  ~AuthorityScope() { authority_ = before_; }

 private:
  Authority& authority_;
  Authority before_;
};

// Deadline: interrupts whatever runs on the connection once its time is over.
class Deadline {
 public:
  Deadline(sqlite3* db, uint32_t timeout_ms)
      : db_(db), end_(SteadyClock::now() + std::chrono::milliseconds(timeout_ms)) {
    constexpr int ops_between_checks = 1000;
    sqlite3_progress_handler(db_, ops_between_checks, is_over, this);
    sqlite3_busy_timeout(db_, static_cast<int>(std::min<uint32_t>(timeout_ms, INT32_MAX)));
  }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  ~Deadline() { sqlite3_progress_handler(db_, 0, nullptr, nullptr); }

 private:
  static int is_over(void* self) { return SteadyClock::now() >= static_cast<Deadline*>(self)->end_; }

  sqlite3* db_;
  SteadyClock::time_point end_;
};

Result<std::vector<std::string>> list_migrations(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  std::filesystem::directory_iterator entry(directory, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    if (entry->path().extension() == ".sql") names.push_back(entry->path().filename().string());
  }
  if (error) return refuse("cannot list " + directory + ": " + error.message());
  std::ranges::sort(names);
  return names;
}

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(file), {});
  if (!file) return refuse("cannot read " + path);
  return text;
}

}  // namespace

Result<std::unique_ptr<SqliteDb>> SqliteDb::open(const std::string& path) { return open_with(path, {}); }
Result<std::unique_ptr<SqliteDb>> SqliteDb::open_image(std::string_view image) { return open_with(":memory:", image); }

std::string SqliteDb::image() const {
  sqlite3_int64 size = 0;
  unsigned char* bytes = sqlite3_serialize(db_, "main", &size, 0);
  CHECK(bytes != nullptr);
  std::string out(reinterpret_cast<const char*>(bytes), static_cast<size_t>(size));
  sqlite3_free(bytes);
  return out;
}

Result<std::unique_ptr<SqliteDb>> SqliteDb::open_with(const std::string& path, std::string_view image) {
  sqlite3* raw = nullptr;
  constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int status = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
  std::unique_ptr<SqliteDb> db(new SqliteDb(raw));
  if (status != SQLITE_OK) return refuse(sqlite3_errstr(status));
  if (!image.empty()) {
    auto* bytes = static_cast<unsigned char*>(sqlite3_malloc64(image.size()));
    CHECK(bytes != nullptr);
    std::memcpy(bytes, image.data(), image.size());
    const auto size = static_cast<sqlite3_int64>(image.size());
    // SQLite frees the copy, whatever comes of it.
    const int taken = sqlite3_deserialize(raw, "main", bytes, size, size,
                                          SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE);
    if (taken != SQLITE_OK) return refuse(sqlite3_errstr(taken));
  }
  make_strict(raw, &db->authority_);
  // As D1: foreign keys hold. In a file, what was answered as stored survives a power cut.
  TRY([[maybe_unused]] const Void set,
      db->exec_host("PRAGMA foreign_keys=ON; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL"));
  return db;
}

SqliteDb::~SqliteDb() { CHECK(sqlite3_close(db_) == SQLITE_OK); }

Result<Void> SqliteDb::exec_host(const char* sql) {
  const AuthorityScope scope(authority_, Authority::kHost);
  if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return refuse_last(db_);
  return Void{};
}

OpAnswer SqliteDb::run_batch(std::string_view payload) {
  Result<std::string> answer = run_statements(payload);
  // A statement may have ended the transaction by itself (ON CONFLICT ROLLBACK).
  if (!answer && sqlite3_get_autocommit(db_) == 0) {
    const Result<Void> rolled_back = exec_host("ROLLBACK");
    CHECK(rolled_back.has_value());
  }
  if (!answer) return {OpStatus::kUnavailable, answer.error().detail()};
  return {OpStatus::kOk, std::move(*answer)};
}

Result<std::string> SqliteDb::run_statements(std::string_view payload) {
  TRY(const json::Document document, json::Document::parse_host(payload));
  const auto timeout_ms = document.root().member("timeout_ms");
  const auto statements = document.root().member("statements");
  if (!timeout_ms || !statements || statements->num_items() == 0) {
    return refuse("the batch has no timeout or no statements");
  }
  const int64_t wanted_ms = timeout_ms->integer().value_or(0);
  if (wanted_ms <= 0 || wanted_ms > INT32_MAX) return refuse("the batch's timeout is out of range");

  const Deadline deadline(db_, static_cast<uint32_t>(wanted_ms));
  TRY([[maybe_unused]] const Void begun, exec_host("BEGIN IMMEDIATE"));
  json::Writer out;
  out.begin_array();
  Result<Void> ran = Void{};
  statements->each_item([&](json::Value entry) {
    if (ran) ran = run_entry(entry, out);
  });
  if (!ran) return Unexpected(std::move(ran).error());
  out.end_array();
  TRY([[maybe_unused]] const Void committed, exec_host("COMMIT"));
  return std::move(out).take();
}

Result<Void> SqliteDb::run_entry(json::Value entry, json::Writer& out) {
  if (entry.num_items() != 2) return refuse("an entry of the batch is not [SQL, parameters]");
  const auto sql = entry.item(0).string();
  if (!sql) return refuse("an entry of the batch has no SQL");
  const AuthorityScope scope(authority_, Authority::kBatch);
  TRY(const Statement statement, prepare_only(db_, *sql));
  TRY([[maybe_unused]] const Void bound, bind_parameters(statement.get(), entry.item(1)));
  out.begin_object().key("rows");
  TRY(const RunCounts counts, run_statement(db_, statement.get(), out));
  out.field("changes", counts.changes)
      .field("rows_read", counts.rows_read)
      .field("rows_written", counts.changes)
      .end_object();
  return Void{};
}

Result<uint32_t> SqliteDb::apply_migrations(const std::string& directory) {
  TRY(const std::vector<std::string> names, list_migrations(directory));
  TRY([[maybe_unused]] const Void made,
      exec_host("CREATE TABLE IF NOT EXISTS d1_migrations(id INTEGER PRIMARY KEY AUTOINCREMENT,"
                " name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)"));
  uint32_t num_applied = 0;
  for (const std::string& name : names) {
    TRY(const bool is_applied, is_migrated(name));
    if (is_applied) continue;
    TRY(const std::string script, read_file(directory + "/" + name));
    TRY([[maybe_unused]] const Void begun, exec_host("BEGIN IMMEDIATE"));
    Result<Void> ran = run_script(script);
    if (ran) ran = record_migration(name);
    if (ran) ran = exec_host("COMMIT");
    if (!ran) {
      if (sqlite3_get_autocommit(db_) == 0) CHECK(exec_host("ROLLBACK").has_value());
      return refuse(name + ": " + ran.error().detail());
    }
    ++num_applied;
  }
  return num_applied;
}

Result<bool> SqliteDb::is_migrated(const std::string& name) {
  TRY(const Statement select, prepare_only(db_, "SELECT 1 FROM d1_migrations WHERE name = ?"));
  sqlite3_bind_text64(select.get(), 1, name.data(), name.size(), SQLITE_STATIC, SQLITE_UTF8);
  const int status = sqlite3_step(select.get());
  if (status != SQLITE_ROW && status != SQLITE_DONE) return refuse_last(db_);
  return status == SQLITE_ROW;
}

Result<Void> SqliteDb::record_migration(const std::string& name) {
  TRY(const Statement insert, prepare_only(db_, "INSERT INTO d1_migrations(name) VALUES(?)"));
  sqlite3_bind_text64(insert.get(), 1, name.data(), name.size(), SQLITE_STATIC, SQLITE_UTF8);
  if (sqlite3_step(insert.get()) != SQLITE_DONE) return refuse_last(db_);
  return Void{};
}

Result<Void> SqliteDb::run_script(std::string_view script) {
  const AuthorityScope scope(authority_, Authority::kBatch);
  while (!script.empty()) {
    TRY(const Statement statement, prepare_next(db_, script));
    if (!statement) continue;
    int status = SQLITE_ROW;
    while (status == SQLITE_ROW) status = sqlite3_step(statement.get());
    if (status != SQLITE_DONE) return refuse_last(db_);
  }
  return Void{};
}

Result<std::vector<std::string>> SqliteDb::explain(std::string_view sql) {
  const AuthorityScope scope(authority_, Authority::kBatch);
  TRY([[maybe_unused]] const Statement checked, prepare_only(db_, sql));
  // Triggers have plans of their own.
  CHECK(sqlite3_db_config(db_, SQLITE_DBCONFIG_TRIGGER_EQP, 1, nullptr) == SQLITE_OK);
  TRY(const Statement plan, prepare_only(db_, "EXPLAIN QUERY PLAN " + std::string(sql)));
  std::vector<std::string> lines;
  constexpr int detail_column = 3;
  int status = SQLITE_ROW;
  while ((status = sqlite3_step(plan.get())) == SQLITE_ROW) {
    lines.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(plan.get(), detail_column)));
  }
  if (status != SQLITE_DONE) return refuse_last(db_);
  return lines;
}

}  // namespace latchkey::host
