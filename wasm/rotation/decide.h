// Rotation of one provider's key: its states, what may be done in each, and what comes of it. Pure.
//
//   staged -> verified -> published (grace) -> retired
//      \---------\-> failed, cancelled
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace latchkey::rotation {

enum class State : uint8_t { kStaged, kVerified, kPublished, kRetired, kFailed, kCancelled };
enum class EndsBy : uint8_t { kTime, kAdoption };
// Verdict: what the provider says of a key. kCouldNotAsk is no verdict on the key at all.
enum class Verdict : uint8_t { kAccepted, kRefused, kCouldNotAsk };

std::string_view state_name(State state);
std::string_view ends_by_name(EndsBy ends_by);
std::string_view verdict_name(Verdict verdict);
std::optional<State> parse_state(std::string_view name);
std::optional<EndsBy> parse_ends_by(std::string_view name);
std::optional<Verdict> parse_verdict(std::string_view name);

// Finding: a verdict and where it comes from: "HTTP 200", "no answer".
struct Finding {
  Verdict verdict = Verdict::kCouldNotAsk;
  std::string detail;
};

// Rotation: a row of the table.
struct Rotation {
  std::string id;
  std::string provider;
  State state = State::kStaged;
  int64_t revision = 1;
  std::optional<int64_t> from_version;
  int64_t to_version = 0;
  std::string material_hash;
  bool must_verify = true;
  bool is_emergency = false;
  int64_t grace_days = 0;
  EndsBy ends_by = EndsBy::kTime;
  std::optional<TimeMs> publish_at;
  std::optional<Verdict> verdict;
  std::optional<std::string> verdict_detail;
  std::optional<TimeMs> verified_at;
  std::optional<TimeMs> published_at;
  std::optional<int64_t> ring_version;
  std::optional<TimeMs> grace_ends_at;
  std::optional<Verdict> old_verdict;
  std::optional<TimeMs> old_verdict_at;
  std::optional<std::string> failure;
  std::optional<TimeMs> due_at;
  std::string actor;
  TimeMs created_at = 0;
  TimeMs updated_at = 0;
  std::optional<TimeMs> ended_at;
};

// Adoption: the machines that came by lately, and those of them that hold the new ring.
struct Adoption {
  int64_t active = 0;
  int64_t holding = 0;
  std::optional<TimeMs> oldest_seen_at;  // of those that lag
  int64_t lagging() const { return active - holding; }
};

// decide_start: what a request for a rotation gets. `asked` is the rotation of its idempotency key, `open` the
// provider's open one. nullptr: a new rotation; otherwise the same one again. kUnprocessable where the
// idempotency key was for something else, kConflict where another rotation is open.
Result<const Rotation*> decide_start(std::string_view provider, std::string_view material_hash,
                                     const std::optional<Rotation>& asked, const std::optional<Rotation>& open);

enum class Act : uint8_t { kVerify, kPublish, kCancel, kRetire };
enum class Ready : uint8_t { kDo, kDoneAlready };
// decide_act: kDoneAlready, so that an act done twice changes nothing; kConflict where it is not allowed.
Result<Ready> decide_act(const Rotation& rotation, Act act);

// goes_on: what a start does next by itself, now that the rotation is in this state.
std::optional<Act> goes_on(const Rotation& rotation);

// Step: what is due, for cron.
enum class Step : uint8_t { kNone, kVerify, kPublish, kCheckAdoption, kEndGrace };
Step due_step(const Rotation& rotation, TimeMs now);

// Aging: what becomes of a published key that is as old as a key may become.
//   kPublish  a staged key waits only for somebody to ask: publish it
//   kAsk      none is staged: ask for one, once a day, in the minute of its publishing
enum class Aging : uint8_t { kNone, kPublish, kAsk };
// decide_aging: `open` is the provider's open rotation; cron asks each minute.
Aging decide_aging(TimeMs published_at, const std::optional<Rotation>& open, TimeMs now);

// What a rotation is after each act.
Rotation after_verify(Rotation rotation, const Finding& finding, TimeMs now);
Rotation after_publish(Rotation rotation, TimeMs now);
Rotation after_cancel(Rotation rotation, TimeMs now);
Rotation after_adoption_check(Rotation rotation, const Adoption& adoption, TimeMs now);
// after_grace: `finding` is on the old key; nullopt where none is left to ask with. Cron asks again for
// limits::kOldKeyAskMs where the provider could not be asked; an admin does not wait.
enum class GraceEnd : uint8_t { kByCron, kByAdmin };
Rotation after_grace(Rotation rotation, const std::optional<Finding>& finding, GraceEnd by, TimeMs now);

// KeyChange: what becomes of the keys when a rotation goes from one state to the next.
enum class KeyChange : uint8_t { kNone, kPublish, kDeleteNew, kDeleteOld };
KeyChange key_change(State before, State after);

// advice: one sentence: how it stands and what to do. `worker_secret` is the Worker secret that held the old key.
std::string advice(const Rotation& rotation, std::string_view worker_secret);

}  // namespace latchkey::rotation
