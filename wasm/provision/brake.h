// Brake: a per-isolate limit for reads that touch no database. Approximate by design.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/limits.h"
#include "base/time.h"

namespace latchkey::provision {

class Brake {
 public:
  // count: counts one request of `subject`; seconds to wait where it is over `limit` in its hour.
  std::optional<uint32_t> count(std::string_view subject, TimeMs now, uint32_t limit) {
    if (windows_.size() >= limits::kKnownOverMax) {
      std::erase_if(windows_, [now](const auto& entry) { return entry.second.end <= now; });
      if (windows_.size() >= limits::kKnownOverMax) windows_.clear();
    }
    Window& window = windows_[std::string(subject)];
    if (window.end <= now) window = {now + limits::kRateWindowMs, 0};
    if (++window.hits <= limit) return std::nullopt;
    return static_cast<uint32_t>((window.end - now + kSecondMs - 1) / kSecondMs);
  }

 private:
  struct Window {
    TimeMs end = 0;
    uint32_t hits = 0;
  };
  std::unordered_map<std::string, Window> windows_;
};

}  // namespace latchkey::provision
