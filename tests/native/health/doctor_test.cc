// What doctor makes of what is seen: of a service that is well nothing but ok, and each thing that is wrong by its name.
#include "health/doctor.h"

#include <gtest/gtest.h>

#include <functional>

#include "edge/outbox.h"
#include "maintenance/steps.h"
#include "store/queries.h"
#include "support/drivers.h"
#include "support/service_world.h"

namespace latchkey::health {
namespace {

using test::kTestStart;
using test::ServiceWorld;
using enum Status;

// Patient: a service that is well, to be made ill.
struct Patient {
  Figures figures;
  KvProbe kv{.answers = true, .took = 5, .waiting = 0};
  std::vector<std::pair<std::string, std::string>> environment;
  bool self_test_passed = true;
  bool is_loopback = true;

  Patient() {
    figures.at = kTestStart;
    figures.d1_at = kTestStart - 400;
    figures.d1_took = 3;
    figures.cron_steps.assign(std::size(maintenance::kCronSteps), kTestStart - 30 * kSecondMs);
    figures.has_manager = true;
    figures.live_tokens = 2;
    figures.migration = store::migrations().back();
    figures.num_migrations = static_cast<int64_t>(store::migrations().size());
    figures.price_version = 1;
    figures.price_at = kTestStart - limits::kDoctorPricesMs;
    figures.backup_at = kTestStart - limits::kDoctorBackupMs;
    figures.audit_seq = 100;
    figures.checkpoint_size = 90;
    figures.checkpoint_at = kTestStart - limits::kDoctorCheckpointMs;
    figures.webhooks.add("active", 1);
    for (ProviderFigures& provider : figures.providers) provider.verdict = "accepted";
  }

