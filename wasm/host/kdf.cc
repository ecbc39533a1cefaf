#include "host/kdf.h"

#include "host/frame.h"

namespace latchkey::host {

Task<Result<Secret>> Kdf::derive(const Secret& password, ByteView salt, uint32_t iterations,
                                 uint32_t key_bytes) {
  FrameWriter payload;
  payload.u32(iterations).u32(key_bytes).string(as_text(salt)).string(
      password.reveal_text(SecretAccess("the host's PBKDF2 takes the password")));
  ++counts_.derives;
  OpAnswer answer =
      co_await Operation(port_, request_, OpKind::kDerive, std::move(payload).take());
  Secret key = Secret::copy_of(answer.payload);
  wipe({reinterpret_cast<uint8_t*>(answer.payload.data()), answer.payload.size()});
  if (answer.status != OpStatus::kOk || key.size() != key_bytes) {
    co_return fail(ErrorCode::kUnavailable, "The server could not derive a key. Try again.",
                   "derive failed");
  }
  co_return key;
}

}  // namespace latchkey::host
