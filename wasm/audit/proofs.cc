#include "audit/proofs.h"

#include <algorithm>
#include <bit>
#include <map>

#include "json/writer.h"
#include "store/audit_record.h"
#include "store/queries.h"

namespace latchkey::audit {
namespace {

constexpr uint64_t kSizeMax = uint64_t{1} << 32;

uint32_t level_of(Range subtree) { return static_cast<uint32_t>(std::countr_zero(subtree.end - subtree.begin)); }

// kept_level: of the nodes that a perfect subtree of whole tiles is made of.
uint32_t kept_level(Range subtree) { return std::min(kTopLevel, level_of(subtree) / kTileLevel * kTileLevel); }

// Needs: what a path is made of: kept nodes, and the tiles in which it takes records.
struct Needs {
  std::string nodes;
  std::vector<uint64_t> tiles;
  uint64_t hashed = 0;  // up to where tiles must have a hash
};

Needs needs_of(const std::vector<Range>& path, std::optional<uint64_t> leaf) {
  Needs needs;
  if (leaf) needs.tiles.push_back(*leaf / kTileRecords);
  json::Writer out(1024);
  out.begin_array();
  for (const Range& range : path) {
    for (const Range& subtree : perfect_subtrees(range)) {
      if (level_of(subtree) < kTileLevel) {
        needs.tiles.push_back(subtree.begin / kTileRecords);
        continue;
      }
      const uint32_t level = kept_level(subtree);
      needs.hashed = std::max(needs.hashed, subtree.end);
      out.begin_object().field("level", level);
      out.field("begin", subtree.begin >> level).field("end", subtree.end >> level).end_object();
    }
  }
  needs.nodes = std::move(out.end_array()).take();
  std::ranges::sort(needs.tiles);
  needs.tiles.erase(std::unique(needs.tiles.begin(), needs.tiles.end()), needs.tiles.end());
  return needs;
}

Unexpected gone(uint64_t first) {
  return fail(ErrorCode::kNotFound,
              "This takes records that are not kept any more: those up to " + std::to_string(first) + " are gone.");
}

Unexpected too_large(uint64_t size) {
  return fail(ErrorCode::kInvalidRequest, "The log has " + std::to_string(size) + " records: no tree of it is larger.");
}

Unexpected no_checkpoint() {
  return fail(ErrorCode::kNotFound, "There is no such checkpoint. POST /admin/audit/checkpoint makes one.");
}

}  // namespace

// Found: the nodes and records that a path takes, as they are stored.
struct ProofService::Found {
  std::map<std::pair<uint32_t, uint64_t>, Digest> nodes;
  std::map<uint64_t, std::string> records;  // by leaf

  Result<Digest> hash_of_subtree(Range subtree) const {
    Frontier tree;
    if (level_of(subtree) < kTileLevel) {
      for (uint64_t leaf = subtree.begin; leaf < subtree.end; ++leaf) {
        const auto record = records.find(leaf);
        if (record == records.end()) return broken(record_missing(leaf + 1));
        tree.add(leaf_hash(record->second));
      }
      return tree.root();
    }
    const uint32_t level = kept_level(subtree);
    for (uint64_t number = subtree.begin >> level; number < subtree.end >> level; ++number) {
      const auto node = nodes.find({level, number});
      if (node == nodes.end()) return still_hashing();  // waits to be joined
      tree.add(node->second);
    }
    return tree.root();
  }

