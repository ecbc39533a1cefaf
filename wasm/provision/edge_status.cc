#include "provision/edge_status.h"

#include "edge/copy.h"

namespace latchkey::provision {
namespace {

constexpr size_t kEtagChars = 22;

// fresh_ring: the ring as KV has it, or the isolate's own where that is newer.
Task<Result<std::shared_ptr<const KeyRing>>> fresh_ring(host::Host& host, const config::Config& config,
                                                        Shared& shared, TimeMs now) {
  const bool is_fresh = shared.ring && now - shared.edge_read_at < limits::kKvCopyAgeMsMax;
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

std::string etag_of(const config::Config& config, const EdgeStatus& status, const KeyRing& ring,
                    std::string_view license_id) {
  std::string text(license_id);
  text += '|' + status.plan + '|' + std::to_string(status.license_expires_at.value_or(0));
  for (size_t i = 0; i < kNumProviders; ++i) {
    if (!status.providers.has(i)) continue;
    text += '|';
    text += config::kProviders[i].name;
    text += ring.entry(i).tag.text();
  }
  const auto hash = config.index.hash(crypto::IndexPurpose::kKeyTag, text);
  return '"' + std::string(hash.text().substr(0, kEtagChars)) + '"';
}

}  // namespace

Task<Result<EdgeStatus>> edge_status(host::Host& host, const config::Config& config, Shared& shared,
                                     const ReceiptClaims& receipt) {
  const TimeMs now = host.clock.now();
  EdgeStatus status{.is_usable = true, .plan = receipt.plan, .providers = ProviderSet::all()};

  CO_TRY(const auto text, co_await host.kv.get(edge::license_key(receipt.code_hash)));
  if (const auto copy = text ? edge::parse_license_copy(*text) : std::nullopt) {
    status.is_usable = copy->is_usable(now) && copy->id == receipt.license_id;
    status.plan = copy->plan;
    status.license_expires_at = copy->expires_at;
    status.providers = copy->providers;
  }
  if (!status.is_usable) co_return status;

  CO_TRY(const auto ring, co_await fresh_ring(host, config, shared, now));
  status.epoch = std::max(shared.edge_epoch, receipt.epoch);
  status.providers = status.providers & ring->available();
  for (size_t i = 0; i < kNumProviders; ++i) {
    if (!status.providers.has(i)) continue;
    status.key_versions[i] = ring->entry(i).version;
    if (status.key_versions[i] != receipt.key_versions[i]) status.changed.add(i);
  }
  status.etag = etag_of(config, status, *ring, receipt.license_id);
  if (status.license_expires_at && *status.license_expires_at - now <= limits::kEndingSoonMs) {
    status.notices.push_back(
        {"license_ending", "", "The licence ends at " + format_time(*status.license_expires_at) + "."});
  }
  co_return status;
}

}  // namespace latchkey::provision
