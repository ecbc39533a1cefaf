// The Merkle tree of RFC 9162, section 2.1: hashes, heads, and proofs that it grew or that it holds a leaf. Pure.
//
// A tree is named by its size. `Range` is a run of its leaves that has a hash of its own: MTH(D[begin:end]) of the
// RFC. Those that a proof needs are made of perfect subtrees, aligned runs of 2^level leaves, which never change once
// they are full: so they are what is stored.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "crypto/hash.h"

namespace latchkey::audit {

using crypto::Digest;

// leaf_hash: SHA-256(0x00 || leaf). node_hash: SHA-256(0x01 || left || right).
Digest leaf_hash(std::string_view leaf);
Digest node_hash(const Digest& left, const Digest& right);
// empty_root: the head of a tree without leaves, SHA-256 of nothing.
Digest empty_root();

// Range: leaves begin to end - 1; begin < end.
struct Range {
  uint64_t begin = 0;
  uint64_t end = 0;
  friend bool operator==(const Range&, const Range&) = default;
};

// perfect_subtrees: the perfect subtrees that a range which stands in some tree is made of, in order. Its hash is
// theirs, joined from the right: fold_right.
std::vector<Range> perfect_subtrees(Range range);
// fold_right: the hash over perfect subtrees of falling size. At least one.
Digest fold_right(std::span<const Digest> subtrees);

// Frontier: a tree as far as it is needed to go on: the perfect subtrees of its right edge. It holds at most 64 of
// them, whatever its size.
class Frontier {
 public:
  Frontier() = default;
  // of: a tree of this size whose perfect_subtrees({0, size}) have these hashes; as many of them as there are.
  static Frontier of(uint64_t size, std::vector<Digest> subtrees);

  void add(const Digest& leaf);
  // add_subtree: the next 2^level leaves at once. `size()` must be a multiple of that.
  void add_subtree(const Digest& hash, uint32_t level);

  uint64_t size() const { return size_; }
  Digest root() const { return subtrees_.empty() ? empty_root() : fold_right(subtrees_); }
  std::span<const Digest> subtrees() const { return subtrees_; }

 private:
  uint64_t size_ = 0;
  std::vector<Digest> subtrees_;
};

// inclusion_path: the ranges whose hashes prove that leaf `index` stands in the tree of `size`, in the order of
// RFC 9162, 2.1.3.1. index < size.
std::vector<Range> inclusion_path(uint64_t index, uint64_t size);
// consistency_path: those that prove that the tree of `size` begins with that of `old_size` (2.1.4.1). None where
// they are of one size. 0 < old_size <= size.
std::vector<Range> consistency_path(uint64_t old_size, uint64_t size);

// verify_inclusion, verify_consistency: 2.1.3.2 and 2.1.4.2. False for a proof of any other length, too.
bool verify_inclusion(const Digest& leaf, uint64_t index, uint64_t size, std::span<const Digest> proof,
                      const Digest& root);
bool verify_consistency(uint64_t old_size, const Digest& old_root, uint64_t size, const Digest& root,
                        std::span<const Digest> proof);

}  // namespace latchkey::audit
