#include <functional>
#include <string>

#include "base/encoding.h"
#include "crypto/fernet.h"
#include "crypto/hpke.h"
#include "crypto/seal.h"
#include "crypto/sign.h"
#include "support/crypto/crypto_vectors.h"
#include "support/seeded_random.h"

namespace latchkey::testing {
namespace {

using namespace crypto;

constexpr SecretAccess kTest("comparing what was opened");
constexpr std::string_view kPlaintext = "sk-test-0123456789";
constexpr std::string_view kKeyOne = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
constexpr std::string_view kKeyTwo = "k2:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";

using Opens = std::function<bool(std::string_view)>;

bool reveals(const Result<Secret>& opened, std::string_view expected) {
  return opened.has_value() && opened->reveal_text(kTest) == expected;
}

std::string at(std::string_view what, size_t position) {
  return std::string(what) + " at " + std::to_string(position);
}

// Every bit of the text itself, and every shorter and a longer text.
void check_text_changes(std::string_view name, const std::string& good, const Opens& opens, Report& report) {
  report.check(opens(good), std::string(name) + ": the good one opens");
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    report.check(!opens(bad), at(std::string(name) + ": flipped text bit", bit));
  }
  for (size_t size = 0; size < good.size(); ++size) {
    report.check(!opens(good.substr(0, size)), at(std::string(name) + ": cut short", size));
    report.check(!opens(good.substr(good.size() - size)), at(std::string(name) + ": cut in front", size));
  }
  for (const std::string_view more : {"A", "=", ".", " ", "\n", "AAAA"}) {
    report.check(!opens(good + std::string(more)), std::string(name) + ": with more behind");
    report.check(!opens(std::string(more) + good), std::string(name) + ": with more in front");
  }
}

// Every bit of the bytes that the text encodes, and every number of missing bytes.
void check_byte_changes(std::string_view name, const std::string& good, Padding padding, const Opens& opens,
                        Report& report) {
  const Bytes bytes = base64url_decode(good, padding).value_or(Bytes());
  report.check(!bytes.empty(), std::string(name) + ": decodes");
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    Bytes bad = bytes;
    bad[bit / 8] = static_cast<uint8_t>(bad[bit / 8] ^ (1u << bit % 8));
    report.check(!opens(base64url_encode(bad, padding)), at(std::string(name) + ": flipped bit", bit));
  }
  for (size_t size = 0; size < bytes.size(); ++size) {
    report.check(!opens(base64url_encode(ByteView(bytes).first(size), padding)),
                 at(std::string(name) + ": cut to bytes", size));
  }
}

}  // namespace

void run_sealed_blob_negatives(Report& report) {
  const Result<MasterKeys> keys =
      MasterKeys::parse(Secret::copy_of(std::string(kKeyOne) + "," + std::string(kKeyTwo)));
  const Result<MasterKeys> swapped = MasterKeys::parse(
      Secret::copy_of("k1:" + std::string(kKeyTwo.substr(3)) + ",k2:" + std::string(kKeyOne.substr(3))));
  const Result<MasterKeys> other = MasterKeys::parse(Secret::copy_of(kKeyTwo));
  report.check(keys && swapped && other, "sealed blob: keys parse");
  if (!keys || !swapped || !other) return;

  SeededRandom random("sealed blob");
  const SealContext home{"provider_keys", "key_1", "deepseek", 7};
  const Sealed good = keys->seal(random, SealPurpose::kProviderKey, home, as_bytes(kPlaintext));
  const Opens opens = [&](std::string_view text) {
    return keys->open(SealPurpose::kProviderKey, home, Sealed(std::string(text))).has_value();
  };
  report.check(reveals(keys->open(SealPurpose::kProviderKey, home, good), kPlaintext), "sealed blob: opens");
  check_text_changes("sealed blob", good.text(), opens, report);
  check_byte_changes("sealed blob", good.text(), Padding::kNone, opens, report);

  const SealContext elsewhere[] = {
      {"machines", "key_1", "deepseek", 7},
      {"provider_keys", "key_2", "deepseek", 7},
      {"provider_keys", "key_1", "qwen", 7},
      {"provider_keys", "key_1", "deepseek", 8},
      {"provider_key", "skey_1", "deepseek", 7},
      {"provider_keys", "key_1d", "eepseek", 7},
      {"provider_keys", "key_1deepseek", "", 7},
      {"", "provider_keyskey_1", "deepseek", 7},
      {"provider_keys", "key_1", "deepseek", 7 + (1ull << 32)},
  };
  for (const SealContext& place : elsewhere) {
    report.check(!keys->open(SealPurpose::kProviderKey, place, good), "sealed blob: opens in another place");
  }
  for (const SealPurpose purpose :
       {SealPurpose::kKeyRing, SealPurpose::kDerivedKey, SealPurpose::kWebhookSecret, SealPurpose::kHolder}) {
    report.check(!keys->open(purpose, home, good), "sealed blob: opens for another purpose");
  }
  report.check(!swapped->open(SealPurpose::kProviderKey, home, good), "sealed blob: opens with another key");
  report.check(!other->open(SealPurpose::kProviderKey, home, good), "sealed blob: opens without its key");

  // Two rows whose blobs are exchanged.
  const SealContext neighbour{"provider_keys", "key_2", "qwen", 7};
  const Sealed second = keys->seal(random, SealPurpose::kProviderKey, neighbour, as_bytes(kPlaintext));
  report.check(!(good == second), "sealed blob: two sealings differ");
  report.check(!keys->open(SealPurpose::kProviderKey, home, second),
               "sealed blob: opens in its neighbour's row");
  report.check(!keys->open(SealPurpose::kProviderKey, neighbour, good),
               "sealed blob: opens in its neighbour's row");
}

