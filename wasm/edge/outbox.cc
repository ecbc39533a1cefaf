#include "edge/outbox.h"

#include <vector>

#include "json/writer.h"
#include "store/queries.h"

namespace latchkey::edge {

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
  out.field("details", R"({"degraded":true})").end_object();
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
    rows.raw(*row);
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
