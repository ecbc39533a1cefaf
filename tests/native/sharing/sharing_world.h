// SharingWorld: a service whose audit log says who asked for keys, and a cron that scores it.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "maintenance/scheduled.h"
#include "sharing/service.h"
#include "store/queries.h"
#include "support/drivers.h"
#include "support/service_world.h"

namespace latchkey::sharing {

inline const std::string kLicense = test::LicenseRow().id;
inline constexpr int kSeats = 3;  // of the plan pro

// Asked: one row of the audit log, as a provision leaves it.
struct Asked {
  TimeMs at = test::kTestStart;
  std::string machine = "machine-1";
  bool is_granted = true;
  std::string country = "DE";
  std::optional<std::string> details = R"({"asn":3320,"lat":52,"lon":13})";
  std::string address = "address-1";
  std::string license = kLicense;
};

inline std::string details_of(int asn, int lat, int lon) {
  return R"({"asn":)" + std::to_string(asn) + R"(,"lat":)" + std::to_string(lat) + R"(,"lon":)" + std::to_string(lon) +
         "}";
}

struct SharingWorld : test::ServiceWorld {
  int num_asked = 0;
  std::vector<ErrorCode> errors;

  SharingWorld() { add_license({}); }

  void ask(const Asked& asked) {
    const std::string request_id = "req_asked_" + std::to_string(++num_asked);
    const store::AuditRow row{.at = asked.at,
                              .request_id = request_id,
                              .action = asked.is_granted ? "provision.granted" : "provision.denied",
                              .outcome = asked.is_granted ? "granted" : "denied",
                              .reason = asked.is_granted ? std::nullopt : std::optional<std::string_view>("machine_limit"),
                              .actor = "client",
                              .license_id = asked.license,
                              .machine_hash = asked.machine,
                              .address_hash = asked.address,
                              .country = asked.country,
                              .details = asked.details};
    host::Batch batch;
    store::add_audit(batch, row);
    host.query(std::move(batch));
  }

  // share: `machines` in as many networks, side by side for so many days, from now on; the clock goes with them.
  void share(int machines, int days = 10) {
    for (int day = 0; day < days; ++day) {
      for (int i = 0; i < machines; ++i) {
        ask({.at = host.clock.now() + i * kMinuteMs,
             .machine = "machine-" + std::to_string(i),
             .is_granted = i < kSeats,
             .details = details_of(1000 + i, 52, 13)});
      }
      host.clock.advance(kDayMs);
    }
  }

  void set_limits(std::string_view json) {
    host.query(std::move(host::Batch().add("UPDATE plans SET limits = ?1").bind(json)));
  }

  Task<> cron_task() {
    host::Host own(host.platform(), host.new_request(), 5000);
    co_await maintenance::run_scheduled(own, config());
  }
  void cron() { host.run(cron_task()); }
  // watch_task: the one step of cron, and whether it failed.
  Task<> watch_task() {
    host::Host own(host.platform(), host.new_request(), 5000);
    const auto watched = co_await watch(own, config());
    if (!watched) errors.push_back(watched.error().code());
  }
  Task<> clear_task(int64_t ignore_days = 0) {
    const provision::Client caller = client();
    const store::AuditRow by{.request_id = caller.request_id, .outcome = "done", .actor = "admin:test"};
    host::Host own(host.platform(), host.new_request(), 5000);
    SharingService service(own, by);
    const auto cleared = co_await service.clear(kLicense, ignore_days, std::nullopt, Run::kReal);
    if (!cleared) errors.push_back(cleared.error().code());
  }

  Watched show(const std::string& license = kLicense) {
    const provision::Client caller = client();
    const store::AuditRow by{.request_id = caller.request_id, .outcome = "done", .actor = "admin:test"};
    host::Host own(host.platform(), host.new_request(), 5000);
    SharingService service(own, by);
    auto shown = host.run(service.show(license));
    EXPECT_TRUE(shown.has_value());
    return std::move(*shown);
  }
  int64_t num_rows() { return scalar("SELECT count(*) AS value FROM sharing"); }
  int64_t walked() { return scalar("SELECT audit_seq AS value FROM sharing_walk"); }
  int64_t newest_audit() { return scalar("SELECT max(seq) AS value FROM audit_log"); }
};

}  // namespace latchkey::sharing
