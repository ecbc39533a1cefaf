// The service: which hours cron scores and when, what it counts, the alerts that come of it and when they end; under
// every fault and in every order.
#include "anomaly/service.h"

#include "anomaly_world.h"

namespace latchkey::anomaly {
namespace {

TEST(Watch, finds_an_abused_licence_when_its_hour_is_over_and_leaves_an_ordinary_one_alone) {
  AnomalyWorld world;
  const std::string ordinary = world.add_other(1);
  world.use_usually();
  world.use_usually(ordinary);
  world.catch_up();
  EXPECT_EQ(world.num_trails(), 2);
  EXPECT_EQ(world.alert_count(), 0);
  EXPECT_EQ(world.shown().trail.days.size(), static_cast<size_t>(kDays));

  world.use(kNow, 600);
  world.use(kNow, 25, ordinary);
  world.host.clock.advance(kHourMs + limits::kAnomalyGraceMs - 1);
  world.cron();
  EXPECT_EQ(world.alert_count(), 0) << "more may come in for the hour";
  world.host.clock.advance(1);
  world.cron();
  EXPECT_EQ(world.num_alerts("license_anomaly"), 1);
  EXPECT_EQ(world.text("SELECT subject AS value FROM alerts"), kLicense);
  const std::string details = world.text("SELECT details AS value FROM alerts");
  EXPECT_TRUE(details.starts_with(R"({"hour":"2026-01-15T12:00:00Z","reasons":[{"points":)")) << details;
  EXPECT_NE(details.find("600 requests in the hour"), std::string::npos) << details;
  EXPECT_EQ(world.text("SELECT details AS value FROM audit_log WHERE action = 'anomaly.raised'"), details);
  const Shown shown = world.shown();
  EXPECT_GE(shown.score, limits::kAnomalyAlarm);
  EXPECT_TRUE(shown.has_baseline);
  ASSERT_TRUE(shown.alarm && shown.alert);
  EXPECT_EQ(*shown.alarm, (Alarm{.hour = kNow, .score = shown.score, .reasons = shown.reasons}));
  EXPECT_EQ(shown.alert->count, 1);
  EXPECT_LT(world.shown(ordinary).score, 20);
  EXPECT_EQ(world.shown(ordinary).hour, kNow);

  world.cron();
  EXPECT_EQ(world.alert_count(), 1) << "an hour is scored once";
}

TEST(Watch, counts_one_alert_up_while_it_goes_on) {
  AnomalyWorld world;
  world.use_usually();
  world.catch_up();
  for (int64_t hour = kNow; hour < kNow + 3; ++hour) {
    world.use(hour, 600);
    world.end_hour(hour);
    world.cron();
  }
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM alerts"), 1);
  EXPECT_EQ(world.alert_count(), 3);
  EXPECT_EQ(world.num_audits("anomaly.raised"), 3);
}

TEST(Watch, finds_a_sudden_tenfold_day) {
  AnomalyWorld world;
  world.use_usually();
  world.catch_up();
  for (int64_t hour = kNow; hour < kNow + 12; ++hour) {
    world.use(hour, 170);
    world.end_hour(hour);
    world.cron();
  }
  EXPECT_NE(world.shown().reasons.find("tenfold_day"), std::string::npos) << world.shown().reasons;
  EXPECT_EQ(world.num_alerts("license_anomaly"), 1);
}

TEST(Watch, waits_until_all_that_came_in_for_an_hour_is_summed) {
  AnomalyWorld world;
  world.add_machine(kLicense, "machine-hash", "mch_1");
  world.host.query(std::move(
      host::Batch()
          .add("INSERT INTO usage_events (license_id, event_id, machine_id, plan, report, at, received_at, provider, model, "
               "input_tokens, output_tokens, cached_input_tokens, reasoning_tokens, cost, price_version) VALUES (?1, 'e1', "
               "'mch_1', 'pro', 1, CAST(?2 AS INTEGER), CAST(?2 AS INTEGER), 'openai', 'gpt-5', 5, 5, 0, 0, 1, 0)")
          .bind(kLicense)
          .bind(test::kTestStart + kMinuteMs)));
  const std::string other = world.add_other(1);
  world.use(kNow, 5, other);
  world.end_hour(kNow);
  world.watch_once();
  EXPECT_EQ(world.num_trails(), 0) << "the event is not in the sums";
  world.cron();
  EXPECT_EQ(world.scored_hour(), kNow);
  EXPECT_EQ(world.scored_hour(other), kNow);
}

TEST(Watch, sees_a_licence_at_its_limit_on_many_machines) {
  AnomalyWorld world;
  world.limit_requests(12);
  for (int i = 0; i < 14; ++i) world.provision(world.request("machine-" + std::to_string(i)));
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM audit_log WHERE reason = 'machine_limit'"), 9);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM audit_log WHERE reason = 'license_over_limit'"), 1);
  world.end_hour(kNow);
  world.cron();
  const Shown shown = world.shown();
  EXPECT_FALSE(shown.has_baseline);
  EXPECT_EQ(shown.score, 65);
  EXPECT_EQ(shown.reasons,
            R"([{"points":60,"sentence":"9 machines found no seat within the hour.","signal":"no_seat","value":9},)"
            R"({"points":5,"sentence":"It went over its limit of requests: that counts as 50 refused.",)"
            R"("signal":"at_limit","value":50}])");
  EXPECT_EQ(world.num_alerts("license_anomaly"), 1);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM anomaly_seen"), 0) << "what is done is not kept";
}

