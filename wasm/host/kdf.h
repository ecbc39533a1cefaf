// derive: PBKDF2-HMAC-SHA256 (RFC 8018) by the host, which is several times faster at it.
#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "base/task.h"
#include "host/db.h"

namespace latchkey::host {

class Kdf {
 public:
  Kdf(OpPort& port, RequestId request, OpCounts& counts)
      : port_(port), request_(request), counts_(counts) {}

  // derive: `key_bytes` bytes. kUnavailable where the host failed.
  Task<Result<Secret>> derive(const Secret& password, ByteView salt, uint32_t iterations,
                              uint32_t key_bytes);

 private:
  OpPort& port_;
  RequestId request_;
  OpCounts& counts_;
};

}  // namespace latchkey::host
