// Where a request comes from, as far as the audit log may know it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace latchkey::http {

inline constexpr int64_t kLatitudeMax = 90;
inline constexpr int64_t kLongitudeMax = 180;

// parse_asn: the number of a network (RFC 6793), 1 to 4294967295; nullopt for anything else.
std::optional<int64_t> parse_asn(std::string_view text);

// parse_degrees: decimal degrees, rounded to whole ones, about 100 km, because nobody needs to know it better.
// nullopt for anything else, and beyond `max` on either side.
std::optional<int64_t> parse_degrees(std::string_view text, int64_t max);

}  // namespace latchkey::http
