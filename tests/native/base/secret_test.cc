#include "base/secret.h"

#include <gtest/gtest.h>

#include <type_traits>
#include <utility>

namespace latchkey {
namespace {

constexpr SecretAccess kTest("testing the secret type");

static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
static_assert(std::is_nothrow_move_constructible_v<Secret> && std::is_nothrow_move_assignable_v<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string_view> && !std::is_convertible_v<Secret, ByteView>);
static_assert(!std::is_convertible_v<std::string_view, Secret> && !std::is_convertible_v<size_t, Secret>);

TEST(Secret, HoldsACopyThatItsSourceDoesNotShare) {
  Bytes source{1, 2, 3};
  const Secret secret = Secret::copy_of(ByteView(source));
  wipe(source);
  EXPECT_EQ(source, Bytes(3, 0));
  const ByteView shown = secret.reveal(kTest);
  EXPECT_EQ(Bytes(shown.begin(), shown.end()), (Bytes{1, 2, 3}));
}

TEST(Secret, MovingLeavesNothingBehind) {
  Secret first = Secret::copy_of("secret");
  const uint8_t* where = first.reveal(kTest).data();
  Secret second = std::move(first);
  EXPECT_TRUE(first.empty());  // NOLINT: the moved-from state is the guarantee.
  EXPECT_EQ(first.reveal(kTest).data(), nullptr);
  EXPECT_EQ(second.reveal_text(kTest), "secret");
  // The bytes did not move in memory, so there is no second copy to wipe.
  EXPECT_EQ(second.reveal(kTest).data(), where);
}

TEST(Secret, AssignmentReplacesAndItselfIsHarmless) {
  Secret secret = Secret::copy_of("first");
  secret = Secret::copy_of("second");
  EXPECT_EQ(secret.reveal_text(kTest), "second");
  Secret& same = secret;
  secret = std::move(same);
  EXPECT_EQ(secret.reveal_text(kTest), "second");
}

TEST(Secret, ANewOneIsZeroUntilItIsFilled) {
  Secret secret(4);
  EXPECT_EQ(secret.reveal_text(kTest), std::string_view("\0\0\0\0", 4));
  secret.fill(kTest)[2] = 'x';
  EXPECT_EQ(secret.reveal_text(kTest), std::string_view("\0\0x\0", 4));
}

TEST(Secret, EmptyOnesAreEqualAndShowNothing) {
  const Secret one;
  const Secret two(0);
  EXPECT_TRUE(one == two);
  EXPECT_TRUE(one.empty() && two.empty());
  EXPECT_EQ(two.reveal(kTest).size(), 0u);
}

TEST(Secret, EqualityFollowsEveryByteAndTheSize) {
  const Secret secret = Secret::copy_of("0123456789");
  EXPECT_TRUE(secret == Secret::copy_of("0123456789"));
  EXPECT_FALSE(secret == Secret::copy_of("012345678"));
  EXPECT_FALSE(secret == Secret::copy_of("01234567890"));
  for (size_t i = 0; i < secret.size(); ++i) {
    Secret other = Secret::copy_of(secret.reveal(kTest));
    other.fill(kTest)[i] ^= 1;
    EXPECT_FALSE(secret == other) << i;
  }
}

TEST(EqualConstantTime, ComparesLikeEquality) {
  EXPECT_TRUE(equal_constant_time({}, {}));
  EXPECT_TRUE(equal_constant_time(as_bytes("abc"), as_bytes("abc")));
  EXPECT_FALSE(equal_constant_time(as_bytes("abc"), as_bytes("abd")));
  EXPECT_FALSE(equal_constant_time(as_bytes("abc"), as_bytes("ab")));
  EXPECT_FALSE(equal_constant_time(as_bytes("abc"), {}));
}

TEST(Wipe, ZeroesEveryByteAndTakesAnEmptyView) {
  Bytes bytes(1000, 0xff);
  wipe(bytes);
  EXPECT_EQ(bytes, Bytes(1000, 0));
  wipe({});
}

}  // namespace
}  // namespace latchkey