TEST(Watch, knows_the_countries_that_keys_went_to_and_no_others) {
  AnomalyWorld world;
  const auto asked = [&](std::string_view action, std::string_view outcome, std::optional<std::string_view> reason,
                         std::string_view country) {
    world.audit({.at = test::kTestStart + kMinuteMs, .action = action, .outcome = outcome, .reason = reason,
                 .license_id = kLicense, .machine_hash = "m", .country = country});
  };
  asked("provision.granted", "granted", std::nullopt, "DE");
  asked("provision.granted", "granted", std::nullopt, "DE");
  asked("provision.denied", "denied", "machine_limit", "FR");
  asked("provision.denied", "denied", "expired", "BR");
  asked("provision.granted", "granted", std::nullopt, "XX");
  asked("provision.granted", "granted", std::nullopt, "T1");
  asked("license.changed", "done", std::nullopt, "US");
  world.end_hour(kNow);
  world.watch_once();
  const Trail trail = world.shown().trail;
  std::string countries;
  for (const Known& one : trail.countries) countries += one.name + " ";
  EXPECT_EQ(countries, "DE FR ");
}

TEST(Watch, scores_many_licences_over_several_runs_each_once) {
  AnomalyWorld world;
  constexpr int64_t kPerRun = int64_t{limits::kAnomalyLicensesPerSlice} * limits::kAnomalySlicesPerRun;
  world.host.query(std::move(
      host::Batch()
          .add("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < CAST(?1 AS INTEGER)) "
               "INSERT INTO usage_hourly (license_id, hour, provider, model, machine_id, requests, input_tokens, "
               "output_tokens, cached_input_tokens, reasoning_tokens, cost, unpriced, seq) "
               "SELECT printf('lic_%06d', i), CAST(?2 AS INTEGER), 'openai', 'm' || k.value, 'mch_1', 5, 1, 1, 0, 0, 1, 0, 1 "
               "FROM n, json_each('[1,2]') k")
          .bind(kPerRun + 30)
          .bind(kNow)));
  world.audit({.at = test::kTestStart, .action = "provision.granted", .outcome = "granted", .license_id = "lic_000001x",
               .country = "DE"});
  world.end_hour(kNow);
  world.watch_once();
  EXPECT_EQ(world.num_trails(), kPerRun);
  EXPECT_EQ(world.scalar("SELECT hour AS value FROM anomaly_walk"), kNow);
  EXPECT_EQ(world.text("SELECT license_id AS value FROM anomaly_walk"), "lic_000499") << "one is in between";
  world.watch_once();
  EXPECT_EQ(world.num_trails(), kPerRun + 31);
  EXPECT_EQ(world.scalar("SELECT hour AS value FROM anomaly_walk"), kNow + 1);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM anomaly_trails WHERE trail ->> '$.days[0][2]' = 10"), kPerRun + 30)
      << "both models' requests belong to one hour";
}

