// Webhooks as they are stored. Where one leads and what signs its messages is sealed together, because a URL often holds
// a token.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "config/config.h"
#include "crypto/random.h"
#include "crypto/seal.h"
#include "host/db.h"

namespace latchkey::webhook {

enum class State : uint8_t { kActive, kPaused, kDisabled };
std::string_view state_name(State state);
std::optional<State> parse_state(std::string_view name);

// target_context: of the sealed column.
crypto::SealContext target_context(std::string_view webhook_id);

// Target: what is sealed.
struct Target {
  std::string url;
  Secret secret;
  std::optional<Secret> old_secret;  // the one before, if there was one
};
crypto::Sealed seal_target(const config::Config& config, crypto::Random& random, std::string_view webhook_id,
                           const Target& target);
Result<Target> open_target(const config::Config& config, std::string_view webhook_id, const crypto::Sealed& sealed);

// Webhook: a row.
struct Webhook {
  std::string id;
  std::string name;
  crypto::Sealed sealed{""};
  std::string hint;
  std::vector<std::string> events;  // kinds of alerts, or "*": all; audit_checkpoint
  std::string min_severity;
  State state = State::kActive;
  int64_t failures = 0;
  std::optional<TimeMs> old_secret_until;
  int64_t revision = 1;
  std::string created_by;
  TimeMs created_at = 0;
  TimeMs updated_at = 0;
  std::optional<TimeMs> last_delivered_at;
};
Webhook read_webhook(const host::Row& row);
// print_events: as a JSON array.
std::string print_events(const std::vector<std::string>& events);

}  // namespace latchkey::webhook
