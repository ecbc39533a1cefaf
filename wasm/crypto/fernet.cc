#include "crypto/fernet.h"

#include <openssl/aes.h>
#include <openssl/mem.h>

#include <algorithm>

#include "base/check.h"
#include "base/encoding.h"
#include "crypto/hash.h"
#include "crypto/key_list.h"
#include "crypto/mac.h"

namespace latchkey::crypto {
namespace {

constexpr SecretAccess kFernet("Fernet encryption and decryption");

constexpr uint8_t kVersion = 0x80;
constexpr size_t kMacKeyBytes = 16;
constexpr size_t kAesKeyBits = 128;
constexpr size_t kTimeOffset = 1;
constexpr size_t kTimeBytes = 8;
constexpr size_t kIvOffset = kTimeOffset + kTimeBytes;
constexpr size_t kIvBytes = AES_BLOCK_SIZE;
constexpr size_t kCiphertextOffset = kIvOffset + kIvBytes;
constexpr size_t kMacBytes = kSha256Bytes;
constexpr size_t kTokenBytesMin = kCiphertextOffset + AES_BLOCK_SIZE + kMacBytes;
constexpr size_t kPlaintextBytesMax = 64 * 1024;
constexpr std::string_view kDesktopSaltLabel = "writers-factory-key-encryption-v1";

Unexpected invalid_token() { return fail(ErrorCode::kInvalidRequest, "The Fernet token is not valid."); }

bool is_fresh(uint64_t made_seconds, int64_t now_seconds, int64_t ttl_seconds) {
  CHECK(now_seconds >= 0 && ttl_seconds >= 0);
  const uint64_t now = static_cast<uint64_t>(now_seconds);
  if (made_seconds > now) return made_seconds - now <= kFernetClockSkewSecondsMax;
  return now - made_seconds <= static_cast<uint64_t>(ttl_seconds);
}

}  // namespace

struct FernetKey::State {
  explicit State(ByteView key) : mac_key(key.first(kMacKeyBytes)), encrypt_key(), decrypt_key() {
    const uint8_t* aes_key = key.data() + kMacKeyBytes;
    CHECK(AES_set_encrypt_key(aes_key, kAesKeyBits, &encrypt_key) == 0);
    CHECK(AES_set_decrypt_key(aes_key, kAesKeyBits, &decrypt_key) == 0);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    OPENSSL_cleanse(&encrypt_key, sizeof encrypt_key);
    OPENSSL_cleanse(&decrypt_key, sizeof decrypt_key);
  }

  HmacKey mac_key;
  AES_KEY encrypt_key;
  AES_KEY decrypt_key;
};

FernetKey::FernetKey(const Secret& key) {
  CHECK(key.size() == kFernetKeyBytes);
  state_ = std::make_unique<State>(key.reveal(kFernet));
}

FernetKey::FernetKey(FernetKey&&) noexcept = default;
FernetKey& FernetKey::operator=(FernetKey&&) noexcept = default;
FernetKey::~FernetKey() = default;

Result<FernetKey> FernetKey::parse(const Secret& text) {
  const std::optional<Secret> key = decode_key_base64url(text.reveal_text(kFernet), kFernetKeyBytes);
  if (!key) return fail(ErrorCode::kInvalidRequest, "A Fernet key is padded base64url of exactly 32 bytes.");
  return FernetKey(*key);
}

void fernet_encrypt(Random& random, const FernetKey& key, ByteView plaintext, int64_t time_seconds,
                    std::string& out) {
  CHECK(time_seconds >= 0 && plaintext.size() <= kPlaintextBytesMax);
  const size_t pad = AES_BLOCK_SIZE - plaintext.size() % AES_BLOCK_SIZE;
  const size_t mac_offset = kCiphertextOffset + plaintext.size() + pad;
  Bytes token(mac_offset + kMacBytes);
  token[0] = kVersion;
  for (size_t i = 0; i < kTimeBytes; ++i) {
    token[kTimeOffset + i] = static_cast<uint8_t>(time_seconds >> (8 * (kTimeBytes - 1 - i)));
  }
  const MutableByteView all(token);
  random.fill(all.subspan(kIvOffset, kIvBytes));

  // Encrypted in place, so the plaintext stays nowhere.
  const MutableByteView body = all.subspan(kCiphertextOffset, plaintext.size() + pad);
  std::fill(std::copy(plaintext.begin(), plaintext.end(), body.begin()), body.end(),
            static_cast<uint8_t>(pad));
  ByteArray<kIvBytes> iv;
  std::copy_n(token.begin() + kIvOffset, kIvBytes, iv.begin());
  AES_cbc_encrypt(body.data(), body.data(), body.size(), &key.state().encrypt_key, iv.data(), AES_ENCRYPT);

  const Digest mac = key.state().mac_key.mac(all.first(mac_offset));
  std::copy(mac.begin(), mac.end(), token.begin() + static_cast<ptrdiff_t>(mac_offset));
  out += base64url_encode(token, Padding::kRequired);
}

std::string fernet_encrypt(Random& random, const FernetKey& key, ByteView plaintext, int64_t time_seconds) {
  std::string out;
  fernet_encrypt(random, key, plaintext, time_seconds, out);
  return out;
}

Result<Secret> fernet_decrypt(const FernetKey& key, std::string_view token, int64_t now_seconds,
                              std::optional<int64_t> ttl_seconds) {
  const std::optional<Bytes> decoded = base64url_decode(token, Padding::kRequired);
  if (!decoded || decoded->size() < kTokenBytesMin || decoded->front() != kVersion) return invalid_token();
  const ByteView bytes(*decoded);
  const ByteView signed_part = bytes.first(bytes.size() - kMacBytes);
  if (!equal_constant_time(key.state().mac_key.mac(signed_part), bytes.last(kMacBytes)))
    return invalid_token();

  uint64_t made_seconds = 0;
  for (const uint8_t byte : bytes.subspan(kTimeOffset, kTimeBytes)) made_seconds = made_seconds << 8 | byte;
  if (ttl_seconds && !is_fresh(made_seconds, now_seconds, *ttl_seconds)) return invalid_token();

  const ByteView ciphertext = signed_part.subspan(kCiphertextOffset);
  if (ciphertext.size() % AES_BLOCK_SIZE != 0) return invalid_token();
  ByteArray<kIvBytes> iv;
  std::copy_n(bytes.begin() + kIvOffset, kIvBytes, iv.begin());
  Secret padded(ciphertext.size());
  AES_cbc_encrypt(ciphertext.data(), padded.fill(kFernet).data(), ciphertext.size(), &key.state().decrypt_key,
                  iv.data(), AES_DECRYPT);
  const ByteView body = padded.reveal(kFernet);
  const size_t pad = body.back();
  if (pad == 0 || pad > AES_BLOCK_SIZE) return invalid_token();
  for (const uint8_t byte : body.last(pad)) {
    if (byte != pad) return invalid_token();
  }
  return Secret::copy_of(body.first(body.size() - pad));
}

ByteArray<kDesktopSaltBytes> desktop_salt(std::string_view machine_id) {
  const Digest digest = sha256({as_bytes(kDesktopSaltLabel), as_bytes(machine_id)});
  ByteArray<kDesktopSaltBytes> salt;
  std::copy_n(digest.begin(), salt.size(), salt.begin());
  return salt;
}

}  // namespace latchkey::crypto
