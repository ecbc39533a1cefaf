// compare: what a table says that another did not. Pure.
#pragma once

#include <cstddef>
#include <vector>

#include "pricing/table.h"

namespace latchkey::pricing {

// Change: a row of the same provider, model and time with something else in it.
struct Change {
  Price before;
  Price after;
};

struct Difference {
  std::vector<Price> added;
  std::vector<Change> changed;
  std::vector<Price> removed;
  size_t num_aliases_added = 0;  // one that names another model now is both
  size_t num_aliases_removed = 0;
};

// compare: both tables are in ascending order, as PriceList::table gives them.
Difference compare(const Table& before, const Table& after);

}  // namespace latchkey::pricing
