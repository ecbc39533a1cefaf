// RepriceService: history priced anew by the table in force, a slice of events a call; the caller brings the place
// where the last one ended.
//
// A slice's costs and the sums that hold them change in one transaction, if the table is still in force and every
// event still has the cost that it was read with. An event that has its right cost is passed by. So a walk may be
// broken off anywhere and begun again, and two at once change nothing twice.
#pragma once

#include <optional>

#include "base/run.h"
#include "base/task.h"
#include "host/host.h"
#include "pricing/money.h"
#include "store/audit.h"
#include "usage/prices.h"

namespace latchkey::usage {

// RepricePlace: which events a slice walks.
struct RepricePlace {
  std::optional<TimeMs> since;  // those used before are passed by
  int64_t after_seq = 0;
};

struct RepriceSlice {
  int64_t version = 0;  // of the table
  uint32_t num_walked = 0;
  uint32_t num_changed = 0;
  pricing::Nano difference;            // what they cost now less what they did; no price counts as nothing
  std::optional<int64_t> next;         // go on after this event; nullopt: everything was walked
};

class RepriceService {
 public:
  // All outlive this. `by`: who acts, for the audit row.
  RepriceService(host::Host& host, Shared& shared, const store::AuditRow& by)
      : host_(host), shared_(shared), by_(by) {}

  // reprice: at most limits::kRepriceEventsPerSlice events. One trip where nothing changes, otherwise two.
  // kConflict where prices or costs changed between them: nothing was done, ask again.
  Task<Result<RepriceSlice>> reprice(const RepricePlace& place, Run run);

 private:
  host::Host& host_;
  Shared& shared_;
  const store::AuditRow& by_;
};

}  // namespace latchkey::usage
