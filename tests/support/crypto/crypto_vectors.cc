#include "support/crypto/crypto_vectors.h"

#include <algorithm>
#include <optional>

#include "base/encoding.h"
#include "crypto/aead.h"
#include "crypto/ed25519.h"
#include "crypto/fernet.h"
#include "crypto/hash.h"
#include "crypto/hpke.h"
#include "crypto/index.h"
#include "crypto/kdf.h"
#include "crypto/mac.h"
#include "crypto/seal.h"
#include "crypto/sign.h"
#include "support/seeded_random.h"

namespace latchkey::testing {
namespace {

using namespace crypto;

constexpr SecretAccess kTest("comparing with a published vector");

bool wants_ok(const Record& record) { return record.outcome() == Outcome::kOk; }

void run_sha256(Record& r) {
  const Bytes once = r.bytes("input");
  const uint64_t repeat = r.has("repeat") ? r.number("repeat") : 1;
  Bytes input;
  for (uint64_t i = 0; i < repeat; ++i) input.insert(input.end(), once.begin(), once.end());
  const Bytes output = r.bytes("output");
  r.expect_equal(sha256(input), output, "digest");
  const ByteView all(input);
  const ByteView head = all.first(all.size() / 3);
  r.expect_equal(sha256({head, all.subspan(head.size())}), output, "digest of two parts");
}

void run_hmac_sha256(Record& r) {
  const Bytes key = r.bytes("key");
  const Bytes input = r.bytes("input");
  const Bytes output = r.bytes("output");
  const auto prefix = [&](const Digest& digest) {
    return ByteView(digest).first(std::min<size_t>(output.size(), 32));
  };
  r.expect_equal(prefix(hmac_sha256(key, input)), output, "mac");
  const HmacKey prepared(key);
  const ByteView all(input);
  r.expect_equal(prefix(prepared.mac(all)), output, "mac with a prepared key");
  const ByteView head = all.first(all.size() / 2);
  r.expect_equal(prefix(prepared.mac({head, all.subspan(head.size())})), output, "mac of two parts");
}

void run_hkdf_sha256(Record& r) {
  const Bytes key = r.bytes("ikm");
  const Bytes salt = r.bytes("salt");
  const std::string info = r.text("info");
  const Bytes output = r.bytes("okm");
  r.expect_equal(hkdf_sha256(key, salt, info, output.size()).reveal(kTest), output, "okm");
}

void run_pbkdf2(Record& r) {
  const Bytes password = r.bytes("password");
  const Bytes salt = r.bytes("salt");
  const auto rounds = static_cast<uint32_t>(r.number("rounds"));
  const Bytes output = r.bytes("output");
  r.expect_equal(pbkdf2_hmac_sha256(password, salt, rounds, output.size()).reveal(kTest), output, "output");
}

void run_aes256gcm(Record& r) {
  const Bytes key = r.bytes("key");
  const Bytes nonce = r.bytes("nonce");
  const Bytes aad = r.bytes("aad");
  const Bytes plaintext = r.bytes("plaintext");
  const Bytes sealed = r.bytes("sealed");
  Bytes opened(sealed.size() - kGcmTagBytes);
  const bool is_open = aes256gcm_open(key, nonce, aad, sealed, opened);
  r.expect(is_open == wants_ok(r), "opening");
  if (!wants_ok(r)) return r.expect_equal(opened, Bytes(opened.size()), "output after a failure");
  r.expect_equal(opened, plaintext, "plaintext");
  Bytes out(plaintext.size() + kGcmTagBytes);
  aes256gcm_seal(key, nonce, aad, plaintext, out);
  r.expect_equal(out, sealed, "ciphertext and tag");
}

void run_ed25519(Record& r) {
  const Bytes message = r.bytes("message");
  const Bytes public_key = r.bytes("public_key");
  const Bytes signature = r.bytes("signature");
  r.expect(ed25519_verify(public_key, message, signature) == wants_ok(r), "verification");
  if (!wants_ok(r)) return;
  const Ed25519Key key(Secret::copy_of(ByteView(r.bytes("seed"))));
  r.expect_equal(key.public_key(), public_key, "public key");
  r.expect_equal(key.sign(message), signature, "signature");
}

std::optional<HpkeAead> aead_named(std::string_view name) {
  if (name == "aes_128_gcm") return HpkeAead::kAes128Gcm;
  if (name == "aes_256_gcm") return HpkeAead::kAes256Gcm;
  if (name == "chacha20_poly1305") return HpkeAead::kChaCha20Poly1305;
  return std::nullopt;
}

// Messages are given by their sequence numbers; those in between are sealed and opened, too.
void run_hpke(Record& r) {
  const std::optional<HpkeAead> aead = aead_named(r.text("aead"));
  if (!aead) return r.expect(false, "unknown aead");
  const Bytes info = r.bytes("info");
  const Secret private_key = Secret::copy_of(ByteView(r.bytes("recipient_private_key")));
  const Bytes public_key = r.bytes("recipient_public_key");
  r.expect_equal(x25519_public_key(private_key), public_key, "recipient's public key");
  Result<HpkeSender> sender =
      HpkeSender::setup_for_testing(*aead, public_key, info, r.bytes("ephemeral_key"));
  if (!sender) return r.expect(false, "sender setup");
  r.expect_equal(sender->enc(), r.bytes("enc"), "enc");
  Result<HpkeRecipient> recipient = HpkeRecipient::setup_for_testing(*aead, private_key, sender->enc(), info);
  if (!recipient) return r.expect(false, "recipient setup");

  uint64_t next = 0;
  while (r.has("sequence")) {
    const uint64_t sequence = r.number("sequence");
    for (; next < sequence; ++next) r.expect(recipient->open({}, sender->seal({}, {})).has_value(), "filler");
    ++next;
    const Bytes aad = r.bytes("aad");
    const Bytes plaintext = r.bytes("plaintext");
    const Bytes sealed = sender->seal(aad, plaintext);
    r.expect_equal(sealed, r.bytes("ciphertext"), "ciphertext");
    const Result<Secret> opened = recipient->open(aad, sealed);
    r.expect(opened.has_value(), "opening");
    if (opened) r.expect_equal(opened->reveal(kTest), plaintext, "plaintext");
  }
}

// A public key that either side must take or refuse.
void run_hpke_public_key(Record& r) {
  const Bytes public_key = r.bytes("public_key");
  r.expect(HpkeSender::setup(public_key, "info").has_value() == wants_ok(r), "sender");
  SeededRandom random("hpke_public_key");
  const Secret private_key = make_x25519_private_key(random);
  r.expect(HpkeRecipient::setup(private_key, public_key, "info").has_value() == wants_ok(r), "recipient");
}

std::optional<FernetKey> fernet_key(Record& r) {
  Result<FernetKey> key = FernetKey::parse(Secret::copy_of(r.text("key")));
  r.expect(key.has_value(), "Fernet key");
  if (!key) return std::nullopt;
  return std::move(*key);
}

void run_fernet_generate(Record& r) {
  const std::optional<FernetKey> key = fernet_key(r);
  ScriptedRandom random(r.bytes("iv"));
  const auto time_seconds = static_cast<int64_t>(r.number("now"));
  const Bytes plaintext = r.bytes("plaintext");
  const std::string token = r.text("token");
  if (!key) return;
  r.expect(fernet_encrypt(random, *key, plaintext, time_seconds) == token, "token");
  r.expect(random.is_exhausted(), "the iv is used whole");
}

void run_fernet_open(Record& r) {
  const std::optional<FernetKey> key = fernet_key(r);
  const std::string token = r.text("token");
  const auto now = static_cast<int64_t>(r.number("now"));
  std::optional<int64_t> ttl;
  if (r.has("ttl")) ttl = static_cast<int64_t>(r.number("ttl"));
  if (!key) return;
  const Result<Secret> opened = fernet_decrypt(*key, token, now, ttl);
  r.expect(opened.has_value() == wants_ok(r), "opening");
  if (wants_ok(r)) {
    const Bytes plaintext = r.bytes("plaintext");
    if (opened) r.expect_equal(opened->reveal(kTest), plaintext, "plaintext");
  }
}

void run_fernet_key(Record& r) {
  r.expect(FernetKey::parse(Secret::copy_of(r.text("key"))).has_value() == wants_ok(r), "parsing");
}

void run_desktop_salt(Record& r) {
  const std::string machine_id = r.text("machine_id");
  r.expect_equal(desktop_salt(machine_id), r.bytes("salt"), "salt");
}

void run_thumbprint(Record& r) {
  const std::string curve = r.text("curve");
  const Bytes public_key = r.bytes("public_key");
  const std::string thumbprint = r.text("thumbprint");
  r.expect(okp_thumbprint(curve, public_key) == thumbprint, "thumbprint");
  if (curve != "X25519") return;
  X25519PublicKey key;
  std::copy_n(public_key.begin(), key.size(), key.begin());
  r.expect(jwk_thumbprint(key) == thumbprint, "thumbprint of an X25519 key");
}

std::optional<SealPurpose> purpose_named(std::string_view name) {
  if (name == "provider_key") return SealPurpose::kProviderKey;
  if (name == "key_ring") return SealPurpose::kKeyRing;
  if (name == "derived_key") return SealPurpose::kDerivedKey;
  if (name == "webhook_secret") return SealPurpose::kWebhookSecret;
  if (name == "holder") return SealPurpose::kHolder;
  if (name == "answer") return SealPurpose::kAnswer;
  if (name == "buyer") return SealPurpose::kBuyer;
  if (name == "code_delivery") return SealPurpose::kCodeDelivery;
  if (name == "backup") return SealPurpose::kBackup;
  return std::nullopt;
}

void run_sealed_blob(Record& r) {
  const Result<MasterKeys> keys = MasterKeys::parse(Secret::copy_of(r.text("master_key")));
  const std::optional<SealPurpose> purpose = purpose_named(r.text("purpose"));
  const std::string table = r.text("table");
  const std::string row_id = r.text("row_id");
  const std::string owner = r.text("owner");
  const SealContext context{table, row_id, owner, r.number("version")};
  const Sealed sealed(r.text("sealed"));
  if (!keys || !purpose) return r.expect(false, "master key or purpose");
  const Result<Secret> opened = keys->open(*purpose, context, sealed);
  r.expect(opened.has_value() == wants_ok(r), "opening");
  if (!wants_ok(r)) return;
  const Bytes plaintext = r.bytes("plaintext");
  if (opened) r.expect_equal(opened->reveal(kTest), plaintext, "plaintext");
  const Result<std::string> kid = kid_of(sealed);
  r.expect(kid && *kid == r.text("kid"), "kid");
  if (!r.has("random")) return;
  ScriptedRandom random(r.bytes("random"));
  r.expect(keys->seal(random, *purpose, context, plaintext) == sealed, "sealing");
  r.expect(random.is_exhausted(), "salt and nonce are used whole");
}

std::optional<IndexPurpose> index_purpose_named(std::string_view name) {
  constexpr std::string_view names[] = {"license_code", "machine", "admin_token", "address",
                                        "holder",       "key_tag", "cursor",      "idempotency",
                                        "trial",        "fingerprint"};
  static_assert(std::size(names) == kNumIndexPurposes);
  for (size_t i = 0; i < kNumIndexPurposes; ++i) {
    if (names[i] == name) return static_cast<IndexPurpose>(i);
  }
  return std::nullopt;
}

void run_index(Record& r) {
  const Result<Secret> key = parse_index_key(Secret::copy_of(r.text("index_key")));
  r.expect(key.has_value() == wants_ok(r), "INDEX_KEY");
  if (!key || !wants_ok(r)) return;
  const std::optional<IndexPurpose> purpose = index_purpose_named(r.text("purpose"));
  const std::string value = r.text("value");
  const std::string hash = r.text("hash");
  if (!purpose) return r.expect(false, "unknown purpose");
  const TokenHash actual = Index(*key).hash(*purpose, value);
  r.expect(actual.text() == hash, "hash");
  const std::optional<TokenHash> parsed = TokenHash::from_text(hash);
  r.expect(parsed && *parsed == actual, "hash from text");
}

void run_jws(Record& r) {
  const Result<SigningKeys> keys = SigningKeys::parse(Secret::copy_of(r.text("signing_key")));
  const std::string typ = r.text("typ");
  const std::string token = r.text("token");
  if (!keys) return r.expect(false, "signing key");
  const Result<std::string> payload = keys->verify_jws(token, typ);
  r.expect(payload.has_value() == wants_ok(r), "verification");
  if (!wants_ok(r)) return;
  const std::string expected = r.text("payload");
  r.expect(payload && *payload == expected, "payload");
  r.expect(keys->sign_jws(expected, typ) == token, "token");
  r.expect(keys->jwks() == r.text("jwks"), "jwks");
}

struct Handler {
  std::string_view kind;
  void (*run)(Record&);
};

constexpr Handler kHandlers[] = {
    {"sha256", run_sha256},
    {"hmac_sha256", run_hmac_sha256},
    {"hkdf_sha256", run_hkdf_sha256},
    {"pbkdf2_hmac_sha256", run_pbkdf2},
    {"aes256gcm", run_aes256gcm},
    {"ed25519", run_ed25519},
    {"hpke", run_hpke},
    {"hpke_public_key", run_hpke_public_key},
    {"fernet_generate", run_fernet_generate},
    {"fernet_open", run_fernet_open},
    {"fernet_key", run_fernet_key},
    {"desktop_salt", run_desktop_salt},
    {"thumbprint", run_thumbprint},
    {"sealed_blob", run_sealed_blob},
    {"index", run_index},
    {"jws", run_jws},
};

}  // namespace

void run_crypto_vectors(std::string_view name, std::string_view text, Report& report) {
  VectorFile file = parse_vectors(text);
  report.check(file.problem.empty(), std::string(name) + ": " + file.problem);
  for (Record& record : file.records) {
    const auto* handler = std::find_if(std::begin(kHandlers), std::end(kHandlers),
                                       [&](const Handler& one) { return one.kind == record.kind(); });
    if (handler == std::end(kHandlers)) {
      record.expect(false, "unknown kind");
    } else {
      handler->run(record);
    }
    const std::string failure = record.finish();
    report.check(failure.empty(), std::string(name) + ": " + failure);
  }
}

}  // namespace latchkey::testing
