#include "backup/file.h"

#include <algorithm>

#include "admin/token.h"
#include "base/encoding.h"
#include "base/ids.h"
#include "crypto/hash.h"
#include "json/reader.h"
#include "json/writer.h"
#include "store/queries.h"

namespace latchkey::backup {
namespace {

using crypto::SealPurpose;

constexpr SecretAccess kAccess("the key of a backup is read");
constexpr std::string_view kFormat = "latchkey-backup";
constexpr int64_t kVersion = 1;
constexpr std::string_view kKid = "backup";

crypto::SealContext context_of(const Place& place) {
  return {.table = "backup",
          .row_id = place.backup_id,
          .owner = place.previous,
          .version = static_cast<uint64_t>(place.line)};
}

std::optional<std::string> text_of(json::Value object, std::string_view name) {
  const auto value = object.member(name);
  const auto text = value ? value->string() : std::nullopt;
  return text ? std::optional(std::string(*text)) : std::nullopt;
}

}  // namespace

std::string line_hash(std::string_view line) { return base64url_encode(crypto::sha256(as_bytes(line))); }

std::optional<Key> Key::parse(const Secret& text) {
  const std::string_view all = text.reveal_text(kAccess);
  if (all.size() != kKeyChars || !all.starts_with(kKeyPrefix)) return std::nullopt;
  const std::string_view random = all.substr(kKeyPrefix.size(), kKeyRandomChars);
  if (all.substr(kKeyPrefix.size() + kKeyRandomChars) != admin::token_checksum(random)) return std::nullopt;
  std::optional<Bytes> bytes = base64url_decode(random);
  if (!bytes) return std::nullopt;
  Secret key = Secret::copy_of(*bytes);
  wipe(*bytes);
  return Key(crypto::MasterKeys::of(std::string(kKid), std::move(key)));
}

std::string Key::seal(crypto::Random& random, const Place& place, std::string_view plaintext) const {
  return keys_.seal(random, SealPurpose::kBackup, context_of(place), as_bytes(plaintext)).text();
}

Result<Secret> Key::open(const Place& place, std::string_view line) const {
  auto opened = keys_.open(SealPurpose::kBackup, context_of(place), crypto::Sealed(std::string(line)));
  if (opened) return opened;
  return fail(ErrorCode::kUnprocessable,
              "This line is not the one that was written here: the file was changed, cut or put together, or the "
              "key is that of another backup.");
}

Header make_header(const config::Config& config, const Key& key, std::string backup_id, TimeMs now) {
  Header header{.backup_id = std::move(backup_id),
                .made_at = now,
                .migrations = {},
                .key = key.fingerprint(),
                .index_key = index_fingerprint(config.index),
                .master_keys = config.master.fingerprints()};
  for (const std::string_view name : store::migrations()) header.migrations.emplace_back(name);
  return header;
}

std::string print(const Header& header) {
  json::Writer out;
  out.begin_object()
      .field("format", kFormat)
      .field("version", kVersion)
      .field("backup_id", header.backup_id)
      .time("made_at", header.made_at)
      .field("key", header.key)
      .field("index_key", header.index_key);
  out.key("master_keys").begin_array();
  for (const crypto::Fingerprint& key : header.master_keys) {
    out.begin_object().field("kid", key.kid).field("fingerprint", key.text).end_object();
  }
  out.end_array().key("migrations").begin_array();
  for (const std::string& name : header.migrations) out.string(name);
  out.end_array().end_object();
  return std::move(out).take();
}

Result<Header> parse_header(std::string_view line) {
  TRY(const json::Document document, json::Document::parse_untrusted(line));
  const json::Value root = document.root();
  const auto version = root.member("version");
  if (text_of(root, "format") != kFormat) {
    return fail(ErrorCode::kInvalidRequest, "This is no backup: its first line is no header of one.");
  }
  if (!version || version->integer() != kVersion) {
    return fail(ErrorCode::kInvalidRequest, "This service reads backups of format version 1 only.");
  }
  const auto id = text_of(root, "backup_id"), made_at = text_of(root, "made_at"), key = text_of(root, "key"),
             index_key = text_of(root, "index_key");
  const auto time = made_at ? parse_time(*made_at) : std::nullopt;
  if (!id || !is_id("bak_", *id) || !time || !key || !index_key) {
    return fail(ErrorCode::kInvalidRequest, "The backup's header lacks a member, or holds one that is malformed.");
  }
  Header header{.backup_id = *id, .made_at = *time, .migrations = {}, .key = *key, .index_key = *index_key,
                .master_keys = {}};
  if (const auto names = root.member("migrations")) {
    names->each_item([&](json::Value name) { header.migrations.emplace_back(name.string().value_or("")); });
  }
  if (const auto keys = root.member("master_keys")) {
    keys->each_item([&](json::Value one) {
      header.master_keys.push_back({text_of(one, "kid").value_or(""), text_of(one, "fingerprint").value_or("")});
    });
  }
  return header;
}

std::string index_fingerprint(const crypto::Index& index) {
  return std::string(index.hash(crypto::IndexPurpose::kFingerprint, std::string_view("INDEX_KEY")).text());
}

}  // namespace latchkey::backup
