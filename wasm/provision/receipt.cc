#include "provision/receipt.h"

#include "base/limits.h"
#include "json/reader.h"
#include "json/writer.h"

namespace latchkey::provision {

std::string receipt_machine(const Secret& machine_id) {
  const ByteView id = machine_id.reveal(SecretAccess("the receipt names the machine by its hash"));
  return crypto::receipt_machine(id);
}

std::string sign_receipt(const config::Config& config, const ReceiptClaims& claims) {
  json::Writer out(1024);
  out.begin_object();
  if (claims.device_key_thumbprint) {
    out.key("cnf").begin_object().field("jkt", *claims.device_key_thumbprint).end_object();
  }
  out.field("epoch", claims.epoch)
      .field("exp", claims.expires_at / kSecondMs)
      .field("grace_until", (claims.expires_at + limits::kOfflineGraceMs) / kSecondMs)
      .field("iat", claims.issued_at / kSecondMs);
  out.key("key_versions").begin_object();
  for (size_t i = 0; i < kNumProviders; ++i) {
    if (claims.providers.has(i)) out.field(config::kProviders[i].name, claims.key_versions[i]);
  }
  out.end_object();
  out.field("license_id", claims.license_id)
      .field("machine", claims.machine)
      .field("machine_ref", claims.machine_hash)
      .field("plan", claims.plan);
  out.key("providers").begin_array();
  for (size_t i = 0; i < kNumProviders; ++i) {
    if (claims.providers.has(i)) out.string(config::kProviders[i].name);
  }
  out.end_array();
  out.field("ref", claims.code_hash)
      .field("refresh_after", claims.refresh_after / kSecondMs)
      .field("wasm", config.wasm_sha256)
      .end_object();
  return config.signing.sign_jws(out.text(), crypto::kReceiptType);
}

Result<ReceiptClaims> verify_receipt(const config::Config& config, std::string_view token) {
  TRY(const std::string payload, config.signing.verify_jws(token, crypto::kReceiptType));
  TRY(const json::Document document, json::Document::parse_untrusted(payload));
  const json::Value root = document.root();
  const auto text = [&](std::string_view name) -> std::optional<std::string> {
    const auto value = root.member(name);
    const auto string = value ? value->string() : std::nullopt;
    return string ? std::optional<std::string>(*string) : std::nullopt;
  };
  const auto integer = [&](std::string_view name) {
    const auto value = root.member(name);
    return value ? value->integer() : std::nullopt;
  };
  const auto license_id = text("license_id"), ref = text("ref"), machine = text("machine"), plan = text("plan");
  const auto issued = integer("iat"), expires = integer("exp"), refresh = integer("refresh_after"),
             epoch = integer("epoch");
  const auto versions = root.member("key_versions");
  if (!license_id || !ref || !machine || !plan || !issued || !expires || !refresh || !epoch || !versions) {
    return fail(ErrorCode::kUnauthorized, "The receipt lacks a claim.");
  }
  ReceiptClaims claims{.license_id = *license_id,
                       .code_hash = *ref,
                       .machine = *machine,
                       .machine_hash = text("machine_ref").value_or(""),
                       .device_key_thumbprint = std::nullopt,
                       .plan = *plan,
                       .providers = {},
                       .issued_at = *issued * kSecondMs,
                       .expires_at = *expires * kSecondMs,
                       .refresh_after = *refresh * kSecondMs,
                       .epoch = *epoch};
  versions->each_member([&](std::string_view name, json::Value version) {
    const auto index = config::provider_index(name);
    if (!index || !version.integer()) return;
    claims.providers.add(*index);
    claims.key_versions[*index] = *version.integer();
  });
  return claims;
}

}  // namespace latchkey::provision
