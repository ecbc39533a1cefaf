// The key ring without D1.
#pragma once

#include <memory>

#include "base/task.h"
#include "host/host.h"
#include "provision/service.h"

namespace latchkey::provision {

// fresh_ring: the ring as KV has it, or the isolate's own where that is newer. One KV read, none
// where this isolate read it within limits::kKvCopyAgeMsMax. kUnavailable where KV failed.
Task<Result<std::shared_ptr<const KeyRing>>> fresh_ring(host::Host& host, const config::Config& config,
                                                        Shared& shared);

}  // namespace latchkey::provision
