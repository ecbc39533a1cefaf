// Raising and clearing: one alert for one cause, and who is told when.
#include "alert/raise.h"

#include "alert_world.h"
#include "base/limits.h"

namespace latchkey::alert {
namespace {

TEST(Raise, opens_one_alert_and_tells_every_webhook_that_wants_it) {
  AlertWorld world;
  const auto [all, all_secret] = world.webhook();
  const auto [kind, kind_secret] = world.webhook(R"(,"events":["provider_key_refused"])");
  const auto [other, other_secret] = world.webhook(R"(,"events":["license_shared"])");
  const auto [critical, critical_secret] = world.webhook(R"(,"min_severity":"critical")");
  world.raise(refused());
  EXPECT_EQ(world.num_unresolved(), 1);
  EXPECT_EQ(world.state(), "open");
  EXPECT_EQ(world.num_messages(), 3);
  for (const std::string& id : {all, kind, critical}) {
    EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM webhook_deliveries WHERE webhook_id = '" + id + "'"), 1) << id;
  }
  world.raise({.kind = Kind::kRotationFailed, .subject = "qwen"});
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM webhook_deliveries WHERE webhook_id = '" + critical + "'"), 1)
      << "a warning is not critical";
}

TEST(Raise, again_counts_up_and_tells_nobody) {
  AlertWorld world;
  world.webhook();
  for (int i = 0; i < 5; ++i) {
    world.raise(refused());
    world.host.clock.advance(kHourMs);
  }
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM alerts"), 1);
  EXPECT_EQ(world.scalar("SELECT count AS value FROM alerts"), 5);
  EXPECT_EQ(world.scalar("SELECT last_at - first_at AS value FROM alerts"), 4 * kHourMs);
  EXPECT_EQ(world.num_messages(), 1);
  world.raise(refused("kimi"));
  EXPECT_EQ(world.num_unresolved(), 2);
  EXPECT_EQ(world.num_messages(), 2);
}

TEST(Raise, tells_again_where_it_gets_worse_also_once_it_was_acknowledged) {
  AlertWorld world;
  world.webhook();
  const auto budget = [&](int64_t level, Severity severity) {
    world.raise({.kind = Kind::kBudgetThreshold, .subject = "lic_1", .severity = severity, .level = level});
    return world.num_messages();
  };
  EXPECT_EQ(budget(50, Severity::kInfo), 1);
  EXPECT_EQ(budget(50, Severity::kInfo), 1);
  EXPECT_EQ(budget(80, Severity::kInfo), 2) << "a higher level";
  EXPECT_EQ(budget(80, Severity::kWarning), 3) << "a higher severity";
  EXPECT_EQ(budget(50, Severity::kInfo), 3) << "nothing is told where it gets better";
  EXPECT_EQ(world.scalar("SELECT level AS value FROM alerts"), 80);
  EXPECT_EQ(world.text("SELECT severity AS value FROM alerts"), "warning");
  EXPECT_EQ(world.act("acknowledge").status, 200u);
  EXPECT_EQ(budget(80, Severity::kWarning), 3);
  EXPECT_EQ(world.state(), "acknowledged");
  EXPECT_EQ(budget(100, Severity::kCritical), 4);
  EXPECT_EQ(world.state(), "open");
}

TEST(Raise, that_needs_several_sights_is_no_alert_before_and_is_forgotten_by_a_clear) {
  AlertWorld world;
  world.webhook();
  const Raise failing{.kind = Kind::kCronFailed, .subject = "payments", .needed = 3};
  world.raise(failing);
  world.raise(failing);
  EXPECT_EQ(world.state(), "pending");
  EXPECT_EQ(test::text_of(world.admin("GET", "/admin/alerts/" + world.alert_id()), "error"), "not_found");
  EXPECT_EQ(world.admin("GET", "/admin/alerts").body, R"({"data":[],"next_cursor":null})");
  EXPECT_EQ(world.num_messages(), 0);
  world.clear(Kind::kCronFailed, "payments");
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM alerts"), 0);
  world.raise(failing);
  world.raise(failing);
  EXPECT_EQ(world.num_messages(), 0);
  world.raise(failing);
  EXPECT_EQ(world.state(), "open");
  EXPECT_EQ(world.num_messages(), 1);
  world.raise(failing);
  EXPECT_EQ(world.num_messages(), 1);
}

TEST(Snooze, keeps_quiet_until_it_ends_and_then_it_is_told_again) {
  AlertWorld world;
  world.webhook();
  world.raise(refused());
  EXPECT_EQ(world.act("snooze", R"({"minutes":60})").status, 200u);
  Raise worse = refused();
  worse.level = 9;
  world.raise(worse);
  EXPECT_EQ(world.num_messages(), 1) << "quiet, even where it gets worse";
  world.deliver();
  world.host.clock.advance(59 * kMinuteMs);
  world.deliver();
  EXPECT_EQ(world.posts().size(), 1u);
  world.host.clock.advance(kMinuteMs);
  world.deliver();
  EXPECT_EQ(world.posts().size(), 2u) << "cron wakes it";
  EXPECT_NE(world.posts().back().body.find(R"("level":9)"), std::string::npos);
  world.host.clock.advance(kHourMs);
  world.deliver();
  EXPECT_EQ(world.posts().size(), 2u);
}

TEST(Snooze, of_an_acknowledged_alert_ends_in_silence) {
  AlertWorld world;
  world.webhook();
  world.raise(refused());
  world.deliver();
  EXPECT_EQ(world.act("acknowledge").status, 200u);
  EXPECT_EQ(world.act("snooze", R"({"minutes":1})").status, 200u);
  world.host.clock.advance(kHourMs);
  world.deliver();
  EXPECT_EQ(world.posts().size(), 1u);
  EXPECT_EQ(world.state(), "acknowledged");
}

TEST(Clear, resolves_and_tells_and_the_next_time_is_another_alert) {
  AlertWorld world;
  world.webhook();
  world.clear(Kind::kProviderKeyRefused, "qwen");
  EXPECT_EQ(world.num_messages(), 0) << "there is nothing to clear";
  world.raise(refused());
  world.raise(refused("kimi"));
  world.clear(Kind::kProviderKeyRefused, "qwen");
  EXPECT_EQ(world.num_unresolved(), 1);
  EXPECT_EQ(world.text("SELECT type AS value FROM webhook_deliveries ORDER BY rowid DESC LIMIT 1"), "alert.resolved");
  EXPECT_EQ(world.num_messages(), 3);
  world.clear(Kind::kProviderKeyRefused, "qwen");
  EXPECT_EQ(world.num_messages(), 3);
  world.host.clock.advance(1);
  world.raise(refused());
  EXPECT_EQ(world.num_unresolved(), 2);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM alerts"), 3);
  EXPECT_EQ(world.num_messages(), 4);
}

TEST(Clear, of_a_snoozed_alert_tells_nobody) {
  AlertWorld world;
  world.webhook();
  world.raise(refused());
  EXPECT_EQ(world.act("snooze", R"({"minutes":60})").status, 200u);
  world.clear(Kind::kProviderKeyRefused, "qwen");
  EXPECT_EQ(world.num_unresolved(), 0);
  EXPECT_EQ(world.num_messages(), 1);
}

TEST(Resolve, by_an_admin_is_told_once_too) {
  AlertWorld world;
  world.webhook();
  world.raise(refused());
  EXPECT_EQ(world.act("acknowledge").status, 200u);
  EXPECT_EQ(world.num_messages(), 1) << "an acknowledgement is between admins";
  EXPECT_EQ(world.act("resolve").status, 200u);
  EXPECT_EQ(world.act("resolve").status, 200u);
  EXPECT_EQ(world.num_messages(), 2);
  world.deliver();
  EXPECT_NE(world.posts().back().body.find(R"({"type":"alert.resolved")"), std::string::npos);
  EXPECT_NE(world.posts().back().body.find(R"("state":"resolved")"), std::string::npos);
}

TEST(Rules, switch_a_kind_off_and_say_how_bad_it_is) {
  AlertWorld world;
  world.webhook();
  const std::string path = "/admin/alert-rules/provider_key_refused";
  EXPECT_EQ(world.admin("PUT", path, R"({"enabled":false})").status, 200u);
  world.raise(refused());
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM alerts"), 0);
  EXPECT_EQ(world.admin("PUT", path, R"({"severity":"info"})").status, 200u);
  world.raise(refused());
  EXPECT_EQ(world.text("SELECT severity AS value FROM alerts"), "info");
  EXPECT_EQ(world.num_messages(), 1);
  EXPECT_EQ(world.num_audits("alert.rule_set"), 2);
  const auto list = world.admin("GET", "/admin/alert-rules");
  EXPECT_NE(list.body.find(R"("kind":"provider_key_refused","enabled":true,"severity":"info","default_severity":"critical")"),
            std::string::npos)
      << list.body;
}

TEST(Conditions, without_their_audit_row_nothing_is_raised_or_cleared) {
  AlertWorld world;
  world.webhook();
  const auto run = [&](std::string_view request_id, int64_t item, bool is_clear) {
    host::Host own(world.host.platform(), world.host.new_request(), 5000);
    host::Batch batch;
    const Raise raises[] = {refused()};
    const Cause causes[] = {{Kind::kProviderKeyRefused, "qwen"}};
    if (is_clear) add_clear(batch, own, causes, IfAudited{request_id, item});
    else add_raise(batch, own, raises, IfAudited{request_id, item});
    world.host.query(std::move(batch));
  };
  world.host.query("INSERT INTO audit_log (at, request_id, item, action, outcome, actor) VALUES (1, 'req_a', 2, 'x', 'done', 'x')");
  run("req_a", 1, false);
  run("req_b", 2, false);
  EXPECT_EQ(world.num_unresolved(), 0);
  run("req_a", 2, false);
  EXPECT_EQ(world.num_unresolved(), 1);
  run("req_b", 2, true);
  EXPECT_EQ(world.num_unresolved(), 1);
  run("req_a", 2, true);
  EXPECT_EQ(world.num_unresolved(), 0);
}

TEST(Raise, with_every_await_failing_is_there_with_its_message_or_not_at_all) {
  struct World : AlertWorld {
    World() { webhook(); }
  };
  const uint32_t num_ops = test::fail_every_await<World>(
      [](World& world) -> Task<> { co_await world.raise_task({refused()}); },
      [](World& world, test::FaultPoint) { EXPECT_EQ(world.num_unresolved(), world.num_messages()); });
  EXPECT_EQ(num_ops, 1u);
}

TEST(Raise, twice_at_once_is_one_alert_and_one_message) {
  struct World : AlertWorld {
    World() { webhook(); }
  };
  const auto raise = [](World& world) -> Task<> { co_await world.raise_task({refused()}); };
  test::interleave_two<World>(raise, raise, [](World& world) {
    EXPECT_EQ(world.num_unresolved(), 1);
    EXPECT_EQ(world.num_messages(), 1);
    EXPECT_EQ(world.scalar("SELECT count AS value FROM alerts"), 2);
  });
}

TEST(Subjects, are_cut_at_a_whole_character) {
  AlertWorld world;
  std::string subject(limits::kAlertSubjectBytesMax - 1, 'x');
  world.raise(refused(subject + "\xc3\xbc" "tail"));
  EXPECT_EQ(world.text("SELECT subject AS value FROM alerts"), subject);
  world.clear(Kind::kProviderKeyRefused, subject + "\xc3\xbc" "tail");
  EXPECT_EQ(world.num_unresolved(), 0);
}

}  // namespace
}  // namespace latchkey::alert
