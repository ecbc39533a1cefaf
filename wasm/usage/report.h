// ReportService: POST /usage/report: events in, what they cost in the ledger.
//
// Round trips: one that counts, certifies, stores and brings the facts back. A second where some events were stored
// before, to tell which; where the prices have moved on, to store with the new ones; or to record a denial.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/task.h"
#include "budget/budget.h"
#include "config/config.h"
#include "host/host.h"
#include "provision/known_over.h"
#include "provision/types.h"
#include "usage/event.h"
#include "usage/prices.h"

namespace latchkey::usage {

// Reporter: who reports: a licence and a machine that it knows or knew, whatever became of either: what was used is
// counted.
struct Reporter {
  std::optional<crypto::TokenHash> code_hash;  // nullopt: null, absent or of no known form
  crypto::TokenHash machine_hash;
  std::optional<std::string> receipt_license_id;  // of a receipt; "" of one that proves nothing
};

// ReportFacts: what the database said, with this request counted.
struct ReportFacts {
  int64_t address_hits = 0;
  std::optional<std::string> license_id;
  int64_t license_hits = 0;
  bool is_machine_known = false;
};

struct ReportTerms {
  int64_t address_limit = 0;
  int64_t license_limit = 0;
  std::optional<std::string> receipt_license_id;
};

// decide_report: the first reason against, or kGranted. usage_event_insert.sql says the same in SQL. Pure.
provision::Verdict decide_report(const ReportFacts& facts, const ReportTerms& terms);

// ReportOutcome: the members below `windows` are there where the verdict is kGranted.
struct ReportOutcome {
  provision::Verdict verdict = provision::Verdict::kUnknownLicense;
  std::vector<provision::Window> windows;
  size_t num_accepted = 0;
  size_t num_duplicates = 0;
  size_t num_unpriced = 0;         // of those accepted
  std::vector<Rejected> rejected;  // in order of index
  budget::Budget budget;
  budget::Spent spent;             // these events among it
};

class ReportService {
 public:
  // All outlive this.
  ReportService(host::Host& host, const config::Config& config, Shared& shared, provision::KnownOver& known_over)
      : host_(host), config_(config), shared_(shared), known_over_(known_over) {}

  // report: stores what `sorter` let through. Nothing is lost by reporting again: an event is known by its id.
  // kUnavailable where D1 failed or its prices changed between two trips; kInternal where certificate and decision
  // differ.
  Task<Result<ReportOutcome>> report(const provision::Client& client, const Reporter& reporter, const Sorter& sorter);

 private:
  struct Seen;
  Seen read_seen(const host::BatchAnswer& answer, size_t at) const;
  ReportTerms terms_of(const Reporter& reporter) const;
  std::optional<ReportOutcome> refuse_from_memory(const provision::Client& client, const Reporter& reporter) const;
  Task<Result<Void>> refuse(const provision::Client& client, const Reporter& reporter, const Seen& seen,
                            provision::Verdict verdict);
  Task<Result<Void>> tell_apart(const Seen& seen, const Sorter& sorter, int64_t report, PricesPtr prices,
                                ReportOutcome& outcome);

  host::Host& host_;
  const config::Config& config_;
  Shared& shared_;
  provision::KnownOver& known_over_;
};

}  // namespace latchkey::usage
