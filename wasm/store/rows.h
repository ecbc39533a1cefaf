// Row structs that more than one room reads.
#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "crypto/seal.h"
#include "host/db.h"

namespace latchkey::store {

// StoredKey: a published row of provider_keys.
struct StoredKey {
  std::string id;
  std::string provider;
  int64_t version = 0;
  int64_t ring_version = 0;
  crypto::Sealed sealed;
  TimeMs published_at = 0;
};

// stored_keys: the rows of kProviderKeyListPublished.
std::vector<StoredKey> stored_keys(const host::BatchAnswer& answer, size_t statement);

}  // namespace latchkey::store
