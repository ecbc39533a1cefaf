// Limits: every bound of the service has its name and its number here, the platform's
// own among them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace latchkey::limits {

// Requests.
inline constexpr uint32_t kBodyBytesClient = 16 * 1024;
inline constexpr uint32_t kBodyBytesReport = 256 * 1024;
inline constexpr uint32_t kBodyBytesAdmin = 1024 * 1024;
inline constexpr size_t kJsonDepthMax = 32;
inline constexpr size_t kRequestsInFlightMax = 4096;
inline constexpr TimeMs kRequestAgeMsMax = 2 * kMinuteMs;

// Fields.
inline constexpr size_t kLicenseTextBytesMax = 254;
inline constexpr size_t kMachineIdCharsMax = 128;
inline constexpr size_t kAppVersionBytesMax = 64;
inline constexpr size_t kUserAgentBytesMax = 200;
inline constexpr size_t kReceiptBytesMax = 8 * 1024;
inline constexpr size_t kProvidersRequestedMax = 64;
inline constexpr size_t kNoteBytesMax = 500;
inline constexpr size_t kHolderNameBytesMax = 200;
inline constexpr size_t kReasonBytesMax = 64;
inline constexpr size_t kProviderKeyBytesMax = 4096;
inline constexpr uint32_t kMachinesMax = 1000;
inline constexpr size_t kMachineNameCharsMax = 64;
inline constexpr uint32_t kLicensesPerCreateMax = 500;
inline constexpr uint32_t kImportRowsMax = 500;
inline constexpr uint32_t kRewrapRowsMax = 200;  // a call
inline constexpr uint32_t kBackupRowsMax = 500;         // a line
inline constexpr size_t kBackupLineBytesMax = 512 * 1024;  // of rows, before they are sealed
inline constexpr size_t kBackupLineCharsMax = 1000 * 1024;  // sealed
inline constexpr size_t kBackupHeaderBytesMax = 8 * 1024;
inline constexpr size_t kBackupCursorBytesMax = 1024;
inline constexpr uint32_t kRestoreAuditRowsMax = 10'000;  // that a database may hold before a restore
inline constexpr int64_t kBackupLinesMax = 1'000'000'000;
inline constexpr uint32_t kBulkLicensesMax = 200;
inline constexpr uint32_t kBulkSampleMax = 5;
inline constexpr uint32_t kLicenseDaysMax = 36'500;
inline constexpr size_t kPlanNameBytesMax = 64;
inline constexpr size_t kPlanModelsMax = 200;
inline constexpr size_t kPlanModelBytesMax = 100;
inline constexpr size_t kPlanLimitsMax = 16;
inline constexpr uint32_t kPageRowsDefault = 100;
inline constexpr uint32_t kPageRowsMax = 500;
inline constexpr size_t kCursorBytesMax = 256;

// Provision.
inline constexpr TimeMs kGrantLifeMs = 30 * kDayMs;
inline constexpr TimeMs kRefreshAfterMs = 7 * kDayMs;
inline constexpr TimeMs kOfflineGraceMs = 30 * kDayMs;
inline constexpr TimeMs kEndingSoonMs = 14 * kDayMs;

// Machines.
inline constexpr TimeMs kReleasePeriodMs = 30 * kDayMs;  // in which a licence's own releases are counted
inline constexpr uint32_t kReleasesPerPeriodMax = 1000;
inline constexpr uint32_t kReleaseCooldownHoursMax = 30 * 24;
inline constexpr size_t kMachineRowIdBytesMax = 64;      // mch_...
inline constexpr uint32_t kMachinesShownMax = 100;       // to a client
inline constexpr uint32_t kMachineIdleDaysMin = 31;      // an offline client comes back after 30
inline constexpr uint32_t kMachineIdleDaysMax = 3650;
inline constexpr uint32_t kIdleSeatsPerRun = 200;

// Rotation.
inline constexpr TimeMs kRotationPullMs = 7 * kDayMs;  // how long a publishing moves refreshes
inline constexpr TimeMs kRotationSpreadMs = 12 * kHourMs;  // and over how long it spreads them
inline constexpr uint32_t kGraceDaysDefault = 30;
inline constexpr uint32_t kGraceDaysMax = 365;
inline constexpr TimeMs kAdoptionSeenMs = 30 * kDayMs;   // machines not seen since do not count
inline constexpr TimeMs kAdoptionCheckMs = kHourMs;
inline constexpr TimeMs kVerifyRetryMs = 5 * kMinuteMs;  // by cron, where the provider could not be asked
inline constexpr TimeMs kOldKeyRetryMs = kHourMs;        // the same, of a key whose grace ended ...
inline constexpr TimeMs kOldKeyAskMs = kDayMs;           // ... for so long; then it is retired unasked
inline constexpr uint32_t kVerifyTimeoutMs = 10'000;
inline constexpr uint32_t kVerifyAnswerBytesMax = 4096;
inline constexpr uint32_t kRotationsPerRun = 12;

