// Public URLs: nothing crashes, and whatever is allowed has a host that is a dotted name with a letter at its end.
#include "base/public_url.h"

#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view url(reinterpret_cast<const char*>(data), size);
  const bool is_allowed = latchkey::why_not_public(url, latchkey::Loopback::kRefused).empty();
  (void)latchkey::why_not_public(url, latchkey::Loopback::kAllowed);
  (void)latchkey::url_hint(url);
  if (!is_allowed) return 0;
  CHECK(url.starts_with("https://"));
  std::string_view host = url.substr(8);
  host = host.substr(0, host.find_first_of("/?#:"));
  CHECK(host.find_first_of("@[]%\\ ") == std::string_view::npos);
  const size_t dot = host.rfind('.');
  CHECK(dot != std::string_view::npos && dot + 1 < host.size());
  bool has_letter = false;
  for (const char c : host.substr(dot + 1)) has_letter = has_letter || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  CHECK(has_letter);
  return 0;
}
