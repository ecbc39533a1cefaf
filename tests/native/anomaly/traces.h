// Traces: what a licence does hour by hour, made up from a seed: people who work, sleep and travel, scripts, and
// thieves. Shares nothing with the scorer: no header, no number, no idea of what counts. wasm/anomaly/README.md says
// what each kind assumes.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace traces {

inline constexpr int kDays = 60;
inline constexpr int kHours = kDays * 24;

struct Use {
  int64_t requests = 0;
  int64_t tokens = 0;
  double dollars = 0;
  std::set<std::string> models;
  std::set<std::string> countries;
  int64_t limited = 0;
  int64_t machines_refused = 0;
};

struct Trace {
  std::vector<Use> hours = std::vector<Use>(kHours);
  int abuse_begins = -1;  // hour; -1: never
};

std::vector<std::string> ordinary_kinds();
std::vector<std::string> abuse_kinds();

// make: an ordinary trace. make_abused: one with abuse of a kind injected into it, somewhere from day 20 to day 55.
Trace make(const std::string& kind, uint64_t seed);
Trace make_abused(const std::string& ordinary_kind, const std::string& abuse_kind, uint64_t seed);

// Tried: codes that nobody has, from one address.
struct Tried {
  int64_t refused = 0;
  int64_t codes = 0;
};
struct AddressTrace {
  std::vector<Tried> hours = std::vector<Tried>(kHours);
  int guessing_begins = -1;
};
std::vector<std::string> ordinary_addresses();
std::vector<std::string> guessing_addresses();
AddressTrace make_address(const std::string& kind, uint64_t seed);

}  // namespace traces
