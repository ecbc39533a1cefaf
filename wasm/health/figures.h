// Figures: what D1 knows of the service's state, at one moment.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "alert/kinds.h"
#include "base/limits.h"
#include "base/task.h"
#include "config/providers.h"
#include "health/tally.h"
#include "host/host.h"

namespace latchkey::health {

// The closed lists of labels.
std::span<const std::string_view> license_states();
std::span<const std::string_view> sharing_levels();
std::span<const std::string_view> denial_reasons();   // of a provision; the last is kOther
std::span<const std::string_view> refused_acts();     // but provisions
std::span<const std::string_view> purchase_outcomes();
std::span<const std::string_view> webhook_states();
std::span<const std::string_view> key_verdicts();
std::span<const std::string_view> rotation_states();
std::span<const std::string_view> capped_figures();

// ProviderFigures: of one provider: its key in D1 if it has one there, the last check, an open rotation, today's use.
struct ProviderFigures {
  std::optional<int64_t> stored_version;
  std::optional<TimeMs> published_at;
  std::optional<std::string> verdict;
  std::optional<TimeMs> checked_at;
  std::optional<std::string> rotation;
  int64_t requests = 0, unpriced = 0, input_tokens = 0, output_tokens = 0;
  int64_t cost = 0;  // nano-dollars
};

struct Figures {
  TimeMs at = 0;     // by the service's clock, as D1 answered
  TimeMs d1_at = 0;  // by D1's, to the second
  TimeMs d1_took = 0;

  std::vector<std::optional<TimeMs>> cron_steps;  // as maintenance::kCronSteps
  bool bootstrap_enabled = false;
  bool has_manager = false;  // a live named token that may manage tokens
  int64_t live_tokens = 0;
  int64_t ring_behind = 0, epoch_behind = 0;  // of KV
  int64_t usage_seq = 0, usage_behind = 0;
  int64_t audit_seq = 0, checkpoint_size = 0;
  std::optional<TimeMs> checkpoint_at, backup_at;
  int64_t price_version = 0;  // 0: the table in the build
  std::optional<TimeMs> price_at;
  std::string migration;  // the newest that was applied, as 0001_init
  int64_t num_migrations = 0;

  int64_t licenses_behind_kv = 0, machines = 0;
  int64_t messages_due = 0, messages_failed = 0;
  std::optional<TimeMs> message_due_at;
  int64_t payments_due = 0, codes_due = 0, codes_given_up = 0;
  int64_t webhooks_failing = 0;

  Tally licenses{license_states()};
  Tally shared{sharing_levels()};
  int64_t granted = 0;
  Tally denied{denial_reasons()};
  Tally refused{refused_acts()};
  Tally purchases{purchase_outcomes()};
  Tally webhooks{webhook_states()};
  // By kind, then severity.
  std::array<std::array<int64_t, 3>, alert::kNumKinds> alerts{};
  std::array<ProviderFigures, config::kNumProviders> providers;
  Tally capped{capped_figures()};  // 1: it stopped at limits::kMetricsRowsMax

  // cron_at: when any step of cron last went well.
  std::optional<TimeMs> cron_at() const;
};

// add_figures: what load_figures asks, as the first statements of a batch; read_figures reads them in its answer.
void add_figures(host::Batch& batch, TimeMs now);
Figures read_figures(const host::BatchAnswer& answer, TimeMs asked_at, TimeMs now);
inline constexpr size_t kFiguresStatements = 10;

// load_figures: one round trip. kUnavailable where D1 does not answer.
Task<Result<Figures>> load_figures(host::Host& host);

}  // namespace latchkey::health
