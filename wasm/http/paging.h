// Paging: limit and cursor, which every list of the admin API takes and gives.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/context.h"
#include "http/fields.h"
#include "json/writer.h"

namespace latchkey::http {

struct PageAsked {
  uint32_t rows_max = 0;
  std::optional<std::string> after;  // where the page before ended; nullopt: the first page
};

// refuse_unknown_query: an error for each name of the query that is none of `filters`, limit or cursor.
void refuse_unknown_query(const Context& context, std::initializer_list<std::string_view> filters,
                          std::vector<FieldError>& errors);
// parse_page: the cursor must have been made for `bound_to`, which names the list and its filters: with other ones
// it would skip rows.
PageAsked parse_page(const Context& context, std::string_view bound_to, std::vector<FieldError>& errors);
// bad_cursor: the error of a cursor that is not one of the list.
FieldError bad_cursor();
// write_next_cursor: the member next_cursor; null after the last page.
void write_next_cursor(json::Writer& out, const Context& context, std::string_view bound_to,
                       const std::optional<std::string>& last_id);

}  // namespace latchkey::http
