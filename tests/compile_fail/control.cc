// What is allowed: this file must compile. Each other file here adds one thing that is not.
#include "crypto/fernet.h"
#include "crypto/seal.h"

#include <utility>

size_t allowed(latchkey::Secret secret, latchkey::crypto::MasterKeys keys, latchkey::crypto::FernetKey key) {
  const latchkey::Secret moved = std::move(secret);
  const latchkey::crypto::MasterKeys moved_keys = std::move(keys);
  const latchkey::crypto::FernetKey moved_key = std::move(key);
  return moved.reveal(latchkey::SecretAccess("control")).size();
}
