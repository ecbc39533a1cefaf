// The edge copy: what KV holds for outages and for reads that hand out no key. One key for
// each licence, one for the key ring. Never the truth: a fresher no from D1 outranks it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "budget/budget.h"
#include "config/providers.h"
#include "store/rows.h"

namespace latchkey::edge {

inline constexpr std::string_view kRingKey = "ring";
inline constexpr std::string_view kJwksKey = "jwks";

// license_key: where a licence's copy is kept; found by code, or by the `ref` of a receipt.
std::string license_key(std::string_view code_hash);

struct LicenseCopy {
  std::string id;
  std::string status;  // active, suspended, revoked, reissued (this code no longer counts)
  std::optional<TimeMs> expires_at;
  std::string plan;
  config::ProviderSet providers;
  int64_t deliveries = 0;
  int64_t version = 0;
  std::optional<int64_t> requests_per_hour;  // its own limit, where it has one
  std::optional<budget::Snapshot> spending;   // where a limit of its budget blocks
  std::vector<std::string> machines;  // hashes of those that hold a seat

  // is_usable: active and not past its end.
  bool is_usable(TimeMs now) const { return status == "active" && (!expires_at || *expires_at > now); }
};

struct RingCopy {
  int64_t version = 0;
  int64_t epoch = 0;
  std::vector<store::StoredKey> keys;  // sealed as in D1
};

// print and parse: JSON. parse gives nullopt for anything that print did not write.
std::string print(const LicenseCopy& copy);
std::optional<LicenseCopy> parse_license_copy(std::string_view text);
std::string print(const RingCopy& copy);
std::optional<RingCopy> parse_ring_copy(std::string_view text);

}  // namespace latchkey::edge