void run_fernet_negatives(Report& report) {
  SeededRandom random("fernet");
  Secret key_bytes(kFernetKeyBytes);
  random.fill(key_bytes.fill(kTest));
  const FernetKey key(key_bytes);
  const int64_t now = 1'700'000'000;
  const std::string good = fernet_encrypt(random, key, as_bytes(kPlaintext), now);
  const Opens opens = [&](std::string_view text) { return fernet_decrypt(key, text, now, 60).has_value(); };
  report.check(reveals(fernet_decrypt(key, good, now, 60), kPlaintext), "fernet: opens");
  check_text_changes("fernet", good, opens, report);
  check_byte_changes("fernet", good, Padding::kRequired, opens, report);
  for (size_t bit = 0; bit < kFernetKeyBytes * 8; ++bit) {
    Secret changed = Secret::copy_of(key_bytes.reveal(kTest));
    uint8_t& byte = changed.fill(kTest)[bit / 8];
    byte = static_cast<uint8_t>(byte ^ (1u << bit % 8));
    // A wrong AES half goes unnoticed by the MAC: its padding, or failing that its text, is wrong.
    const Result<Secret> opened = fernet_decrypt(FernetKey(changed), good, now, 60);
    const bool is_mac_half = bit < kFernetKeyBytes / 2 * 8;
    report.check(is_mac_half ? !opened.has_value() : !reveals(opened, kPlaintext),
                 at("fernet: key bit", bit));
  }
}

void run_hpke_negatives(Report& report) {
  constexpr std::string_view info = "latchkey/provision/v1";
  constexpr std::string_view aad = "deepseek";
  SeededRandom random("hpke");
  const Secret private_key = make_x25519_private_key(random);
  Result<HpkeSender> sender = HpkeSender::setup(x25519_public_key(private_key), info);
  report.check(sender.has_value(), "hpke: sender");
  if (!sender) return;
  const Bytes good = sender->seal(as_bytes(aad), as_bytes(kPlaintext));
  const Bytes second = sender->seal(as_bytes(aad), as_bytes(kPlaintext));
  const auto open_with = [&](ByteView enc, std::string_view with_info, ByteView with_aad, ByteView message) {
    Result<HpkeRecipient> recipient = HpkeRecipient::setup(private_key, enc, with_info);
    return recipient && recipient->open(with_aad, message).has_value();
  };
  report.check(open_with(sender->enc(), info, as_bytes(aad), good), "hpke: opens");
  report.check(!open_with(sender->enc(), "latchkey/provision/v2", as_bytes(aad), good), "hpke: another info");
  report.check(!open_with(sender->enc(), info, as_bytes("qwen"), good), "hpke: another aad");
  report.check(!open_with(sender->enc(), info, as_bytes(aad), second), "hpke: the second message first");
  // The highest bit of an X25519 public key is not part of its value, yet it enters the key schedule.
  for (size_t bit = 0; bit < kX25519KeyBytes * 8; ++bit) {
    X25519PublicKey enc = sender->enc();
    enc[bit / 8] = static_cast<uint8_t>(enc[bit / 8] ^ (1u << bit % 8));
    report.check(!open_with(enc, info, as_bytes(aad), good), at("hpke: flipped bit of enc", bit));
  }
  for (size_t size = 0; size < kX25519KeyBytes; ++size) {
    report.check(!open_with(ByteView(sender->enc()).first(size), info, as_bytes(aad), good),
                 at("hpke: enc cut", size));
  }
  Result<HpkeRecipient> recipient = HpkeRecipient::setup(private_key, sender->enc(), info);
  if (!recipient) return report.check(false, "hpke: recipient");
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    Bytes bad = good;
    bad[bit / 8] = static_cast<uint8_t>(bad[bit / 8] ^ (1u << bit % 8));
    report.check(!recipient->open(as_bytes(aad), bad), at("hpke: flipped bit", bit));
  }
  for (size_t size = 0; size < good.size(); ++size) {
    report.check(!recipient->open(as_bytes(aad), ByteView(good).first(size)), at("hpke: cut to", size));
  }
  // After all these failures the context still expects the first message.
  report.check(reveals(recipient->open(as_bytes(aad), good), kPlaintext), "hpke: opens after failures");
  report.check(!recipient->open(as_bytes(aad), good), "hpke: a message opens twice");
  report.check(reveals(recipient->open(as_bytes(aad), second), kPlaintext), "hpke: opens the second message");

  const Secret other_key = make_x25519_private_key(random);
  Result<HpkeRecipient> other = HpkeRecipient::setup(other_key, sender->enc(), info);
  report.check(other && !other->open(as_bytes(aad), good), "hpke: opens with another private key");
}

