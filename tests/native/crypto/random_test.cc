#include "crypto/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "support/seeded_random.h"

namespace latchkey::crypto {
namespace {

TEST(SystemRandom, NeverHandsOutTheSameBytesTwice) {
  SystemRandom random;
  std::set<ByteArray<16>> seen;
  for (int i = 0; i < 2000; ++i) {
    ByteArray<16> bytes{};
    random.fill(bytes);
    EXPECT_TRUE(seen.insert(bytes).second);
  }
}

TEST(SystemRandom, FillsEveryByteOfAnySize) {
  SystemRandom random;
  for (const size_t size : {0u, 1u, 31u, 255u, 256u, 257u, 511u, 512u, 513u, 5000u}) {
    // A byte that is never written stays zero in every round.
    Bytes seen(size, 0);
    for (int round = 0; round < 16; ++round) {
      Bytes bytes(size, 0);
      random.fill(bytes);
      for (size_t i = 0; i < size; ++i) seen[i] |= bytes[i];
    }
    EXPECT_TRUE(std::ranges::none_of(seen, [](uint8_t byte) { return byte == 0; })) << size;
  }
}

TEST(SystemRandom, WipesAByteAsItIsHandedOut) {
  SystemRandom random;
  ByteArray<32> first{};
  random.fill(first);
  const auto* object = reinterpret_cast<const uint8_t*>(&random);
  const ByteView memory(object, sizeof random);
  EXPECT_TRUE(std::ranges::search(memory, first).empty());
}

TEST(SeededRandom, TheSameSeedGivesTheSameBytesHoweverTheyAreAskedFor) {
  testing::SeededRandom whole("seed");
  testing::SeededRandom pieces("seed");
  testing::SeededRandom other("another seed");
  Bytes a(3000);
  Bytes b(3000);
  Bytes c(3000);
  whole.fill(a);
  for (size_t i = 0; i < b.size(); i += 60) pieces.fill(MutableByteView(b).subspan(i, 60));
  other.fill(c);
  EXPECT_EQ(a, b);
  EXPECT_NE(a, c);
}

}  // namespace
}  // namespace latchkey::crypto
