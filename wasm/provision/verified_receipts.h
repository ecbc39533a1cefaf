// VerifiedReceipts: receipts whose signature this isolate has checked, by the SHA-256 of their text, so that a
// client that asks again costs a hash and no curve arithmetic. Bounded; expiry stays the caller's to judge.
#pragma once

#include <map>

#include "base/limits.h"
#include "config/config.h"
#include "crypto/hash.h"
#include "provision/receipt.h"

namespace latchkey::provision {

class VerifiedReceipts {
 public:
  // verify: as verify_receipt, which it calls where it does not know the receipt.
  Result<ReceiptClaims> verify(const config::Config& config, std::string_view token, TimeMs now) {
    const Digest digest = crypto::sha256({as_bytes(token)});
    if (const auto found = claims_.find(digest); found != claims_.end()) return found->second;
    TRY(ReceiptClaims claims, verify_receipt(config, token));
    if (claims_.size() >= limits::kVerifiedReceiptsMax) {
      std::erase_if(claims_, [now](const auto& entry) { return entry.second.expires_at <= now; });
      if (claims_.size() >= limits::kVerifiedReceiptsMax) claims_.clear();
    }
    claims_.emplace(digest, claims);
    return claims;
  }

 private:
  using Digest = decltype(crypto::sha256({}));
  std::map<Digest, ReceiptClaims> claims_;
};

}  // namespace latchkey::provision