TEST(Watch, costs_one_trip_where_nothing_is_to_do) {
  AnomalyWorld world;
  const auto trips = [&] {
    const size_t before = world.host.count(host::OpKind::kDbBatch);
    world.watch_once();
    return world.host.count(host::OpKind::kDbBatch) - before;
  };
  EXPECT_EQ(trips(), 1u);
  world.use(kNow, 5);
  EXPECT_EQ(trips(), 1u);
  world.end_hour(kNow);
  EXPECT_EQ(trips(), 3u);
  EXPECT_EQ(trips(), 1u);
}

TEST(Watch, catches_up_with_what_was_missed_and_raises_only_what_is_news) {
  AnomalyWorld world;
  const int64_t oldest = kNow - limits::kAnomalyBackMs / kHourMs;
  world.use(oldest - 1, 7);
  world.use_usually();
  const std::string other = world.add_other(1);
  for (int64_t day = 12; day < 30; ++day) world.use(kNow - day * 24, 20, other);
  world.use(kNow - 8 * 24, 900, other);
  world.use(kNow - 6 * 24 + 12, 900);
  world.catch_up();
  EXPECT_EQ(world.shown().trail.days.front().day, day_of(kNow) - kDays) << "too old";
  EXPECT_EQ(world.shown(other).trail.days.back().peak_requests, 900);
  EXPECT_FALSE(world.shown(other).alarm) << "it would be over by now";
  EXPECT_GE(world.shown(other).score, limits::kAnomalyAlarm);
  EXPECT_EQ(world.num_alerts("license_anomaly"), 1);
  EXPECT_EQ(world.text("SELECT subject AS value FROM alerts"), kLicense);
}

TEST(Watch, does_not_score_an_hour_again_that_a_restored_trail_has) {
  AnomalyWorld world;
  world.use_usually();
  world.use(kNow, 600);
  world.end_hour(kNow);
  world.catch_up();
  const std::string trail = world.text("SELECT trail AS value FROM anomaly_trails");
  world.host.query("UPDATE anomaly_walk SET hour = 0");
  world.catch_up();
  EXPECT_EQ(world.alert_count(), 1);
  EXPECT_EQ(world.text("SELECT trail AS value FROM anomaly_trails"), trail);
  EXPECT_EQ(world.scored_hour(), kNow);
}

TEST(Watch, stands_still_while_a_restore_is_running) {
  AnomalyWorld world;
  world.use(kNow, 5);
  world.end_hour(kNow);
  world.host.query("INSERT INTO restores (backup_id, state, line, line_hash, end_line, accepts_loss, index_lost, actor, "
                   "begun_at) VALUES ('bak_1', 'running', 0, '', 9, 0, 0, 'x', 1)");
  world.watch_once();
  EXPECT_EQ(world.num_trails(), 0);
  world.host.query("UPDATE restores SET state = 'done'");
  world.watch_once();
  EXPECT_EQ(world.num_trails(), 1);
}

TEST(Watch, is_not_stopped_by_what_somebody_wrote_by_hand) {
  AnomalyWorld world;
  world.use_usually(kLicense, 2);
  world.catch_up();
  world.host.query("UPDATE anomaly_trails SET trail = 'broken', reasons = 'broken', alarm_hour = 9999999, "
                   "alarm_reasons = 'broken'");
  EXPECT_EQ(world.admin("GET", "/admin/licenses/" + kLicense + "/anomaly").status, 200u);
  world.audit({.at = test::kTestStart, .action = "provision.denied", .outcome = "denied", .reason = "unknown_license",
               .address_hash = "a", .details = "not json"});
  world.audit({.at = test::kTestStart, .action = "provision.denied", .outcome = "denied", .reason = "unknown_license",
               .address_hash = "a"});
  world.audit({.at = 0, .action = "provision.granted", .outcome = "granted", .license_id = kLicense, .country = "DE"});
  world.audit({.at = kTimeMsMax, .action = "provision.granted", .outcome = "granted", .license_id = "lic_none",
               .country = "DE"});
  world.use(kNow, 5);
  world.end_hour(kNow);
  world.cron();
  EXPECT_EQ(world.scored_hour(), kNow);
  EXPECT_EQ(world.shown().trail.days.size(), 1u);
  EXPECT_TRUE(world.errors.empty());
}

