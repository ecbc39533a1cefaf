#include "admin/cloudflare_access.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/limits.h"
#include "json/reader.h"

namespace latchkey::admin {
namespace {

constexpr std::string_view kAlgorithm = "RS256";
constexpr size_t kActorHashChars = 22;

std::optional<std::string> text_of(json::Value object, std::string_view name) {
  const auto value = object.member(name);
  const auto text = value ? value->string() : std::nullopt;
  if (!text || text->empty()) return std::nullopt;
  return std::string(*text);
}

std::optional<TimeMs> time_of(json::Value object, std::string_view name) {
  const auto value = object.member(name);
  const auto seconds = value ? value->integer() : std::nullopt;
  if (!seconds || *seconds < 0 || *seconds > kTimeMsMax / kSecondMs) return std::nullopt;
  return *seconds * kSecondMs;
}

bool names_audience(json::Value claims, std::string_view audience) {
  const auto value = claims.member("aud");
  if (!value) return false;
  if (const auto text = value->string()) return *text == audience;
  bool is_named = false;
  value->each_item([&](json::Value item) { is_named = is_named || item.string() == audience; });
  return is_named;
}

bool counts_now(json::Value claims, TimeMs now) {
  const auto expires = time_of(claims, "exp"), issued = time_of(claims, "iat");
  if (!expires || *expires <= now - limits::kAccessLeewayMs) return false;
  if (!issued || *issued > now + limits::kAccessLeewayMs) return false;
  if (!claims.member("nbf")) return true;
  const auto begins = time_of(claims, "nbf");
  return begins && *begins <= now + limits::kAccessLeewayMs;
}

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return text;
}

// who: e-mail addresses under the hash they have as holders; what else Access names, in lower case too.
std::optional<std::string> who(const crypto::Index& index, json::Value claims) {
  auto name = text_of(claims, "email");
  if (!name) name = text_of(claims, "common_name");
  if (!name) name = text_of(claims, "sub");
  if (!name) return std::nullopt;
  const crypto::TokenHash hash = index.hash(crypto::IndexPurpose::kHolder, lower(*name));
  return "access:" + std::string(hash.text().substr(0, kActorHashChars));
}

const AccessKey* find_key(const AccessKeys& known, std::string_view kid) {
  const auto found = std::ranges::find(known.keys, kid, &AccessKey::kid);
  return found == known.keys.end() ? nullptr : &*found;
}

}  // namespace

std::optional<AccessToken> parse_access_token(std::string_view text) {
  if (text.size() > limits::kAccessTokenBytesMax) return std::nullopt;
  const size_t first_dot = text.find('.'), last_dot = text.rfind('.');
  if (first_dot == std::string_view::npos || first_dot == last_dot) return std::nullopt;
  const std::string_view payload_text = text.substr(first_dot + 1, last_dot - first_dot - 1);
  if (payload_text.find('.') != std::string_view::npos) return std::nullopt;
  const auto header = base64url_decode(text.substr(0, first_dot));
  const auto payload = base64url_decode(payload_text);
  auto signature = base64url_decode(text.substr(last_dot + 1));
  if (!header || !payload || !signature) return std::nullopt;

  const auto document = json::Document::parse_untrusted(as_text(*header));
  if (!document) return std::nullopt;
  const auto kid = text_of(document->root(), "kid");
  // What is critical is unknown to us.
  if (!kid || text_of(document->root(), "alg") != kAlgorithm || document->root().member("crit")) return std::nullopt;
  return AccessToken{.kid = *kid,
                     .signed_text = std::string(text.substr(0, last_dot)),
                     .signature = std::move(*signature),
                     .payload = std::string(as_text(*payload))};
}

std::string_view cookie_value(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    const size_t end = header.find(';');
    std::string_view pair = header.substr(0, end);
    header = end == std::string_view::npos ? std::string_view() : header.substr(end + 1);
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') {
      return pair.substr(name.size() + 1);
    }
  }
  return {};
}

std::optional<std::vector<AccessKey>> parse_access_keys(std::string_view json) {
  const auto document = json::Document::parse_untrusted(json);
  if (!document) return std::nullopt;
  const auto list = document->root().member("keys");
  if (!list || list->kind() != json::Kind::kArray) return std::nullopt;
  std::vector<AccessKey> keys;
  list->each_item([&](json::Value item) {
    const auto kid = text_of(item, "kid"), n = text_of(item, "n"), e = text_of(item, "e");
    if (text_of(item, "kty") != "RSA" || !kid || !n || !e || keys.size() == limits::kAccessKeysMax) return;
    if (item.member("alg") && text_of(item, "alg") != kAlgorithm) return;
    if (item.member("use") && text_of(item, "use") != "sig") return;
    auto modulus = base64url_decode(*n);
    auto exponent = base64url_decode(*e);
    if (modulus && exponent) keys.push_back({*kid, {std::move(*modulus), std::move(*exponent)}});
  });
  return keys;
}

Lookup decide_lookup(const AccessKeys& known, std::string_view kid, TimeMs now) {
  // A time that lies ahead is of before the clock went back, and says nothing.
  const auto is_within = [now](const std::optional<TimeMs>& at, TimeMs age_max) {
    return at && *at <= now && *at > now - age_max;
  };
  const bool is_fresh = is_within(known.fetched_at, limits::kAccessKeysAgeMsMax);
  if (is_fresh && find_key(known, kid)) return Lookup::kUse;
  const bool was_asked = is_within(known.asked_at, limits::kAccessKeysBrakeMs);
  if (!was_asked) return Lookup::kFetch;
  return is_fresh && *known.fetched_at >= *known.asked_at ? Lookup::kUnknown : Lookup::kAway;
}

std::optional<AccessActor> verify_access(const config::Config& config, const AccessKeys& known,
                                         const AccessToken& token, TimeMs now) {
  const AccessKey* key = find_key(known, token.kid);
  if (!config.access || !key) return std::nullopt;
  if (!crypto::rsa_verify_sha256(key->key, as_bytes(token.signed_text), token.signature)) return std::nullopt;
  const auto document = json::Document::parse_untrusted(token.payload);
  if (!document) return std::nullopt;
  const json::Value claims = document->root();
  if (text_of(claims, "iss") != config.access->team_domain) return std::nullopt;
  if (!names_audience(claims, config.access->audience) || !counts_now(claims, now)) return std::nullopt;
  auto name = who(config.index, claims);
  if (!name) return std::nullopt;
  return AccessActor{std::move(*name), time_of(claims, "exp").value()};
}

}  // namespace latchkey::admin
