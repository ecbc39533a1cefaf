// The service: what cron folds, the steps it takes with what each leaves behind, and what an admin clears; under every
// fault and in every order.
#include "sharing/service.h"

#include "sharing_world.h"

namespace latchkey::sharing {
namespace {

constexpr std::string_view kEveryStep = R"({"sharing_warn":60,"sharing_throttle":70,"sharing_suspend":80})";

TEST(Watch, folds_grants_and_denials_once_and_warns_with_the_reasons) {
  SharingWorld world;
  world.share(12);
  world.ask({.is_granted = true, .license = "lic_of_nobody"});
  world.cron();
  const Watched shown = world.show();
  EXPECT_EQ(shown.standing.level, Level::kWarn);
  EXPECT_GE(shown.score, 90);
  EXPECT_EQ(shown.seen, (Seen{.machines = 12, .refused = 9, .countries = 1, .networks = 12, .days = 10}));
  EXPECT_NE(shown.reasons.find("12 machines were in use side by side; the licence has 3 seats."), std::string::npos);
  EXPECT_EQ(world.num_audits("sharing.warned"), 1);
  const auto answer = world.host.query("SELECT actor, details FROM audit_log WHERE action = 'sharing.warned'");
  EXPECT_EQ(answer.row(0, 0).text("actor"), "cron");
  EXPECT_EQ(answer.row(0, 0).text("details"),
            R"({"after":"warn","before":"none","reasons":[{"points":45,"signal":"side_by_side","value":12},)"
            R"({"points":24,"signal":"crowded_days","value":10},{"points":24,"signal":"networks","value":12}],"score":93})");
  world.cron();
  const Watched again = world.show();
  EXPECT_EQ(again.trail, shown.trail);
  EXPECT_EQ(again.standing, shown.standing);
  EXPECT_EQ(world.num_audits("sharing.warned"), 1);
  EXPECT_EQ(world.walked(), world.newest_audit());
  EXPECT_EQ(world.num_rows(), 1);
}

TEST(Watch, leaves_an_ordinary_licence_with_a_row_and_nothing_else) {
  SharingWorld world;
  const int64_t version = world.scalar("SELECT version AS value FROM licenses");
  world.share(3);
  world.cron();
  EXPECT_EQ(world.show().score, 0);
  EXPECT_EQ(world.num_rows(), 1);
  EXPECT_EQ(world.scalar("SELECT version AS value FROM licenses"), version);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM audit_log WHERE actor = 'cron'"), 0);
  // A month later nothing is left of it.
  world.host.clock.advance(32 * kDayMs);
  world.cron();
  EXPECT_EQ(world.num_rows(), 0);
}

TEST(Watch, costs_one_trip_where_nothing_is_new_and_three_a_slice) {
  SharingWorld world;
  const auto trips = [&] {
    const size_t before = world.host.count(host::OpKind::kDbBatch);
    world.host.run(world.watch_task());
    return world.host.count(host::OpKind::kDbBatch) - before;
  };
  EXPECT_EQ(trips(), 1u);
  world.share(3, 2);
  EXPECT_EQ(trips(), 3u);
  EXPECT_EQ(trips(), 1u);
}

TEST(Steps, go_from_warn_to_throttle_to_suspend_a_day_apart) {
  SharingWorld world;
  world.set_limits(kEveryStep);
  world.share(12);
  world.cron();
  world.cron();
  EXPECT_EQ(world.show().standing.level, Level::kWarn);
  const std::string alert = "SELECT count(*) AS value FROM alerts WHERE kind = 'license_shared' AND state = 'open' AND subject = '" +
                            kLicense + "' AND severity = ";
  EXPECT_EQ(world.scalar(alert + "'warning' AND level = 1"), 1);

  world.host.clock.advance(kDayMs);
  world.cron();
  Watched shown = world.show();
  EXPECT_EQ(shown.standing.level, Level::kThrottle);
  EXPECT_EQ(shown.requests_per_hour, 6);
  EXPECT_EQ(shown.throttled_to, 6);
  EXPECT_EQ(shown.status, "active");
  EXPECT_EQ(world.num_audits("sharing.throttled"), 1);
  EXPECT_EQ(world.scalar(alert + "'warning' AND level = 2"), 1);

  const int64_t epoch = world.epoch();
  world.host.clock.advance(kDayMs);
  world.cron();
  shown = world.show();
  EXPECT_EQ(shown.standing.level, Level::kSuspend);
  EXPECT_EQ(shown.status, "suspended");
  EXPECT_EQ(world.epoch(), epoch + 1);
  EXPECT_EQ(world.num_audits("license.suspended"), 1);
  EXPECT_EQ(world.scalar(alert + "'critical' AND level = 3 AND count = 3"), 1);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM licenses WHERE status_reason = 'sharing'"), 1);
  // KV followed in the same run.
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM licenses WHERE version > kv_version"), 0);
  const auto refused = world.provision(world.request());
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->verdict, provision::Verdict::kSuspended);
  // Its history says so.
  const auto history = world.admin("GET", "/admin/licenses/" + kLicense + "/history");
  EXPECT_NE(history.body.find(R"("action":"license.suspended","status":"suspended","reason":"sharing","actor":"cron")"),
            std::string::npos)
      << history.body;
}

TEST(Steps, of_the_default_policy_end_with_the_warning) {
  SharingWorld world;
  world.share(12);
  for (int day = 0; day < 5; ++day, world.host.clock.advance(kDayMs)) world.cron();
  EXPECT_EQ(world.show().standing.level, Level::kWarn);
  EXPECT_EQ(world.show().requests_per_hour, std::nullopt);
}

TEST(Steps, are_taken_back_when_it_is_quiet_and_the_row_goes_with_them) {
  SharingWorld world;
  world.set_limits(R"({"sharing_throttle":70})");
  world.share(12);
  world.cron();
  world.host.clock.advance(kDayMs);
  world.cron();
  ASSERT_EQ(world.show().standing.level, Level::kThrottle);
  int days = 0;
  std::vector<Level> levels = {Level::kThrottle};
  for (; days < 80 && world.num_rows() > 0; ++days, world.host.clock.advance(kDayMs)) {
    world.cron();
    const Level level = world.show().standing.level;
    if (level != levels.back()) levels.push_back(level);
  }
  EXPECT_EQ(levels, (std::vector{Level::kThrottle, Level::kWarn, Level::kNone}));
  EXPECT_EQ(world.num_audits("sharing.eased"), 2);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM alerts WHERE kind = 'license_shared' AND state = 'resolved'"), 1);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM alerts WHERE kind = 'license_shared'"), 1);
  EXPECT_EQ(world.scalar("SELECT count(requests_per_hour) AS value FROM licenses"), 0);
  EXPECT_GT(days, 14);
  EXPECT_LT(days, 60);
}

