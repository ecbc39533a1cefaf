#include "host/kv.h"

#include "json/reader.h"
#include "json/writer.h"

namespace latchkey::host {
namespace {

Error unavailable(const OpAnswer& answer) {
  Error error(ErrorCode::kUnavailable, "The edge store did not answer. Try again in a moment.",
              "kv: " + answer.payload);
  error.retry_after_seconds = 1;
  return error;
}

}  // namespace

Task<Result<std::optional<std::string>>> Kv::get(std::string_view key) {
  json::Writer payload;
  payload.begin_object().field("key", key).end_object();
  ++counts_.kv_reads;
  OpAnswer answer =
      co_await Operation(port_, request_, OpKind::kKvGet, std::move(payload).take());
  if (answer.status == OpStatus::kMissing) co_return std::optional<std::string>();
  if (answer.status != OpStatus::kOk) co_return Unexpected(unavailable(answer));
  co_return std::optional<std::string>(std::move(answer.payload));
}

Task<Result<Void>> Kv::put(std::string_view key, std::string_view value, uint32_t ttl_seconds) {
  json::Writer payload(value.size() + 128);
  payload.begin_object()
      .field("key", key)
      .field("value", value)
      .field("ttl_seconds", ttl_seconds)
      .end_object();
  ++counts_.kv_writes;
  const OpAnswer answer =
      co_await Operation(port_, request_, OpKind::kKvPut, std::move(payload).take());
  if (answer.status != OpStatus::kOk) co_return Unexpected(unavailable(answer));
  co_return Void{};
}

Task<Result<std::vector<std::string>>> Kv::list(std::string_view prefix, uint32_t limit) {
  json::Writer payload;
  payload.begin_object().field("prefix", prefix).field("limit", limit).end_object();
  ++counts_.kv_reads;
  const OpAnswer answer =
      co_await Operation(port_, request_, OpKind::kKvList, std::move(payload).take());
  if (answer.status != OpStatus::kOk) co_return Unexpected(unavailable(answer));
  CO_TRY(const json::Document document, json::Document::parse_host(answer.payload));
  std::vector<std::string> keys;
  document.root().each_item([&](json::Value key) { keys.emplace_back(key.string().value_or("")); });
  co_return keys;
}

Task<Result<Void>> Kv::remove(std::string_view key) {
  json::Writer payload;
  payload.begin_object().field("key", key).end_object();
  ++counts_.kv_writes;
  const OpAnswer answer =
      co_await Operation(port_, request_, OpKind::kKvDelete, std::move(payload).take());
  if (answer.status != OpStatus::kOk) co_return Unexpected(unavailable(answer));
  co_return Void{};
}

}  // namespace latchkey::host