// TryingWorld: what an address's tries leave behind.
struct TryingWorld : AnomalyWorld {
  void try_code(int number, std::string_view address = "203.0.113.9") {
    provision(client(address), request("machine-1", provision::Delivery::kPlain, "WRITER-2024-X" + std::to_string(number)));
  }
};

TEST(Guessing, is_found_by_the_different_codes_of_an_address) {
  TryingWorld world;
  for (int i = 0; i < 8; ++i) world.try_code(i);
  for (int i = 0; i < 50; ++i) world.try_code(1, "203.0.113.10");  // a stuck client
  world.end_hour(kNow);
  world.cron();
  EXPECT_EQ(world.num_alerts("guessing_address"), 1);
  const std::string subject = world.text("SELECT subject AS value FROM alerts");
  EXPECT_EQ(subject.size(), limits::kAddressSubjectChars);
  EXPECT_EQ(world.address_subject("203.0.113.9").substr(3, subject.size()), subject);
  const std::string details = world.text("SELECT details AS value FROM alerts");
  EXPECT_NE(details.find("8 codes that nobody has"), std::string::npos) << details;
  EXPECT_EQ(details.find("203.0.113"), std::string::npos);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM anomaly_addresses"), 1) << "one code is no guessing";
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM anomaly_tries"), 0);
  EXPECT_EQ(world.num_audits("anomaly.raised"), 1);
  world.cron();
  EXPECT_EQ(world.alert_count(), 1);
}

TEST(Guessing, is_found_hour_after_hour_too) {
  TryingWorld world;
  int64_t hour = kNow;
  for (; hour < kNow + 20 && world.alert_count() == 0; ++hour) {
    for (int i = 0; i < 3; ++i) world.try_code(static_cast<int>(hour - kNow) * 3 + i);
    world.end_hour(hour);
    world.cron();
    world.host.clock.advance((hour + 1) * kHourMs + kHourMs / 2 - world.host.clock.now());
  }
  EXPECT_EQ(hour - kNow, 10);
}

TEST(Guessing, takes_the_worst_addresses_of_an_hour_and_no_more) {
  AnomalyWorld world;
  world.host.query(std::move(
      host::Batch()
          .add("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < CAST(?1 AS INTEGER)) "
               "INSERT INTO anomaly_tries (hour, address_hash, code, count) "
               "SELECT CAST(?2 AS INTEGER), printf('address%03d', n.i), c.i, 1 FROM n, n c WHERE c.i <= 10 + (n.i > 20)")
          .bind(limits::kAnomalyAddressesPerHour + 20)
          .bind(kNow)));
  world.end_hour(kNow);
  world.watch_once();
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM anomaly_addresses"), limits::kAnomalyAddressesPerHour);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM anomaly_addresses WHERE address_hash <= 'address020'"), 0);
}

TEST(Alarms, end_after_a_quiet_week_and_not_before) {
  TryingWorld world;
  world.use_usually();
  world.use(kNow, 600);
  for (int i = 0; i < 8; ++i) world.try_code(i);
  world.end_hour(kNow);
  world.catch_up();
  EXPECT_EQ(world.num_alerts("license_anomaly") + world.num_alerts("guessing_address"), 2);
  world.use(kNow + 48, 3000);
  world.end_hour(kNow + 48);
  world.catch_up();
  EXPECT_EQ(world.alert_count(), 3);

  world.host.clock.advance((kNow + 1) * kHourMs + limits::kAnomalyQuietMs - world.host.clock.now());
  world.cron();
  EXPECT_EQ(world.num_alerts("guessing_address", "resolved"), 1);
  EXPECT_EQ(world.num_alerts("license_anomaly"), 1) << "it alarmed again since";
  EXPECT_EQ(world.num_audits("anomaly.cleared"), 1);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM anomaly_addresses"), 0);
  world.host.clock.advance(2 * kDayMs);
  world.cron();
  EXPECT_EQ(world.num_alerts("license_anomaly", "resolved"), 1);
  EXPECT_EQ(world.num_audits("anomaly.cleared"), 2);
  EXPECT_FALSE(world.shown().alarm);
  world.cron();
  EXPECT_EQ(world.num_audits("anomaly.cleared"), 2);
}

