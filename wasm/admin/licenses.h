// LicenseService: what an admin does with licences.
//
// Round trips: a read is one; a change is two (load, then change and audit in one batch) and
// what edge::sync takes to carry it to KV before the answer.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "admin/actor.h"
#include "admin/decide.h"
#include "admin/plans.h"
#include "admin/terms.h"
#include "base/run.h"
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
  LicenseTerms terms;
  bool is_trial = false;       // somebody asked for it without paying
  bool has_overrides = false;  // the row keeps its own; otherwise it is older than they are
  std::string status;
  std::string stored_status;
  std::optional<std::string> status_reason;
  int64_t machines_used = 0;
  std::optional<std::string> note;
  Holder holder;
  std::optional<TimeMs> first_provision_at;
  std::optional<TimeMs> last_provision_at;
  TimeMs created_at = 0;
  TimeMs updated_at = 0;
  int64_t version = 0;
};

// NewLicense: one to create.
struct NewLicense {
  license::Code code;
  std::string plan = "pro";
  Overrides overrides;
  Holder holder;
  std::optional<std::string> note;
  std::optional<std::string> trial_of;  // keyed hash of whom a trial is given to
};

// Created: what became of one of them, in order.
enum class CreateStatus : uint8_t { kCreated, kExists, kUnknownPlan, kRetiredPlan };
struct Created {
  CreateStatus status = CreateStatus::kCreated;
  std::string id;
  LicenseTerms terms;
};

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

// HistoryEntry: one act on a licence, from the audit log.
struct HistoryEntry {
  int64_t seq = 0;
  TimeMs at = 0;
  std::string request_id;
  std::string action;
  std::optional<std::string> reason;
  std::string actor;
  std::optional<std::string> details;
};
struct HistoryPage {
  std::string status;  // now: expired too
  std::vector<HistoryEntry> entries;
  std::optional<int64_t> next_seq;
};

// BulkAct: one act on all licences that a filter finds, a slice of them at a time.
enum class BulkKind : uint8_t { kRevoke, kSuspend, kReinstate, kExtend, kReplan };
struct BulkFilter {
  std::optional<std::string> status;
  std::optional<std::string> plan;
  bool never_provisioned = false;
  std::optional<TimeMs> expires_before;
  std::string after_id;  // only those behind this one
};
struct BulkAct {
  BulkKind kind = BulkKind::kRevoke;
  std::optional<int64_t> days;           // extend: so much later
  std::optional<TimeMs> expires_at;      // extend: until then
  std::string plan;                      // replan
  std::optional<std::string> reason;
  int64_t expected_count = 0;            // what the caller saw; ignored in a dry run
};
struct BulkReport {
  int64_t matched = 0;  // before this slice
  int64_t changed = 0;  // of this slice
  int64_t skipped = 0;  // of this slice: nothing to change, not allowed, or changed by someone else meanwhile
  std::optional<std::string> next_id;
  std::vector<LicenseView> sample;  // dry run: the first few, as they would be
};

// Plans: the newest version of each, by name; rows of kPlanListCurrent.
using Plans = std::map<std::string, Plan, std::less<>>;
Plans plans_of(const host::BatchAnswer& answer, size_t statement);

// write_license_row: a new licence, as the queries that insert one take it.
void write_license_row(json::Writer& out, const config::Config& config, crypto::Random& random, std::string_view id,
                       const NewLicense& license, const LicenseTerms& terms);
// terms_of: of a row of license_details.
LicenseTerms terms_of(const host::Row& row);

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
                                Versions expected = {},
                                Run run = Run::kReal);
  // reissue: a new code; the old one is refused from now on. kConflict where it is taken.
  Task<Result<LicenseView>> reissue(std::string_view id, const license::Code& code, Versions expected = {},
                                    Run run = Run::kReal);
  // revise: other terms than the plan's, another plan, a note. kInvalidRequest where the plan does not
  // exist or is retired, kPreconditionFailed as for an act.
  Task<Result<LicenseView>> revise(std::string_view id, const Revision& revision, Versions expected, Run run);
  // history: what was done to it, newest first, before `before_seq`.
  Task<Result<HistoryPage>> history(std::string_view id, int64_t before_seq, uint32_t rows_max);

  // bulk: one slice of limits::kBulkLicensesMax, in one batch with an audit row for each that changed.
  // kConflict where the filter finds another number than expected.
  Task<Result<BulkReport>> bulk(const BulkFilter& filter, const BulkAct& act, Run run);

 private:
  // Revised: a licence before and after, to be stored.
  struct Revised {
    LicenseView before;
    LicenseView after;
  };
  LicenseView view_of(const host::Row& row) const;
  // not_changed: why an act that presumed one of these versions changed no row.
  Task<Error> not_changed(std::string_view id, const Versions& expected, Error otherwise);
  // store_revised: audit rows and changes in one batch; the ids of those that nobody changed meanwhile.
  Task<Result<std::vector<std::string>>> store_revised(const std::vector<Revised>& revised, std::string_view action,
                                                       const std::optional<std::string>& reason);
  // carry: brings KV up to date, the licence first that the act was about. A failure there is
  // logged; cron tries again.
  Task<void> carry(std::optional<std::string_view> license_id);

  host::Host& host_;
  const config::Config& config_;
  const Actor& actor_;
};

}  // namespace latchkey::admin
