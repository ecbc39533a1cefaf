#include "health/metrics.h"

#include <algorithm>
#include <charconv>

#include "health/exposition.h"
#include "maintenance/steps.h"
#include "provision/key_ring.h"
#include "store/queries.h"
#include "usage/prices.h"

namespace latchkey::health {
namespace {

using enum MetricType;

// moment: as Prometheus wants times; 0 where there was none.
Value moment(std::optional<TimeMs> at) { return seconds(at.value_or(0)); }

void tally(Exposition& out, std::string_view label, const Tally& numbers) {
  for (const std::string_view name : numbers.names()) out.sample(whole(numbers.of(name)), {{label, name}});
}

// each_provider: one sample of each.
template <class Of>
void each_provider(Exposition& out, const Figures& figures, Of value_of) {
  for (size_t i = 0; i < config::kNumProviders; ++i) {
    out.sample(value_of(figures.providers[i], i), {{"provider", config::kProviders[i].name}});
  }
}

// each_state: of each provider one sample for each state that it can be in: 1 for the one that it is in.
template <class Of>
void each_state(Exposition& out, const Figures& figures, std::string_view label,
                std::span<const std::string_view> states, Of state_of) {
  for (size_t i = 0; i < config::kNumProviders; ++i) {
    const std::optional<std::string>& is = state_of(figures.providers[i]);
    for (const std::string_view state : states) {
      out.sample(whole(is == state ? 1 : 0), {{"provider", config::kProviders[i].name}, {label, state}});
    }
  }
}

// number_of: 18 of 0018_metrics.
int64_t number_of(std::string_view migration) {
  int64_t number = 0;
  std::from_chars(migration.data(), migration.data() + migration.size(), number);
  return number;
}

void print_build(Exposition& out, const Figures& figures, const config::Config& config) {
  out.family("latchkey_build_info", kGauge, "Always 1; the labels say which build runs.")
      .sample(whole(1), {{"build", config.build},
                         {"wasm_sha256", config.wasm_sha256},
                         {"environment", config.production ? "production" : "development"}});
  out.family("latchkey_schema_migration", kGauge, "Number of the newest migration of D1.")
      .sample(whole(number_of(figures.migration)));
  out.family("latchkey_schema_migration_expected", kGauge, "Number of the newest migration that the build knows.")
      .sample(whole(number_of(store::migrations().back())));
  out.family("latchkey_d1_answer_seconds", kGauge, "How long D1 took to give these figures.")
      .sample(seconds(figures.d1_took));
  out.family("latchkey_d1_clock_offset_seconds", kGauge, "D1's clock minus the service's; D1's counts whole seconds.")
      .sample(seconds(figures.d1_at - figures.at));
}

void print_licenses(Exposition& out, const Figures& figures) {
  tally(out.family("latchkey_licenses", kGauge, "Licences by state; of each status at most 10,000 are counted."), "state",
        figures.licenses);
  out.family("latchkey_machines", kGauge, "Machines that hold a seat and were seen in the last 30 days, at most 10,000.")
      .sample(whole(figures.machines));
  tally(out.family("latchkey_licenses_shared", kGauge, "Licences that look shared, by what was done, at most 10,000."),
        "level", figures.shared);
  out.family("latchkey_provisions_granted", kGauge, "Grants of the last 5 minutes, of at most 10,000 records.")
      .sample(whole(figures.granted));
  tally(out.family("latchkey_provisions_denied", kGauge, "Refused provisions of the last 5 minutes, by reason."), "reason",
        figures.denied);
  tally(out.family("latchkey_refusals", kGauge, "Other refusals of the last 5 minutes, by what was asked."), "act",
        figures.refused);
}

void print_edge(Exposition& out, const Figures& figures) {
  out.family("latchkey_licenses_behind_kv", kGauge, "Licences whose copy in KV is old, at most 10,000.")
      .sample(whole(figures.licenses_behind_kv));
  out.family("latchkey_key_ring_behind_kv", kGauge, "1: KV's copy of the key ring or of the epoch is old.")
      .sample(whole(figures.ring_behind > 0 || figures.epoch_behind > 0 ? 1 : 0));
}

void print_providers(Exposition& out, const Figures& figures, const config::Config& config) {
  out.family("latchkey_provider_key_version", kGauge, "Version of the key that clients get; 1: the Worker secret, 0: none.");
  each_provider(out, figures, [&](const ProviderFigures& provider, size_t i) {
    return whole(provider.stored_version.value_or(config.provider_secrets[i] ? provision::kWorkerSecretVersion : 0));
  });
  out.family("latchkey_provider_key_published_timestamp_seconds", kGauge, "When that key was published; 0: not from D1.");
  each_provider(out, figures, [](const ProviderFigures& provider, size_t) { return moment(provider.published_at); });
  out.family("latchkey_provider_key_check", kGauge, "1 at what the provider last said of its key; all 0: never asked.");
  each_state(out, figures, "verdict", key_verdicts(), [](const ProviderFigures& of) -> auto& { return of.verdict; });
  out.family("latchkey_provider_key_check_timestamp_seconds", kGauge, "When it was last asked; 0: never.");
  each_provider(out, figures, [](const ProviderFigures& provider, size_t) { return moment(provider.checked_at); });
  out.family("latchkey_rotation_open", kGauge, "1 at the state of the provider's open rotation; all 0: none.");
  each_state(out, figures, "state", rotation_states(), [](const ProviderFigures& of) -> auto& { return of.rotation; });
}

void print_usage(Exposition& out, const Figures& figures) {
  out.family("latchkey_usage_events_total", kCounter, "Usage events ever stored.").sample(whole(figures.usage_seq));
  out.family("latchkey_usage_events_behind", kGauge, "Events that are in no sum yet.").sample(whole(figures.usage_behind));
  out.family("latchkey_usage_today_requests", kGauge, "Requests to models since 00:00 UTC, of at most 10,000 rows of sums.");
  each_provider(out, figures, [](const ProviderFigures& provider, size_t) { return whole(provider.requests); });
  out.family("latchkey_usage_today_unpriced_requests", kGauge, "Of these, those without a price.");
  each_provider(out, figures, [](const ProviderFigures& provider, size_t) { return whole(provider.unpriced); });
  out.family("latchkey_usage_today_cost_dollars", kGauge, "What they cost, in USD.");
  each_provider(out, figures, [](const ProviderFigures& provider, size_t) { return dollars(provider.cost); });
  out.family("latchkey_usage_today_tokens", kGauge, "Their tokens; input is the whole prompt.");
  for (size_t i = 0; i < config::kNumProviders; ++i) {
    const ProviderFigures& provider = figures.providers[i];
    const std::string_view name = config::kProviders[i].name;
    out.sample(whole(provider.input_tokens), {{"provider", name}, {"direction", "input"}});
    out.sample(whole(provider.output_tokens), {{"provider", name}, {"direction", "output"}});
  }
  out.family("latchkey_price_table_version", kGauge, "Of the prices in force; 0: the table in the build.")
      .sample(whole(figures.price_version));
  out.family("latchkey_price_table_timestamp_seconds", kGauge, "When it was stored, or the build's was read; 0: unknown.")
      .sample(moment(price_table_at(figures)));
}

void print_alerts(Exposition& out, const Figures& figures) {
  out.family("latchkey_alerts_open", kGauge, "Open alerts that nobody acknowledged, at most 10,000.");
  for (size_t kind = 0; kind < alert::kNumKinds; ++kind) {
    for (size_t severity = 0; severity < figures.alerts[kind].size(); ++severity) {
      out.sample(whole(figures.alerts[kind][severity]),
                 {{"kind", alert::kinds()[kind].name},
                  {"severity", alert::severity_name(static_cast<alert::Severity>(severity))}});
    }
  }
  tally(out.family("latchkey_webhooks", kGauge, "Webhooks by state."), "state", figures.webhooks);
  out.family("latchkey_webhook_deliveries_due", kGauge, "Messages on their way, at most 10,000.")
      .sample(whole(figures.messages_due));
  out.family("latchkey_webhook_deliveries_due_timestamp_seconds", kGauge, "When the first of them is due; 0: none is.")
      .sample(moment(figures.message_due_at));
  out.family("latchkey_webhook_deliveries_failed", kGauge, "Messages of the last 24 hours that were given up.")
      .sample(whole(figures.messages_failed));
}

void print_payments(Exposition& out, const Figures& figures) {
  out.family("latchkey_payment_events_due", kGauge, "Payment events that are not settled, at most 10,000.")
      .sample(whole(figures.payments_due));
  out.family("latchkey_payment_codes_due", kGauge, "Generated codes that the seller has not taken yet, at most 10,000.")
      .sample(whole(figures.codes_due));
  out.family("latchkey_payment_codes_given_up", kGauge, "Generated codes whose delivery was given up, at most 10,000.")
      .sample(whole(figures.codes_given_up));
  tally(out.family("latchkey_purchases_without_license", kGauge, "Purchases that led to no licence, at most 10,000."),
        "outcome", figures.purchases);
}

void print_upkeep(Exposition& out, const Figures& figures, const config::Config& config) {
  out.family("latchkey_cron_step_success_timestamp_seconds", kGauge, "When a step of cron last went well; 0: never.");
  for (size_t i = 0; i < figures.cron_steps.size(); ++i) {
    out.sample(moment(figures.cron_steps[i]), {{"step", maintenance::kCronSteps[i]}});
  }
  out.family("latchkey_audit_records_total", kCounter, "Records that the audit log has ever had.")
      .sample(whole(figures.audit_seq));
  out.family("latchkey_audit_checkpoint_records", kGauge, "Records under its newest signed head.")
      .sample(whole(figures.checkpoint_size));
  out.family("latchkey_audit_checkpoint_timestamp_seconds", kGauge, "When that was signed; 0: none is.")
      .sample(moment(figures.checkpoint_at));
  out.family("latchkey_backup_timestamp_seconds", kGauge, "When the last backup was finished; 0: never.")
      .sample(moment(figures.backup_at));
  out.family("latchkey_master_keys", kGauge, "Keys of MASTER_KEY; 2: one is being replaced.")
      .sample(whole(static_cast<int64_t>(config.master.kids().size())));
  out.family("latchkey_signing_keys", kGauge, "Keys of SIGNING_KEY; 2: one is being replaced.")
      .sample(whole(static_cast<int64_t>(config.signing.verify_keys().size())));
  out.family("latchkey_bootstrap_token_enabled", kGauge, "1: ADMIN_TOKEN counts.")
      .sample(whole(figures.bootstrap_enabled ? 1 : 0));
  out.family("latchkey_admin_tokens", kGauge, "Named admin tokens that count.").sample(whole(figures.live_tokens));
  tally(out.family("latchkey_count_capped", kGauge, "1: this figure stopped at its bound, and there is more."), "figure",
        figures.capped);
}

}  // namespace

std::optional<TimeMs> price_table_at(const Figures& figures) {
  if (figures.price_version > 0) return figures.price_at;
  std::optional<TimeMs> newest;
  for (const pricing::Price& price : usage::built_in_prices()->list.table().rows) {
    if (price.as_of) newest = std::max(newest, parse_time(*price.as_of));
  }
  return newest;
}

std::string print_metrics(const Figures& figures, const config::Config& config) {
  Exposition out;
  print_build(out, figures, config);
  print_licenses(out, figures);
  print_edge(out, figures);
  print_providers(out, figures, config);
  print_usage(out, figures);
  print_alerts(out, figures);
  print_payments(out, figures);
  print_upkeep(out, figures, config);
  return std::move(out).take();
}

}  // namespace latchkey::health
