// ProofService: proofs out of the stored tree, by the paths of RFC 9162. A proof takes the kept nodes on its way and the
// records of one tile, or of two; so it reads little, however long the log is.
//
// Round trips: each one; one more where no size is named, or `first` is asked for and old records are gone.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "audit/stored.h"
#include "base/task.h"
#include "host/host.h"

namespace latchkey::audit {

struct InclusionProof {
  uint64_t index = 0;  // of the leaf; its record has seq index + 1
  uint64_t size = 0;   // of the tree
  std::string record;  // the leaf
  std::vector<Digest> path;
};

struct ConsistencyProof {
  uint64_t from = 0;
  uint64_t to = 0;
  std::vector<Digest> path;
};

// Head: a stored checkpoint, and what an export of the log begins with.
struct Head {
  SignedCheckpoint checkpoint;
  Frontier before;  // the tree of the records that are gone
};

class ProofService {
 public:
  ProofService(host::Host& host, const config::Config& config) : host_(host), config_(config) {}

  // Without a size, that of the newest checkpoint. kNotFound where a record that it takes is not kept any more, or no
  // checkpoint was made yet; kInvalidRequest where the sizes are none of this log's; kUnavailable where tiles wait to
  // be hashed.
  Task<Result<InclusionProof>> inclusion(uint64_t index, std::optional<uint64_t> size);
  Task<Result<ConsistencyProof>> consistency(uint64_t from, std::optional<uint64_t> to);
  // head: of that size, or the newest. kNotFound where there is none.
  Task<Result<Head>> head(std::optional<uint64_t> size);

 private:
  struct Found;
  Task<Result<uint64_t>> newest_size();
  Task<Result<Found>> find(std::vector<Range> path, std::optional<uint64_t> leaf, uint64_t size);

  host::Host& host_;
  const config::Config& config_;
};

}  // namespace latchkey::audit
