// The table that is in force until an admin brings another: schema/prices.json.
#pragma once

#include <string_view>

namespace latchkey::pricing {

std::string_view default_table_json();

}  // namespace latchkey::pricing
