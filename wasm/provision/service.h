// ProvisionService: a licence in, keys out.
//
// Round trips (asserted by tests): a grant is one D1 batch; a denial, a machine's first
// Fernet answer, or a key ring that moved, two. A subject known to be over its limit: none.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/task.h"
#include "config/config.h"
#include "crypto/fernet.h"
#include "host/host.h"
#include "provision/ask.h"
#include "provision/brake.h"
#include "provision/decide.h"
#include "provision/key_ring.h"
#include "provision/known_over.h"
#include "provision/release.h"
#include "provision/types.h"
#include "provision/verified_receipts.h"

namespace latchkey::provision {

// Shared: what an instance keeps between requests. Plain data.
struct Shared {
  std::shared_ptr<const KeyRing> ring;
  KnownOver known_over;
  Brake status_brake;  // GET /keys/status
  VerifiedReceipts verified_receipts;  // GET /keys/status
  Brake degraded_brake;  // provisions while D1 does not answer
  // When this isolate last read KV's copy of the ring, and the newest epoch it saw there.
  TimeMs edge_read_at = 0;
  int64_t edge_epoch = 0;

  // keep_ring: unless a newer one is there already.
  void keep_ring(std::shared_ptr<const KeyRing> loaded) {
    if (!ring || ring->version() <= loaded->version()) ring = std::move(loaded);
  }
};

// Grant: what a certified provision hands out. The audit row is stored already.
struct Grant {
  std::string license_id;
  std::string plan;
  ProviderSet providers;
  std::array<int64_t, kNumProviders> key_versions{};
  OpenRing keys;
  std::optional<crypto::FernetKey> fernet_key;  // delivery fernet
  GrantTimes times;
  TimeMs now = 0;
  std::string receipt;
  std::vector<Notice> notices;
};

// ProvisionOutcome: `grant` is there exactly when the verdict is kGranted.
struct ProvisionOutcome {
  Verdict verdict = Verdict::kUnknownLicense;
  std::optional<Grant> grant;
  std::vector<Window> windows;
  std::optional<TimeMs> seat_free_at;  // all seats are taken, and one that cools down is free then
  std::optional<budget::Standing> used_up;  // kBudgetExceeded: the limit that was reached
};

// StatusOutcome: what a machine would get if it provisioned now, against what it has.
struct StatusOutcome {
  Verdict verdict = Verdict::kUnknownLicense;
  std::vector<Window> windows;
  std::optional<budget::Standing> used_up;  // kBudgetExceeded: the limit that was reached
  std::string license_id;
  std::string plan;
  ProviderSet providers;
  ProviderSet changed;
  bool is_known_machine = true;
  std::array<int64_t, kNumProviders> key_versions{};
  std::optional<TimeMs> license_expires_at;
  std::optional<TimeMs> refresh_after;  // where something changed
  std::vector<Notice> notices;
};

// certificate_disagrees: SQL did what decide would not, or the other way round: a fault of ours.
Error certificate_disagrees(Verdict verdict);

// windows_of: where the request's address and licence stand in their hours.
std::vector<Window> windows_of(const Seen& seen, const Terms& terms);

// derive_desktop_key: the Fernet key that the desktop client derives from its machine id. It
// costs the host tens of milliseconds: a machine's key is kept sealed in its row.
Task<Result<Secret>> derive_desktop_key(host::Host& host, const Secret& machine_id);

// derived_key_context: what a machine's sealed Fernet key is bound to.
crypto::SealContext derived_key_context(std::string_view license_id, std::string_view machine_hash);

class ProvisionService {
 public:
  // `config` and `shared` outlive this.
  ProvisionService(const config::Config& config, Shared& shared) : config_(config), shared_(shared) {}

  // provision: POST /keys/provision. Errors: kUnavailable where D1 failed or changed between
  // two trips; kInternal where certificate and decision differ (nothing is handed out).
  Task<Result<ProvisionOutcome>> provision(host::Host& host, const Client& client,
                                           const ProvisionRequest& request);

  // provision_degraded: the same for a known device while D1 does not answer: one that shows a
  // valid receipt or that the licence's KV copy lists. Its audit row goes into the KV outbox, and
  // limits are this isolate's own. `outage` comes back for anybody else, and where KV failed too.
  Task<Result<ProvisionOutcome>> provision_degraded(host::Host& host, const Client& client,
                                                    const ProvisionRequest& request, Error outage);

  // release: POST /machines/release: frees the seat of the machine that asks, or of another one of its licence.
  // One trip where nothing changes, two otherwise. A dry run changes nothing.
  Task<Result<ReleaseOutcome>> release(host::Host& host, const Client& client, const ReleaseRequest& request);

  // status: POST /keys/status. One trip, two for a refusal or a ring that moved. Takes no seat.
  Task<Result<StatusOutcome>> status(host::Host& host, const Client& client,
                                     const ProvisionRequest& request);

 private:
  struct Attempt;
  using RingPtr = std::shared_ptr<const KeyRing>;

  Task<Result<Attempt>> attempt(host::Host& host, const Client& client, const ProvisionRequest& request,
                                const Terms& terms);
  Task<Result<std::optional<TimeMs>>> refuse(host::Host& host, const Client& client,
                                             const ProvisionRequest& request, std::string_view action,
                                             const Seen& seen, const Terms& terms, Verdict verdict);
  // make_grant: what is handed out once it is certified: opens the ring, signs the receipt.
  Result<Grant> make_grant(const ProvisionRequest& request, const KeyRing& ring, const LicenseFacts& license,
                           int64_t epoch, TimeMs now) const;
  Task<Result<crypto::FernetKey>> fernet_key(host::Host& host, const ProvisionRequest& request,
                                             const std::string& license_id,
                                             const std::optional<crypto::Sealed>& kept);
  Task<Result<RingPtr>> load_ring(host::Host& host);
  RingPtr keep_loaded_ring(host::Host& host, const host::BatchAnswer& answer, size_t state_at);
  // begin: sets the end of a licence at its first grant and gives it. Nothing leaves before it is stored.
  // `reload`: where the ring goes if it moved, in the same trip; may be null.
  Task<Result<std::optional<TimeMs>>> begin(host::Host& host, const Client& client, const ProvisionRequest& request,
                                            const std::string& license_id, TimeMs now, RingPtr* reload);
  std::optional<ProvisionOutcome> refuse_from_memory(const Client& client, const ProvisionRequest& request,
                                                     TimeMs now);
  Terms terms_of(const ProvisionRequest& request, TimeMs now) const;

  const config::Config& config_;
  Shared& shared_;
};

}  // namespace latchkey::provision
