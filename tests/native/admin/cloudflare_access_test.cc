// Tokens of Cloudflare Access: what is taken, and all that is not.
#include "admin/cloudflare_access.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/limits.h"
#include "support/rsa_signer.h"
#include "support/service_world.h"

namespace latchkey::admin {
namespace {

using testing::RsaSigner;

constexpr TimeMs kNow = test::kTestStart;
constexpr int64_t kNowSeconds = kNow / kSecondMs;
constexpr std::string_view kTeam = "https://team.cloudflareaccess.com";

const RsaSigner& signer() {
  static const RsaSigner signer(2048);
  return signer;
}

config::Config config_with_access() {
  return test::test_config({{"ACCESS_TEAM_DOMAIN", std::string(kTeam)}, {"ACCESS_AUD", "our-tag"}});
}

AccessKeys team_keys() { return {.keys = {{"k1", signer().public_key()}}, .fetched_at = kNow, .asked_at = kNow}; }

std::string encode(std::string_view text) { return base64url_encode(as_bytes(text)); }

std::string token_of(std::string_view header, std::string_view payload) {
  const std::string text = encode(header) + "." + encode(payload);
  return text + "." + base64url_encode(signer().sign(text));
}

constexpr std::string_view kHeader = R"({"alg":"RS256","kid":"k1","typ":"JWT"})";

// claims: good ones, with `member` in place of the one of its name.
std::string claims(std::string_view name = "", std::string_view value = "") {
  const std::pair<std::string_view, std::string> members[] = {
      {"aud", R"(["other","our-tag"])"},           {"email", R"("ann@example.com")"},
      {"exp", std::to_string(kNowSeconds + 600)}, {"iat", std::to_string(kNowSeconds)},
      {"nbf", std::to_string(kNowSeconds)},       {"iss", '"' + std::string(kTeam) + '"'},
      {"sub", R"("7335d417")"}};
  std::string out;
  for (const auto& [key, text] : members) {
    const std::string shown = key == name ? std::string(value) : text;
    if (!shown.empty()) out += (out.empty() ? "{\"" : ",\"") + std::string(key) + "\":" + shown;
  }
  return out + "}";
}

std::optional<std::string> actor_of(const std::string& text, TimeMs now = kNow) {
  static const config::Config config = config_with_access();
  const auto token = parse_access_token(text);
  const auto actor = token ? verify_access(config, team_keys(), *token, now) : std::nullopt;
  return actor ? std::optional(actor->name) : std::nullopt;
}

TEST(Access, ends_when_the_token_does) {
  const auto token = parse_access_token(token_of(kHeader, claims()));
  ASSERT_TRUE(token.has_value());
  const auto actor = verify_access(config_with_access(), team_keys(), *token, kNow);
  ASSERT_TRUE(actor.has_value());
  EXPECT_EQ(actor->expires_at, (kNowSeconds + 600) * kSecondMs);
}

TEST(Access, names_whom_the_token_is_about_by_a_keyed_hash) {
  const config::Config config = config_with_access();
  const auto hash = [&](std::string_view name) {
    return "access:" + std::string(config.index.hash(crypto::IndexPurpose::kHolder, name).text().substr(0, 22));
  };
  EXPECT_EQ(actor_of(token_of(kHeader, claims())), hash("ann@example.com"));
  EXPECT_EQ(actor_of(token_of(kHeader, claims("email", R"("ANN@Example.com")"))), hash("ann@example.com"));
  EXPECT_EQ(actor_of(token_of(kHeader, claims("email"))), hash("7335d417"));
  EXPECT_EQ(actor_of(token_of(kHeader, claims("aud", R"("our-tag")"))), hash("ann@example.com"));
  EXPECT_EQ(actor_of(token_of(kHeader, claims("nbf"))), hash("ann@example.com"));
  EXPECT_TRUE(actor_of(token_of(kHeader, claims()), kNow + 600 * kSecondMs + limits::kAccessLeewayMs - 1).has_value());
  EXPECT_FALSE(actor_of(token_of(kHeader, claims()), kNow + 600 * kSecondMs + limits::kAccessLeewayMs).has_value());
  EXPECT_TRUE(actor_of(token_of(kHeader, claims()), kNow - limits::kAccessLeewayMs).has_value());
  EXPECT_FALSE(actor_of(token_of(kHeader, claims()), kNow - limits::kAccessLeewayMs - kSecondMs).has_value());
}

TEST(Access, believes_no_claim_that_is_missing_foreign_or_of_another_type) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"aud", ""}, {"aud", R"("other")"}, {"aud", "[]"}, {"aud", R"({"our-tag":1})"}, {"aud", R"(["our-tag2"])"},
      {"aud", "null"}, {"aud", R"([["our-tag"]])"}, {"iss", ""}, {"iss", R"("https://evil.cloudflareaccess.com")"},
      {"iss", R"("https://team.cloudflareaccess.com/")"}, {"iss", R"(["https://team.cloudflareaccess.com"])"},
      {"exp", ""}, {"exp", "null"}, {"exp", R"("99999999999")"}, {"exp", "1"}, {"exp", "-1"}, {"exp", "1e300"},
      {"exp", "9223372036854775807"}, {"iat", ""}, {"iat", "99999999999"}, {"iat", R"("1")"},
      {"nbf", "99999999999"}, {"nbf", "null"}, {"nbf", R"("1")"}};
  for (const auto& [name, value] : rows) {
    EXPECT_FALSE(actor_of(token_of(kHeader, claims(name, value))).has_value()) << name << " = " << value;
  }
  for (const char* payload : {"", "null", "[]", "{}", "x", R"({"aud":"our-tag","aud":"our-tag"})"}) {
    EXPECT_FALSE(actor_of(token_of(kHeader, payload)).has_value()) << payload;
  }
}

TEST(Access, chooses_the_algorithm_itself) {
  for (const char* header :
       {R"({"alg":"none","kid":"k1"})", R"({"alg":"HS256","kid":"k1"})", R"({"alg":"rs256","kid":"k1"})",
        R"({"alg":"RS512","kid":"k1"})", R"({"alg":"PS256","kid":"k1"})", R"({"alg":["RS256"],"kid":"k1"})",
        R"({"kid":"k1"})", R"({"alg":"RS256"})", R"({"alg":"RS256","kid":1})", R"({"alg":"RS256","kid":""})",
        R"({"alg":"RS256","kid":"k1","crit":["b64"]})", R"({"alg":"none","alg":"RS256","kid":"k1"})", "{}", "null", ""}) {
    EXPECT_FALSE(parse_access_token(token_of(header, claims())).has_value()) << header;
  }
  EXPECT_FALSE(actor_of(token_of(R"({"alg":"RS256","kid":"k2"})", claims())).has_value()) << "an unknown key";
}

TEST(Access, takes_one_spelling_of_a_token) {
  const std::string good = token_of(kHeader, claims());
  ASSERT_TRUE(actor_of(good).has_value());
  const size_t first = good.find('.'), last = good.rfind('.');
  std::string flipped = good;
  flipped[last + 1] = flipped[last + 1] == 'A' ? 'B' : 'A';
  const std::string other_payload = good.substr(0, first + 1) + encode(claims("email", R"("eve@example.com")"));
  for (const std::string& text :
       {flipped, other_payload + good.substr(last), good.substr(0, last), good.substr(0, last + 1), good + ".",
        good + "=", good + "A", "." + good, good.substr(1), " " + good, good + "\n", std::string(".."), std::string(),
        good + std::string(limits::kAccessTokenBytesMax, 'A')}) {
    EXPECT_FALSE(actor_of(text).has_value()) << text.substr(0, 30);
  }
}

TEST(AccessKeys, are_the_rsa_keys_of_a_list) {
  const auto keys = parse_access_keys(
      R"({"keys":[{"kid":"a","kty":"RSA","alg":"RS256","use":"sig","e":"AQAB","n":"uw"},{"kid":"b","kty":"EC"},
      {"kid":"c","kty":"RSA","alg":"RS512","e":"AQAB","n":"uw"},{"kid":"d","kty":"RSA","use":"enc","e":"AQAB","n":"uw"},
      {"kty":"RSA","e":"AQAB","n":"uw"},{"kid":"f","kty":"RSA","e":"AQAB","n":"uw=="},{"kid":"g","kty":"RSA","e":"AQAB",
      "n":"uw"},7],"public_cert":{}})");
  ASSERT_TRUE(keys.has_value());
  ASSERT_EQ(keys->size(), 2u);
  EXPECT_EQ(keys->front().kid, "a");
  EXPECT_EQ(keys->front().key.exponent, (Bytes{1, 0, 1}));
  EXPECT_EQ(keys->back().kid, "g");
  for (const char* text : {"", "[]", "{}", R"({"keys":{}})", "<html>"}) EXPECT_FALSE(parse_access_keys(text)) << text;
  EXPECT_TRUE(parse_access_keys(R"({"keys":[]})")->empty());
}

