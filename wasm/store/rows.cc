#include "store/rows.h"

namespace latchkey::store {

std::vector<StoredKey> stored_keys(const host::BatchAnswer& answer, size_t statement) {
  std::vector<StoredKey> keys;
  answer.each_row(statement, [&](host::Row row) {
    keys.push_back({.id = std::string(row.text("id")),
                    .provider = std::string(row.text("provider")),
                    .version = row.integer("version"),
                    .ring_version = row.integer("ring_version"),
                    .sealed = crypto::Sealed(std::string(row.text("sealed"))),
                    .published_at = row.integer("published_at")});
  });
  return keys;
}

}  // namespace latchkey::store
