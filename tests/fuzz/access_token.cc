// Tokens of Cloudflare Access: whatever is sent is taken apart or refused, nothing that no key of ours signed counts,
// and a list of keys from outside is read or refused. The first byte of the input chooses.
#include "admin/cloudflare_access.h"
#include "base/check.h"
#include "support/service_world.h"

using namespace latchkey;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const config::Config config =
      test::test_config({{"ACCESS_TEAM_DOMAIN", "https://team.cloudflareaccess.com"}, {"ACCESS_AUD", "tag"}});
  if (size < 1) return 0;
  const std::string_view input = as_text(ByteView(data + 1, size - 1));
  if (data[0] % 3 == 0) {
    if (const auto keys = admin::parse_access_keys(input)) CHECK(keys->size() <= limits::kAccessKeysMax);
    return 0;
  }
  if (data[0] % 3 == 1) {
    CHECK(admin::cookie_value(input, "CF_Authorization").find(';') == std::string_view::npos);
    return 0;
  }
  const auto token = admin::parse_access_token(input);
  if (!token) return 0;
  CHECK(input.starts_with(token->signed_text) && !token->kid.empty());
  // A key of theirs that signed nothing.
  const admin::AccessKeys known{.keys = {{token->kid, {Bytes(256, 0xc5), {1, 0, 1}}}}};
  CHECK(!admin::verify_access(config, known, *token, test::kTestStart));
  return 0;
}
