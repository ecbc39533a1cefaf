#include "edge/outbox.h"

#include <vector>

#include "json/reader.h"
#include "json/writer.h"
#include "store/queries.h"

namespace latchkey::edge {
namespace {

// is_row: what post() wrote, as far as the columns that may not be NULL are concerned.
bool is_row(std::string_view text) {
  const auto document = json::Document::parse_host(text);
  if (!document) return false;
  for (const std::string_view name : {"request_id", "action", "outcome", "actor"}) {
    const auto value = document->root().member(name);
    if (!value || !value->string()) return false;
  }
  const auto at = document->root().member("at");
  return at && at->integer();
}

void log_damaged(host::Log& log, std::string_view key) {
  json::Writer record;
  record.begin_object().field("event", "outbox_row_damaged").field("key", key).end_object();
  log.write(host::LogLevel::kError, record.text());
}

}  // namespace

Task<Result<Void>> post(host::Host& host, const store::AuditRow& row) {
  const auto optional = [](json::Writer& out, std::string_view name, std::optional<std::string_view> text) {
    if (text) out.field(name, *text);
  };
  json::Writer out(512);
  out.begin_object()
      .field("at", row.at)
      .field("request_id", row.request_id)
      .field("action", row.action)
      .field("outcome", row.outcome)
      .field("actor", row.actor);
  optional(out, "reason", row.reason);
  optional(out, "license_id", row.license_id);
  optional(out, "machine_hash", row.machine_hash);
  optional(out, "address_hash", row.address_hash);
  optional(out, "country", row.country);
  optional(out, "user_agent", row.user_agent);
  out.field("details", row.details.value_or(kDegradedDetails)).end_object();
  co_return co_await host.kv.put(std::string(kOutboxPrefix) + std::string(row.request_id), out.text());
}

Task<Result<uint32_t>> drain(host::Host& host) {
  CO_TRY(const std::vector<std::string> keys, co_await host.kv.list(kOutboxPrefix, kOutboxRowsMax));
  if (keys.empty()) co_return 0u;
  json::Writer rows(keys.size() * 512);
  rows.begin_array();
  std::vector<std::string> moved;
  for (size_t i = 0; i < keys.size(); ++i) {
    CO_TRY(const auto row, co_await host.kv.get(keys[i]));
    if (!row) continue;  // Another run was faster.
    if (is_row(*row)) rows.raw(*row);
    else log_damaged(host.log, keys[i]);
    moved.push_back(keys[i]);
  }
  rows.end_array();
  host::Batch batch;
  batch.add(store::kAuditAppendOutbox).bind(rows.text());
  CO_TRY_VOID(co_await host.db.run(std::move(batch)));
  for (size_t i = 0; i < moved.size(); ++i) CO_TRY_VOID(co_await host.kv.remove(moved[i]));
  co_return static_cast<uint32_t>(moved.size());
}

}  // namespace latchkey::edge