void run_jws_negatives(Report& report) {
  constexpr std::string_view typ = "latchkey-receipt+jws";
  const Result<SigningKeys> keys =
      SigningKeys::parse(Secret::copy_of(std::string(kKeyOne) + "," + std::string(kKeyTwo)));
  report.check(keys.has_value(), "jws: keys parse");
  if (!keys) return;
  const std::string good = keys->sign_jws(R"({"lic":"lic_1"})", typ);
  const Opens opens = [&](std::string_view text) { return keys->verify_jws(text, typ).has_value(); };
  check_text_changes("jws", good, opens, report);

  // Every bit of what each of the three parts encodes, the other two untouched.
  const size_t first = good.find('.');
  const size_t last = good.rfind('.');
  const std::string parts[] = {good.substr(0, first), good.substr(first + 1, last - first - 1),
                               good.substr(last + 1)};
  for (size_t changed = 0; changed < 3; ++changed) {
    const Opens opens_part = [&](std::string_view text) {
      std::string token;
      for (size_t i = 0; i < 3; ++i)
        token += (i == 0 ? "" : ".") + (i == changed ? std::string(text) : parts[i]);
      return opens(token);
    };
    check_byte_changes(at("jws part", changed), parts[changed], Padding::kNone, opens_part, report);
  }
}

void run_key_list_negatives(Report& report) {
  const std::string one(kKeyOne);
  const std::string two(kKeyTwo);
  const std::string base64 = one.substr(3);
  const std::string good[] = {one, one + "," + two, std::string(32, 'k') + one.substr(2),
                              "A-Z_9" + one.substr(2)};
  for (const std::string& text : good) {
    report.check(MasterKeys::parse(Secret::copy_of(text)).has_value(), "key list: master keys parse");
    report.check(SigningKeys::parse(Secret::copy_of(text)).has_value(), "key list: signing keys parse");
  }
  std::string many = "k0:" + base64;
  for (size_t i = 1; i <= kMasterKeysMax; ++i) many += ",k" + std::to_string(i) + ":" + base64;
  const std::string bad[] = {
      "",
      ",",
      ":",
      "k1",
      "k1:",
      base64,
      ":" + base64,
      one + ",",
      "," + one,
      one + ",," + two,
      one + " ",
      " " + one,
      one + "\n",
      "k 1:" + base64,
      "k.1:" + base64,
      std::string(33, 'k') + ":" + base64,
      one + "," + one,
      one + ",k1:" + two.substr(3),
      one + ";" + two,
      "k1:" + base64.substr(0, 40),
      "k1:" + base64 + "AAAA",
      "k1:" + base64.substr(0, 43),
      "k1:" + base64.substr(0, 43) + "A",
      "k1:" + base64.substr(0, 42) + "9=",
      "k1:____" + base64.substr(4),
      "k1:\xc3\xa4" + base64.substr(2),
      "k1:k2:" + base64,
      many,
  };
  for (const std::string& text : bad) {
    const Result<MasterKeys> master = MasterKeys::parse(Secret::copy_of(text));
    const Result<SigningKeys> signing = SigningKeys::parse(Secret::copy_of(text));
    report.check(!master && !signing, "key list: refuses: " + text);
    if (master || signing) continue;
    for (const Error& error : {master.error(), signing.error()}) {
      const std::string said = error.message() + error.detail();
      report.check(said.find("entry ") != std::string::npos, "key list: names the position: " + text);
      report.check(said.find(base64.substr(0, 8)) == std::string::npos,
                   "key list: repeats no value: " + text);
    }
  }
}

}  // namespace latchkey::testing
