// Every endpoint. One file each in endpoints/; the route table names them.
#pragma once

#include "http/context.h"

namespace latchkey::http {

Task<Result<Response>> keys_provision(Context& context);
Task<Result<Response>> keys_status_get(Context& context);
Task<Result<Response>> keys_status_post(Context& context);

Task<Result<Response>> machines_release(Context& context);

Task<Result<Response>> health(Context& context);
Task<Result<Response>> ready(Context& context);
Task<Result<Response>> trials(Context& context);
Task<Result<Response>> usage_report(Context& context);
Task<Result<Response>> version(Context& context);
Task<Result<Response>> openapi(Context& context);
Task<Result<Response>> jwks(Context& context);

Task<Result<Response>> admin_audit_list(Context& context);
Task<Result<Response>> admin_audit_checkpoint_show(Context& context);
Task<Result<Response>> admin_audit_checkpoint_make(Context& context);
Task<Result<Response>> admin_audit_checkpoint_list(Context& context);
Task<Result<Response>> admin_audit_consistency(Context& context);
Task<Result<Response>> admin_audit_inclusion(Context& context);
Task<Result<Response>> admin_audit_records(Context& context);
Task<Result<Response>> admin_license_list(Context& context);
Task<Result<Response>> admin_license_create(Context& context);
Task<Result<Response>> admin_license_import(Context& context);
Task<Result<Response>> admin_license_show(Context& context);
Task<Result<Response>> admin_license_revoke(Context& context);
Task<Result<Response>> admin_license_suspend(Context& context);
Task<Result<Response>> admin_license_reinstate(Context& context);
Task<Result<Response>> admin_license_reissue(Context& context);
Task<Result<Response>> admin_license_revise(Context& context);
Task<Result<Response>> admin_license_bulk(Context& context);
Task<Result<Response>> admin_license_history(Context& context);
Task<Result<Response>> admin_anomaly_show(Context& context);
Task<Result<Response>> admin_machine_list(Context& context);
Task<Result<Response>> admin_machine_list_all(Context& context);
Task<Result<Response>> admin_machine_show(Context& context);
Task<Result<Response>> admin_machine_rename(Context& context);
Task<Result<Response>> admin_machine_release(Context& context);
Task<Result<Response>> admin_plan_list(Context& context);
Task<Result<Response>> admin_plan_show(Context& context);
Task<Result<Response>> admin_plan_set(Context& context);
Task<Result<Response>> admin_price_show(Context& context);
Task<Result<Response>> admin_price_set(Context& context);
Task<Result<Response>> admin_price_reprice(Context& context);
Task<Result<Response>> admin_price_unpriced(Context& context);
Task<Result<Response>> admin_price_versions(Context& context);
Task<Result<Response>> admin_provider_list(Context& context);
Task<Result<Response>> admin_provider_set(Context& context);
Task<Result<Response>> admin_master_show(Context& context);
Task<Result<Response>> admin_master_rewrap(Context& context);
Task<Result<Response>> admin_backup(Context& context);
Task<Result<Response>> admin_backup_verify(Context& context);
Task<Result<Response>> admin_restore_begin(Context& context);
Task<Result<Response>> admin_restore_take(Context& context);
Task<Result<Response>> admin_rotation_list(Context& context);
Task<Result<Response>> admin_rotation_start(Context& context);
Task<Result<Response>> admin_rotation_show(Context& context);
Task<Result<Response>> admin_rotation_verify(Context& context);
Task<Result<Response>> admin_rotation_publish(Context& context);
Task<Result<Response>> admin_rotation_cancel(Context& context);
Task<Result<Response>> admin_rotation_retire(Context& context);
Task<Result<Response>> admin_sharing_list(Context& context);
Task<Result<Response>> admin_sharing_show(Context& context);
Task<Result<Response>> admin_sharing_clear(Context& context);
Task<Result<Response>> admin_token_list(Context& context);
Task<Result<Response>> admin_token_create(Context& context);
Task<Result<Response>> admin_token_revoke(Context& context);
Task<Result<Response>> admin_bootstrap_show(Context& context);
Task<Result<Response>> admin_bootstrap_set(Context& context);
Task<Result<Response>> admin_payment_list(Context& context);
Task<Result<Response>> admin_payment_show(Context& context);
Task<Result<Response>> admin_payment_redeliver(Context& context);
Task<Result<Response>> admin_payment_retry(Context& context);
Task<Result<Response>> admin_payment_reconcile(Context& context);
Task<Result<Response>> admin_config(Context& context);
Task<Result<Response>> admin_doctor(Context& context);
Task<Result<Response>> metrics(Context& context);
Task<Result<Response>> admin_alert_rule_list(Context& context);
Task<Result<Response>> admin_alert_rule_set(Context& context);
Task<Result<Response>> admin_alert_list(Context& context);
Task<Result<Response>> admin_alert_show(Context& context);
Task<Result<Response>> admin_alert_acknowledge(Context& context);
Task<Result<Response>> admin_alert_resolve(Context& context);
Task<Result<Response>> admin_alert_snooze(Context& context);
Task<Result<Response>> admin_webhook_list(Context& context);
Task<Result<Response>> admin_webhook_create(Context& context);
Task<Result<Response>> admin_webhook_redeliver(Context& context);
Task<Result<Response>> admin_webhook_show(Context& context);
Task<Result<Response>> admin_webhook_delete(Context& context);
Task<Result<Response>> admin_webhook_change(Context& context);
Task<Result<Response>> admin_webhook_delivery_list(Context& context);
Task<Result<Response>> admin_webhook_rotate_secret(Context& context);
Task<Result<Response>> admin_webhook_test(Context& context);

Task<Result<Response>> admin_session(Context& context);
Task<Result<Response>> admin_query_list(Context& context);
Task<Result<Response>> admin_query_run(Context& context);
Task<Result<Response>> admin_overview(Context& context);
Task<Result<Response>> admin_usage_sums(Context& context);
Task<Result<Response>> admin_usage_daily(Context& context);
Task<Result<Response>> admin_usage_licenses(Context& context);
Task<Result<Response>> admin_usage_plans(Context& context);
Task<Result<Response>> admin_license_usage(Context& context);
Task<Result<Response>> hook_stripe(Context& context);
Task<Result<Response>> hook_gumroad(Context& context);

}  // namespace latchkey::http
