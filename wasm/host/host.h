// Host: everything a service may ask of the world, for one request.
#pragma once

#include "crypto/random.h"
#include "host/clock.h"
#include "host/db.h"
#include "host/fetch.h"
#include "host/kdf.h"
#include "host/kv.h"
#include "host/log.h"

namespace latchkey::host {

// Platform: what all requests of an instance share.
struct Platform {
  OpPort& ops;
  Clock& clock;
  Log& log;
  crypto::Random& random;
};

class Host {
 public:
  Host(Platform platform, RequestId request, uint32_t d1_timeout_ms)
      : clock(platform.clock),
        log(platform.log),
        random(platform.random),
        db(platform.ops, request, d1_timeout_ms, counts),
        kv(platform.ops, request, counts),
        kdf(platform.ops, request, counts),
        fetch(platform.ops, request, counts),
        ops(platform.ops),
        request_id(request) {}
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  OpCounts counts;
  Clock& clock;
  Log& log;
  crypto::Random& random;
  Db db;
  Kv kv;
  Kdf kdf;
  Fetch fetch;
  OpPort& ops;
  RequestId request_id;
};

}  // namespace latchkey::host
