// A sealed blob from hostile bytes never opens, and never does more than fail. Input: the
// blob's text; the second use of it is as the key list itself.
#include "base/check.h"
#include "crypto/seal.h"

using namespace latchkey;
using namespace latchkey::crypto;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const MasterKeys keys =
      std::move(*MasterKeys::parse(Secret::copy_of("k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")));
  const std::string text(reinterpret_cast<const char*>(data), size);
  const Sealed sealed(text);
  const Result<std::string> kid = kid_of(sealed);
  if (kid) CHECK(!kid->empty() && kid->size() <= kKidCharsMax);
  // Nobody but the holder of the key makes a blob that opens; the corpus was made for another row.
  CHECK(!keys.open(SealPurpose::kProviderKey, {"table", "row", "owner", 1}, sealed));

  const Result<MasterKeys> parsed = MasterKeys::parse(Secret::copy_of(text));
  if (!parsed) CHECK(parsed.error().message().starts_with("entry "));
  return 0;
}
