// KeyRing: the current key of every provider. An isolate keeps it sealed and opens it for
// one answer at a time, so no key lies open in memory between requests.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "config/config.h"
#include "crypto/random.h"
#include "crypto/seal.h"
#include "host/log.h"
#include "provision/types.h"
#include "store/rows.h"

namespace latchkey::provision {

// A Worker secret counts as version 1; the first key put into D1 is version 2.
inline constexpr int64_t kWorkerSecretVersion = 1;

// stored_key_context: what a row's blob is bound to.
crypto::SealContext stored_key_context(std::string_view id, std::string_view provider, int64_t version);

// OpenRing: the keys themselves, for as long as one answer is written.
class OpenRing {
 public:
  // key: the bytes of a provider that the ring has. Valid while this lives.
  ByteView key(size_t provider) const;

 private:
  friend class KeyRing;
  explicit OpenRing(Secret packed);
  Secret packed_;
  std::array<ByteView, kNumProviders> keys_;
};

class KeyRing {
 public:
  struct Entry {
    int64_t version = 0;
    // ring_version: the ring in which this version was published; 0 for a Worker secret.
    int64_t ring_version = 0;
    crypto::TokenHash tag;  // of the key, keyed: equal tags, equal keys
    TimeMs published_at = 0;  // 0 for a Worker secret
  };

  // make: D1's key where there is one, otherwise the Worker secret. A stored key that does
  // not open is logged and left out: the others still serve.
  static KeyRing make(const config::Config& config, crypto::Random& random, host::Log& log,
                      int64_t version, std::span<const store::StoredKey> stored);

  int64_t version() const { return version_; }
  ProviderSet available() const;
  // published_at: when the newest key of these providers was published.
  TimeMs published_at(ProviderSet providers) const;
  // entry: the provider must be available.
  const Entry& entry(size_t provider) const;
  Result<OpenRing> open(const config::Config& config) const;

 private:
  KeyRing(int64_t version, crypto::Sealed sealed) : version_(version), sealed_(std::move(sealed)) {}

  int64_t version_;
  std::array<std::optional<Entry>, kNumProviders> entries_;
  crypto::Sealed sealed_;
};

}  // namespace latchkey::provision
