// Messages on their way: signed, retried, given up, never twice at once.
#include "alert/deliveries.h"

#include "alert_world.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "store/queries.h"
#include "webhook/signature.h"

namespace latchkey::alert {
namespace {

bool is_signed(const test::FakeFetch::Request& post, std::string_view secret) {
  const std::string wanted = webhook::signature(Secret::copy_of(secret), post.headers.at("webhook-id"),
                                                post.headers.at("webhook-timestamp"), post.body);
  return (" " + post.headers.at("webhook-signature") + " ").find(" " + wanted + " ") != std::string::npos;
}

std::string delivery(AlertWorld& world, std::string_view column) {
  return world.text("SELECT " + std::string(column) + " || '' AS value FROM webhook_deliveries ORDER BY rowid DESC LIMIT 1");
}

TEST(Deliveries, are_posted_once_signed_with_what_happened_and_what_to_do) {
  AlertWorld world;
  const auto [id, secret] = world.webhook();
  world.raise(refused());
  world.deliver();
  world.deliver();
  ASSERT_EQ(world.posts().size(), 1u);
  const auto& post = world.posts().front();
  EXPECT_EQ(post.method, "POST");
  EXPECT_EQ(post.url, kUrl);
  EXPECT_FALSE(post.is_http_allowed);
  EXPECT_EQ(post.timeout_ms, limits::kWebhookTimeoutMs);
  EXPECT_FALSE(post.headers.contains("authorization"));
  EXPECT_EQ(post.headers.at("content-type"), "application/json");
  EXPECT_TRUE(post.headers.at("webhook-id").starts_with("msg_"));
  EXPECT_TRUE(is_signed(post, secret));
  const auto body = json::Document::parse_host(post.body);
  ASSERT_TRUE(body.has_value()) << post.body;
  EXPECT_EQ(body->root().member("type")->string(), "alert.raised");
  EXPECT_EQ(body->root().member("timestamp")->string(), format_time(test::kTestStart));
  const json::Value data = *body->root().member("data");
  EXPECT_EQ(data.member("alert_id")->string(), world.alert_id());
  EXPECT_EQ(data.member("kind")->string(), "provider_key_refused");
  EXPECT_EQ(data.member("subject")->string(), "qwen");
  EXPECT_EQ(data.member("severity")->string(), "critical");
  EXPECT_EQ(data.member("title")->string(), info_of(Kind::kProviderKeyRefused).title);
  EXPECT_EQ(data.member("advice")->string(), info_of(Kind::kProviderKeyRefused).advice);
  EXPECT_EQ(data.member("details")->member("answer")->string(), "HTTP 401");
  EXPECT_EQ(data.member("count")->integer(), 1);
  EXPECT_EQ(data.member("first_at")->string(), format_time(test::kTestStart));
  EXPECT_EQ(delivery(world, "state"), "delivered");
}

TEST(Deliveries, are_tried_again_under_the_same_id_ever_later_and_then_given_up_with_an_alert) {
  AlertWorld world;
  const auto [id, secret] = world.webhook();
  const auto [healthy, healthy_secret] = world.webhook(R"(,"events":["webhook_failing"])", "https://other.example/x");
  world.status = [](const auto& request) { return request.url == kUrl ? 500u : 204u; };
  world.raise(refused());
  int num_runs = 0;
  for (; num_runs < 20'000 && delivery(world, "state") == "due"; ++num_runs) {
    world.deliver();
    world.host.clock.advance(10 * kMinuteMs);
  }
  std::vector<test::FakeFetch::Request> failed;
  for (const auto& post : world.posts()) {
    if (post.url == kUrl) failed.push_back(post);
  }
  ASSERT_EQ(failed.size(), static_cast<size_t>(limits::kWebhookAttemptsMax));
  for (const auto& post : failed) EXPECT_EQ(post.headers.at("webhook-id"), failed.front().headers.at("webhook-id"));
  EXPECT_EQ(world.text("SELECT state || ' ' || last_status || ' ' || last_error AS value FROM webhook_deliveries LIMIT 1"),
            "failed 500 HTTP 500");
  // Of its own failing a webhook does not hear.
  EXPECT_EQ(world.text("SELECT webhook_id AS value FROM webhook_deliveries ORDER BY rowid DESC LIMIT 1"), healthy);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM alerts WHERE kind = 'webhook_failing' AND subject = '" + id + "'"), 1);
  EXPECT_EQ(world.scalar("SELECT failures AS value FROM webhooks WHERE id = '" + id + "'"), limits::kWebhookAttemptsMax);

  // It is repaired, and an admin posts the message again.
  world.status = [](const auto&) { return 200u; };
  const std::string message = world.text("SELECT id AS value FROM webhook_deliveries LIMIT 1");
  EXPECT_EQ(world.admin("POST", "/admin/webhooks/deliveries/" + message + "/redeliver", "{}").status, 200u);
  EXPECT_EQ(world.num_audits("webhook.redelivered"), 1);
  world.deliver();
  EXPECT_EQ(world.scalar("SELECT failures AS value FROM webhooks WHERE id = '" + id + "'"), 0);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM alerts WHERE kind = 'webhook_failing' AND state = 'resolved'"), 1);
}

TEST(Deliveries, that_are_redirected_or_not_answered_say_so) {
  AlertWorld world;
  world.webhook();
  world.raise(refused());
  world.status = [](const auto&) { return 302u; };
  world.deliver();
  EXPECT_EQ(delivery(world, "last_error"), "HTTP 302: a redirect, which is not followed");
  EXPECT_EQ(world.posts().size(), 1u);
  world.is_reachable = false;
  world.host.clock.advance(kHourMs);
  world.deliver();
  EXPECT_EQ(delivery(world, "last_error"), "no answer");
  EXPECT_EQ(delivery(world, "state"), "due");
}

TEST(Deliveries, to_a_receiver_that_is_gone_end_and_nothing_more_is_made) {
  AlertWorld world;
  const auto [id, secret] = world.webhook();
  world.raise(refused());
  world.raise(refused("kimi"));
  world.status = [](const auto&) { return 410u; };
  world.deliver();
  EXPECT_EQ(world.text("SELECT state AS value FROM webhooks"), "disabled");
  EXPECT_EQ(world.num_due(), 0);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM alerts WHERE kind = 'webhook_failing'"), 1);
  world.raise(refused("zhipu"));
  EXPECT_EQ(world.num_due(), 0);
  const std::string message = world.text("SELECT id AS value FROM webhook_deliveries LIMIT 1");
  EXPECT_EQ(world.admin("POST", "/admin/webhooks/deliveries/" + message + "/redeliver", "{}").status, 409u);

  world.status = [](const auto&) { return 204u; };
  EXPECT_EQ(world.admin("PATCH", "/admin/webhooks/" + id, R"({"state":"active"})").status, 200u);
  EXPECT_EQ(world.admin("POST", "/admin/webhooks/deliveries/" + message + "/redeliver", "{}").status, 200u);
  world.deliver();
  EXPECT_EQ(world.text("SELECT state AS value FROM webhook_deliveries WHERE id = '" + message + "'"), "delivered");
}

TEST(Deliveries, are_at_most_so_many_a_run_and_get_there) {
  AlertWorld world;
  world.webhook();
  const uint32_t num_alerts = limits::kWebhookDeliveriesPerRun + 5;
  for (uint32_t i = 0; i < num_alerts; ++i) world.raise(refused("p" + std::to_string(i)));
  world.deliver();
  EXPECT_EQ(world.posts().size(), limits::kWebhookDeliveriesPerRun);
  world.deliver();
  EXPECT_EQ(world.posts().size(), num_alerts);
}

TEST(Deliveries, are_signed_by_both_secrets_while_the_old_one_lasts) {
  AlertWorld world;
  const auto [id, old_secret] = world.webhook();
  const auto rotated = world.admin("POST", "/admin/webhooks/" + id + "/rotate-secret", R"({"overlap_hours":2})");
  ASSERT_EQ(rotated.status, 200u) << rotated.body;
  const std::string secret = test::text_of(rotated, "secret");
  EXPECT_NE(secret, old_secret);
  EXPECT_EQ(test::text_of(rotated, "old_secret_until"), format_time(test::kTestStart + 2 * kHourMs));
  world.raise(refused());
  world.deliver();
  EXPECT_TRUE(is_signed(world.posts().back(), secret));
  EXPECT_TRUE(is_signed(world.posts().back(), old_secret));
  world.host.clock.advance(2 * kHourMs);
  world.raise(refused("kimi"));
  world.deliver();
  ASSERT_EQ(world.posts().size(), 2u);
  EXPECT_TRUE(is_signed(world.posts().back(), secret));
  EXPECT_FALSE(is_signed(world.posts().back(), old_secret));
  EXPECT_EQ(world.num_audits("webhook.secret_rotated"), 1);
}

TEST(Deliveries, without_an_overlap_are_signed_by_the_new_secret_alone_at_once) {
  AlertWorld world;
  const auto [id, old_secret] = world.webhook();
  const auto rotated = world.admin("POST", "/admin/webhooks/" + id + "/rotate-secret", R"({"overlap_hours":0})");
  world.raise(refused());
  world.deliver();
  EXPECT_TRUE(is_signed(world.posts().back(), test::text_of(rotated, "secret")));
  EXPECT_FALSE(is_signed(world.posts().back(), old_secret));
}

TEST(Deliveries, of_a_paused_or_deleted_webhook_are_dropped) {
  for (const bool is_deleted : {false, true}) {
    AlertWorld world;
    const auto [id, secret] = world.webhook();
    world.raise(refused());
    EXPECT_EQ(world.num_due(), 1);
    const auto response = is_deleted ? world.admin("DELETE", "/admin/webhooks/" + id)
                                     : world.admin("PATCH", "/admin/webhooks/" + id, R"({"state":"paused"})");
    EXPECT_EQ(response.status, 200u) << response.body;
    EXPECT_EQ(world.num_due(), 0);
    EXPECT_EQ(delivery(world, "state"), "dropped");
    world.raise(refused("kimi"));
    world.deliver();
    EXPECT_TRUE(world.posts().empty());
  }
}

TEST(Tests, are_posted_at_once_and_only_once) {
  AlertWorld world;
  const auto [id, secret] = world.webhook();
  const auto good = world.admin("POST", "/admin/webhooks/" + id + "/test", "{}");
  EXPECT_EQ(test::text_of(good, "state"), "delivered") << good.body;
  EXPECT_EQ(test::text_of(good, "type"), "webhook.test");
  EXPECT_TRUE(is_signed(world.posts().back(), secret));
  world.status = [](const auto&) { return 500u; };
  const auto bad = world.admin("POST", "/admin/webhooks/" + id + "/test", "{}");
  EXPECT_EQ(test::text_of(bad, "state"), "failed") << bad.body;
  EXPECT_EQ(test::text_of(bad, "last_error"), "HTTP 500");
  world.host.clock.advance(kDayMs);
  world.deliver();
  EXPECT_EQ(world.posts().size(), 2u);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM alerts"), 0);
  EXPECT_EQ(world.num_audits("webhook.tested"), 2);
}

TEST(Rewrap, seals_targets_anew_and_messages_go_on) {
  AlertWorld world;
  const auto [id, secret] = world.webhook();
  std::string old_key;
  for (const auto& [name, value] : test::test_environment()) {
    if (name == "MASTER_KEY") old_key = value;
  }
  const std::string next = "k9:" + base64_encode(as_bytes("0123456789abcdef0123456789abcdef"));
  world.app.config = test::test_config({{"MASTER_KEY", next + "," + old_key}});
  std::string cursor = "{}";
  for (int i = 0; i < 9 && !cursor.empty(); ++i) {
    const auto slice = world.admin("POST", "/admin/master/rewrap", cursor);
    ASSERT_EQ(slice.status, 200u) << slice.body;
    const std::string at = test::text_of(slice, "next_cursor");
    cursor = at.empty() ? "" : R"({"cursor":")" + at + "\"}";
  }
  EXPECT_EQ(cursor, "");
  world.app.config = test::test_config({{"MASTER_KEY", next}});  // the old key is gone
  world.raise(refused());
  world.deliver();
  ASSERT_EQ(world.posts().size(), 1u);
  EXPECT_TRUE(is_signed(world.posts().front(), secret));
}

TEST(Lost, webhooks_post_nothing_say_so_and_take_no_changes_of_what_is_lost) {
  AlertWorld world;
  const auto [id, secret] = world.webhook();
  world.host.query("UPDATE webhooks SET sealed = NULL, state = 'disabled'");
  EXPECT_EQ(test::text_of(world.admin("GET", "/admin/webhooks/" + id), "state"), "disabled");
  EXPECT_EQ(world.admin("PATCH", "/admin/webhooks/" + id, R"({"url":"https://other.example"})").status, 409u);
  EXPECT_EQ(world.admin("POST", "/admin/webhooks/" + id + "/rotate-secret", "{}").status, 409u);
  EXPECT_EQ(world.admin("PATCH", "/admin/webhooks/" + id, R"({"state":"active"})").status, 200u);
  world.raise(refused());
  world.deliver();
  EXPECT_TRUE(world.posts().empty());
  EXPECT_EQ(delivery(world, "last_error"), "the webhook's URL does not open");
  EXPECT_EQ(world.admin("DELETE", "/admin/webhooks/" + id).status, 200u);
}

TEST(Changes, of_two_admins_at_once_are_one_and_the_other_hears_of_it) {
  struct World : AlertWorld {
    std::string id = webhook().first;
    std::vector<ErrorCode> errors;
    Task<> rename(std::string name) {
      const provision::Client caller = client();
      const store::AuditRow by{.request_id = caller.request_id, .outcome = "done", .actor = "admin:test"};
      host::Host own(host.platform(), host.new_request(), 5000);
      WebhookService service(own, config(), by);
      Changes changes{.name = std::move(name), .url = {}, .events = {}, .min_severity = {}, .state = {}};
      const auto changed = co_await service.change(id, std::move(changes), Run::kReal);
      if (!changed) errors.push_back(changed.error().code());
    }
  };
  test::interleave_two<World>([](World& world) { return world.rename("a"); }, [](World& world) { return world.rename("b"); },
                              [](World& world) {
                                const auto changes = world.num_audits("webhook.changed");
                                EXPECT_EQ(world.scalar("SELECT revision AS value FROM webhooks"), 1 + changes);
                                EXPECT_EQ(changes + static_cast<int64_t>(world.errors.size()), 2);
                              },
                              test::Orders::kEffects);
}

TEST(Changes, with_any_await_failing_are_audited_exactly_if_they_are_made) {
  struct World : AlertWorld {
    std::string id = webhook().first;
    Task<> remove() {
      const provision::Client caller = client();
      const store::AuditRow by{.request_id = caller.request_id, .outcome = "done", .actor = "admin:test"};
      host::Host own(host.platform(), host.new_request(), 5000);
      WebhookService service(own, config(), by);
      (void)co_await service.remove(id, Run::kReal);
    }
  };
  const uint32_t num_ops = test::fail_every_await<World>(
      [](World& world) { return world.remove(); },
      [](World& world, test::FaultPoint) {
        EXPECT_EQ(world.num_audits("webhook.deleted"), 1 - world.scalar("SELECT count(*) AS value FROM webhooks"));
      });
  EXPECT_EQ(num_ops, 2u);
}

TEST(Webhooks, are_at_most_so_many) {
  AlertWorld world;
  for (uint32_t i = 0; i < limits::kWebhooksMax; ++i) world.webhook();
  const auto refused_one = world.admin("POST", "/admin/webhooks", R"({"name":"n","url":"https://hooks.example"})");
  EXPECT_EQ(refused_one.status, 409u);
  EXPECT_EQ(world.num_audits("webhook.created"), limits::kWebhooksMax);
}

struct OneDue : AlertWorld {
  OneDue() {
    webhook();
    raise(refused());
  }
};

TEST(Runs, at_once_post_each_message_once) {
  const auto deliver = [](OneDue& world) -> Task<> { co_await world.deliver_task(); };
  test::interleave_two<OneDue>(deliver, deliver, [](OneDue& world) {
    EXPECT_EQ(world.posts().size(), 1u);
    EXPECT_EQ(delivery(world, "state"), "delivered");
  });
}

TEST(Runs, with_any_await_failing_lose_no_message) {
  const auto run = [](OneDue& world) -> Task<> { co_await world.deliver_task(); };
  const auto check = [](OneDue& world, test::FaultPoint) {
    // Whatever happened: later runs deliver it, always under one id.
    for (int i = 0; i < 3; ++i) {
      world.host.clock.advance(limits::kWebhookLeaseMs);
      world.deliver();
    }
    EXPECT_EQ(delivery(world, "state"), "delivered");
    ASSERT_GE(world.posts().size(), 1u);
    EXPECT_LE(world.posts().size(), 2u);
    for (const auto& post : world.posts()) {
      EXPECT_EQ(post.headers.at("webhook-id"), world.posts().front().headers.at("webhook-id"));
    }
  };
  EXPECT_EQ(test::fail_every_await<OneDue>(run, check), 3u);
  EXPECT_EQ(test::cancel_every_await<OneDue>(run, check), 3u);
}

TEST(Retention, of_messages_and_resolved_alerts_is_by_their_days) {
  AlertWorld world;
  world.webhook();
  world.raise(refused());
  world.raise(refused("kimi"));
  world.deliver();
  EXPECT_EQ(world.act("resolve").status, 200u);
  const auto cron = [&] { world.host.run([](AlertWorld& w) -> Task<> {
    host::Host own(w.host.platform(), w.host.new_request(), 5000);
    host::Batch batch;
    batch.add(store::kAlertDeleteOld).bind(own.clock.now() - limits::kAlertKeptMs).bind(100);
    batch.add(store::kWebhookDeliveryDeleteOld).bind(own.clock.now() - limits::kWebhookDeliveryKeptMs).bind(100);
    (void)co_await own.db.run(std::move(batch));
  }(world)); };
  world.host.clock.advance(limits::kWebhookDeliveryKeptMs);
  cron();
  EXPECT_EQ(world.num_messages(), 3);
  world.host.clock.advance(1);
  cron();
  EXPECT_EQ(world.num_messages(), 0);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM alerts"), 2);
  world.host.clock.advance(limits::kAlertKeptMs);
  cron();
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM alerts"), 1) << "one that is not resolved stays";
}

}  // namespace
}  // namespace latchkey::alert