TEST(Steps, reinstate_nobody_and_begin_anew_where_an_admin_does) {
  SharingWorld world;
  world.set_limits(kEveryStep);
  world.share(12);
  for (int day = 0; day < 3; ++day, world.host.clock.advance(kDayMs)) world.cron();
  ASSERT_EQ(world.show().status, "suspended");
  for (int day = 0; day < 90; ++day, world.host.clock.advance(kDayMs)) world.cron();
  EXPECT_EQ(world.show().status, "suspended");
  EXPECT_EQ(world.show().standing.level, Level::kSuspend);

  EXPECT_EQ(world.admin("POST", "/admin/licenses/" + kLicense + "/reinstate").status, 200u);
  world.ask({.at = world.host.clock.now()});
  world.cron();
  const Watched shown = world.show();
  EXPECT_EQ(shown.status, "active");
  EXPECT_EQ(shown.standing.level, Level::kNone);
  EXPECT_EQ(shown.requests_per_hour, std::nullopt);
}

TEST(Throttle, leaves_a_limit_alone_that_an_admin_set) {
  // {before the throttle, set by an admin under it, after it was taken back}
  struct Case {
    std::optional<int64_t> before, meanwhile, throttled, after;
  };
  const std::vector<Case> cases = {{std::nullopt, std::nullopt, 6, std::nullopt},
                                   {2, std::nullopt, 2, 2},
                                   {std::nullopt, 20, 6, 20}};
  for (const Case& one : cases) {
    SharingWorld world;
    world.set_limits(R"({"sharing_warn":0,"sharing_throttle":60})");
    const auto set = [&](std::optional<int64_t> limit) {
      if (limit) world.host.query(std::move(host::Batch().add("UPDATE licenses SET requests_per_hour = CAST(?1 AS INTEGER)").bind(*limit)));
    };
    set(one.before);
    world.share(12);
    world.cron();
    EXPECT_EQ(world.show().standing.level, Level::kThrottle);
    EXPECT_EQ(world.show().requests_per_hour, one.throttled);
    set(one.meanwhile);
    world.host.run(world.clear_task());
    EXPECT_EQ(world.show().requests_per_hour, one.after);
  }
}

