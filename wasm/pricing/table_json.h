// The JSON form of a price table, as in schema/prices.json: amounts are decimal text, dollars per million tokens.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "json/reader.h"
#include "json/writer.h"
#include "pricing/table.h"

namespace latchkey::pricing {

// ReadTable: what could be read, and what could not. `table` means something only where `errors` is empty, and is
// not yet checked (check.h).
struct ReadTable {
  Table table;
  std::vector<Finding> errors;
};
// read_table: `other_member` is somebody else's and is passed by.
ReadTable read_table(json::Value object, std::string_view other_member = {});

void write_price(json::Writer& out, const Price& price);
// write_members: the members of a table, into an object that is open.
void write_members(json::Writer& out, const Table& table);
void write_table(json::Writer& out, const Table& table);
std::string print_table(const Table& table);

}  // namespace latchkey::pricing
