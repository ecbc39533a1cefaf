#include "base/public_url.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

#include "base/limits.h"

namespace latchkey {
namespace {

constexpr std::string_view kHttps = "https://";
constexpr std::string_view kHttp = "http://";
constexpr size_t kHostCharsMax = 253;
constexpr size_t kLabelCharsMax = 63;
constexpr uint32_t kPortHttps = 443;
constexpr uint32_t kPortUserMin = 1024;
constexpr uint32_t kPortMax = 65'535;

// Names of no public DNS: RFC 6761, 6762, 7686, 8375, 9476, ICANN's .internal, and what networks use by habit.
constexpr std::string_view kLocalEndings[] = {"alt",  "arpa",     "consul", "corp",     "home",
                                             
                                              "internal", "intra",  "intranet",    "invalid", "lan",
                                              "local", "localdomain", "localhost", "onion", "private", "test", "workgroup"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= kLabelCharsMax && label.front() != '-' && label.back() != '-' &&
         std::ranges::all_of(label, [](char c) { return is_digit(c) || is_lower(c) || c == '-'; });
}

struct Authority {
  std::string host;  // in lower case
  std::string_view port;
  bool has_port = false;
};

std::string_view authority_of(std::string_view rest) { return rest.substr(0, rest.find_first_of("/?#")); }

Authority split(std::string_view authority) {
  const size_t end = authority.starts_with('[') ? authority.find(']') : 0;
  const size_t colon = end == std::string_view::npos ? end : authority.find(':', end);
  Authority parts{.host = std::string(authority.substr(0, colon)), .port = {}, .has_port = colon != std::string_view::npos};
  std::ranges::transform(parts.host, parts.host.begin(), lower);
  if (parts.has_port) parts.port = authority.substr(colon + 1);
  return parts;
}

std::optional<uint32_t> port_of(std::string_view text) {
  uint32_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool is_whole = error == std::errc() && end == text.data() + text.size() && text.size() <= 5;
  return is_whole && port >= 1 && port <= kPortMax ? std::optional(port) : std::nullopt;
}

std::string_view why_not_name(std::string_view host) {
  if (host.empty() || host.size() > kHostCharsMax) return "must name a host of at most 253 characters";
  if (host.starts_with('[')) return "must name a host: an address is refused";
  if (host.ends_with('.')) return "must name its host without a dot at the end";
  size_t num_labels = 0;
  std::string_view last;
  for (std::string_view rest = host;;) {
    const size_t dot = rest.find('.');
    last = rest.substr(0, dot);
    ++num_labels;
    if (!is_label(last)) return "must name a host of letters, digits, hyphens and dots (another alphabet as xn--)";
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  // The last part of an IPv4 address begins with a digit in every spelling, and that of no name does.
  if (!is_lower(last.front())) return "must name a host: an address is refused";
  if (num_labels < 2) return "must name a host of the public DNS: a name without a dot is local";
  const bool is_local = std::ranges::find(kLocalEndings, last) != std::end(kLocalEndings);
  return is_local ? "must name a host of the public DNS: this ending is local" : "";
}

bool is_loopback(const Authority& parts) {
  return parts.host == "127.0.0.1" || parts.host == "localhost" || parts.host == "[::1]";
}

}  // namespace

std::string_view why_not_public(std::string_view url, Loopback loopback) {
  if (url.size() > limits::kWebhookUrlBytesMax) return "must have at most 2048 characters";
  const bool is_plain = std::ranges::all_of(url, [](char c) { return c > ' ' && c < '\x7f' && c != '\\'; });
  if (!is_plain) return "must hold printable ASCII alone, without spaces and backslashes";
  const bool is_http = url.starts_with(kHttp);
  if (!is_http && !url.starts_with(kHttps)) return "must begin with https://";
  if (url.find('#') != std::string_view::npos) return "must have no fragment";
  const std::string_view authority = authority_of(url.substr(is_http ? kHttp.size() : kHttps.size()));
  if (authority.find_first_of("@%") != std::string_view::npos) return "must have no user name, password or % in its host";
  const Authority parts = split(authority);
  const auto port = parts.has_port ? port_of(parts.port) : std::optional(kPortHttps);
  if (!port) return "must have a port from 1 to 65535, or none";
  if (loopback == Loopback::kAllowed && is_loopback(parts)) return {};
  if (is_http) return "must begin with https://";
  if (*port != kPortHttps && *port < kPortUserMin) return "must have no port, 443, or one from 1024 on";
  return why_not_name(parts.host);
}

bool is_loopback(std::string_view url) {
  return url.starts_with("http://") && why_not_public(url, Loopback::kAllowed).empty();
}

std::string url_hint(std::string_view url) {
  const size_t start = url.find("://");
  if (start == std::string_view::npos) return {};
  const size_t end = url.find_first_of("/?#", start + 3);
  return std::string(url.substr(0, end)) + (end == std::string_view::npos || end + 1 == url.size() ? "" : "/...");
}

}  // namespace latchkey
