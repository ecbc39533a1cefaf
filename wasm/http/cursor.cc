#include "http/cursor.h"

#include <charconv>

#include "base/limits.h"

namespace latchkey::http {
namespace {

crypto::TokenHash sign(const crypto::Index& index, std::string_view bound_to, std::string_view last_id) {
  return index.hash(crypto::IndexPurpose::kCursor, std::string(bound_to) + '\n' + std::string(last_id));
}

}  // namespace

std::string make_cursor(const crypto::Index& index, std::string_view bound_to, std::string_view last_id) {
  return std::string(last_id) + '.' + std::string(sign(index, bound_to, last_id).text());
}

std::optional<std::string> open_cursor(const crypto::Index& index, std::string_view bound_to,
                                       std::string_view cursor) {
  const size_t dot = cursor.rfind('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto signature = crypto::TokenHash::from_text(cursor.substr(dot + 1));
  if (!signature || !(*signature == sign(index, bound_to, cursor.substr(0, dot)))) return std::nullopt;
  return std::string(cursor.substr(0, dot));
}

std::optional<uint32_t> parse_page_rows(std::string_view text) {
  uint32_t rows = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rows);
  if (error != std::errc() || end != text.data() + text.size() || rows < 1 || rows > limits::kPageRowsMax) {
    return std::nullopt;
  }
  return rows;
}

}  // namespace latchkey::http
