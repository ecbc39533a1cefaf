#include "alert/kinds.h"

#include "json/writer.h"

namespace latchkey::alert {
namespace {

constexpr KindInfo kKinds[] = {
    {"audit_broken", Severity::kCritical, "The audit log does not verify",
     "Someone may have changed rows. Keep a copy of the database, then compare it with the newest exported checkpoint."},
    {"budget_threshold", Severity::kWarning, "A budget is nearly spent",
     "See who spends it; raise the budget, or let it stop its licences when it is spent."},
    {"cron_failed", Severity::kWarning, "A step of the scheduled work fails",
     "Read the Worker's log for scheduled_step_failed. What the step does waits until it works again."},
    {"guessing_address", Severity::kWarning, "An address guesses licence codes",
     "It is rate-limited already. Block it at Cloudflare if it goes on."},
    {"license_anomaly", Severity::kWarning, "A licence is used unlike before",
     "Ask its holder. If the code leaked, reissue the licence."},
    {"license_shared", Severity::kWarning, "A licence looks shared",
     "Look at why: latchkey sharing show. Then clear it, or talk to its holder."},
    {"payment_unmapped", Severity::kWarning, "A product was bought that no plan is named for",
     "Add the product to PAYMENT_PLANS and deploy, then: latchkey payment retry."},
    {"price_unknown_model", Severity::kWarning, "A model is used that has no price",
     "Add it to the price list, so that its use counts."},
    {"provider_key_refused", Severity::kCritical, "A provider refuses its key",
     "Users cannot work with it now. Replace it: latchkey rotation start --emergency."},
    {"provider_key_unreachable", Severity::kWarning, "A provider cannot be asked about its key",
     "Look at the provider's status page. The key may be good."},
    {"rotation_failed", Severity::kWarning, "The new key of a rotation was refused",
     "The old key still serves. Make another key at the provider and start a new rotation."},
    {"webhook_failing", Severity::kWarning, "A webhook does not take its messages",
     "Repair its receiver, then: latchkey webhook redeliver (the seller's: latchkey payment redeliver). One that answered "
     "410 is switched on by latchkey webhook update."},
};
static_assert(std::size(kKinds) == kNumKinds);
static_assert(static_cast<size_t>(Kind::kWebhookFailing) == kNumKinds - 1);

constexpr std::string_view kSeverities[] = {"info", "warning", "critical"};

}  // namespace

std::string_view severity_name(Severity severity) { return kSeverities[static_cast<size_t>(severity)]; }

std::optional<Severity> parse_severity(std::string_view name) {
  for (size_t i = 0; i < std::size(kSeverities); ++i) {
    if (kSeverities[i] == name) return static_cast<Severity>(i);
  }
  return std::nullopt;
}

std::span<const KindInfo> kinds() { return kKinds; }
const KindInfo& info_of(Kind kind) { return kKinds[static_cast<size_t>(kind)]; }

std::optional<Kind> parse_kind(std::string_view name) {
  for (size_t i = 0; i < kNumKinds; ++i) {
    if (kKinds[i].name == name) return static_cast<Kind>(i);
  }
  return std::nullopt;
}

std::string print_texts() {
  json::Writer out(4096);
  out.begin_object();
  for (const KindInfo& kind : kKinds) {
    out.key(kind.name).begin_object().field("title", kind.title).field("advice", kind.advice).end_object();
  }
  out.end_object();
  return std::move(out).take();
}

}  // namespace latchkey::alert