// Sharing.
inline constexpr int64_t kSharingWindowDays = 30;
inline constexpr double kSharingFarKm = 500;       // two places that one household does not live in
inline constexpr double kSharingSpeedKmH = 1000;   // faster than airliners
inline constexpr double kSharingSlackKm = 200;     // positions are whole degrees
inline constexpr TimeMs kSharingBorderMs = kHourMs;  // two countries in less, where positions are unknown
inline constexpr size_t kSharingTagChars = 16;
inline constexpr size_t kSharingMachinesMax = 512;  // a licence; more of them forgets the least lately seen
inline constexpr size_t kSharingPlacesMax = 128;
inline constexpr size_t kSharingPlacesPerDay = 8;   // a machine
inline constexpr int64_t kSharingWarnDefault = 60;
inline constexpr int64_t kSharingScoreMax = 100;
inline constexpr int64_t kSharingMargin = 10;        // so far under a threshold it is quiet
inline constexpr TimeMs kSharingStepMs = kDayMs;     // between two steps up
inline constexpr TimeMs kSharingQuietMs = 7 * kDayMs;  // before a step down
inline constexpr TimeMs kSharingRescoreMs = kDayMs;
inline constexpr uint32_t kSharingRowsPerSlice = 200;
inline constexpr uint32_t kSharingSlicesPerRun = 10;
inline constexpr uint32_t kSharingDuePerRun = 50;
inline constexpr size_t kSharingBytesPerStatement = 256 * 1024;  // of one bound list
inline constexpr uint32_t kSharingIgnoreDaysMax = 365;

// Forecast.
inline constexpr size_t kForecastDaysMax = 90;     // of history
inline constexpr size_t kForecastDaysMin = 7;      // each weekday once
inline constexpr size_t kForecastHorizonDays = 92;  // looked ahead

// Anomalies.
inline constexpr int64_t kAnomalyAlarm = 60;
inline constexpr int64_t kAnomalyScoreMax = 100;
inline constexpr int64_t kAnomalyBaselineDays = 14;  // before which a licence's own baseline says nothing
inline constexpr size_t kAnomalyBaselineUses = 5;    // days with use, likewise
inline constexpr size_t kAnomalyDaysKept = 42;       // days with use
inline constexpr int64_t kAnomalyMemoryDays = 90;    // after which days, models and countries are forgotten
inline constexpr size_t kAnomalyNamesMax = 16;       // of models, and of countries
inline constexpr size_t kAnomalyNameBytesMax = 100;
inline constexpr int64_t kGuessingHoursKept = 24;    // of an address
inline constexpr TimeMs kAnomalyGraceMs = 10 * kMinuteMs;  // after an hour, before what came in for it is all of it
inline constexpr TimeMs kAnomalyBackMs = 42 * kDayMs;      // hours older than this are not caught up with
inline constexpr TimeMs kAnomalyQuietMs = 7 * kDayMs;      // without another alarm, until one is cleared
inline constexpr int64_t kAnomalyLimitedPerWindow = 50;    // requests that a window over its limit stands for
inline constexpr uint32_t kAnomalyNamesPerHour = 64;       // of models, and of countries, that an hour brings
inline constexpr uint32_t kAnomalyRowsPerSlice = 2000;     // of the audit log
inline constexpr uint32_t kAnomalyAuditSlicesPerRun = 10;
inline constexpr uint32_t kAnomalyLicensesPerSlice = 50;
inline constexpr uint32_t kAnomalySlicesPerRun = 10;       // of licences; an hour takes one at least
inline constexpr uint32_t kAnomalyAddressesPerHour = 50;   // that tried the most codes
inline constexpr uint32_t kAnomalyQuietPerRun = 50;
inline constexpr uint32_t kAnomalyRowsPerRetention = 5000;  // of each table, a run of cron
inline constexpr int64_t kAnomalyCodesMin = 2;             // in an hour, of an address: fewer are no guessing
inline constexpr size_t kUnknownCodeTagChars = 16;         // of the keyed hash of a code that nobody has
inline constexpr size_t kAddressSubjectChars = 16;         // of an address's keyed hash, as an alert names it
inline constexpr size_t kAnomalyBytesPerStatement = 256 * 1024;  // of one bound list

