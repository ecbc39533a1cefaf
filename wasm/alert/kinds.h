// Kinds: everything that an alert can be about, with how bad it is, what it means and what to do. The names are forever.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace latchkey::alert {

// In the order of their names.
enum class Kind : uint8_t {
  kAuditBroken,             // subject: what does not verify
  kBudgetThreshold,         // subject: the budget; level: per cent
  kCronFailed,              // subject: the step
  kGuessingAddress,         // subject: keyed hash of the address, cut
  kLicenseAnomaly,          // subject: licence
  kLicenseShared,           // subject: licence; level: the step that was taken
  kPaymentUnmapped,         // subject: provider and product
  kPriceUnknownModel,       // subject: provider
  kProviderKeyRefused,      // subject: provider
  kProviderKeyUnreachable,  // subject: provider
  kRotationFailed,          // subject: provider
  kWebhookFailing,          // subject: webhook, or seller
};
inline constexpr size_t kNumKinds = 12;

// Ascending.
enum class Severity : uint8_t { kInfo, kWarning, kCritical };
std::string_view severity_name(Severity severity);
std::optional<Severity> parse_severity(std::string_view name);

struct KindInfo {
  std::string_view name;
  Severity severity;
  std::string_view title;
  std::string_view advice;
};
// kinds: indexed by Kind.
std::span<const KindInfo> kinds();
const KindInfo& info_of(Kind kind);
std::optional<Kind> parse_kind(std::string_view name);

// print_texts: a JSON object of every kind's name to its {title, advice}.
std::string print_texts();

}  // namespace latchkey::alert
