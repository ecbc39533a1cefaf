// A rotation from its first step to its last, as an admin, cron and clients see it.
#include "rotation/service.h"

#include "rotation/rows.h"
#include "rotation_world.h"

namespace latchkey::rotation {
namespace {

using test::text_of;

TEST(Rotation, stages_verifies_publishes_and_retires_and_clients_only_ever_see_a_whole_ring) {
  RotationWorld world;
  EXPECT_EQ(world.key_given(), kOldKey);
  const std::string id = world.started();
  EXPECT_EQ(world.state_of(id), "verified");
  EXPECT_EQ(world.key_given(), kOldKey);
  EXPECT_EQ(world.ring_version(), 1);

  EXPECT_EQ(text_of(world.act(id, "publish"), "state"), "published");
  EXPECT_EQ(world.ring_version(), 2);
  const auto shown = world.show(id);
  EXPECT_NE(shown.body.find(R"("adoption":{"active":1,"holding":0,"lagging":{"count":1,"oldest_seen_at":"2026)"),
            std::string::npos)
      << shown.body;
  EXPECT_EQ(world.key_given(), kNewKey);
  EXPECT_NE(world.show(id).body.find(R"("holding":1,"lagging":{"count":0,"oldest_seen_at":null})"), std::string::npos);

  world.host.clock.advance(30 * kDayMs - 1);
  world.cron();
  EXPECT_EQ(world.state_of(id), "published");
  world.host.clock.advance(1);
  world.cron();
  const auto retired = world.show(id);
  EXPECT_EQ(text_of(retired, "state"), "retired");
  EXPECT_EQ(text_of(retired, "old_key_verdict"), "accepted");
  EXPECT_EQ(text_of(retired, "worker_secret"), "KIMI_API_KEY");
  EXPECT_NE(world.host.log.text().find("old_key_still_accepted"), std::string::npos);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM audit_log WHERE action = 'rotation.retired' AND "
                         "reason = 'old_key_still_accepted' AND actor = 'cron'"),
            1);
  EXPECT_EQ(world.key_given(), kNewKey);
  world.expect_sound();
  for (const std::string& key : {kOldKey, kNewKey}) {
    EXPECT_EQ(world.host.log.text().find(key), std::string::npos);
    EXPECT_EQ(retired.body.find(key), std::string::npos);
    EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM audit_log WHERE details LIKE '%" + key + "%'"), 0);
  }
}

TEST(Rotation, of_a_stored_key_keeps_it_sealed_through_its_grace_and_deletes_it_then) {
  RotationWorld world;
  EXPECT_EQ(world.admin("PUT", "/admin/providers/kimi", R"({"api_key":"sk-kimi-stored"})").status, 200u);
  const std::string id = world.started();
  world.act(id, "publish");
  EXPECT_EQ(world.scalar("SELECT count(sealed) AS value FROM provider_keys WHERE state = 'grace' AND version = 2"), 1);
  EXPECT_EQ(text_of(world.act(id, "retire"), "state"), "retired");
  EXPECT_EQ(text_of(world.show(id), "old_key_verdict"), "refused");
  EXPECT_EQ(text_of(world.show(id), "worker_secret"), "");
  EXPECT_EQ(world.scalar("SELECT count(sealed) AS value FROM provider_keys"), 1);
  EXPECT_EQ(world.key_given(), kNewKey);
  world.expect_sound();
}

TEST(Rotation, to_a_key_that_the_provider_refuses_fails_and_touches_nothing) {
  RotationWorld world;
  world.accepted = {kOldKey};
  const auto response = world.start();
  EXPECT_EQ(text_of(response, "state"), "failed");
  EXPECT_EQ(text_of(response, "failure"), "key_refused");
  EXPECT_EQ(world.scalar("SELECT count(sealed) AS value FROM provider_keys"), 0);
  EXPECT_EQ(world.act(text_of(response, "id"), "publish").status, 409u);
  EXPECT_EQ(world.key_given(), kOldKey);
  world.accepted.insert("sk-kimi-better");
  EXPECT_EQ(world.state_of(world.started("sk-kimi-better")), "verified");
  world.expect_sound();
}

