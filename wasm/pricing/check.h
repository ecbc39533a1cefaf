// check_table: whether a table of prices is sound, all of its mistakes at once. Pure.
#pragma once

#include <vector>

#include "pricing/table.h"

namespace latchkey::pricing {

struct Findings {
  std::vector<Finding> errors;    // the table is refused
  std::vector<Finding> warnings;  // it is taken; an admin should look
};

// check_table: at most limits::kPriceFindingsMax of each, in the order of the rows.
Findings check_table(const Table& table);

}  // namespace latchkey::pricing