TEST(Alarms, that_an_admin_resolved_are_raised_anew_by_the_next_hour_alone) {
  AnomalyWorld world;
  world.use_usually();
  world.use(kNow, 600);
  world.end_hour(kNow);
  world.catch_up();
  const std::string id = world.text("SELECT id AS value FROM alerts");
  EXPECT_EQ(world.admin("POST", "/admin/alerts/" + id + "/resolve").status, 200u);
  world.cron();
  EXPECT_FALSE(world.shown().alert);
  EXPECT_TRUE(world.shown().alarm);
  world.use(kNow + 1, 700);
  world.end_hour(kNow + 1);
  world.cron();
  ASSERT_TRUE(world.shown().alert);
  EXPECT_NE(world.shown().alert->id, id);
  EXPECT_EQ(world.shown().alert->count, 1);
}

TEST(Retention, forgets_licences_that_nobody_used_for_long) {
  AnomalyWorld world;
  world.use(kNow, 5);
  world.end_hour(kNow);
  world.cron();
  world.host.clock.advance(limits::kAnomalyMemoryDays * kDayMs - kHourMs);
  world.cron();
  EXPECT_EQ(world.num_trails(), 1);
  world.host.clock.advance(kHourMs);
  world.cron();
  EXPECT_EQ(world.num_trails(), 0);
}

TEST(Show, says_what_is_usual_and_what_was_not) {
  AnomalyWorld world;
  const std::string path = "/admin/licenses/" + kLicense + "/anomaly";
  const auto empty = world.admin("GET", path);
  ASSERT_EQ(empty.status, 200u) << empty.body;
  EXPECT_NE(empty.body.find(R"("hour":null,"score":0,"has_baseline":false,"reasons":[],"scored_at":null,"last_alarm":null,)"
                            R"("alert":null,"baseline":{"days":0,"first_day":null,"last_day":null,"requests_per_day":0,)"
                            R"("peak_requests":0,"usual_hours":[],"models":[],"countries":[]}})"),
            std::string::npos)
      << empty.body;
  world.use_usually();
  world.catch_up();
  world.use(kNow, 600, kLicense, "gpt-6");
  world.end_hour(kNow);
  world.cron();
  const auto shown = world.admin("GET", path);
  ASSERT_EQ(shown.status, 200u) << shown.body;
  for (const char* part :
       {R"("hour":"2026-01-15T12:00:00Z")", R"("has_baseline":true)", R"("last_alarm":{"hour":"2026-01-15T12:00:00Z")",
        R"("state":"open","since":"2026-01-15T13:10:00Z","count":1})", R"("first_day":"2025-12-26","last_day":"2026-01-15")",
        R"("usual_hours":[8,9,10,11,12,13,14,15,16,17],"models":[{"name":"gpt-5","first_day":"2025-12-26",)"
        R"("last_day":"2026-01-14"},{"name":"gpt-6","first_day":"2026-01-15","last_day":"2026-01-15"}])"}) {
    EXPECT_NE(shown.body.find(part), std::string::npos) << part << "\n" << shown.body;
  }
  EXPECT_EQ(world.admin("GET", "/admin/licenses/lic_none/anomaly").status, 404u);
}