TEST(Lookup, asks_once_an_hour_and_for_an_unknown_key_once_a_while) {
  const auto known = [](TimeMs fetched_ago, TimeMs asked_ago) {
    return AccessKeys{.keys = {{"k1", {}}}, .fetched_at = kNow - fetched_ago, .asked_at = kNow - asked_ago};
  };
  const TimeMs old = limits::kAccessKeysAgeMsMax, brake = limits::kAccessKeysBrakeMs;
  const struct {
    AccessKeys keys;
    std::string_view kid;
    Lookup wanted;
  } rows[] = {
      {{}, "k1", Lookup::kFetch},
      {{.asked_at = kNow - 1}, "k1", Lookup::kAway},
      {{.asked_at = kNow - brake}, "k1", Lookup::kFetch},
      {known(0, 0), "k1", Lookup::kUse},
      {known(old - 1, old - 1), "k1", Lookup::kUse},
      {known(old, old), "k1", Lookup::kFetch},
      {known(old, 1), "k1", Lookup::kAway},
      {known(1, 1), "k2", Lookup::kUnknown},
      {known(brake, brake), "k2", Lookup::kFetch},
      {known(brake, 1), "k2", Lookup::kAway},
      {known(brake, 1), "k1", Lookup::kUse},
      // The clock went back: what was fetched and asked lies ahead.
      {known(-1, -1), "k1", Lookup::kFetch},
      {known(-kHourMs, 1), "k1", Lookup::kAway},
  };
  int row_number = 0;
  for (const auto& row : rows) {
    EXPECT_EQ(decide_lookup(row.keys, row.kid, kNow), row.wanted) << "row " << row_number++;
  }
}