  std::vector<Check> examined() const {
    const config::Config config = test::test_config(environment);
    return examine({.figures = figures,
                    .config = config,
                    .kv = kv,
                    .self_test_passed = self_test_passed,
                    .is_loopback = is_loopback});
  }
};

Check find(const std::vector<Check>& checks, std::string_view name) {
  for (const Check& check : checks) {
    if (check.name == name) return check;
  }
  ADD_FAILURE() << "no check " << name;
  return {};
}

TEST(Doctor, of_a_service_that_is_well_says_so_of_everything) {
  const auto checks = Patient().examined();
  EXPECT_EQ(checks.size(), 20u);
  for (const Check& check : checks) {
    EXPECT_EQ(check.status, kOk) << check.name << ": " << check.detail;
    EXPECT_FALSE(check.detail.empty()) << check.name;
    EXPECT_TRUE(check.advice.empty()) << check.name;
  }
  EXPECT_EQ(worst(checks), kOk);
}

struct Illness {
  std::string_view name;    // of the check
  Status status;
  std::string_view detail;  // part of it
  std::function<void(Patient&)> cause;
};

const Illness kIllnesses[] = {
    {"crypto", kFail, "failed", [](Patient& p) { p.self_test_passed = false; }},
    {"d1", kWarn, "1000 ms", [](Patient& p) { p.figures.d1_took = 1000; }},
    {"schema", kFail, "up to 0001_init",
     [](Patient& p) { p.figures.migration = "0001_init", p.figures.num_migrations = 1; }},
    {"schema", kFail, "applied of", [](Patient& p) { --p.figures.num_migrations; }},
    {"schema", kWarn, "9999_next is newer", [](Patient& p) { p.figures.migration = "9999_next"; }},
    {"kv", kFail, "does not answer", [](Patient& p) { p.kv = {}; }},
    {"kv", kWarn, "2000 ms", [](Patient& p) { p.kv.took = 2000; }},
    {"outbox", kWarn, "at least 100 audit rows", [](Patient& p) { p.kv.waiting = edge::kOutboxRowsMax; }},
    {"kv_copy", kWarn, "1 licence behind", [](Patient& p) { p.figures.licenses_behind_kv = 1; }},
    {"kv_copy", kWarn, "key ring", [](Patient& p) { p.figures.epoch_behind = 1; }},
    {"clock", kFail, "11 seconds away", [](Patient& p) { p.figures.d1_at = kTestStart + 11 * kSecondMs; }},
    {"clock", kFail, "2 days away", [](Patient& p) { p.figures.d1_at = kTestStart - 2 * kDayMs; }},
    {"cron", kFail, "never ran",
     [](Patient& p) { p.figures.cron_steps.assign(p.figures.cron_steps.size(), std::nullopt); }},
    {"cron", kFail, "3 hours ago",
     [](Patient& p) { p.figures.cron_steps.assign(p.figures.cron_steps.size(), kTestStart - 3 * kHourMs); }},
    {"cron", kWarn, "fail: alerts", [](Patient& p) { p.figures.cron_steps[0] = kTestStart - 6 * kMinuteMs; }},
    {"cron", kWarn, "fail: alerts, anomalies",
     [](Patient& p) { p.figures.cron_steps[0] = p.figures.cron_steps[1] = std::nullopt; }},
    {"usage", kWarn, "100000 events", [](Patient& p) { p.figures.usage_behind = limits::kDoctorEventsBehind; }},
    {"prices", kWarn, "table 1, 91 days old", [](Patient& p) { p.figures.price_at = kTestStart - 91 * kDayMs; }},
    {"prices", kWarn, "the build's table",
     [](Patient& p) {
       p.figures.price_version = 0;
       p.figures.at = p.figures.d1_at = *parse_time("2030-01-01");
       p.figures.cron_steps.assign(p.figures.cron_steps.size(), p.figures.at);
     }},
    {"provider_keys", kFail, "no provider has a key",
     [](Patient& p) {
       for (const auto& provider : config::kProviders) p.environment.emplace_back(provider.secret_name, "");
     }},
    {"provider_keys", kFail, "refused by deepseek, zhipu",
     [](Patient& p) { p.figures.providers[0].verdict = p.figures.providers[5].verdict = "refused"; }},
    {"provider_keys", kWarn, "could not be asked: kimi", [](Patient& p) { p.figures.providers[1].verdict = "could_not_ask"; }},
    {"key_age", kWarn, "older than 180 days: kimi",
     [](Patient& p) { p.figures.providers[1].published_at = kTestStart - 181 * kDayMs; }},
    {"audit", kFail, "does not verify",
     [](Patient& p) { p.figures.alerts[static_cast<size_t>(alert::Kind::kAuditBroken)][2] = 1; }},
    {"audit", kWarn, "10 records newer", [](Patient& p) { *p.figures.checkpoint_at -= 1; }},
    {"audit", kWarn, "(never)", [](Patient& p) { p.figures.checkpoint_at = std::nullopt, p.figures.checkpoint_size = 0; }},
    {"secrets", kWarn, "ADMIN_TOKEN",
     [](Patient& p) {
       p.figures.bootstrap_enabled = true;
       p.environment = {{"ADMIN_TOKEN", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}};
     }},
    {"secrets", kWarn, "MASTER_KEY has 2 keys, sealing with k2",
     [](Patient& p) {
       p.environment = {{"MASTER_KEY", "k2:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE=,"
                                       "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAI="}};
     }},
    {"secrets", kWarn, "SIGNING_KEY has 2 keys",
     [](Patient& p) {
       p.environment = {{"SIGNING_KEY", "s2:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE=,"
                                        "s1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAI="}};
     }},
    {"bootstrap", kWarn, "2 named tokens", [](Patient& p) { p.figures.bootstrap_enabled = true; }},
    {"access", kWarn, "everything",
     [](Patient& p) {
       p.environment = {{"ACCESS_TEAM_DOMAIN", "https://team.cloudflareaccess.com"}, {"ACCESS_AUD", "aud"}, {"ACCESS_SCOPES", "*"}};
     }},
    {"settings", kFail, "ENVIRONMENT is development", [](Patient& p) { p.is_loopback = false; }},
    {"settings", kFail, "set for tests: WEBHOOK_ALLOW_LOOPBACK",
     [](Patient& p) {
       p.is_loopback = false;
       p.environment = {{"WEBHOOK_ALLOW_LOOPBACK", "1"}};
     }},
    {"webhooks", kWarn, "nobody hears", [](Patient& p) { p.figures.webhooks = Tally(webhook_states()); }},
    {"webhooks", kWarn, "1 webhook failing", [](Patient& p) { p.figures.webhooks_failing = 1; }},
    {"webhooks", kWarn, "1 disabled", [](Patient& p) { p.figures.webhooks.add("disabled", 1); }},
    {"webhooks", kWarn, "2 messages given up", [](Patient& p) { p.figures.messages_failed = 2; }},
    {"alerts", kWarn, "1 alert open, 0 critical",
     [](Patient& p) { p.figures.alerts[static_cast<size_t>(alert::Kind::kCronFailed)][1] = 1; }},
    {"alerts", kFail, "3 alerts open, 1 critical",
     [](Patient& p) { p.figures.alerts[static_cast<size_t>(alert::Kind::kCronFailed)] = {1, 1, 1}; }},
    {"backup", kWarn, "never made", [](Patient& p) { p.figures.backup_at = std::nullopt; }},
    {"backup", kWarn, "8 days ago", [](Patient& p) { p.figures.backup_at = kTestStart - 8 * kDayMs; }},
};

TEST(Doctor, names_each_illness_and_what_to_do_and_calls_nothing_else_ill) {
  for (const Illness& illness : kIllnesses) {
    SCOPED_TRACE(std::string(illness.name) + ": " + std::string(illness.detail));
    Patient patient;
    illness.cause(patient);
    const auto checks = patient.examined();
    const Check check = find(checks, illness.name);
    EXPECT_EQ(check.status, illness.status) << check.detail;
    EXPECT_NE(check.detail.find(illness.detail), std::string::npos) << check.detail;
    EXPECT_FALSE(check.advice.empty());
    EXPECT_GE(worst(checks), illness.status);
    // What follows from it: no outbox without KV, an alert of its own, age by another clock, a bootstrap token that is on.
    for (const Check& other : checks) {
      const bool follows = other.name == "outbox" || other.name == "alerts" || other.name == "backup" ||
                           other.name == "audit" || other.name == "bootstrap";
      if (other.name != illness.name && !follows) EXPECT_EQ(other.status, kOk) << other.name << ": " << other.detail;
    }
  }
}

TEST(Doctor, has_an_illness_for_every_check) {
  std::set<std::string_view> ill;
  for (const Illness& illness : kIllnesses) ill.insert(illness.name);
  for (const Check& check : Patient().examined()) EXPECT_TRUE(ill.contains(check.name)) << check.name;
}

TEST(Doctor, takes_a_strong_bootstrap_token_alone_for_well) {
  Patient patient;
  patient.figures.bootstrap_enabled = true;
  patient.figures.has_manager = false;
  EXPECT_EQ(find(patient.examined(), "bootstrap").status, kOk);
  EXPECT_EQ(find(patient.examined(), "secrets").status, kOk);
}

TEST(Doctor, takes_production_as_it_is) {
  Patient patient;
  patient.environment = {{"ENVIRONMENT", "production"}};
  patient.is_loopback = false;
  EXPECT_EQ(find(patient.examined(), "settings").status, kOk);
}

TEST(Doctor, shows_no_secret) {
  Patient patient;
  patient.figures.bootstrap_enabled = true;
  for (const Check& check : patient.examined()) {
    for (const auto& [name, value] : test::test_environment()) {
      if (name.ends_with("KEY") || name.ends_with("TOKEN")) EXPECT_EQ(check.detail.find(value), std::string::npos) << name;
    }
  }
}

Task<KvProbe> probe(ServiceWorld& world) {
  host::Host own(world.host.platform(), world.host.new_request(), 5000);
  co_return co_await probe_kv(own);
}

TEST(Doctor, counts_what_waits_in_kv) {
  ServiceWorld world;
  for (const char* id : {"a", "b"}) {
    host::Host own(world.host.platform(), world.host.new_request(), 5000);
    EXPECT_TRUE(world.host.run(own.kv.put("outbox:" + std::string(id), "{}")).has_value());
  }
  const KvProbe kv = world.host.run(probe(world));
  EXPECT_TRUE(kv.answers);
  EXPECT_EQ(kv.waiting, 2);
}

TEST(Doctor, sees_that_either_operation_on_kv_fails) {
  for (const auto kind : {host::OpKind::kKvGet, host::OpKind::kKvList}) {
    ServiceWorld world;
    world.host.set_fault(kind, test::Fault::kNotPerformed);
    EXPECT_FALSE(world.host.run(probe(world)).answers);
  }
}

}  // namespace
}  // namespace latchkey::health
