#include "provision/edge_ring.h"

#include "edge/copy.h"

namespace latchkey::provision {

Task<Result<std::shared_ptr<const KeyRing>>> fresh_ring(host::Host& host, const config::Config& config,
                                                        Shared& shared) {
  const TimeMs now = host.clock.now();
  const TimeMs age = now - shared.edge_read_at;  // negative where the clock went back
  const bool is_fresh = shared.ring && age >= 0 && age < limits::kKvCopyAgeMsMax;
  if (is_fresh) co_return shared.ring;
  CO_TRY(const auto text, co_await host.kv.get(edge::kRingKey));
  auto copy = text ? edge::parse_ring_copy(*text) : std::nullopt;
  if (!copy) copy.emplace();  // Nothing there yet: the Worker secrets are all there is.
  shared.edge_read_at = now;
  shared.edge_epoch = std::max(shared.edge_epoch, copy->epoch);
  if (!shared.ring || shared.ring->version() < copy->version) {
    shared.keep_ring(std::make_shared<const KeyRing>(
        KeyRing::make(config, host.random, host.log, copy->version, copy->keys)));
  }
  co_return shared.ring;
}

}  // namespace latchkey::provision