TEST(Cookie, is_found_by_its_whole_name) {
  EXPECT_EQ(cookie_value("CF_Authorization=a.b.c", "CF_Authorization"), "a.b.c");
  EXPECT_EQ(cookie_value("x=1; CF_Authorization=a=b; y=2", "CF_Authorization"), "a=b");
  EXPECT_EQ(cookie_value("xCF_Authorization=1;CF_Authorization2=2", "CF_Authorization"), "");
  EXPECT_EQ(cookie_value("CF_Authorization=1; CF_Authorization=2", "CF_Authorization"), "1");
  EXPECT_EQ(cookie_value("CF_Authorization", "CF_Authorization"), "");
  EXPECT_EQ(cookie_value("", "CF_Authorization"), "");
}

// The whole way of a request: keys are fetched once, an outage is a 503, an unknown key is asked for once.
TEST(Access, over_http_asks_for_keys_no_more_than_it_must) {
  test::ServiceWorld world({{"ACCESS_TEAM_DOMAIN", std::string(kTeam)}, {"ACCESS_AUD", "our-tag"}});
  const auto get = [&](const std::string& token) {
    return world.send({.method = "GET", .path = "/admin/config", .headers = {{"cf-access-jwt-assertion", token}}}).status;
  };
  const std::string good = token_of(kHeader, claims());
  EXPECT_EQ(get(good), 503u);
  const crypto::RsaPublicKey key = signer().public_key();
  const std::string jwks = R"({"keys":[{"kid":"k1","kty":"RSA","n":")" + base64url_encode(key.modulus) +
                           R"(","e":")" + base64url_encode(key.exponent) + R"("}]})";
  world.host.fetch.answer = [&](const test::FakeFetch::Request&) { return test::FakeFetch::Answer{200, jwks}; };
  EXPECT_EQ(get(good), 503u) << "asked just now";
  EXPECT_EQ(world.host.fetch.requests.size(), 1u);
  EXPECT_EQ(world.num_audits("admin.denied"), 0);
  world.host.clock.advance(limits::kAccessKeysBrakeMs);
  EXPECT_EQ(get(good), 200u);
  EXPECT_EQ(get(good), 200u);
  EXPECT_EQ(world.host.fetch.requests.size(), 2u);
  EXPECT_EQ(world.host.fetch.requests.back().url, "https://team.cloudflareaccess.com/cdn-cgi/access/certs");
  EXPECT_FALSE(world.host.fetch.requests.back().is_http_allowed);
  const std::string unknown = token_of(R"({"alg":"RS256","kid":"k9"})", claims());
  for (int i = 0; i < 5; ++i) EXPECT_EQ(get(unknown), 401u);
  EXPECT_EQ(world.host.fetch.requests.size(), 2u);
  world.host.clock.advance(limits::kAccessKeysBrakeMs);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(get(unknown), 401u);
  EXPECT_EQ(world.host.fetch.requests.size(), 3u);
  EXPECT_EQ(get("garbage"), 401u);
  EXPECT_EQ(world.host.fetch.requests.size(), 3u) << "what is no token asks nobody";
}

}  // namespace
}  // namespace latchkey::admin