// Payments.
inline constexpr TimeMs kHookSignatureAgeMs = 5 * kMinuteMs;  // of Stripe's signature, either way
inline constexpr uint32_t kHookFailuresPerHour = 20;          // of an address
inline constexpr size_t kHookSignatureBytesMax = 4096;
inline constexpr size_t kFormFieldsMax = 500;
inline constexpr size_t kPaymentIdBytesMax = 255;
inline constexpr size_t kPaymentIdsMax = 64;                  // that one event may name
inline constexpr size_t kPaymentPlansMax = 200;
inline constexpr TimeMs kRenewalGraceMs = 3 * kDayMs;  // a renewal is paid some time after the period ended
inline constexpr uint32_t kSettleAttemptsMax = 5;
inline constexpr TimeMs kSettleRetryMs = kMinuteMs;
inline constexpr TimeMs kPaymentRetryMsMax = 6 * kHourMs;
inline constexpr uint32_t kPaymentsPerRun = 20;
inline constexpr uint32_t kPaymentSalesPerPing = 5;
inline constexpr uint32_t kPaymentApiTimeoutMs = 10'000;
inline constexpr uint32_t kPaymentAnswerBytesMax = 2 * 1024 * 1024;
inline constexpr TimeMs kPaymentIgnoredKeptMs = 90 * kDayMs;  // events that led to nothing
inline constexpr TimeMs kReconcileEveryMs = kDayMs;
inline constexpr TimeMs kReconcileOverlapMs = kDayMs;
inline constexpr TimeMs kReconcileBackMs = 29 * kDayMs;       // Stripe lists its events for 30 days
inline constexpr TimeMs kReconcileSalesBackMs = 31 * kDayMs;
inline constexpr TimeMs kReconcileLeaseMs = 5 * kMinuteMs;
inline constexpr TimeMs kReconcileRetryMs = 10 * kMinuteMs;
inline constexpr uint32_t kReconcilePagesPerRun = 4;
inline constexpr uint32_t kReconcileTakenPerRun = 60;
inline constexpr uint32_t kReconcileRowsPerPage = 25;
inline constexpr uint32_t kCodeDeliveriesPerRun = 10;
inline constexpr uint32_t kCodeDeliveryAttemptsMax = 12;
inline constexpr TimeMs kCodeDeliveryRetryMsMax = 12 * kHourMs;
inline constexpr uint32_t kCodeDeliveryTimeoutMs = 15'000;
inline constexpr uint32_t kCodeDeliveryAnswerBytesMax = 1024;

// Webhooks.
inline constexpr uint32_t kWebhooksMax = 20;
inline constexpr size_t kWebhookNameBytesMax = 100;
inline constexpr size_t kWebhookUrlBytesMax = 2048;
inline constexpr size_t kWebhookSecretBytes = 32;  // of one that we make
inline constexpr uint32_t kWebhookTimeoutMs = 10'000;
inline constexpr uint32_t kWebhookAnswerBytesMax = 1024;
inline constexpr uint32_t kWebhookDeliveriesPerRun = 20;
inline constexpr int64_t kWebhookAttemptsMax = 12;
inline constexpr TimeMs kWebhookRetryMsMax = 12 * kHourMs;
inline constexpr TimeMs kWebhookLeaseMs = 10 * kMinuteMs;  // in which one run of cron makes its deliveries
inline constexpr TimeMs kWebhookDeliveryKeptMs = 30 * kDayMs;
inline constexpr uint32_t kWebhookOverlapHoursDefault = 24;  // that the secret before goes on signing
inline constexpr uint32_t kWebhookOverlapHoursMax = 7 * 24;

// Alerts.
inline constexpr size_t kAlertSubjectBytesMax = 255;
inline constexpr uint32_t kAlertSnoozeMinutesMax = 30 * 24 * 60;
inline constexpr uint32_t kAlertsWokenPerRun = 50;
inline constexpr TimeMs kAlertKeptMs = 180 * kDayMs;     // once resolved
inline constexpr int64_t kAlertAfterCronFailures = 3;    // of one step, in a row
inline constexpr int64_t kAlertAfterKeyUnreachable = 3;  // checks in a row
inline constexpr uint32_t kKeyChecksPerRun = 2;
inline constexpr TimeMs kKeyCheckLeaseMs = 2 * kMinuteMs;
inline constexpr int64_t kKeyCheckMinutesMax = 24 * 60;

