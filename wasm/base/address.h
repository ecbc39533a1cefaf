// Client addresses: IPv4 as it is, IPv6 by its /64 network, which is what one customer has.
#pragma once

#include <string>
#include <string_view>

namespace latchkey {

// address_network: "203.0.113.7" or "2001:db8:0:1::/64"; an IPv4-mapped IPv6 address counts
// as the IPv4 one. Text that is no address comes back as "unknown".
std::string address_network(std::string_view address);

}  // namespace latchkey
