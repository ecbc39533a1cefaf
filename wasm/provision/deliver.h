// deliver: the keys of a grant, as the client asked to get them.
#pragma once

#include "base/result.h"
#include "crypto/random.h"
#include "json/writer.h"
#include "provision/service.h"

namespace latchkey::provision {

// write_keys: the members `keys` and, for hpke, `hpke`, into an object that `out` has open.
//   fernet  a token for each provider, under the machine's key
//   hpke    one context for the answer; providers sealed in ascending order of name,
//           associated data = the provider's name
//   plain   an object for each provider, with its times inside, because the published
//           client breaks for good on an `expires_at` at the top
// kInvalidRequest where the public key is no usable point; then nothing was written.
Result<Void> write_keys(json::Writer& out, crypto::Random& random, const Grant& grant,
                        const ProvisionRequest& request);

}  // namespace latchkey::provision
