#include "client/calls.h"

#include <algorithm>
#include <string>
#include <vector>

#include "audit/checkpoint.h"
#include "audit/tree.h"
#include "base/encoding.h"
#include "client/standing.h"
#include "crypto/client_forms.h"
#include "crypto/fernet.h"
#include "crypto/hpke.h"
#include "crypto/kdf.h"
#include "crypto/sign.h"

namespace latchkey::client {
namespace {

constexpr SecretAccess kHandOut("the caller gets its own key, or what was sealed for it");

// A proof in a tree of 2^64 leaves.
constexpr size_t kProofHashesMax = 64;
constexpr size_t kKeysMax = 64;

using Random = crypto::Random;

std::optional<Secret> device_key(FrameReader& in) {
  const ByteView key = in.bytes();
  if (key.size() != crypto::kX25519KeyBytes) return std::nullopt;
  return Secret::copy_of(key);
}

std::optional<crypto::Ed25519PublicKey> public_key(std::string_view text) {
  const auto bytes = base64url_decode(text);
  crypto::Ed25519PublicKey key;
  if (!bytes || bytes->size() != key.size()) return std::nullopt;
  std::copy(bytes->begin(), bytes->end(), key.begin());
  return key;
}

// digest: as 32 bytes, or in base64.
std::optional<audit::Digest> digest(ByteView part) {
  audit::Digest out;
  if (part.size() == out.size()) {
    std::copy(part.begin(), part.end(), out.begin());
    return out;
  }
  const auto decoded = base64_decode(as_text(part));
  if (!decoded || decoded->size() != out.size()) return std::nullopt;
  std::copy(decoded->begin(), decoded->end(), out.begin());
  return out;
}

std::optional<std::vector<audit::Digest>> proof(FrameReader& in) {
  std::vector<audit::Digest> hashes;
  while (!in.done()) {
    const auto hash = digest(in.bytes());
    if (!hash || hashes.size() == kProofHashesMax) return std::nullopt;
    hashes.push_back(*hash);
  }
  return hashes;
}

Outcome make_device_key(Random& random, FrameReader&, FrameWriter& out) {
  out.bytes(crypto::make_x25519_private_key(random).reveal(kHandOut));
  return Outcome::kOk;
}

Outcome derive_public_key(Random&, FrameReader& in, FrameWriter& out) {
  const auto key = device_key(in);
  if (!key) return Outcome::kInvalidArgument;
  const crypto::X25519PublicKey half = crypto::x25519_public_key(*key);
  out.text(base64url_encode(half));
  out.text(crypto::jwk_thumbprint(half));
  return Outcome::kOk;
}

Outcome derive_desktop_key(Random&, FrameReader& in, FrameWriter& out) {
  const std::string_view machine_id = in.text();
  const auto salt = crypto::desktop_salt(machine_id);
  const Secret key =
      crypto::pbkdf2_hmac_sha256(as_bytes(machine_id), salt, crypto::kDesktopRounds, crypto::kFernetKeyBytes);
  out.text(base64url_encode(key.reveal(kHandOut), Padding::kRequired));
  return Outcome::kOk;
}

Outcome open_hpke(Random&, FrameReader& in, FrameWriter& out) {
  const auto key = device_key(in);
  if (!key) return Outcome::kInvalidArgument;
  const auto enc = base64url_decode(in.text());
  const std::string_view info = in.text();
  if (!enc) return Outcome::kNotOpened;
  auto recipient = crypto::HpkeRecipient::setup(*key, *enc, info);
  if (!recipient) return Outcome::kNotOpened;
  while (!in.done()) {
    const ByteView associated_data = in.bytes();
    const auto sealed = base64url_decode(in.text());
    if (!sealed) return Outcome::kNotOpened;
    const auto opened = recipient->open(associated_data, *sealed);
    if (!opened) return Outcome::kNotOpened;
    out.bytes(opened->reveal(kHandOut));
  }
  return Outcome::kOk;
}

Outcome open_fernet(Random&, FrameReader& in, FrameWriter& out) {
  const auto key = crypto::FernetKey::parse(Secret::copy_of(in.text()));
  const uint64_t now = in.number(), ttl = in.number();
  if (!key || now > INT64_MAX || (ttl != kNoTtl && ttl > INT64_MAX)) return Outcome::kInvalidArgument;
  const auto ttl_seconds = ttl == kNoTtl ? std::nullopt : std::optional(static_cast<int64_t>(ttl));
  while (!in.done()) {
    const auto opened = crypto::fernet_decrypt(*key, in.text(), static_cast<int64_t>(now), ttl_seconds);
    if (!opened) return Outcome::kNotOpened;
    out.bytes(opened->reveal(kHandOut));
  }
  return Outcome::kOk;
}

Outcome verify_receipt(Random&, FrameReader& in, FrameWriter& out) {
  const std::string_view token = in.text();
  std::vector<crypto::VerifyKey> keys;
  while (!in.done()) {
    std::string kid(in.text());
    const auto key = public_key(in.text());
    if (!key || keys.size() == kKeysMax) return Outcome::kInvalidArgument;
    keys.push_back({std::move(kid), *key});
  }
  const auto payload = crypto::verify_jws(keys, token, crypto::kReceiptType);
  if (!payload) return Outcome::kReceiptInvalid;
  out.text(*payload);
  return Outcome::kOk;
}

// The claims that JavaScript read out of a payload beside what they must be. Empty expectations are not asked for.
Outcome judge_receipt(Random&, FrameReader& in, FrameWriter& out) {
  const ByteView machine_id = in.bytes();
  const std::string_view machine = in.text();
  const std::string_view device = in.text(), bound_device = in.text();
  const std::string_view license_wanted = in.text(), license_id = in.text();
  ReceiptTimes times;
  for (int64_t* time : {&times.issued_at, &times.refresh_after, &times.expires_at, &times.grace_until}) {
    *time = static_cast<int64_t>(in.number());
    if (*time < 0 || *time > kTimeMsMax / kSecondMs) return Outcome::kReceiptInvalid;
  }
  const Clock clock{.now = static_cast<TimeMs>(in.number()), .last_seen = static_cast<TimeMs>(in.number())};
  for (const TimeMs time : {clock.now, clock.last_seen}) {
    if (time < 0 || time > kTimeMsMax) return Outcome::kInvalidArgument;
  }
  if (machine != crypto::receipt_machine(machine_id)) return Outcome::kWrongMachine;
  if (!device.empty() && !bound_device.empty() && device != bound_device) return Outcome::kWrongDevice;
  if (!license_wanted.empty() && license_wanted != license_id) return Outcome::kWrongLicense;
  const Standing standing = standing_of(times, clock);
  if (standing == Standing::kRolledBack) return Outcome::kClockRolledBack;
  if (standing == Standing::kOver) return Outcome::kExpired;
  out.number(static_cast<uint64_t>(standing));
  out.number(static_cast<uint64_t>(newest_time(times, clock)));
  return Outcome::kOk;
}

Outcome log_key(Random&, FrameReader& in, FrameWriter& out) {
  const std::string_view name = in.text();
  const auto key = public_key(in.text());
  if (!key || !audit::is_origin(name)) return Outcome::kInvalidArgument;
  out.text(audit::LogKey{.name = std::string(name), .public_key = *key}.text());
  return Outcome::kOk;
}

Outcome verify_checkpoint(Random&, FrameReader& in, FrameWriter& out) {
  const std::string_view note = in.text();
  std::vector<audit::LogKey> keys;
  while (!in.done()) {
    auto key = audit::LogKey::parse(in.text());
    if (!key || keys.size() == kKeysMax) return Outcome::kInvalidArgument;
    keys.push_back(std::move(*key));
  }
  // The name that signs a log's heads is its own: the head of another log is none of this one's.
  const std::string_view origin = note.substr(0, note.find('\n'));
  keys.erase(std::remove_if(keys.begin(), keys.end(), [&](const audit::LogKey& key) { return key.name != origin; }),
             keys.end());
  const auto checkpoint = audit::open_checkpoint(note, keys);
  if (!checkpoint) return Outcome::kCheckpointInvalid;
  out.text(checkpoint->origin);
  out.number(checkpoint->size);
  out.bytes(checkpoint->root);
  return Outcome::kOk;
}

Outcome verify_inclusion(Random&, FrameReader& in, FrameWriter&) {
  const std::string_view leaf = in.text();
  const uint64_t index = in.number(), size = in.number();
  const auto root = digest(in.bytes());
  const auto hashes = proof(in);
  const bool is_proved =
      root && hashes && audit::verify_inclusion(audit::leaf_hash(leaf), index, size, *hashes, *root);
  return is_proved ? Outcome::kOk : Outcome::kNotProved;
}

Outcome verify_consistency(Random&, FrameReader& in, FrameWriter&) {
  const uint64_t old_size = in.number();
  const auto old_root = digest(in.bytes());
  const uint64_t size = in.number();
  const auto root = digest(in.bytes());
  const auto hashes = proof(in);
  const bool is_proved =
      old_root && root && hashes && audit::verify_consistency(old_size, *old_root, size, *root, *hashes);
  return is_proved ? Outcome::kOk : Outcome::kNotProved;
}

using Function = Outcome (*)(Random&, FrameReader&, FrameWriter&);

// In the order of Call.
constexpr Function kCalls[] = {make_device_key, derive_public_key, derive_desktop_key, open_hpke,
                               open_fernet,     verify_receipt,    judge_receipt,      log_key,
                               verify_checkpoint, verify_inclusion, verify_consistency};
static_assert(std::size(kCalls) == kNumCalls);

}  // namespace

Outcome run_call(Call call, Random& random, FrameReader& arguments, FrameWriter& results) {
  const auto number = static_cast<uint8_t>(call);
  CHECK(number < kNumCalls);
  const Outcome outcome = kCalls[number](random, arguments, results);
  if (outcome != Outcome::kOk) results.clear();
  return outcome;
}

}  // namespace latchkey::client
