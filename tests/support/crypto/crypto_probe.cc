// The crypto vectors as a WASI command, so that they run against the wasm build:
//
//   crypto_probe <vector file>...   runs the files and all negatives; exit code 1 on a failure
//   crypto_probe --time             prints what the product's operations cost, as JSON
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <string_view>

#include "crypto/fernet.h"
#include "crypto/hpke.h"
#include "crypto/index.h"
#include "crypto/seal.h"
#include "crypto/self_test.h"
#include "crypto/sign.h"
#include "support/crypto/crypto_vectors.h"

namespace {

using namespace latchkey;
using namespace latchkey::crypto;

bool read_file(const char* path, std::string& out) {
  std::FILE* file = std::fopen(path, "rb");
  if (file == nullptr) return false;
  char buffer[4096];
  for (size_t size = 0; (size = std::fread(buffer, 1, sizeof buffer, file)) > 0;) out.append(buffer, size);
  return std::fclose(file) == 0;
}

int run_vectors(int num_files, char** paths) {
  testing::Report report;
  report.check(self_test(), "self test");
  for (int i = 0; i < num_files; ++i) {
    std::string text;
    report.check(read_file(paths[i], text), std::string("cannot read ") + paths[i]);
    testing::run_crypto_vectors(paths[i], text, report);
  }
  testing::run_sealed_blob_negatives(report);
  testing::run_fernet_negatives(report);
  testing::run_hpke_negatives(report);
  testing::run_jws_negatives(report);
  testing::run_key_list_negatives(report);
  for (const std::string& failure : report.failures) std::printf("FAILED %s\n", failure.c_str());
  std::printf("%zu checks, %zu failed\n", report.num_checks, report.failures.size());
  return report.failures.empty() ? 0 : 1;
}

// The best of several rounds, in microseconds.
double cost_us(int num_calls, const std::function<void()>& call) {
  using Clock = std::chrono::steady_clock;
  double best_us = 1e9;
  for (int round = 0; round < 7; ++round) {
    const Clock::time_point begin = Clock::now();
    for (int i = 0; i < num_calls; ++i) call();
    const std::chrono::duration<double, std::micro> spent = Clock::now() - begin;
    best_us = std::min(best_us, spent.count() / num_calls);
  }
  return best_us;
}

int print_times() {
  constexpr std::string_view list = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
  constexpr std::string_view plaintext = "sk-0123456789abcdef0123456789abcdef";
  constexpr int num_keys = 6;
  SystemRandom random;
  const Result<MasterKeys> master = MasterKeys::parse(Secret::copy_of(list));
  const Result<SigningKeys> signing = SigningKeys::parse(Secret::copy_of(list));
  const Secret raw_key = make_x25519_private_key(random);
  const X25519PublicKey public_key = x25519_public_key(raw_key);
  const Index index(raw_key);
  const SealContext home{"provider_keys", "key_1", "deepseek", 7};
  const Sealed sealed = master->seal(random, SealPurpose::kProviderKey, home, as_bytes(plaintext));
  const std::string payload(500, 'x');
  const std::string receipt = signing->sign_jws(payload, "latchkey-receipt+jws");
  bool is_ok = true;

  const auto print = [](const char* name, double us, const char* end) {
    std::printf("\"%s_us\":%.2f%s", name, us, end);
  };
  std::printf("{");
  print("self_test", cost_us(3, [&] { is_ok &= self_test(); }), ",");
  print("hash",
        cost_us(500, [&] { is_ok &= index.hash(IndexPurpose::kMachine, plaintext).text().size() == 43; }),
        ",");
  print("seal_open_6",
        cost_us(50,
                [&] {
                  for (int i = 0; i < num_keys; ++i)
                    is_ok &= master->open(SealPurpose::kProviderKey, home, sealed).has_value();
                }),
        ",");
  print("fernet_6",
        cost_us(50,
                [&] {
                  const FernetKey key(raw_key);
                  for (int i = 0; i < num_keys; ++i)
                    is_ok &= !fernet_encrypt(random, key, as_bytes(plaintext), 1).empty();
                }),
        ",");
  print("hpke_6",
        cost_us(20,
                [&] {
                  Result<HpkeSender> sender = HpkeSender::setup(public_key, "latchkey/provision/v1");
                  for (int i = 0; i < num_keys; ++i)
                    is_ok &= !sender->seal(as_bytes("deepseek"), as_bytes(plaintext)).empty();
                }),
        ",");
  print("sign", cost_us(20, [&] { is_ok &= !signing->sign_jws(payload, "latchkey-receipt+jws").empty(); }),
        ",");
  print("verify",
        cost_us(20, [&] { is_ok &= signing->verify_jws(receipt, "latchkey-receipt+jws").has_value(); }), ",");
  print("random_32",
        cost_us(2000,
                [&] {
                  ByteArray<32> bytes;
                  random.fill(bytes);
                }),
        "}\n");
  return is_ok ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--time") return print_times();
  return run_vectors(argc - 1, argv + 1);
}
