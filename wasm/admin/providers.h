// ProviderService: where each provider's key comes from, and putting a new one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "admin/actor.h"
#include "base/run.h"
#include "base/task.h"
#include "config/config.h"
#include "host/host.h"
#include "rotation/key_check.h"

namespace latchkey::admin {

struct ProviderView {
  std::string_view provider;
  std::string_view source;  // secret, stored, none
  std::optional<int64_t> version;
  std::optional<TimeMs> updated_at;
  bool is_rotation_due = false;  // older than KEY_MAX_AGE_DAYS
  std::optional<rotation::KeyCheck> check;  // of whichever key was its own then
};

class ProviderService {
 public:
  ProviderService(host::Host& host, const config::Config& config, const Actor& actor)
      : host_(host), config_(config), actor_(actor) {}

  // list: one trip.
  Task<Result<std::vector<ProviderView>>> list();
  // set: seals the key as the provider's next version and publishes it at once; the version
  // before it is deleted. Two trips and the edge copy's. kUnavailable where another version
  // was put meanwhile: nothing changed, try again.
  Task<Result<ProviderView>> set(size_t provider, const Secret& api_key, Run run = Run::kReal);

 private:
  host::Host& host_;
  const config::Config& config_;
  const Actor& actor_;
};

}  // namespace latchkey::admin
