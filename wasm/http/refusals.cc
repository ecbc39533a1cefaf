#include "http/refusals.h"

#include "store/queries.h"
#include "store/rate_window.h"

namespace latchkey::http {
namespace {

Error throttled(const std::string& message, TimeMs window_end, TimeMs now) {
  Error error(ErrorCode::kRateLimited, message);
  error.retry_after_seconds = static_cast<uint32_t>((window_end - now + kSecondMs - 1) / kSecondMs);
  return error;
}

}  // namespace

Task<Error> refuse_counted(Context& context, CountedRefusal counted, store::AuditRow audit) {
  const TimeMs now = context.host.clock.now();
  const std::string subject(counted.subject);
  provision::KnownOver& known = context.app.shared.known_over;
  if (const auto over = known.find(subject, now)) co_return throttled(counted.too_many, over->end, now);
  host::Batch count;
  count.add(store::kRateLimitCountOne)
      .bind(subject)
      .bind(store::RateWindow::begin(now))
      .bind(store::RateWindow::ended(now));
  const auto answer = co_await context.host.db.run(std::move(count));
  if (!answer) co_return answer.error();
  const host::Row row = answer->row(0, 0);
  const store::RateWindow window{row.integer("window")};
  const bool is_over = window.hits() > counted.limit;

  host::Batch record;
  if (is_over) audit.reason = "address_over_limit";
  if (!is_over) store::add_audit(record, audit);
  else if (row.integer("over_recorded") != window.start_seconds()) store::add_audit_over(record, audit, subject);
  if (record.num_statements() > 0) {
    const auto recorded = co_await context.host.db.run(std::move(record));
    if (!recorded) co_return recorded.error();
  }
  if (!is_over) co_return std::move(counted.refusal);
  known.add(subject, {counted.limit, window.end()}, now);
  co_return throttled(counted.too_many, window.end(), now);
}

}  // namespace latchkey::http
