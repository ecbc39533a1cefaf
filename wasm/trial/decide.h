// Whether somebody gets a trial. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace latchkey::trial {

// Given: the trial that this e-mail address or machine has had.
struct Given {
  bool is_active = false;      // its stored status
  bool has_same_code = false;  // as it would get now: nobody gave it another since
  std::optional<TimeMs> expires_at;
};

struct Facts {
  int64_t address_hits = 0;  // requests of the client's address in its hour, this one among them
  int64_t trial_hits = 0;    // those for trials
  std::optional<Given> given;
  bool is_code_taken = false;  // a licence that is no trial of theirs has the code
};

struct Limits {
  int64_t address = 0;
  int64_t trials = 0;
};

// In the order in which they are looked for.
//   kStart    there was none: make it
//   kRunning  it runs: answer the same again, for whoever lost the first answer
enum class Verdict : uint8_t { kAddressOverLimit, kTrialsOverLimit, kUsed, kHasLicense, kRunning, kStart };

Verdict decide(const Facts& facts, const Limits& limits, TimeMs now);

// verdict_reason: the word that stands in the audit row.
std::string_view verdict_reason(Verdict verdict);

}  // namespace latchkey::trial
