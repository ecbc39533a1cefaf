// Figures: one trip that sees what is there, counts no further than its bound, and fails as D1 does.
#include "health/figures.h"

#include <gtest/gtest.h>

#include "maintenance/scheduled.h"
#include "maintenance/steps.h"
#include "provision/types.h"
#include "store/queries.h"
#include "support/service_world.h"

namespace latchkey::health {
namespace {

using test::kTestStart;
using test::ServiceWorld;

struct FiguresWorld : ServiceWorld {
  Result<Figures> try_load() {
    host::Host own(host.platform(), host.new_request(), 5000);
    return host.run(load_figures(own));
  }
  Figures load() {
    auto figures = try_load();
    EXPECT_TRUE(figures.has_value()) << figures.error().detail();
    return std::move(*figures);
  }
  // audit: a record, so long ago.
  void audit(std::string_view action, std::string_view outcome, std::optional<std::string_view> reason, TimeMs ago) {
    host.query(std::move(host::Batch()
                             .add("INSERT INTO audit_log (at, request_id, action, outcome, reason, actor) "
                                  "VALUES (CAST(?1 AS INTEGER), ?2, ?3, ?4, ?5, 'client')")
                             .bind(host.clock.now() - ago)
                             .bind(id_of(host.clock.now() - ago))
                             .bind(action)
                             .bind(outcome)
                             .bind(reason)));
  }
  std::string id_of(TimeMs at) {
    ByteArray<kIdRandomBytes> random{};
    random[9] = static_cast<uint8_t>(++num_ids_);
    random[8] = static_cast<uint8_t>(num_ids_ >> 8);
    return make_id("req_", at, random);
  }
  // totals: everybody's use in an hour; models as many as asked for.
  void totals(std::string_view provider, int64_t hour, int64_t num_models, int64_t cost = 0) {
    host.query(std::move(
        host::Batch()
            .add("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < CAST(?3 AS INTEGER)) "
                 "INSERT INTO usage_totals (hour, plan, provider, model, requests, input_tokens, output_tokens, "
                 "cached_input_tokens, reasoning_tokens, cost, unpriced, seq) "
                 "SELECT CAST(?2 AS INTEGER), 'pro', ?1, 'model-' || i, 2, 30, 4, 0, 0, CAST(?4 AS INTEGER), 1, 1 FROM n")
            .bind(provider)
            .bind(hour)
            .bind(num_models)
            .bind(cost)));
  }

