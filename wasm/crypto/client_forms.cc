#include "crypto/client_forms.h"

#include "base/encoding.h"
#include "crypto/hash.h"

namespace latchkey::crypto {

std::string receipt_machine(ByteView machine_id) {
  return base64url_encode(sha256({as_bytes("latchkey/machine/v1"), machine_id}));
}

}  // namespace latchkey::crypto
