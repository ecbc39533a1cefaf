// TestHost: the native host under a test's control. start() only queues; the test decides
// which operation takes effect when, and when its answer arrives. Time, randomness and the
// log are the test's too. Every run with the same choices is the same run.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/host.h"
#include "host/sqlite/native_ops.h"
#include "support/seeded_random.h"

namespace latchkey::test {

// 2026-01-15T12:00:00Z: when a test begins, unless it says otherwise.
inline constexpr TimeMs kTestStart = 1768478400000;

class FakeClock final : public host::Clock {
 public:
  TimeMs now() const override { return now_; }
  void set(TimeMs now) { now_ = now; }
  void advance(TimeMs by) { now_ += by; }

 private:
  TimeMs now_ = kTestStart;
};

class CapturedLog final : public host::Log {
 public:
  CapturedLog() { level = host::LogLevel::kDebug; }
  void write(host::LogLevel at, std::string_view record) override {
    if (wants(at)) records.emplace_back(at, std::string(record));
  }
  // text: all records, one a line.
  std::string text() const;

  std::vector<std::pair<host::LogLevel, std::string>> records;
};

// FakeFetch: the world outside. `answer` says what a request gets: nullopt, as without one, is no answer.
class FakeFetch {
 public:
  struct Request {
    uint32_t timeout_ms = 0;
    uint32_t answer_bytes_max = 0;
    bool is_http_allowed = false;
    std::string method;
    std::string url;
    std::map<std::string, std::string> headers;
    std::string body;
  };
  struct Answer {
    uint32_t status = 200;
    std::string body;
  };
  std::function<std::optional<Answer>(const Request&)> answer;
  std::vector<Request> requests;

  host::OpAnswer perform(std::string_view payload);
};

// Fault: what becomes of an operation.
//   kNotPerformed    it never took effect, and is answered kUnavailable
//   kAnswerLost      it took effect, and is answered kUnavailable all the same
//   kNeverPerformed  it never took effect, and no answer ever comes
//   kNeverAnswered   it took effect, and no answer ever comes
enum class Fault : uint8_t { kNone, kNotPerformed, kAnswerLost, kNeverPerformed, kNeverAnswered };
std::string_view fault_name(Fault fault);
std::string_view op_kind_name(host::OpKind kind);

class TestHost final : public host::OpPort {
 public:
  // An empty database in memory, and with `LATCHKEY_D1` every migration of d1/ in it.
  enum class Schema : uint8_t { kEmpty, kMigrated };
  explicit TestHost(Schema schema = Schema::kMigrated, std::string random_seed = "test host");
  ~TestHost() override;

  host::Platform platform() { return {*this, clock, log, random}; }
  // new_request: an id nobody has, with that body.
  host::RequestId new_request(std::string body = {});
  void set_body(host::RequestId request, std::string body) { ops_.set_body(request, std::move(body)); }

  // query: runs a batch at once, beside the queue. It must succeed.
  host::BatchAnswer query(host::Batch batch);
  host::BatchAnswer query(std::string_view sql) { return query(std::move(host::Batch().add(sql))); }
  // scalar: the first column named `value` of the first row, as an integer.
  int64_t scalar(std::string_view sql) { return query(sql).row(0, 0).integer("value"); }

  // Scheduling. Operations that wait are numbered from 0 in the order they began.
  struct Pending {
    uint32_t index;  // Of all operations of this host, from 0.
    uint32_t token;
    host::RequestId request;
    host::OpKind kind;
    std::string payload;
    Fault fault;
    host::OpSink* sink;  // Null once its waiter is gone.
    std::optional<host::OpAnswer> answer;  // Once it took effect.
  };
  const std::vector<Pending>& pending() const { return pending_; }
  // perform: the operation takes effect, or fails as its fault says. Its answer waits.
  void perform(size_t position);
  // deliver: its answer arrives; the waiter runs up to its next suspension. An operation
  // whose answer never comes can not be delivered.
  void deliver(size_t position);
  bool is_deliverable(size_t position) const;
  // complete: perform if need be, then deliver.
  void complete(size_t position);
  // complete_with: this answer arrives, whatever the operation would have given.
  void complete_with(size_t position, host::OpAnswer answer);
  // run_all: completes the oldest operation until none is left but those whose answer never
  // comes. Gives how many were completed.
  size_t run_all();
  // run: starts a root task and runs it to its end. It must end.
  template <class T>
  T run(Task<T>&& task) {
    task.start();
    run_all();
    CHECK(task.done());
    return task.take();
  }

  // Faults, each set before the operation begins. fail_op counts all operations from 0.
  void fail_op(uint32_t index, Fault fault) { faults_[index] = fault; }
  // set_fault: every operation of that kind, until set back to kNone.
  void set_fault(host::OpKind kind, Fault fault) { kind_faults_[kind] = fault; }

  // history: the kinds of all operations that began.
  const std::vector<host::OpKind>& history() const { return history_; }
  uint32_t num_started() const { return static_cast<uint32_t>(history_.size()); }
  size_t count(host::OpKind kind) const;

  uint32_t start(host::RequestId request, host::OpKind kind, std::string_view payload,
                 host::OpSink& sink) override;
  // cancel: the waiter is gone. The operation was sent all the same, so it still takes
  // effect when performed; its answer is dropped.
  void cancel(uint32_t token) override;

  FakeClock clock;
  testing::SeededRandom random;
  CapturedLog log;
  FakeFetch fetch;

 private:
  std::unique_ptr<host::SqliteDb> db_;

 public:
  host::SqliteDb& db() { return *db_; }
  host::KvMap kv{clock};

 private:
  host::NativeOps ops_;
  std::vector<Pending> pending_;
  std::vector<host::OpKind> history_;
  std::map<uint32_t, Fault> faults_;
  std::map<host::OpKind, Fault> kind_faults_;
  uint32_t next_token_ = 1;
  host::RequestId next_request_ = 1;
};

}  // namespace latchkey::test
