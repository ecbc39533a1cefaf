// Db: SQL batches. One batch is one round trip and one transaction: it rolls back only when
// a statement fails, not when one changes no row.
#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "host/ops.h"
#include "json/reader.h"
#include "json/writer.h"

namespace latchkey::host {

// OpCounts: what one request cost its host. In every request's log record.
struct OpCounts {
  uint32_t d1_round_trips = 0;
  uint32_t d1_rows_read = 0;
  uint32_t d1_rows_written = 0;
  uint32_t kv_reads = 0;
  uint32_t kv_writes = 0;
  uint32_t derives = 0;
  uint32_t fetches = 0;
};

// Null: an SQL NULL as a parameter.
struct Null {};

// Batch: statements and their parameters, in order. Numbers arrive in SQL as REAL (D1 binds
// every number so): integer arithmetic belongs under CAST. Text is UTF-8; no blobs.
class Batch {
 public:
  Batch() : json_(kReserveBytes) { json_.begin_object().key("statements").begin_array(); }

  // add: begins the next statement; its parameters follow by bind(), first to last.
  Batch& add(std::string_view sql);
  Batch& bind(std::string_view text);
  Batch& bind(const char* text) { return bind(std::string_view(text)); }
  Batch& bind(std::integral auto value) {
    json_.integer(static_cast<int64_t>(value));
    return *this;
  }
  Batch& bind(Null) {
    json_.null();
    return *this;
  }
  // bind(optional): NULL where it is empty.
  template <class T>
  Batch& bind(const std::optional<T>& value) {
    return value ? bind(*value) : bind(Null{});
  }

  size_t num_statements() const { return num_statements_; }
  // payload: the operation's payload (abi.h, kDbBatch). Consumes the batch.
  std::string payload(uint32_t timeout_ms) &&;

 private:
  static constexpr size_t kReserveBytes = 4096;  // more than a provision's

  json::Writer json_;
  size_t num_statements_ = 0;
};

// Row: one result row; columns by name. Lives as long as its BatchAnswer.
class Row {
 public:
  explicit Row(json::Value value) : value_(value) {}
  bool is_null(std::string_view column) const;
  // The column must exist and hold that type: SQL and row struct are written together, so
  // anything else is a bug and traps.
  std::string_view text(std::string_view column) const;
  int64_t integer(std::string_view column) const;
  std::optional<std::string_view> text_or_null(std::string_view column) const;
  std::optional<int64_t> integer_or_null(std::string_view column) const;

 private:
  json::Value value_;
};

class BatchAnswer {
 public:
  explicit BatchAnswer(json::Document document) : document_(std::move(document)) {}
  size_t num_rows(size_t statement) const;
  Row row(size_t statement, size_t index) const;
  // first: the first row of a statement, if it gave one.
  std::optional<Row> first(size_t statement) const;
  // changes: rows that statement inserted, updated or deleted.
  int64_t changes(size_t statement) const;
  template <class Visit>
  void each_row(size_t statement, Visit visit) const {
    rows(statement).each_item([&](json::Value row) { visit(Row(row)); });
  }
  json::Value root() const { return document_.root(); }

 private:
  json::Value rows(size_t statement) const;
  json::Document document_;
};

class Db {
 public:
  // `counts` outlives this. A batch that has no answer after `timeout_ms` is kUnavailable.
  Db(OpPort& port, RequestId request, uint32_t timeout_ms, OpCounts& counts)
      : port_(port), request_(request), timeout_ms_(timeout_ms), counts_(counts) {}

  // run: one round trip. kUnavailable where the database failed or was late (whether the
  // batch took effect is then unknown); kInternal where its answer makes no sense.
  Task<Result<BatchAnswer>> run(Batch batch);

 private:
  OpPort& port_;
  RequestId request_;
  uint32_t timeout_ms_;
  OpCounts& counts_;
};

}  // namespace latchkey::host
