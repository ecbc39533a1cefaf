#include "support/service_world.h"

#include <cstdio>

#include "base/encoding.h"
#include "host/frame.h"
#include "json/reader.h"
#include "store/rate_window.h"

namespace latchkey::test {
namespace {

using crypto::IndexPurpose;

std::string key_of(char letter) { return base64_encode(as_bytes(std::string(32, letter))); }

}  // namespace

std::vector<std::pair<std::string, std::string>> test_environment() {
  std::vector<std::pair<std::string, std::string>> variables = {
      {"ADMIN_TOKEN", std::string(kAdminToken)},
      {"MASTER_KEY", "m1:" + key_of('M')},
      {"INDEX_KEY", key_of('I')},
      {"SIGNING_KEY", "s1:" + key_of('S')},
      {"ENVIRONMENT", "development"},
      {"LOG_LEVEL", "debug"},
      {"LATCHKEY_WASM_SHA256", std::string(64, 'a')},
      {"LATCHKEY_BUILD", "test"}};
  for (const config::Provider& provider : config::kProviders) {
    variables.emplace_back(provider.secret_name, "sk-" + std::string(provider.name) + "-secret");
  }
  return variables;
}

config::Config test_config(std::vector<std::pair<std::string, std::string>> changed) {
  auto variables = test_environment();
  for (auto& [name, value] : changed) {
    std::erase_if(variables, [&](const auto& variable) { return variable.first == name; });
    variables.emplace_back(std::move(name), std::move(value));
  }
  config::Environment environment;
  for (const auto& [name, value] : variables) environment.emplace_back(name, value);
  testing::SeededRandom random("test config");
  auto parsed = config::parse(environment, random);
  if (!parsed) std::fprintf(stderr, "test config: %s\n", parsed.error().detail().c_str());
  CHECK(parsed.has_value());
  return std::move(*parsed);
}

ServiceWorld::ServiceWorld(std::vector<std::pair<std::string, std::string>> changed)
    : app{.config = test_config(std::move(changed)), .shared = {}, .self_test_passed = true} {}

void ServiceWorld::add_license(const LicenseRow& license) {
  const auto code = license::parse_code(license.code);
  CHECK(code.has_value());
  host.query(std::move(
      host::Batch()
          .add("INSERT INTO licenses (id, code_hash, code_hint, kind, plan, plan_version, providers, deliveries, "
               "max_machines, status, expires_at, created_at, updated_at) SELECT ?1, ?2, ?3, ?4, name, version, "
               "providers, deliveries, ifnull(CAST(?8 AS INTEGER), max_machines), ?6, CAST(?7 AS INTEGER), "
               "CAST(?9 AS INTEGER), CAST(?9 AS INTEGER) FROM plans WHERE name = ?5")
          .bind(license.id)
          .bind(code->hash(app.config.index).text())
          .bind(code->hint())
          .bind(license::code_kind_name(code->kind))
          .bind(license.plan)
          .bind(license.status)
          .bind(license.expires_at)
          .bind(license.max_machines)
          .bind(host.clock.now())));
}

void ServiceWorld::add_plan(std::string_view name, std::string_view providers, int64_t deliveries,
                            int64_t max_machines) {
  host.query(std::move(host::Batch()
                           .add("INSERT INTO plans (name, version, providers, deliveries, max_machines, "
                                "license_days, created_at) VALUES (?1, 1, ?2, CAST(?3 AS INTEGER), "
                                "CAST(?4 AS INTEGER), 365, 0)")
                           .bind(name)
                           .bind(providers)
                           .bind(deliveries)
                           .bind(max_machines)));
}

void ServiceWorld::add_machine(std::string_view license_id, std::string_view machine_hash, std::string_view id,
                               bool is_released) {
  host.query(std::move(
      host::Batch()
          .add("INSERT INTO machines (license_id, machine_hash, id, first_seen_at, last_seen_at, seated_at, "
               "released_at, ring_version, secrets_tag) VALUES (?1, ?2, ?3, 1, 1, 1, CAST(?4 AS INTEGER), 1, '')")
          .bind(license_id)
          .bind(machine_hash)
          .bind(id)
          .bind(is_released ? std::optional(2) : std::nullopt)));
}

void ServiceWorld::cool_down(std::string_view machine_id, TimeMs until) {
  host.query(std::move(host::Batch()
                           .add("UPDATE machines SET released_at = 3, seat_held_until = CAST(?2 AS INTEGER) "
                                "WHERE id = ?1")
                           .bind(machine_id)
                           .bind(until)));
}

void ServiceWorld::limit_requests(int64_t per_hour, std::string_view license_id) {
  host.query(std::move(host::Batch()
                           .add("UPDATE licenses SET requests_per_hour = CAST(?2 AS INTEGER) WHERE id = ?1")
                           .bind(license_id)
                           .bind(per_hour)));
}

void ServiceWorld::release_machines(std::string_view license_id) {
  host.query(std::move(
      host::Batch().add("UPDATE machines SET released_at = 5 WHERE license_id = ?1").bind(license_id)));
}

std::string ServiceWorld::address_subject(std::string_view address) const {
  return "ip:" + std::string(app.config.index.hash(IndexPurpose::kAddress, address).text());
}

std::string ServiceWorld::license_subject(std::string_view license_id) const {
  return std::string(license_id);
}

void ServiceWorld::set_hits(std::string_view subject, int64_t hits, TimeMs window_age) {
  host.query(std::move(host::Batch()
                           .add("INSERT INTO rate_limits (subject, window) VALUES (?1, CAST(?2 AS INTEGER))")
                           .bind(subject)
                           .bind(store::RateWindow::begin(host.clock.now() - window_age) - 1 + hits)));
}

int64_t ServiceWorld::hits(std::string_view subject) {
  const auto answer = host.query(
      std::move(host::Batch().add("SELECT window AS value FROM rate_limits WHERE subject = ?1").bind(subject)));
  const auto row = answer.first(0);
  return row ? store::RateWindow{row->integer("value")}.hits() : 0;
}

void ServiceWorld::move_ring() { host.query("UPDATE state SET ring_version = ring_version + 1"); }
int64_t ServiceWorld::ring_version() { return scalar("SELECT ring_version AS value FROM state"); }
int64_t ServiceWorld::epoch() { return scalar("SELECT epoch AS value FROM state"); }

int64_t ServiceWorld::num_audits(std::string_view action) {
  return host.query(std::move(host::Batch()
                                  .add("SELECT count(*) AS value FROM audit_log WHERE action = ?1")
                                  .bind(action)))
      .row(0, 0)
      .integer("value");
}

int64_t ServiceWorld::seats_used(std::string_view license_id) {
  return host.query(std::move(host::Batch()
                                  .add("SELECT count(*) AS value FROM machines WHERE license_id = ?1 "
                                       "AND released_at IS NULL")
                                  .bind(license_id)))
      .row(0, 0)
      .integer("value");
}

provision::Client ServiceWorld::client(std::string_view address) {
  ByteArray<kIdRandomBytes> random{};
  const uint32_t number = ++num_requests;
  for (size_t i = 0; i < 4; ++i) random[kIdRandomBytes - 1 - i] = static_cast<uint8_t>(number >> 8 * i);
  return {.request_id = make_id("req_", host.clock.now(), random),
          .address_hash = app.config.index.hash(IndexPurpose::kAddress, address),
          .country = "NL",
          .user_agent = "test"};
}

provision::ProvisionRequest ServiceWorld::request(std::string_view machine, provision::Delivery delivery,
                                                  std::string_view code) const {
  const auto parsed = license::parse_code(code);
  return {.code_hash = parsed ? std::optional(parsed->hash(app.config.index)) : std::nullopt,
          .machine_id = Secret::copy_of(machine),
          .machine_hash = app.config.index.hash(IndexPurpose::kMachine, machine),
          .delivery = delivery};
}

Task<Result<provision::ProvisionOutcome>> ServiceWorld::provision_task(provision::Client client,
                                                                       provision::ProvisionRequest request) {
  host::Host own(host.platform(), host.new_request(), app.config.d1_timeout_ms);
  provision::ProvisionService service(app.config, app.shared);
  co_return co_await service.provision(own, client, request);
}

http::Response ServiceWorld::send(const Call& call) {
  host::FrameWriter frame;
  frame.string(call.method).string(call.scheme + "://keys.example" + call.path).string(call.address).string("NL");
  frame.string(call.asn).string(call.latitude).string(call.longitude);
  frame.u32(static_cast<uint32_t>(call.headers.size()));
  for (const auto& [name, value] : call.headers) frame.string(name).string(value);
  const auto request = http::Request::parse(std::move(frame).take());
  CHECK(request.has_value());
  host::Host own(host.platform(), host.new_request(call.body), app.config.d1_timeout_ms);
  return host.run(http::serve(app, own, *request));
}

http::Response ServiceWorld::admin(std::string method, std::string path, std::string body) {
  Call call{.method = std::move(method), .path = std::move(path), .body = std::move(body)};
  if (call.body.empty()) call.headers.clear();
  call.headers.emplace_back("authorization", "Bearer " + std::string(kAdminToken));
  return send(call);
}

std::string_view header_of(const http::Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return {};
}

json::Document json_of(const http::Response& response) {
  auto document = json::Document::parse_untrusted(response.body);
  if (!document) std::fprintf(stderr, "no JSON: %s\n", response.body.c_str());
  CHECK(document.has_value());
  return std::move(*document);
}

std::string text_of(const http::Response& response, std::string_view name) {
  const json::Document document = json_of(response);
  const auto value = document.root().member(name);
  const auto text = value ? value->string() : std::nullopt;
  return std::string(text.value_or(""));
}

}  // namespace latchkey::test
