#include "provision/edge_status.h"

#include "edge/copy.h"
#include "provision/decide.h"
#include "provision/edge_ring.h"

namespace latchkey::provision {
namespace {

constexpr size_t kEtagChars = 22;

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
    if (const auto& spending = copy->spending) {
      status.used_up = budget::reached(spending->budget, spending->spent_at(now), now);
    }
  }
  if (!status.is_usable || status.used_up) co_return status;

  CO_TRY(const auto ring, co_await fresh_ring(host, config, shared));
  status.epoch = std::max(shared.edge_epoch, receipt.epoch);
  status.providers = status.providers & ring->available();
  for (size_t i = 0; i < kNumProviders; ++i) {
    if (!status.providers.has(i)) continue;
    status.key_versions[i] = ring->entry(i).version;
    if (status.key_versions[i] != receipt.key_versions[i]) status.changed.add(i);
  }
  if (!status.changed.empty()) {
    status.refresh_after = refresh_for_rotation(now, ring->published_at(status.changed), receipt.machine);
  }
  status.etag = etag_of(config, status, *ring, receipt.license_id);
  if (status.license_expires_at && *status.license_expires_at - now <= limits::kEndingSoonMs) {
    status.notices.push_back(
        {"license_ending", "", "The licence ends at " + format_time(*status.license_expires_at) + "."});
  }
  co_return status;
}

}  // namespace latchkey::provision
