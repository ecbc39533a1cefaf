// MachineService: what an admin does with machines: looks at them, names them, frees their seats.
//
// Round trips: a read is one; a change is two, and what edge::sync takes where KV follows.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/actor.h"
#include "admin/decide.h"
#include "admin/plans.h"
#include "base/run.h"
#include "base/task.h"
#include "config/config.h"
#include "host/host.h"

namespace latchkey::admin {

struct MachineView {
  std::string id;
  std::string license_id;
  std::optional<std::string> name;
  TimeMs first_seen_at = 0;
  TimeMs last_seen_at = 0;
  std::optional<TimeMs> released_at;
  std::optional<TimeMs> seat_held_until;  // its holder freed it: no other machine gets the seat until then
  std::optional<std::string> country;
  std::optional<std::string> app_version;
  int64_t version = 0;
};

struct MachinePage {
  std::vector<MachineView> machines;
  std::optional<std::string> next_id;  // go on after this one; nullopt: the last page
};

class MachineService {
 public:
  MachineService(host::Host& host, const config::Config& config, const Actor& actor)
      : host_(host), config_(config), actor_(actor) {}

  // list: those of a licence, released ones too.
  Task<Result<std::vector<MachineView>>> list(std::string_view license_id);
  // list_all: a page of those of every licence, newest first.
  Task<Result<MachinePage>> list_all(std::string_view after_id, uint32_t rows_max);
  Task<Result<MachineView>> show(std::string_view id);
  // rename: nullopt takes the name away. kPreconditionFailed where the machine's version is not among
  // `expected`: then nothing changed. The same name again changes nothing.
  Task<Result<MachineView>> rename(std::string_view id, std::optional<std::string> name, Versions expected = {},
                                   Run run = Run::kReal);
  // release: frees the seat, and one that cools down too; done twice it changes nothing.
  Task<Result<MachineView>> release(std::string_view id, Versions expected = {}, Run run = Run::kReal);

 private:
  MachineView view_of(const host::Row& row) const;

  host::Host& host_;
  const config::Config& config_;
  const Actor& actor_;
};

}  // namespace latchkey::admin
