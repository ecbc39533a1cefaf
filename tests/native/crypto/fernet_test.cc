#include "crypto/fernet.h"

#include <gtest/gtest.h>

#include "crypto/kdf.h"
#include "support/seeded_random.h"

namespace latchkey::crypto {
namespace {

constexpr SecretAccess kTest("comparing what was decrypted");
constexpr std::string_view kMachineId = "0123456789abcdef0123456789abcdef";

// The published desktop client's own derivation and decryption, end to end.
TEST(Fernet, ATokenMadeForAMachineOpensWithTheDesktopClientsKey) {
  const Secret derived =
      pbkdf2_hmac_sha256(as_bytes(kMachineId), desktop_salt(kMachineId), kDesktopRounds, kFernetKeyBytes);
  const Result<FernetKey> published =
      FernetKey::parse(Secret::copy_of("wivVShZbdZV6nfRBg9YhJlRzfBCMJe2A_RJBx79-U0k="));
  ASSERT_TRUE(published);
  SystemRandom random;
  const std::string token = fernet_encrypt(random, FernetKey(derived), as_bytes("sk-test"), 1735689600);
  const Result<Secret> opened = fernet_decrypt(*published, token, 1735689600, 60);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->reveal_text(kTest), "sk-test");
}

TEST(Fernet, AppendsToWhatIsAlreadyThere) {
  testing::SeededRandom one("append");
  testing::SeededRandom two("append");
  const FernetKey key(Secret::copy_of(ByteView(Bytes(kFernetKeyBytes, 7))));
  std::string out = "before ";
  fernet_encrypt(one, key, as_bytes("x"), 1, out);
  EXPECT_EQ(out, "before " + fernet_encrypt(two, key, as_bytes("x"), 1));
}

TEST(Fernet, ADecryptedSecretIsExactlyAsLongAsItsPlaintext) {
  SystemRandom random;
  const FernetKey key(Secret::copy_of(ByteView(Bytes(kFernetKeyBytes, 7))));
  for (size_t size = 0; size < 64; ++size) {
    const Bytes plaintext(size, static_cast<uint8_t>(size));
    const Result<Secret> opened = fernet_decrypt(key, fernet_encrypt(random, key, plaintext, 5), 5, 0);
    ASSERT_TRUE(opened);
    EXPECT_TRUE(std::ranges::equal(opened->reveal(kTest), plaintext));
  }
}

}  // namespace
}  // namespace latchkey::crypto
