#include "client/abi/memory.h"

#include <malloc.h>

#include <cstdint>
#include <cstdlib>
#include <new>

#include "base/check.h"
#include "base/secret.h"

namespace latchkey::client {
namespace {

// The linker puts the stack first: it begins at kStackBytes and grows down to 0.
constexpr uintptr_t kStackBytes = LATCHKEY_STACK_BYTES;
// Its last bytes stay: address 0 is no pointer in C++.
constexpr uintptr_t kStackBottom = 16;

}  // namespace

__attribute__((noinline)) void wipe_unused_stack() {
  // What wiping calls keeps nothing on the stack, so all below this is unused.
  volatile uint8_t here = 0;
  const uintptr_t top = reinterpret_cast<uintptr_t>(&here);
  CHECK(top < kStackBytes);
  wipe({reinterpret_cast<uint8_t*>(kStackBottom), top - kStackBottom});
}

}  // namespace latchkey::client

// The library gives up through this: a trap, and no call to the outside.
extern "C" void _Exit(int) { __builtin_trap(); }

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