 private:
  uint32_t num_ids_ = 0;
};

TEST(Figures, of_a_fresh_database_are_all_nothing) {
  FiguresWorld world;
  const Figures figures = world.load();
  EXPECT_EQ(figures.at, kTestStart);
  EXPECT_GT(figures.d1_at, kTestStart);  // SQLite's clock is not the test's
  EXPECT_EQ(figures.migration, store::migrations().back());
  EXPECT_EQ(figures.num_migrations, static_cast<int64_t>(store::migrations().size()));
  EXPECT_TRUE(figures.bootstrap_enabled);
  EXPECT_FALSE(figures.has_manager);
  EXPECT_EQ(figures.audit_seq, 0);
  EXPECT_EQ(figures.checkpoint_at, std::nullopt);
  EXPECT_EQ(figures.backup_at, std::nullopt);
  EXPECT_EQ(figures.cron_at(), std::nullopt);
  EXPECT_EQ(figures.cron_steps.size(), std::size(maintenance::kCronSteps));
  for (const auto& name : capped_figures()) EXPECT_EQ(figures.capped.of(name), 0) << name;
  EXPECT_EQ(world.host.count(host::OpKind::kDbBatch), 1u);
  EXPECT_EQ(world.host.num_started(), 1u);
}

TEST(Figures, name_every_word_that_a_provision_is_refused_with) {
  std::vector<std::string_view> wanted;
  for (auto verdict = provision::Verdict::kAddressOverLimit; verdict <= provision::Verdict::kNoSeat;
       verdict = static_cast<provision::Verdict>(static_cast<int>(verdict) + 1)) {
    wanted.push_back(provision::verdict_reason(verdict));
  }
  wanted.push_back(kOther);
  EXPECT_EQ(std::vector(denial_reasons().begin(), denial_reasons().end()), wanted);
}

TEST(Figures, count_grants_and_refusals_of_the_window_alone) {
  FiguresWorld world;
  world.audit("provision.granted", "granted", std::nullopt, 0);
  world.audit("provision.granted", "granted", std::nullopt, limits::kMetricsWindowMs);
  world.audit("provision.granted", "granted", std::nullopt, limits::kMetricsWindowMs + 1);
  for (const std::string_view reason : denial_reasons()) {
    if (reason != kOther) world.audit("provision.denied", "denied", reason, kMinuteMs);
  }
  world.audit("provision.denied", "denied", "made_up", kMinuteMs);
  world.audit("provision.denied", "denied", std::nullopt, kMinuteMs);
  for (const std::string_view act : refused_acts()) world.audit(std::string(act) + ".denied", "denied", "x", kMinuteMs);
  world.audit("made_up.denied", "denied", "x", kMinuteMs);
  world.audit("license.revoked", "done", "x", kMinuteMs);
  const Figures figures = world.load();
  EXPECT_EQ(figures.granted, 2);
  for (const std::string_view reason : denial_reasons()) {
    EXPECT_EQ(figures.denied.of(reason), reason == kOther ? 2 : 1) << reason;
  }
  for (const std::string_view act : refused_acts()) EXPECT_EQ(figures.refused.of(act), 1) << act;
}

TEST(Figures, tell_expired_licences_from_active_ones_and_count_seats_in_use) {
  FiguresWorld world;
  world.add_license({.id = "lic_1", .code = "WRITER-2024-AA1", .expires_at = kTestStart});
  world.add_license({.id = "lic_2", .code = "WRITER-2024-AA2", .expires_at = kTestStart + 1});
  world.add_license({.id = "lic_3", .code = "WRITER-2024-AA3", .expires_at = std::nullopt});
  world.add_license({.id = "lic_4", .code = "WRITER-2024-AA4", .status = "suspended", .expires_at = 1});
  world.add_license({.id = "lic_5", .code = "WRITER-2024-AA5", .status = "revoked"});
  world.add_machine("lic_1", "a", "mch_1");
  world.add_machine("lic_1", "b", "mch_2");
  world.add_machine("lic_1", "c", "mch_3", true);
  world.host.query("UPDATE machines SET last_seen_at = 1768478400000 WHERE id <> 'mch_2'");
  const Figures figures = world.load();
  EXPECT_EQ(figures.licenses.of("active"), 2);
  EXPECT_EQ(figures.licenses.of("expired"), 1);
  EXPECT_EQ(figures.licenses.of("suspended"), 1);
  EXPECT_EQ(figures.licenses.of("revoked"), 1);
  EXPECT_EQ(figures.machines, 1);
  EXPECT_EQ(figures.licenses_behind_kv, 5);
}

TEST(Figures, sum_todays_use_by_provider_and_no_other_day) {
  FiguresWorld world;
  const int64_t noon = kTestStart / kHourMs;
  world.totals("kimi", noon, 2, 5);
  world.totals("kimi", noon - 12, 1, 7);   // 00:00
  world.totals("kimi", noon - 13, 1, 99);  // yesterday
  world.totals("qwen", noon, 1, 1);
  world.totals("unlisted", noon, 1, 1);
  const Figures figures = world.load();
  const ProviderFigures& kimi = figures.providers[*config::provider_index("kimi")];
  EXPECT_EQ(kimi.requests, 6);
  EXPECT_EQ(kimi.unpriced, 3);
  EXPECT_EQ(kimi.input_tokens, 90);
  EXPECT_EQ(kimi.output_tokens, 12);
  EXPECT_EQ(kimi.cost, 17);
  EXPECT_EQ(figures.providers[*config::provider_index("qwen")].cost, 1);
  EXPECT_EQ(figures.providers[*config::provider_index("zhipu")].requests, 0);
}

TEST(Figures, count_no_further_than_their_bound_and_say_so) {
  FiguresWorld world;
  world.totals("kimi", kTestStart / kHourMs, limits::kMetricsRowsMax + 100);
  world.host.query(
      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10100) INSERT INTO licenses (id, code_hash, "
      "code_hint, kind, plan, plan_version, providers, deliveries, max_machines, status, created_at, updated_at) "
      "SELECT 'lic_' || i, 'hash' || i, 'x', 'code', 'pro', 1, '[]', 7, 1, iif(i = 1, 'revoked', 'active'), 1, 1 FROM n");
  const Figures figures = world.load();
  EXPECT_EQ(figures.providers[*config::provider_index("kimi")].requests, 2 * limits::kMetricsRowsMax);
  EXPECT_EQ(figures.licenses.of("active"), limits::kMetricsRowsMax);
  EXPECT_EQ(figures.licenses.of("revoked"), 1);
  EXPECT_EQ(figures.licenses_behind_kv, limits::kMetricsRowsMax);
  for (const auto& name : capped_figures()) {
    const bool is_capped = name == "usage" || name == "licenses" || name == "licenses_behind_kv";
    EXPECT_EQ(figures.capped.of(name), is_capped ? 1 : 0) << name;
  }
}

TEST(Figures, see_alerts_webhooks_keys_and_rotations) {
  FiguresWorld world;
  const auto alert = [&](std::string_view id, std::string_view kind, std::string_view severity, std::string_view state) {
    world.host.query(std::move(host::Batch()
                                   .add("INSERT INTO alerts (id, kind, subject, severity, level, state, details, count, "
                                        "needed, first_at, last_at) VALUES (?1, ?2, ?1, ?3, 0, ?4, '{}', 1, 1, 0, 0)")
                                   .bind(id)
                                   .bind(kind)
                                   .bind(severity)
                                   .bind(state)));
  };
  alert("alr_1", "cron_failed", "warning", "open");
  alert("alr_2", "cron_failed", "warning", "open");
  alert("alr_3", "cron_failed", "critical", "open");
  alert("alr_4", "cron_failed", "warning", "acknowledged");
  alert("alr_5", "made_up", "warning", "open");
  world.host.query(
      "INSERT INTO webhooks (id, name, sealed, hint, events, min_severity, state, failures, created_by, created_at, "
      "updated_at) VALUES ('whk_1', 'a', 'x', 'x', '[]', 'info', 'active', 2, 'x', 0, 0), "
      "('whk_2', 'b', 'x', 'x', '[]', 'info', 'disabled', 0, 'x', 0, 0)");
  world.host.query(
      "INSERT INTO webhook_deliveries (id, webhook_id, type, body, state, due_at, created_at) VALUES "
      "('msg_1', 'whk_1', 'x', '{}', 'due', 5000, 1768478399000), ('msg_2', 'whk_1', 'x', '{}', 'due', 7000, 1768478399000), "
      "('msg_3', 'whk_1', 'x', '{}', 'failed', NULL, 1768478399000), ('msg_4', 'whk_1', 'x', '{}', 'failed', NULL, 1)");
  world.host.query(
      "INSERT INTO provider_keys (id, provider, version, state, sealed, ring_version, created_at, published_at) VALUES "
      "('key_1', 'kimi', 4, 'published', 'x', 1, 1, 77), ('key_2', 'kimi', 3, 'grace', 'x', 1, 1, 66)");
  world.host.query(
      "INSERT INTO key_checks (provider, key_tag, verdict, detail, checked_at, due_at) VALUES "
      "('kimi', 'key_1', 'refused', 'HTTP 401', 88, 99), ('qwen', 'x', 'could_not_ask', '', NULL, 99)");
  world.host.query(
      "INSERT INTO rotations (id, provider, state, to_version, key_id, material_hash, must_verify, is_emergency, grace_days, "
      "ends_by, actor, created_at, updated_at) VALUES ('rot_1', 'qwen', 'verified', 2, 'k', 'x', 1, 0, 30, 'time', 'x', 0, 0), "
      "('rot_2', 'kimi', 'retired', 2, 'k', 'x', 1, 0, 30, 'time', 'x', 0, 0)");
  const Figures figures = world.load();
  const auto& cron_failed = figures.alerts[static_cast<size_t>(alert::Kind::kCronFailed)];
  EXPECT_EQ(cron_failed[static_cast<size_t>(alert::Severity::kWarning)], 2);
  EXPECT_EQ(cron_failed[static_cast<size_t>(alert::Severity::kCritical)], 1);
  EXPECT_EQ(figures.webhooks.of("active"), 1);
  EXPECT_EQ(figures.webhooks.of("disabled"), 1);
  EXPECT_EQ(figures.webhooks_failing, 1);
  EXPECT_EQ(figures.messages_due, 2);
  EXPECT_EQ(figures.message_due_at, 5000);
  EXPECT_EQ(figures.messages_failed, 1);
  const ProviderFigures& kimi = figures.providers[*config::provider_index("kimi")];
  EXPECT_EQ(kimi.stored_version, 4);
  EXPECT_EQ(kimi.published_at, 77);
  EXPECT_EQ(kimi.verdict, "refused");
  EXPECT_EQ(kimi.checked_at, 88);
  EXPECT_EQ(kimi.rotation, std::nullopt);
  const ProviderFigures& qwen = figures.providers[*config::provider_index("qwen")];
  EXPECT_EQ(qwen.stored_version, std::nullopt);
  EXPECT_EQ(qwen.verdict, std::nullopt) << "its first check is under way";
  EXPECT_EQ(qwen.rotation, "verified");
}

TEST(Figures, see_the_log_the_backups_the_prices_the_payments_and_the_tokens) {
  FiguresWorld world;
  world.audit("backup.made", "done", std::nullopt, 2000);
  world.audit("backup.made", "done", std::nullopt, 1000);
  world.audit("backup.begun", "done", std::nullopt, 0);
  world.host.query("INSERT INTO audit_checkpoints (size, root, note, at) VALUES (1, 'r', 'n', 10), (2, 'r', 'n', 20)");
  world.host.query("INSERT INTO prices (version, body, created_at, created_by) VALUES (1, '{}', 11, 'x'), (2, '{}', 22, 'x')");
  world.host.query(
      "INSERT INTO payment_events (id, provider, type, occurred_at, received_at, state, facts, due_at) VALUES "
      "('stripe:1', 'stripe', 'x', 0, 0, 'new', '{}', 1), ('stripe:2', 'stripe', 'x', 0, 0, 'taken', '{}', NULL)");
  world.host.query(
      "INSERT INTO payment_deliveries (id, purchase_id, state, due_at, created_at) VALUES ('msg_1', 'p', 'due', 1, 0), "
      "('msg_2', 'p', 'given_up', NULL, 0), ('msg_3', 'p', 'delivered', NULL, 0)");
  world.host.query(
      "INSERT INTO purchases (id, purchase_key, provider, outcome, standing, settled_by, created_at, updated_at) VALUES "
      "('pay_1', 'a', 'stripe', 'unmapped', '{}', 'x', 0, 0), ('pay_2', 'b', 'stripe', 'licensed', '{}', 'x', 0, 0)");
  world.host.query(
      "INSERT INTO sharing (license_id, trail, score, level, level_at, reasons, seen, scored_at) VALUES "
      "('lic_1', '{}', 90, 'warn', 0, '[]', '{}', 0), ('lic_2', '{}', 90, 'throttle', 0, '[]', '{}', 0), "
      "('lic_3', '{}', 0, 'none', 0, '[]', '{}', 0)");
  world.host.query(
      "INSERT INTO admin_tokens (id, name, token_hash, hint, scopes, manages_tokens, expires_at, revoked_at, created_by, "
      "created_at) VALUES ('tok_1', 'a', 'a', 'x', '[]', 0, NULL, NULL, 'x', 1), ('tok_2', 'b', 'b', 'x', '[]', 1, 5, NULL, 'x', 1), "
      "('tok_3', 'c', 'c', 'x', '[]', 1, NULL, 6, 'x', 1)");
  world.host.query("UPDATE state SET ring_version = 9, kv_ring_version = 7, epoch = 4, kv_epoch = 4, bootstrap_enabled = 0");
  const Figures figures = world.load();
  EXPECT_EQ(figures.backup_at, kTestStart - 1000);
  EXPECT_EQ(figures.audit_seq, 3);
  EXPECT_EQ(figures.checkpoint_size, 2);
  EXPECT_EQ(figures.checkpoint_at, 20);
  EXPECT_EQ(figures.price_version, 2);
  EXPECT_EQ(figures.price_at, 22);
  EXPECT_EQ(figures.payments_due, 1);
  EXPECT_EQ(figures.codes_due, 1);
  EXPECT_EQ(figures.codes_given_up, 1);
  EXPECT_EQ(figures.purchases.of("unmapped"), 1);
  EXPECT_EQ(figures.purchases.of("held"), 0);
  EXPECT_EQ(figures.shared.of("warn"), 1);
  EXPECT_EQ(figures.shared.of("throttle"), 1);
  EXPECT_EQ(figures.live_tokens, 1);
  EXPECT_FALSE(figures.has_manager);
  EXPECT_FALSE(figures.bootstrap_enabled);
  EXPECT_EQ(figures.ring_behind, 2);
  EXPECT_EQ(figures.epoch_behind, 0);
}

TEST(Figures, know_every_step_of_cron_that_writes_down_its_end) {
  FiguresWorld world;
  world.host.clock.advance(kMinuteMs);
  host::Host own(world.host.platform(), world.host.new_request(), 5000);
  world.host.run(maintenance::run_scheduled(own, world.config()));
  const Figures figures = world.load();
  for (size_t i = 0; i < figures.cron_steps.size(); ++i) {
    EXPECT_EQ(figures.cron_steps[i], kTestStart + kMinuteMs) << maintenance::kCronSteps[i];
  }
  EXPECT_EQ(figures.cron_at(), kTestStart + kMinuteMs);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM state, json_each(cron_steps)"),
            static_cast<int64_t>(std::size(maintenance::kCronSteps)))
      << "a step is missing in maintenance/steps.h";
}

TEST(Figures, keep_when_a_step_last_went_well_while_it_fails) {
  FiguresWorld world;
  const auto run = [&] {
    host::Host own(world.host.platform(), world.host.new_request(), 5000);
    world.host.run(maintenance::run_scheduled(own, world.config()));
  };
  run();
  world.host.clock.advance(kMinuteMs);
  world.host.set_fault(host::OpKind::kKvList, test::Fault::kNotPerformed);
  run();
  const Figures figures = world.load();
  for (size_t i = 0; i < figures.cron_steps.size(); ++i) {
    const bool is_outbox = maintenance::kCronSteps[i] == "outbox";
    EXPECT_EQ(figures.cron_steps[i], kTestStart + (is_outbox ? 0 : kMinuteMs)) << maintenance::kCronSteps[i];
  }
}

TEST(Figures, that_D1_does_not_give_are_an_outage) {
  FiguresWorld world;
  world.host.set_fault(host::OpKind::kDbBatch, test::Fault::kNotPerformed);
  const auto figures = world.try_load();
  ASSERT_FALSE(figures.has_value());
  EXPECT_EQ(figures.error().code(), ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace latchkey::health
