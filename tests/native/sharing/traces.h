// Traces: what machines of a licence do, made up from a seed: people who live, travel and share, and the seats they
// meet. Shares nothing with the scorer: no header, no number, no idea of what counts. wasm/sharing/README.md says what
// each kind assumes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace traces {

// Event: a machine asked for keys.
struct Event {
  int64_t at_ms = 0;
  int machine = 0;
  bool is_granted = true;  // otherwise no seat was free
  std::string country;
  int asn = 0;
  double latitude = 0;
  double longitude = 0;
  int address = 0;
};

struct Trace {
  std::string kind;
  int seats = 1;
  std::vector<Event> events;  // in order of time
};

inline constexpr int kDays = 45;

std::vector<std::string> ordinary_kinds();
std::vector<std::string> shared_kinds();

// make: one trace of a kind, from midnight UTC at `start_ms` for kDays days.
Trace make(const std::string& kind, uint64_t seed, int64_t start_ms);

}  // namespace traces
