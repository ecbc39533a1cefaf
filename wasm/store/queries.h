// Queries: every SQL statement of the service, one file each in queries/, named
// entity_operation_qualifier. No other source holds SQL; scripts/tidy sees to it.
#pragma once

#include <span>
#include <string_view>

namespace latchkey::store {

extern const std::string_view kAuditAppend;
extern const std::string_view kAuditAppendChanged;
extern const std::string_view kAuditAppendLicenses;
extern const std::string_view kAuditAppendOutbox;
extern const std::string_view kAuditAppendOver;
extern const std::string_view kAuditAppendReleased;
extern const std::string_view kAuditDeleteOld;
extern const std::string_view kLicenseExistCodes;
extern const std::string_view kLicenseGet;
extern const std::string_view kLicenseGetMany;
extern const std::string_view kLicenseInsertBulk;
extern const std::string_view kLicenseList;
extern const std::string_view kLicenseListBehindKv;
extern const std::string_view kLicenseListByHolder;
extern const std::string_view kLicenseListByStatus;
extern const std::string_view kLicenseMarkInKv;
extern const std::string_view kLicenseSetCode;
extern const std::string_view kLicenseSetStatus;
extern const std::string_view kLicenseTouch;
extern const std::string_view kLicenseTouchSeated;
extern const std::string_view kMachineClaim;
extern const std::string_view kMachineGet;
extern const std::string_view kMachineKeepFernetKey;
extern const std::string_view kMachineList;
extern const std::string_view kMachineRelease;
extern const std::string_view kPlanListCurrent;
extern const std::string_view kProviderKeyListPublished;
extern const std::string_view kProviderKeyNextVersion;
extern const std::string_view kProviderKeyPublish;
extern const std::string_view kProviderKeyRetire;
extern const std::string_view kProvisionCertify;
extern const std::string_view kProvisionFacts;
extern const std::string_view kRateLimitCount;
extern const std::string_view kRateLimitCountOne;
extern const std::string_view kRateLimitDeleteEnded;
extern const std::string_view kRateLimitRecordOver;
extern const std::string_view kStateGet;
extern const std::string_view kStateMarkInKv;
extern const std::string_view kStateMoveEpoch;
extern const std::string_view kStateMoveRing;
extern const std::string_view kStatePassSeated;

struct NamedQuery {
  std::string_view name;
  std::string_view sql;
};

// all_queries: for the tests that prepare each one and read its plan.
std::span<const NamedQuery> all_queries();

}  // namespace latchkey::store