// The audit tree. A tile is 256 records.
inline constexpr TimeMs kAuditCheckpointMs = kHourMs;
inline constexpr uint32_t kAuditTilesPerTrip = 8;
inline constexpr uint32_t kAuditTilesPerRun = 64;
inline constexpr TimeMs kAuditCheckpointsKeptMs = 30 * kDayMs;  // all of them; then one a day
inline constexpr uint32_t kAuditCheckpointsThinnedPerRun = 1000;
inline constexpr uint32_t kAuditLinesPerPage = 1000;
inline constexpr size_t kAuditPageBytesMax = 1024 * 1024;  // of lines
inline constexpr size_t kAuditFilterBytesMax = 64;
inline constexpr uint32_t kAuditRowsLookedAt = 5000;       // for a page of a list
inline constexpr TimeMs kAuditLateMs = 7 * kDayMs;         // by which a row may be older than those in front of it

// Metrics, and what doctor warns of.
inline constexpr TimeMs kMetricsWindowMs = 5 * kMinuteMs;   // in which grants and refusals are counted
inline constexpr uint32_t kMetricsRowsMax = 10'000;         // that one figure counts
inline constexpr TimeMs kMetricsMachineMs = 30 * kDayMs;    // a machine seen since is active
inline constexpr TimeMs kDoctorCronLateMs = 5 * kMinuteMs;
inline constexpr TimeMs kDoctorClockMs = 10 * kSecondMs;    // between two clocks
inline constexpr TimeMs kDoctorSlowMs = kSecondMs;          // an answer of D1 or KV
inline constexpr TimeMs kDoctorPricesMs = 90 * kDayMs;
inline constexpr TimeMs kDoctorBackupMs = 7 * kDayMs;
inline constexpr TimeMs kDoctorCheckpointMs = 3 * kHourMs;  // behind a log that grows
inline constexpr int64_t kDoctorEventsBehind = 100'000;     // that are in no sum yet
inline constexpr size_t kAdminTokenCharsGood = 24;          // of ADMIN_TOKEN ...
inline constexpr size_t kAdminTokenLettersGood = 10;        // ... and how many different ones

// The cookbook, run over the API.
inline constexpr uint32_t kQueryRowsMax = 1000;
inline constexpr size_t kQueryTextBytesMax = 200;             // of a parameter
inline constexpr size_t kQueryCellCharsMax = 1000;            // what is longer is cut
inline constexpr size_t kQueryAnswerBytesMax = 1024 * 1024;   // of rows, as JSON

// The overview.
inline constexpr int64_t kOverviewDays = 42;                  // whose cost is shown, and makes the forecast
inline constexpr uint32_t kOverviewRowsMax = 100'000;         // of hourly sums, that they are made of

// Usage.
inline constexpr uint32_t kUsageEventsPerReport = 500;
inline constexpr size_t kEventIdBytesMax = 64;
inline constexpr TimeMs kUsageLateMs = 35 * kDayMs;  // events older than this are refused
inline constexpr TimeMs kUsageSkewMs = 5 * kMinuteMs;  // a client's clock may be ahead by this much
inline constexpr uint32_t kUsageRollEventsPerRun = 5000;
inline constexpr uint32_t kUsageRollRunsMax = 20;  // a run of cron
inline constexpr uint32_t kUsageKeptDaysMin = 36;  // an event is known again as long as it may be reported
inline constexpr size_t kAmountBytesMax = 16;  // US dollars as text
inline constexpr int64_t kMonthlyPriceDollarsMax = 1'000'000;
inline constexpr uint32_t kPlanCostMonthsBack = 13;  // a report of cost by plan goes so far back
inline constexpr uint32_t kUsageAlertsPerTrip = 50;  // of budgets whose period is over
inline constexpr uint32_t kUnpricedModelsNamed = 10;  // in an alert
inline constexpr uint32_t kUsageRowsShown = 5000;  // of one grouped answer
inline constexpr TimeMs kUsageHourlyKeptMs = 90 * kDayMs;
inline constexpr TimeMs kUsageDailyKeptMs = 760 * kDayMs;  // and everybody's sums, and the ledger's single days
inline constexpr uint32_t kUsageRowsPerRetention = 2000;   // of each table, a run of cron

