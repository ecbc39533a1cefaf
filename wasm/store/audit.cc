#include "store/audit.h"

#include "store/queries.h"

namespace latchkey::store {

void add_audit(host::Batch& batch, const AuditRow& row) {
  batch.add(kAuditAppend)
      .bind(row.at)
      .bind(row.request_id)
      .bind(row.item)
      .bind(row.action)
      .bind(row.outcome)
      .bind(row.reason)
      .bind(row.actor)
      .bind(row.license_id)
      .bind(row.machine_hash)
      .bind(row.address_hash)
      .bind(row.country)
      .bind(row.user_agent)
      .bind(row.details);
}

void add_audit_over(host::Batch& batch, const AuditRow& row, std::string_view subject) {
  batch.add(kAuditAppendOver)
      .bind(row.at)
      .bind(row.request_id)
      .bind(row.action)
      .bind(row.reason)
      .bind(row.actor)
      .bind(row.license_id)
      .bind(row.machine_hash)
      .bind(row.address_hash)
      .bind(row.country)
      .bind(row.user_agent)
      .bind(subject);
  batch.add(kRateLimitRecordOver).bind(subject);
}

}  // namespace latchkey::store
