#include "crypto/hash.h"

#include <openssl/mem.h>
#include <openssl/sha.h>

namespace latchkey::crypto {

static_assert(kSha256Bytes == SHA256_DIGEST_LENGTH);

Digest sha256(ByteView data) { return sha256({data}); }

Digest sha256(std::initializer_list<ByteView> parts) {
  SHA256_CTX context;
  SHA256_Init(&context);
  for (const ByteView part : parts) SHA256_Update(&context, part.data(), part.size());
  Digest digest;
  SHA256_Final(digest.data(), &context);
  OPENSSL_cleanse(&context, sizeof context);
  return digest;
}

}  // namespace latchkey::crypto
