// Checkpoints: the C2SP forms, and that nothing but what a known key signed is believed.
#include "audit/checkpoint.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace latchkey::audit {
namespace {

constexpr std::string_view kOrigin = "api.example/audit";

const crypto::Ed25519Key& signing_key(int number = 0) {
  static const crypto::Ed25519Key keys[] = {
      crypto::Ed25519Key(Secret::copy_of(std::string(32, 'a'))), crypto::Ed25519Key(Secret::copy_of(std::string(32, 'b')))};
  return keys[number];
}
LogKey log_key(int number = 0) { return {.name = std::string(kOrigin), .public_key = signing_key(number).public_key()}; }
Checkpoint some_checkpoint() { return {.origin = std::string(kOrigin), .size = 1234, .root = leaf_hash("root")}; }
std::string note_of(const Checkpoint& checkpoint, int number = 0) {
  return signed_note(checkpoint, log_key(number), signing_key(number).sign(as_bytes(checkpoint_body(checkpoint))));
}

// The key of the Go checksum database is published in this form.
TEST(LogKey, has_the_published_id_of_a_published_key) {
  constexpr std::string_view text = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
  const auto key = LogKey::parse(text);
  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(key->name, "sum.golang.org");
  EXPECT_EQ(hex_encode(key->id()), "033de0ae");
  EXPECT_EQ(key->text(), text);
}

TEST(LogKey, of_another_form_or_id_is_refused) {
  const std::string good = log_key().text();
  ASSERT_TRUE(LogKey::parse(good).has_value());
  for (size_t i = 0; i < good.size(); ++i) {
    std::string other = good;
    other[i] = other[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(LogKey::parse(other).has_value()) << other;
    EXPECT_FALSE(LogKey::parse(good.substr(0, i)).has_value()) << i;
  }
  EXPECT_FALSE(LogKey::parse(good + "A").has_value());
}

TEST(Checkpoint, is_written_in_the_form_of_the_specification_and_read_back) {
  const std::string note = note_of(some_checkpoint());
  const std::string body = std::string(kOrigin) + "\n1234\n" + base64_encode(leaf_hash("root")) + "\n";
  EXPECT_EQ(checkpoint_body(some_checkpoint()), body);
  EXPECT_TRUE(note.starts_with(body + "\n\xE2\x80\x94 api.example/audit ")) << note;
  const LogKey keys[] = {log_key(1), log_key(0)};
  const auto opened = open_checkpoint(note, keys);
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(*opened, some_checkpoint());
}

TEST(Checkpoint, of_another_key_or_name_is_not_believed) {
  const LogKey keys[] = {log_key(1)};
  EXPECT_EQ(open_checkpoint(note_of(some_checkpoint()), keys).error().code(), ErrorCode::kUnauthorized);
  LogKey renamed = log_key();
  renamed.name = "other.example/audit";
  EXPECT_FALSE(open_checkpoint(note_of(some_checkpoint()), std::span(&renamed, 1)).has_value());
  EXPECT_FALSE(open_checkpoint(note_of(some_checkpoint()), {}).has_value());
}

TEST(Checkpoint, with_a_second_good_signature_is_believed_by_either_key_and_with_a_bad_one_by_none) {
  const std::string one = note_of(some_checkpoint()), two = note_of(some_checkpoint(), 1);
  const std::string both = one + two.substr(two.find("\xE2\x80\x94"));
  for (const int number : {0, 1}) {
    const LogKey key = log_key(number);
    EXPECT_TRUE(open_checkpoint(both, std::span(&key, 1)).has_value());
  }
  Checkpoint other = some_checkpoint();
  other.size = 1;
  const std::string foreign = note_of(other, 1);
  const LogKey keys[] = {log_key(0), log_key(1)};
  EXPECT_FALSE(open_checkpoint(one + foreign.substr(foreign.find("\xE2\x80\x94")), keys).has_value());
}

TEST(Checkpoint, with_any_character_changed_left_out_or_added_is_refused) {
  const std::string note = note_of(some_checkpoint());
  const LogKey key = log_key();
  const std::span<const LogKey> keys(&key, 1);
  for (size_t i = 0; i < note.size(); ++i) {
    for (const char c : {'A', '0', '\n', ' ', '\0', '\x7f'}) {
      std::string changed = note, longer = note;
      changed[i] = changed[i] == c ? 'B' : c;
      longer.insert(longer.begin() + static_cast<std::ptrdiff_t>(i), c);
      EXPECT_FALSE(open_checkpoint(changed, keys).has_value()) << i;
      EXPECT_FALSE(open_checkpoint(longer, keys).has_value()) << i;
    }
    EXPECT_FALSE(open_checkpoint(std::string(note).erase(i, 1), keys).has_value()) << i;
  }
  EXPECT_FALSE(open_checkpoint(note + "\n", keys).has_value());
  EXPECT_FALSE(open_checkpoint("", keys).has_value());
}

// Signed, and yet not of the one form.
TEST(Checkpoint, of_a_malformed_body_is_refused_though_it_is_signed) {
  const LogKey key = log_key();
  const std::string root = base64_encode(leaf_hash("root"));
  for (const std::string& body :
       {"api.example/audit\n01\n" + root + "\n", "api.example/audit\n-1\n" + root + "\n",
        "api.example/audit\n18446744073709551616\n" + root + "\n", "api.example/audit\n1\n" + root.substr(4) + "\n",
        "api.example/audit\n1\n" + root + "\nmore\n", "a b\n1\n" + root + "\n", std::string("api.example/audit\n1\n"), std::string("\n")}) {
    ByteArray<4> id = key.id();
    Bytes bytes(id.begin(), id.end());
    const auto signature = signing_key().sign(as_bytes(body));
    bytes.insert(bytes.end(), signature.begin(), signature.end());
    const std::string note = body + "\n\xE2\x80\x94 " + key.name + " " + base64_encode(bytes) + "\n";
    EXPECT_FALSE(open_checkpoint(note, std::span(&key, 1)).has_value()) << body;
  }
}

}  // namespace
}  // namespace latchkey::audit
