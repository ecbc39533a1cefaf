// KnownOver: the subjects this isolate knows to be over their limit. They are refused from
// memory, without the database, until their window ends. Bounded: a subject that finds no
// room is merely looked up again.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/limits.h"
#include "base/time.h"

namespace latchkey::provision {

class KnownOver {
 public:
  // until: when the subject's window ends, if it is known to be over now.
  std::optional<TimeMs> until(std::string_view subject, TimeMs now) {
    const auto found = ends_.find(std::string(subject));
    if (found == ends_.end()) return std::nullopt;
    if (found->second > now) return found->second;
    ends_.erase(found);
    return std::nullopt;
  }

  void add(std::string_view subject, TimeMs window_end, TimeMs now) {
    if (ends_.size() >= limits::kKnownOverMax) {
      std::erase_if(ends_, [now](const auto& entry) { return entry.second <= now; });
      if (ends_.size() >= limits::kKnownOverMax) return;
    }
    ends_[std::string(subject)] = window_end;
  }

 private:
  std::unordered_map<std::string, TimeMs> ends_;
};

}  // namespace latchkey::provision
