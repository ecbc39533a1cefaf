#include "audit/stored.h"

#include <algorithm>

#include "base/encoding.h"

namespace latchkey::audit {

Unexpected broken(std::string_view fault) {
  return fail(ErrorCode::kInternal,
              "The audit log was changed behind the service's back: " + std::string(fault) +
                  ". Change nothing more, and follow the page on monitoring, \"When the audit log does not hold\".",
              "audit: " + std::string(fault));
}

std::string record_missing(uint64_t seq) { return "record " + std::to_string(seq) + " is missing"; }

std::string head_differs(uint64_t size) {
  return "its first " + std::to_string(size) + " records are not those of the checkpoint over them";
}

Unexpected restoring() {
  return fail(ErrorCode::kUnavailable, "A restore is running, and the audit log is not whole until it has ended.",
              "audit: a restore is running");
}

Unexpected still_hashing() {
  return fail(ErrorCode::kUnavailable, "The audit log is still being hashed. Try again in a minute.",
              "audit: tiles wait to be hashed");
}

Standing read_standing(const host::Row& row) {
  const int64_t first = row.integer("first");
  const int64_t hashed = row.integer("hashed");
  const bool is_sound = first >= 0 && first <= hashed && first % static_cast<int64_t>(kTileRecords) == 0;
  return {.size = static_cast<uint64_t>(row.integer("size")),
          .first = static_cast<uint64_t>(first),
          .hashed = static_cast<uint64_t>(hashed),
          .is_restoring = row.integer("restoring") != 0,
          .is_sound = is_sound};
}

Result<Standing> standing_in(const host::BatchAnswer& answer, size_t at) {
  const Standing standing = read_standing(answer.row(at, 0));
  if (standing.is_restoring) return restoring();
  if (!standing.is_sound) return broken("there are other records in front than retention leaves");
  return standing;
}

std::optional<Digest> stored_hash(const host::Row& row) {
  const auto bytes = base64_decode(row.text("hash"));
  if (!bytes || bytes->size() != crypto::kSha256Bytes) return std::nullopt;
  Digest hash;
  std::ranges::copy(*bytes, hash.begin());
  return hash;
}

SignedCheckpoint read_checkpoint(const host::Row& row, std::string_view origin) {
  return {.head = {.origin = std::string(origin), .size = static_cast<uint64_t>(row.integer("size"))},
          .note = std::string(row.text("note")),
          .at = row.integer("at")};
}

std::optional<SignedCheckpoint> first_checkpoint(const host::BatchAnswer& answer, size_t at, std::string_view origin) {
  const auto found = answer.first(at);
  if (!found) return std::nullopt;
  SignedCheckpoint stored = read_checkpoint(*found, origin);
  const auto root = base64_decode(found->text("root"));
  if (!root || root->size() != crypto::kSha256Bytes) return std::nullopt;
  std::ranges::copy(*root, stored.head.root.begin());
  return stored;
}

std::string origin_of(const config::Config& config) {
  constexpr std::string_view scheme = "https://";
  const std::string_view origin = config.public_origin;
  const std::string_view host = origin.substr(origin.starts_with(scheme) ? scheme.size() : 0);
  return (is_origin(host) ? std::string(host) : "latchkey") + "/audit";
}

std::vector<LogKey> log_keys(const config::Config& config) {
  std::vector<LogKey> keys;
  for (const crypto::VerifyKey& key : config.signing.verify_keys()) {
    keys.push_back({.name = origin_of(config), .public_key = key.public_key});
  }
  return keys;
}

}  // namespace latchkey::audit