// AbusedWorld: an hour is over in which a licence was abused, and codes were tried.
struct AbusedWorld : TryingWorld {
  AbusedWorld() {
    use_usually();
    catch_up();
    use(kNow, 600);
    for (int i = 0; i < 8; ++i) try_code(i);
    end_hour(kNow);
  }
  bool is_scored() { return scored_hour() == kNow; }
  void expect_scored_once() {
    EXPECT_TRUE(is_scored());
    EXPECT_EQ(num_alerts("license_anomaly"), 1);
    EXPECT_EQ(num_alerts("guessing_address"), 1);
    EXPECT_EQ(alert_count(), 2);
    EXPECT_EQ(num_audits("anomaly.raised"), 2);
    EXPECT_EQ(shown().trail.days.back().requests, 600);
    EXPECT_EQ(scalar("SELECT tries ->> '$[0][2]' AS value FROM anomaly_addresses"), 8);
  }
};

TEST(Faults, leave_all_of_a_slice_or_nothing_and_the_next_run_goes_on) {
  const uint32_t num_ops = test::fail_every_await<AbusedWorld>(
      [](AbusedWorld& world) { return world.watch_task(); },
      [](AbusedWorld& world, test::FaultPoint) {
        EXPECT_EQ(world.num_audits("anomaly.raised"), world.is_scored() ? 2 : 0);
        EXPECT_EQ(world.alert_count(), world.is_scored() ? 2 : 0);
        world.watch_once();
        world.expect_scored_once();
      });
  EXPECT_EQ(num_ops, 4u);
}

TEST(Faults, by_an_isolate_that_dies_lose_nothing_either) {
  test::cancel_every_await<AbusedWorld>([](AbusedWorld& world) { return world.watch_task(); },
                                        [](AbusedWorld& world, test::FaultPoint) {
                                          world.watch_once();
                                          world.expect_scored_once();
                                        });
}

TEST(Faults, in_the_middle_of_an_hour_are_gone_on_from) {
  struct World : AnomalyWorld {
    World() {
      for (int i = 0; i < 2 * static_cast<int>(limits::kAnomalyLicensesPerSlice) + 10; ++i) {
        use(kNow, 5 + i, "lic_" + std::to_string(1000 + i));
      }
      for (int i = 0; i < 8; ++i) {
        audit({.at = test::kTestStart, .action = "provision.denied", .outcome = "denied", .reason = "machine_limit",
               .license_id = "lic_1070", .machine_hash = "machine-" + std::to_string(i)});
      }
      end_hour(kNow);
    }
  };
  const uint32_t num_ops = test::fail_every_await<World>(
      [](World& world) { return world.watch_task(); },
      [](World& world, test::FaultPoint) {
        const int64_t scored = world.num_trails();
        EXPECT_TRUE(scored % limits::kAnomalyLicensesPerSlice == 0 || scored == 110) << scored;
        world.watch_once();
        EXPECT_EQ(world.num_trails(), 110);
        EXPECT_EQ(world.scalar("SELECT sum(trail ->> '$.days[0][2]') AS value FROM anomaly_trails"), 110 * 5 + 109 * 55);
        EXPECT_EQ(world.alert_count(), 1);
        EXPECT_EQ(world.scalar("SELECT hour AS value FROM anomaly_walk"), kNow + 1);
      });
  EXPECT_EQ(num_ops, 8u);
}

TEST(Race, of_two_crons_scores_each_hour_once) {
  const uint32_t num_orders = test::interleave_two<AbusedWorld>(
      [](AbusedWorld& world) { return world.watch_task(); }, [](AbusedWorld& world) { return world.watch_task(); },
      [](AbusedWorld& world) {
        // Whoever comes too late leaves the rest to the next run.
        world.watch_once();
        world.expect_scored_once();
        EXPECT_TRUE(world.errors.empty());
      },
      test::Orders::kEffects);
  EXPECT_GE(num_orders, 20u);
}

TEST(Race, of_two_crons_ends_an_alarm_once) {
  struct World : AbusedWorld {
    World() {
      watch_once();
      host.clock.advance(limits::kAnomalyQuietMs);
    }
  };
  test::interleave_two<World>([](World& world) { return world.watch_task(); },
                              [](World& world) { return world.watch_task(); },
                              [](World& world) {
                                EXPECT_EQ(world.num_audits("anomaly.cleared"), 2);
                                EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM alerts WHERE state = 'resolved'"), 2);
                              },
                              test::Orders::kEffects);
}

}  // namespace
}  // namespace latchkey::anomaly
