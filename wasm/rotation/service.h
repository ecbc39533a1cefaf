// RotationService: replaces a provider's key so that no client notices. Each step is loaded, decided and stored
// with its audit row in one batch, and takes effect only if the rotation is still as it was read.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/run.h"
#include "base/task.h"
#include "config/config.h"
#include "host/host.h"
#include "rotation/decide.h"
#include "store/audit.h"

namespace latchkey::rotation {

struct NewRotation {
  size_t provider = 0;
  const Secret& api_key;
  bool must_verify = true;
  bool is_emergency = false;
  int64_t grace_days = 0;
  EndsBy ends_by = EndsBy::kTime;
  std::optional<TimeMs> publish_at;
  std::optional<std::string> idempotency_key;
};

// Shown: a rotation, and how far the clients are once it is published.
struct Shown {
  Rotation rotation;
  std::optional<Adoption> adoption;
};

struct RotationPage {
  std::vector<Rotation> rotations;
  std::optional<std::string> next_id;  // go on before this one; nullopt: the last page
};

class RotationService {
 public:
  // `by`: an audit row that says who acts; its action, time and details are set here. All outlive this. A dry run
  // stores nothing and gives each rotation as it would be.
  RotationService(host::Host& host, const config::Config& config, const store::AuditRow& by, Run run = Run::kReal)
      : host_(host), config_(config), by_(by), run_(run) {}

  // start: stages the key as the provider's next version and goes on as far as it may: a key that must be verified
  // is, an emergency or one that need not be is published. Asked again (decide_start) it goes on from where it
  // stands. A dry run asks the provider too; its rotation has no id.
  Task<Result<Rotation>> start(const NewRotation& wanted);
  Task<Result<Rotation>> act(std::string_view id, Act act);
  // list: newest first, those before `before_id`; empty: from the newest on.
  Task<Result<RotationPage>> list(std::string_view before_id, uint32_t rows_max);
  Task<Result<Shown>> show(std::string_view id);
  // step: what is due of it, for cron.
  Task<Result<Rotation>> step(const Rotation& rotation);

  // worker_secret: the name of the Worker secret that held the old key and is still there; empty: none.
  static std::string_view worker_secret(const config::Config& config, const Rotation& rotation);

 private:
  struct Found;
  Task<Result<Found>> look(const NewRotation& wanted, std::string_view idempotency_hash);
  Task<Result<Rotation>> stage(const NewRotation& wanted, std::string_view idempotency_hash, Rotation planned);
  Task<Result<Rotation>> load(std::string_view id);
  Task<Result<Adoption>> adoption_of(const Rotation& rotation);
  // key_of: a version's key, opened; nullopt where nothing is left of it.
  Task<Result<std::optional<Secret>>> key_of(const Rotation& rotation, int64_t version);
  Task<Result<Rotation>> verify(const Rotation& rotation, const Secret* key);
  Task<Result<Rotation>> publish(const Rotation& rotation);
  Task<Result<Rotation>> end_grace(const Rotation& rotation, GraceEnd by);
  Task<Result<Rotation>> store(const Rotation& before, const Rotation& after, std::string_view action,
                               std::optional<std::string_view> reason);

  host::Host& host_;
  const config::Config& config_;
  const store::AuditRow& by_;
  Run run_;
  int64_t num_audits_ = 0;
};

// run_due: takes one step of each rotation that has one due, and publishes what is staged for a key that is older than
// KEY_MAX_AGE_DAYS, or logs that it wants one, as cron. A step that fails is tried again next time
// and is the error, once all were tried.
Task<Result<Void>> run_due(host::Host& host, const config::Config& config);

}  // namespace latchkey::rotation
