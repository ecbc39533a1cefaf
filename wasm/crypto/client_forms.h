// What the service and its clients must agree on beside the formats themselves (docs/crypto-formats.md).
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"

namespace latchkey::crypto {

// Labels are forever: clients in the field depend on them.
inline constexpr std::string_view kHpkeInfo = "latchkey/provision/v1";    // of an answer's HPKE context
inline constexpr std::string_view kReceiptType = "latchkey-receipt+jwt";  // the receipt's `typ`

// receipt_machine: a receipt's claim `machine`: base64url(SHA-256("latchkey/machine/v1" || machine_id)).
std::string receipt_machine(ByteView machine_id);

}  // namespace latchkey::crypto
