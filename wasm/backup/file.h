// The file of a backup (docs/crypto-formats.md): a header in the clear, then sealed lines, each bound to the
// backup, to its number and to the hash of the line before it, the last one with counts of all.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "config/config.h"
#include "crypto/seal.h"

namespace latchkey::backup {

inline constexpr std::string_view kKeyPrefix = "lk_backup_";
inline constexpr size_t kKeyRandomChars = 43;  // base64url of 32 bytes
inline constexpr size_t kKeyChecksumChars = 6;
inline constexpr size_t kKeyChars = kKeyPrefix.size() + kKeyRandomChars + kKeyChecksumChars;

// Place: where a line stands. The header is line 0.
struct Place {
  std::string backup_id;  // bak_...
  int64_t line = 0;
  std::string previous;   // hash of the line before
};

// line_hash: base64url SHA-256 of a line without its line feed.
std::string line_hash(std::string_view line);

// Key: what a backup's lines are sealed under. Whoever makes a backup brings it.
class Key {
 public:
  // parse: nullopt where the text is not of the form, or its checksum is wrong.
  static std::optional<Key> parse(const Secret& text);

  // fingerprint: tells whether a key is that of a backup.
  std::string fingerprint() const { return keys_.fingerprints().front().text; }
  std::string seal(crypto::Random& random, const Place& place, std::string_view plaintext) const;
  // open: kUnprocessable where the line is not what was sealed in this place.
  Result<Secret> open(const Place& place, std::string_view line) const;

 private:
  explicit Key(crypto::MasterKeys keys) : keys_(std::move(keys)) {}

  crypto::MasterKeys keys_;
};

// Header: the first line.
struct Header {
  std::string backup_id;
  TimeMs made_at = 0;
  std::vector<std::string> migrations;  // of the schema it was made from, in order
  std::string key;                      // fingerprints
  std::string index_key;
  std::vector<crypto::Fingerprint> master_keys;
};

Header make_header(const config::Config& config, const Key& key, std::string backup_id, TimeMs now);
std::string print(const Header& header);
// parse_header: kInvalidRequest where it is no header of this format's version.
Result<Header> parse_header(std::string_view line);

// index_fingerprint: tells whether INDEX_KEY is the same.
std::string index_fingerprint(const crypto::Index& index);

}  // namespace latchkey::backup
