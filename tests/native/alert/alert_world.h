// AlertWorld: a service with webhooks, and their receivers beside it.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <vector>

#include "alert/deliveries.h"
#include "alert/raise.h"
#include "alert/service.h"
#include "alert/webhooks.h"
#include "support/drivers.h"
#include "support/service_world.h"

namespace latchkey::alert {

inline constexpr std::string_view kUrl = "https://hooks.example/services/secret-part";

struct AlertWorld : test::ServiceWorld {
  std::function<uint32_t(const test::FakeFetch::Request&)> status = [](const auto&) { return 204u; };
  bool is_reachable = true;

  explicit AlertWorld(std::vector<std::pair<std::string, std::string>> changed = {}) : ServiceWorld(std::move(changed)) {
    host.fetch.answer = [this](const test::FakeFetch::Request& request) -> std::optional<test::FakeFetch::Answer> {
      if (!is_reachable) return std::nullopt;
      return test::FakeFetch::Answer{status(request), ""};
    };
  }

  std::vector<test::FakeFetch::Request>& posts() { return host.fetch.requests; }
  std::string text(std::string_view sql) { return std::string(host.query(sql).row(0, 0).text("value")); }

  // webhook: a new one: {id, secret}.
  std::pair<std::string, std::string> webhook(std::string_view more = "", std::string_view url = kUrl) {
    const auto made = admin("POST", "/admin/webhooks",
                            R"({"name":"ops","url":")" + std::string(url) + "\"" + std::string(more) + "}");
    EXPECT_EQ(made.status, 201u) << made.body;
    return {test::text_of(made, "id"), test::text_of(made, "secret")};
  }

  Task<> raise_task(std::vector<Raise> raises) {
    host::Host own(host.platform(), host.new_request(), 5000);
    host::Batch batch;
    add_raise(batch, own, raises);
    (void)co_await own.db.run(std::move(batch));
  }
  void raise(Raise one) { host.run(raise_task({std::move(one)})); }
  Task<> clear_task(Kind kind, std::string subject) {
    host::Host own(host.platform(), host.new_request(), 5000);
    const Cause causes[] = {{kind, subject}};
    host::Batch batch;
    add_clear(batch, own, causes);
    (void)co_await own.db.run(std::move(batch));
  }
  void clear(Kind kind, std::string subject) { host.run(clear_task(kind, std::move(subject))); }
  Task<> deliver_task() {
    host::Host own(host.platform(), host.new_request(), 5000);
    (void)co_await run_deliveries(own, config());
  }
  // deliver: one run of cron's part.
  void deliver() { host.run(deliver_task()); }

  int64_t num_due() { return scalar("SELECT count(*) AS value FROM webhook_deliveries WHERE due_at IS NOT NULL"); }
  int64_t num_messages() { return scalar("SELECT count(*) AS value FROM webhook_deliveries"); }
  int64_t num_unresolved() {
    return scalar("SELECT count(*) AS value FROM alerts WHERE state IN ('open', 'acknowledged')");
  }
  std::string alert_id() { return text("SELECT id AS value FROM alerts ORDER BY rowid DESC LIMIT 1"); }
  std::string state() { return text("SELECT state AS value FROM alerts ORDER BY rowid DESC LIMIT 1"); }
  http::Response act(std::string_view verb, std::string body = "{}") {
    return admin("POST", "/admin/alerts/" + alert_id() + "/" + std::string(verb), std::move(body));
  }
};

inline Raise refused(std::string_view provider = "qwen") {
  return {.kind = Kind::kProviderKeyRefused, .subject = std::string(provider), .details = R"({"answer":"HTTP 401"})"};
}

}  // namespace latchkey::alert