TEST(Addresses, alone_never_change_a_score) {
  const auto trail_with = [](int addresses) {
    SharingWorld world;
    for (int day = 0; day < 10; ++day) {
      for (int i = 0; i < 5; ++i) {
        world.ask({.at = world.host.clock.now(), .machine = "machine-" + std::to_string(i),
                   .address = "address-" + std::to_string((day * 5 + i) % addresses)});
      }
      world.host.clock.advance(kDayMs);
    }
    world.cron();
    const Watched shown = world.show();
    return shown.reasons + shown.trail + std::to_string(shown.score);
  };
  const std::string one = trail_with(1);
  EXPECT_NE(one.find("side_by_side"), std::string::npos);
  for (const int addresses : {2, 5, 50}) EXPECT_EQ(trail_with(addresses), one);
  EXPECT_EQ(one.find("address"), std::string::npos);
}

TEST(Watch, folds_a_long_log_in_bounded_slices_each_row_once) {
  SharingWorld world;
  constexpr int64_t kPerRun = int64_t{limits::kSharingRowsPerSlice} * limits::kSharingSlicesPerRun;
  constexpr int64_t kRows = kPerRun + 100;
  world.host.query(std::move(host::Batch()
      .add("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < CAST(?1 AS INTEGER)) "
           "INSERT INTO audit_log (at, request_id, action, outcome, actor, license_id, machine_hash, country) "
           "SELECT CAST(?2 AS INTEGER) + i, 'req_' || i, 'provision.granted', 'granted', 'client', ?3, 'machine-' || i, 'DE' "
           "FROM n")
      .bind(kRows).bind(test::kTestStart).bind(kLicense)));
  world.host.run(world.watch_task());
  EXPECT_EQ(world.walked(), kPerRun);
  world.host.run(world.watch_task());
  EXPECT_EQ(world.walked(), world.newest_audit());
  EXPECT_EQ(world.show().seen.machines, static_cast<int64_t>(limits::kSharingMachinesMax));
  EXPECT_TRUE(world.errors.empty());
}

TEST(Watch, is_not_stopped_by_what_somebody_wrote_by_hand) {
  SharingWorld world;
  world.ask({.details = "not json"});
  world.ask({.country = "XX", .details = std::nullopt});
  world.ask({.details = R"({"asn":"text","lat":[],"lon":null})"});
  world.host.run(world.watch_task());
  EXPECT_EQ(world.show().seen.machines, 1);
  EXPECT_EQ(world.show().seen.countries, 1);
  world.host.query("UPDATE sharing SET trail = 'broken', reasons = 'broken', seen = 'broken', due_at = 0");
  EXPECT_EQ(world.admin("GET", "/admin/licenses/" + kLicense + "/sharing").status, 200u);
  world.ask({});
  world.host.run(world.watch_task());
  EXPECT_EQ(world.show().seen.machines, 1);
  // A licence that is no more.
  world.host.query("DELETE FROM licenses");
  world.host.query("UPDATE sharing SET due_at = 0");
  world.host.run(world.watch_task());
  EXPECT_EQ(world.num_rows(), 0);
  EXPECT_TRUE(world.errors.empty());
}

TEST(Watch, looks_at_a_bounded_number_that_are_due) {
  SharingWorld world;
  world.host.query(std::move(host::Batch()
      .add("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < CAST(?1 AS INTEGER)) "
           "INSERT INTO sharing (license_id, trail, score, level, level_at, reasons, seen, scored_at, due_at) "
           "SELECT 'lic_gone_' || i, '{}', 0, 'none', 0, '[]', '{}', 0, 0 FROM n")
      .bind(limits::kSharingDuePerRun + 10)));
  world.host.run(world.watch_task());
  EXPECT_EQ(world.num_rows(), 10);
  world.host.run(world.watch_task());
  EXPECT_EQ(world.num_rows(), 0);
}

