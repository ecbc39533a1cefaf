// Fernet tokens (github.com/fernet/spec, version 0x80): AES-128-CBC with PKCS #7 padding,
// then HMAC-SHA256 over everything before it, as padded base64url. The format in which
// the published desktop client keeps its keys.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "crypto/random.h"

namespace latchkey::crypto {

inline constexpr size_t kFernetKeyBytes = 32;
inline constexpr int64_t kFernetClockSkewSecondsMax = 60;
inline constexpr size_t kDesktopSaltBytes = 16;
inline constexpr uint32_t kDesktopRounds = 100'000;

// FernetKey: 16 bytes for HMAC, then 16 for AES, made ready once for many tokens.
// Move-only; wiped on destruction.
class FernetKey {
 public:
  // `key`: exactly kFernetKeyBytes.
  explicit FernetKey(const Secret& key);
  // parse: padded base64url of 32 bytes. The error never repeats the value.
  static Result<FernetKey> parse(const Secret& text);

  FernetKey(FernetKey&&) noexcept;
  FernetKey& operator=(FernetKey&&) noexcept;
  ~FernetKey();

  // The schedules; for fernet.cc alone.
  struct State;
  const State& state() const { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

// fernet_encrypt: a token; the other form appends it to `out`, which it grows once.
// `time_seconds` is Unix time, not negative.
std::string fernet_encrypt(Random& random, const FernetKey& key, ByteView plaintext, int64_t time_seconds);
void fernet_encrypt(Random& random, const FernetKey& key, ByteView plaintext, int64_t time_seconds,
                    std::string& out);

// fernet_decrypt: the plaintext. The MAC is checked before anything is decrypted. With
// `ttl_seconds` a token older than that is refused, and one made more than
// kFernetClockSkewSecondsMax in the future; without it time is not looked at, as the
// specification says. One error, kInvalidRequest, for every reason.
Result<Secret> fernet_decrypt(const FernetKey& key, std::string_view token, int64_t now_seconds,
                              std::optional<int64_t> ttl_seconds = std::nullopt);

// desktop_salt: the salt with which the desktop client derives its Fernet key,
// PBKDF2-HMAC-SHA256(machine_id, salt, kDesktopRounds, 32): the first 16 bytes of
// SHA-256("writers-factory-key-encryption-v1" || machine_id).
ByteArray<kDesktopSaltBytes> desktop_salt(std::string_view machine_id);

}  // namespace latchkey::crypto