TEST(Rotation, that_could_not_ask_stays_staged_and_is_verified_when_asked_again) {
  RotationWorld world;
  world.is_reachable = false;
  const auto response = world.start();
  EXPECT_EQ(response.status, 201u);
  EXPECT_EQ(text_of(response, "state"), "staged");
  EXPECT_EQ(text_of(response, "verdict"), "could_not_ask");
  const std::string id = text_of(response, "id");
  EXPECT_EQ(world.act(id, "publish").status, 409u);
  EXPECT_EQ(text_of(world.act(id, "verify"), "state"), "staged");
  world.is_reachable = true;
  EXPECT_EQ(text_of(world.start(), "id"), id);  // Asked again it goes on.
  EXPECT_EQ(world.state_of(id), "verified");
  world.expect_sound();
}

TEST(Rotation, unverified_is_published_at_once) {
  RotationWorld world;
  world.is_reachable = false;
  EXPECT_EQ(world.state_of(world.started(kNewKey, R"(,"verify":false,"grace_days":7)")), "published");
  EXPECT_TRUE(world.host.fetch.requests.empty());
  EXPECT_EQ(world.key_given(), kNewKey);
  EXPECT_EQ(world.scalar("SELECT grace_ends_at - published_at AS value FROM rotations"), 7 * kDayMs);
}

TEST(Rotation, in_an_emergency_has_no_grace) {
  RotationWorld world;
  EXPECT_EQ(world.admin("PUT", "/admin/providers/kimi", R"({"api_key":"sk-kimi-leaked"})").status, 200u);
  const std::string id = world.started(kNewKey, R"(,"emergency":true)");
  EXPECT_EQ(world.state_of(id), "retired");
  EXPECT_EQ(world.scalar("SELECT count(sealed) AS value FROM provider_keys"), 1);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM provider_keys WHERE state = 'retired' AND version = 2"), 1);
  EXPECT_EQ(world.key_given(), kNewKey);
  EXPECT_EQ(world.start("sk-kimi-next", R"(,"emergency":true,"publish_at":"2027-01-01")").status, 400u);
}

TEST(Rotation, of_one_provider_is_open_once_and_names_the_one_that_is) {
  RotationWorld world;
  const std::string id = world.started();
  const auto second = world.start("sk-kimi-another");
  EXPECT_EQ(second.status, 409u);
  EXPECT_NE(second.body.find(id), std::string::npos);
  const auto put = world.admin("PUT", "/admin/providers/kimi", R"({"api_key":"sk-kimi-another"})");
  EXPECT_EQ(put.status, 409u);
  EXPECT_NE(put.body.find(id), std::string::npos);
  EXPECT_EQ(world.admin("PUT", "/admin/providers/qwen", R"({"api_key":"sk-qwen-another"})").status, 200u);
  EXPECT_EQ(world.started(), id);

  EXPECT_EQ(text_of(world.act(id, "cancel"), "state"), "cancelled");
  EXPECT_EQ(text_of(world.act(id, "cancel"), "state"), "cancelled");
  EXPECT_EQ(world.scalar("SELECT count(sealed) AS value FROM provider_keys WHERE provider = 'kimi'"), 0);
  EXPECT_NE(world.started("sk-kimi-another", R"(,"verify":false)"), id);
  EXPECT_EQ(world.admin("PUT", "/admin/providers/kimi", R"({"api_key":"sk-kimi-put"})").status, 200u);
}

TEST(Rotation, asked_again_with_its_idempotency_key_is_the_same_and_with_another_body_is_refused) {
  RotationWorld world;
  const auto send = [&](std::string_view key) {
    test::Call call{.path = "/admin/rotations",
                    .body = R"({"provider":"kimi","verify":false,"api_key":")" + std::string(key) + R"("})"};
    call.headers.emplace_back("authorization", "Bearer " + std::string(test::kAdminToken));
    call.headers.emplace_back("idempotency-key", "attempt-1");
    return world.send(call);
  };
  const std::string id = text_of(send(kNewKey), "id");
  world.act(id, "retire");
  EXPECT_EQ(text_of(send(kNewKey), "id"), id);
  EXPECT_EQ(send("sk-kimi-another").status, 422u);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM rotations"), 1);
}

