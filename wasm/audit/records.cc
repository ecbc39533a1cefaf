#include "audit/records.h"

#include "base/limits.h"
#include "store/audit_record.h"
#include "store/queries.h"

namespace latchkey::audit {
namespace {

constexpr uint64_t kFromTheEnd = static_cast<uint64_t>(limits::kD1IntegerMax);

Record read_record(const host::Row& row) {
  const auto text = [&](std::string_view name) {
    const auto value = row.text_or_null(name);
    return value ? std::optional<std::string>(*value) : std::nullopt;
  };
  return {.seq = row.integer("seq"),
          .at = row.integer("at"),
          .item = row.integer("item"),
          .request_id = std::string(row.text("request_id")),
          .action = std::string(row.text("action")),
          .outcome = std::string(row.text("outcome")),
          .actor = std::string(row.text("actor")),
          .reason = text("reason"),
          .license_id = text("license_id"),
          .machine_hash = text("machine_hash"),
          .address_hash = text("address_hash"),
          .country = text("country"),
          .user_agent = text("user_agent"),
          .details = text("details")};
}

}  // namespace

Task<Result<LinePage>> RecordService::lines(uint64_t after, uint32_t rows_max) {
  host::Batch look;
  look.add(store::kAuditStanding);
  look.add(store::kAuditListLines).bind(after).bind(rows_max);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(look)));
  CO_TRY(const Standing standing, standing_in(answer, 0));
  if (after < standing.first) {
    co_return fail(ErrorCode::kNotFound, "Records up to " + std::to_string(standing.first) +
                                             " are not kept any more. Begin after that one.");
  }
  LinePage page;
  uint64_t last = after;
  size_t num_bytes = 0;
  bool is_whole = true;
  answer.each_row(1, [&](host::Row row) {
    if (!is_whole || num_bytes > limits::kAuditPageBytesMax) return;
    is_whole = static_cast<uint64_t>(row.integer("seq")) == last + 1;
    page.lines.push_back(store::audit_record(row));
    num_bytes += page.lines.back().size();
    ++last;
  });
  if (!is_whole) co_return broken(record_missing(last));
  if (last < standing.size) page.next_after = last;
  co_return page;
}

Task<Result<RecordPage>> RecordService::list(const RecordFilter& filter, std::optional<uint64_t> before,
                                             uint32_t rows_max) {
  const TimeMs since = filter.since.value_or(0);
  const uint64_t from = before.value_or(kFromTheEnd);
  host::Batch look;
  look.add(store::kAuditList)
      .bind(from)
      .bind(limits::kAuditRowsLookedAt)
      .bind(filter.action)
      .bind(filter.license_id)
      .bind(filter.since)
      .bind(filter.until)
      .bind(rows_max);
  look.add(store::kAuditListFloor).bind(from).bind(limits::kAuditRowsLookedAt);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(look)));
  RecordPage page;
  answer.each_row(0, [&](host::Row row) { page.records.push_back(read_record(row)); });
  const auto floor = answer.first(1);
  if (page.records.size() == rows_max) {
    page.next_before = static_cast<uint64_t>(page.records.back().seq);
  } else if (floor && floor->integer("older") != 0 && floor->integer("at") >= since - limits::kAuditLateMs) {
    page.next_before = static_cast<uint64_t>(floor->integer("seq"));
  }
  co_return page;
}

Task<Result<CheckpointPage>> RecordService::checkpoints(std::optional<uint64_t> before, uint32_t rows_max) {
  host::Batch look;
  look.add(store::kAuditCheckpointList).bind(before.value_or(kFromTheEnd)).bind(rows_max + 1);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(look)));
  CheckpointPage page;
  answer.each_row(0, [&](host::Row row) {
    if (page.checkpoints.size() == rows_max) {
      page.next_before = page.checkpoints.back().head.size;
      return;
    }
    page.checkpoints.push_back(read_checkpoint(row, origin_of(config_)));
  });
  co_return page;
}

}  // namespace latchkey::audit
