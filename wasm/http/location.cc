#include "http/location.h"

#include <algorithm>
#include <charconv>

namespace latchkey::http {
namespace {

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<int64_t> parse_whole(std::string_view digits) {
  int64_t value = 0;
  if (!is_digits(digits)) return std::nullopt;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<int64_t> parse_asn(std::string_view text) {
  const auto asn = parse_whole(text);
  return asn && *asn >= 1 && *asn <= UINT32_MAX ? asn : std::nullopt;
}

std::optional<int64_t> parse_degrees(std::string_view text, int64_t max) {
  const bool is_negative = text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  const size_t point = std::min(text.find('.'), text.size());
  const std::string_view fraction = text.substr(std::min(point + 1, text.size()));
  const auto whole = parse_whole(text.substr(0, point));
  const bool has_fraction = point < text.size();
  if (!whole || (has_fraction && !is_digits(fraction))) return std::nullopt;
  const bool is_beyond = *whole > max || (*whole == max && fraction.find_first_not_of('0') != std::string_view::npos);
  if (is_beyond) return std::nullopt;
  const int64_t rounded = *whole + (has_fraction && fraction.front() >= '5' ? 1 : 0);
  return is_negative ? -rounded : rounded;
}

}  // namespace latchkey::http