TEST(Clear, forgets_lifts_the_throttle_and_reinstates_nothing) {
  SharingWorld world;
  world.set_limits(kEveryStep);
  world.share(12);
  for (int day = 0; day < 3; ++day, world.host.clock.advance(kDayMs)) world.cron();
  ASSERT_EQ(world.show().status, "suspended");
  const auto dry = world.admin("POST", "/admin/licenses/" + kLicense + "/sharing/clear?dry_run=1");
  EXPECT_EQ(dry.status, 200u);
  EXPECT_EQ(world.num_rows(), 1);
  EXPECT_EQ(world.num_audits("sharing.cleared"), 0);
  const auto cleared = world.admin("POST", "/admin/licenses/" + kLicense + "/sharing/clear");
  ASSERT_EQ(cleared.status, 200u) << cleared.body;
  EXPECT_EQ(test::text_of(cleared, "level"), "none");
  EXPECT_EQ(world.num_rows(), 0);
  EXPECT_EQ(world.show().requests_per_hour, std::nullopt);
  EXPECT_EQ(world.show().status, "suspended");
  EXPECT_EQ(world.num_audits("sharing.cleared"), 1);
  const auto answer = world.host.query("SELECT actor, details FROM audit_log WHERE action = 'sharing.cleared'");
  EXPECT_EQ(answer.row(0, 0).text("actor"), "admin:bootstrap");
  EXPECT_EQ(answer.row(0, 0).text("details"), R"({"before":"suspend","ignore_days":0,"score":93})");
  // Done twice it changes nothing.
  EXPECT_EQ(world.admin("POST", "/admin/licenses/" + kLicense + "/sharing/clear").status, 200u);
  EXPECT_EQ(world.num_audits("sharing.cleared"), 1);
  world.cron();
  EXPECT_EQ(world.num_rows(), 0);
}

TEST(Clear, looks_away_for_the_days_asked_for_and_no_longer) {
  SharingWorld world;
  world.share(12);
  world.cron();
  const auto cleared = world.admin("POST", "/admin/licenses/" + kLicense + "/sharing/clear", R"({"ignore_days":20})");
  ASSERT_EQ(cleared.status, 200u) << cleared.body;
  EXPECT_EQ(test::text_of(cleared, "ignored_until"), format_time(world.host.clock.now() + 20 * kDayMs));
  world.share(12, 15);
  world.cron();
  EXPECT_EQ(world.show().score, 0);
  EXPECT_EQ(world.show().standing.level, Level::kNone);
  world.host.clock.advance(6 * kDayMs);
  world.cron();
  EXPECT_EQ(world.num_rows(), 0);
  world.share(12);
  world.cron();
  EXPECT_EQ(world.show().standing.level, Level::kWarn);
}

TEST(Clear, of_no_licence_is_not_found_and_bad_days_are_named) {
  SharingWorld world;
  EXPECT_EQ(world.admin("POST", "/admin/licenses/lic_none/sharing/clear").status, 404u);
  EXPECT_EQ(world.admin("GET", "/admin/licenses/lic_none/sharing").status, 404u);
  for (const char* body : {R"({"ignore_days":366})", R"({"ignore_days":-1})", R"({"ignore_days":"a"})", R"({"days":1})"}) {
    const auto refused = world.admin("POST", "/admin/licenses/" + kLicense + "/sharing/clear", body);
    EXPECT_EQ(refused.status, 400u) << body;
    EXPECT_NE(refused.body.find("days"), std::string::npos);
  }
}

TEST(Clear, with_if_match_changes_nothing_where_the_licence_is_another_by_then) {
  SharingWorld world;
  world.share(12);
  world.cron();
  const auto clear = [&](const std::string& tag) {
    return world.send({.path = "/admin/licenses/" + kLicense + "/sharing/clear",
                       .body = "{}",
                       .headers = {{"content-type", "application/json"},
                                   {"authorization", "Bearer " + std::string(test::kAdminToken)},
                                   {"if-match", tag}}});
  };
  const std::string version = std::to_string(world.scalar("SELECT version AS value FROM licenses"));
  EXPECT_EQ(clear("\"999\"").status, 412u);
  EXPECT_EQ(clear("broken").status, 400u);
  EXPECT_EQ(world.num_rows(), 1);
  EXPECT_EQ(world.num_audits("sharing.cleared"), 0);
  EXPECT_EQ(clear('"' + version + '"').status, 200u);
  EXPECT_EQ(world.num_rows(), 0);
}

