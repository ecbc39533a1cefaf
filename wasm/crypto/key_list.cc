#include "crypto/key_list.h"

#include <algorithm>

#include "base/encoding.h"

namespace latchkey::crypto {
namespace {

constexpr SecretAccess kParse("parsing a configured key list");

std::optional<Secret> take_key(std::optional<Bytes> decoded, size_t size) {
  if (!decoded) return std::nullopt;
  std::optional<Secret> key;
  if (decoded->size() == size) key = Secret::copy_of(*decoded);
  wipe(*decoded);
  return key;
}

// An encoding of another length than a key's is refused before it is decoded, so that
// nothing is decoded into memory that would not be wiped.
bool is_encoded_size(std::string_view text, size_t size) { return text.size() == (size + 2) / 3 * 4; }

Unexpected bad_entry(size_t position, std::string_view problem) {
  return fail(ErrorCode::kInternal, "entry " + std::to_string(position) + ": " + std::string(problem));
}

}  // namespace

bool is_kid(std::string_view text) {
  return !text.empty() && text.size() <= kKidCharsMax && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '-';
  });
}

std::optional<Secret> decode_key_base64(std::string_view text, size_t size) {
  if (!is_encoded_size(text, size)) return std::nullopt;
  return take_key(base64_decode(text), size);
}

std::optional<Secret> decode_key_base64url(std::string_view text, size_t size) {
  if (!is_encoded_size(text, size)) return std::nullopt;
  return take_key(base64url_decode(text, Padding::kRequired), size);
}

Result<std::vector<NamedKey>> parse_key_list(const Secret& text, size_t num_max) {
  std::vector<NamedKey> keys;
  std::string_view rest = text.reveal_text(kParse);
  for (bool more = true; more;) {
    const size_t position = keys.size() + 1;
    if (position > num_max) return bad_entry(position, "there are too many entries");
    const size_t comma = rest.find(',');
    const std::string_view entry = rest.substr(0, comma);
    more = comma != std::string_view::npos;
    rest.remove_prefix(more ? comma + 1 : rest.size());

    const size_t colon = entry.find(':');
    if (colon == std::string_view::npos) return bad_entry(position, "it has not the form kid:base64");
    const std::string_view kid = entry.substr(0, colon);
    if (!is_kid(kid)) return bad_entry(position, "its kid is not 1 to 32 of A-Z a-z 0-9 _ -");
    if (std::any_of(keys.begin(), keys.end(), [&](const NamedKey& other) { return other.kid == kid; })) {
      return bad_entry(position, "its kid is used by an earlier entry");
    }
    std::optional<Secret> key = decode_key_base64(entry.substr(colon + 1), kListedKeyBytes);
    if (!key) return bad_entry(position, "its key is not base64 of exactly 32 bytes");
    keys.push_back({std::string(kid), std::move(*key)});
  }
  return keys;
}

}  // namespace latchkey::crypto
