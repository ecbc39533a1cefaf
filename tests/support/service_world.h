// ServiceWorld: the whole service on a TestHost: a configuration, an instance's shared
// state, licences, and requests through a service or through http::serve.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/limits.h"
#include "config/config.h"
#include "http/pipeline.h"
#include "license/code.h"
#include "provision/service.h"
#include "support/test_host.h"

namespace latchkey::test {

inline constexpr std::string_view kAdminToken = "lk_admin_for-tests-only-0123456789";

// test_environment: a development instance with a key for every provider: "sk-<name>-secret".
std::vector<std::pair<std::string, std::string>> test_environment();
// test_config: that environment parsed, with these variables put in its place.
config::Config test_config(std::vector<std::pair<std::string, std::string>> changed = {});

// LicenseRow: what add_license stores. Hashes are those of the world's configuration.
struct LicenseRow {
  std::string id = "lic_00000000000000000000000001";
  std::string code = "WRITER-2024-ABC";
  std::string status = "active";
  std::string plan = "pro";
  std::optional<TimeMs> expires_at = kTestStart + 365 * kDayMs;
  std::optional<int64_t> max_machines;
};

// Call: one request, for ServiceWorld::send.
struct Call {
  std::string method = "POST";
  std::string path = "/keys/provision";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers = {{"content-type", "application/json"}};
  std::string address = "203.0.113.7";
  std::string scheme = "http";
  // What the platform says of the caller's network and place.
  std::string asn, latitude, longitude;
};

struct ServiceWorld {
  TestHost host;
  http::App app;
  uint32_t num_requests = 0;

  explicit ServiceWorld(std::vector<std::pair<std::string, std::string>> changed = {});

  const config::Config& config() const { return app.config; }
  // restart: a fresh isolate on the same data: nothing shared is kept.
  void restart() { app.shared = provision::Shared(); }

  void add_license(const LicenseRow& license);
  // add_plan: version 1 of another plan. `providers` is a JSON array of names.
  void add_plan(std::string_view name, std::string_view providers, int64_t deliveries, int64_t max_machines);
  // add_machine: one that provisioned before.
  void add_machine(std::string_view license_id, std::string_view machine_hash, std::string_view id,
                   bool is_released = false);
  // cool_down: its holder freed the machine's seat, which no other machine gets until then.
  void cool_down(std::string_view machine_id, TimeMs until);
  void limit_requests(int64_t per_hour, std::string_view license_id = LicenseRow().id);
  void release_machines(std::string_view license_id = LicenseRow().id);
  // What the database counts and knows. A subject is address_subject() or a licence's.
  std::string address_subject(std::string_view address) const;
  std::string license_subject(std::string_view license_id = LicenseRow().id) const;
  void set_hits(std::string_view subject, int64_t hits, TimeMs window_age);
  int64_t hits(std::string_view subject);
  void move_ring();
  int64_t ring_version();
  int64_t epoch();
  int64_t scalar(std::string_view sql) { return host.scalar(sql); }
  // num_audits: rows of the audit log with that action.
  int64_t num_audits(std::string_view action);
  int64_t seats_used(std::string_view license_id = LicenseRow().id);

  // client: a caller with a request id nobody had.
  provision::Client client(std::string_view address = "203.0.113.7");
  // request: as POST /keys/provision would parse it. An empty code is no code.
  provision::ProvisionRequest request(std::string_view machine = "machine-1",
                                      provision::Delivery delivery = provision::Delivery::kPlain,
                                      std::string_view code = LicenseRow().code) const;

  // provision: one call of the service, as a coroutine, or run to its end.
  Task<Result<provision::ProvisionOutcome>> provision_task(provision::Client client,
                                                           provision::ProvisionRequest request);
  Result<provision::ProvisionOutcome> provision(provision::Client client, provision::ProvisionRequest request) {
    return host.run(provision_task(std::move(client), std::move(request)));
  }
  Result<provision::ProvisionOutcome> provision(provision::ProvisionRequest asked) {
    return provision(client(), std::move(asked));
  }

  // send: the whole pipeline, run to its end.
  http::Response send(const Call& call);
  http::Response post(std::string path, std::string body) {
    return send({.path = std::move(path), .body = std::move(body)});
  }
  // admin: with the right token. An empty body sends no content type.
  http::Response admin(std::string method, std::string path, std::string body = {});
};

// header_of: the value of a response's header, or empty.
std::string_view header_of(const http::Response& response, std::string_view name);
// json_of: the body, which must be JSON.
json::Document json_of(const http::Response& response);
// text_of: a string member of the body's top level, or empty.
std::string text_of(const http::Response& response, std::string_view name);

}  // namespace latchkey::test