TEST(List, goes_from_the_highest_score_down_page_by_page) {
  SharingWorld world;
  for (int i = 2; i <= 6; ++i) {
    const std::string id = "lic_0000000000000000000000000" + std::to_string(i);
    world.add_license({.id = id, .code = "WRITER-2024-AB" + std::to_string(i)});
    for (int day = 0; day < 10; ++day) {
      for (int machine = 0; machine < 2 + 2 * i; ++machine) {
        world.ask({.at = test::kTestStart + day * kDayMs, .machine = "machine-" + std::to_string(machine),
                   .details = details_of(machine, 52, 13), .license = id});
      }
    }
  }
  world.host.clock.advance(10 * kDayMs);
  world.cron();
  std::vector<std::string> ids;
  std::string cursor;
  int64_t last = 101;
  for (int page = 0; page < 5; ++page) {
    const auto answer = world.admin("GET", "/admin/sharing?limit=2" + (cursor.empty() ? "" : "&cursor=" + cursor));
    ASSERT_EQ(answer.status, 200u) << answer.body;
    const json::Document document = test::json_of(answer);
    document.root().member("data")->each_item([&](json::Value row) {
      ids.emplace_back(*row.member("license_id")->string());
      EXPECT_LE(*row.member("score")->integer(), last);
      last = *row.member("score")->integer();
    });
    cursor = document.root().member("next_cursor")->string().value_or("");
    if (cursor.empty()) break;
  }
  EXPECT_EQ(ids.size(), 5u);
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 5u);
  const auto warned = world.admin("GET", "/admin/sharing?level=warn");
  EXPECT_EQ(static_cast<int64_t>(test::json_of(warned).root().member("data")->num_items()),
            world.scalar("SELECT count(*) AS value FROM sharing WHERE level = 'warn'"));
  for (const char* query : {"?level=none", "?level=x", "?limit=0", "?cursor=x", "?levels=warn"}) {
    EXPECT_EQ(world.admin("GET", "/admin/sharing" + std::string(query)).status, 400u) << query;
  }
}

struct SharedWorld : SharingWorld {
  SharedWorld() {
    set_limits(R"({"sharing_warn":0,"sharing_suspend":70})");
    share(12, 4);
  }
  // expect_one_step: it was suspended once, whatever happened on the way.
  void expect_one_step() {
    const Watched shown = show();
    EXPECT_EQ(shown.standing.level, Level::kSuspend);
    EXPECT_EQ(shown.status, "suspended");
    EXPECT_EQ(shown.seen.machines, 12);
    EXPECT_EQ(shown.seen.days, 4);
    EXPECT_EQ(num_audits("license.suspended"), 1);
    EXPECT_EQ(epoch(), 2);
    EXPECT_EQ(scalar("SELECT count(*) AS value FROM sharing WHERE level <> 'suspend'"), 0);
  }
};

TEST(Faults, of_cron_leave_all_of_a_slice_or_nothing_and_the_next_run_goes_on) {
  const uint32_t num_ops = test::fail_every_await<SharedWorld>(
      [](SharedWorld& world) { return world.watch_task(); },
      [](SharedWorld& world, test::FaultPoint) {
        const bool is_suspended = world.show().status == "suspended";
        EXPECT_EQ(world.num_audits("license.suspended"), is_suspended ? 1 : 0);
        EXPECT_EQ(world.num_rows(), is_suspended ? 1 : 0);
        EXPECT_EQ(world.walked() > 0, is_suspended);
        world.host.run(world.watch_task());
        world.expect_one_step();
      });
  EXPECT_EQ(num_ops, 3u);
}

TEST(Faults, of_a_clear_leave_all_or_nothing) {
  struct World : SharedWorld {
    World() { cron(); }
  };
  test::fail_every_await<World>([](World& world) { return world.clear_task(); },
                                [](World& world, test::FaultPoint) {
                                  EXPECT_EQ(world.num_audits("sharing.cleared"), world.num_rows() == 0 ? 1 : 0);
                                  world.host.run(world.clear_task());
                                  EXPECT_EQ(world.num_rows(), 0);
                                  EXPECT_EQ(world.num_audits("sharing.cleared"), 1);
                                });
}