  Result<std::vector<Digest>> hashes_of(const std::vector<Range>& path) const {
    std::vector<Digest> hashes;
    for (const Range& range : path) {
      std::vector<Digest> subtrees;
      for (const Range& subtree : perfect_subtrees(range)) {
        TRY(const Digest hash, hash_of_subtree(subtree));
        subtrees.push_back(hash);
      }
      hashes.push_back(fold_right(subtrees));
    }
    return hashes;
  }
};

Task<Result<ProofService::Found>> ProofService::find(std::vector<Range> path, std::optional<uint64_t> leaf,
                                                     uint64_t size) {
  const Needs needs = needs_of(path, leaf);
  host::Batch look;
  look.add(store::kAuditStanding);
  look.add(store::kAuditNodeRanges).bind(needs.nodes);
  for (const uint64_t tile : needs.tiles) {
    look.add(store::kAuditListLines).bind(tile * kTileRecords).bind(kTileRecords);
  }
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(look)));
  CO_TRY(const Standing standing, standing_in(answer, 0));
  if (size > standing.size) co_return too_large(standing.size);
  if (!needs.tiles.empty() && needs.tiles.front() * kTileRecords < standing.first) co_return gone(standing.first);
  if (needs.hashed > standing.hashed) co_return still_hashing();

  Found found;
  bool is_sound = true;
  answer.each_row(1, [&](host::Row row) {
    const auto hash = stored_hash(row);
    is_sound = is_sound && hash.has_value();
    if (!hash) return;
    found.nodes[{static_cast<uint32_t>(row.integer("level")), static_cast<uint64_t>(row.integer("number"))}] = *hash;
  });
  if (!is_sound) co_return broken("a node is no hash");
  for (size_t at = 2; at < 2 + needs.tiles.size(); ++at) {
    answer.each_row(at, [&](host::Row row) {
      found.records[static_cast<uint64_t>(row.integer("seq")) - 1] = store::audit_record(row);
    });
  }
  co_return found;
}

Task<Result<uint64_t>> ProofService::newest_size() {
  host::Batch look;
  look.add(store::kAuditCheckpointNewest);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(look)));
  const auto newest = answer.first(0);
  if (!newest) co_return no_checkpoint();
  co_return static_cast<uint64_t>(newest->integer("size"));
}

Task<Result<InclusionProof>> ProofService::inclusion(uint64_t index, std::optional<uint64_t> size) {
  if (!size) {
    CO_TRY(size, co_await newest_size());
  }
  if (*size > kSizeMax) co_return too_large(kSizeMax);
  if (index >= *size) {
    co_return fail(ErrorCode::kInvalidRequest, "Record " + std::to_string(index + 1) + " is not among the first " +
                                                   std::to_string(*size) + ". A newer checkpoint may hold it.");
  }
  const std::vector<Range> path = inclusion_path(index, *size);
  CO_TRY(const Found found, co_await find(path, index, *size));
  CO_TRY(std::vector<Digest> hashes, found.hashes_of(path));
  const auto record = found.records.find(index);
  if (record == found.records.end()) co_return broken(record_missing(index + 1));
  co_return InclusionProof{.index = index, .size = *size, .record = record->second, .path = std::move(hashes)};
}

Task<Result<ConsistencyProof>> ProofService::consistency(uint64_t from, std::optional<uint64_t> to) {
  if (!to) {
    CO_TRY(to, co_await newest_size());
  }
  if (*to > kSizeMax) co_return too_large(kSizeMax);
  if (from == 0 || from > *to) {
    co_return fail(ErrorCode::kInvalidRequest,
                   "`from` must be a size from 1 to that of the newer tree, " + std::to_string(*to) + ".");
  }
  const std::vector<Range> path = consistency_path(from, *to);
  CO_TRY(const Found found, co_await find(path, std::nullopt, *to));
  CO_TRY(std::vector<Digest> hashes, found.hashes_of(path));
  co_return ConsistencyProof{.from = from, .to = *to, .path = std::move(hashes)};
}

Task<Result<Head>> ProofService::head(std::optional<uint64_t> size) {
  host::Batch look;
  look.add(store::kAuditStanding);
  if (size) look.add(store::kAuditCheckpointGet).bind(*size);
  else look.add(store::kAuditCheckpointNewest);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(look)));
  CO_TRY(const Standing standing, standing_in(answer, 0));
  const auto checkpoint = first_checkpoint(answer, 1, origin_of(config_));
  if (!checkpoint) co_return no_checkpoint();
  Head head{.checkpoint = *checkpoint, .before = {}};
  if (standing.first == 0) co_return head;

  const std::vector<Range> before = perfect_subtrees({0, standing.first});
  CO_TRY(const Found found, co_await find(before, std::nullopt, standing.first));
  CO_TRY(std::vector<Digest> hashes, found.hashes_of(before));
  head.before = Frontier::of(standing.first, std::move(hashes));
  co_return head;
}

}  // namespace latchkey::audit
