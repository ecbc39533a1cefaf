// What the database holds of the log and its tree, as rows, and what is said where it does not hold together.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/checkpoint.h"
#include "config/config.h"
#include "host/db.h"

namespace latchkey::audit {

inline constexpr uint32_t kTileLevel = 8;  // a tile and every kept node has 2^8 children
inline constexpr uint32_t kTopLevel = 24;  // good for 2^32 records
inline constexpr uint64_t kTileRecords = uint64_t{1} << kTileLevel;

// Standing: how far the log has come. Row n has seq n + 1.
struct Standing {
  uint64_t size = 0;    // records it has ever had
  uint64_t first = 0;   // of them, so many of the oldest are gone
  uint64_t hashed = 0;  // so many stand in hashed tiles
  bool is_restoring = false;
  bool is_sound = false;  // what is gone are whole hashed tiles
};
Standing read_standing(const host::Row& row);
// standing_in: of a statement's row. kUnavailable while a restore is running; kInternal where it is not sound.
Result<Standing> standing_in(const host::BatchAnswer& answer, size_t at);

// SignedCheckpoint: as it is stored.
struct SignedCheckpoint {
  Checkpoint head;
  std::string note;
  TimeMs at = 0;
};
// first_checkpoint: of a statement's first row. nullopt without one, or where its root is no hash.
std::optional<SignedCheckpoint> first_checkpoint(const host::BatchAnswer& answer, size_t at, std::string_view origin);
SignedCheckpoint read_checkpoint(const host::Row& row, std::string_view origin);

// stored_hash: the column `hash`; nullopt where it is none.
std::optional<Digest> stored_hash(const host::Row& row);

// origin_of: the log's name: the host of PUBLIC_ORIGIN and /audit.
std::string origin_of(const config::Config& config);
// log_keys: what verifies this log: SIGNING_KEY under the log's name, the signing one first.
std::vector<LogKey> log_keys(const config::Config& config);

// broken: kInternal: somebody else wrote to these tables. `fault` is shown to admins.
Unexpected broken(std::string_view fault);
std::string record_missing(uint64_t seq);
std::string head_differs(uint64_t size);
// restoring, still_hashing: kUnavailable.
Unexpected restoring();
Unexpected still_hashing();

}  // namespace latchkey::audit