// Prices.
inline constexpr int64_t kEventTokensMax = 1'000'000'000;           // of one class, in one event
inline constexpr int64_t kRateNanosMax = 10'000 * 1'000'000'000LL;  // $10,000 for a million tokens
inline constexpr size_t kPriceRowsMax = 2000;
inline constexpr size_t kPriceAliasesMax = 2000;
inline constexpr size_t kPriceNameBytesMax = 100;
inline constexpr size_t kPriceTextBytesMax = 300;
inline constexpr size_t kPriceFindingsMax = 100;  // that are listed
inline constexpr size_t kPriceDifferencesListed = 200;
inline constexpr uint32_t kRepriceEventsPerSlice = 1000;

// Rate limits.
inline constexpr TimeMs kRateWindowMs = kHourMs;
inline constexpr uint32_t kRateLimitMax = 900'000;
inline constexpr uint32_t kAdminFailuresPerHour = 20;
inline constexpr size_t kKnownOverMax = 4096;
inline constexpr size_t kVerifiedReceiptsMax = 1024;
inline constexpr TimeMs kKvCopyAgeMsMax = 10 * kSecondMs;

// Admin access.
inline constexpr size_t kAdminTokenNameBytesMax = 64;
inline constexpr uint32_t kAdminTokensLiveMax = 100;
inline constexpr TimeMs kAdminTokenTouchMs = kHourMs;
inline constexpr size_t kIdempotencyKeyCharsMax = 64;
inline constexpr TimeMs kIdempotencyKeptMs = kDayMs;
inline constexpr TimeMs kIdempotencyTakeoverMs = kMinuteMs;
inline constexpr size_t kEntityTagsMax = 16;

// Cloudflare Access.
inline constexpr size_t kAccessTokenBytesMax = 8 * 1024;
inline constexpr TimeMs kAccessLeewayMs = kMinuteMs;       // between its clock and ours
inline constexpr TimeMs kAccessKeysAgeMsMax = kHourMs;     // the team's keys, in an isolate
inline constexpr TimeMs kAccessKeysBrakeMs = 10 * kSecondMs;  // between two questions for them
inline constexpr uint32_t kAccessKeysTimeoutMs = 5'000;
inline constexpr uint32_t kAccessKeysBytesMax = 64 * 1024;
inline constexpr size_t kAccessKeysMax = 16;

// Cloudflare D1, https://developers.cloudflare.com/d1/platform/limits/
inline constexpr int kD1BoundParametersMax = 100;
inline constexpr int kD1StatementBytesMax = 100'000;
inline constexpr int kD1ValueBytesMax = 2'000'000;
inline constexpr int kD1ColumnsMax = 100;
inline constexpr int kD1LikePatternBytesMax = 50;
// Not on that page: what workerd sets and answers.
inline constexpr int kD1CompoundTermsMax = 5;
inline constexpr int kD1ExpressionDepthMax = 100;
inline constexpr int kD1FunctionArgumentsMax = 127;
inline constexpr int kD1ProgramOpsMax = 25'000;
inline constexpr int kD1TriggerDepthMax = 10;
// D1 reads and answers every number as a double.
inline constexpr int64_t kD1IntegerMax = 9'007'199'254'740'992;

// Workers KV, https://developers.cloudflare.com/kv/platform/limits/
inline constexpr size_t kKvKeyBytesMax = 512;
inline constexpr size_t kKvValueBytesMax = 25 * 1024 * 1024;
inline constexpr uint32_t kKvTtlSecondsMin = 60;

// Workers refuse PBKDF2 with more rounds.
inline constexpr uint32_t kDeriveRoundsMax = 100'000;

static_assert(kRefreshAfterMs < kGrantLifeMs);
static_assert(kWebhookDeliveriesPerRun * kWebhookTimeoutMs < kWebhookLeaseMs);
static_assert(kKeyChecksPerRun * kVerifyTimeoutMs < kKeyCheckLeaseMs);
static_assert(kMachineIdleDaysMin * kDayMs > kGrantLifeMs);
static_assert(kBodyBytesClient < kBodyBytesReport && kBodyBytesReport < kBodyBytesAdmin);
static_assert(kReceiptBytesMax < kBodyBytesClient);
static_assert(kUsageKeptDaysMin * kDayMs > kUsageLateMs);
static_assert(kRepriceEventsPerSlice <= INT64_MAX / kD1IntegerMax);  // a slice's difference is a number

}  // namespace latchkey::limits
