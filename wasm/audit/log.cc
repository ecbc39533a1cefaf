#include "audit/log.h"

#include <algorithm>

#include "base/encoding.h"
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

Unexpected broken(std::string_view detail) {
  return fail(ErrorCode::kInternal, "The audit log does not hold together.", "audit: " + std::string(detail));
}

Unexpected still_hashing() {
  return fail(ErrorCode::kUnavailable, "The audit log is still being hashed. Try again in a minute.",
              "audit: tiles wait to be hashed");
}

std::optional<Digest> stored_hash(const host::Row& row) {
  const auto bytes = base64_decode(row.text("hash"));
  if (!bytes || bytes->size() != crypto::kSha256Bytes) return std::nullopt;
  Digest hash;
  std::ranges::copy(*bytes, hash.begin());
  return hash;
}

std::string print_nodes(const std::vector<Node>& nodes) {
  json::Writer out(nodes.size() * 96);
  out.begin_array();
  for (const Node& node : nodes) {
    out.begin_object().field("level", node.level).field("number", node.number);
    out.field("hash", base64_encode(node.hash)).end_object();
  }
  return std::move(out.end_array()).take();
}

std::string origin_of(const config::Config& config) {
  constexpr std::string_view scheme = "https://";
  const std::string_view origin = config.public_origin;
  const std::string_view host = origin.substr(origin.starts_with(scheme) ? scheme.size() : 0);
  return (is_origin(host) ? std::string(host) : "latchkey") + "/audit";
}

// The stored head that a statement found, where it found one.
std::optional<SignedCheckpoint> first_checkpoint(const host::BatchAnswer& answer, size_t at, std::string_view origin) {
  const auto found = answer.first(at);
  if (!found) return std::nullopt;
  const host::Row& row = *found;
  SignedCheckpoint stored{.head = {.origin = std::string(origin), .size = static_cast<uint64_t>(row.integer("size"))},
                          .note = std::string(row.text("note")),
                          .at = row.integer("at")};
  const auto root = base64_decode(row.text("root"));
  if (!root || root->size() != crypto::kSha256Bytes) return std::nullopt;
  std::ranges::copy(*root, stored.head.root.begin());
  return stored;
}

}  // namespace

std::vector<LogKey> log_keys(const config::Config& config) {
  std::vector<LogKey> keys;
  for (const crypto::VerifyKey& key : config.signing.verify_keys()) {
    keys.push_back({.name = origin_of(config), .public_key = key.public_key});
  }
  return keys;
}

// hash_tiles: the next whole tiles, and how many they were.
Task<Result<uint32_t>> AuditLog::hash_tiles() {
  host::Batch look;
  look.add(store::kAuditListTiles).bind(limits::kAuditTilesPerTrip * kTileRecords);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(look)));
  const uint64_t num_rows = answer.num_rows(0) / kTileRecords * kTileRecords;
  if (num_rows == 0) co_return 0u;

  std::vector<Node> tiles;
  Frontier tile;
  const auto first = static_cast<uint64_t>(answer.row(0, 0).integer("seq")) - 1;
  uint64_t position = 0;
  bool is_whole = first % kTileRecords == 0;
  answer.each_row(0, [&](host::Row row) {
    is_whole = is_whole && static_cast<uint64_t>(row.integer("seq")) == first + position + 1;
    if (position++ >= num_rows) return;
    tile.add(leaf_hash(store::audit_record(row)));
    if (tile.size() < kTileRecords) return;
    tiles.push_back({kTileLevel, (first + position) / kTileRecords - 1, tile.root()});
    tile = Frontier();
  });
  if (!is_whole) co_return broken("a record is missing");
  host::Batch batch;
  batch.add(store::kAuditNodeInsert).bind(print_nodes(tiles));
  CO_TRY_VOID(co_await host_.db.run(std::move(batch)));
  co_return static_cast<uint32_t>(tiles.size());
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
  uint32_t num_tiles = 0;
  bool is_done = false;
  while (!is_done && num_tiles < limits::kAuditTilesPerRun) {
    CO_TRY(const uint32_t hashed, co_await hash_tiles());
    num_tiles += hashed;
    is_done = hashed < limits::kAuditTilesPerTrip;
  }
  CO_TRY_VOID(co_await join_nodes());
  co_return is_done;
}

// head_of: the tree as of one moment: the kept nodes from the highest level down, then the records behind them.
Result<Checkpoint> AuditLog::head_of(const host::BatchAnswer& answer, size_t nodes_at, size_t tail_at,
                                     uint64_t size) const {
  std::vector<Node> nodes;
  bool is_sound = true;
  answer.each_row(nodes_at, [&](host::Row row) {
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
  answer.each_row(tail_at, [&](host::Row row) {
    is_sound = is_sound && static_cast<uint64_t>(row.integer("seq")) == tree.size() + 1;
    tree.add(leaf_hash(store::audit_record(row)));
  });
  if (!is_sound) return broken("a record is missing");
  if (tree.size() < size) return still_hashing();
  return Checkpoint{.origin = origin_of(config_), .size = size, .root = tree.root()};
}

Task<Result<SignedCheckpoint>> AuditLog::checkpoint() {
  // 1. The newest, and all that the next is made of.
  host::Batch look;
  look.add(store::kAuditSize);
  look.add(store::kAuditCheckpointNewest);
  look.add(store::kAuditEdgeNodes);
  look.add(store::kAuditListTail).bind(limits::kAuditTilesPerTrip * kTileRecords);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(look)));
  const auto size = static_cast<uint64_t>(answer.row(0, 0).integer("size"));
  auto newest = first_checkpoint(answer, 1, origin_of(config_));
  if (newest && newest->head.size == size) co_return std::move(*newest);
  if (newest && newest->head.size > size) co_return broken("the log is shorter than its newest checkpoint");
  CO_TRY(const Checkpoint head, head_of(answer, 2, 3, size));

  // 2. Sign and store. Whoever was quicker signed the same.
  const LogKey key = log_keys(config_).front();
  const std::string note = signed_note(head, key, config_.signing.sign(as_bytes(checkpoint_body(head))));
  const TimeMs now = host_.clock.now();
  host::Batch batch;
  batch.add(store::kAuditCheckpointInsert).bind(size).bind(base64_encode(head.root)).bind(note).bind(now);
  batch.add(store::kAuditCheckpointGet).bind(size);
  CO_TRY(const host::BatchAnswer stored, co_await host_.db.run(std::move(batch)));
  auto made = first_checkpoint(stored, 1, head.origin);
  if (!made || made->head != head) co_return broken("two roots of one size");
  co_return std::move(*made);
}

Task<Result<Void>> run_due(host::Host& host, const config::Config& config) {
  AuditLog log(host, config);
  CO_TRY(const bool is_done, co_await log.advance());
  if (!is_done) co_return Void{};
  host::Batch look;
  look.add(store::kAuditSize);
  look.add(store::kAuditCheckpointNewest);
  CO_TRY(const host::BatchAnswer answer, co_await host.db.run(std::move(look)));
  const auto newest = answer.first(1);
  const bool has_grown = answer.row(0, 0).integer("size") > (newest ? newest->integer("size") : 0);
  const bool is_due = !newest || newest->integer("at") <= host.clock.now() - limits::kAuditCheckpointMs;
  if (has_grown && is_due) CO_TRY_VOID(co_await log.checkpoint());
  co_return Void{};
}

}  // namespace latchkey::audit
