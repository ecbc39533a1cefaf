#include "edge/sync.h"

#include <map>

#include "edge/copy.h"
#include "json/reader.h"
#include "json/writer.h"
#include "store/queries.h"

namespace latchkey::edge {
namespace {

struct Behind {
  std::string code_hash;
  std::vector<std::string> replaced_codes;
  LicenseCopy copy;
};

// spending_of: of a budget that blocks; another one is nothing to KV.
std::optional<budget::Snapshot> spending_of(host::Row row, TimeMs now) {
  const budget::Budget budget = budget::read_budget(row.text_or_null("budget"));
  if (budget.enforcement != budget::Enforcement::kBlock) return std::nullopt;
  const auto nanos = [&](std::string_view name) { return pricing::Nano{row.integer_or_null(name).value_or(0)}; };
  return budget::Snapshot{budget, {nanos("today"), nanos("month"), nanos("total")}, now};
}

Behind behind_of(host::Row row, TimeMs now) {
  Behind behind{.code_hash = std::string(row.text("code_hash")),
                .copy = {.id = std::string(row.text("id")),
                         .status = std::string(row.text("status")),
                         .expires_at = row.integer_or_null("expires_at"),
                         .plan = std::string(row.text("plan")),
                         .deliveries = row.integer("deliveries"),
                         .version = row.integer("version"),
                         .requests_per_hour = row.integer_or_null("requests_per_hour"),
                         .spending = spending_of(row, now)}};
  if (const auto providers = json::Document::parse_host(row.text("providers"))) {
    providers->root().each_item([&](json::Value name) {
      if (const auto index = config::provider_index(name.string().value_or(""))) behind.copy.providers.add(*index);
    });
  }
  if (const auto machines = json::Document::parse_host(row.text("machines"))) {
    machines->root().each_item(
        [&](json::Value machine) { behind.copy.machines.emplace_back(machine.string().value_or("")); });
  }
  if (const auto codes = json::Document::parse_host(row.text("replaced_codes"))) {
    codes->root().each_item([&](json::Value code) { behind.replaced_codes.emplace_back(code.string().value_or("")); });
  }
  return behind;
}

// bury: puts a stone on the copy of a code that was replaced: it no longer counts.
Task<Result<Void>> bury(host::Host& host, std::string_view old_code_hash, const LicenseCopy& license) {
  const LicenseCopy gone{
      .id = license.id, .status = "reissued", .plan = license.plan, .version = license.version + 1};
  co_return co_await host.kv.put(license_key(old_code_hash), print(gone));
}

// write: what KV is to hold of one licence: no before yes.
Task<Result<Void>> write(host::Host& host, const Behind& behind) {
  for (const std::string& code : behind.replaced_codes) CO_TRY_VOID(co_await bury(host, code, behind.copy));
  co_return co_await host.kv.put(license_key(behind.code_hash), print(behind.copy));
}

struct RingState {
  RingCopy copy;
  int64_t kv_ring_version = 0;
  int64_t kv_epoch = 0;
  bool is_behind() const { return kv_ring_version != copy.version || kv_epoch != copy.epoch; }
};

RingState ring_of(const host::BatchAnswer& answer, size_t state_at, size_t keys_at) {
  const host::Row row = answer.row(state_at, 0);
  return {.copy = {.version = row.integer("ring_version"),
                   .epoch = row.integer("epoch"),
                   .keys = store::stored_keys(answer, keys_at)},
          .kv_ring_version = row.integer("kv_ring_version"),
          .kv_epoch = row.integer("kv_epoch")};
}

// write_licenses: puts them into KV and gives the marks of those written. Stops at the first failure.
Task<Result<Void>> write_licenses(host::Host& host, const std::vector<Behind>& behind, json::Writer& marks,
                                  SyncReport& report) {
  for (size_t i = 0; i < behind.size(); ++i) {
    CO_TRY_VOID(co_await write(host, behind[i]));
    const auto& spending = behind[i].copy.spending;
    marks.begin_object();
    if (const auto until = spending ? budget::blocked_until(spending->budget, spending->spent, spending->at)
                                    : std::nullopt) {
      marks.field("blocked_until", *until);
    }
    marks.field("code_hash", behind[i].code_hash)
        .field("id", behind[i].copy.id)
        .field("version", behind[i].copy.version)
        .end_object();
    ++report.licenses;
  }
  co_return Void{};
}

// bury_replaced: a code that was replaced between the look and the write must not live on under its old key. The mark
// has written it down, so that the next run buries it if this one can't.
Task<Result<Void>> bury_replaced(host::Host& host, const std::vector<Behind>& behind,
                                 const host::BatchAnswer& marked) {
  std::map<std::string, std::string, std::less<>> codes;
  marked.each_row(0, [&](host::Row row) { codes.emplace(row.text("id"), row.text("code_hash")); });
  Result<Void> result = Void{};
  for (const Behind& one : behind) {
    const auto now_at = codes.find(one.copy.id);
    if (now_at == codes.end() || now_at->second == one.code_hash) continue;
    const Result<Void> buried = co_await bury(host, one.code_hash, one.copy);
    if (result) result = buried;
  }
  co_return result;
}

// write_one: the licence that add_look found, if any.
Task<Result<Void>> write_one(host::Host& host, const host::BatchAnswer& answer, size_t statement) {
  std::vector<Behind> behind;
  const TimeMs now = host.clock.now();
  answer.each_row(statement, [&](host::Row row) { behind.push_back(behind_of(row, now)); });
  if (behind.empty()) co_return Void{};
  SyncReport report;
  json::Writer marks;
  marks.begin_array();
  CO_TRY_VOID(co_await write_licenses(host, behind, marks, report));
  marks.end_array();
  host::Batch mark;
  mark.add(store::kLicenseMarkInKv).bind(marks.text());
  CO_TRY(const host::BatchAnswer marked, co_await host.db.run(std::move(mark)));
  co_return co_await bury_replaced(host, behind, marked);
}

}  // namespace

void add_look(host::Batch& batch, std::string_view code_hash, TimeMs now) {
  batch.add(store::kLicenseGetBehindKv)
      .bind(code_hash)
      .bind(budget::day_of(now))
      .bind(budget::month_start_of(now));
}

Task<void> carry_look(host::Host& host, const host::BatchAnswer& answer, size_t statement) {
  const auto written = co_await write_one(host, answer, statement);
  if (written) co_return;
  json::Writer record;
  record.begin_object().field("event", "edge_sync_failed").field("detail", written.error().detail()).end_object();
  host.log.write(host::LogLevel::kWarning, record.text());
}

Task<Result<SyncReport>> sync(host::Host& host, const config::Config& config, uint32_t licenses_max,
                              std::optional<std::string_view> license_id) {
  // 1. What is behind?
  const TimeMs now = host.clock.now();
  host::Batch look;
  look.add(store::kLicenseTouchSeated).bind(kSeatedAuditRows);
  look.add(store::kStatePassSeated).bind(kSeatedAuditRows);
  look.add(store::kLicenseListBehindKv)
      .bind(licenses_max)
      .bind(license_id)
      .bind(budget::day_of(now))
      .bind(budget::month_start_of(now));
  look.add(store::kStateGet).add(store::kProviderKeyListPublished);
  CO_TRY(const host::BatchAnswer answer, co_await host.db.run(std::move(look)));
  std::vector<Behind> behind;
  answer.each_row(2, [&](host::Row row) { behind.push_back(behind_of(row, now)); });
  const RingState ring = ring_of(answer, 3, 4);
  SyncReport report;
  if (behind.empty() && !ring.is_behind()) co_return report;

  // 2. Write it to KV, ring first: it is what every licence needs.
  Result<Void> written = Void{};
  if (ring.is_behind()) {
    written = co_await host.kv.put(kRingKey, print(ring.copy));
    if (written) written = co_await host.kv.put(kJwksKey, config.signing.jwks());
    report.ring = written.has_value();
  }
  json::Writer marks;
  marks.begin_array();
  if (written) written = co_await write_licenses(host, behind, marks, report);
  marks.end_array();

  // 3. Mark what was written; what was not stays behind.
  host::Batch mark;
  mark.add(store::kLicenseMarkInKv).bind(marks.text());
  if (report.ring) mark.add(store::kStateMarkInKv).bind(ring.copy.version).bind(ring.copy.epoch);
  CO_TRY(const host::BatchAnswer marked, co_await host.db.run(std::move(mark)));
  const Result<Void> buried = co_await bury_replaced(host, behind, marked);
  if (written) written = buried;
  if (!written) co_return Unexpected(std::move(written).error());
  co_return report;
}

}  // namespace latchkey::edge
