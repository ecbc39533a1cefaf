// RsaSigner: what signs the tokens of tests. The service itself only verifies.
#pragma once

#include <openssl/bn.h>
#include <openssl/nid.h>
#include <openssl/rsa.h>

#include <string_view>

#include "base/check.h"
#include "crypto/hash.h"
#include "crypto/rsa.h"

namespace latchkey::testing {

class RsaSigner {
 public:
  explicit RsaSigner(int bits, uint64_t exponent = RSA_F4) : rsa_(RSA_new()) {
    bssl::UniquePtr<BIGNUM> e(BN_new());
    CHECK(BN_set_u64(e.get(), exponent) == 1);
    CHECK(RSA_generate_key_ex(rsa_.get(), bits, e.get(), nullptr) == 1);
  }

  crypto::RsaPublicKey public_key() const {
    return {bytes_of(RSA_get0_n(rsa_.get())), bytes_of(RSA_get0_e(rsa_.get()))};
  }

  Bytes sign(std::string_view message) const {
    const crypto::Digest hash = crypto::sha256(as_bytes(message));
    Bytes signature(RSA_size(rsa_.get()));
    unsigned size = 0;
    CHECK(RSA_sign(NID_sha256, hash.data(), hash.size(), signature.data(), &size, rsa_.get()) == 1);
    CHECK(size == signature.size());
    return signature;
  }

 private:
  static Bytes bytes_of(const BIGNUM* number) {
    Bytes bytes(BN_num_bytes(number));
    BN_bn2bin(number, bytes.data());
    return bytes;
  }

  bssl::UniquePtr<RSA> rsa_;
};

}  // namespace latchkey::testing
