#include "host/db.h"

#include "base/check.h"

namespace latchkey::host {

Batch& Batch::add(std::string_view sql) {
  if (num_statements_++ > 0) json_.end_array().end_array();
  json_.begin_array().string(sql).begin_array();
  return *this;
}

Batch& Batch::bind(std::string_view text) {
  json_.string(text);
  return *this;
}

std::string Batch::payload(uint32_t timeout_ms) && {
  CHECK(num_statements_ > 0);
  json_.end_array().end_array().end_array().field("timeout_ms", timeout_ms).end_object();
  return std::move(json_).take();
}

bool Row::is_null(std::string_view column) const {
  const auto value = value_.member(column);
  CHECK(value.has_value());
  return value->is_null();
}

std::string_view Row::text(std::string_view column) const {
  const auto value = text_or_null(column);
  CHECK(value.has_value());
  return *value;
}

int64_t Row::integer(std::string_view column) const {
  const auto value = integer_or_null(column);
  CHECK(value.has_value());
  return *value;
}

std::optional<std::string_view> Row::text_or_null(std::string_view column) const {
  const auto value = value_.member(column);
  CHECK(value.has_value());
  if (value->is_null()) return std::nullopt;
  const auto text = value->string();
  CHECK(text.has_value());
  return text;
}

std::optional<int64_t> Row::integer_or_null(std::string_view column) const {
  const auto value = value_.member(column);
  CHECK(value.has_value());
  if (value->is_null()) return std::nullopt;
  const auto integer = value->integer();
  CHECK(integer.has_value());
  return integer;
}

json::Value BatchAnswer::rows(size_t statement) const {
  const auto rows = document_.root().item(statement).member("rows");
  CHECK(rows.has_value());
  return *rows;
}

size_t BatchAnswer::num_rows(size_t statement) const { return rows(statement).num_items(); }

Row BatchAnswer::row(size_t statement, size_t index) const { return Row(rows(statement).item(index)); }

std::optional<Row> BatchAnswer::first(size_t statement) const {
  if (num_rows(statement) == 0) return std::nullopt;
  return row(statement, 0);
}

int64_t BatchAnswer::changes(size_t statement) const {
  const auto changes = document_.root().item(statement).member("changes");
  return changes ? changes->integer().value_or(0) : 0;
}

Task<Result<BatchAnswer>> Db::run(Batch batch) {
  const size_t num_statements = batch.num_statements();
  ++counts_.d1_round_trips;
  OpAnswer answer = co_await Operation(port_, request_, OpKind::kDbBatch,
                                       std::move(batch).payload(timeout_ms_));
  if (answer.status != OpStatus::kOk) {
    Error error(ErrorCode::kUnavailable, "The database did not answer. Try again in a moment.",
                "d1: " + answer.payload);
    error.retry_after_seconds = 1;
    co_return Unexpected(std::move(error));
  }
  CO_TRY(json::Document document, json::Document::parse_host(answer.payload));
  if (document.root().num_items() != num_statements) {
    co_return fail(ErrorCode::kInternal, "The server could not read its own store.",
                   "d1 answered another number of statements");
  }
  document.root().each_item([&](json::Value statement) {
    const auto count = [&](std::string_view name) {
      const auto value = statement.member(name);
      return static_cast<uint32_t>(value ? value->integer().value_or(0) : 0);
    };
    counts_.d1_rows_read += count("rows_read");
    counts_.d1_rows_written += count("rows_written");
  });
  co_return BatchAnswer(std::move(document));
}

}  // namespace latchkey::host
