#include "crypto/rsa.h"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/nid.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <bit>

#include "crypto/hash.h"

namespace latchkey::crypto {
namespace {

constexpr uint8_t kExponent[] = {1, 0, 1};

bool is_taken(const RsaPublicKey& key) {
  if (key.modulus.empty() || key.modulus.front() == 0) return false;
  const size_t bits = (key.modulus.size() - 1) * 8 + static_cast<size_t>(std::bit_width(key.modulus.front()));
  return bits >= kRsaBitsMin && bits <= kRsaBitsMax && std::equal(key.exponent.begin(), key.exponent.end(),
                                                                  std::begin(kExponent), std::end(kExponent));
}

}  // namespace

bool rsa_verify_sha256(const RsaPublicKey& key, ByteView message, ByteView signature) {
  if (!is_taken(key) || signature.size() != key.modulus.size()) return false;
  bssl::UniquePtr<RSA> rsa(RSA_new());
  bssl::UniquePtr<BIGNUM> modulus(BN_bin2bn(key.modulus.data(), key.modulus.size(), nullptr));
  bssl::UniquePtr<BIGNUM> exponent(BN_bin2bn(key.exponent.data(), key.exponent.size(), nullptr));
  if (!rsa || !modulus || !exponent || !RSA_set0_key(rsa.get(), modulus.get(), exponent.get(), nullptr)) {
    ERR_clear_error();
    return false;
  }
  (void)modulus.release();  // The key's now.
  (void)exponent.release();
  const Digest digest = sha256(message);
  const bool is_valid =
      RSA_verify(NID_sha256, digest.data(), digest.size(), signature.data(), signature.size(), rsa.get()) == 1;
  if (!is_valid) ERR_clear_error();
  return is_valid;
}

}  // namespace latchkey::crypto
