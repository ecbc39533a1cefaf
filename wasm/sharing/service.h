// Sharing: cron folds the audit log into a trail for each licence, scores it and takes the steps that its plan has
// switched on; admins look at it and clear it. Nothing here is on the way of a provision.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/run.h"
#include "base/task.h"
#include "config/config.h"
#include "host/host.h"
#include "sharing/rows.h"
#include "store/audit.h"

namespace latchkey::sharing {

// watch: cron's part: at most limits::kSharingSlicesPerRun slices of limits::kSharingRowsPerSlice audit rows, and the
// licences that are due. A slice is two reads and one batch, which moves the walk and everything that came of it
// together, and takes effect only if nobody moved the walk meanwhile. One read where there is nothing new.
Task<Result<Void>> watch(host::Host& host, const config::Config& config);

struct SharingFilter {
  std::optional<Level> level;  // nullopt: all that have a score
};
// Place: where a page of the list ended.
struct ListPlace {
  int64_t score = 0;
  std::string license_id;
};
struct SharingPage {
  std::vector<Watched> licenses;
  std::optional<ListPlace> next;
};

class SharingService {
 public:
  // `by`: an audit row that says who acts; its action, time and details are set here. All outlive this.
  SharingService(host::Host& host, const store::AuditRow& by) : host_(host), by_(by) {}

  Task<Result<Watched>> show(std::string_view license_id);
  // list: highest score first. Without `after`, from the beginning.
  Task<Result<SharingPage>> list(const SharingFilter& filter, const std::optional<ListPlace>& after, uint32_t rows_max);
  // clear: forgets what was seen, lifts the throttle, and for so many days looks away. It reinstates nothing. Gives the
  // licence after it; one of which nothing is known is not changed. kConflict where cron was quicker;
  // kPreconditionFailed where the licence's version is not among `expected` (nullopt: any will do).
  Task<Result<Watched>> clear(std::string_view license_id, int64_t ignore_days,
                              const std::optional<std::vector<int64_t>>& expected, Run run);

 private:
  host::Host& host_;
  const store::AuditRow& by_;
};

}  // namespace latchkey::sharing
