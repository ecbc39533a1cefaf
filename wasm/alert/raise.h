// Raising and clearing alerts, as statements of somebody else's batch: the alert is there exactly if what it is about is.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "alert/kinds.h"
#include "host/host.h"

namespace latchkey::alert {

// Raise: something is wrong. The same kind and subject, while it is not resolved, is the same alert: it is counted up.
struct Raise {
  Kind kind;
  std::string subject;
  std::optional<Severity> severity{};  // nullopt: the kind's
  int64_t level = 0;                   // how bad within its kind: more than before tells the webhooks again
  std::string details = "{}";          // canonical JSON object: never a secret
  int64_t needed = 1;                  // how often it must be seen, without a clear between, to be an alert
};

// Cause: what an alert is about.
struct Cause {
  Kind kind;
  std::string_view subject;
};

// IfAudited: an audit row of the same batch, or an earlier one. Without it nothing is raised or cleared: so an alert
// shares the conditions of the act that it comes of.
struct IfAudited {
  std::string_view request_id;
  int64_t item = 0;
};

// add_raise: two statements: the alerts, and a message for each webhook that is to hear of them. None for an empty list.
void add_raise(host::Batch& batch, host::Host& host, std::span<const Raise> raises,
               std::optional<IfAudited> condition = std::nullopt);

// add_clear: three statements: the alerts are resolved, and the webhooks told. None for an empty list.
void add_clear(host::Batch& batch, host::Host& host, std::span<const Cause> causes,
               std::optional<IfAudited> condition = std::nullopt);

// add_notify: a message for each webhook, of each alert whose notice is `notice`.
void add_notify(host::Batch& batch, std::string_view notice, std::string_view type, TimeMs now);
// new_notice: names a batch; the messages of the batch get their ids from it.
std::string new_notice(host::Host& host);

inline constexpr std::string_view kRaised = "alert.raised";
inline constexpr std::string_view kResolvedType = "alert.resolved";

}  // namespace latchkey::alert
