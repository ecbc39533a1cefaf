#include "rotation/decide.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/limits.h"

namespace latchkey::rotation {
namespace {

constexpr std::array<std::string_view, 6> kStates = {"staged", "verified", "published", "retired", "failed",
                                                     "cancelled"};
constexpr std::array<std::string_view, 2> kEndsBy = {"time", "adoption"};
constexpr std::array<std::string_view, 3> kVerdicts = {"accepted", "refused", "could_not_ask"};

template <class E, size_t N>
std::optional<E> parse(const std::array<std::string_view, N>& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<E>(found - names.begin());
}

bool may_publish_unverified(const Rotation& rotation) { return !rotation.must_verify || rotation.is_emergency; }

Unexpected refuse(const Rotation& rotation, std::string_view why) {
  return fail(ErrorCode::kConflict,
              "Rotation " + rotation.id + " is " + std::string(state_name(rotation.state)) + ": " + std::string(why));
}

Rotation end(Rotation rotation, State state, TimeMs now) {
  rotation.state = state;
  rotation.due_at = std::nullopt;
  rotation.ended_at = now;
  return rotation;
}

}  // namespace

std::string_view state_name(State state) { return kStates[static_cast<size_t>(state)]; }
std::string_view ends_by_name(EndsBy ends_by) { return kEndsBy[static_cast<size_t>(ends_by)]; }
std::string_view verdict_name(Verdict verdict) { return kVerdicts[static_cast<size_t>(verdict)]; }
std::optional<State> parse_state(std::string_view name) { return parse<State>(kStates, name); }
std::optional<EndsBy> parse_ends_by(std::string_view name) { return parse<EndsBy>(kEndsBy, name); }
std::optional<Verdict> parse_verdict(std::string_view name) { return parse<Verdict>(kVerdicts, name); }

Result<const Rotation*> decide_start(std::string_view provider, std::string_view material_hash,
                                     const std::optional<Rotation>& asked, const std::optional<Rotation>& open) {
  if (asked) {
    if (asked->provider == provider && asked->material_hash == material_hash) return &*asked;
    return fail(ErrorCode::kUnprocessable, "This Idempotency-Key began rotation " + asked->id +
                                               " with another provider or key. Send another one.");
  }
  if (!open) return nullptr;
  if (open->material_hash == material_hash) return &*open;
  return fail(ErrorCode::kConflict, "Rotation " + open->id + " of " + open->provider + " is " +
                                        std::string(state_name(open->state)) +
                                        (open->state == State::kPublished ? ": retire it first." : ": cancel it first."));
}

Result<Ready> decide_act(const Rotation& rotation, Act act) {
  const State state = rotation.state;
  const bool is_live = state == State::kPublished || state == State::kRetired;
  const bool is_given_up = state == State::kFailed || state == State::kCancelled;
  switch (act) {
    case Act::kVerify:
      if (is_given_up) return refuse(rotation, "its key is deleted. Start another one.");
      return state == State::kStaged ? Ready::kDo : Ready::kDoneAlready;
    case Act::kPublish:
      if (is_given_up) return refuse(rotation, "its key is deleted. Start another one.");
      if (is_live) return Ready::kDoneAlready;
      if (state == State::kStaged && !may_publish_unverified(rotation)) return refuse(rotation, "verify its key first.");
      return Ready::kDo;
    case Act::kCancel:
      if (is_live) return refuse(rotation, "clients have the new key. Start another one with the key you want.");
      return is_given_up ? Ready::kDoneAlready : Ready::kDo;
    case Act::kRetire:
      if (state == State::kRetired) return Ready::kDoneAlready;
      if (state != State::kPublished) return refuse(rotation, "only a published one has an old key to retire.");
      return Ready::kDo;
  }
  LK_UNREACHABLE();
}

std::optional<Act> goes_on(const Rotation& rotation) {
  if (rotation.state == State::kStaged && rotation.must_verify) return Act::kVerify;
  const bool waits = rotation.publish_at.has_value();
  if (rotation.state == State::kStaged && !waits) return Act::kPublish;
  if (rotation.state == State::kVerified && rotation.is_emergency) return Act::kPublish;
  return std::nullopt;
}

Step due_step(const Rotation& rotation, TimeMs now) {
  if (!rotation.due_at || *rotation.due_at > now) return Step::kNone;
  switch (rotation.state) {
    case State::kStaged: return rotation.must_verify ? Step::kVerify : Step::kPublish;
    case State::kVerified: return Step::kPublish;
    case State::kPublished: return rotation.grace_ends_at ? Step::kEndGrace : Step::kCheckAdoption;
    case State::kRetired:
    case State::kFailed:
    case State::kCancelled: return Step::kNone;
  }
  LK_UNREACHABLE();
}

Aging decide_aging(TimeMs published_at, const std::optional<Rotation>& open, TimeMs now) {
  if (!open) return now >= published_at && (now - published_at) % kDayMs < kMinuteMs ? Aging::kAsk : Aging::kNone;
  const bool is_ready =
      open->state == State::kVerified || (open->state == State::kStaged && !open->must_verify);
  return is_ready && !open->publish_at ? Aging::kPublish : Aging::kNone;
}

Rotation after_verify(Rotation rotation, const Finding& finding, TimeMs now) {
  rotation.verdict = finding.verdict;
  rotation.verdict_detail = finding.detail;
  rotation.verified_at = now;
  switch (finding.verdict) {
    case Verdict::kAccepted:
      rotation.state = State::kVerified;
      rotation.due_at = rotation.publish_at;
      return rotation;
    case Verdict::kRefused:
      rotation.failure = "key_refused";
      return end(std::move(rotation), State::kFailed, now);
    case Verdict::kCouldNotAsk:
      if (rotation.publish_at) rotation.due_at = std::max(*rotation.publish_at, now + limits::kVerifyRetryMs);
      return rotation;
  }
  LK_UNREACHABLE();
}

Rotation after_publish(Rotation rotation, TimeMs now) {
  rotation.published_at = now;
  if (rotation.is_emergency || !rotation.from_version) {
    rotation.grace_ends_at = now;
    return end(std::move(rotation), State::kRetired, now);
  }
  rotation.state = State::kPublished;
  if (rotation.ends_by == EndsBy::kAdoption) {
    rotation.due_at = now + limits::kAdoptionCheckMs;
  } else {
    rotation.grace_ends_at = now + rotation.grace_days * kDayMs;
    rotation.due_at = rotation.grace_ends_at;
  }
  return rotation;
}

Rotation after_cancel(Rotation rotation, TimeMs now) { return end(std::move(rotation), State::kCancelled, now); }

Rotation after_adoption_check(Rotation rotation, const Adoption& adoption, TimeMs now) {
  if (adoption.lagging() > 0) {
    rotation.due_at = now + limits::kAdoptionCheckMs;
  } else {
    rotation.grace_ends_at = now;
    rotation.due_at = now;
  }
  return rotation;
}

Rotation after_grace(Rotation rotation, const std::optional<Finding>& finding, GraceEnd by, TimeMs now) {
  if (finding) {
    rotation.old_verdict = finding->verdict;
    rotation.old_verdict_at = now;
  }
  const bool may_wait = by == GraceEnd::kByCron && rotation.grace_ends_at &&
                        now < *rotation.grace_ends_at + limits::kOldKeyAskMs;
  if (finding && finding->verdict == Verdict::kCouldNotAsk && may_wait) {
    rotation.due_at = now + limits::kOldKeyRetryMs;
    return rotation;
  }
  if (!rotation.grace_ends_at || *rotation.grace_ends_at > now) rotation.grace_ends_at = now;
  return end(std::move(rotation), State::kRetired, now);
}

KeyChange key_change(State before, State after) {
  if (before == after) return KeyChange::kNone;
  if (after == State::kFailed || after == State::kCancelled) return KeyChange::kDeleteNew;
  if (before == State::kPublished) return KeyChange::kDeleteOld;
  return after == State::kVerified ? KeyChange::kNone : KeyChange::kPublish;
}

std::string advice(const Rotation& rotation, std::string_view worker_secret) {
  const std::string name = rotation.provider;
  const std::string secret = worker_secret.empty()
                                 ? ""
                                 : " and delete the Worker secret " + std::string(worker_secret);
  switch (rotation.state) {
    case State::kStaged:
      if (rotation.verdict == Verdict::kCouldNotAsk) {
        return "The provider could not be asked (" + rotation.verdict_detail.value_or("") + "): verify it again" +
               (rotation.is_emergency ? ", or publish it unverified." : ".");
      }
      return rotation.must_verify ? "Verify the key." : "Waits to be published.";
    case State::kVerified:
      return rotation.publish_at ? "The provider takes the key. It is published when its time comes."
                                 : "The provider takes the key. Publish it.";
    case State::kPublished:
      return "Clients get the new key. Keep the old one valid at " + name + " until its grace has ended.";
    case State::kRetired:
      if (!rotation.from_version) return "Clients get the new key. There was none before it.";
      if (rotation.old_verdict == Verdict::kAccepted) {
        return name + " still accepts the old key: delete it there" + secret + ".";
      }
      if (rotation.old_verdict == Verdict::kRefused) {
        return "The old key is gone" + (secret.empty() ? std::string(".") : ":" + secret.substr(4) + ".");
      }
      return "Delete the old key at " + name + secret + ".";
    case State::kFailed: return "The provider refuses the key (" + rotation.verdict_detail.value_or("") + "): nothing changed.";
    case State::kCancelled: return "Cancelled: nothing changed.";
  }
  LK_UNREACHABLE();
}

}  // namespace latchkey::rotation
