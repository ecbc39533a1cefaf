// The calls of the client module, natively and so under the sanitizers: what they give, what they refuse, and that no
// frame, however cut or changed in its parts, is more than an error.
#include "client/calls.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>

#include "audit/checkpoint.h"
#include "base/encoding.h"
#include "client/standing.h"
#include "crypto/client_forms.h"
#include "crypto/fernet.h"
#include "crypto/hpke.h"
#include "crypto/sign.h"
#include "support/seeded_random.h"

namespace latchkey::client {
namespace {

using Part = std::variant<std::string, uint64_t>;
using Parts = std::vector<Part>;

constexpr std::string_view kMachine = "0123456789abcdef0123456789abcdef";
constexpr std::string_view kSigning = "s1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

struct Answer {
  Outcome outcome = Outcome::kOk;
  Bytes frame;
  FrameReader reader() const { return FrameReader(frame); }
};

Answer call(Call number, const Parts& parts) {
  FrameWriter arguments, results;
  for (const Part& part : parts) {
    if (const auto* text = std::get_if<std::string>(&part)) arguments.text(*text);
    if (const auto* value = std::get_if<uint64_t>(&part)) arguments.number(*value);
  }
  testing::SeededRandom random("client");
  FrameReader reader(arguments.frame());
  const Outcome outcome = run_call(number, random, reader, results);
  return {outcome, results.frame()};
}

std::string text_of(ByteView bytes) { return std::string(as_text(bytes)); }

const crypto::SigningKeys& signing() {
  static const auto keys = crypto::SigningKeys::parse(Secret::copy_of(kSigning));
  return *keys;
}
std::string signing_x() { return base64url_encode(signing().verify_keys().front().public_key); }

// Each part in turn gets longer, shorter, empty and changed: only errors, and nothing beside them.
void expect_only_errors(Call number, const Parts& good, size_t from = 0) {
  ASSERT_EQ(call(number, good).outcome, Outcome::kOk);
  for (size_t i = from; i < good.size(); ++i) {
    const auto* text = std::get_if<std::string>(&good[i]);
    if (text == nullptr) continue;
    std::vector<std::string> wrong = {"", *text + "A", std::string(300, 'x'), std::string(1, '\0')};
    for (size_t at = 0; at < text->size(); ++at) {
      wrong.push_back(text->substr(0, at));
      wrong.push_back(*text);
      wrong.back()[at] = static_cast<char>(wrong.back()[at] ^ 1);
    }
    for (const std::string& bad : wrong) {
      if (bad == *text) continue;
      Parts parts = good;
      parts[i] = bad;
      const Answer answer = call(number, parts);
      EXPECT_NE(answer.outcome, Outcome::kOk) << "part " << i << ": " << bad;
      EXPECT_TRUE(answer.frame.empty());
    }
  }
}

TEST(DeviceKey, is_made_and_has_its_public_half_and_thumbprint) {
  const Answer made = call(Call::kMakeDeviceKey, {});
  ASSERT_EQ(made.outcome, Outcome::kOk);
  FrameReader reader = made.reader();
  const std::string key = text_of(reader.bytes());
  ASSERT_EQ(key.size(), 32u);
  const Answer half = call(Call::kPublicKey, {key});
  FrameReader halves = half.reader();
  const auto expected = crypto::x25519_public_key(Secret::copy_of(key));
  EXPECT_EQ(halves.text(), base64url_encode(expected));
  EXPECT_EQ(halves.text(), crypto::jwk_thumbprint(expected));
  EXPECT_TRUE(halves.done());
  for (const size_t size : {0u, 31u, 33u}) {
    EXPECT_EQ(call(Call::kPublicKey, {std::string(size, 'k')}).outcome, Outcome::kInvalidArgument);
  }
}

TEST(Hpke, opens_what_the_service_seals_and_nothing_else) {
  const std::string key(32, 'k');
  auto sender = crypto::HpkeSender::setup_for_testing(
      crypto::HpkeAead::kAes256Gcm, crypto::x25519_public_key(Secret::copy_of(key)), as_bytes(crypto::kHpkeInfo),
      Bytes(32, 7));
  ASSERT_TRUE(sender.has_value());
  const auto seal = [&](std::string_view provider, std::string_view text) {
    return base64url_encode(sender->seal(as_bytes(provider), as_bytes(text)));
  };
  const std::string first = seal("deepseek", "sk-1"), second = seal("qwen", "sk-2");
  const Parts good = {key, base64url_encode(sender->enc()), std::string(crypto::kHpkeInfo), "deepseek", first, "qwen", second};
  const Answer opened = call(Call::kOpenHpke, good);
  ASSERT_EQ(opened.outcome, Outcome::kOk);
  FrameReader reader = opened.reader();
  EXPECT_EQ(reader.text(), "sk-1");
  EXPECT_EQ(reader.text(), "sk-2");
  EXPECT_TRUE(reader.done());
  // The key's own bits are clamped: a private key has no wrong bits.
  expect_only_errors(Call::kOpenHpke, good, 1);
}

TEST(Fernet, opens_under_the_desktops_key) {
  const Answer derived = call(Call::kDesktopKey, {std::string(kMachine)});
  FrameReader reader = derived.reader();
  const std::string key = text_of(reader.bytes());
  EXPECT_EQ(key, "wivVShZbdZV6nfRBg9YhJlRzfBCMJe2A_RJBx79-U0k=");
  testing::SeededRandom random("token");
  const auto fernet = crypto::FernetKey::parse(Secret::copy_of(key));
  const std::string token = crypto::fernet_encrypt(random, *fernet, as_bytes("sk-1"), 1'000);
  const Answer opened = call(Call::kOpenFernet, {key, uint64_t{1'010}, uint64_t{10}, token, token});
  ASSERT_EQ(opened.outcome, Outcome::kOk);
  FrameReader plaintexts = opened.reader();
  EXPECT_EQ(plaintexts.text(), "sk-1");
  EXPECT_EQ(plaintexts.text(), "sk-1");
  EXPECT_EQ(call(Call::kOpenFernet, {key, uint64_t{1'011}, uint64_t{10}, token}).outcome, Outcome::kNotOpened);
  EXPECT_EQ(call(Call::kOpenFernet, {key, UINT64_MAX, kNoTtl, token}).outcome, Outcome::kInvalidArgument);
  EXPECT_EQ(call(Call::kOpenFernet, {key, uint64_t{0}, uint64_t{1} << 63, token}).outcome, Outcome::kInvalidArgument);
  expect_only_errors(Call::kOpenFernet, {key, uint64_t{0}, kNoTtl, token}, 3);
}

TEST(Receipt, verifies_under_a_trusted_key_alone) {
  const std::string token = signing().sign_jws("{}", crypto::kReceiptType);
  const Answer verified = call(Call::kVerifyReceipt, {token, "s0", signing_x(), "s1", signing_x()});
  ASSERT_EQ(verified.outcome, Outcome::kOk);
  FrameReader reader = verified.reader();
  EXPECT_EQ(reader.text(), "{}");
  EXPECT_EQ(call(Call::kVerifyReceipt, {token}).outcome, Outcome::kReceiptInvalid);
  EXPECT_EQ(call(Call::kVerifyReceipt, {token, "s2", signing_x()}).outcome, Outcome::kReceiptInvalid);
  EXPECT_EQ(call(Call::kVerifyReceipt, {token, "s1", "AAAA"}).outcome, Outcome::kInvalidArgument);
  EXPECT_EQ(call(Call::kVerifyReceipt, {signing().sign_jws("{}", "other+jwt"), "s1", signing_x()}).outcome,
            Outcome::kReceiptInvalid);
}

struct Facts {
  std::string machine_id{kMachine};
  std::string machine = crypto::receipt_machine(as_bytes(kMachine));
  std::string device = "", bound_device = "";
  std::string license_wanted = "", license_id = "lic_1";
  uint64_t issued = 1'000, refresh = 2'000, expires = 3'000, grace = 4'000;
  uint64_t now_ms = 1'500'000, last_seen_ms = 0;
};
Answer judge(const Facts& f) {
  return call(Call::kJudgeReceipt, {f.machine_id, f.machine, f.device, f.bound_device, f.license_wanted, f.license_id,
                                    f.issued, f.refresh, f.expires, f.grace, f.now_ms, f.last_seen_ms});
}

TEST(Receipt, is_judged_by_whose_it_is_and_then_by_its_times) {
  const Answer good = judge({});
  ASSERT_EQ(good.outcome, Outcome::kOk);
  FrameReader reader = good.reader();
  EXPECT_EQ(reader.number(), static_cast<uint64_t>(Standing::kFresh));
  EXPECT_EQ(reader.number(), 1'500'000u);
  const auto outcome = [](Facts facts) { return judge(facts).outcome; };
  EXPECT_EQ(outcome({.machine_id = "another"}), Outcome::kWrongMachine);
  EXPECT_EQ(outcome({.machine_id = ""}), Outcome::kWrongMachine);
  EXPECT_EQ(outcome({.device = "a", .bound_device = "b"}), Outcome::kWrongDevice);
  EXPECT_EQ(outcome({.device = "a", .bound_device = "a"}), Outcome::kOk);
  EXPECT_EQ(outcome({.device = "a"}), Outcome::kOk);
  EXPECT_EQ(outcome({.bound_device = "b"}), Outcome::kOk);
  EXPECT_EQ(outcome({.license_wanted = "lic_2"}), Outcome::kWrongLicense);
  EXPECT_EQ(outcome({.license_wanted = "lic_1"}), Outcome::kOk);
  EXPECT_EQ(outcome({.now_ms = 4'000'000}), Outcome::kExpired);
  EXPECT_EQ(outcome({.now_ms = 1'500'000, .last_seen_ms = 1'900'000}), Outcome::kClockRolledBack);
  // Whose it is counts first: a stolen receipt does not say how old it is.
  EXPECT_EQ(outcome({.machine_id = "another", .now_ms = 4'000'000}), Outcome::kWrongMachine);
}

TEST(Receipt, with_times_that_no_calendar_has_is_none) {
  const auto outcome = [](Facts facts) { return judge(facts).outcome; };
  for (const uint64_t time : {UINT64_MAX, uint64_t{1} << 63, static_cast<uint64_t>(kTimeMsMax / kSecondMs) + 1}) {
    EXPECT_EQ(outcome({.issued = time}), Outcome::kReceiptInvalid);
    EXPECT_EQ(outcome({.refresh = time}), Outcome::kReceiptInvalid);
    EXPECT_EQ(outcome({.expires = time}), Outcome::kReceiptInvalid);
    EXPECT_EQ(outcome({.grace = time}), Outcome::kReceiptInvalid);
  }
  for (const uint64_t time : {UINT64_MAX, static_cast<uint64_t>(kTimeMsMax) + 1}) {
    EXPECT_EQ(outcome({.now_ms = time}), Outcome::kInvalidArgument);
    EXPECT_EQ(outcome({.last_seen_ms = time}), Outcome::kInvalidArgument);
  }
}

TEST(Log, has_heads_and_proofs_that_the_service_makes) {
  const std::string name = "api.example/audit";
  const Answer key = call(Call::kLogKey, {name, signing_x()});
  ASSERT_EQ(key.outcome, Outcome::kOk);
  FrameReader keys = key.reader();
  const std::string vkey = text_of(keys.bytes());
  const audit::Digest leaves[] = {audit::leaf_hash("a"), audit::leaf_hash("b"), audit::leaf_hash("c")};
  const audit::Digest two = audit::node_hash(leaves[0], leaves[1]), three = audit::node_hash(two, leaves[2]);
  const audit::Checkpoint checkpoint{.origin = name, .size = 3, .root = three};
  const auto log_key = audit::LogKey::parse(vkey);
  ASSERT_TRUE(log_key.has_value());
  const std::string body = audit::checkpoint_body(checkpoint);
  const std::string note = audit::signed_note(checkpoint, *log_key, signing().sign(as_bytes(body)));
  const Answer head = call(Call::kVerifyCheckpoint, {note, vkey});
  ASSERT_EQ(head.outcome, Outcome::kOk);
  FrameReader reader = head.reader();
  EXPECT_EQ(reader.text(), name);
  EXPECT_EQ(reader.number(), 3u);
  EXPECT_EQ(hex_encode(reader.bytes()), hex_encode(three));
  expect_only_errors(Call::kVerifyCheckpoint, {note, vkey});
  EXPECT_EQ(call(Call::kVerifyCheckpoint, {note}).outcome, Outcome::kCheckpointInvalid);

  const std::string root = base64_encode(three);
  expect_only_errors(Call::kVerifyInclusion, {"b", uint64_t{1}, uint64_t{3}, root, base64_encode(leaves[0]), base64_encode(leaves[2])});
  expect_only_errors(Call::kVerifyConsistency, {uint64_t{2}, base64_encode(two), uint64_t{3}, root, base64_encode(leaves[2])});
  // Hashes as bytes are the same hashes.
  const std::string raw = text_of(three);
  EXPECT_EQ(call(Call::kVerifyInclusion, {"c", uint64_t{2}, uint64_t{3}, raw, text_of(two)}).outcome, Outcome::kOk);
}

TEST(Log, whose_name_another_log_signs_has_no_such_head) {
  const audit::LogKey other{.name = "other.example/audit", .public_key = signing().verify_keys().front().public_key};
  const audit::Checkpoint checkpoint{.origin = "api.example/audit", .size = 1, .root = audit::leaf_hash("a")};
  const audit::LogKey own{.name = checkpoint.origin, .public_key = other.public_key};
  const auto signature = signing().sign(as_bytes(audit::checkpoint_body(checkpoint)));
  const std::string note = audit::signed_note(checkpoint, other, signature);
  EXPECT_EQ(call(Call::kVerifyCheckpoint, {note, other.text()}).outcome, Outcome::kCheckpointInvalid);
  EXPECT_EQ(call(Call::kVerifyCheckpoint, {note, other.text(), own.text()}).outcome, Outcome::kCheckpointInvalid);
}

}  // namespace
}  // namespace latchkey::client
