// Signatures: the specification's own vector, several secrets, fresh ones.
#include "webhook/signature.h"

#include <gtest/gtest.h>

#include <set>

#include "base/encoding.h"
#include "support/seeded_random.h"

namespace latchkey::webhook {
namespace {

TEST(Signatures, are_those_of_the_standard_webhooks_specification) {
  EXPECT_EQ(signature(Secret::copy_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330",
                      R"({"test": 2432232314})"),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(Signatures, of_two_secrets_stand_side_by_side) {
  const Secret a = Secret::copy_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  const Secret b = Secret::copy_of("whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=");
  const Secret* const both[] = {&a, &b};
  EXPECT_EQ(signatures(both, "msg_1", "1", "{}"), signature(a, "msg_1", "1", "{}") + " " + signature(b, "msg_1", "1", "{}"));
  EXPECT_EQ(signatures(std::span(both).first(1), "msg_1", "1", "{}"), signature(a, "msg_1", "1", "{}"));
}

TEST(Signatures, differ_with_every_part) {
  const Secret secret = Secret::copy_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  const std::set<std::string> all{signature(secret, "msg_1", "1", "{}"), signature(secret, "msg_2", "1", "{}"),
                                  signature(secret, "msg_1", "2", "{}"), signature(secret, "msg_1", "1", "[]")};
  EXPECT_EQ(all.size(), 4u);
}

TEST(Secrets, are_made_of_32_fresh_bytes) {
  testing::SeededRandom random("webhook secrets");
  std::set<std::string> seen;
  for (int i = 0; i < 50; ++i) {
    const Secret secret = generate_secret(random);
    const std::string text(secret.reveal_text(SecretAccess("a test looks at a secret it made")));
    ASSERT_TRUE(text.starts_with("whsec_"));
    const auto bytes = base64_decode(text.substr(6));
    ASSERT_TRUE(bytes.has_value());
    EXPECT_EQ(bytes->size(), 32u);
    seen.insert(text);
  }
  EXPECT_EQ(seen.size(), 50u);
}

}  // namespace
}  // namespace latchkey::webhook
