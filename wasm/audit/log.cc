#include "audit/log.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/ids.h"
#include "base/limits.h"
#include "json/writer.h"
#include "store/audit_record.h"
#include "store/queries.h"

namespace latchkey::audit {
namespace {

struct Node {
  uint32_t level = 0;
  uint64_t number = 0;
  Digest hash{};
};

std::string print_nodes(const std::vector<Node>& nodes) {
  json::Writer out(nodes.size() * 96);
  out.begin_array();
  for (const Node& node : nodes) {
    out.begin_object().field("level", node.level).field("number", node.number);
    out.field("hash", base64_encode(node.hash)).end_object();
  }
  return std::move(out.end_array()).take();
}

std::string new_message(host::Host& host) {
  ByteArray<kIdRandomBytes> random;
  host.random.fill(random);
  return make_id("msg_", host.clock.now(), random);
}

}  // namespace

// expected_roots: of the stored heads among a statement's rows, by size.
AuditLog::Roots AuditLog::expected_roots(const host::BatchAnswer& answer, size_t at) {
  Roots roots;
  answer.each_row(at, [&](host::Row row) {
    roots.emplace(static_cast<uint64_t>(row.integer("size")), std::string(row.text("root")));
  });
  return roots;
}

// hash_tiles: the next whole tiles. The heads that were signed within them must be what their records hash to.
Task<Result<AuditLog::Hashed>> AuditLog::hash_tiles() {
  host::Batch look;
  look.add(store::kAuditStanding);
  look.add(store::kAuditEdgeNodes);
  look.add(store::kAuditListTiles).bind(limits::kAuditTilesPerTrip * kTileRecords);
  look.add(store::kAuditCheckpointRoots).bind(limits::kAuditTilesPerTrip * kTileRecords);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(look)));
  CO_TRY(const Standing standing, standing_in(answer, 0));
  const uint64_t num_tiles = answer.num_rows(2) / kTileRecords;
  if (num_tiles == 0) co_return Hashed{};
  CO_TRY(Frontier tree, edge_of(answer, 1, standing.hashed));

  const Roots roots = expected_roots(answer, 3);
  std::vector<Node> tiles;
  Frontier tile;
  std::optional<std::string> fault;
  answer.each_row(2, [&](host::Row row) {
    if (fault || tiles.size() == num_tiles) return;
    if (static_cast<uint64_t>(row.integer("seq")) != tree.size() + 1) {
      fault = record_missing(tree.size() + 1);
      return;
    }
    const Digest leaf = leaf_hash(store::audit_record(row));
    tree.add(leaf);
    tile.add(leaf);
    const auto expected = roots.find(tree.size());
    if (expected != roots.end() && expected->second != base64_encode(tree.root())) fault = head_differs(tree.size());
    if (tile.size() < kTileRecords) return;
    tiles.push_back({kTileLevel, tree.size() / kTileRecords - 1, tile.root()});
    tile = Frontier();
  });
  if (fault) co_return broken(*fault);
  host::Batch batch;
  batch.add(store::kAuditNodeInsert).bind(print_nodes(tiles));
  CO_TRY_VOID(co_await host_.db.run(std::move(batch)));
  co_return Hashed{.num_tiles = static_cast<uint32_t>(tiles.size()), .begin = tiles.front().number,
                   .end = tiles.back().number + 1};
}

// join_nodes: every node above the tiles whose 256 children are there.
Task<Result<Void>> AuditLog::join_nodes() {
  for (;;) {
    host::Batch look;
    for (uint32_t level = 2 * kTileLevel; level <= kTopLevel; level += kTileLevel) {
      look.add(store::kAuditNodeChildren).bind(level - kTileLevel);
    }
    CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(look)));
    std::vector<Node> joined;
    bool is_sound = true;
    for (uint32_t level = 2 * kTileLevel, at = 0; level <= kTopLevel; level += kTileLevel, ++at) {
      if (answer.num_rows(at) < kTileRecords) continue;
      Frontier children;
      answer.each_row(at, [&](host::Row row) {
        const auto hash = stored_hash(row);
        is_sound = is_sound && hash.has_value();
        if (hash) children.add(*hash);
      });
      joined.push_back({level, static_cast<uint64_t>(answer.row(at, 0).integer("number")) / kTileRecords, children.root()});
    }
    if (!is_sound) co_return broken("a node is no hash");
    if (joined.empty()) co_return Void{};
    host::Batch batch;
    batch.add(store::kAuditNodeInsert).bind(print_nodes(joined));
    CO_TRY_VOID(co_await host_.db.run(std::move(batch)));
  }
}

Task<Result<bool>> AuditLog::advance() {
  // What a run that was cut off left to be joined comes first: the next tiles stand behind it.
  CO_TRY_VOID(co_await join_nodes());
  uint32_t num_tiles = 0;
  bool is_done = false;
  while (!is_done && num_tiles < limits::kAuditTilesPerRun) {
    CO_TRY(const Hashed hashed, co_await hash_tiles());
    const bool fills_node = hashed.begin / kTileRecords != hashed.end / kTileRecords;
    if (fills_node) CO_TRY_VOID(co_await join_nodes());
    num_tiles += hashed.num_tiles;
    is_done = hashed.num_tiles < limits::kAuditTilesPerTrip;
  }
  co_return is_done;
}

