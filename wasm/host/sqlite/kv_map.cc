#include "host/sqlite/kv_map.h"

#include <limits>

#include "base/limits.h"

namespace latchkey::host {
namespace {

Unexpected refuse_kv(std::string reason) {
  return fail(ErrorCode::kUnavailable, "The edge store refused a key.", std::move(reason));
}

bool is_key(const std::string& key) {
  return !key.empty() && key.size() <= limits::kKvKeyBytesMax && key != "." && key != "..";
}

}  // namespace

const std::string* KvMap::get(const std::string& key) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return nullptr;
  if (clock_.now() >= found->second.expires_at) {
    entries_.erase(found);
    return nullptr;
  }
  return &found->second.value;
}

Result<Void> KvMap::put(const std::string& key, std::string_view value, uint32_t ttl_seconds) {
  if (!is_key(key)) return refuse_kv("a KV key is empty, reserved or longer than 512 bytes");
  if (value.size() > limits::kKvValueBytesMax) return refuse_kv("a KV value is larger than 25 MiB");
  if (ttl_seconds != 0 && ttl_seconds < limits::kKvTtlSecondsMin) {
    return refuse_kv("a KV ttl is under 60 seconds");
  }
  const TimeMs expires_at = ttl_seconds == 0 ? std::numeric_limits<TimeMs>::max()
                                             : clock_.now() + ttl_seconds * kSecondMs;
  entries_.insert_or_assign(key, Entry{std::string(value), expires_at});
  return Void{};
}

Result<Void> KvMap::remove(const std::string& key) {
  if (!is_key(key)) return refuse_kv("a KV key is empty, reserved or longer than 512 bytes");
  entries_.erase(key);
  return Void{};
}

}  // namespace latchkey::host
