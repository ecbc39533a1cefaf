#include "http/routes.h"

#include <algorithm>

#include "base/limits.h"
#include "http/endpoints.h"

namespace latchkey::http {
namespace {

constexpr auto kGet = Method::kGet;
constexpr auto kPost = Method::kPost;
constexpr auto kPut = Method::kPut;
constexpr auto kDelete = Method::kDelete;
constexpr auto kPatch = Method::kPatch;
constexpr auto kDryRun = DryRun::kHas;
constexpr auto kOpen = Auth::kNone;
constexpr auto kAdmin = Auth::kAdmin;
constexpr auto kSignedIn = Auth::kSignedIn;
constexpr auto kHook = Auth::kHook;
constexpr uint32_t kEvent = limits::kBodyBytesReport;
constexpr uint32_t kClient = limits::kBodyBytesClient;
constexpr uint32_t kLarge = limits::kBodyBytesAdmin;

// Sorted by path, then method.
constexpr Route kRoutes[] = {
    {kGet, "/.well-known/jwks.json", "jwks", kOpen, "", Body::kNone, 0, "", "Jwks", 200,
     "Public keys of receipts", jwks},
    {kGet, "/admin/alert-rules", "admin_alert_rule_list", kAdmin, "alerts:read", Body::kNone, 0, "", "AlertRuleList", 200,
     "Every kind of alert, and what is set of it", admin_alert_rule_list},
    {kPut, "/admin/alert-rules/{kind}", "admin_alert_rule_set", kAdmin, "alerts:write", Body::kRequired, kClient,
     "AlertRuleSet", "AlertRule", 200, "Switch a kind of alert on or off, or say how bad it is", admin_alert_rule_set,
     kDryRun},
    {kGet, "/admin/alerts", "admin_alert_list", kAdmin, "alerts:read", Body::kNone, 0, "", "AlertList", 200,
     "Alerts, newest first", admin_alert_list},
    {kGet, "/admin/alerts/{alert_id}", "admin_alert_show", kAdmin, "alerts:read", Body::kNone, 0, "", "Alert", 200,
     "One alert", admin_alert_show},
    {kPost, "/admin/alerts/{alert_id}/acknowledge", "admin_alert_acknowledge", kAdmin, "alerts:write", Body::kOptional,
     kClient, "Empty", "Alert", 200, "Say that an alert was seen: the webhooks hear of it again if it gets worse",
     admin_alert_acknowledge, kDryRun},
    {kPost, "/admin/alerts/{alert_id}/resolve", "admin_alert_resolve", kAdmin, "alerts:write", Body::kOptional, kClient,
     "Empty", "Alert", 200, "Say that the cause of an alert is over", admin_alert_resolve, kDryRun},
    {kPost, "/admin/alerts/{alert_id}/snooze", "admin_alert_snooze", kAdmin, "alerts:write", Body::kRequired, kClient,
     "AlertSnooze", "Alert", 200, "Keep an alert quiet for a while", admin_alert_snooze, kDryRun},
    {kGet, "/admin/audit", "admin_audit_list", kAdmin, "audit:read", Body::kNone, 0, "", "AuditList", 200,
     "What was done, newest first", admin_audit_list},
    {kGet, "/admin/audit/checkpoint", "admin_audit_checkpoint_show", kAdmin, "audit:read", Body::kNone, 0, "",
     "AuditHead", 200, "The newest signed head of the audit log, or one of another size", admin_audit_checkpoint_show},
    {kPost, "/admin/audit/checkpoint", "admin_audit_checkpoint_make", kAdmin, "audit:read", Body::kOptional, kClient,
     "Empty", "AuditHead", 200, "Hash what is new in the audit log and sign its head", admin_audit_checkpoint_make},
    {kGet, "/admin/audit/checkpoints", "admin_audit_checkpoint_list", kAdmin, "audit:read", Body::kNone, 0, "",
     "AuditCheckpointList", 200, "Signed heads of the audit log, newest first", admin_audit_checkpoint_list},
    {kGet, "/admin/audit/proof/consistency", "admin_audit_consistency", kAdmin, "audit:read", Body::kNone, 0, "",
     "AuditConsistency", 200, "A proof that the audit log only grew between two sizes", admin_audit_consistency},
    {kGet, "/admin/audit/proof/inclusion", "admin_audit_inclusion", kAdmin, "audit:read", Body::kNone, 0, "",
     "AuditInclusion", 200, "A proof that a record stands in the audit log", admin_audit_inclusion},
    {kGet, "/admin/audit/records", "admin_audit_records", kAdmin, "audit:read", Body::kNone, 0, "", "AuditRecords",
     200, "The exact lines of the audit log, in order", admin_audit_records},
    {kPost, "/admin/backup", "admin_backup", kAdmin, "backup:read", Body::kRequired, kClient, "BackupRequest",
     "BackupLine", 200, "Begin a backup, or make its next line", admin_backup},
    {kPost, "/admin/backup/verify", "admin_backup_verify", kAdmin, "backup:read", Body::kRequired, kLarge,
     "BackupVerify", "BackupVerified", 200, "Open a line of a backup and all that is sealed in it",
     admin_backup_verify},
    {kGet, "/admin/config", "admin_config", kAdmin, "config:read", Body::kNone, 0, "", "SettingList", 200,
     "Every setting with its value, default and source", admin_config},
    {kGet, "/admin/doctor", "admin_doctor", kAdmin, "config:read", Body::kNone, 0, "", "Doctor", 200,
     "What is well with the service, what is not, and what to do", admin_doctor},
    {kGet, "/admin/licenses", "admin_license_list", kAdmin, "licenses:read", Body::kNone, 0, "", "LicenseList", 200,
     "Licences, newest first", admin_license_list},
    {kPost, "/admin/licenses", "admin_license_create", kAdmin, "licenses:write", Body::kOptional, kLarge,
     "LicenseCreate", "LicensesCreated", 201, "Create one licence or many; codes are shown once",
     admin_license_create, kDryRun},
    {kPost, "/admin/licenses/bulk", "admin_license_bulk", kAdmin, "licenses:write", Body::kRequired, kClient,
     "LicenseBulk", "BulkReport", 200, "One act on the licences that a filter finds, a slice at a time",
     admin_license_bulk, kDryRun},
    {kPost, "/admin/licenses/import", "admin_license_import", kAdmin, "licenses:write", Body::kRequired, kLarge,
     "LicenseImport", "ImportReport", 200, "Import a list of licences, with a report for each line",
     admin_license_import, kDryRun},
    {kGet, "/admin/licenses/{license_id}", "admin_license_show", kAdmin, "licenses:read", Body::kNone, 0, "",
     "License", 200, "One licence", admin_license_show},
    {kPatch, "/admin/licenses/{license_id}", "admin_license_revise", kAdmin, "licenses:write", Body::kRequired,
     kClient, "LicenseRevise", "License", 200, "Other terms than the plan's, another plan, a note",
     admin_license_revise, kDryRun},
    {kGet, "/admin/licenses/{license_id}/anomaly", "admin_anomaly_show", kAdmin, "licenses:read", Body::kNone, 0, "",
     "Anomaly", 200, "How unlike before a licence is used, and why", admin_anomaly_show},
    {kGet, "/admin/licenses/{license_id}/history", "admin_license_history", kAdmin, "licenses:read", Body::kNone, 0,
     "", "LicenseHistory", 200, "What was done to a licence, newest first", admin_license_history},
    {kGet, "/admin/licenses/{license_id}/machines", "admin_machine_list", kAdmin, "licenses:read", Body::kNone, 0,
     "", "MachineList", 200, "The machines of a licence", admin_machine_list},
    {kPost, "/admin/licenses/{license_id}/reinstate", "admin_license_reinstate", kAdmin, "licenses:write",
     Body::kOptional, kClient, "Reason", "License", 200, "Make a suspended licence active again",
     admin_license_reinstate, kDryRun},
    {kPost, "/admin/licenses/{license_id}/reissue", "admin_license_reissue", kAdmin, "licenses:write",
     Body::kOptional, kClient, "Reissue", "LicenseReissued", 200,
     "A new code for a licence; seats and history stay", admin_license_reissue, kDryRun},
    {kPost, "/admin/licenses/{license_id}/revoke", "admin_license_revoke", kAdmin, "licenses:write",
     Body::kOptional, kClient, "Reason", "License", 200, "Refuse a licence for good", admin_license_revoke, kDryRun},
    {kGet, "/admin/licenses/{license_id}/sharing", "admin_sharing_show", kAdmin, "licenses:read", Body::kNone, 0, "",
     "Sharing", 200, "How much a licence looks shared, and why", admin_sharing_show},
    {kPost, "/admin/licenses/{license_id}/sharing/clear", "admin_sharing_clear", kAdmin, "licenses:write",
     Body::kOptional, kClient, "SharingClear", "Sharing", 200,
     "Forget what was seen of a licence and lift its throttle; look away for some days", admin_sharing_clear, kDryRun},
    {kPost, "/admin/licenses/{license_id}/suspend", "admin_license_suspend", kAdmin, "licenses:write",
     Body::kOptional, kClient, "Reason", "License", 200, "Refuse a licence until it is reinstated",
     admin_license_suspend, kDryRun},
    {kGet, "/admin/licenses/{license_id}/usage", "admin_license_usage", kAdmin, "usage:read", Body::kNone, 0, "",
     "LicenseUsage", 200, "Where a licence stands in its budget, and when that ends", admin_license_usage},
    {kGet, "/admin/machines", "admin_machine_list_all", kAdmin, "licenses:read", Body::kNone, 0, "", "MachinePage",
     200, "The machines of every licence, newest first", admin_machine_list_all},
    {kGet, "/admin/machines/{machine_id}", "admin_machine_show", kAdmin, "licenses:read", Body::kNone, 0, "",
     "Machine", 200, "One machine", admin_machine_show},
    {kPatch, "/admin/machines/{machine_id}", "admin_machine_rename", kAdmin, "licenses:write", Body::kRequired,
     kClient, "MachineRename", "Machine", 200, "Name a machine, or take its name away", admin_machine_rename, kDryRun},
    {kPost, "/admin/machines/{machine_id}/release", "admin_machine_release", kAdmin, "licenses:write",
     Body::kOptional, kClient, "Empty", "Machine", 200, "Free a machine's seat", admin_machine_release, kDryRun},
    {kGet, "/admin/master", "admin_master_show", kAdmin, "master:read", Body::kNone, 0, "", "Master", 200,
     "Which master key seals, and which ones open", admin_master_show},
    {kPost, "/admin/master/rewrap", "admin_master_rewrap", kAdmin, "master:write", Body::kOptional, kClient,
     "RewrapRequest", "RewrapSlice", 200, "Seal a slice of what is stored under the first master key",
     admin_master_rewrap, kDryRun},
    {kGet, "/admin/overview", "admin_overview", kAdmin, "metrics:read", Body::kNone, 0, "", "Overview", 200,
     "The service at one look: licences, grants, cost, alerts, health", admin_overview},
    {kGet, "/admin/payments", "admin_payment_list", kAdmin, "payments:read", Body::kNone, 0, "", "PaymentList", 200,
     "What Stripe and Gumroad sold, newest first", admin_payment_list},
    {kPost, "/admin/payments/reconcile", "admin_payment_reconcile", kAdmin, "payments:write", Body::kOptional, kClient,
     "PaymentReconcile", "PaymentWalks", 200, "Ask Stripe and Gumroad for missed events with the next run of cron",
     admin_payment_reconcile, kDryRun},
    {kGet, "/admin/payments/{payment_id}", "admin_payment_show", kAdmin, "payments:read", Body::kNone, 0, "",
     "PaymentShown", 200, "One purchase with its events", admin_payment_show},
    {kPost, "/admin/payments/{payment_id}/redeliver", "admin_payment_redeliver", kAdmin, "payments:write",
     Body::kOptional, kClient, "Empty", "PaymentShown", 200, "Hand a generated code to the seller again",
     admin_payment_redeliver, kDryRun},
    {kPost, "/admin/payments/{payment_id}/retry", "admin_payment_retry", kAdmin, "payments:write", Body::kOptional,
     kClient, "Empty", "PaymentShown", 200, "Settle a purchase anew", admin_payment_retry, kDryRun},
    {kGet, "/admin/plans", "admin_plan_list", kAdmin, "plans:read", Body::kNone, 0, "", "PlanList", 200,
     "The newest version of each plan", admin_plan_list},
    {kGet, "/admin/plans/{plan}", "admin_plan_show", kAdmin, "plans:read", Body::kNone, 0, "", "PlanList", 200,
     "Every version of a plan, newest first", admin_plan_show},
    {kPut, "/admin/plans/{plan}", "admin_plan_set", kAdmin, "plans:write", Body::kRequired, kClient, "PlanSet",
     "Plan", 200, "Make a plan, or its next version", admin_plan_set, kDryRun},
    {kGet, "/admin/prices", "admin_price_show", kAdmin, "prices:read", Body::kNone, 0, "", "PriceTable", 200,
     "The price table in force, or one before it", admin_price_show},
    {kPut, "/admin/prices", "admin_price_set", kAdmin, "prices:write", Body::kRequired, kLarge, "PriceSet", "PricesSet",
     200, "Bring another price table into force, whole", admin_price_set, kDryRun},
    {kPost, "/admin/prices/reprice", "admin_price_reprice", kAdmin, "prices:write", Body::kOptional, kClient,
     "RepriceRequest", "RepriceSlice", 200, "Price a slice of past events by the table in force", admin_price_reprice,
     kDryRun},
    {kGet, "/admin/prices/unpriced", "admin_price_unpriced", kAdmin, "prices:read", Body::kNone, 0, "",
     "UnpricedList", 200, "Models that were used without a price", admin_price_unpriced},
    {kGet, "/admin/prices/versions", "admin_price_versions", kAdmin, "prices:read", Body::kNone, 0, "",
     "PriceVersionList", 200, "The price tables that were stored, newest first", admin_price_versions},
    {kGet, "/admin/providers", "admin_provider_list", kAdmin, "providers:read", Body::kNone, 0, "", "ProviderList",
     200, "Where each provider's key comes from", admin_provider_list},
    {kPut, "/admin/providers/{provider}", "admin_provider_set", kAdmin, "providers:write", Body::kRequired, kClient,
     "ProviderSet", "Provider", 200, "Store a new version of a provider's key", admin_provider_set, kDryRun},
    {kGet, "/admin/queries", "admin_query_list", kAdmin, "queries:read", Body::kNone, 0, "", "QueryList", 200,
     "The queries of the cookbook, with what each takes and gives", admin_query_list},
    {kPost, "/admin/queries/{query}", "admin_query_run", kAdmin, "queries:read", Body::kOptional, kClient, "QueryRun",
     "QueryAnswer", 200, "Run a query of the cookbook; it only reads", admin_query_run},
    {kPost, "/admin/restore", "admin_restore_begin", kAdmin, "backup:write", Body::kRequired, kLarge, "RestoreBegin",
     "Restoring", 200, "Begin to restore a backup into this database, which must be empty", admin_restore_begin,
     kDryRun},
    {kPost, "/admin/restore/lines", "admin_restore_take", kAdmin, "backup:write", Body::kRequired, kLarge,
     "RestoreLine", "Restoring", 200, "Restore the next line of a backup", admin_restore_take},
    {kGet, "/admin/rotations", "admin_rotation_list", kAdmin, "rotation:read", Body::kNone, 0, "", "RotationList", 200,
     "Rotations of provider keys, newest first", admin_rotation_list},
    {kPost, "/admin/rotations", "admin_rotation_start", kAdmin, "rotation:write", Body::kRequired, kClient,
     "RotationStart", "Rotation", 201, "Replace a provider's key: stage it, verify it, publish it",
     admin_rotation_start, kDryRun},
    {kGet, "/admin/rotations/{rotation_id}", "admin_rotation_show", kAdmin, "rotation:read", Body::kNone, 0, "",
     "RotationShown", 200, "One rotation, and how many machines hold the new key", admin_rotation_show},
    {kPost, "/admin/rotations/{rotation_id}/cancel", "admin_rotation_cancel", kAdmin, "rotation:write", Body::kOptional,
     kClient, "Empty", "Rotation", 200, "Give up a rotation that is not published", admin_rotation_cancel, kDryRun},
    {kPost, "/admin/rotations/{rotation_id}/publish", "admin_rotation_publish", kAdmin, "rotation:write",
     Body::kOptional, kClient, "Empty", "Rotation", 200, "Give the new key to clients", admin_rotation_publish, kDryRun},
    {kPost, "/admin/rotations/{rotation_id}/retire", "admin_rotation_retire", kAdmin, "rotation:write", Body::kOptional,
     kClient, "Empty", "Rotation", 200, "End the grace of the old key", admin_rotation_retire, kDryRun},
    {kPost, "/admin/rotations/{rotation_id}/verify", "admin_rotation_verify", kAdmin, "rotation:write", Body::kOptional,
     kClient, "Empty", "Rotation", 200, "Ask the provider whether it takes the new key", admin_rotation_verify,
     kDryRun},
    {kGet, "/admin/session", "admin_session", kSignedIn, "", Body::kNone, 0, "", "Session", 200,
     "Who is signed in, and what they may do", admin_session},
    {kGet, "/admin/sharing", "admin_sharing_list", kAdmin, "licenses:read", Body::kNone, 0, "", "SharingList", 200,
     "Licences that look shared, highest score first", admin_sharing_list},
    {kGet, "/admin/tokens", "admin_token_list", kAdmin, "tokens:read", Body::kNone, 0, "", "AdminTokenList", 200,
     "Admin tokens, newest first", admin_token_list},
    {kPost, "/admin/tokens", "admin_token_create", kAdmin, "tokens:write", Body::kRequired, kClient,
     "AdminTokenCreate", "AdminTokenCreated", 201, "Make a named admin token, shown once", admin_token_create, kDryRun},
    {kGet, "/admin/tokens/bootstrap", "admin_bootstrap_show", kAdmin, "tokens:read", Body::kNone, 0, "", "Bootstrap",
     200, "Whether the bootstrap token counts", admin_bootstrap_show},
    {kPut, "/admin/tokens/bootstrap", "admin_bootstrap_set", kAdmin, "tokens:write", Body::kRequired, kClient,
     "BootstrapSet", "Bootstrap", 200, "Switch the bootstrap token on or off", admin_bootstrap_set, kDryRun},
    {kDelete, "/admin/tokens/{token_id}", "admin_token_revoke", kAdmin, "tokens:write", Body::kNone, 0, "",
     "AdminToken", 200, "Refuse an admin token for good", admin_token_revoke, kDryRun},
    {kGet, "/admin/usage", "admin_usage_sums", kAdmin, "usage:read", Body::kNone, 0, "", "UsageSums", 200,
     "Use and cost, summed by what is asked for", admin_usage_sums},
    {kGet, "/admin/usage/daily", "admin_usage_daily", kAdmin, "usage:read", Body::kNone, 0, "", "UsageDaily", 200,
     "Sums by day, licence, machine and model, for exports", admin_usage_daily},
    {kGet, "/admin/usage/licenses", "admin_usage_licenses", kAdmin, "usage:read", Body::kNone, 0, "",
     "UsageLicenses", 200, "The licences that cost most", admin_usage_licenses},
    {kGet, "/admin/usage/plans", "admin_usage_plans", kAdmin, "usage:read", Body::kNone, 0, "", "UsagePlans", 200,
     "What the licences of each plan cost in a month, and what they bring", admin_usage_plans},
    {kGet, "/admin/webhooks", "admin_webhook_list", kAdmin, "webhooks:read", Body::kNone, 0, "", "WebhookList", 200,
     "Every webhook, oldest first", admin_webhook_list},
    {kPost, "/admin/webhooks", "admin_webhook_create", kAdmin, "webhooks:write", Body::kRequired, kClient,
     "WebhookCreate", "WebhookCreated", 201, "Make a webhook; its secret is shown once", admin_webhook_create, kDryRun},
    {kPost, "/admin/webhooks/deliveries/{delivery_id}/redeliver", "admin_webhook_redeliver", kAdmin, "webhooks:write",
     Body::kOptional, kClient, "Empty", "WebhookDelivery", 200, "Post a message again with the next run of cron",
     admin_webhook_redeliver, kDryRun},
    {kGet, "/admin/webhooks/{webhook_id}", "admin_webhook_show", kAdmin, "webhooks:read", Body::kNone, 0, "", "Webhook",
     200, "One webhook", admin_webhook_show},
    {kDelete, "/admin/webhooks/{webhook_id}", "admin_webhook_delete", kAdmin, "webhooks:write", Body::kNone, 0, "",
     "Webhook", 200, "Delete a webhook", admin_webhook_delete, kDryRun},
    {kPatch, "/admin/webhooks/{webhook_id}", "admin_webhook_change", kAdmin, "webhooks:write", Body::kRequired, kClient,
     "WebhookChange", "Webhook", 200, "Change a webhook, pause it or switch it on", admin_webhook_change, kDryRun},
    {kGet, "/admin/webhooks/{webhook_id}/deliveries", "admin_webhook_delivery_list", kAdmin, "webhooks:read",
     Body::kNone, 0, "", "WebhookDeliveryList", 200, "The messages of a webhook, newest first",
     admin_webhook_delivery_list},
    {kPost, "/admin/webhooks/{webhook_id}/rotate-secret", "admin_webhook_rotate_secret", kAdmin, "webhooks:write",
     Body::kOptional, kClient, "WebhookRotate", "WebhookCreated", 200,
     "A new secret, shown once; the one before signs too for a while", admin_webhook_rotate_secret, kDryRun},
    {kPost, "/admin/webhooks/{webhook_id}/test", "admin_webhook_test", kAdmin, "webhooks:write", Body::kOptional,
     kClient, "Empty", "WebhookDelivery", 200, "Post a test message now", admin_webhook_test, kDryRun},
    {kGet, "/health", "health", kOpen, "", Body::kNone, 0, "", "Health", 200, "Whether the Worker answers", health},
    {kPost, "/hooks/gumroad/{secret}", "hook_gumroad", kHook, "", Body::kForm, kEvent, "GumroadPing", "HookTaken", 200,
     "What Gumroad posts", hook_gumroad},
    {kPost, "/hooks/stripe", "hook_stripe", kHook, "", Body::kRaw, kEvent, "StripeEvent", "HookTaken", 200,
     "What Stripe posts", hook_stripe},
    {kPost, "/keys/provision", "keys_provision", kOpen, "", Body::kRequired, kClient, "ProvisionRequest",
     "ProvisionResponse", 200, "A licence in, provider keys out", keys_provision},
    {kGet, "/keys/status", "keys_status_get", kOpen, "", Body::kNone, 0, "", "EdgeStatus", 200,
     "What a receipt is worth now", keys_status_get},
    {kPost, "/keys/status", "keys_status_post", kOpen, "", Body::kRequired, kClient, "StatusRequest",
     "StatusResponse", 200, "Whether a machine's keys changed", keys_status_post},
    {kPost, "/machines/release", "machines_release", kOpen, "", Body::kRequired, kClient, "ReleaseRequest",
     "ReleaseResponse", 200, "Free a seat, from a machine of the licence", machines_release, kDryRun},
    {kGet, "/metrics", "metrics", kAdmin, "metrics:read", Body::kNone, 0, "", "Text", 200,
     "The service's figures, as Prometheus reads them", metrics},
    {kGet, "/openapi.json", "openapi", kOpen, "", Body::kNone, 0, "", "Empty", 200, "This description", openapi},
    {kGet, "/ready", "ready", kOpen, "", Body::kNone, 0, "", "Ready", 200,
     "Whether crypto, D1 and KV work; 503 where one does not", ready},
    {kPost, "/trials", "trials", kOpen, "", Body::kRequired, kClient, "TrialRequest", "Trial", 201,
     "A licence for an e-mail address or a machine, once", trials},
    {kPost, "/usage/report", "usage_report", kOpen, "", Body::kRequired, limits::kBodyBytesReport, "UsageReport",
     "UsageReported", 200, "What was used of the models, and what it costs", usage_report},
    {kGet, "/version", "version", kOpen, "", Body::kNone, 0, "", "Version", 200, "Build and wasm hash", version},
};

constexpr bool is_sorted_and_unique() {
  for (size_t i = 1; i < std::size(kRoutes); ++i) {
    const Route& a = kRoutes[i - 1];
    const Route& b = kRoutes[i];
    if (a.path > b.path || (a.path == b.path && a.method >= b.method)) return false;
  }
  return true;
}
constexpr bool has_scope_and_limit() {
  for (const Route& route : kRoutes) {
    if ((route.auth == Auth::kAdmin) == route.scope.empty()) return false;
    // What asks for no scope changes nothing.
    if (route.auth == Auth::kSignedIn && route.method != Method::kGet) return false;
    if ((route.body == Body::kNone) != (route.body_bytes_max == 0)) return false;
  }
  return true;
}
static_assert(is_sorted_and_unique());
static_assert(has_scope_and_limit());

// parameter_of: what stands for the placeholder, or nullopt where the path is another.
std::optional<std::string_view> parameter_of(std::string_view pattern, std::string_view path) {
  const size_t open = pattern.find('{');
  if (open == std::string_view::npos) return pattern == path ? std::optional(std::string_view()) : std::nullopt;
  const std::string_view head = pattern.substr(0, open);
  const std::string_view tail = pattern.substr(pattern.find('}') + 1);
  if (!path.starts_with(head) || path.size() <= head.size() + tail.size() || !path.ends_with(tail)) {
    return std::nullopt;
  }
  const std::string_view parameter = path.substr(head.size(), path.size() - head.size() - tail.size());
  if (parameter.find('/') != std::string_view::npos) return std::nullopt;
  return parameter;
}

}  // namespace

std::span<const Route> routes() { return kRoutes; }

std::vector<std::string_view> known_scopes() {
  std::vector<std::string_view> known;
  for (const Route& route : kRoutes) {
    if (!route.scope.empty()) known.push_back(route.scope);
  }
  std::ranges::sort(known);
  known.erase(std::unique(known.begin(), known.end()), known.end());
  return known;
}

Match match(Method method, std::string_view path) {
  Match found;
  // A path that stands in the table as it is fills no other's placeholder.
  const bool is_literal = std::ranges::any_of(kRoutes, [&](const Route& route) { return route.path == path; });
  for (const Route& route : kRoutes) {
    if (is_literal && route.path != path) continue;
    const auto parameter = parameter_of(route.path, path);
    if (!parameter) continue;
    if (route.method == method) {
      found.route = &route;
      found.path_parameter = *parameter;
    }
    found.allowed.push_back(route.method);
    if (route.method == Method::kGet) found.allowed.push_back(Method::kHead);
  }
  return found;
}

}  // namespace latchkey::http
