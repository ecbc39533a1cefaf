#include "pricing/difference.h"

#include <algorithm>
#include <string_view>
#include <tuple>

namespace latchkey::pricing {
namespace {

auto key_of(const Price& row) {
  return std::tuple<std::string_view, std::string_view, TimeMs>(row.provider, row.model, row.effective_from);
}

size_t num_missing(const std::vector<Alias>& aliases, const std::vector<Alias>& in) {
  const auto name_of = [](const Alias& one) { return std::pair<std::string_view, std::string_view>(one.provider, one.alias); };
  return static_cast<size_t>(std::ranges::count_if(aliases, [&](const Alias& alias) {
    const auto found = std::ranges::lower_bound(in, name_of(alias), {}, name_of);
    return found == in.end() || *found != alias;
  }));
}

}  // namespace

Difference compare(const Table& before, const Table& after) {
  Difference difference;
  auto old = before.rows.begin();
  auto fresh = after.rows.begin();
  while (old != before.rows.end() || fresh != after.rows.end()) {
    const bool is_old_first = fresh == after.rows.end() || (old != before.rows.end() && key_of(*old) < key_of(*fresh));
    const bool is_new_first = old == before.rows.end() || (fresh != after.rows.end() && key_of(*fresh) < key_of(*old));
    if (is_old_first) {
      difference.removed.push_back(*old++);
    } else if (is_new_first) {
      difference.added.push_back(*fresh++);
    } else {
      if (*old != *fresh) difference.changed.push_back({*old, *fresh});
      ++old;
      ++fresh;
    }
  }
  difference.num_aliases_added = num_missing(after.aliases, before.aliases);
  difference.num_aliases_removed = num_missing(before.aliases, after.aliases);
  return difference;
}

}  // namespace latchkey::pricing
