// The crypto vectors and negatives as Emscripten compiles them for the client module: a module without files, that
// JavaScript (tests/client/vectors.test.mjs) hands the texts. Each function gives the number of failures.
#include <cstddef>
#include <cstdint>
#include <string>

#include "crypto/self_test.h"
#include "support/crypto/crypto_vectors.h"

#define PROBE_EXPORT extern "C" __attribute__((used, visibility("default")))

extern "C" __attribute__((import_module("latchkey"), import_name("random"))) void host_random(uint8_t* out,
                                                                                              size_t size);
extern "C" int getentropy(void* out, size_t size) {
  host_random(static_cast<uint8_t*>(out), size);
  return 0;
}

namespace {
std::string text;
std::string failures;
size_t num_checks = 0;

uint32_t take(const latchkey::testing::Report& report) {
  for (const std::string& failure : report.failures) failures += failure + "\n";
  num_checks += report.num_checks;
  return static_cast<uint32_t>(report.failures.size());
}
}  // namespace

// probe_text: memory for a vector file; probe_vectors runs it.
PROBE_EXPORT char* probe_text(size_t size) {
  text.assign(size, ' ');
  return text.data();
}
PROBE_EXPORT uint32_t probe_vectors() {
  latchkey::testing::Report report;
  latchkey::testing::run_crypto_vectors("vectors", text, report);
  return take(report);
}

PROBE_EXPORT uint32_t probe_negatives() {
  latchkey::testing::Report report;
  report.check(latchkey::crypto::self_test(), "self test");
  latchkey::testing::run_sealed_blob_negatives(report);
  latchkey::testing::run_fernet_negatives(report);
  latchkey::testing::run_hpke_negatives(report);
  latchkey::testing::run_jws_negatives(report);
  latchkey::testing::run_key_list_negatives(report);
  return take(report);
}

PROBE_EXPORT size_t probe_checks() { return num_checks; }
PROBE_EXPORT const char* probe_failures() { return failures.data(); }
PROBE_EXPORT size_t probe_failures_size() { return failures.size(); }
