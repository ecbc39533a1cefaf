#include "backup/tables.h"

#include <algorithm>

#include "admin/licenses.h"
#include "provision/key_ring.h"
#include "provision/service.h"
#include "store/payment_rows.h"
#include "store/queries.h"
#include "webhook/rows.h"

namespace latchkey::backup {
namespace {

// The views point into the row's document.
std::string_view text_of(json::Value row, std::string_view column) {
  const auto value = row.member(column);
  return value ? value->string().value_or("") : std::string_view();
}

int64_t integer_of(json::Value row, std::string_view column) {
  const auto value = row.member(column);
  return value ? value->integer().value_or(0) : 0;
}

}  // namespace

const Queries& queries_of(size_t table) {
  static const Queries queries[] = {
      {store::kBackupListUsageHourly, store::kRestoreInsertUsageHourly, R"(["",0,"","",""])"},
      {store::kBackupListUsageDaily, store::kRestoreInsertUsageDaily, R"(["",0,"","",""])"},
      {store::kBackupListUsageTotals, store::kRestoreInsertUsageTotals, R"([0,"","",""])"},
      {store::kBackupListLicenseSpend, store::kRestoreInsertLicenseSpend, R"(["",0])"},
      {store::kBackupListUsageEvents, store::kRestoreInsertUsageEvents, R"([0])"},
      {store::kBackupListPrices, store::kRestoreInsertPrices, R"([0])"},
      {store::kBackupListPaymentDeliveries, store::kRestoreInsertPaymentDeliveries, R"([""])"},
      {store::kBackupListPaymentAliases, store::kRestoreInsertPaymentAliases, R"(["",0])"},
      {store::kBackupListPaymentEvents, store::kRestoreInsertPaymentEvents, R"([0])"},
      {store::kBackupListPurchases, store::kRestoreInsertPurchases, R"([""])"},
      {store::kBackupListMachines, store::kRestoreInsertMachines, R"(["",""])"},
      {store::kBackupListSharing, store::kRestoreInsertSharing, R"([""])"},
      {store::kBackupListAnomalyTrails, store::kRestoreInsertAnomalyTrails, R"([""])"},
      {store::kBackupListRotations, store::kRestoreInsertRotations, R"([""])"},
      {store::kBackupListProviderKeys, store::kRestoreInsertProviderKeys, R"([""])"},
      {store::kBackupListAdminTokens, store::kRestoreInsertAdminTokens, R"([""])"},
      {store::kBackupListAlerts, store::kRestoreInsertAlerts, R"([""])"},
      {store::kBackupListAlertRules, store::kRestoreInsertAlertRules, R"([""])"},
      {store::kBackupListWebhooks, store::kRestoreInsertWebhooks, R"([""])"},
      {store::kBackupListLicenses, store::kRestoreInsertLicenses, R"([""])"},
      {store::kBackupListPlans, store::kRestoreInsertPlans, R"(["",0])"},
      {store::kBackupListAuditNodes, store::kRestoreInsertAuditNodes, R"([0,0])"},
      {store::kBackupListAuditCheckpoints, store::kRestoreInsertAuditCheckpoints, R"([0])"},
      {store::kBackupListAuditLog, store::kRestoreInsertAuditLog, R"([0])"},
  };
  static_assert(std::size(queries) == kNumTables);
  return queries[table];
}

size_t table_index(std::string_view name) {
  return static_cast<size_t>(std::ranges::find(kTables, name) - std::begin(kTables));
}

std::span<const SealedColumn> sealed_columns() {
  static const SealedColumn columns[] = {
      {table_index("payment_deliveries"), "payload", "codes", crypto::SealPurpose::kCodeDelivery,
       [](json::Value row) { return store::delivery_context(text_of(row, "id")); }},
      {table_index("payment_events"), "email", "buyers", crypto::SealPurpose::kBuyer,
       [](json::Value row) { return store::buyer_context(text_of(row, "id")); }},
      {table_index("machines"), "fernet_key", "derived_keys", crypto::SealPurpose::kDerivedKey,
       [](json::Value row) {
         return provision::derived_key_context(text_of(row, "license_id"), text_of(row, "machine_hash"));
       }},
      {table_index("provider_keys"), "sealed", "provider_keys", crypto::SealPurpose::kProviderKey,
       [](json::Value row) {
         return provision::stored_key_context(text_of(row, "id"), text_of(row, "provider"),
                                              integer_of(row, "version"));
       }},
      {table_index("webhooks"), "sealed", "webhooks", crypto::SealPurpose::kWebhook,
       [](json::Value row) { return webhook::target_context(text_of(row, "id")); }},
      {table_index("licenses"), "holder", "holders", crypto::SealPurpose::kHolder,
       [](json::Value row) { return admin::holder_context(text_of(row, "id")); }},
  };
  return columns;
}

}  // namespace latchkey::backup
