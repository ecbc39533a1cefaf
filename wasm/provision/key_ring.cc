#include "provision/key_ring.h"

#include <algorithm>

#include "base/check.h"
#include "json/writer.h"

namespace latchkey::provision {
namespace {

constexpr SecretAccess kAccess("the key ring packs, seals and opens provider keys");
constexpr size_t kLengthBytes = 4;

crypto::SealContext ring_context(int64_t version) {
  return {.table = "key_ring", .row_id = "", .owner = "", .version = static_cast<uint64_t>(version)};
}

// pack: each key after its length, absent ones with length 0, in one Secret.
Secret pack(const std::array<Secret, kNumProviders>& keys) {
  size_t size = 0;
  for (const Secret& key : keys) size += kLengthBytes + key.size();
  Secret packed(size);
  MutableByteView out = packed.fill(kAccess);
  for (const Secret& key : keys) {
    for (size_t i = 0; i < kLengthBytes; ++i) out[i] = static_cast<uint8_t>(key.size() >> 8 * i);
    const ByteView bytes = key.reveal(kAccess);
    std::copy(bytes.begin(), bytes.end(), out.begin() + kLengthBytes);
    out = out.subspan(kLengthBytes + key.size());
  }
  return packed;
}

void log_unopened(host::Log& log, const store::StoredKey& key, const Error& error) {
  json::Writer record;
  record.begin_object()
      .field("event", "provider_key_not_opened")
      .field("provider", key.provider)
      .field("key_id", key.id)
      .field("detail", error.message())
      .end_object();
  log.write(host::LogLevel::kError, record.text());
}

}  // namespace

crypto::SealContext stored_key_context(std::string_view id, std::string_view provider, int64_t version) {
  return {.table = "provider_keys", .row_id = id, .owner = provider, .version = static_cast<uint64_t>(version)};
}

OpenRing::OpenRing(Secret packed) : packed_(std::move(packed)) {
  ByteView rest = packed_.reveal(kAccess);
  for (ByteView& key : keys_) {
    CHECK(rest.size() >= kLengthBytes);
    size_t size = 0;
    for (size_t i = 0; i < kLengthBytes; ++i) size |= static_cast<size_t>(rest[i]) << 8 * i;
    rest = rest.subspan(kLengthBytes);
    CHECK(rest.size() >= size);
    key = rest.first(size);
    rest = rest.subspan(size);
  }
  CHECK(rest.empty());
}

ByteView OpenRing::key(size_t provider) const {
  CHECK(!keys_[provider].empty());
  return keys_[provider];
}

KeyRing KeyRing::make(const config::Config& config, crypto::Random& random, host::Log& log,
                      int64_t version, std::span<const store::StoredKey> stored) {
  std::array<Secret, kNumProviders> keys;
  std::array<std::optional<Entry>, kNumProviders> entries;
  ProviderSet in_d1;
  for (const store::StoredKey& row : stored) {
    const auto provider = config::provider_index(row.provider);
    if (!provider) continue;  // A provider that a newer build added.
    in_d1.add(*provider);
    auto key = config.master.open(crypto::SealPurpose::kProviderKey,
                                  stored_key_context(row.id, row.provider, row.version), row.sealed);
    if (!key) {
      log_unopened(log, row, key.error());
      continue;
    }
    entries[*provider] = Entry{row.version, row.ring_version,
                                  config.index.hash(crypto::IndexPurpose::kKeyTag, key->reveal(kAccess)), row.published_at};
    keys[*provider] = std::move(*key);
  }
  for (size_t i = 0; i < kNumProviders; ++i) {
    if (in_d1.has(i) || !config.provider_secrets[i]) continue;
    auto key = config.master.open(crypto::SealPurpose::kProviderKey, config::secret_context(i),
                                  config.provider_secrets[i]->sealed);
    CHECK(key.has_value());
    entries[i] = Entry{kWorkerSecretVersion, 0, config.provider_secrets[i]->tag};
    keys[i] = std::move(*key);
  }
  KeyRing ring(version, config.master.seal(random, crypto::SealPurpose::kKeyRing, ring_context(version),
                                           pack(keys).reveal(kAccess)));
  ring.entries_ = entries;
  return ring;
}

ProviderSet KeyRing::available() const {
  ProviderSet set;
  for (size_t i = 0; i < kNumProviders; ++i) {
    if (entries_[i]) set.add(i);
  }
  return set;
}

TimeMs KeyRing::published_at(ProviderSet providers) const {
  TimeMs newest = 0;
  for (size_t i = 0; i < kNumProviders; ++i) {
    if (providers.has(i) && entries_[i]) newest = std::max(newest, entries_[i]->published_at);
  }
  return newest;
}

const KeyRing::Entry& KeyRing::entry(size_t provider) const {
  CHECK(entries_[provider].has_value());
  return *entries_[provider];
}

Result<OpenRing> KeyRing::open(const config::Config& config) const {
  TRY(Secret packed, config.master.open(crypto::SealPurpose::kKeyRing, ring_context(version_), sealed_));
  return OpenRing(std::move(packed));
}

}  // namespace latchkey::provision
