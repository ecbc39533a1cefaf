#include "provision/service.h"

#include "base/check.h"
#include "base/encoding.h"
#include "base/ids.h"
#include "provision/receipt.h"
#include "store/audit.h"
#include "store/queries.h"

namespace latchkey::provision {
namespace {

constexpr std::string_view kClientActor = "client";
constexpr SecretAccess kMachineAccess("the desktop client's Fernet key is derived from its machine id");

std::string address_subject(const crypto::TokenHash& address) { return "ip:" + std::string(address.text()); }
std::string license_subject(std::string_view id) { return "license:" + std::string(id); }
std::string code_subject(const crypto::TokenHash& code) { return "code:" + std::string(code.text()); }

ProviderSet parse_providers(std::string_view json_array) {
  const auto document = json::Document::parse_host(json_array);
  CHECK(document.has_value());
  ProviderSet set;
  document->root().each_item([&](json::Value name) {
    const auto index = config::provider_index(name.string().value_or(""));
    if (index) set.add(*index);
  });
  return set;
}

LicenseStatus parse_status(std::string_view text) {
  if (text == "active") return LicenseStatus::kActive;
  if (text == "suspended") return LicenseStatus::kSuspended;
  CHECK(text == "revoked");
  return LicenseStatus::kRevoked;
}

// Counted: one subject's window after this request.
struct Counted {
  std::string subject;
  int64_t hits = 0;
  TimeMs window_end = 0;
  bool over_recorded = false;
};

std::vector<Counted> counted_of(const host::BatchAnswer& answer, size_t statement) {
  std::vector<Counted> counted;
  answer.each_row(statement, [&](host::Row row) {
    counted.push_back({.subject = std::string(row.text("subject")),
                       .hits = row.integer("hits"),
                       .window_end = row.integer("window_start") + limits::kRateWindowMs,
                       .over_recorded = row.integer("over_recorded") != 0});
  });
  return counted;
}

Window window_of(std::string_view policy, int64_t limit, int64_t hits, TimeMs end, TimeMs now) {
  return {.policy = policy,
          .limit = limit,
          .remaining = std::max<int64_t>(0, limit - hits),
          .resets_in_seconds = std::max<int64_t>(1, (end - now + kSecondMs - 1) / kSecondMs)};
}

Error changed_meanwhile() {
  Error error(ErrorCode::kUnavailable, "Something changed while this was worked on. Try again.",
              "facts changed between two trips");
  error.retry_after_seconds = 1;
  return error;
}

Error certificate_disagrees(Verdict verdict) {
  return Error(ErrorCode::kInternal, "The server refused to answer. Please report the request id.",
               "certificate and decision differ: " + std::string(verdict_reason(verdict)));
}

// Canonical JSON of what a grant's audit row says beyond its columns.
std::string grant_details(const ProvisionRequest& request) {
  json::Writer out;
  out.begin_object();
  if (request.app_version) out.field("app_version", *request.app_version);
  out.field("delivery", delivery_name(request.delivery)).end_object();
  return std::move(out).take();
}

void add_license_notices(std::vector<Notice>& notices, std::optional<TimeMs> end, TimeMs now) {
  if (end && *end - now <= limits::kEndingSoonMs) {
    notices.push_back({"license_ending", "", "The licence ends at " + format_time(*end) + "."});
  }
}

void add_receipt_notice(std::vector<Notice>& notices, const ProvisionRequest& request) {
  if (request.receipt && request.receipt->expired) {
    notices.push_back({"receipt_expired", "", "The receipt sent has expired and was not used."});
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

// Attempt: the answer of one certifying batch.
struct ProvisionService::Attempt {
  Facts facts;
  std::vector<Counted> counted;  // empty when this attempt did not count
  bool is_certified = false;
  std::string machine_id;  // mch_..., when certified
  RingPtr loaded_ring;     // when this attempt presumed none
  std::optional<crypto::Sealed> fernet_key;
};

Terms ProvisionService::terms_of(const ProvisionRequest& request, TimeMs now, const KeyRing* ring) const {
  Terms terms{.now = now,
              .delivery = request.delivery,
              .address_limit = config_.rate_limit_ip_per_hour,
              .license_limit = config_.rate_limit_license_per_hour};
  if (request.receipt && !request.receipt->expired) terms.receipt_license_id = request.receipt->license_id;
  if (ring) terms.presumed_ring = ring->version();
  return terms;
}

namespace {

void add_count(host::Batch& batch, const Client& client, const ProvisionRequest& request, TimeMs now) {
  batch.add(store::kRateLimitCount).bind(address_subject(client.address_hash)).bind(now);
  request.code_hash ? batch.bind(request.code_hash->text()) : batch.bind(host::Null{});
}

// apply_counts: the windows of this request into the facts. On an attempt that does not
// count they come from the one before.
void apply_counts(Facts& facts, std::span<const Counted> counted, std::string_view address) {
  for (const Counted& subject : counted) {
    if (subject.subject == address) {
      facts.address_hits = subject.hits;
    } else if (facts.license && subject.subject == license_subject(facts.license->id)) {
      facts.license->hits = subject.hits;
    }
  }
}

std::vector<Window> windows_of(std::span<const Counted> counted, std::string_view address, const Terms& terms) {
  std::vector<Window> windows;
  for (const Counted& subject : counted) {
    const bool is_address = subject.subject == address;
    windows.push_back(window_of(is_address ? "ip" : "license",
                                is_address ? terms.address_limit : terms.license_limit, subject.hits,
                                subject.window_end, terms.now));
  }
  return windows;
}

LicenseFacts license_facts(host::Row row) {
  LicenseFacts license{.id = std::string(row.text("license_id")),
                       .status = parse_status(row.text("status")),
                       .expires_at = row.integer_or_null("expires_at"),
                       .plan = std::string(row.text("plan")),
                       .providers = parse_providers(row.text("providers"))};
  return license;
}

}  // namespace

Task<Result<ProvisionService::Attempt>> ProvisionService::attempt(host::Host& host, const Client& client,
                                                                  const ProvisionRequest& request,
                                                                  const Terms& terms, Counting counting) {
  const std::string address = address_subject(client.address_hash);
  const bool with_ring = !terms.presumed_ring.has_value();
  ByteArray<kIdRandomBytes> id_random;
  host.random.fill(id_random);
  const std::optional<std::string_view> code =
      request.code_hash ? std::optional(request.code_hash->text()) : std::nullopt;

  // 1. Presume the good case, in one batch: count, look, certify, claim the seat.
  host::Batch batch;
  size_t next = 0;
  const size_t count_at = next;
  if (counting == Counting::kYes) {
    add_count(batch, client, request, terms.now);
    ++next;
  }
  const size_t facts_at = next++;
  batch.add(store::kProvisionFacts).bind(code).bind(request.machine_hash.text());
  const size_t certify_at = next++;
  batch.add(store::kProvisionCertify)
      .bind(terms.now)
      .bind(client.request_id)
      .bind(code)
      .bind(request.machine_hash.text())
      .bind(client.address_hash.text())
      .bind(store::or_null(client.country))
      .bind(store::or_null(client.user_agent))
      .bind(grant_details(request))
      .bind(static_cast<uint32_t>(terms.delivery))
      .bind(terms.receipt_license_id)
      .bind(address)
      .bind(terms.address_limit)
      .bind(terms.license_limit)
      .bind(terms.presumed_ring);
  const size_t claim_at = next++;
  batch.add(store::kMachineClaim)
      .bind(client.request_id)
      .bind(make_id("mch_", terms.now, id_random))
      .bind(request.app_version)
      .bind(config_.secrets_tag);
  const size_t ring_at = next;
  if (with_ring) batch.add(store::kProviderKeyListPublished);
  CO_TRY(const host::BatchAnswer answer, co_await host.db.run(std::move(batch)));

  // 2. Read the facts as they were before the claim.
  Attempt attempt;
  if (counting == Counting::kYes) attempt.counted = counted_of(answer, count_at);
  const host::Row row = answer.row(facts_at, 0);
  attempt.facts.ring_version = row.integer("ring_version");
  attempt.facts.epoch = row.integer("epoch");
  if (!row.is_null("license_id")) {
    LicenseFacts license = license_facts(row);
    license.deliveries = static_cast<uint32_t>(row.integer("deliveries"));
    license.seats_max = row.integer("max_machines");
    license.seats_used = row.integer("seats_used");
    license.has_seat = row.integer("has_seat") != 0;
    attempt.facts.license = std::move(license);
  }
  attempt.is_certified = answer.num_rows(certify_at) == 1;
  if (const auto claim = answer.first(claim_at)) {
    attempt.machine_id = std::string(claim->text("id"));
    if (const auto sealed = claim->text_or_null("fernet_key")) attempt.fernet_key.emplace(std::string(*sealed));
  }
  CHECK(attempt.is_certified == !attempt.machine_id.empty());
  if (with_ring) {
    attempt.loaded_ring = std::make_shared<const KeyRing>(KeyRing::make(
        config_, host.random, host.log, attempt.facts.ring_version, store::stored_keys(answer, ring_at)));
    shared_.keep_ring(attempt.loaded_ring);
  }
  co_return attempt;
}

std::optional<ProvisionOutcome> ProvisionService::refuse_from_memory(const Client& client,
                                                                     const ProvisionRequest& request,
                                                                     TimeMs now) {
  const auto refuse = [&](Verdict verdict, std::string_view policy, int64_t limit, TimeMs end) {
    ProvisionOutcome outcome;
    outcome.verdict = verdict;
    outcome.windows.push_back(window_of(policy, limit, limit, end, now));
    return outcome;
  };
  if (const auto end = shared_.known_over.until(address_subject(client.address_hash), now)) {
    return refuse(Verdict::kAddressOverLimit, "ip", config_.rate_limit_ip_per_hour, *end);
  }
  if (!request.code_hash) return std::nullopt;
  if (const auto end = shared_.known_over.until(code_subject(*request.code_hash), now)) {
    return refuse(Verdict::kLicenseOverLimit, "license", config_.rate_limit_license_per_hour, *end);
  }
  return std::nullopt;
}

Task<Result<Void>> ProvisionService::record_denial(host::Host& host, const Client& client,
                                                   const ProvisionRequest& request, std::string_view action,
                                                   const Facts& facts, Verdict verdict, TimeMs now,
                                                   bool over_recorded) {
  const store::AuditRow row{
      .at = now,
      .request_id = client.request_id,
      .action = action,
      .outcome = "denied",
      .reason = verdict_reason(verdict),
      .actor = kClientActor,
      .license_id = facts.license ? std::optional<std::string_view>(facts.license->id) : std::nullopt,
      .machine_hash = request.machine_hash.text(),
      .address_hash = client.address_hash.text(),
      .country = store::or_null(client.country),
      .user_agent = store::or_null(client.user_agent)};
  host::Batch batch;
  if (verdict == Verdict::kAddressOverLimit) {
    if (over_recorded) co_return Void{};
    store::add_audit_over(batch, row, address_subject(client.address_hash));
  } else if (verdict == Verdict::kLicenseOverLimit) {
    if (over_recorded) co_return Void{};
    store::add_audit_over(batch, row, license_subject(facts.license->id));
  } else {
    store::add_audit(batch, row);
  }
  CO_TRY(const host::BatchAnswer answer, co_await host.db.run(std::move(batch)));
  co_return Void{};
}

Task<Result<crypto::FernetKey>> ProvisionService::fernet_key(host::Host& host, const ProvisionRequest& request,
                                                             const std::string& license_id,
                                                             const std::optional<crypto::Sealed>& kept) {
  const crypto::SealContext context{.table = "machines",
                                    .row_id = request.machine_hash.text(),
                                    .owner = license_id,
                                    .version = 1};
  if (kept) {
    CO_TRY(const Secret key, config_.master.open(crypto::SealPurpose::kDerivedKey, context, *kept));
    co_return crypto::FernetKey(key);
  }
  const auto salt = crypto::desktop_salt(request.machine_id.reveal_text(kMachineAccess));
  CO_TRY(const Secret key, co_await host.kdf.derive(request.machine_id, salt, crypto::kDesktopRounds,
                                                    crypto::kFernetKeyBytes));
  const crypto::Sealed sealed = config_.master.seal(host.random, crypto::SealPurpose::kDerivedKey, context,
                                                    key.reveal(kMachineAccess));
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

  // 1. Certify. Where the key ring has moved on, load it and certify again, counting once.
  RingPtr presumed = shared_.ring;
  Terms terms = terms_of(request, now, presumed.get());
  CO_TRY(Attempt attempt, co_await this->attempt(host, client, request, terms, Counting::kYes));
  const std::vector<Counted> counted = std::move(attempt.counted);
  const std::string address = address_subject(client.address_hash);
  apply_counts(attempt.facts, counted, address);
  Verdict verdict = decide(attempt.facts, terms);
  if (verdict == Verdict::kRingMoved && !attempt.is_certified) {
    terms.presumed_ring = std::nullopt;
    CO_TRY(Attempt second, co_await this->attempt(host, client, request, terms, Counting::kNo));
    apply_counts(second.facts, counted, address);
    attempt = std::move(second);
    verdict = decide(attempt.facts, terms);
    if (verdict != Verdict::kGranted && !attempt.is_certified) co_return Unexpected(changed_meanwhile());
  }

  // 2. Decide. SQL and C++ must agree; otherwise nothing leaves.
  if (attempt.is_certified != (verdict == Verdict::kGranted)) {
    co_return Unexpected(certificate_disagrees(verdict));
  }
  ProvisionOutcome outcome;
  outcome.verdict = verdict;
  outcome.windows = windows_of(counted, address, terms);
  bool over_recorded = false;
  for (const Counted& subject : counted) {
    const bool is_address = subject.subject == address;
    if (subject.hits <= (is_address ? terms.address_limit : terms.license_limit)) continue;
    if (is_address) shared_.known_over.add(address, subject.window_end, now);
    else if (request.code_hash) shared_.known_over.add(code_subject(*request.code_hash), subject.window_end, now);
    if (is_address == (verdict == Verdict::kAddressOverLimit)) over_recorded = subject.over_recorded;
  }
  if (verdict != Verdict::kGranted) {
    CO_TRY_VOID(co_await record_denial(host, client, request, "provision.denied", attempt.facts,
                                                       verdict, now, over_recorded));
    co_return outcome;
  }

  // 3. Open the ring for this answer alone.
  const LicenseFacts& license = *attempt.facts.license;
  const RingPtr ring_ptr = attempt.loaded_ring ? attempt.loaded_ring : presumed;
  CHECK(ring_ptr != nullptr);
  const KeyRing& ring = *ring_ptr;
  if (ring.available().empty()) {
    co_return fail(ErrorCode::kUnavailable, "No provider key is configured on the server.", "key ring is empty");
  }
  const ProviderSet granted = request.requested & license.providers & ring.available();
  CO_TRY(OpenRing keys, ring.open(config_));
  Grant grant{.license_id = license.id,
              .plan = license.plan,
              .providers = granted,
              .keys = std::move(keys),
              .fernet_key = std::nullopt,
              .times = grant_times(now, license.expires_at),
              .now = now,
              .receipt = {},
              .notices = {}};
  for (size_t i = 0; i < kNumProviders; ++i) {
    if (granted.has(i)) grant.key_versions[i] = ring.entry(i).version;
  }
  add_provider_notices(grant.notices, request, license.providers, ring.available());
  add_license_notices(grant.notices, license.expires_at, now);
  add_receipt_notice(grant.notices, request);
  grant.receipt = sign_receipt(
      config_, {.license_id = license.id,
                .code_hash = std::string(request.code_hash->text()),
                .machine = receipt_machine(request.machine_id),
                .device_key_thumbprint = request.client_public_key
                                             ? std::optional(crypto::jwk_thumbprint(*request.client_public_key))
                                             : std::nullopt,
                .plan = license.plan,
                .providers = granted,
                .key_versions = grant.key_versions,
                .issued_at = now,
                .expires_at = grant.times.expires_at,
                .refresh_after = grant.times.refresh_after,
                .epoch = attempt.facts.epoch});
  if (request.delivery == Delivery::kFernet) {
    CO_TRY(grant.fernet_key, co_await fernet_key(host, request, license.id, attempt.fernet_key));
  }
  outcome.grant.emplace(std::move(grant));
  co_return outcome;
}

Task<Result<ProvisionService::RingPtr>> ProvisionService::load_ring(host::Host& host) {
  host::Batch batch;
  batch.add(store::kSettingList).add(store::kProviderKeyListPublished);
  CO_TRY(const host::BatchAnswer answer, co_await host.db.run(std::move(batch)));
  int64_t version = 0;
  answer.each_row(0, [&](host::Row row) {
    if (row.text("name") == "ring_version") version = row.integer("value");
  });
  auto ring = std::make_shared<const KeyRing>(
      KeyRing::make(config_, host.random, host.log, version, store::stored_keys(answer, 1)));
  shared_.keep_ring(ring);
  co_return ring;
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

  // 1. Count and look, in one batch.
  const std::string address = address_subject(client.address_hash);
  host::Batch batch;
  add_count(batch, client, request, now);
  batch.add(store::kStatusFacts)
      .bind(request.code_hash ? std::optional(request.code_hash->text()) : std::nullopt)
      .bind(request.machine_hash.text());
  CO_TRY(const host::BatchAnswer answer, co_await host.db.run(std::move(batch)));
  const std::vector<Counted> counted = counted_of(answer, 0);
  const host::Row row = answer.row(1, 0);
  Facts facts{.license = std::nullopt,
              .ring_version = row.integer("ring_version"),
              .epoch = row.integer("epoch")};
  if (!row.is_null("license_id")) facts.license = license_facts(row);
  apply_counts(facts, counted, address);

  // 2. Decide.
  const Terms terms = terms_of(request, now, nullptr);
  outcome.verdict = decide_license(facts, terms);
  outcome.windows = windows_of(counted, address, terms);
  if (outcome.verdict != Verdict::kGranted) {
    bool over_recorded = false;
    for (const Counted& subject : counted) {
      const bool is_address = subject.subject == address;
      if (is_address == (outcome.verdict == Verdict::kAddressOverLimit)) over_recorded = subject.over_recorded;
    }
    CO_TRY_VOID(co_await record_denial(host, client, request, "status.denied", facts,
                                                       outcome.verdict, now, over_recorded));
    co_return outcome;
  }

  // 3. Compare with what this machine was last given.
  RingPtr ring_ptr = shared_.ring;
  if (!ring_ptr || ring_ptr->version() != facts.ring_version) {
    CO_TRY(ring_ptr, co_await load_ring(host));
  }
  const KeyRing& ring = *ring_ptr;
  outcome.license_id = facts.license->id;
  outcome.plan = facts.license->plan;
  outcome.license_expires_at = facts.license->expires_at;
  outcome.providers = facts.license->providers & ring.available();
  const auto held_ring = row.integer_or_null("held_ring_version");
  const std::string held_tag(row.text_or_null("held_secrets_tag").value_or(""));
  outcome.is_known_machine = held_ring.has_value();
  for (size_t i = 0; i < kNumProviders; ++i) {
    if (!outcome.providers.has(i)) continue;
    const KeyRing::Entry& entry = ring.entry(i);
    outcome.key_versions[i] = entry.version;
    const size_t at = i * config::kSecretsTagCharsEach;
    const bool is_same_secret = held_tag.size() >= at + config::kSecretsTagCharsEach &&
                                held_tag.substr(at, config::kSecretsTagCharsEach) ==
                                    entry.tag.text().substr(0, config::kSecretsTagCharsEach);
    const bool is_same = entry.ring_version == 0 ? is_same_secret : held_ring && entry.ring_version <= *held_ring;
    if (!is_same) outcome.changed.add(i);
  }
  add_license_notices(outcome.notices, outcome.license_expires_at, now);
  add_receipt_notice(outcome.notices, request);
  if (!outcome.is_known_machine) {
    outcome.notices.push_back({"machine_unknown", "", "This machine holds no seat yet: provision first."});
  }
  co_return outcome;
}

}  // namespace latchkey::provision
