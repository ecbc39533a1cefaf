// Key checks: each provider asked once in its time, and what comes of a refusal.
#include "rotation/key_check.h"

#include "base/limits.h"
#include "rotation_world.h"

namespace latchkey::rotation {
namespace {

struct CheckWorld : RotationWorld {
  explicit CheckWorld(bool is_every_provider = false) {
    std::vector<std::pair<std::string, std::string>> changed = {{"KEY_CHECK_MINUTES", "60"}, {"YANDEX_FOLDER_ID", "folder-1"}};
    for (const auto& provider : config::kProviders) {
      if (!is_every_provider && provider.name != "kimi") continue;
      changed.emplace_back(provider.base_url_name, "http://127.0.0.1:9/" + std::string(provider.name));
      accepted.insert("sk-" + std::string(provider.name) + "-secret");
    }
    app.config = test::test_config(std::move(changed));
    host.fetch.answer = [this](const test::FakeFetch::Request& request) -> std::optional<test::FakeFetch::Answer> {
      if (!is_reachable) return std::nullopt;
      const std::string& credential = request.headers.at("authorization");
      return test::FakeFetch::Answer{accepted.contains(credential.substr(credential.find(' ') + 1)) ? 200u : 401u, "{}"};
    };
  }
  Task<> check_task() {
    host::Host own(host.platform(), host.new_request(), 5000);
    (void)co_await run_key_checks(own, config());
  }
  void check() { host.run(check_task()); }
  size_t num_asked() { return host.fetch.requests.size(); }
  int64_t num_open(std::string_view kind) {
    return scalar("SELECT count(*) AS value FROM alerts WHERE state = 'open' AND kind = '" + std::string(kind) + "'");
  }
};

TEST(KeyChecks, are_due_by_time_or_for_another_key) {
  const KeyCheck last{.provider = "kimi", .key_tag = "key_1", .verdict = {}, .detail = {}, .checked_at = {}, .due_at = 100};
  EXPECT_TRUE(is_check_due(std::nullopt, "key_1", 0));
  EXPECT_FALSE(is_check_due(last, "key_1", 99));
  EXPECT_TRUE(is_check_due(last, "key_1", 100));
  EXPECT_TRUE(is_check_due(last, "key_2", 99));
}

TEST(KeyChecks, ask_once_an_hour_and_show_what_was_said) {
  CheckWorld world;
  for (int minute = 0; minute < 120; ++minute) {
    world.check();
    world.host.clock.advance(kMinuteMs);
  }
  EXPECT_EQ(world.num_asked(), 2u);
  EXPECT_EQ(world.host.fetch.requests.front().url, "http://127.0.0.1:9/kimi/v1/models");
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM alerts"), 0);
  const auto shown = world.admin("GET", "/admin/providers");
  EXPECT_NE(shown.body.find(R"("key_check":{"verdict":"accepted","detail":"HTTP 200","checked_at":"2026-01-15T13:00:00Z"})"),
            std::string::npos)
      << shown.body;
  EXPECT_NE(shown.body.find(R"("key_check":null)"), std::string::npos);
}

TEST(KeyChecks, that_are_refused_raise_an_alert_until_a_key_is_taken) {
  CheckWorld world;
  world.accepted.erase(kOldKey);
  world.check();
  EXPECT_EQ(world.num_open("provider_key_refused"), 1);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM alerts WHERE severity = 'critical' AND subject = 'kimi'"), 1);
  world.host.clock.advance(kHourMs);
  world.check();
  EXPECT_EQ(world.scalar("SELECT count AS value FROM alerts"), 2);

  // Another key is checked at once.
  EXPECT_EQ(test::text_of(world.start(kNewKey, R"(,"emergency":true)"), "state"), "retired");
  const size_t before = world.num_asked();
  world.host.clock.advance(kMinuteMs);
  world.check();
  EXPECT_EQ(world.num_asked(), before + 1);
  EXPECT_EQ(world.num_open("provider_key_refused"), 0);
  world.check();
  EXPECT_EQ(world.num_asked(), before + 1);
}

TEST(KeyChecks, that_are_not_answered_raise_a_warning_the_third_time) {
  CheckWorld world;
  world.is_reachable = false;
  for (int64_t i = 1; i <= limits::kAlertAfterKeyUnreachable; ++i) {
    EXPECT_EQ(world.num_open("provider_key_unreachable"), 0);
    world.check();
    world.host.clock.advance(kHourMs);
  }
  EXPECT_EQ(world.num_open("provider_key_unreachable"), 1);
  EXPECT_EQ(world.num_open("provider_key_refused"), 0);
  world.is_reachable = true;
  world.check();
  EXPECT_EQ(world.num_open("provider_key_unreachable"), 0);
}

TEST(KeyChecks, are_spread_over_runs) {
  CheckWorld world(true);
  world.check();
  EXPECT_EQ(world.num_asked(), limits::kKeyChecksPerRun);
  for (int i = 0; i < 5; ++i) world.check();
  EXPECT_EQ(world.num_asked(), config::kNumProviders);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM key_checks WHERE verdict = 'accepted'"),
            static_cast<int64_t>(config::kNumProviders));
}

TEST(KeyChecks, ask_nobody_in_development_but_at_another_address_and_nobody_where_they_are_off) {
  CheckWorld world;
  world.app.config = test::test_config({{"KEY_CHECK_MINUTES", "60"}});
  world.check();
  world.app.config = test::test_config({{"KEY_CHECK_MINUTES", "0"}, {"PROVIDER_BASE_URL_KIMI", "http://127.0.0.1:9/kimi"}});
  world.check();
  EXPECT_EQ(world.num_asked(), 0u);
  world.app.config = test::test_config({{"KEY_CHECK_MINUTES", "60"}, {"ENVIRONMENT", "production"}});
  world.check();
  EXPECT_EQ(world.num_asked(), limits::kKeyChecksPerRun);
  EXPECT_TRUE(world.host.fetch.requests.front().url.starts_with("https://api."));
}

TEST(KeyChecks, at_once_ask_once) {
  const auto check = [](CheckWorld& world) -> Task<> { co_await world.check_task(); };
  test::interleave_two<CheckWorld>(
      check, check, [](CheckWorld& world) { EXPECT_EQ(world.num_asked(), 1u); }, test::Orders::kEffects);
}

TEST(KeyChecks, with_any_await_failing_come_to_the_same_alert) {
  struct Refused : CheckWorld {
    Refused() { accepted.erase(kOldKey); }
  };
  const auto run = [](Refused& world) -> Task<> { co_await world.check_task(); };
  const auto check = [](Refused& world, test::FaultPoint) {
    for (int i = 0; i < 3; ++i) {
      world.host.clock.advance(kHourMs);
      world.check();
    }
    EXPECT_EQ(world.num_open("provider_key_refused"), 1);
    EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM alerts WHERE state <> 'pending'"), 1);
  };
  EXPECT_EQ(test::fail_every_await<Refused>(run, check), 4u);
  EXPECT_EQ(test::cancel_every_await<Refused>(run, check), 4u);
}

TEST(Rotations, that_fail_are_an_alert_until_one_is_published) {
  RotationWorld world;
  world.accepted.erase(kNewKey);
  EXPECT_EQ(test::text_of(world.start(), "state"), "failed");
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM alerts WHERE kind = 'rotation_failed' AND state = 'open'"), 1);
  world.accepted.insert("sk-kimi-better-1");
  const std::string id = world.started("sk-kimi-better-1");
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM alerts WHERE state = 'open'"), 1) << "verified is not published";
  EXPECT_EQ(world.act(id, "publish").status, 200u);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM alerts WHERE state = 'open'"), 0);
}

}  // namespace
}  // namespace latchkey::rotation
