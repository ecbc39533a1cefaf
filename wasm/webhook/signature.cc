#include "webhook/signature.h"

#include "base/check.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "crypto/mac.h"

namespace latchkey::webhook {
namespace {

constexpr SecretAccess kSign("what is posted to a webhook is signed under its secret");
constexpr std::string_view kPrefix = "whsec_";

void wipe_text(std::string& text) { wipe({reinterpret_cast<uint8_t*>(text.data()), text.size()}); }

}  // namespace

std::string signature(const Secret& secret, std::string_view id, std::string_view seconds, std::string_view body) {
  std::string_view text = secret.reveal_text(kSign);
  text.remove_prefix(kPrefix.size());
  auto key = base64_decode(text);
  CHECK(key.has_value());  // whoever stored it saw to it
  const crypto::HmacKey mac(*key);
  wipe(*key);
  return "v1," + base64_encode(mac.mac({as_bytes(id), as_bytes("."), as_bytes(seconds), as_bytes("."), as_bytes(body)}));
}

std::string signatures(std::span<const Secret* const> secrets, std::string_view id, std::string_view seconds,
                       std::string_view body) {
  std::string out;
  for (const Secret* secret : secrets) out += (out.empty() ? "" : " ") + signature(*secret, id, seconds, body);
  return out;
}

Secret generate_secret(crypto::Random& random) {
  ByteArray<limits::kWebhookSecretBytes> bytes;
  random.fill(bytes);
  std::string text = std::string(kPrefix) + base64_encode(bytes);
  Secret secret = Secret::copy_of(text);
  wipe_text(text);
  wipe(bytes);
  return secret;
}

}  // namespace latchkey::webhook