TEST(Rotation, in_a_dry_run_asks_the_provider_and_stores_nothing) {
  RotationWorld world;
  const auto dry = world.start(kNewKey, "", "?dry_run=1");
  EXPECT_EQ(dry.status, 200u);
  EXPECT_NE(dry.body.find(R"({"id":null,)"), std::string::npos) << dry.body;
  EXPECT_NE(dry.body.find(R"("dry_run":true)"), std::string::npos) << dry.body;
  EXPECT_EQ(text_of(dry, "state"), "verified");
  EXPECT_EQ(text_of(world.start("sk-kimi-wrong", "", "?dry_run=1"), "state"), "failed");
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM rotations"), 0);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM provider_keys"), 0);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM audit_log"), 0);
  EXPECT_EQ(world.start(kNewKey, "", "?dry_run=yes").status, 400u);
}

TEST(Rotation, refuses_what_makes_no_sense) {
  RotationWorld world;
  for (const char* body :
       {"{}", R"({"provider":"kimi"})", R"({"provider":"gpt","api_key":"sk-long-enough"})",
        R"({"provider":"kimi","api_key":"short"})", R"({"provider":"kimi","api_key":"two words here"})",
        R"({"provider":"kimi","api_key":"sk-long-enough","grace_days":366})",
        R"({"provider":"kimi","api_key":"sk-long-enough","ends_by":"luck"})",
        R"({"provider":"kimi","api_key":"sk-long-enough","publish_at":"soon"})",
        R"({"provider":"kimi","api_key":"sk-long-enough","more":1})"}) {
    EXPECT_EQ(world.admin("POST", "/admin/rotations", body).status, 400u) << body;
  }
  EXPECT_EQ(world.show("rot_none").status, 404u);
  EXPECT_EQ(world.act("rot_none", "publish").status, 404u);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM rotations"), 0);
}

TEST(Notice, of_a_replaced_key_is_given_once_to_each_machine_that_held_the_old_one) {
  RotationWorld world;
  const auto notices = [&](std::string_view machine) {
    const auto outcome = world.provision(world.request(machine));
    std::string all;
    for (const provision::Notice& notice : outcome->grant->notices) all += std::string(notice.code) + notice.provider;
    return all;
  };
  EXPECT_EQ(notices("machine-1"), "");
  world.started(kNewKey, R"(,"verify":false)");
  EXPECT_EQ(notices("machine-1"), "keys_rotatedkimi");
  EXPECT_EQ(notices("machine-1"), "");
  EXPECT_EQ(notices("machine-2"), "");
  EXPECT_EQ(world.admin("PUT", "/admin/providers/qwen", R"({"api_key":"sk-qwen-put"})").status, 200u);
  EXPECT_EQ(notices("machine-2"), "keys_rotatedqwen");
}

TEST(Notice, of_a_replaced_worker_secret_is_given_too) {
  RotationWorld world;
  world.key_given();
  world.app.config = test::test_config({{"QWEN_API_KEY", "sk-qwen-other"}});
  world.restart();
  const auto outcome = world.provision(world.request());
  ASSERT_EQ(outcome->grant->notices.size(), 1u);
  EXPECT_EQ(outcome->grant->notices[0].code, "keys_rotated");
  EXPECT_EQ(outcome->grant->notices[0].provider, "qwen");
}

TEST(Cron, publishes_a_key_when_its_time_comes_and_verifies_it_first) {
  RotationWorld world;
  world.is_reachable = false;
  const std::string id = world.started(kNewKey, R"(,"publish_at":"2026-01-16T12:00:00Z")");
  world.cron();
  EXPECT_EQ(world.key_given(), kOldKey);
  world.host.clock.advance(kDayMs);
  world.cron();
  EXPECT_EQ(world.state_of(id), "staged");
  world.is_reachable = true;
  world.host.clock.advance(limits::kVerifyRetryMs);
  world.cron();
  EXPECT_EQ(world.state_of(id), "verified");
  EXPECT_EQ(world.key_given(), kOldKey);
  world.cron();
  EXPECT_EQ(world.state_of(id), "published");
  EXPECT_EQ(world.key_given(), kNewKey);
  world.expect_sound();
}