TEST(Race, of_two_crons_folds_each_row_once_and_takes_one_step) {
  const uint32_t num_orders = test::interleave_two<SharedWorld>(
      [](SharedWorld& world) { return world.watch_task(); }, [](SharedWorld& world) { return world.watch_task(); },
      [](SharedWorld& world) {
        EXPECT_TRUE(world.errors.empty());
        world.expect_one_step();
        world.host.run(world.watch_task());
        EXPECT_EQ(world.walked(), world.newest_audit());
        world.expect_one_step();
      },
      test::Orders::kEffects);
  EXPECT_GT(num_orders, 20u);
}

TEST(Race, of_cron_and_a_clear_is_one_after_the_other) {
  struct World : SharingWorld {
    World() {
      share(12);
      host.run(watch_task());
      ask({.at = host.clock.now(), .machine = "one more"});
    }
  };
  test::interleave_two<World>([](World& world) { return world.watch_task(); },
                              [](World& world) { return world.clear_task(); },
                              [](World& world) {
                                for (const ErrorCode code : world.errors) EXPECT_EQ(code, ErrorCode::kConflict);
                                const bool is_cleared = world.num_audits("sharing.cleared") == 1;
                                EXPECT_EQ(is_cleared, world.errors.empty());
                                world.host.run(world.watch_task());
                                EXPECT_LE(world.show().seen.machines, is_cleared ? 1 : 13);
                                if (!is_cleared) EXPECT_EQ(world.show().seen.machines, 13);
                              },
                              test::Orders::kEffects);
}

TEST(Race, of_a_clear_with_a_version_and_an_admin_who_changes_the_licence_clears_before_or_not_at_all) {
  struct World : SharingWorld {
    bool is_cleared = false;
    World() {
      share(12);
      host.run(watch_task());
    }
  };
  const auto clear = [](World& world) -> Task<> {
    const provision::Client caller = world.client();
    const store::AuditRow by{.request_id = caller.request_id, .outcome = "done", .actor = "admin:test"};
    host::Host own(world.host.platform(), world.host.new_request(), 5000);
    SharingService service(own, by);
    const std::optional<std::vector<int64_t>> expected(std::vector<int64_t>{world.scalar("SELECT 1 AS value")});
    const auto cleared = co_await service.clear(kLicense, 0, expected, Run::kReal);
    world.is_cleared = cleared.has_value();
  };
  uint32_t num_cleared = 0;
  const uint32_t num_orders = test::interleave_two<World>(
      clear,
      [](World& world) -> Task<> {
        host::Host own(world.host.platform(), world.host.new_request(), 5000);
        host::Batch batch;
        batch.add("UPDATE licenses SET note = 'seen', version = version + 1");
        co_await own.db.run(std::move(batch));
      },
      [&](World& world) {
        num_cleared += world.is_cleared;
        EXPECT_EQ(world.num_rows(), world.is_cleared ? 0 : 1);
        EXPECT_EQ(world.num_audits("sharing.cleared"), world.is_cleared ? 1 : 0);
      },
      test::Orders::kEffects);
  // Those in which the change takes effect last.
  EXPECT_EQ(num_cleared, 4u);
  EXPECT_EQ(num_orders, 10u);
}

TEST(Race, of_a_suspension_and_an_admin_who_changes_the_licence_loses_neither) {
  test::interleave_two<SharedWorld>(
      [](SharedWorld& world) { return world.watch_task(); },
      [](SharedWorld& world) -> Task<> {
        host::Host own(world.host.platform(), world.host.new_request(), 5000);
        host::Batch batch;
        batch.add("UPDATE licenses SET note = 'seen', version = version + 1");
        co_await own.db.run(std::move(batch));
      },
      [](SharedWorld& world) {
        EXPECT_TRUE(world.errors.empty());
        world.host.run(world.watch_task());
        world.expect_one_step();
        EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM licenses WHERE note = 'seen'"), 1);
      },
      test::Orders::kEffects);
}

}  // namespace
}  // namespace latchkey::sharing
