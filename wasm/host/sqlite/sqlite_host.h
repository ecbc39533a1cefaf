// SqliteHost: the platform of a native process: SQLite for the database, a map for KV,
// BoringSSL for PBKDF2. Operations run on the caller's thread, in the order they began.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "crypto/random.h"
#include "host/host.h"
#include "host/ops.h"
#include "host/sqlite/native_ops.h"
#include "host/sqlite/system_ports.h"

namespace latchkey::host {

class SqliteHost final : public OpPort {
 public:
  explicit SqliteHost(std::unique_ptr<SqliteDb> db) : db_(std::move(db)) {}
  SqliteHost(const SqliteHost&) = delete;
  SqliteHost& operator=(const SqliteHost&) = delete;

  // platform: what the core is built on. Lives as long as this.
  Platform platform() { return {*this, clock_, log_, random_}; }
  SqliteDb& db() { return *db_; }
  Log& log() { return log_; }

  void set_body(RequestId request, std::string body) { ops_.set_body(request, std::move(body)); }
  void drop_request(RequestId request) { ops_.drop_request(request); }

  // run: performs operations and resumes who waits for them, until none is left. Gives how
  // many there were.
  size_t run();

  uint32_t start(RequestId request, OpKind kind, std::string_view payload, OpSink& sink) override;
  void cancel(uint32_t token) override;

 private:
  struct Pending {
    uint32_t token;
    RequestId request;
    OpKind kind;
    std::string payload;
    OpSink* sink;
  };

  std::unique_ptr<SqliteDb> db_;
  SystemClock clock_;
  StderrLog log_;
  crypto::SystemRandom random_;
  KvMap kv_{clock_};
  NativeOps ops_{*db_, kv_};
  std::deque<Pending> pending_;
  uint32_t next_token_ = 1;
};

}  // namespace latchkey::host
