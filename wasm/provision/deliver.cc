#include "provision/deliver.h"

#include "base/check.h"
#include "base/encoding.h"
#include "crypto/client_forms.h"

namespace latchkey::provision {
namespace {

template <class Write>
void each_provider(const Grant& grant, Write write) {
  for (size_t i = 0; i < kNumProviders; ++i) {
    if (grant.providers.has(i)) write(config::kProviders[i].name, grant.keys.key(i));
  }
}

void write_fernet(json::Writer& out, crypto::Random& random, const Grant& grant) {
  CHECK(grant.fernet_key.has_value());
  out.key("keys").begin_object();
  each_provider(grant, [&](std::string_view provider, ByteView key) {
    out.field(provider, crypto::fernet_encrypt(random, *grant.fernet_key, key, grant.now / kSecondMs));
  });
  out.end_object();
}

Result<Void> write_hpke(json::Writer& out, const Grant& grant, const crypto::X25519PublicKey& public_key) {
  TRY(crypto::HpkeSender sender, crypto::HpkeSender::setup(public_key, crypto::kHpkeInfo));
  out.key("keys").begin_object();
  each_provider(grant, [&](std::string_view provider, ByteView key) {
    out.field(provider, base64url_encode(sender.seal(as_bytes(provider), key)));
  });
  out.end_object();
  out.key("hpke")
      .begin_object()
      .field("kem", crypto::kHpkeKemX25519HkdfSha256)
      .field("kdf", crypto::kHpkeKdfHkdfSha256)
      .field("aead", crypto::kHpkeAeadAes256Gcm)
      .field("enc", base64url_encode(sender.enc()))
      .end_object();
  return Void{};
}

void write_plain(json::Writer& out, const Grant& grant) {
  out.key("keys").begin_object();
  each_provider(grant, [&](std::string_view provider, ByteView key) {
    out.key(provider)
        .begin_object()
        .field("api_key", as_text(key))
        .time("expires_at", grant.times.expires_at)
        .time("refresh_after", grant.times.refresh_after)
        .end_object();
  });
  out.end_object();
}

}  // namespace

Result<Void> write_keys(json::Writer& out, crypto::Random& random, const Grant& grant,
                        const ProvisionRequest& request) {
  switch (request.delivery) {
    case Delivery::kFernet: write_fernet(out, random, grant); return Void{};
    case Delivery::kHpke:
      CHECK(request.client_public_key.has_value());
      return write_hpke(out, grant, *request.client_public_key);
    case Delivery::kPlain: write_plain(out, grant); return Void{};
  }
  LK_UNREACHABLE();
}

}  // namespace latchkey::provision
