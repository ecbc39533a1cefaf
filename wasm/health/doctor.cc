#include "health/doctor.h"

#include <algorithm>

#include "edge/copy.h"
#include "edge/outbox.h"
#include "health/metrics.h"
#include "maintenance/steps.h"
#include "store/queries.h"

namespace latchkey::health {
namespace {

using enum Status;
using alert::Kind;
using alert::Severity;

constexpr std::string_view kStatuses[] = {"ok", "warn", "fail"};

Check well(std::string_view name, std::string detail) { return {name, kOk, std::move(detail), {}}; }

// plural: "1 row", "2 rows".
std::string plural(int64_t number, std::string_view noun) {
  return std::to_string(number) + " " + std::string(noun) + (number == 1 ? "" : "s");
}

// span_of: a time span in its largest whole unit.
std::string span_of(TimeMs span) {
  if (span >= 2 * kDayMs) return plural(span / kDayMs, "day");
  if (span >= 2 * kHourMs) return plural(span / kHourMs, "hour");
  if (span >= 2 * kMinuteMs) return plural(span / kMinuteMs, "minute");
  return plural(span / kSecondMs, "second");
}

std::string list(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

Check check_crypto(const Seen& seen) {
  if (seen.self_test_passed) return well("crypto", "the self-test passed");
  return {"crypto", kFail, "the self-test failed", "Deploy the build again: this one must not serve."};
}

Check check_d1(const Seen& seen) {
  const std::string detail = "answered in " + std::to_string(seen.figures.d1_took) + " ms";
  if (seen.figures.d1_took < limits::kDoctorSlowMs) return well("d1", detail);
  return {"d1", kWarn, detail, "Look at Cloudflare's status page, and where the database lies."};
}

Check check_schema(const Seen& seen) {
  const std::string newest(store::migrations().back());
  const auto wanted = static_cast<int64_t>(store::migrations().size());
  const Figures& figures = seen.figures;
  if (figures.migration > newest) {
    return {"schema", kWarn, figures.migration + " is newer than the build, which knows " + newest,
            "Deploy the newest build; an older one works meanwhile."};
  }
  if (figures.migration == newest && figures.num_migrations >= wanted) return well("schema", "up to " + newest);
  return {"schema", kFail,
          plural(figures.num_migrations, "migration") + " applied of " + std::to_string(wanted) + ", up to " +
              figures.migration,
          "Apply the migrations: npm run deploy."};
}

Check check_kv(const Seen& seen) {
  if (!seen.kv.answers) {
    return {"kv", kFail, "does not answer",
            "Look at Cloudflare's status page, and at the binding KV in wrangler.toml. Keys are served meanwhile, from D1."};
  }
  const std::string detail = "answered in " + std::to_string(seen.kv.took) + " ms";
  if (seen.kv.took < limits::kDoctorSlowMs) return well("kv", detail);
  return {"kv", kWarn, detail, "Look at Cloudflare's status page."};
}

Check check_outbox(const Seen& seen) {
  if (!seen.kv.answers) return {"outbox", kWarn, "unknown, because KV does not answer", "Mend kv first."};
  if (seen.kv.waiting < edge::kOutboxRowsMax) return well("outbox", plural(seen.kv.waiting, "audit row") + " waiting");
  return {"outbox", kWarn, "at least " + plural(seen.kv.waiting, "audit row") + " waiting",
          "D1 was away. Cron moves 100 a minute: look again, and see that cron runs."};
}

Check check_edge_copy(const Seen& seen) {
  const Figures& figures = seen.figures;
  const int64_t behind = figures.licenses_behind_kv;
  const std::string detail = plural(behind, "licence") + " behind" +
                             (figures.ring_behind > 0 || figures.epoch_behind > 0 ? ", and the key ring" : "");
  if (behind == 0 && figures.ring_behind <= 0 && figures.epoch_behind <= 0) return well("kv_copy", "up to date");
  return {"kv_copy", kWarn, detail, "Cron carries 400 licences to KV a minute: look again, and see that cron runs."};
}

Check check_clock(const Seen& seen) {
  const TimeMs apart = std::abs(seen.figures.d1_at - seen.figures.at);
  if (apart <= limits::kDoctorClockMs) return well("clock", "agrees with D1's");
  return {"clock", kFail, span_of(apart) + " away from D1's",
          "Receipts, limits and expiry go by it. On a machine of your own set its clock; else look at Cloudflare's status "
          "page."};
}

Check check_cron(const Seen& seen) {
  const Figures& figures = seen.figures;
  const auto last = figures.cron_at();
  if (!last || figures.at - *last > limits::kDoctorCronLateMs) {
    return {"cron", kFail, last ? "last ran " + span_of(figures.at - *last) + " ago" : "never ran",
            "See that wrangler.toml has the cron trigger and that it is deployed. Rotations, sums, alerts and KV wait for "
            "it."};
  }
  std::vector<std::string> late;
  for (size_t i = 0; i < figures.cron_steps.size(); ++i) {
    const auto& at = figures.cron_steps[i];
    if (!at || figures.at - *at > limits::kDoctorCronLateMs) late.emplace_back(maintenance::kCronSteps[i]);
  }
  if (late.empty()) return well("cron", "ran " + span_of(figures.at - *last) + " ago");
  return {"cron", kWarn, "these steps fail: " + list(late), "Read the Worker's log for scheduled_step_failed."};
}

Check check_usage(const Seen& seen) {
  const std::string detail = plural(seen.figures.usage_behind, "event") + " in no sum yet";
  if (seen.figures.usage_behind < limits::kDoctorEventsBehind) return well("usage", detail);
  return {"usage", kWarn, detail, "Cron sums 100,000 a minute: look again, and see that cron runs."};
}

Check check_prices(const Seen& seen) {
  const auto at = price_table_at(seen.figures);
  const std::string table =
      seen.figures.price_version == 0 ? "the build's table" : "table " + std::to_string(seen.figures.price_version);
  const std::string detail = table + (at ? ", " + span_of(seen.figures.at - *at) + " old" : ", of unknown age");
  if (at && seen.figures.at - *at <= limits::kDoctorPricesMs) return well("prices", detail);
  return {"prices", kWarn, detail, "See what changed and bring it into force: latchkey price import."};
}

std::vector<std::string> providers_where(auto is) {
  std::vector<std::string> names;
  for (size_t i = 0; i < config::kNumProviders; ++i) {
    if (is(i)) names.emplace_back(config::kProviders[i].name);
  }
  return names;
}

Check check_provider_keys(const Seen& seen) {
  const auto& providers = seen.figures.providers;
  const auto without =
      providers_where([&](size_t i) { return !providers[i].stored_version && !seen.config.provider_secrets[i]; });
  if (without.size() == config::kNumProviders) {
    return {"provider_keys", kFail, "no provider has a key", "Store one: latchkey provider set."};
  }
  const auto refused = providers_where([&](size_t i) { return providers[i].verdict == "refused"; });
  if (!refused.empty()) {
    return {"provider_keys", kFail, "refused by " + list(refused),
            "Users cannot work with them: latchkey rotation start --emergency."};
  }
  const auto unknown = providers_where([&](size_t i) { return providers[i].verdict == "could_not_ask"; });
  if (!unknown.empty()) {
    return {"provider_keys", kWarn, "could not be asked: " + list(unknown),
            "Look at their status pages. The keys may be good."};
  }
  const auto present = static_cast<int64_t>(config::kNumProviders - without.size());
  return well("provider_keys", plural(present, "provider") + " with a key" + (without.empty() ? "" : ", without: " + list(without)));
}

Check check_key_age(const Seen& seen) {
  const TimeMs age_max = seen.config.key_max_age_days * kDayMs;
  if (age_max == 0) return well("key_age", "any age will do: KEY_MAX_AGE_DAYS is 0");
  const auto old = providers_where([&](size_t i) {
    const auto& at = seen.figures.providers[i].published_at;
    return at && seen.figures.at - *at > age_max;
  });
  if (old.empty()) return well("key_age", "none in D1 is older than " + span_of(age_max));
  return {"key_age", kWarn, "older than " + span_of(age_max) + ": " + list(old), "Replace them: latchkey rotation start."};
}

Check check_audit(const Seen& seen) {
  const Figures& figures = seen.figures;
  const auto& broken = figures.alerts[static_cast<size_t>(Kind::kAuditBroken)];
  if (broken[0] + broken[1] + broken[2] > 0) {
    return {"audit", kFail, "the log does not verify",
            "Change nothing; keep a copy of the database. See the page on monitoring: When the audit log does not hold."};
  }
  const std::string records = plural(figures.audit_seq, "record");
  if (figures.audit_seq <= figures.checkpoint_size) return well("audit", records + ", all under a signed head");
  const std::string age = figures.checkpoint_at ? span_of(figures.at - *figures.checkpoint_at) + " ago" : "never";
  const std::string detail = records + ", " + plural(figures.audit_seq - figures.checkpoint_size, "record") +
                             " newer than the last signed head (" + age + ")";
  if (figures.checkpoint_at && figures.at - *figures.checkpoint_at <= limits::kDoctorCheckpointMs) return well("audit", detail);
  return {"audit", kWarn, detail, "Cron signs one each hour: see that it runs, or sign one: latchkey audit checkpoint."};
}

Check check_secrets(const Seen& seen) {
  const auto kids = seen.config.master.kids();
  const size_t signing = seen.config.signing.verify_keys().size();
  if (seen.config.admin_token_is_weak && seen.figures.bootstrap_enabled) {
    return {"secrets", kWarn, "ADMIN_TOKEN is short, or of few different letters",
            "Put a long random one: npx wrangler secret put ADMIN_TOKEN."};
  }
  if (kids.size() > 1) {
    return {"secrets", kWarn, "MASTER_KEY has " + plural(static_cast<int64_t>(kids.size()), "key") + ", sealing with " + kids.front(),
            "A replacement is under way: latchkey master rewrap, and a day later take the unused ones out."};
  }
  if (signing > 1) {
    return {"secrets", kWarn, "SIGNING_KEY has " + plural(static_cast<int64_t>(signing), "key"),
            "A replacement is under way: 60 days after it take the old one out."};
  }
  return well("secrets", "MASTER_KEY, INDEX_KEY, SIGNING_KEY and ADMIN_TOKEN are well-formed");
}

Check check_bootstrap(const Seen& seen) {
  const Figures& figures = seen.figures;
  if (!figures.bootstrap_enabled) return well("bootstrap", "ADMIN_TOKEN is off");
  if (!figures.has_manager) return well("bootstrap", "ADMIN_TOKEN is on, and no named token could stand in for it");
  return {"bootstrap", kWarn, "ADMIN_TOKEN is on, with " + plural(figures.live_tokens, "named token") + " beside it",
          "Use a named one and switch it off: latchkey token bootstrap off."};
}

Check check_access(const Seen& seen) {
  const auto& access = seen.config.access;
  if (!access) return well("access", "Cloudflare Access is off");
  if (std::ranges::find(access->scopes, "*") != access->scopes.end()) {
    return {"access", kWarn, "whom Cloudflare Access lets in may do everything",
            "Name in ACCESS_SCOPES what they need; who may do more has a token."};
  }
  return well("access", "on, with " + plural(static_cast<int64_t>(access->scopes.size()), "scope"));
}

// check_settings: those of tests are refused in production, so what is left to see is a service that is none.
Check check_settings(const Seen& seen) {
  if (seen.config.production) return well("settings", "ENVIRONMENT is production");
  std::vector<std::string> names;
  for (const config::SettingValue& value : seen.config.values) {
    if (value.from_environment && value.setting->description.contains("in development only")) {
      names.emplace_back(value.setting->name);
    }
  }
  const std::string detail = "ENVIRONMENT is development" + (names.empty() ? "" : "; set for tests: " + list(names));
  if (seen.is_loopback) return well("settings", detail);
  return {"settings", kFail, detail, "Set ENVIRONMENT = \"production\" in wrangler.toml, take those out, and deploy."};
}

Check check_webhooks(const Seen& seen) {
  const Figures& figures = seen.figures;
  const int64_t active = figures.webhooks.of("active");
  const int64_t disabled = figures.webhooks.of("disabled");
  if (figures.webhooks_failing > 0 || disabled > 0 || figures.messages_failed > 0) {
    return {"webhooks", kWarn,
            plural(figures.webhooks_failing, "webhook") + " failing, " + std::to_string(disabled) + " disabled, " +
                plural(figures.messages_failed, "message") + " given up in 24 hours",
            "Repair the receiver: latchkey webhook list, webhook deliveries, webhook redeliver."};
  }
  if (active == 0) return {"webhooks", kWarn, "none: nobody hears of alerts", "Make one: latchkey webhook create."};
  return well("webhooks", plural(active, "webhook") + " active, " + plural(figures.messages_due, "message") + " on the way");
}

Check check_alerts(const Seen& seen) {
  int64_t all = 0;
  int64_t critical = 0;
  for (const auto& kind : seen.figures.alerts) {
    critical += kind[static_cast<size_t>(Severity::kCritical)];
    for (const int64_t number : kind) all += number;
  }
  if (all == 0) return well("alerts", "none is open");
  return {"alerts", critical > 0 ? kFail : kWarn, plural(all, "alert") + " open, " + std::to_string(critical) + " critical",
          "See them: latchkey alert list --state open."};
}

Check check_backup(const Seen& seen) {
  const auto& at = seen.figures.backup_at;
  const std::string detail = at ? "made " + span_of(seen.figures.at - *at) + " ago" : "never made";
  if (at && seen.figures.at - *at <= limits::kDoctorBackupMs) return well("backup", detail);
  return {"backup", kWarn, detail, "Make one, and keep it and its key outside of Cloudflare: latchkey backup."};
}

}  // namespace

std::string_view status_name(Status status) { return kStatuses[static_cast<size_t>(status)]; }

std::vector<Check> examine(const Seen& seen) {
  constexpr Check (*checks[])(const Seen&) = {
      check_crypto, check_d1,     check_schema,        check_kv,      check_outbox, check_edge_copy, check_clock,
      check_cron,   check_usage,  check_prices,        check_provider_keys, check_key_age, check_audit, check_secrets,
      check_bootstrap, check_access, check_settings,   check_webhooks, check_alerts, check_backup};
  std::vector<Check> all;
  for (const auto check : checks) all.push_back(check(seen));
  return all;
}

Status worst(const std::vector<Check>& checks) {
  Status status = kOk;
  for (const Check& check : checks) status = std::max(status, check.status);
  return status;
}

Task<KvProbe> probe_kv(host::Host& host) {
  const TimeMs asked_at = host.clock.now();
  const auto ring = co_await host.kv.get(edge::kRingKey);
  if (!ring) co_return KvProbe{};
  const TimeMs took = host.clock.now() - asked_at;
  const auto waiting = co_await host.kv.list(edge::kOutboxPrefix, edge::kOutboxRowsMax);
  if (!waiting) co_return KvProbe{};
  co_return KvProbe{.answers = true, .took = took, .waiting = static_cast<int64_t>(waiting->size())};
}

}  // namespace latchkey::health
