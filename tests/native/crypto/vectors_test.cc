// The vectors of tests/vectors against the native build. tests/worker/crypto_vectors.test.mjs
// runs the same ones against the wasm build.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "crypto/self_test.h"
#include "support/crypto/crypto_vectors.h"

namespace latchkey::testing {
namespace {

void expect_clean(const Report& report, size_t num_checks_min) {
  for (const std::string& failure : report.failures) ADD_FAILURE() << failure;
  EXPECT_GE(report.num_checks, num_checks_min);
}

std::string read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST(CryptoVectors, EveryVectorFileHolds) {
  size_t num_files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(LATCHKEY_VECTORS)) {
    if (entry.path().extension() != ".txt") continue;
    Report report;
    run_crypto_vectors(entry.path().filename().string(), read(entry.path()), report);
    expect_clean(report, 2);
    ++num_files;
  }
  EXPECT_GE(num_files, 11u);
}

TEST(CryptoVectors, SelfTestPasses) { EXPECT_TRUE(crypto::self_test()); }

TEST(CryptoNegatives, AChangedSealedBlobNeverOpens) {
  Report report;
  run_sealed_blob_negatives(report);
  expect_clean(report, 1400);
}

TEST(CryptoNegatives, AChangedFernetTokenNeverOpens) {
  Report report;
  run_fernet_negatives(report);
  expect_clean(report, 2000);
}

TEST(CryptoNegatives, AChangedHpkeMessageNeverOpens) {
  Report report;
  run_hpke_negatives(report);
  expect_clean(report, 500);
}

TEST(CryptoNegatives, AChangedSignedDocumentNeverVerifies) {
  Report report;
  run_jws_negatives(report);
  expect_clean(report, 2000);
}

TEST(CryptoNegatives, AMalformedKeyListIsRefusedWithoutRepeatingIt) {
  Report report;
  run_key_list_negatives(report);
  expect_clean(report, 50);
}

// The runner itself: it must be able to fail.
std::string first_failure(std::string_view text) {
  Report report;
  run_crypto_vectors("test", text, report);
  return report.failures.empty() ? "" : report.failures.front();
}

constexpr std::string_view kGood =
    "kind = sha256\noutcome = ok\ninput = \"abc\"\n"
    "output = ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n";

TEST(VectorRunner, AGoodRecordPasses) { EXPECT_EQ(first_failure(kGood), ""); }

TEST(VectorRunner, AWrongAnswerFails) {
  EXPECT_NE(first_failure(std::string(kGood).replace(kGood.find("abc"), 3, "abd")), "");
}

TEST(VectorRunner, AnUnusedFieldFails) {
  EXPECT_NE(first_failure(std::string(kGood) + "extra = 00\n").find("unused field extra"), std::string::npos);
}

TEST(VectorRunner, AMissingFieldFails) {
  EXPECT_NE(first_failure("kind = sha256\noutcome = ok\ninput = \"abc\"\n").find("missing field output"),
            std::string::npos);
}

TEST(VectorRunner, AnUnknownKindFails) {
  EXPECT_NE(first_failure("kind = md5\noutcome = ok\n").find("unknown kind"), std::string::npos);
}

TEST(VectorRunner, AnUnknownOutcomeFails) {
  EXPECT_NE(first_failure("kind = sha256\noutcome = maybe\n"), "");
}

TEST(VectorRunner, MalformedFilesFail) {
  EXPECT_NE(first_failure(""), "");
  EXPECT_NE(first_failure("# only a comment\n"), "");
  EXPECT_NE(first_failure("kind = sha256\n"), "");
  EXPECT_NE(first_failure("kind = sha256\n\noutcome = ok\n"), "");
  EXPECT_NE(first_failure("outcome = ok\nkind = sha256\n"), "");
  EXPECT_NE(first_failure(std::string(kGood) + "no equals sign\n"), "");
  EXPECT_NE(first_failure(std::string(kGood).replace(kGood.find("\"abc\""), 5, "xyz")), "");
}

}  // namespace
}  // namespace latchkey::testing
