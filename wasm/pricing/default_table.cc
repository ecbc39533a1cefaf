#include "pricing/default_table.h"

namespace latchkey::pricing {
namespace {

constexpr char kTable[] = {
#embed "../../schema/prices.json"
};

}  // namespace

std::string_view default_table_json() { return {kTable, sizeof kTable}; }

}  // namespace latchkey::pricing