TEST(Cron, ends_a_grace_by_adoption_once_every_machine_of_late_holds_the_new_ring) {
  RotationWorld world;
  world.key_given("machine-1");
  world.key_given("machine-2");
  const std::string id = world.started(kNewKey, R"(,"verify":false,"ends_by":"adoption")");
  world.key_given("machine-1");
  const auto after_hours = [&](int hours) {
    world.host.clock.advance(hours * kHourMs);
    world.cron();
    world.cron();
    return world.state_of(id);
  };
  EXPECT_EQ(after_hours(2), "published");
  EXPECT_EQ(after_hours(20 * 24), "published");
  world.key_given("machine-2");
  EXPECT_EQ(after_hours(2), "retired");
}

TEST(Cron, does_not_wait_for_a_machine_that_stays_away_for_a_month) {
  RotationWorld world;
  world.key_given("machine-1");
  const std::string id = world.started(kNewKey, R"(,"verify":false,"ends_by":"adoption")");
  world.host.clock.advance(31 * kDayMs);
  world.cron();
  world.cron();
  EXPECT_EQ(world.state_of(id), "retired");
}

TEST(Cron, asks_about_the_old_key_for_a_day_and_then_retires_it_unasked) {
  RotationWorld world;
  const std::string id = world.started(kNewKey, R"(,"verify":false,"grace_days":0)");
  world.is_reachable = false;
  for (int hour = 0; hour < 24; ++hour) {
    world.cron();
    EXPECT_EQ(world.state_of(id), "published") << hour;
    world.host.clock.advance(limits::kOldKeyRetryMs);
  }
  world.cron();
  EXPECT_EQ(world.state_of(id), "retired");
  EXPECT_EQ(world.host.fetch.requests.size(), 25u);
}

struct VerifiedWorld : RotationWorld {
  std::string id;
  VerifiedWorld() { id = started(); }
};

TEST(Cron, publishes_a_staged_key_when_the_old_one_is_too_old_and_asks_for_one_where_none_is) {
  RotationWorld world;
  const std::string first = world.started(kNewKey, R"(,"verify":false)");
  EXPECT_EQ(world.state_of(first), "published");
  world.host.clock.advance(31 * kDayMs);
  world.cron();  // its grace is over
  world.accepted.insert("sk-kimi-third");
  const std::string next = world.started("sk-kimi-third");
  EXPECT_EQ(world.state_of(next), "verified");
  const auto is_due = [&] {
    return world.admin("GET", "/admin/providers").body.find("\"rotation_due\":true") != std::string::npos;
  };
  world.cron();
  EXPECT_EQ(world.state_of(next), "verified") << "it waits for an admin, or for its time";
  EXPECT_FALSE(is_due());
  world.host.clock.advance(149 * kDayMs);
  EXPECT_TRUE(is_due());
  world.cron();
  EXPECT_EQ(world.state_of(next), "published");
  EXPECT_EQ(world.key_given(), "sk-kimi-third");
  EXPECT_FALSE(is_due());
  EXPECT_EQ(world.host.log.text().find("key_rotation_due"), std::string::npos);
  world.host.clock.advance(31 * kDayMs);
  world.cron();
  world.host.clock.advance(149 * kDayMs);
  world.cron();
  EXPECT_NE(world.host.log.text().find(R"("event":"key_rotation_due","provider":"kimi","age_days":180)"),
            std::string::npos)
      << world.host.log.text();
  // Any age will do where the setting says so.
  EXPECT_EQ(test::test_config({{"KEY_MAX_AGE_DAYS", "0"}}).key_max_age_days, 0u);
}

TEST(Faults, of_a_start_leave_it_whole_and_it_goes_on_when_asked_again) {
  const uint32_t num_ops = test::fail_every_await<RotationWorld>(
      [](RotationWorld& world) { return world.start_task(kNewKey, false); },
      [](RotationWorld& world, test::FaultPoint) {
        world.expect_sound();
        for (const ErrorCode code : world.errors) EXPECT_EQ(code, ErrorCode::kUnavailable);
        world.host.run(world.start_task(kNewKey, false));
        EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM rotations WHERE state = 'published'"), 1);
        EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM rotations"), 1);
        EXPECT_EQ(world.key_given(), kNewKey);
        world.expect_sound();
      });
  EXPECT_GE(num_ops, 4u);
}

