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
  // Over: the limit that it passed, and when its window ends.
  struct Over {
    int64_t limit = 0;
    TimeMs end = 0;
  };

  // find: the subject, if it is known to be over now.
  std::optional<Over> find(std::string_view subject, TimeMs now) {
    const auto found = over_.find(std::string(subject));
    if (found == over_.end()) return std::nullopt;
    if (found->second.end > now) return found->second;
    over_.erase(found);
    return std::nullopt;
  }

  void add(std::string_view subject, Over over, TimeMs now) {
    if (over_.size() >= limits::kKnownOverMax) {
      std::erase_if(over_, [now](const auto& entry) { return entry.second.end <= now; });
      if (over_.size() >= limits::kKnownOverMax) return;
    }
    over_[std::string(subject)] = over;
  }

 private:
  std::unordered_map<std::string, Over> over_;
};

}  // namespace latchkey::provision
