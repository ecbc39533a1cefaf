#include "store/queries.h"

#include "store/sql_text.h"

namespace latchkey::store {
namespace {

constexpr char audit_append_source[] = {
#embed "queries/audit_append.sql"
};
constexpr SqlText audit_append_text(audit_append_source);

constexpr char audit_append_changed_source[] = {
#embed "queries/audit_append_changed.sql"
};
constexpr SqlText audit_append_changed_text(audit_append_changed_source);

constexpr char audit_append_licenses_source[] = {
#embed "queries/audit_append_licenses.sql"
};
constexpr SqlText audit_append_licenses_text(audit_append_licenses_source);

constexpr char audit_append_outbox_source[] = {
#embed "queries/audit_append_outbox.sql"
};
constexpr SqlText audit_append_outbox_text(audit_append_outbox_source);

constexpr char audit_append_over_source[] = {
#embed "queries/audit_append_over.sql"
};
constexpr SqlText audit_append_over_text(audit_append_over_source);

constexpr char audit_append_released_source[] = {
#embed "queries/audit_append_released.sql"
};
constexpr SqlText audit_append_released_text(audit_append_released_source);

constexpr char audit_delete_old_source[] = {
#embed "queries/audit_delete_old.sql"
};
constexpr SqlText audit_delete_old_text(audit_delete_old_source);

constexpr char license_exist_codes_source[] = {
#embed "queries/license_exist_codes.sql"
};
constexpr SqlText license_exist_codes_text(license_exist_codes_source);

constexpr char license_get_source[] = {
#embed "queries/license_get.sql"
};
constexpr SqlText license_get_text(license_get_source);

constexpr char license_get_many_source[] = {
#embed "queries/license_get_many.sql"
};
constexpr SqlText license_get_many_text(license_get_many_source);

constexpr char license_insert_bulk_source[] = {
#embed "queries/license_insert_bulk.sql"
};
constexpr SqlText license_insert_bulk_text(license_insert_bulk_source);

constexpr char license_list_source[] = {
#embed "queries/license_list.sql"
};
constexpr SqlText license_list_text(license_list_source);

constexpr char license_list_behind_kv_source[] = {
#embed "queries/license_list_behind_kv.sql"
};
constexpr SqlText license_list_behind_kv_text(license_list_behind_kv_source);

constexpr char license_list_by_holder_source[] = {
#embed "queries/license_list_by_holder.sql"
};
constexpr SqlText license_list_by_holder_text(license_list_by_holder_source);

constexpr char license_list_by_status_source[] = {
#embed "queries/license_list_by_status.sql"
};
constexpr SqlText license_list_by_status_text(license_list_by_status_source);

constexpr char license_mark_in_kv_source[] = {
#embed "queries/license_mark_in_kv.sql"
};
constexpr SqlText license_mark_in_kv_text(license_mark_in_kv_source);

constexpr char license_set_code_source[] = {
#embed "queries/license_set_code.sql"
};
constexpr SqlText license_set_code_text(license_set_code_source);

constexpr char license_set_status_source[] = {
#embed "queries/license_set_status.sql"
};
constexpr SqlText license_set_status_text(license_set_status_source);

constexpr char license_touch_source[] = {
#embed "queries/license_touch.sql"
};
constexpr SqlText license_touch_text(license_touch_source);

constexpr char license_touch_seated_source[] = {
#embed "queries/license_touch_seated.sql"
};
constexpr SqlText license_touch_seated_text(license_touch_seated_source);

constexpr char machine_claim_source[] = {
#embed "queries/machine_claim.sql"
};
constexpr SqlText machine_claim_text(machine_claim_source);

constexpr char machine_get_source[] = {
#embed "queries/machine_get.sql"
};
constexpr SqlText machine_get_text(machine_get_source);

constexpr char machine_keep_fernet_key_source[] = {
#embed "queries/machine_keep_fernet_key.sql"
};
constexpr SqlText machine_keep_fernet_key_text(machine_keep_fernet_key_source);

constexpr char machine_list_source[] = {
#embed "queries/machine_list.sql"
};
constexpr SqlText machine_list_text(machine_list_source);

constexpr char machine_release_source[] = {
#embed "queries/machine_release.sql"
};
constexpr SqlText machine_release_text(machine_release_source);

constexpr char plan_list_current_source[] = {
#embed "queries/plan_list_current.sql"
};
constexpr SqlText plan_list_current_text(plan_list_current_source);

constexpr char provider_key_list_published_source[] = {
#embed "queries/provider_key_list_published.sql"
};
constexpr SqlText provider_key_list_published_text(provider_key_list_published_source);

constexpr char provider_key_next_version_source[] = {
#embed "queries/provider_key_next_version.sql"
};
constexpr SqlText provider_key_next_version_text(provider_key_next_version_source);

constexpr char provider_key_publish_source[] = {
#embed "queries/provider_key_publish.sql"
};
constexpr SqlText provider_key_publish_text(provider_key_publish_source);

constexpr char provider_key_retire_source[] = {
#embed "queries/provider_key_retire.sql"
};
constexpr SqlText provider_key_retire_text(provider_key_retire_source);

constexpr char provision_certify_source[] = {
#embed "queries/provision_certify.sql"
};
constexpr SqlText provision_certify_text(provision_certify_source);

constexpr char provision_facts_source[] = {
#embed "queries/provision_facts.sql"
};
constexpr SqlText provision_facts_text(provision_facts_source);

constexpr char rate_limit_count_source[] = {
#embed "queries/rate_limit_count.sql"
};
constexpr SqlText rate_limit_count_text(rate_limit_count_source);

constexpr char rate_limit_count_one_source[] = {
#embed "queries/rate_limit_count_one.sql"
};
constexpr SqlText rate_limit_count_one_text(rate_limit_count_one_source);

constexpr char rate_limit_delete_ended_source[] = {
#embed "queries/rate_limit_delete_ended.sql"
};
constexpr SqlText rate_limit_delete_ended_text(rate_limit_delete_ended_source);

constexpr char rate_limit_record_over_source[] = {
#embed "queries/rate_limit_record_over.sql"
};
constexpr SqlText rate_limit_record_over_text(rate_limit_record_over_source);

constexpr char state_get_source[] = {
#embed "queries/state_get.sql"
};
constexpr SqlText state_get_text(state_get_source);

constexpr char state_mark_in_kv_source[] = {
#embed "queries/state_mark_in_kv.sql"
};
constexpr SqlText state_mark_in_kv_text(state_mark_in_kv_source);

constexpr char state_move_epoch_source[] = {
#embed "queries/state_move_epoch.sql"
};
constexpr SqlText state_move_epoch_text(state_move_epoch_source);

constexpr char state_move_ring_source[] = {
#embed "queries/state_move_ring.sql"
};
constexpr SqlText state_move_ring_text(state_move_ring_source);

constexpr char state_pass_seated_source[] = {
#embed "queries/state_pass_seated.sql"
};
constexpr SqlText state_pass_seated_text(state_pass_seated_source);

}  // namespace

constinit const std::string_view kAuditAppend = audit_append_text.view();
constinit const std::string_view kAuditAppendChanged = audit_append_changed_text.view();
constinit const std::string_view kAuditAppendLicenses = audit_append_licenses_text.view();
constinit const std::string_view kAuditAppendOutbox = audit_append_outbox_text.view();
constinit const std::string_view kAuditAppendOver = audit_append_over_text.view();
constinit const std::string_view kAuditAppendReleased = audit_append_released_text.view();
constinit const std::string_view kAuditDeleteOld = audit_delete_old_text.view();
constinit const std::string_view kLicenseExistCodes = license_exist_codes_text.view();
constinit const std::string_view kLicenseGet = license_get_text.view();
constinit const std::string_view kLicenseGetMany = license_get_many_text.view();
constinit const std::string_view kLicenseInsertBulk = license_insert_bulk_text.view();
constinit const std::string_view kLicenseList = license_list_text.view();
constinit const std::string_view kLicenseListBehindKv = license_list_behind_kv_text.view();
constinit const std::string_view kLicenseListByHolder = license_list_by_holder_text.view();
constinit const std::string_view kLicenseListByStatus = license_list_by_status_text.view();
constinit const std::string_view kLicenseMarkInKv = license_mark_in_kv_text.view();
constinit const std::string_view kLicenseSetCode = license_set_code_text.view();
constinit const std::string_view kLicenseSetStatus = license_set_status_text.view();
constinit const std::string_view kLicenseTouch = license_touch_text.view();
constinit const std::string_view kLicenseTouchSeated = license_touch_seated_text.view();
constinit const std::string_view kMachineClaim = machine_claim_text.view();
constinit const std::string_view kMachineGet = machine_get_text.view();
constinit const std::string_view kMachineKeepFernetKey = machine_keep_fernet_key_text.view();
constinit const std::string_view kMachineList = machine_list_text.view();
constinit const std::string_view kMachineRelease = machine_release_text.view();
constinit const std::string_view kPlanListCurrent = plan_list_current_text.view();
constinit const std::string_view kProviderKeyListPublished = provider_key_list_published_text.view();
constinit const std::string_view kProviderKeyNextVersion = provider_key_next_version_text.view();
constinit const std::string_view kProviderKeyPublish = provider_key_publish_text.view();
constinit const std::string_view kProviderKeyRetire = provider_key_retire_text.view();
constinit const std::string_view kProvisionCertify = provision_certify_text.view();
constinit const std::string_view kProvisionFacts = provision_facts_text.view();
constinit const std::string_view kRateLimitCount = rate_limit_count_text.view();
constinit const std::string_view kRateLimitCountOne = rate_limit_count_one_text.view();
constinit const std::string_view kRateLimitDeleteEnded = rate_limit_delete_ended_text.view();
constinit const std::string_view kRateLimitRecordOver = rate_limit_record_over_text.view();
constinit const std::string_view kStateGet = state_get_text.view();
constinit const std::string_view kStateMarkInKv = state_mark_in_kv_text.view();
constinit const std::string_view kStateMoveEpoch = state_move_epoch_text.view();
constinit const std::string_view kStateMoveRing = state_move_ring_text.view();
constinit const std::string_view kStatePassSeated = state_pass_seated_text.view();

namespace {
constexpr NamedQuery kAll[] = {
    {"audit_append", audit_append_text.view()},
    {"audit_append_changed", audit_append_changed_text.view()},
    {"audit_append_licenses", audit_append_licenses_text.view()},
    {"audit_append_outbox", audit_append_outbox_text.view()},
    {"audit_append_over", audit_append_over_text.view()},
    {"audit_append_released", audit_append_released_text.view()},
    {"audit_delete_old", audit_delete_old_text.view()},
    {"license_exist_codes", license_exist_codes_text.view()},
    {"license_get", license_get_text.view()},
    {"license_get_many", license_get_many_text.view()},
    {"license_insert_bulk", license_insert_bulk_text.view()},
    {"license_list", license_list_text.view()},
    {"license_list_behind_kv", license_list_behind_kv_text.view()},
    {"license_list_by_holder", license_list_by_holder_text.view()},
    {"license_list_by_status", license_list_by_status_text.view()},
    {"license_mark_in_kv", license_mark_in_kv_text.view()},
    {"license_set_code", license_set_code_text.view()},
    {"license_set_status", license_set_status_text.view()},
    {"license_touch", license_touch_text.view()},
    {"license_touch_seated", license_touch_seated_text.view()},
    {"machine_claim", machine_claim_text.view()},
    {"machine_get", machine_get_text.view()},
    {"machine_keep_fernet_key", machine_keep_fernet_key_text.view()},
    {"machine_list", machine_list_text.view()},
    {"machine_release", machine_release_text.view()},
    {"plan_list_current", plan_list_current_text.view()},
    {"provider_key_list_published", provider_key_list_published_text.view()},
    {"provider_key_next_version", provider_key_next_version_text.view()},
    {"provider_key_publish", provider_key_publish_text.view()},
    {"provider_key_retire", provider_key_retire_text.view()},
    {"provision_certify", provision_certify_text.view()},
    {"provision_facts", provision_facts_text.view()},
    {"rate_limit_count", rate_limit_count_text.view()},
    {"rate_limit_count_one", rate_limit_count_one_text.view()},
    {"rate_limit_delete_ended", rate_limit_delete_ended_text.view()},
    {"rate_limit_record_over", rate_limit_record_over_text.view()},
    {"state_get", state_get_text.view()},
    {"state_mark_in_kv", state_mark_in_kv_text.view()},
    {"state_move_epoch", state_move_epoch_text.view()},
    {"state_move_ring", state_move_ring_text.view()},
    {"state_pass_seated", state_pass_seated_text.view()},
};
}  // namespace

std::span<const NamedQuery> all_queries() { return kAll; }

}  // namespace latchkey::store
