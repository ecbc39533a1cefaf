#include "crypto/seal.h"

#include <algorithm>
#include <optional>

#include "base/check.h"
#include "base/encoding.h"
#include "crypto/aead.h"
#include "crypto/kdf.h"

namespace latchkey::crypto {
namespace {

constexpr SecretAccess kSealing("sealing and opening blobs");

constexpr std::string_view kFingerprintLabel = "latchkey/v1/fingerprint";
constexpr size_t kFingerprintBytes = 16;

constexpr uint8_t kVersion = 1;
constexpr size_t kSaltBytes = 16;
constexpr size_t kKidOffset = 2;
constexpr size_t kBlobBytesMax =
    kKidOffset + kKidCharsMax + kSaltBytes + kGcmNonceBytes + kSealedPlaintextBytesMax + kGcmTagBytes;
constexpr size_t kBlobCharsMax = (kBlobBytesMax * 4 + 2) / 3;

std::string_view key_label(SealPurpose purpose) {
  switch (purpose) {
    case SealPurpose::kProviderKey: return "latchkey/v1/provider_key";
    case SealPurpose::kKeyRing: return "latchkey/v1/key_ring";
    case SealPurpose::kDerivedKey: return "latchkey/v1/derived_key";
    case SealPurpose::kWebhookSecret: return "latchkey/v1/webhook_secret";
    case SealPurpose::kHolder: return "latchkey/v1/holder";
    case SealPurpose::kAnswer: return "latchkey/v1/answer";
    case SealPurpose::kBuyer: return "latchkey/v1/buyer";
    case SealPurpose::kCodeDelivery: return "latchkey/v1/code_delivery";
    case SealPurpose::kBackup: return "latchkey/v1/backup";
    case SealPurpose::kWebhook: return "latchkey/v1/webhook";
  }
  LK_UNREACHABLE();
}

// Blob: a parsed blob; the views point into the bytes it was parsed from.
struct Blob {
  ByteView header;
  std::string_view kid;
  ByteView salt;
  ByteView nonce;
  ByteView ciphertext;
};

std::optional<Blob> parse_blob(ByteView bytes) {
  if (bytes.size() < kKidOffset || bytes[0] != kVersion) return std::nullopt;
  const size_t kid_size = bytes[1];
  const size_t header_size = kKidOffset + kid_size + kSaltBytes + kGcmNonceBytes;
  if (bytes.size() < header_size + kGcmTagBytes) return std::nullopt;
  const Blob blob{bytes.first(header_size), as_text(bytes.subspan(kKidOffset, kid_size)),
                  bytes.subspan(kKidOffset + kid_size, kSaltBytes),
                  bytes.subspan(header_size - kGcmNonceBytes, kGcmNonceBytes), bytes.subspan(header_size)};
  if (!is_kid(blob.kid)) return std::nullopt;
  return blob;
}

std::optional<Bytes> decode_blob(const Sealed& sealed) {
  if (sealed.text().size() > kBlobCharsMax) return std::nullopt;
  return base64url_decode(sealed.text());
}

void put_big_endian(Bytes& out, uint64_t value, size_t size) {
  for (size_t shift = size * 8; shift > 0; shift -= 8)
    out.push_back(static_cast<uint8_t>(value >> (shift - 8)));
}

void put_text(Bytes& out, std::string_view text) {
  CHECK(text.size() <= UINT32_MAX);
  put_big_endian(out, text.size(), 4);
  out.insert(out.end(), text.begin(), text.end());
}

Bytes associated_data(ByteView header, const SealContext& context) {
  Bytes out;
  out.reserve(header.size() + 3 * 4 + context.table.size() + context.row_id.size() + context.owner.size() +
              8);
  out.assign(header.begin(), header.end());
  put_text(out, context.table);
  put_text(out, context.row_id);
  put_text(out, context.owner);
  put_big_endian(out, context.version, 8);
  return out;
}

Secret blob_key(const NamedKey& master, SealPurpose purpose, ByteView salt) {
  return hkdf_sha256(master.secret.reveal(kSealing), salt, key_label(purpose), kAes256KeyBytes);
}

Unexpected malformed() {
  return fail(ErrorCode::kInternal, "A stored secret cannot be opened.", "sealed blob is malformed");
}

}  // namespace

Result<std::string> kid_of(const Sealed& sealed) {
  const std::optional<Bytes> bytes = decode_blob(sealed);
  if (!bytes) return malformed();
  const std::optional<Blob> blob = parse_blob(*bytes);
  if (!blob) return malformed();
  return std::string(blob->kid);
}

Result<MasterKeys> MasterKeys::parse(const Secret& text) {
  TRY(std::vector<NamedKey> keys, parse_key_list(text, kMasterKeysMax));
  return MasterKeys(std::move(keys));
}

MasterKeys MasterKeys::of(std::string kid, Secret key) {
  CHECK(is_kid(kid) && key.size() == kMasterKeyBytes);
  std::vector<NamedKey> keys;
  keys.push_back({std::move(kid), std::move(key)});
  return MasterKeys(std::move(keys));
}

std::vector<Fingerprint> MasterKeys::fingerprints() const {
  std::vector<Fingerprint> out;
  for (const NamedKey& key : keys_) {
    const Secret whole = hkdf_sha256(key.secret.reveal(kSealing), {}, kFingerprintLabel, kAes256KeyBytes);
    out.push_back({key.kid, base64url_encode(whole.reveal(kSealing).first(kFingerprintBytes))});
  }
  return out;
}

std::vector<std::string> MasterKeys::kids() const {
  std::vector<std::string> kids;
  for (const NamedKey& key : keys_) kids.push_back(key.kid);
  return kids;
}

Sealed MasterKeys::seal(Random& random, SealPurpose purpose, const SealContext& context,
                        ByteView plaintext) const {
  CHECK(plaintext.size() <= kSealedPlaintextBytesMax);
  const NamedKey& master = keys_.front();
  const size_t header_size = kKidOffset + master.kid.size() + kSaltBytes + kGcmNonceBytes;
  Bytes bytes(header_size + plaintext.size() + kGcmTagBytes);
  bytes[0] = kVersion;
  bytes[1] = static_cast<uint8_t>(master.kid.size());
  std::copy(master.kid.begin(), master.kid.end(), bytes.begin() + kKidOffset);
  const MutableByteView all(bytes);
  const ByteView header = all.first(header_size);
  random.fill(all.subspan(header_size - kSaltBytes - kGcmNonceBytes, kSaltBytes + kGcmNonceBytes));

  const ByteView nonce = header.last(kGcmNonceBytes);
  const ByteView salt = header.subspan(header_size - kGcmNonceBytes - kSaltBytes, kSaltBytes);
  aes256gcm_seal(blob_key(master, purpose, salt).reveal(kSealing), nonce, associated_data(header, context),
                 plaintext, all.subspan(header_size));
  return Sealed(base64url_encode(bytes));
}

Result<Secret> MasterKeys::open(SealPurpose purpose, const SealContext& context, const Sealed& sealed) const {
  const std::optional<Bytes> bytes = decode_blob(sealed);
  if (!bytes) return malformed();
  const std::optional<Blob> blob = parse_blob(*bytes);
  if (!blob) return malformed();
  const auto master =
      std::find_if(keys_.begin(), keys_.end(), [&](const NamedKey& key) { return key.kid == blob->kid; });
  if (master == keys_.end()) {
    return fail(ErrorCode::kInternal, "A stored secret cannot be opened.",
                "no master key has kid " + std::string(blob->kid));
  }
  Secret plaintext(blob->ciphertext.size() - kGcmTagBytes);
  if (!aes256gcm_open(blob_key(*master, purpose, blob->salt).reveal(kSealing), blob->nonce,
                      associated_data(blob->header, context), blob->ciphertext, plaintext.fill(kSealing))) {
    return fail(ErrorCode::kInternal, "A stored secret cannot be opened.",
                "sealed blob does not belong to table " + std::string(context.table) + " row " +
                    std::string(context.row_id));
  }
  return plaintext;
}

}  // namespace latchkey::crypto
