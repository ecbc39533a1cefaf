// KvMap: the KV port over a map in memory, with Workers KV's limits. It forgets at the end
// of the process: KV is a copy, never the truth.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "host/clock.h"

namespace latchkey::host {

class KvMap {
 public:
  // `clock` outlives this.
  explicit KvMap(const Clock& clock) : clock_(clock) {}

  // get: null where there is no such key or it has expired. Valid until the next call.
  const std::string* get(const std::string& key);
  // put, remove: kUnavailable where Workers KV would refuse: an empty or long key, "." and
  // "..", a long value, a ttl under its floor. `ttl_seconds` 0 keeps the value for good.
  Result<Void> put(const std::string& key, std::string_view value, uint32_t ttl_seconds);
  Result<Void> remove(const std::string& key);

  // each_value: every value that has not expired, in the order of keys.
  template <class Visit>
  void each_value(Visit visit) const {
    for (const auto& [key, entry] : entries_) {
      if (clock_.now() < entry.expires_at) visit(key, entry.value);
    }
  }

 private:
  struct Entry {
    std::string value;
    TimeMs expires_at;
  };

  const Clock& clock_;
  std::map<std::string, Entry> entries_;
};

}  // namespace latchkey::host
