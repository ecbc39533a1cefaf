// LicenseService: what an admin does with licences and machines.
//
// Round trips: a read is one; a change is two (load, then change and audit in one batch) and
// what edge::sync takes to carry it to KV before the answer.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "admin/actor.h"
#include "admin/decide.h"
#include "base/task.h"
#include "config/config.h"
#include "host/host.h"
#include "license/code.h"

namespace latchkey::admin {

struct Holder {
  std::optional<std::string> name;
  std::optional<std::string> email;
  bool empty() const { return !name && !email; }
};

// LicenseView: a licence as an admin sees it. `status` is what counts now: expired too.
struct LicenseView {
  std::string id;
  std::string code_hint;
  std::string kind;
  std::string plan;
  std::string status;
  std::string stored_status;
  std::optional<std::string> status_reason;
  std::optional<TimeMs> expires_at;
  int64_t max_machines = 0;
  int64_t machines_used = 0;
  std::optional<std::string> note;
  Holder holder;
  std::optional<TimeMs> first_provision_at;
  std::optional<TimeMs> last_provision_at;
  TimeMs created_at = 0;
  TimeMs updated_at = 0;
  int64_t version = 0;
};

// NewLicense: one to create. `expires_at`: unset takes the plan's length, nullopt inside
// never ends.
struct NewLicense {
  license::Code code;
  std::string plan = "pro";
  std::optional<std::optional<TimeMs>> expires_at;
  std::optional<int64_t> max_machines;
  Holder holder;
  std::optional<std::string> note;
};

// Created: what became of one of them, in order.
enum class CreateStatus : uint8_t { kCreated, kExists, kUnknownPlan };
struct Created {
  CreateStatus status = CreateStatus::kCreated;
  std::string id;
};
enum class Run : bool { kDry, kReal };

struct LicenseFilter {
  std::optional<std::string> status;
  std::optional<std::string> plan;
  bool never_provisioned = false;
  std::optional<std::string> holder;  // exact name or e-mail address
};

struct LicensePage {
  std::vector<LicenseView> licenses;
  std::optional<std::string> next_id;  // go on after this one; nullopt: the last page
};

struct MachineView {
  std::string id;
  std::string license_id;
  TimeMs first_seen_at = 0;
  TimeMs last_seen_at = 0;
  std::optional<TimeMs> released_at;
  std::optional<std::string> country;
  std::optional<std::string> app_version;
};

// holder_context: what a sealed holder is bound to.
crypto::SealContext holder_context(std::string_view license_id);

class LicenseService {
 public:
  LicenseService(host::Host& host, const config::Config& config, const Actor& actor)
      : host_(host), config_(config), actor_(actor) {}

  // create: at most limits::kLicensesPerCreateMax. A dry run says what would happen.
  Task<Result<std::vector<Created>>> create(const std::vector<NewLicense>& licenses, Run run,
                                            std::string_view action);
  Task<Result<LicenseView>> show(std::string_view id);
  Task<Result<std::vector<LicenseView>>> show_many(const std::vector<std::string>& ids);
  Task<Result<LicensePage>> list(const LicenseFilter& filter, std::string_view after_id, uint32_t rows_max);
  // act: kNotFound, kConflict, or the licence after it. kPreconditionFailed where its version is not among
  // `expected`: then nothing changed.
  Task<Result<LicenseView>> act(std::string_view id, LicenseAct act, std::optional<std::string> reason,
                                Versions expected = {});
  // reissue: a new code; the old one is refused from now on. kConflict where it is taken.
  Task<Result<LicenseView>> reissue(std::string_view id, const license::Code& code, Versions expected = {});

  Task<Result<std::vector<MachineView>>> machines(std::string_view license_id);
  // release: frees the seat; done twice it changes nothing.
  Task<Result<MachineView>> release(std::string_view machine_id);

 private:
  LicenseView view_of(const host::Row& row) const;
  // not_changed: why an act that presumed one of these versions changed no row.
  Task<Error> not_changed(std::string_view id, const Versions& expected, Error otherwise);
  // carry: brings KV up to date, the licence first that the act was about. A failure there is
  // logged; cron tries again.
  Task<void> carry(std::optional<std::string_view> license_id);

  host::Host& host_;
  const config::Config& config_;
  const Actor& actor_;
};

}  // namespace latchkey::admin
