// Tally: a number for each name of a closed list, whatever it is given.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace latchkey::health {

// kOther: a list that ends in it counts under it what is in no other place; one without it drops that.
inline constexpr std::string_view kOther = "other";

class Tally {
 public:
  // names: constants.
  explicit Tally(std::span<const std::string_view> names) : names_(names), numbers_(names.size()) {}

  void add(std::string_view name, int64_t number) {
    auto found = std::ranges::find(names_, name);
    if (found == names_.end()) found = std::ranges::find(names_, kOther);
    if (found != names_.end()) numbers_[static_cast<size_t>(found - names_.begin())] += number;
  }
  // of: 0 for a name that is not listed.
  int64_t of(std::string_view name) const {
    const auto found = std::ranges::find(names_, name);
    return found == names_.end() ? 0 : numbers_[static_cast<size_t>(found - names_.begin())];
  }
  std::span<const std::string_view> names() const { return names_; }

 private:
  std::span<const std::string_view> names_;
  std::vector<int64_t> numbers_;
};

}  // namespace latchkey::health
