// PlanService: what licences are made from. A version of a plan never changes: a change makes the
// next one, and licences keep theirs until they are moved.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "admin/actor.h"
#include "admin/terms.h"
#include "base/run.h"
#include "base/task.h"
#include "host/host.h"

namespace latchkey::admin {

class PlanService {
 public:
  PlanService(host::Host& host, const Actor& actor) : host_(host), actor_(actor) {}

  // list: the newest version of each plan. One trip.
  Task<Result<std::vector<Plan>>> list();
  // versions: all of one plan, newest first. kNotFound where there is none.
  Task<Result<std::vector<Plan>>> versions(std::string_view name);
  // set: the next version of the plan, or its first; the newest where it says the same already. Two
  // trips. kConflict where another version was made meanwhile.
  Task<Result<Plan>> set(std::string_view name, const PlanTerms& terms, Run run);

 private:
  host::Host& host_;
  const Actor& actor_;
};

}  // namespace latchkey::admin
