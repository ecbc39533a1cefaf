#include "crypto/kdf.h"

#include <openssl/digest.h>
#include <openssl/evp.h>
#include <openssl/hkdf.h>

#include "base/check.h"
#include "crypto/hash.h"

namespace latchkey::crypto {
namespace {
constexpr SecretAccess kDerive("key derivation writes its result");
}

Secret hkdf_sha256(ByteView key, ByteView salt, std::string_view info, size_t size) {
  CHECK(size > 0 && size <= kHkdfBytesMax);
  Digest extracted;
  size_t extracted_size = 0;
  CHECK(HKDF_extract(extracted.data(), &extracted_size, EVP_sha256(), key.data(), key.size(), salt.data(),
                     salt.size()) == 1);
  const ByteView label = as_bytes(info);
  Secret out(size);
  CHECK(HKDF_expand(out.fill(kDerive).data(), size, EVP_sha256(), extracted.data(), extracted_size,
                    label.data(), label.size()) == 1);
  wipe(extracted);
  return out;
}

Secret pbkdf2_hmac_sha256(ByteView password, ByteView salt, uint32_t rounds, size_t size) {
  CHECK(rounds > 0 && size > 0);
  Secret out(size);
  CHECK(PKCS5_PBKDF2_HMAC(as_text(password).data(), password.size(), salt.data(), salt.size(), rounds,
                          EVP_sha256(), size, out.fill(kDerive).data()) == 1);
  return out;
}

}  // namespace latchkey::crypto
