#include "base/ids.h"

#include <gtest/gtest.h>

#include <set>

#include "support/draws.h"

namespace latchkey {
namespace {

ByteArray<kIdRandomBytes> random_bytes(test::Draws& draws) {
  ByteArray<kIdRandomBytes> bytes;
  draws.fill(bytes);
  return bytes;
}

TEST(Ids, have_the_ulid_layout_behind_their_prefix) {
  // The example of the ULID specification, 01ARZ3NDEKTSV4RRFFQ69G5FAV, in lower case.
  constexpr TimeMs time = 1469922850259;
  const ByteArray<kIdRandomBytes> random = {0xd6, 0x76, 0x4c, 0x61, 0xef, 0xb9, 0x93, 0x02, 0xbd, 0x5b};
  EXPECT_EQ(make_id("lic_", time, random), "lic_01arz3ndektsv4rrffq69g5fav");
}

TEST(Ids, at_the_ends_of_time_and_randomness_are_well_formed) {
  ByteArray<kIdRandomBytes> zeros{};
  ByteArray<kIdRandomBytes> ones;
  ones.fill(0xff);
  EXPECT_EQ(make_id("k_", 0, zeros), "k_00000000000000000000000000");
  EXPECT_EQ(make_id("k_", 0, ones), "k_0000000000zzzzzzzzzzzzzzzz");
  EXPECT_TRUE(is_id("k_", make_id("k_", kTimeMsMax, ones)));
}

TEST(Ids, sort_by_the_time_they_were_made) {
  test::Draws draws(7);
  for (int i = 0; i < 20'000; ++i) {
    const auto earlier = static_cast<TimeMs>(draws.below(kTimeMsMax));
    const auto later = earlier + 1 + static_cast<TimeMs>(draws.below(i % 2 == 0 ? 10 : 1'000'000'000));
    ASSERT_LT(make_id("aud_", earlier, random_bytes(draws)), make_id("aud_", later, random_bytes(draws)))
        << earlier << " " << later;
  }
}

TEST(Ids, of_one_moment_differ_in_every_random_bit) {
  ByteArray<kIdRandomBytes> random{};
  std::set<std::string> ids = {make_id("x_", 1, random)};
  for (size_t bit = 0; bit < 8 * kIdRandomBytes; ++bit) {
    ByteArray<kIdRandomBytes> flipped = random;
    flipped[bit / 8] = static_cast<uint8_t>(1u << bit % 8);
    EXPECT_TRUE(ids.insert(make_id("x_", 1, flipped)).second) << "bit " << bit;
  }
}

TEST(Ids, that_were_made_are_known_again) {
  test::Draws draws(8);
  for (const char* prefix : {"lic_", "mch_", "key_", "evt_", "aud_", "alr_", "req_", ""}) {
    const std::string id = make_id(prefix, 1768478400000, random_bytes(draws));
    EXPECT_EQ(id.size(), std::string_view(prefix).size() + kIdBodyChars);
    EXPECT_TRUE(is_id(prefix, id)) << id;
  }
}

TEST(Ids, of_another_shape_are_refused) {
  const std::string body = "01arz3ndektsv4rrffq69g5fav";
  ASSERT_TRUE(is_id("lic_", "lic_" + body));
  const std::string not_ids[] = {
      "",
      "lic_",
      body,
      "mch_" + body,
      "LIC_" + body,
      " lic_" + body,
      "lic_" + body + " ",
      "lic_" + body + "0",
      "lic_" + body.substr(1),
      "lic__" + body.substr(1),
      "lic_01ARZ3NDEKTSV4RRFFQ69G5FAV",
      "lic_i1arz3ndektsv4rrffq69g5fav",
      "lic_l1arz3ndektsv4rrffq69g5fav",
      "lic_o1arz3ndektsv4rrffq69g5fav",
      "lic_u1arz3ndektsv4rrffq69g5fav",
      "lic_01arz3ndektsv4rrffq69g5fa'",
      "lic_01arz3ndektsv4rrffq69g5fa%",
      "lic_01arz3ndektsv4rrffq69g5fa\n",
      "lic_01arz3ndektsv4rrffq69g5f\xc3\xa4",
      std::string("lic_01arz3ndektsv4rrffq69g5fa\0", 30),
  };
  for (const std::string& text : not_ids) EXPECT_FALSE(is_id("lic_", text)) << text;
}

}  // namespace
}  // namespace latchkey
