// Public URLs: where a message may be posted to that somebody else named. Pure: nothing is resolved.
#pragma once

#include <string>
#include <string_view>

namespace latchkey {

// Loopback: whether http://127.0.0.1, http://localhost and http://[::1] are allowed too, for tests on one machine.
enum class Loopback : bool { kRefused, kAllowed };

// why_not_public: empty where `url` is an https URL whose host is a name of the public DNS; otherwise the rule that it
// breaks, as the rest of a sentence. An address is refused in every spelling, a public one too: no certificate names
// it, and Cloudflare does not fetch from one. So are user names, fragments, ports below 1024 but 443, names without a
// dot and names that mean something only in a private network.
std::string_view why_not_public(std::string_view url, Loopback loopback);

// is_loopback: whether it is this machine itself, over plain http.
bool is_loopback(std::string_view url);

// url_hint: scheme, host and port of an allowed URL, for people: the rest often holds a token.
std::string url_hint(std::string_view url);

}  // namespace latchkey
