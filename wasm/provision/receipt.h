// Receipts: signed proof of a grant (docs/crypto-formats.md), with which a client shows its
// right offline and asks for its status.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "config/config.h"
#include "crypto/client_forms.h"
#include "provision/key_ring.h"
#include "provision/types.h"

namespace latchkey::provision {

// ReceiptClaims: what a receipt says. Times in milliseconds; on the wire whole seconds.
struct ReceiptClaims {
  std::string license_id;
  std::string code_hash;  // "ref": the licence's key in the edge copy
  std::string machine;    // crypto::receipt_machine of the machine id
  std::string machine_hash;  // "machine_ref": as it is stored here; empty in receipts of before it was there
  std::optional<std::string> device_key_thumbprint;
  std::string plan;
  ProviderSet providers;
  std::array<int64_t, kNumProviders> key_versions{};
  TimeMs issued_at = 0;
  TimeMs expires_at = 0;
  TimeMs refresh_after = 0;
  int64_t epoch = 0;
};

// receipt_machine: the machine claim of a machine id.
std::string receipt_machine(const Secret& machine_id);

std::string sign_receipt(const config::Config& config, const ReceiptClaims& claims);

// verify_receipt: kUnauthorized unless this server signed it; expiry is the caller's to judge.
Result<ReceiptClaims> verify_receipt(const config::Config& config, std::string_view token);

}  // namespace latchkey::provision
