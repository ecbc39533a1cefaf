#include "provision/service.h"

#include "base/check.h"
#include "base/encoding.h"
#include "base/ids.h"
#include "provision/receipt.h"
#include "store/audit.h"
#include "store/queries.h"
#include "store/rate_window.h"

namespace latchkey::provision {
namespace {

constexpr std::string_view kClientActor = "client";
constexpr SecretAccess kMachineAccess("the desktop client's Fernet key is derived from its machine id");

std::string receipt_for(const config::Config& config, const ProvisionRequest& request, const Grant& grant,
                        int64_t epoch) {
  ReceiptClaims claims{.license_id = grant.license_id,
                       .code_hash = std::string(request.code_hash->text()),
                       .machine = receipt_machine(request.machine_id),
                       .machine_hash = std::string(request.machine_hash.text()),
                       .device_key_thumbprint = std::nullopt,
                       .plan = grant.plan,
                       .providers = grant.providers,
                       .key_versions = grant.key_versions,
                       .issued_at = grant.now,
                       .expires_at = grant.times.expires_at,
                       .refresh_after = grant.times.refresh_after,
                       .epoch = epoch};
  if (request.client_public_key) claims.device_key_thumbprint = crypto::jwk_thumbprint(*request.client_public_key);
  return sign_receipt(config, claims);
}

void add_license_notices(std::vector<Notice>& notices, std::optional<TimeMs> end, TimeMs now) {
  if (end && *end - now <= limits::kEndingSoonMs) {
    notices.push_back({"license_ending", "", "The licence ends at " + format_time(*end) + "."});
  }
}

// add_budget_notice: most of a budget is used whose end matters to the client.
void add_budget_notice(std::vector<Notice>& notices, const LicenseFacts& license, TimeMs now) {
  if (license.budget.enforcement == budget::Enforcement::kTrack) return;
  const budget::Standing standing = budget::standing(license.budget, license.spent, now);
  if (!standing.is_near()) return;
  notices.push_back({"budget_warning", "", "Of the licence's budget " + budget::describe(standing) + "."});
}

void add_receipt_notice(std::vector<Notice>& notices, const ProvisionRequest& request) {
  if (request.receipt && request.receipt->expired) {
    notices.push_back({"receipt_expired", "", "The receipt sent has expired and was not used."});
  }
}

// changed_since: the providers whose key is another one than this machine was last given.
ProviderSet changed_since(const KeyRing& ring, ProviderSet providers, std::optional<int64_t> held_ring,
                          std::string_view held_tag) {
  ProviderSet changed;
  for (size_t i = 0; i < kNumProviders; ++i) {
    if (!providers.has(i)) continue;
    const KeyRing::Entry& entry = ring.entry(i);
    const size_t at = i * config::kSecretsTagCharsEach;
    const bool is_same_secret = held_tag.size() >= at + config::kSecretsTagCharsEach &&
                                held_tag.substr(at, config::kSecretsTagCharsEach) ==
                                    entry.tag.text().substr(0, config::kSecretsTagCharsEach);
    const bool is_same = entry.ring_version == 0 ? is_same_secret : held_ring && entry.ring_version <= *held_ring;
    if (!is_same) changed.add(i);
  }
  return changed;
}

void add_rotated_notices(std::vector<Notice>& notices, ProviderSet changed) {
  for (size_t i = 0; i < kNumProviders; ++i) {
    if (!changed.has(i)) continue;
    const std::string name(config::kProviders[i].name);
    notices.push_back({"keys_rotated", name, "The key of " + name + " was replaced since this machine last had it."});
  }
}

void add_provider_notices(std::vector<Notice>& notices, const ProvisionRequest& request, ProviderSet plan,
                          ProviderSet available) {
  if (request.unknown_provider_named) {
    notices.push_back({"unknown_provider", "", "A requested provider is unknown and was left out."});
  }
  for (size_t i = 0; i < kNumProviders; ++i) {
    if (!request.requested.has(i)) continue;
    const std::string name(config::kProviders[i].name);
    if (!plan.has(i)) {
      notices.push_back({"provider_not_in_plan", name, "The plan does not include " + name + "."});
    } else if (!available.has(i)) {
      notices.push_back({"provider_unavailable", name, "No key for " + name + " at the moment."});
    }
  }
}

}  // namespace

// Attempt: the answer of the one batch.
struct ProvisionService::Attempt {
  Seen seen;
  RingPtr loaded_ring;  // when this isolate had none
};

Terms ProvisionService::terms_of(const ProvisionRequest& request, TimeMs now) const {
  Terms terms{.now = now,
              .delivery = request.delivery,
              .address_limit = config_.rate_limit_ip_per_hour,
              .license_limit = config_.rate_limit_license_per_hour};
  if (request.receipt && !request.receipt->expired) terms.receipt_license_id = request.receipt->license_id;
  return terms;
}

Error certificate_disagrees(Verdict verdict) {
  return Error(ErrorCode::kInternal, "The server refused to answer. Please report the request id.",
               "certificate and decision differ: " + std::string(verdict_reason(verdict)));
}

std::vector<Window> windows_of(const Seen& seen, const Terms& terms) {
  std::vector<Window> windows;
  windows.push_back(window_of("ip", terms.address_limit, seen.address.hits(), seen.address.end(), terms.now));
  if (seen.license) {
    const int64_t limit = license_limit(*seen.facts.license, terms);
    windows.push_back(window_of("license", limit, seen.license->hits(), seen.license->end(), terms.now));
  }
  return windows;
}

Task<Result<ProvisionService::Attempt>> ProvisionService::attempt(host::Host& host, const Client& client,
                                                                  const ProvisionRequest& request,
                                                                  const Terms& terms) {
  const bool with_ring = shared_.ring == nullptr;
  ByteArray<kIdRandomBytes> id_random;
  host.random.fill(id_random);

  // Presume the good case.
  host::Batch batch;
  add_ask(batch, config_, client, request, terms, Wanted::kGrant, make_id("mch_", terms.now, id_random));
  if (with_ring) batch.add(store::kProviderKeyListPublished);
  CO_TRY(const host::BatchAnswer answer, co_await host.db.run(std::move(batch)));

  Attempt attempt{.seen = read_ask(answer, terms), .loaded_ring = {}};
  if (with_ring) {
    attempt.loaded_ring = std::make_shared<const KeyRing>(
        KeyRing::make(config_, host.random, host.log, attempt.seen.facts.ring_version,
                      store::stored_keys(answer, 1)));
    shared_.keep_ring(attempt.loaded_ring);
  }
  co_return attempt;
}

std::optional<ProvisionOutcome> ProvisionService::refuse_from_memory(const Client& client,
                                                                     const ProvisionRequest& request,
                                                                     TimeMs now) {
  const auto refuse = [&](Verdict verdict, std::string_view policy, const KnownOver::Over& over) {
    ProvisionOutcome outcome;
    outcome.verdict = verdict;
    outcome.windows.push_back(window_of(policy, over.limit, over.limit, over.end, now));
    return outcome;
  };
  if (const auto over = shared_.known_over.find(address_subject(client.address_hash), now)) {
    return refuse(Verdict::kAddressOverLimit, "ip", *over);
  }
  if (!request.code_hash) return std::nullopt;
  if (const auto over = shared_.known_over.find(code_subject(*request.code_hash), now)) {
    return refuse(Verdict::kLicenseOverLimit, "license", *over);
  }
  return std::nullopt;
}

// refuse: remembers a subject that is over, and writes the audit row where one is due. Where all seats are
// taken, when one that cools down is free.
Task<Result<std::optional<TimeMs>>> ProvisionService::refuse(host::Host& host, const Client& client,
                                                             const ProvisionRequest& request,
                                                             std::string_view action, const Seen& seen,
                                                             const Terms& terms, Verdict verdict) {
  const std::string address = address_subject(client.address_hash);
  const std::optional<LicenseFacts>& license = seen.facts.license;
  const std::optional<std::string> details = refusal_details(verdict, request.code_hash);
  const store::AuditRow row{
      .at = terms.now,
      .request_id = client.request_id,
      .action = action,
      .outcome = "denied",
      .reason = verdict_reason(verdict),
      .actor = kClientActor,
      .license_id = license ? std::optional<std::string_view>(license->id) : std::nullopt,
      .machine_hash = request.machine_hash.text(),
      .address_hash = client.address_hash.text(),
      .country = store::or_null(client.country),
      .user_agent = store::or_null(client.user_agent),
      .details = details};
  host::Batch batch;
  if (verdict == Verdict::kAddressOverLimit) {
    shared_.known_over.add(address, {terms.address_limit, seen.address.end()}, terms.now);
    if (seen.address_over_recorded) co_return std::nullopt;
    store::add_audit_over(batch, row, address);
  } else if (verdict == Verdict::kLicenseOverLimit) {
    const KnownOver::Over over{license_limit(*license, terms), seen.license->end()};
    shared_.known_over.add(code_subject(*request.code_hash), over, terms.now);
    if (seen.license_over_recorded) co_return std::nullopt;
    store::add_audit_over(batch, row, license->id);
  } else {
    store::add_audit(batch, row);
  }
  const bool asks_when = verdict == Verdict::kNoSeat;
  if (asks_when) batch.add(store::kMachineNextFree).bind(license->id).bind(terms.now);
  CO_TRY(const host::BatchAnswer answer, co_await host.db.run(std::move(batch)));
  co_return asks_when ? answer.row(1, 0).integer_or_null("free_at") : std::nullopt;
}

crypto::SealContext derived_key_context(std::string_view license_id, std::string_view machine_hash) {
  return {.table = "machines", .row_id = machine_hash, .owner = license_id, .version = 1};
}

Task<Result<Secret>> derive_desktop_key(host::Host& host, const Secret& machine_id) {
  const auto salt = crypto::desktop_salt(machine_id.reveal_text(kMachineAccess));
  co_return co_await host.kdf.derive(machine_id, salt, crypto::kDesktopRounds, crypto::kFernetKeyBytes);
}

Task<Result<crypto::FernetKey>> ProvisionService::fernet_key(host::Host& host, const ProvisionRequest& request,
                                                             const std::string& license_id,
                                                             const std::optional<crypto::Sealed>& kept) {
  const crypto::SealContext context = derived_key_context(license_id, request.machine_hash.text());
  if (kept) {
    CO_TRY(const Secret key, config_.master.open(crypto::SealPurpose::kDerivedKey, context, *kept));
    co_return crypto::FernetKey(key);
  }
  CO_TRY(const Secret key, co_await derive_desktop_key(host, request.machine_id));
  const crypto::Sealed sealed = config_.master.seal(host.random, crypto::SealPurpose::kDerivedKey, context,
                                                    key.reveal(kMachineAccess));
  // A request that had to load the ring has made its two trips: the next one keeps the key.
  if (host.counts.d1_round_trips >= 2) co_return crypto::FernetKey(key);
  host::Batch batch;
  batch.add(store::kMachineKeepFernetKey)
      .bind(license_id)
      .bind(request.machine_hash.text())
      .bind(sealed.text());
  CO_TRY(const host::BatchAnswer answer, co_await host.db.run(std::move(batch)));
  co_return crypto::FernetKey(key);
}

Task<Result<ProvisionOutcome>> ProvisionService::provision(host::Host& host, const Client& client,
                                                           const ProvisionRequest& request) {
  const TimeMs now = host.clock.now();
  if (auto refused = refuse_from_memory(client, request, now)) co_return std::move(*refused);

  // 1. Certify, in one trip.
  RingPtr ring = shared_.ring;
  const Terms terms = terms_of(request, now);
  auto attempt = co_await this->attempt(host, client, request, terms);
  if (!attempt) {
    if (attempt.error().code() != ErrorCode::kUnavailable) co_return Unexpected(std::move(attempt).error());
    co_return co_await provision_degraded(host, client, request, std::move(attempt).error());
  }

  // 2. Decide. SQL and C++ must agree; otherwise nothing leaves.
  const Seen& seen = attempt->seen;
  ProvisionOutcome outcome{.verdict = decide(seen.facts, terms),
                           .grant = std::nullopt,
                           .windows = windows_of(seen, terms)};
  if (seen.is_certified != (outcome.verdict == Verdict::kGranted)) {
    co_return Unexpected(certificate_disagrees(outcome.verdict));
  }
  outcome.used_up = used_up(outcome.verdict, seen.facts, now);
  if (outcome.verdict != Verdict::kGranted) {
    CO_TRY(outcome.seat_free_at,
           co_await refuse(host, client, request, "provision.denied", seen, terms, outcome.verdict));
    co_return outcome;
  }

  // 3. The end of a licence that ends so long after this; the key ring, loaded again where it has moved
  // on; opened for this answer alone.
  if (!ring) ring = attempt->loaded_ring;
  const bool has_moved = ring->version() != seen.facts.ring_version;
  LicenseFacts license = *seen.facts.license;
  if (license.begins()) {
    CO_TRY(license.expires_at, co_await begin(host, client, request, license.id, now, has_moved ? &ring : nullptr));
  } else if (has_moved) {
    CO_TRY(ring, co_await load_ring(host));
  }
  CO_TRY(Grant grant, make_grant(request, *ring, license, seen.facts.epoch, now));
  if (seen.ring_version_before) {
    add_rotated_notices(grant.notices, changed_since(*ring, grant.providers, seen.ring_version_before,
                                                     seen.secrets_tag_before));
  }
  if (request.delivery == Delivery::kFernet) {
    CO_TRY(grant.fernet_key, co_await fernet_key(host, request, license.id, seen.fernet_key));
  }
  outcome.grant.emplace(std::move(grant));
  co_return outcome;
}

Result<Grant> ProvisionService::make_grant(const ProvisionRequest& request, const KeyRing& ring,
                                           const LicenseFacts& license, int64_t epoch, TimeMs now) const {
  if (ring.available().empty()) {
    return fail(ErrorCode::kUnavailable, "No provider key is configured on the server.", "key ring is empty");
  }
  TRY(OpenRing keys, ring.open(config_));
  Grant grant{.license_id = license.id,
              .plan = license.plan,
              .providers = request.requested & license.providers & ring.available(),
              .keys = std::move(keys),
              .fernet_key = std::nullopt,
              .times = grant_times(now, license.expires_at),
              .now = now,
              .receipt = {},
              .notices = {}};
  grant.times =
      spread_refresh(grant.times, now, ring.published_at(grant.providers), request.machine_hash.text());
  for (size_t i = 0; i < kNumProviders; ++i) {
    if (grant.providers.has(i)) grant.key_versions[i] = ring.entry(i).version;
  }
  add_provider_notices(grant.notices, request, license.providers, ring.available());
  add_license_notices(grant.notices, license.expires_at, now);
  add_budget_notice(grant.notices, license, now);
  add_receipt_notice(grant.notices, request);
  grant.receipt = receipt_for(config_, request, grant, epoch);
  return grant;
}

ProvisionService::RingPtr ProvisionService::keep_loaded_ring(host::Host& host, const host::BatchAnswer& answer,
                                                             size_t state_at) {
  auto ring = std::make_shared<const KeyRing>(
      KeyRing::make(config_, host.random, host.log, answer.row(state_at, 0).integer("ring_version"),
                    store::stored_keys(answer, state_at + 1)));
  shared_.keep_ring(ring);
  return ring;
}

Task<Result<ProvisionService::RingPtr>> ProvisionService::load_ring(host::Host& host) {
  host::Batch batch;
  batch.add(store::kStateGet).add(store::kProviderKeyListPublished);
  CO_TRY(const host::BatchAnswer answer, co_await host.db.run(std::move(batch)));
  co_return keep_loaded_ring(host, answer, 0);
}

Task<Result<std::optional<TimeMs>>> ProvisionService::begin(host::Host& host, const Client& client,
                                                            const ProvisionRequest& request,
                                                            const std::string& license_id, TimeMs now,
                                                            RingPtr* reload) {
  host::Batch batch;
  batch.add(store::kAuditAppendStarted)
      .bind(now)
      .bind(client.request_id)
      .bind(license_id)
      .bind(request.machine_hash.text())
      .bind(client.address_hash.text())
      .bind(store::or_null(client.country))
      .bind(store::or_null(client.user_agent));
  batch.add(store::kLicenseStart).bind(license_id).bind(now);
  batch.add(store::kLicenseGetEnd).bind(license_id);
  if (reload != nullptr) batch.add(store::kStateGet).add(store::kProviderKeyListPublished);
  CO_TRY(const host::BatchAnswer answer, co_await host.db.run(std::move(batch)));
  if (reload != nullptr) *reload = keep_loaded_ring(host, answer, 3);
  co_return answer.row(2, 0).integer_or_null("expires_at");
}

Task<Result<StatusOutcome>> ProvisionService::status(host::Host& host, const Client& client,
                                                     const ProvisionRequest& request) {
  const TimeMs now = host.clock.now();
  StatusOutcome outcome;
  if (auto refused = refuse_from_memory(client, request, now)) {
    outcome.verdict = refused->verdict;
    outcome.windows = std::move(refused->windows);
    co_return outcome;
  }

  // 1. Count and look, in one trip. 2. Decide.
  const Terms terms = terms_of(request, now);
  host::Batch batch;
  add_ask(batch, config_, client, request, terms, Wanted::kFacts, "");
  CO_TRY(const host::BatchAnswer answer, co_await host.db.run(std::move(batch)));
  const Seen seen = read_ask(answer, terms);
  outcome.verdict = decide_keys(seen.facts, terms);
  outcome.windows = windows_of(seen, terms);
  outcome.used_up = used_up(outcome.verdict, seen.facts, now);
  if (outcome.verdict != Verdict::kGranted) {
    CO_TRY_VOID(co_await refuse(host, client, request, "status.denied", seen, terms, outcome.verdict));
    co_return outcome;
  }

  // 3. Compare with what this machine was last given.
  RingPtr ring = shared_.ring;
  if (!ring || ring->version() != seen.facts.ring_version) {
    CO_TRY(ring, co_await load_ring(host));
  }
  const LicenseFacts& license = *seen.facts.license;
  outcome.license_id = license.id;
  outcome.plan = license.plan;
  outcome.license_expires_at = license.expires_at;
  outcome.providers = license.providers & ring->available();
  outcome.is_known_machine = license.has_seat;
  outcome.changed = changed_since(*ring, outcome.providers, seen.held_ring_version, seen.held_secrets_tag);
  for (size_t i = 0; i < kNumProviders; ++i) {
    if (outcome.providers.has(i)) outcome.key_versions[i] = ring->entry(i).version;
  }
  if (!outcome.changed.empty()) {
    outcome.refresh_after =
        refresh_for_rotation(now, ring->published_at(outcome.changed), request.machine_hash.text());
  }
  add_license_notices(outcome.notices, outcome.license_expires_at, now);
  add_budget_notice(outcome.notices, license, now);
  add_receipt_notice(outcome.notices, request);
  if (!outcome.is_known_machine) {
    outcome.notices.push_back({"machine_unknown", "", "This machine holds no seat yet: provision first."});
  }
  co_return outcome;
}

}  // namespace latchkey::provision
