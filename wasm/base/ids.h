// Ids: prefixed and sortable. Ten base32 characters of time, sixteen of randomness
// (the ULID layout), behind a prefix that says what the id names: lic_, mch_, key_, req_.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"

namespace latchkey {

inline constexpr size_t kIdRandomBytes = 10;
// kUndoneId: stands behind the prefix of what a dry run would have made.
inline constexpr std::string_view kUndoneId = "00000000000000000000000000";
inline constexpr size_t kIdBodyChars = 26;

// make_id: `prefix` and 26 characters of Crockford base32 in lower case. `random` are
// fresh random bytes.
std::string make_id(std::string_view prefix, TimeMs now, const ByteArray<kIdRandomBytes>& random);

// is_id: whether `text` has exactly this prefix and a well-formed body.
bool is_id(std::string_view prefix, std::string_view text);

}  // namespace latchkey
