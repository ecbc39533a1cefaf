#include "health/figures.h"

#include "base/ids.h"
#include "json/reader.h"
#include "json/writer.h"
#include "maintenance/steps.h"
#include "provision/types.h"
#include "store/queries.h"

namespace latchkey::health {
namespace {

constexpr int64_t kBound = limits::kMetricsRowsMax;

// The statements of the batch, in order.
enum Statement : size_t { kService, kCounts, kLicenses, kActs, kUsage, kAlerts, kShared, kPurchases, kProviders, kWebhooks };
static_assert(kWebhooks + 1 == kFiguresStatements);

std::optional<TimeMs> time_or_null(const host::Row& row, std::string_view column) { return row.integer_or_null(column); }

std::optional<std::string> own(std::optional<std::string_view> text) {
  return text ? std::optional(std::string(*text)) : std::nullopt;
}

void read_cron_steps(std::string_view text, Figures& figures) {
  figures.cron_steps.resize(std::size(maintenance::kCronSteps));
  const auto document = json::Document::parse_host(text);
  if (!document) return;
  for (size_t i = 0; i < figures.cron_steps.size(); ++i) {
    if (const auto value = document->root().member(maintenance::kCronSteps[i])) figures.cron_steps[i] = value->integer();
  }
}

void read_service(const host::Row& row, Figures& figures) {
  figures.d1_at = row.integer("d1_at");
  read_cron_steps(row.text("cron_steps"), figures);
  figures.bootstrap_enabled = row.integer("bootstrap_enabled") != 0;
  figures.has_manager = row.integer("has_manager") != 0;
  figures.live_tokens = row.integer("live_tokens");
  figures.ring_behind = row.integer("ring_behind");
  figures.epoch_behind = row.integer("epoch_behind");
  figures.usage_seq = row.integer("usage_seq");
  figures.usage_behind = std::max<int64_t>(0, figures.usage_seq - row.integer("usage_rolled_seq"));
  figures.audit_seq = row.integer("audit_seq");
  figures.checkpoint_size = row.integer("checkpoint_size");
  figures.checkpoint_at = time_or_null(row, "checkpoint_at");
  figures.backup_at = time_or_null(row, "backup_at");
  figures.price_version = row.integer("price_version");
  figures.price_at = time_or_null(row, "price_at");
  const std::string_view file = row.text_or_null("migration").value_or("");
  figures.migration = file.substr(0, file.find('.'));
  figures.num_migrations = row.integer("num_migrations");
}

void read_counts(const host::Row& row, Figures& figures) {
  const auto count = [&](std::string_view column, std::string_view figure) {
    const int64_t number = row.integer(column);
    if (number >= kBound) figures.capped.add(figure, 1);
    return number;
  };
  figures.licenses_behind_kv = count("licenses_behind_kv", "licenses_behind_kv");
  figures.machines = count("machines", "machines");
  figures.messages_due = count("messages_due", "webhook_deliveries");
  figures.message_due_at = time_or_null(row, "message_due_at");
  figures.messages_failed = row.integer("messages_failed");
  figures.payments_due = count("payments_due", "payments");
  figures.codes_due = row.integer("codes_due");
  figures.codes_given_up = row.integer("codes_given_up");
}

void read_licenses(const host::BatchAnswer& answer, Figures& figures) {
  answer.each_row(kLicenses, [&](const host::Row& row) {
    const int64_t number = row.integer("num");
    const int64_t over = row.integer("num_over");
    figures.licenses.add(row.text("status"), number - over);
    figures.licenses.add("expired", over);
    if (number >= kBound) figures.capped.add("licenses", 1);
  });
}

void read_acts(const host::BatchAnswer& answer, Figures& figures) {
  int64_t all = 0;
  answer.each_row(kActs, [&](const host::Row& row) {
    const std::string_view action = row.text("action");
    const int64_t number = row.integer("num");
    all += number;
    if (action == "provision.granted") figures.granted += number;
    else if (action == "provision.denied") figures.denied.add(row.text_or_null("reason").value_or(kOther), number);
    else if (action.ends_with(".denied")) figures.refused.add(action.substr(0, action.find('.')), number);
  });
  if (all >= kBound) figures.capped.add("acts", 1);
}

void read_alerts(const host::BatchAnswer& answer, Figures& figures) {
  answer.each_row(kAlerts, [&](const host::Row& row) {
    const auto kind = alert::parse_kind(row.text("kind"));
    const auto severity = alert::parse_severity(row.text("severity"));
    if (!kind || !severity) return;
    figures.alerts[static_cast<size_t>(*kind)][static_cast<size_t>(*severity)] = row.integer("num");
  });
}

void read_providers(const host::BatchAnswer& answer, Figures& figures) {
  answer.each_row(kProviders, [&](const host::Row& row) {
    ProviderFigures& provider = figures.providers[config::provider_index(row.text("provider")).value()];
    provider.stored_version = row.integer_or_null("version");
    provider.published_at = time_or_null(row, "published_at");
    provider.verdict = own(row.text_or_null("verdict"));
    provider.checked_at = time_or_null(row, "checked_at");
    provider.rotation = own(row.text_or_null("rotation"));
  });
  int64_t num_rows = 0;
  answer.each_row(kUsage, [&](const host::Row& row) {
    num_rows += row.integer("num_rows");
    const auto index = config::provider_index(row.text("provider"));
    if (!index) return;
    ProviderFigures& provider = figures.providers[*index];
    provider.requests = row.integer("requests");
    provider.unpriced = row.integer("unpriced");
    provider.input_tokens = row.integer("input_tokens");
    provider.output_tokens = row.integer("output_tokens");
    provider.cost = row.integer("cost");
  });
  if (num_rows >= kBound) figures.capped.add("usage", 1);
}

void read_tally(const host::BatchAnswer& answer, Statement statement, std::string_view name, Tally& tally) {
  answer.each_row(statement, [&](const host::Row& row) { tally.add(row.text(name), row.integer("num")); });
}

// The words that a provision may be refused with.
constexpr provision::Verdict kLastDenial = provision::Verdict::kNoSeat;

constexpr std::string_view kLicenseStates[] = {"active", "expired", "revoked", "suspended"};
constexpr std::string_view kSharingLevels[] = {"suspend", "throttle", "warn"};
constexpr std::string_view kRefusedActs[] = {"admin", "payment", "release", "status", "trial", "usage"};
constexpr std::string_view kPurchaseOutcomes[] = {"held", "no_email", "unmapped"};
constexpr std::string_view kWebhookStates[] = {"active", "disabled", "paused"};
constexpr std::string_view kKeyVerdicts[] = {"accepted", "could_not_ask", "refused"};
constexpr std::string_view kRotationStates[] = {"published", "staged", "verified"};
constexpr std::string_view kCappedFigures[] = {"acts",     "licenses", "licenses_behind_kv", "machines",
                                               "payments", "usage",    "webhook_deliveries"};

}  // namespace

std::span<const std::string_view> license_states() { return kLicenseStates; }
std::span<const std::string_view> sharing_levels() { return kSharingLevels; }
std::span<const std::string_view> refused_acts() { return kRefusedActs; }
std::span<const std::string_view> purchase_outcomes() { return kPurchaseOutcomes; }
std::span<const std::string_view> webhook_states() { return kWebhookStates; }
std::span<const std::string_view> key_verdicts() { return kKeyVerdicts; }
std::span<const std::string_view> rotation_states() { return kRotationStates; }
std::span<const std::string_view> capped_figures() { return kCappedFigures; }

std::span<const std::string_view> denial_reasons() {
  constexpr size_t count = static_cast<size_t>(kLastDenial);  // from 1: 0 is granted
  static const auto reasons = [] {
    std::array<std::string_view, count + 1> names;
    for (size_t i = 0; i < count; ++i) names[i] = provision::verdict_reason(static_cast<provision::Verdict>(i + 1));
    names[count] = kOther;
    return names;
  }();
  return reasons;
}

std::optional<TimeMs> Figures::cron_at() const {
  std::optional<TimeMs> newest;
  for (const auto& step_at : cron_steps) newest = std::max(newest, step_at);
  return newest;
}

void add_figures(host::Batch& batch, TimeMs now) {
  json::Writer providers;
  providers.begin_array();
  for (const config::Provider& provider : config::kProviders) providers.string(provider.name);
  providers.end_array();
  const TimeMs today = now / kDayMs * kDayMs;
  batch.add(store::kMetricsService).bind(now);
  batch.add(store::kMetricsCounts).bind(kBound).bind(now - limits::kMetricsMachineMs).bind(now - kDayMs);
  batch.add(store::kMetricsLicenses).bind(now).bind(kBound);
  batch.add(store::kMetricsActs).bind(make_id("req_", now - limits::kMetricsWindowMs, {})).bind(kBound);
  batch.add(store::kMetricsUsage).bind(today / kHourMs).bind(kBound);
  batch.add(store::kMetricsAlerts).bind(kBound);
  batch.add(store::kMetricsShared).bind(kBound);
  batch.add(store::kMetricsPurchases).bind(kBound);
  batch.add(store::kMetricsProviders).bind(providers.text());
  batch.add(store::kMetricsWebhooks);
}

Figures read_figures(const host::BatchAnswer& answer, TimeMs asked_at, TimeMs now) {
  Figures figures;
  figures.at = now;
  figures.d1_took = now - asked_at;
  read_service(answer.row(kService, 0), figures);
  read_counts(answer.row(kCounts, 0), figures);
  read_licenses(answer, figures);
  read_acts(answer, figures);
  read_alerts(answer, figures);
  read_providers(answer, figures);
  read_tally(answer, kShared, "level", figures.shared);
  read_tally(answer, kPurchases, "outcome", figures.purchases);
  read_tally(answer, kWebhooks, "state", figures.webhooks);
  answer.each_row(kWebhooks, [&](const host::Row& row) { figures.webhooks_failing += row.integer("num_failing"); });
  return figures;
}

Task<Result<Figures>> load_figures(host::Host& host) {
  const TimeMs asked_at = host.clock.now();
  host::Batch batch;
  add_figures(batch, asked_at);
  CO_TRY(const host::BatchAnswer answer, co_await host.db.run(std::move(batch)));
  co_return read_figures(answer, asked_at, host.clock.now());
}

}  // namespace latchkey::health
