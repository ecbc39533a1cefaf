#include "entry/memory.h"

#include <malloc.h>

#include <cstdint>
#include <cstdlib>
#include <new>

#include "base/check.h"
#include "base/secret.h"

namespace latchkey::entry {
namespace {

// The linker puts the stack first: it begins at kStackBytes and grows down to 0.
constexpr uintptr_t kStackBytes = 131072;
// Its last bytes stay: address 0 is no pointer in C++.
constexpr uintptr_t kStackBottom = 16;
constexpr uintptr_t kChunkBytes = 4096;

bool is_clean(const uint8_t* chunk) {
  const auto* words = reinterpret_cast<const uint64_t*>(chunk);
  uint64_t all = 0;
  for (uintptr_t i = 0; i < kChunkBytes / 8; ++i) all |= words[i];
  return all == 0;
}

}  // namespace

__attribute__((noinline)) void wipe_unused_stack(StackWipe depth) {
  // What wiping calls keeps nothing on the stack, so all below this is unused.
  volatile uint8_t here = 0;
  const uintptr_t top = reinterpret_cast<uintptr_t>(&here);
  CHECK(top < kStackBytes);
  if (depth == StackWipe::kWhole) return wipe({reinterpret_cast<uint8_t*>(kStackBottom), top - kStackBottom});
  // Downwards until two chunks in a row that no call reached since the last time. A large frame can
  // have skipped them and written below: kWhole takes that.
  uintptr_t end = top;
  int clean = 0;
  while (end > kStackBottom && clean < 2) {
    const uintptr_t begin = end > kChunkBytes ? (end - 1) & ~(kChunkBytes - 1) : kStackBottom;
    auto* chunk = reinterpret_cast<uint8_t*>(begin);
    if (end - begin == kChunkBytes && is_clean(chunk)) {
      ++clean;
    } else {
      clean = 0;
      wipe({chunk, end - begin});
    }
    end = begin;
  }
}

}  // namespace latchkey::entry

// libc++ gives up through this: a trap, without the printing that its own would bring along.
namespace std {
inline namespace __2 {
[[noreturn]] void __libcpp_verbose_abort(const char*, ...) noexcept { __builtin_trap(); }
}  // namespace __2
}  // namespace std

// Freed memory is wiped, whoever allocated it. BoringSSL wipes its own.
namespace {

void* allocate(size_t size) {
  void* block = std::malloc(size == 0 ? 1 : size);
  CHECK(block != nullptr);
  return block;
}

void wipe_and_free(void* block) {
  if (block == nullptr) return;
  latchkey::wipe({static_cast<uint8_t*>(block), malloc_usable_size(block)});
  std::free(block);
}

}  // namespace

void* operator new(size_t size) { return allocate(size); }
void* operator new[](size_t size) { return allocate(size); }
void* operator new(size_t size, const std::nothrow_t&) noexcept { return std::malloc(size == 0 ? 1 : size); }
void* operator new[](size_t size, const std::nothrow_t&) noexcept { return std::malloc(size == 0 ? 1 : size); }
void operator delete(void* block) noexcept { wipe_and_free(block); }
void operator delete[](void* block) noexcept { wipe_and_free(block); }
void operator delete(void* block, size_t) noexcept { wipe_and_free(block); }
void operator delete[](void* block, size_t) noexcept { wipe_and_free(block); }
void operator delete(void* block, const std::nothrow_t&) noexcept { wipe_and_free(block); }
void operator delete[](void* block, const std::nothrow_t&) noexcept { wipe_and_free(block); }
