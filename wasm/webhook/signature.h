// Signatures of messages by the Standard Webhooks specification (https://www.standardwebhooks.com), version v1.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "crypto/random.h"

namespace latchkey::webhook {

// signature: v1,base64(HMAC-SHA256) over id, seconds and body; `secret` is whsec_ and base64.
std::string signature(const Secret& secret, std::string_view id, std::string_view seconds, std::string_view body);

// signatures: one under each secret, in order, separated by spaces: the header webhook-signature.
std::string signatures(std::span<const Secret* const> secrets, std::string_view id, std::string_view seconds,
                       std::string_view body);

// generate_secret: whsec_ and base64 of limits::kWebhookSecretBytes random bytes.
Secret generate_secret(crypto::Random& random);

}  // namespace latchkey::webhook
