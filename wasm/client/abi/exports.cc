// The ABI of the module, all of it:
//
//   latchkey_begin(size)         memory for a frame of arguments
//   latchkey_call(number)        runs a Call on that frame; gives its Outcome
//   latchkey_results()           where the frame of results is
//   latchkey_results_size()
//   latchkey_end()               wipes arguments, results and the stack
//
// and one import, random(out, size). begin, call, end: one call at a time, and nothing stays behind it.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "base/secret.h"
#include "client/abi/memory.h"
#include "client/calls.h"

#define LATCHKEY_EXPORT extern "C" __attribute__((used, visibility("default")))

extern "C" __attribute__((import_module("latchkey"), import_name("random"))) void host_random(uint8_t* out,
                                                                                              size_t size);

namespace {

class HostRandom final : public latchkey::crypto::Random {
 public:
  void fill(latchkey::MutableByteView out) override { host_random(out.data(), out.size()); }
};

latchkey::Bytes arguments;
latchkey::client::FrameWriter results;

}  // namespace

// For BoringSSL's own generator (crypto/sysrand_wasm.cc).
extern "C" int getentropy(void* out, size_t size) {
  host_random(static_cast<uint8_t*>(out), size);
  return 0;
}

LATCHKEY_EXPORT uint8_t* latchkey_begin(size_t size) {
  CHECK(arguments.empty() && results.frame().empty());
  arguments.resize(size);
  return arguments.data();
}

LATCHKEY_EXPORT uint32_t latchkey_call(uint32_t number) {
  CHECK(number < latchkey::client::kNumCalls);
  HostRandom random;
  latchkey::client::FrameReader reader(arguments);
  return static_cast<uint32_t>(
      latchkey::client::run_call(static_cast<latchkey::client::Call>(number), random, reader, results));
}

LATCHKEY_EXPORT const uint8_t* latchkey_results() { return results.frame().data(); }
LATCHKEY_EXPORT size_t latchkey_results_size() { return results.frame().size(); }

LATCHKEY_EXPORT void latchkey_end() {
  latchkey::Bytes().swap(arguments);
  results.clear();
  latchkey::client::wipe_unused_stack();
}
