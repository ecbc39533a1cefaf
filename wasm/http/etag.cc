#include "http/etag.h"

#include <algorithm>
#include <charconv>

#include "base/limits.h"

namespace latchkey::http {
namespace {

void skip_spaces(std::string_view& text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
}

bool is_tag_char(char c) { return static_cast<unsigned char>(c) > 0x20 && c != '"' && c != 0x7f; }

// take_tag: the opaque part of the tag that `text` begins with; nullopt where it begins with none.
std::optional<std::string_view> take_tag(std::string_view& text) {
  if (text.starts_with("W/")) text.remove_prefix(2);
  if (!text.starts_with('"')) return std::nullopt;
  const size_t end = text.find('"', 1);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view tag = text.substr(1, end - 1);
  if (!std::ranges::all_of(tag, is_tag_char)) return std::nullopt;
  text.remove_prefix(end + 1);
  return tag;
}

// version_of: as we write it; a tag that is no version of ours matches nothing.
std::optional<int64_t> version_of(std::string_view tag) {
  int64_t version = 0;
  const auto [end, error] = std::from_chars(tag.data(), tag.data() + tag.size(), version);
  if (error != std::errc() || end != tag.data() + tag.size() || tag != std::to_string(version)) return std::nullopt;
  return version;
}

std::optional<admin::Versions> parse_list(std::string_view text) {
  admin::Versions versions{.is_any = false, .listed = {}};
  for (size_t num_tags = 1; num_tags <= limits::kEntityTagsMax; ++num_tags) {
    skip_spaces(text);
    const auto tag = take_tag(text);
    if (!tag) return std::nullopt;
    if (const auto version = version_of(*tag)) versions.listed.push_back(*version);
    skip_spaces(text);
    if (text.empty()) return versions;
    if (!text.starts_with(',')) return std::nullopt;
    text.remove_prefix(1);
  }
  return std::nullopt;
}

}  // namespace

std::string etag_of(int64_t version) { return '"' + std::to_string(version) + '"'; }

Result<admin::Versions> parse_versions(const Request& request, std::string_view header_name) {
  if (!request.has_header(header_name) || request.header(header_name) == "*") return admin::Versions{};
  auto versions = parse_list(request.header(header_name));
  if (!versions) {
    return fail(ErrorCode::kInvalidRequest,
                "The header " + std::string(header_name) + " must be * or entity tags such as \"3\", at most " +
                    std::to_string(limits::kEntityTagsMax) + ".");
  }
  return std::move(*versions);
}

}  // namespace latchkey::http
