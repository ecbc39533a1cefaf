// TrialService: a licence for an e-mail address or a machine, once.
//
// Round trips: one that counts and looks; a refusal takes another for its audit row, a new trial the two
// of LicenseService::create and what edge::sync takes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/task.h"
#include "config/config.h"
#include "host/host.h"
#include "license/code.h"
#include "provision/service.h"
#include "trial/decide.h"

namespace latchkey::trial {

// Applicant: whom a trial is for. Both values follow from the e-mail address or the machine, so that the same
// one asks for the same licence.
struct Applicant {
  crypto::TokenHash whom;
  license::Code code;
};
Applicant applicant_of_email(const crypto::Index& index, license::Code email);
Applicant applicant_of_machine(const crypto::Index& index, const crypto::TokenHash& machine_hash);

struct Outcome {
  Verdict verdict = Verdict::kStart;
  std::optional<TimeMs> expires_at;  // kStart, kRunning
  std::string plan;
  std::optional<license::Code> code;
  std::vector<provision::Window> windows;
};

class TrialService {
 public:
  TrialService(host::Host& host, const config::Config& config, provision::Shared& shared)
      : host_(host), config_(config), shared_(shared) {}

  // ask: kNotFound where trials are off, kUnavailable where TRIAL_PLAN names no plan that can be had.
  Task<Result<Outcome>> ask(const provision::Client& client, Applicant applicant);

 private:
  Task<Result<Outcome>> start(const provision::Client& client, Applicant applicant, Outcome outcome);
  Task<Result<Void>> refuse(const provision::Client& client, Verdict verdict, bool is_recorded);

  host::Host& host_;
  const config::Config& config_;
  provision::Shared& shared_;
};

}  // namespace latchkey::trial