// edge_of: the hashed part of the tree, from the nodes of its right edge.
Result<Frontier> AuditLog::edge_of(const host::BatchAnswer& answer, size_t at, uint64_t hashed) {
  std::vector<Node> nodes;
  bool is_sound = true;
  answer.each_row(at, [&](host::Row row) {
    const auto hash = stored_hash(row);
    is_sound = is_sound && hash.has_value();
    nodes.push_back({static_cast<uint32_t>(row.integer("level")), static_cast<uint64_t>(row.integer("number")),
                     hash.value_or(Digest{})});
  });
  if (!is_sound) return broken("a node is no hash");
  std::ranges::sort(nodes, [](const Node& a, const Node& b) {
    return a.level != b.level ? a.level > b.level : a.number < b.number;
  });
  Frontier tree;
  for (const Node& node : nodes) {
    // Nodes above the tiles wait to be joined.
    if (node.number << node.level != tree.size()) return still_hashing();
    tree.add_subtree(node.hash, node.level);
  }
  if (tree.size() != hashed) return still_hashing();
  return tree;
}

// head_of: of the records behind the hashed part, too. `newest` must be on the way, where it is not behind it.
Result<Checkpoint> AuditLog::head_of(Frontier tree, const host::BatchAnswer& answer, size_t tail_at,
                                     const Standing& standing, const std::optional<SignedCheckpoint>& newest) const {
  std::optional<std::string> fault;
  const auto check = [&] {
    const bool is_there = newest && newest->head.size == tree.size();
    if (is_there && newest->head.root != tree.root()) fault = head_differs(tree.size());
  };
  check();
  answer.each_row(tail_at, [&](host::Row row) {
    if (fault) return;
    if (static_cast<uint64_t>(row.integer("seq")) != tree.size() + 1) {
      fault = record_missing(tree.size() + 1);
      return;
    }
    tree.add(leaf_hash(store::audit_record(row)));
    check();
  });
  if (fault) return broken(*fault);
  if (tree.size() < standing.size) return still_hashing();
  return Checkpoint{.origin = origin_of(config_), .size = standing.size, .root = tree.root()};
}

Task<Result<SignedCheckpoint>> AuditLog::checkpoint() {
  // 1. The newest, and all that the next is made of.
  host::Batch look;
  look.add(store::kAuditStanding);
  look.add(store::kAuditCheckpointNewest);
  look.add(store::kAuditEdgeNodes);
  look.add(store::kAuditListTail).bind(limits::kAuditTilesPerTrip * kTileRecords);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(look)));
  CO_TRY(const Standing standing, standing_in(answer, 0));
  const auto newest = first_checkpoint(answer, 1, origin_of(config_));
  if (newest && newest->head.size > standing.size) {
    co_return broken("its last records are gone: the newest checkpoint counts " + std::to_string(newest->head.size) +
                     ", and there are " + std::to_string(standing.size));
  }
  CO_TRY(Frontier tree, edge_of(answer, 2, standing.hashed));
  CO_TRY(const Checkpoint head, head_of(std::move(tree), answer, 3, standing, newest));
  if (newest && newest->head.size == standing.size) co_return *newest;

  // 2. Sign and store. Whoever was quicker signed the same.
  const LogKey key = log_keys(config_).front();
  const std::string note = signed_note(head, key, config_.signing.sign(as_bytes(checkpoint_body(head))));
  const TimeMs now = host_.clock.now();
  host::Batch batch;
  batch.add(store::kAuditCheckpointAnnounce).bind(new_message(host_)).bind(head.size).bind(note).bind(now);
  batch.add(store::kAuditCheckpointInsert).bind(head.size).bind(base64_encode(head.root)).bind(note).bind(now);
  batch.add(store::kAuditCheckpointGet).bind(head.size);
  CO_TRY(const host::BatchAnswer stored, co_await host_.db.run(std::move(batch)));
  auto made = first_checkpoint(stored, 2, head.origin);
  if (!made) co_return restoring();
  if (made->head != head) co_return broken(head_differs(head.size));
  co_return std::move(*made);
}

Task<Result<SignedCheckpoint>> AuditLog::make_checkpoint() {
  CO_TRY(const bool is_done, co_await advance());
  if (is_done) co_return co_await checkpoint();
  host::Batch look;
  look.add(store::kAuditStanding);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(look)));
  CO_TRY(const Standing standing, standing_in(answer, 0));
  co_return fail(ErrorCode::kUnavailable,
                 "The audit log is still being hashed: " + std::to_string(standing.hashed) + " of " +
                     std::to_string(standing.size) + " records. Ask again to go on.",
                 "audit: tiles wait to be hashed");
}

Task<Result<Void>> AuditLog::thin_checkpoints() {
  host::Batch batch;
  batch.add(store::kAuditCheckpointDeleteOld)
      .bind(host_.clock.now() - limits::kAuditCheckpointsKeptMs)
      .bind(limits::kAuditCheckpointsThinnedPerRun);
  CO_TRY_VOID(co_await host_.db.run(std::move(batch)));
  co_return Void{};
}

Task<Result<Void>> run_due(host::Host& host, const config::Config& config) {
  host::Batch look;
  look.add(store::kAuditStanding);
  look.add(store::kAuditCheckpointNewest);
  CO_TRY(const host::BatchAnswer answer, co_await host.db.run(std::move(look)));
  const Standing standing = read_standing(answer.row(0, 0));
  if (standing.is_restoring) co_return Void{};
  const auto newest = answer.first(1);
  const bool has_grown = standing.size > static_cast<uint64_t>(newest ? newest->integer("size") : 0);
  const bool is_due = !newest || newest->integer("at") <= host.clock.now() - limits::kAuditCheckpointMs;
  const bool has_tile = standing.size >= standing.hashed + kTileRecords;

  AuditLog log(host, config);
  if (has_tile || (has_grown && is_due)) {
    CO_TRY(const bool is_done, co_await log.advance());
    if (!is_done) co_return Void{};
  }
  if (!has_grown || !is_due) co_return Void{};
  CO_TRY_VOID(co_await log.checkpoint());
  co_return co_await log.thin_checkpoints();
}

}  // namespace latchkey::audit
