// Cursors: where a page of a list ended. Opaque, signed, and bound to the filter they were
// made for.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crypto/index.h"

namespace latchkey::http {

std::string make_cursor(const crypto::Index& index, std::string_view bound_to, std::string_view last_id);
// open_cursor: the id, or nullopt where the cursor was not made for this list and filter.
std::optional<std::string> open_cursor(const crypto::Index& index, std::string_view bound_to,
                                       std::string_view cursor);

// parse_page_rows: 1 to limits::kPageRowsMax.
std::optional<uint32_t> parse_page_rows(std::string_view text);

}  // namespace latchkey::http
