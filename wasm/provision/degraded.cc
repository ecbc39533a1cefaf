// Provisioning while D1 does not answer (docs/architecture.md, "Outages").
#include <algorithm>

#include "edge/copy.h"
#include "edge/outbox.h"
#include "json/writer.h"
#include "provision/edge_ring.h"
#include "provision/service.h"

namespace latchkey::provision {
namespace {

// facts_of: the facts as far as KV knows them. A known device has its seat.
Facts facts_of(const edge::LicenseCopy& copy, TimeMs now) {
  LicenseFacts license{.id = copy.id,
                       .expires_at = copy.expires_at,
                       .first_use_days = std::nullopt,
                       .plan = copy.plan,
                       .providers = copy.providers,
                       .deliveries = static_cast<uint32_t>(copy.deliveries),
                       .has_seat = true,
                       .requests_per_hour = copy.requests_per_hour};
  if (copy.spending) {
    license.budget = copy.spending->budget;
    license.spent = copy.spending->spent_at(now);
  }
  if (copy.status == "suspended") license.status = LicenseStatus::kSuspended;
  else if (copy.status != "active") license.status = LicenseStatus::kRevoked;
  return {.license = std::move(license)};
}

bool is_known_device(const ProvisionRequest& request, const edge::LicenseCopy& copy) {
  const bool by_receipt = request.receipt && !request.receipt->expired && request.receipt->license_id == copy.id;
  return by_receipt || std::find(copy.machines.begin(), copy.machines.end(), request.machine_hash.text()) !=
                           copy.machines.end();
}

// degraded_details: canonical JSON of what the row of a grant says beyond its columns.
std::string degraded_details(const Client& client) {
  json::Writer out;
  out.begin_object();
  if (client.asn) out.field("asn", *client.asn);
  out.field("degraded", true);
  if (client.latitude) out.field("lat", *client.latitude);
  if (client.longitude) out.field("lon", *client.longitude);
  out.end_object();
  return std::move(out).take();
}

store::AuditRow audit_of(const Client& client, const ProvisionRequest& request, const edge::LicenseCopy& copy,
                         TimeMs now, Verdict verdict) {
  const bool granted = verdict == Verdict::kGranted;
  return {.at = now,
          .request_id = client.request_id,
          .action = granted ? "provision.granted" : "provision.denied",
          .outcome = granted ? "granted" : "denied",
          .reason = granted ? std::nullopt : std::optional(verdict_reason(verdict)),
          .actor = "client",
          .license_id = copy.id,
          .machine_hash = request.machine_hash.text(),
          .address_hash = client.address_hash.text(),
          .country = store::or_null(client.country),
          .user_agent = store::or_null(client.user_agent)};
}

}  // namespace

Task<Result<ProvisionOutcome>> ProvisionService::provision_degraded(host::Host& host, const Client& client,
                                                                    const ProvisionRequest& request,
                                                                    Error outage) {
  // 1. Load: who is this, as far as KV knows?
  if (!request.code_hash) co_return Unexpected(std::move(outage));
  const auto text = co_await host.kv.get(edge::license_key(request.code_hash->text()));
  const auto copy = text && *text ? edge::parse_license_copy(**text) : std::nullopt;
  if (!copy || !is_known_device(request, *copy)) co_return Unexpected(std::move(outage));

  // 2. Decide, on this isolate's own limits.
  const TimeMs now = host.clock.now();
  const Terms terms = terms_of(request, now);
  const Facts facts = facts_of(*copy, now);
  ProvisionOutcome outcome{.verdict = decide(facts, terms), .grant = std::nullopt, .windows = {}};
  const auto brake = [&](std::string_view subject, int64_t limit, Verdict verdict, std::string_view policy) {
    const auto wait = shared_.degraded_brake.count(subject, now, static_cast<uint32_t>(limit));
    if (!wait) return;
    outcome.verdict = verdict;
    outcome.used_up.reset();
    outcome.windows.push_back({.policy = policy, .limit = limit, .remaining = 0, .resets_in_seconds = *wait});
  };
  outcome.used_up = used_up(outcome.verdict, facts, now);
  brake(copy->id, license_limit(*facts.license, terms), Verdict::kLicenseOverLimit, "license");
  brake(client.address_hash.text(), terms.address_limit, Verdict::kAddressOverLimit, "ip");
  if (!outcome.windows.empty()) co_return outcome;  // No row: a flood must not grow KV either.

  // 3. Store the audit row where there is a store left, then answer.
  const auto ring = co_await fresh_ring(host, config_, shared_);
  if (!ring) co_return Unexpected(std::move(outage));
  const std::string details = degraded_details(client);
  store::AuditRow audit = audit_of(client, request, *copy, now, outcome.verdict);
  if (outcome.verdict == Verdict::kGranted) audit.details = details;
  const auto written = co_await edge::post(host, audit);
  if (!written) co_return Unexpected(std::move(outage));
  if (outcome.verdict != Verdict::kGranted) co_return outcome;
  CO_TRY(Grant grant, make_grant(request, **ring, *facts.license, shared_.edge_epoch, now));
  if (request.delivery == Delivery::kFernet) {
    CO_TRY(const Secret key, co_await derive_desktop_key(host, request.machine_id));
    grant.fernet_key.emplace(key);
  }
  outcome.grant.emplace(std::move(grant));
  co_return outcome;
}

}  // namespace latchkey::provision
