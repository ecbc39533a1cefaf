#include "maintenance/idle.h"

#include "base/ids.h"
#include "base/limits.h"
#include "store/queries.h"

namespace latchkey::maintenance {

Task<Result<Void>> release_idle(host::Host& host, const config::Config& config) {
  if (config.machine_idle_days == 0) co_return Void{};
  const TimeMs now = host.clock.now();
  ByteArray<kIdRandomBytes> random;
  host.random.fill(random);
  const std::string request_id = make_id("req_", now, random);
  host::Batch batch;
  batch.add(store::kAuditAppendIdle)
      .bind(now)
      .bind(request_id)
      .bind(now - config.machine_idle_days * kDayMs)
      .bind(limits::kIdleSeatsPerRun);
  batch.add(store::kMachineReleaseAudited).bind(request_id).bind(now).bind(host::Null{});
  batch.add(store::kLicenseTouchAudited).bind(request_id).bind(now);
  CO_TRY_VOID(co_await host.db.run(std::move(batch)));
  co_return Void{};
}

}  // namespace latchkey::maintenance
