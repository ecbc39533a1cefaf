#include "audit/tree.h"

#include <algorithm>
#include <bit>

#include "base/check.h"

namespace latchkey::audit {
namespace {

constexpr uint8_t kLeaf = 0;
constexpr uint8_t kNode = 1;

// split: k of the RFC: the largest power of two below `size`, which is over 1.
uint64_t split(uint64_t size) { return std::bit_floor(size - 1); }

// old_path: SUBPROOF(m, D[begin:end], is_known) of the RFC, with m leaves of the range in the old tree. `is_known`: the
// verifier has the range's hash already.
void old_path(uint64_t m, Range range, bool is_known, std::vector<Range>& out) {
  const uint64_t size = range.end - range.begin;
  if (m == size) {
    if (!is_known) out.push_back(range);
    return;
  }
  const uint64_t middle = range.begin + split(size);
  if (m <= split(size)) {
    old_path(m, {range.begin, middle}, is_known, out);
    out.push_back({middle, range.end});
  } else {
    old_path(m - split(size), {middle, range.end}, false, out);
    out.push_back({range.begin, middle});
  }
}

}  // namespace

Digest leaf_hash(std::string_view leaf) { return crypto::sha256({ByteView(&kLeaf, 1), as_bytes(leaf)}); }

Digest node_hash(const Digest& left, const Digest& right) {
  return crypto::sha256({ByteView(&kNode, 1), ByteView(left), ByteView(right)});
}

Digest empty_root() { return crypto::sha256(ByteView()); }

std::vector<Range> perfect_subtrees(Range range) {
  std::vector<Range> subtrees;
  while (range.begin < range.end) {
    const uint64_t size = std::bit_floor(range.end - range.begin);
    CHECK(range.begin % size == 0);
    subtrees.push_back({range.begin, range.begin + size});
    range.begin += size;
  }
  return subtrees;
}

Digest fold_right(std::span<const Digest> subtrees) {
  CHECK(!subtrees.empty());
  Digest hash = subtrees.back();
  for (size_t i = subtrees.size() - 1; i > 0; --i) hash = node_hash(subtrees[i - 1], hash);
  return hash;
}

Frontier Frontier::of(uint64_t size, std::vector<Digest> subtrees) {
  CHECK(subtrees.size() == static_cast<size_t>(std::popcount(size)));
  Frontier frontier;
  frontier.size_ = size;
  frontier.subtrees_ = std::move(subtrees);
  return frontier;
}

void Frontier::add(const Digest& leaf) { add_subtree(leaf, 0); }

void Frontier::add_subtree(const Digest& hash, uint32_t level) {
  const uint64_t added = uint64_t{1} << level;
  CHECK(size_ % added == 0);
  Digest joined = hash;
  // Each subtree of the size that the new one has got by now joins it, as a carry does in an addition.
  for (uint64_t size = added; (size_ & size) != 0; size <<= 1) {
    joined = node_hash(subtrees_.back(), joined);
    subtrees_.pop_back();
  }
  subtrees_.push_back(joined);
  size_ += added;
}

std::vector<Range> inclusion_path(uint64_t index, uint64_t size) {
  CHECK(index < size);
  std::vector<Range> path;
  Range range{0, size};
  while (range.end - range.begin > 1) {
    const uint64_t middle = range.begin + split(range.end - range.begin);
    if (index < middle) {
      path.push_back({middle, range.end});
      range.end = middle;
    } else {
      path.push_back({range.begin, middle});
      range.begin = middle;
    }
  }
  std::reverse(path.begin(), path.end());  // The RFC begins at the leaf.
  return path;
}

std::vector<Range> consistency_path(uint64_t old_size, uint64_t size) {
  CHECK(old_size > 0 && old_size <= size);
  std::vector<Range> path;
  old_path(old_size, {0, size}, true, path);
  return path;
}

bool verify_inclusion(const Digest& leaf, uint64_t index, uint64_t size, std::span<const Digest> proof,
                      const Digest& root) {
  if (index >= size) return false;
  uint64_t at = index, last = size - 1;
  Digest hash = leaf;
  for (const Digest& other : proof) {
    if (last == 0) return false;
    if ((at & 1) != 0 || at == last) {
      hash = node_hash(other, hash);
      // A right edge without a sibling goes up until it is a right child.
      while ((at & 1) == 0 && at != 0) at >>= 1, last >>= 1;
    } else {
      hash = node_hash(hash, other);
    }
    at >>= 1, last >>= 1;
  }
  return last == 0 && hash == root;
}

bool verify_consistency(uint64_t old_size, const Digest& old_root, uint64_t size, const Digest& root,
                        std::span<const Digest> proof) {
  if (old_size == 0 || old_size > size) return false;
  if (old_size == size) return proof.empty() && old_root == root;
  // A perfect old tree is itself the first hash.
  const bool is_perfect = std::has_single_bit(old_size);
  if (!is_perfect && proof.empty()) return false;
  uint64_t at = old_size - 1, last = size - 1;
  while ((at & 1) != 0) at >>= 1, last >>= 1;
  Digest old_hash = is_perfect ? old_root : proof.front();
  Digest hash = old_hash;
  for (const Digest& other : proof.subspan(is_perfect ? 0 : 1)) {
    if (last == 0) return false;
    if ((at & 1) != 0 || at == last) {
      old_hash = node_hash(other, old_hash);
      hash = node_hash(other, hash);
      while ((at & 1) == 0 && at != 0) at >>= 1, last >>= 1;
    } else {
      hash = node_hash(hash, other);
    }
    at >>= 1, last >>= 1;
  }
  return last == 0 && old_hash == old_root && hash == root;
}

}  // namespace latchkey::audit
