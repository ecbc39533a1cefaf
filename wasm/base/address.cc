#include "base/address.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

namespace latchkey {
namespace {

using Ipv6 = std::array<uint16_t, 8>;

std::optional<uint32_t> parse_ipv4(std::string_view text) {
  uint32_t address = 0;
  for (int part = 0; part < 4; ++part) {
    uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const auto digits = static_cast<size_t>(end - text.data());
    if (error != std::errc() || value > 255 || digits > 3) return std::nullopt;
    text.remove_prefix(digits);
    address = address << 8 | value;
    if (part == 3) break;
    if (text.empty() || text.front() != '.') return std::nullopt;
    text.remove_prefix(1);
  }
  if (!text.empty()) return std::nullopt;
  return address;
}

// parse_groups: groups of one side of "::", appended to `out`; false where they are malformed.
bool parse_groups(std::string_view text, Ipv6& out, size_t& count) {
  while (!text.empty()) {
    const size_t colon = text.find(':');
    const std::string_view group = text.substr(0, colon);
    if (colon == std::string_view::npos && group.find('.') != std::string_view::npos) {
      const auto v4 = parse_ipv4(group);
      if (!v4 || count > 6) return false;
      out[count++] = static_cast<uint16_t>(*v4 >> 16);
      out[count++] = static_cast<uint16_t>(*v4);
      return true;
    }
    uint16_t value = 0;
    const auto [end, error] = std::from_chars(group.data(), group.data() + group.size(), value, 16);
    if (group.empty() || group.size() > 4 || error != std::errc() || end != group.data() + group.size() ||
        count == out.size()) {
      return false;
    }
    out[count++] = value;
    if (colon == std::string_view::npos) return true;
    text.remove_prefix(colon + 1);
    if (text.empty()) return false;
  }
  return true;
}

std::optional<Ipv6> parse_ipv6(std::string_view text) {
  Ipv6 head{};
  Ipv6 tail{};
  size_t num_head = 0;
  size_t num_tail = 0;
  const size_t gap = text.find("::");
  if (gap == std::string_view::npos) {
    if (!parse_groups(text, head, num_head) || num_head != 8) return std::nullopt;
    return head;
  }
  if (!parse_groups(text.substr(0, gap), head, num_head) ||
      !parse_groups(text.substr(gap + 2), tail, num_tail) || num_head + num_tail > 7) {
    return std::nullopt;
  }
  for (size_t i = 0; i < num_tail; ++i) head[8 - num_tail + i] = tail[i];
  return head;
}

std::string ipv4_text(uint32_t address) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) {
    out += std::to_string(address >> shift & 255);
    if (shift > 0) out += '.';
  }
  return out;
}

}  // namespace

std::string address_network(std::string_view address) {
  if (const auto v4 = parse_ipv4(address)) return ipv4_text(*v4);
  const auto v6 = parse_ipv6(address);
  if (!v6) return "unknown";
  const Ipv6& groups = *v6;
  const bool is_mapped = groups[0] == 0 && groups[1] == 0 && groups[2] == 0 && groups[3] == 0 &&
                         groups[4] == 0 && groups[5] == 0xffff;
  if (is_mapped) return ipv4_text(static_cast<uint32_t>(groups[6]) << 16 | groups[7]);
  std::string out;
  for (size_t i = 0; i < 4; ++i) {
    char hex[4];
    const auto end = std::to_chars(hex, hex + sizeof hex, groups[i], 16);
    out.append(hex, end.ptr);
    out += ':';
  }
  return out + ":/64";
}

}  // namespace latchkey
