#include "admin/master.h"

#include "admin/licenses.h"
#include "base/limits.h"
#include "edge/sync.h"
#include "json/writer.h"
#include "provision/key_ring.h"
#include "provision/service.h"
#include "store/payment_rows.h"
#include "store/queries.h"
#include "webhook/rows.h"

namespace latchkey::admin {
namespace {

using crypto::SealPurpose;

constexpr SecretAccess kAccess("re-wrapping seals what it opened under another master key");

// Table: a sealed column: how it is read and stored, and what a row's blob is bound to.
struct Table {
  std::string_view list;
  std::string_view store;
  SealPurpose purpose;
  crypto::SealContext (*context)(host::Row row);
};

const Table& table_at(size_t index) {
  static const Table tables[] = {
      {store::kRewrapListProviderKeys, store::kRewrapStoreProviderKeys, SealPurpose::kProviderKey,
       [](host::Row row) {
         return provision::stored_key_context(row.text("id"), row.text("provider"), row.integer("version"));
       }},
      {store::kRewrapListLicenses, store::kRewrapStoreLicenses, SealPurpose::kHolder,
       [](host::Row row) { return holder_context(row.text("id")); }},
      {store::kRewrapListMachines, store::kRewrapStoreMachines, SealPurpose::kDerivedKey,
       [](host::Row row) {
         return provision::derived_key_context(row.text("license_id"), row.text("machine_hash"));
       }},
      {store::kRewrapListPaymentEvents, store::kRewrapStorePaymentEvents, SealPurpose::kBuyer,
       [](host::Row row) { return store::buyer_context(row.text("id")); }},
      {store::kRewrapListPaymentDeliveries, store::kRewrapStorePaymentDeliveries, SealPurpose::kCodeDelivery,
       [](host::Row row) { return store::delivery_context(row.text("id")); }},
      {store::kRewrapListWebhooks, store::kRewrapStoreWebhooks, SealPurpose::kWebhook,
       [](host::Row row) { return webhook::target_context(row.text("id")); }},
  };
  static_assert(std::size(tables) == std::size(kRewrapTables));
  return tables[index];
}

std::optional<RewrapPlace> place_after(const RewrapPlace& place, uint32_t looked_at, std::string last_id) {
  if (looked_at == limits::kRewrapRowsMax) return RewrapPlace{place.table, std::move(last_id)};
  if (place.table + 1 < std::size(kRewrapTables)) return RewrapPlace{place.table + 1, {}};
  return std::nullopt;
}

}  // namespace

Task<Result<RewrapSlice>> MasterService::rewrap(const RewrapPlace& place, Run run) {
  // 1. A slice of rows; what is sealed under another key is opened and sealed anew.
  const Table& table = table_at(place.table);
  host::Batch look;
  look.add(table.list).bind(place.after_id).bind(limits::kRewrapRowsMax);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(look)));
  RewrapSlice slice{.table = kRewrapTables[place.table], .next = {}};
  std::string last_id;
  json::Writer blobs;
  blobs.begin_array();
  answer.each_row(0, [&](host::Row row) {
    ++slice.looked_at;
    last_id = row.text("id");
    const auto text = row.text_or_null("sealed");
    if (!text) return;
    const crypto::Sealed old{std::string(*text)};
    const auto kid = crypto::kid_of(old);
    if (kid && *kid == config_.master.sealing_kid()) return;
    const crypto::SealContext context = table.context(row);
    const auto plain = config_.master.open(table.purpose, context, old);
    if (!plain) return slice.unreadable.push_back(last_id);
    const crypto::Sealed fresh = config_.master.seal(host_.random, table.purpose, context, plain->reveal(kAccess));
    blobs.begin_object().field("id", last_id).field("old", old.text()).field("fresh", fresh.text()).end_object();
    ++slice.rewrapped;
  });
  blobs.end_array();
  slice.next = place_after(place, slice.looked_at, std::move(last_id));
  if (slice.rewrapped == 0 || run == Run::kDry) co_return slice;

  // 2. Store them and say so, in one transaction.
  const std::string details = json::Writer()
                                  .begin_object()
                                  .field("kid", config_.master.sealing_kid())
                                  .field("rows", slice.rewrapped)
                                  .field("table", slice.table)
                                  .end_object()
                                  .text();
  store::AuditRow audit = actor_.row("master.rewrapped", host_.clock.now());
  audit.details = details;
  host::Batch batch;
  batch.add(table.store).bind(blobs.text());
  const bool is_ring = place.table == 0;
  if (is_ring) batch.add(store::kStateForgetKvRing);
  store::add_audit(batch, audit);
  CO_TRY_VOID(co_await host_.db.run(std::move(batch)));
  if (is_ring) {
    const auto synced = co_await edge::sync(host_, config_, edge::kSyncAfterAct);
    if (!synced) host_.log.write(host::LogLevel::kWarning, R"({"event":"edge_sync_failed"})");
  }
  co_return slice;
}

}  // namespace latchkey::admin
