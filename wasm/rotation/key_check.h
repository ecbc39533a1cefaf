// Key checks: each provider is asked at times whether it still takes the key that clients get, so that an admin hears of a
// refusal before users do.
#pragma once

#include <optional>
#include <string>

#include "base/task.h"
#include "config/config.h"
#include "host/host.h"
#include "rotation/decide.h"

namespace latchkey::rotation {

// KeyCheck: the last one of a provider.
struct KeyCheck {
  std::string provider;
  std::string key_tag;  // which key
  std::optional<Verdict> verdict;
  std::string detail;
  std::optional<TimeMs> checked_at;
  TimeMs due_at = 0;
};
KeyCheck read_key_check(const host::Row& row);

// is_check_due: its time has come, or the key is another one than the last time.
bool is_check_due(const std::optional<KeyCheck>& last, std::string_view key_tag, TimeMs now);

// run_key_checks: as cron: asks at most limits::kKeyChecksPerRun providers that are due, each key once in
// KEY_CHECK_MINUTES. A refusal is an alert, and so is a provider that could not be asked
// limits::kAlertAfterKeyUnreachable times; a key that is taken clears both. In development only providers at another
// address are asked: a demo key is nobody's.
Task<Result<Void>> run_key_checks(host::Host& host, const config::Config& config);

}  // namespace latchkey::rotation
