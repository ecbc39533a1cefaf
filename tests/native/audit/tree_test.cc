// RFC 9162, section 2.1, against the RFC's definitions written down once more, and against published figures.
#include "audit/tree.h"

#include <gtest/gtest.h>

#include <bit>
#include <map>
#include <string>

#include "base/encoding.h"

namespace latchkey::audit {
namespace {

// mth: the definition of section 2.1.1.
Digest mth(std::span<const std::string> leaves) {
  if (leaves.empty()) return crypto::sha256(ByteView());
  if (leaves.size() == 1) return crypto::sha256(as_bytes(std::string(1, '\0') + leaves[0]));
  const size_t k = std::bit_ceil(leaves.size()) / 2;
  const Digest left = mth(leaves.first(k)), right = mth(leaves.subspan(k));
  return crypto::sha256(as_bytes('\1' + std::string(as_text(left)) + std::string(as_text(right))));
}

std::vector<std::string> numbered_leaves(size_t count) {
  std::vector<std::string> leaves;
  for (size_t i = 0; i < count; ++i) leaves.push_back("record " + std::to_string(i));
  return leaves;
}

std::vector<Digest> hashes_of(std::span<const std::string> leaves, const std::vector<Range>& path) {
  std::vector<Digest> hashes;
  for (const Range& range : path) hashes.push_back(mth(leaves.subspan(range.begin, range.end - range.begin)));
  return hashes;
}

// The eight leaves that implementations of Certificate Transparency test with, and what comes of them.
std::vector<std::string> known_leaves() {
  std::vector<std::string> leaves;
  for (const char* hex : {"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"}) {
    leaves.emplace_back(as_text(*hex_decode(hex)));
  }
  return leaves;
}
constexpr const char* kKnownRoots[] = {
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
constexpr std::string_view k96 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7";
constexpr std::string_view k5f = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e";
constexpr std::string_view k6b = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4";
constexpr std::string_view kbc = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b";
constexpr std::string_view kca = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0";
constexpr std::string_view kd3 = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7";
constexpr std::string_view k0e = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a";

std::vector<std::string> known_hashes(const std::vector<Range>& path) {
  std::vector<std::string> out;
  for (const Digest& hash : hashes_of(known_leaves(), path)) out.push_back(hex_encode(hash));
  return out;
}

TEST(Tree, has_the_published_roots) {
  EXPECT_EQ(hex_encode(empty_root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Frontier().root(), empty_root());
  Frontier frontier;
  const auto leaves = known_leaves();
  for (size_t i = 0; i < leaves.size(); ++i) {
    frontier.add(leaf_hash(leaves[i]));
    EXPECT_EQ(hex_encode(frontier.root()), kKnownRoots[i]);
  }
}

TEST(Tree, has_the_published_paths) {
  using Hashes = std::vector<std::string>;
  const auto of = [](std::initializer_list<std::string_view> list) { return Hashes(list.begin(), list.end()); };
  EXPECT_EQ(known_hashes(inclusion_path(0, 8)), of({k96, k5f, k6b}));
  EXPECT_EQ(known_hashes(inclusion_path(5, 8)), of({kbc, kca, kd3}));
  EXPECT_EQ(known_hashes(consistency_path(1, 8)), of({k96, k5f, k6b}));
  EXPECT_EQ(known_hashes(consistency_path(6, 8)), of({k0e, kca, kd3}));
  EXPECT_EQ(known_hashes(consistency_path(2, 5)), of({k5f, kbc}));
}

TEST(Tree, of_every_size_and_range_is_as_the_definition_says) {
  const auto leaves = numbered_leaves(140);
  Frontier frontier;
  for (size_t size = 1; size <= leaves.size(); ++size) {
    frontier.add(leaf_hash(leaves[size - 1]));
    const std::span<const std::string> tree(leaves.data(), size);
    ASSERT_EQ(frontier.root(), mth(tree)) << size;
    const auto subtrees = hashes_of(tree, perfect_subtrees({0, size}));
    ASSERT_TRUE(std::ranges::equal(subtrees, frontier.subtrees())) << size;
    ASSERT_EQ(Frontier::of(size, subtrees).root(), frontier.root()) << size;
  }
}

TEST(Tree, grows_by_whole_subtrees_as_by_leaves) {
  const auto leaves = numbered_leaves(100);
  Frontier by_subtrees, by_leaves;
  for (const uint32_t level : {5u, 5u, 2u, 2u, 3u, 4u, 2u}) {
    const size_t count = size_t{1} << level, begin = by_leaves.size();
    by_subtrees.add_subtree(mth(std::span(leaves).subspan(begin, count)), level);
    for (size_t i = 0; i < count; ++i) by_leaves.add(leaf_hash(leaves[begin + i]));
    ASSERT_EQ(by_subtrees.root(), by_leaves.root());
    ASSERT_EQ(by_subtrees.size(), by_leaves.size());
  }
}

TEST(Inclusion, is_proved_for_every_leaf_of_every_size_and_for_no_other) {
  const auto leaves = numbered_leaves(70);
  for (size_t size = 1; size <= leaves.size(); ++size) {
    const std::span<const std::string> tree(leaves.data(), size);
    const Digest root = mth(tree);
    for (size_t index = 0; index < size; ++index) {
      const Digest leaf = leaf_hash(leaves[index]);
      const auto proof = hashes_of(tree, inclusion_path(index, size));
      ASSERT_TRUE(verify_inclusion(leaf, index, size, proof, root)) << index << " of " << size;
      ASSERT_FALSE(verify_inclusion(leaf, (index + 1) % size, size, proof, root) && size > 1) << index << " of " << size;
      ASSERT_FALSE(verify_inclusion(leaf, index + size, size, proof, root));
      ASSERT_FALSE(verify_inclusion(leaf_hash("other"), index, size, proof, root));
    }
  }
}

TEST(Consistency, is_proved_between_every_two_sizes_and_between_no_others) {
  const auto leaves = numbered_leaves(70);
  for (size_t size = 1; size <= leaves.size(); ++size) {
    const std::span<const std::string> tree(leaves.data(), size);
    const Digest root = mth(tree);
    for (size_t old_size = 1; old_size <= size; ++old_size) {
      const Digest old_root = mth(tree.first(old_size));
      const auto proof = hashes_of(tree, consistency_path(old_size, size));
      ASSERT_TRUE(verify_consistency(old_size, old_root, size, root, proof)) << old_size << " in " << size;
      ASSERT_FALSE(verify_consistency(old_size, leaf_hash("x"), size, root, proof)) << old_size << " in " << size;
      ASSERT_FALSE(verify_consistency(old_size, old_root, size, leaf_hash("x"), proof)) << old_size << " in " << size;
    }
    ASSERT_FALSE(verify_consistency(0, empty_root(), size, root, {}));
    ASSERT_FALSE(verify_consistency(size + 1, root, size, root, {}));
  }
}

// Every hash changed, left out or put in makes a proof that proves nothing.
TEST(Proofs, of_another_length_or_content_are_false) {
  const auto leaves = numbered_leaves(43);
  const Digest root = mth(leaves);
  const auto expect_false = [](const std::vector<Digest>& good, auto verify) {
    ASSERT_TRUE(verify(good));
    for (size_t at = 0; at <= good.size(); ++at) {
      auto longer = good;
      longer.insert(longer.begin() + static_cast<std::ptrdiff_t>(at), leaf_hash("more"));
      EXPECT_FALSE(verify(longer)) << at;
      if (at == good.size()) break;
      auto shorter = good;
      shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(at));
      EXPECT_FALSE(verify(shorter)) << at;
      for (int bit = 0; bit < 256; ++bit) {
        auto other = good;
        other[at][static_cast<size_t>(bit / 8)] ^= static_cast<uint8_t>(1 << (bit % 8));
        ASSERT_FALSE(verify(other)) << at << " bit " << bit;
      }
    }
  };
  for (const size_t index : {0u, 20u, 31u, 32u, 42u}) {
    expect_false(hashes_of(leaves, inclusion_path(index, 43)), [&](const auto& proof) {
      return verify_inclusion(leaf_hash(leaves[index]), index, 43, proof, root);
    });
  }
  for (const size_t old_size : {1u, 7u, 32u, 40u, 42u}) {
    const Digest old_root = mth(std::span(leaves).first(old_size));
    expect_false(hashes_of(leaves, consistency_path(old_size, 43)),
                 [&](const auto& proof) { return verify_consistency(old_size, old_root, 43, root, proof); });
  }
}

TEST(Paths, of_huge_trees_are_short_and_made_of_perfect_subtrees) {
  constexpr uint64_t size = (uint64_t{1} << 62) + 12345;
  const auto path = inclusion_path(size - 2, size);
  EXPECT_LE(path.size(), 64u);
  for (const Range& range : path) {
    for (const Range& subtree : perfect_subtrees(range)) {
      EXPECT_TRUE(std::has_single_bit(subtree.end - subtree.begin));
      EXPECT_EQ(subtree.begin % (subtree.end - subtree.begin), 0u);
    }
  }
}

}  // namespace
}  // namespace latchkey::audit
