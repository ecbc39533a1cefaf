// Idle seats: of machines not seen for so long that they will hardly come back. One that does takes a seat again,
// if one is free.
#pragma once

#include "base/task.h"
#include "config/config.h"
#include "host/host.h"

namespace latchkey::maintenance {

// release_idle: frees up to limits::kIdleSeatsPerRun seats, the longest unused first, where MACHINE_IDLE_DAYS says
// so. One trip, one transaction; two runs at once free each seat once.
Task<Result<Void>> release_idle(host::Host& host, const config::Config& config);

}  // namespace latchkey::maintenance
