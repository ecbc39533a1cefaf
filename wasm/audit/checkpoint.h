// Checkpoint: the head of the log, signed: a note in the form of C2SP tlog-checkpoint over C2SP signed-note, with
// Ed25519 (algorithm 0x01).
//
//   api.writersfactory.app/audit          origin, which is also the name of the key
//   1234                                  number of records
//   5dc9...=                              root, base64
//                                         (an empty line)
//   — api.writersfactory.app/audit Az3g...=   for each signature: base64 of key id (4 bytes) and signature (64)
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audit/tree.h"
#include "base/result.h"
#include "crypto/ed25519.h"

namespace latchkey::audit {

inline constexpr size_t kOriginBytesMax = 253;
inline constexpr size_t kCheckpointBytesMax = 4096;
inline constexpr size_t kSignaturesMax = 16;

struct Checkpoint {
  std::string origin;
  uint64_t size = 0;
  Digest root{};
  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

// LogKey: what verifies a log's checkpoints. Its text form ("vkey") is <name>+<key id, 8 hex digits>+<base64 of 0x01
// and the public key>.
struct LogKey {
  std::string name;
  crypto::Ed25519PublicKey public_key{};

  ByteArray<4> id() const;  // the first bytes of SHA-256(name || 0x0A || 0x01 || public key)
  std::string text() const;
  // parse: kInvalidRequest where it is none, or its id is another's.
  static Result<LogKey> parse(std::string_view text);
};

// is_origin: 1 to kOriginBytesMax printable ASCII characters without white space and '+', which ends a name in a vkey.
bool is_origin(std::string_view text);

// body: the signed part, its last line feed included.
std::string checkpoint_body(const Checkpoint& checkpoint);
// signed_note: the whole note, with one signature of `sign(body)`, made by `key`.
std::string signed_note(const Checkpoint& checkpoint, const LogKey& key, const crypto::Ed25519Signature& signature);

// open_checkpoint: the checkpoint of a note that one of `keys` signed. kUnauthorized where none did or a signature by
// one of them is wrong; kInvalidRequest where it is no note. The form allows more lines behind the root; this log
// writes none, so none is taken.
Result<Checkpoint> open_checkpoint(std::string_view note, std::span<const LogKey> keys);

}  // namespace latchkey::audit
