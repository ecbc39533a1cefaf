// EdgeStatus: GET /keys/status. What a receipt is worth now, from KV alone: no D1, no key.
#pragma once

#include "base/task.h"
#include "host/host.h"
#include "provision/receipt.h"
#include "provision/service.h"

namespace latchkey::provision {

struct EdgeStatus {
  bool is_usable = false;  // false: refused; the licence is not active or the code was replaced
  std::optional<budget::Standing> used_up;  // refused: the limit of its budget that blocks, as far as KV knows
  std::string plan;
  std::optional<TimeMs> license_expires_at;
  ProviderSet providers;
  ProviderSet changed;  // against the receipt
  std::array<int64_t, kNumProviders> key_versions{};
  std::optional<TimeMs> refresh_after;  // where something changed
  int64_t epoch = 0;
  // etag: a keyed hash over the licence's state and each key, so that it tells nothing and a
  // changed Worker secret shows.
  std::string etag;
  std::vector<Notice> notices;
};

// edge_status: one KV read, two where this isolate's copy of the ring is older than
// limits::kKvCopyAgeMsMax. A licence that KV does not list yet is as good as its receipt.
// kUnavailable where KV failed.
Task<Result<EdgeStatus>> edge_status(host::Host& host, const config::Config& config, Shared& shared,
                                     const ReceiptClaims& receipt);

}  // namespace latchkey::provision
