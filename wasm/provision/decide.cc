#include "provision/decide.h"

#include <algorithm>

#include "base/check.h"
#include "base/limits.h"

namespace latchkey::provision {

std::string_view delivery_name(Delivery delivery) {
  switch (delivery) {
    case Delivery::kFernet: return "fernet";
    case Delivery::kHpke: return "hpke";
    case Delivery::kPlain: return "plain";
  }
  LK_UNREACHABLE();
}

std::string_view verdict_reason(Verdict verdict) {
  switch (verdict) {
    case Verdict::kGranted: return "granted";
    case Verdict::kAddressOverLimit: return "address_over_limit";
    case Verdict::kUnknownLicense: return "unknown_license";
    case Verdict::kSuspended: return "suspended";
    case Verdict::kRevoked: return "revoked";
    case Verdict::kExpired: return "expired";
    case Verdict::kLicenseOverLimit: return "license_over_limit";
    case Verdict::kForeignReceipt: return "foreign_receipt";
    case Verdict::kBudgetExceeded: return "budget_exceeded";
    case Verdict::kDeliveryForbidden: return "delivery_forbidden";
    case Verdict::kNoSeat: return "machine_limit";
    case Verdict::kReleaseOff: return "release_off";
    case Verdict::kNotSeated: return "machine_without_seat";
    case Verdict::kUnknownMachine: return "unknown_machine";
    case Verdict::kReleaseLimit: return "release_limit";
  }
  LK_UNREACHABLE();
}

int64_t license_limit(const LicenseFacts& license, const Terms& terms) {
  return std::min(terms.license_limit, license.requests_per_hour.value_or(terms.license_limit));
}

Verdict decide_license(const Facts& facts, const Terms& terms) {
  if (facts.address_hits > terms.address_limit) return Verdict::kAddressOverLimit;
  if (!facts.license) return Verdict::kUnknownLicense;
  const LicenseFacts& license = *facts.license;
  if (license.status == LicenseStatus::kSuspended) return Verdict::kSuspended;
  if (license.status == LicenseStatus::kRevoked) return Verdict::kRevoked;
  if (license.expires_at && *license.expires_at <= terms.now) return Verdict::kExpired;
  if (license.hits > license_limit(license, terms)) return Verdict::kLicenseOverLimit;
  if (terms.receipt_license_id && *terms.receipt_license_id != license.id) {
    return Verdict::kForeignReceipt;
  }
  return Verdict::kGranted;
}

Verdict decide_keys(const Facts& facts, const Terms& terms) {
  const Verdict verdict = decide_license(facts, terms);
  if (verdict != Verdict::kGranted) return verdict;
  const LicenseFacts& license = *facts.license;
  return budget::is_blocked(license.budget, license.spent, terms.now) ? Verdict::kBudgetExceeded : Verdict::kGranted;
}

std::optional<budget::Standing> used_up(Verdict verdict, const Facts& facts, TimeMs now) {
  if (verdict != Verdict::kBudgetExceeded) return std::nullopt;
  return budget::reached(facts.license->budget, facts.license->spent, now);
}

Verdict decide(const Facts& facts, const Terms& terms) {
  const Verdict verdict = decide_keys(facts, terms);
  if (verdict != Verdict::kGranted) return verdict;
  const LicenseFacts& license = *facts.license;
  if ((license.deliveries & static_cast<uint32_t>(terms.delivery)) == 0) {
    return Verdict::kDeliveryForbidden;
  }
  const bool has_own = license.has_seat || license.is_seat_kept;
  if (!has_own && license.seats_used >= license.seats_max) return Verdict::kNoSeat;
  return Verdict::kGranted;
}

GrantTimes grant_times(TimeMs now, std::optional<TimeMs> license_expires_at) {
  const TimeMs end = license_expires_at.value_or(kTimeMsMax);
  return {.expires_at = std::min(now + limits::kGrantLifeMs, end),
          .refresh_after = std::min(now + limits::kRefreshAfterMs, end)};
}

namespace {

// jitter_of: FNV-1a of the machine's hash, within the spread.
TimeMs jitter_of(std::string_view machine_hash) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : machine_hash) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  return static_cast<TimeMs>(hash % static_cast<uint64_t>(limits::kRotationSpreadMs));
}

}  // namespace

GrantTimes spread_refresh(GrantTimes times, TimeMs now, TimeMs published_at, std::string_view machine_hash) {
  if (now - published_at < limits::kRotationPullMs) {
    times.refresh_after = std::max(now, times.refresh_after - jitter_of(machine_hash));
  }
  return times;
}

TimeMs refresh_for_rotation(TimeMs now, TimeMs published_at, std::string_view machine_hash) {
  return std::max(now, published_at + jitter_of(machine_hash));
}

}  // namespace latchkey::provision
