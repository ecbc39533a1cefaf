// audit_record: the canonical JSON form of a row of audit_log, over which a hash tree can be
// built and which an export carries. docs/crypto-formats.md specifies it; it is forever.
#pragma once

#include <string>

#include "host/db.h"

namespace latchkey::store {

// audit_record: `row` has every column of audit_log but seq, which is the record's position
// and no part of it. One line: an object of the columns that are not NULL, names in ascending
// order, no white space, strings as in RFC 8785. `details` is an object in the same form;
// where the column holds anything else (someone wrote it by hand) it is that text, as a string.
std::string audit_record(const host::Row& row);

}  // namespace latchkey::store