TEST(Faults, of_verifying_leave_the_old_key_alone) {
  const uint32_t num_ops = test::fail_every_await<RotationWorld>(
      [](RotationWorld& world) { return world.start_task(kNewKey, true); },
      [](RotationWorld& world, test::FaultPoint) {
        world.expect_sound();
        EXPECT_EQ(world.key_given(), kOldKey);
        world.host.run(world.start_task(kNewKey, true));
        EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM rotations WHERE state = 'verified'"), 1);
      });
  EXPECT_GE(num_ops, 4u);
}

TEST(Faults, of_cron_at_the_end_of_a_grace_are_made_good_by_the_next_run) {
  struct World : RotationWorld {
    World() {
      started(kNewKey, R"(,"verify":false)");
      host.clock.advance(31 * kDayMs);
    }
  };
  test::fail_every_await<World>([](World& world) { return world.cron_task(); },
                                [](World& world, test::FaultPoint) {
                                  world.expect_sound();
                                  for (int i = 0; i < 2; ++i, world.host.clock.advance(kHourMs)) world.cron();
                                  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM rotations WHERE state = 'retired'"), 1);
                                  EXPECT_EQ(world.num_audits("rotation.retired"), 1);
                                  world.expect_sound();
                                });
}

TEST(Race, of_a_publishing_and_a_provision_gives_the_old_key_or_the_new_one_with_its_version) {
  test::interleave_two<VerifiedWorld>([](VerifiedWorld& world) { return world.act_task(world.id, Act::kPublish); },
                                      [](VerifiedWorld& world) { return world.provision_kimi(); },
                                      [](VerifiedWorld& world) {
                                        EXPECT_TRUE(world.errors.empty());
                                        ASSERT_EQ(world.given.size(), 1u);
                                        EXPECT_EQ(world.key_given(), kNewKey);
                                        world.expect_sound();
                                      },
                                      test::Orders::kEffects);
}

TEST(Race, of_a_start_and_a_provision_never_gives_a_staged_key) {
  test::interleave_two<RotationWorld>([](RotationWorld& world) { return world.start_task(kNewKey, true); },
                                      [](RotationWorld& world) { return world.provision_kimi(); },
                                      [](RotationWorld& world) {
                                        EXPECT_TRUE(world.errors.empty());
                                        EXPECT_EQ(world.given, std::vector{kOldKey});
                                        world.expect_sound();
                                      },
                                      test::Orders::kEffects);
}

TEST(Race, of_a_publishing_and_a_cancelling_has_one_winner) {
  test::interleave_two<VerifiedWorld>([](VerifiedWorld& world) { return world.act_task(world.id, Act::kPublish); },
                                      [](VerifiedWorld& world) { return world.act_task(world.id, Act::kCancel); },
                                      [](VerifiedWorld& world) {
                                        EXPECT_EQ(world.errors, std::vector{ErrorCode::kConflict});
                                        const bool is_published = world.ring_version() == 2;
                                        EXPECT_EQ(world.key_given(), is_published ? kNewKey : kOldKey);
                                        world.expect_sound();
                                      },
                                      test::Orders::kEffects);
}

TEST(Race, of_two_starts_opens_one) {
  test::interleave_two<RotationWorld>([](RotationWorld& world) { return world.start_task(kNewKey, false); },
                                      [](RotationWorld& world) { return world.start_task("sk-kimi-other", false); },
                                      [](RotationWorld& world) {
                                        for (const ErrorCode code : world.errors) EXPECT_EQ(code, ErrorCode::kConflict);
                                        EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM rotations"), 1);
                                        EXPECT_EQ(world.errors.size(), 1u);
                                        world.expect_sound();
                                      },
                                      test::Orders::kEffects);
}

}  // namespace
}  // namespace latchkey::rotation
