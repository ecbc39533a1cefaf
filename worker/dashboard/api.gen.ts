// Written by scripts/gen-api from schema/components.json.

export type Text = string
export type RotationShown = (Rotation & {
adoption: ({
active: number
holding: number
lagging: {
count: number
oldest_seen_at: (string | null)
[k: string]: unknown | undefined
}
[k: string]: unknown | undefined
} | null)
[k: string]: unknown | undefined
})

export interface Api {
Empty?: Empty
Problem?: Problem
Notice?: Notice
ProvisionRequest?: ProvisionRequest
ProvisionResponse?: ProvisionResponse
StatusRequest?: StatusRequest
StatusResponse?: StatusResponse
ReleaseRequest?: ReleaseRequest
ReleaseResponse?: ReleaseResponse
Standing?: Standing
UsageReport?: UsageReport
UsageReported?: UsageReported
UsageSums?: UsageSums
UsageDaily?: UsageDaily
UsageLicenses?: UsageLicenses
UsagePlans?: UsagePlans
LicenseUsage?: LicenseUsage
EdgeStatus?: EdgeStatus
Health?: Health
Text?: Text
Doctor?: Doctor
Ready?: Ready
Version?: Version
Jwks?: Jwks
Holder?: Holder
AdminToken?: AdminToken
AdminTokenList?: AdminTokenList
AdminTokenCreate?: AdminTokenCreate
AdminTokenCreated?: AdminTokenCreated
BackupRequest?: BackupRequest
BackupLine?: BackupLine
BackupVerify?: BackupVerify
BackupVerified?: BackupVerified
RestoreBegin?: RestoreBegin
RestoreLine?: RestoreLine
Restoring?: Restoring
BootstrapSet?: BootstrapSet
Bootstrap?: Bootstrap
License?: License
LicenseList?: LicenseList
LicenseCreate?: LicenseCreate
LicensesCreated?: LicensesCreated
LicenseImport?: LicenseImport
ImportReport?: ImportReport
Reason?: Reason
Reissue?: Reissue
LicenseReissued?: LicenseReissued
Plan?: Plan
PlanList?: PlanList
PlanSet?: PlanSet
LicenseRevise?: LicenseRevise
LicenseHistory?: LicenseHistory
LicenseBulk?: LicenseBulk
BulkReport?: BulkReport
Machine?: Machine
MachinePage?: MachinePage
MachineRename?: MachineRename
MachineList?: MachineList
Provider?: Provider
ProviderList?: ProviderList
Master?: Master
RewrapRequest?: RewrapRequest
RewrapSlice?: RewrapSlice
ProviderSet?: ProviderSet
Rotation?: Rotation
RotationList?: RotationList
RotationShown?: RotationShown
RotationStart?: RotationStart
TrialRequest?: TrialRequest
Trial?: Trial
Sharing?: Sharing
Anomaly?: Anomaly
SharingClear?: SharingClear
SharingList?: SharingList
AuditHead?: AuditHead
AuditCheckpointList?: AuditCheckpointList
AuditConsistency?: AuditConsistency
AuditInclusion?: AuditInclusion
AuditRecords?: AuditRecords
AuditList?: AuditList
SettingList?: SettingList
Payment?: Payment
PaymentList?: PaymentList
PaymentShown?: PaymentShown
PaymentReconcile?: PaymentReconcile
PaymentWalks?: PaymentWalks
StripeEvent?: StripeEvent
GumroadPing?: GumroadPing
HookTaken?: HookTaken
Alert?: Alert
AlertList?: AlertList
AlertSnooze?: AlertSnooze
AlertRule?: AlertRule
AlertRuleList?: AlertRuleList
AlertRuleSet?: AlertRuleSet
Webhook?: Webhook
WebhookList?: WebhookList
WebhookCreate?: WebhookCreate
WebhookCreated?: WebhookCreated
WebhookChange?: WebhookChange
WebhookRotate?: WebhookRotate
WebhookDelivery?: WebhookDelivery
WebhookDeliveryList?: WebhookDeliveryList
PriceRow?: PriceRow
PriceAlias?: PriceAlias
PriceTable?: PriceTable
PriceSet?: PriceSet
PricesSet?: PricesSet
PriceVersionList?: PriceVersionList
UnpricedList?: UnpricedList
RepriceRequest?: RepriceRequest
RepriceSlice?: RepriceSlice
Session?: Session
QueryList?: QueryList
QueryRun?: QueryRun
QueryAnswer?: QueryAnswer
Overview?: Overview
}
export interface Empty {
[k: string]: unknown | undefined
}
/**
 * RFC 9457, with the members the first clients read.
 */
export interface Problem {
type: string
title: string
status: number
detail: string
success: false
error: string
message: string
retryable: boolean
request_id: string
resets_at?: string
errors?: {
location: string
message: string
[k: string]: unknown | undefined
}[]
usage?: Standing
[k: string]: unknown | undefined
}
export interface Standing {
/**
 * Of the limit of which most is used; without limits the month.
 */
period: ("daily" | "monthly" | "total")
/**
 * USD.
 */
cost: string
limit: (string | null)
remaining: (string | null)
resets_at: (string | null)
[k: string]: unknown | undefined
}
export interface Notice {
code: ("unknown_provider" | "provider_not_in_plan" | "provider_unavailable" | "license_ending" | "receipt_expired" | "machine_unknown" | "keys_rotated")
provider?: string
message: string
[k: string]: unknown | undefined
}
/**
 * Unknown members are ignored.
 */
export interface ProvisionRequest {
license_id?: (string | null)
machine_id: string
app_version?: (string | null)
requested_providers?: (string[] | null)
client_public_key?: (string | null)
delivery?: (("fernet" | "hpke" | "plain") | null)
receipt?: (string | null)
[k: string]: unknown | undefined
}
/**
 * Times stand at the top except with delivery plain, where each key has its own.
 */
export interface ProvisionResponse {
success: true
keys: {
[k: string]: string | {
api_key: string
expires_at?: string
refresh_after?: string
[k: string]: unknown | undefined
} | undefined
}
hpke?: {
kem: number
kdf: number
aead: number
enc: string
[k: string]: unknown | undefined
}
expires_at?: string
refresh_after?: string
delivery: ("fernet" | "hpke" | "plain")
key_versions: {
[k: string]: number | undefined
}
notices: Notice[]
receipt: string
[k: string]: unknown | undefined
}
export interface StatusRequest {
license_id?: (string | null)
machine_id: string
receipt?: (string | null)
[k: string]: unknown | undefined
}
export interface StatusResponse {
changed: boolean
changed_providers?: ("deepseek" | "kimi" | "mistral" | "qwen" | "yandex" | "zhipu")[]
key_versions?: {
[k: string]: number | undefined
}
refresh_after?: string
notices?: Notice[]
[k: string]: unknown | undefined
}
export interface ReleaseRequest {
/**
 * May be left out beside a receipt as bearer.
 */
license_id?: (string | null)
machine_id: string
/**
 * mch_... of another machine of the licence; otherwise the one that asks.
 */
release_machine_id?: (string | null)
receipt?: (string | null)
[k: string]: unknown | undefined
}
export interface ReleaseResponse {
/**
 * False where the seat was free already, and in a dry run.
 */
released: boolean
machine_id: string
released_at: string
/**
 * When another machine may take the seat; null: now.
 */
seat_free_at: (string | null)
seats: {
max: number
used: number
cooling_down: number
free: number
[k: string]: unknown | undefined
}
releases: {
limit: number
left: number
[k: string]: unknown | undefined
}
machines: {
id: string
name: (string | null)
last_seen_at: string
is_this: boolean
seat_free_at: (string | null)
[k: string]: unknown | undefined
}[]
dry_run?: true
[k: string]: unknown | undefined
}
export interface UsageReport {
/**
 * May be left out beside a receipt, in the body or as bearer.
 */
license_id?: (string | null)
/**
 * The same.
 */
machine_id?: (string | null)
receipt?: (string | null)
/**
 * @maxItems 500
 */
events: {
/**
 * Unique within the licence: an event is counted once under it.
 */
event_id: string
provider: ("deepseek" | "kimi" | "mistral" | "qwen" | "yandex" | "zhipu")
model: string
/**
 * The whole prompt.
 */
input_tokens: number
/**
 * All that was generated.
 */
output_tokens: number
/**
 * Of input_tokens.
 */
cached_input_tokens?: (number | null)
/**
 * Of output_tokens.
 */
reasoning_tokens?: (number | null)
/**
 * At most 35 days ago and 5 minutes ahead.
 */
at: string
[k: string]: unknown | undefined
}[]
[k: string]: unknown | undefined
}
export interface UsageReported {
success: true
accepted: number
duplicates: number
/**
 * Of those accepted: no price of their model is known.
 */
unpriced: number
rejected: {
index: number
status: number
error: ("invalid_event" | "unknown_provider" | "too_old" | "in_future" | "conflict")
message: string
[k: string]: unknown | undefined
}[]
usage: Standing
[k: string]: unknown | undefined
}
export interface UsageSums {
from: string
until: string
data: {
hour?: string
day?: string
month?: string
hour_of_day?: number
/**
 * 0 is Monday.
 */
weekday?: number
plan?: string
provider?: string
model?: string
machine_id?: string
requests: number
input_tokens: number
output_tokens: number
cached_input_tokens: number
reasoning_tokens: number
/**
 * USD.
 */
cost: string
unpriced: number
[k: string]: unknown | undefined
}[]
total: {
requests: number
input_tokens: number
output_tokens: number
cached_input_tokens: number
reasoning_tokens: number
/**
 * USD.
 */
cost: string
unpriced: number
[k: string]: unknown | undefined
}
[k: string]: unknown | undefined
}
export interface UsageDaily {
data: {
day: string
license_id: string
machine_id: string
provider: string
model: string
requests: number
input_tokens: number
output_tokens: number
cached_input_tokens: number
reasoning_tokens: number
/**
 * USD.
 */
cost: string
unpriced: number
[k: string]: unknown | undefined
}[]
next_cursor: (string | null)
[k: string]: unknown | undefined
}
export interface UsageLicenses {
data: {
license_id: string
code_hint: string
plan: string
requests: number
/**
 * USD.
 */
cost: string
unpriced: number
[k: string]: unknown | undefined
}[]
[k: string]: unknown | undefined
}
export interface UsagePlans {
month: string
days: number
days_gone: number
data: {
plan: string
/**
 * With use in the month.
 */
licenses: number
/**
 * USD.
 */
cost: string
/**
 * USD.
 */
median: string
/**
 * USD.
 */
p90: string
/**
 * USD.
 */
p99: string
/**
 * USD.
 */
max: string
monthly_price: (string | null)
/**
 * USD.
 */
revenue: string
/**
 * Whose plan says no price.
 */
unpriced_licenses: number
margin: (string | null)
/**
 * Licences that cost more than they bring.
 */
losing: number
[k: string]: unknown | undefined
}[]
[k: string]: unknown | undefined
}
export interface LicenseUsage {
budget: {
daily: (string | null)
monthly: (string | null)
total: (string | null)
[k: string]: unknown | undefined
}
enforcement: ("track" | "warn" | "block")
blocked: boolean
spent: {
daily: (string | null)
monthly: (string | null)
total: (string | null)
[k: string]: unknown | undefined
}
limits: {
usage: Standing
method: string
/**
 * Null: fewer than seven days of history.
 */
forecast: ({
/**
 * When the limit is reached; null: not before until.
 */
reached_at: (string | null)
/**
 * One time in ten it is before this.
 */
earliest: (string | null)
/**
 * One time in ten it is after this, or not at all.
 */
latest: (string | null)
until: string
/**
 * Of the period, at until.
 */
cost: string
/**
 * USD.
 */
cost_low: string
/**
 * USD.
 */
cost_high: string
[k: string]: unknown | undefined
} | null)
[k: string]: unknown | undefined
}[]
days: {
day: string
requests: number
/**
 * USD.
 */
cost: string
unpriced: number
[k: string]: unknown | undefined
}[]
[k: string]: unknown | undefined
}
export interface EdgeStatus {
changed: boolean
changed_providers: ("deepseek" | "kimi" | "mistral" | "qwen" | "yandex" | "zhipu")[]
plan: string
key_versions: {
[k: string]: number | undefined
}
license_expires_at: (string | null)
epoch: number
refresh_after?: string
notices: Notice[]
[k: string]: unknown | undefined
}
export interface Health {
status: "ok"
[k: string]: unknown | undefined
}
export interface Doctor {
/**
 * The worst of the checks.
 */
status: ("ok" | "warn" | "fail")
/**
 * The service's clock.
 */
time: string
data: {
name: ("crypto" | "d1" | "schema" | "kv" | "outbox" | "kv_copy" | "clock" | "cron" | "usage" | "prices" | "provider_keys" | "key_age" | "audit" | "secrets" | "bootstrap" | "access" | "settings" | "webhooks" | "alerts" | "backup")
status: ("ok" | "warn" | "fail")
detail: string
what_to_do: (string | null)
}[]
[k: string]: unknown | undefined
}
export interface Ready {
ready: boolean
checks: {
[k: string]: "ok" | "failed" | undefined
}
[k: string]: unknown | undefined
}
export interface Version {
name: string
build: string
wasm_sha256: string
environment: ("production" | "development")
[k: string]: unknown | undefined
}
export interface Jwks {
keys: {
kty: "OKP"
crv: "Ed25519"
x: string
kid: string
use?: "sig"
alg?: "EdDSA"
[k: string]: unknown | undefined
}[]
[k: string]: unknown | undefined
}
export interface Holder {
name?: (string | null)
email?: (string | null)
[k: string]: unknown | undefined
}
export interface AdminToken {
id: string
name: string
hint: string
status: ("active" | "expired" | "revoked")
scopes: string[]
expires_at: (string | null)
revoked_at: (string | null)
created_by: string
created_at: string
last_used_at: (string | null)
dry_run?: true
[k: string]: unknown | undefined
}
export interface AdminTokenList {
data: AdminToken[]
next_cursor: (string | null)
[k: string]: unknown | undefined
}
export interface AdminTokenCreate {
name: string
/**
 * @minItems 1
 */
scopes: string[]
expires_at?: (string | null)
}
export interface AdminTokenCreated {
id: string
name: string
hint: string
status: ("active" | "expired" | "revoked")
scopes: string[]
expires_at: (string | null)
revoked_at: (string | null)
created_by: string
created_at: string
last_used_at: (string | null)
/**
 * Shown once; absent in a dry run.
 */
token?: string
dry_run?: true
[k: string]: unknown | undefined
}
/**
 * The key alone begins a backup.
 */
export interface BackupRequest {
/**
 * lk_backup_..., the backup's own key.
 */
key: string
backup_id?: string
/**
 * Number of the line that is due; the header is 0.
 */
line?: number
/**
 * base64url SHA-256 of the line before.
 */
previous?: string
cursor?: string
}
export interface BackupLine {
backup_id: string
line: number
text: string
table: string
rows: number
next_cursor: (string | null)
[k: string]: unknown | undefined
}
export interface BackupVerify {
key: string
backup_id: string
line: number
previous: string
text: string
}
export interface BackupVerified {
table: string
rows: number
/**
 * Sealed values that none of this service's master keys opens.
 */
unreadable: {
provider_keys: number
holders: number
derived_keys: number
buyers: number
codes: number
webhooks: number
[k: string]: unknown | undefined
}
/**
 * Of the last line: rows of each table.
 */
counts?: {
[k: string]: number | undefined
}
[k: string]: unknown | undefined
}
export interface RestoreBegin {
key: string
header: string
/**
 * Number of the last line.
 */
line: number
previous: string
/**
 * The last line.
 */
text: string
accept_loss?: boolean
}
export interface RestoreLine {
key: string
backup_id: string
line: number
previous: string
text: string
}
export interface Restoring {
backup_id: string
done: boolean
/**
 * The last line that was taken.
 */
line: number
rows: number
/**
 * Rows whose place was taken, in all.
 */
skipped: number
/**
 * Keys of the backup that this service has not.
 */
lost_keys?: {
master_keys: string[]
index_key: boolean
[k: string]: unknown | undefined
}
dry_run?: true
[k: string]: unknown | undefined
}
export interface BootstrapSet {
enabled: boolean
}
export interface Bootstrap {
enabled: boolean
dry_run?: true
[k: string]: unknown | undefined
}
export interface License {
id: string
code_hint: string
kind: ("generated" | "code" | "email")
plan: string
plan_version: number
status: ("active" | "suspended" | "revoked" | "expired")
trial: boolean
status_reason: (string | null)
expires_at: (string | null)
first_use_days: (number | null)
/**
 * @minItems 1
 */
providers: ("deepseek" | "kimi" | "mistral" | "qwen" | "yandex" | "zhipu")[]
/**
 * @minItems 1
 */
deliveries: ("fernet" | "hpke" | "plain")[]
max_machines: number
machines_used: number
overrides: {
/**
 * @minItems 1
 */
providers?: ("deepseek" | "kimi" | "mistral" | "qwen" | "yandex" | "zhipu")[]
/**
 * @minItems 1
 */
deliveries?: ("fernet" | "hpke" | "plain")[]
max_machines?: number
/**
 * A time, or never.
 */
expires_at?: string
/**
 * USD.
 */
budget?: {
daily?: (string | null)
monthly?: (string | null)
total?: (string | null)
}
enforcement?: ("track" | "warn" | "block")
[k: string]: unknown | undefined
}
dry_run?: true
note: (string | null)
holder: (Holder | null)
first_provision_at: (string | null)
last_provision_at: (string | null)
created_at: string
updated_at: string
version: number
/**
 * USD.
 */
budget: {
daily?: (string | null)
monthly?: (string | null)
total?: (string | null)
}
enforcement: ("track" | "warn" | "block")
[k: string]: unknown | undefined
}
export interface LicenseList {
data: License[]
next_cursor: (string | null)
[k: string]: unknown | undefined
}
export interface LicenseCreate {
plan?: string
count?: number
code?: string
expires_at?: (string | null)
max_machines?: number
holder?: Holder
note?: string
}
export interface LicensesCreated {
dry_run?: true
licenses: (License & {
/**
 * Absent in a dry run.
 */
code?: string
[k: string]: unknown | undefined
})[]
[k: string]: unknown | undefined
}
export interface LicenseImport {
dry_run?: boolean
/**
 * @minItems 1
 * @maxItems 500
 */
rows: {
line?: number
code?: string
email?: string
plan?: string
expires_at?: (string | null)
max_machines?: number
holder_name?: string
holder_email?: string
note?: string
}[]
}
export interface ImportReport {
dry_run: boolean
created: number
skipped: number
failed: number
rows: {
line: number
status: ("created" | "exists" | "error")
id?: string
code?: string
error?: string
message?: string
[k: string]: unknown | undefined
}[]
[k: string]: unknown | undefined
}
export interface Reason {
reason?: string
}
export interface Reissue {
code?: string
}
export interface LicenseReissued {
license: License
/**
 * Absent in a dry run that names none.
 */
code?: string
dry_run?: true
[k: string]: unknown | undefined
}
export interface Plan {
name: string
version: number
/**
 * @minItems 1
 */
providers: ("deepseek" | "kimi" | "mistral" | "qwen" | "yandex" | "zhipu")[]
/**
 * @minItems 1
 */
deliveries: ("fernet" | "hpke" | "plain")[]
max_machines: number
license_days: (number | null)
expiry_from: ("creation" | "first_use")
models: (string[] | null)
limits: {
[k: string]: number | undefined
}
budget: {
daily?: (string | null)
monthly?: (string | null)
total?: (string | null)
}
enforcement: ("track" | "warn" | "block")
monthly_price: (string | null)
description: (string | null)
created_at: string
created_by: string
retired_at: (string | null)
dry_run?: true
[k: string]: unknown | undefined
}
export interface PlanList {
data: Plan[]
[k: string]: unknown | undefined
}
export interface PlanSet {
/**
 * @minItems 1
 */
providers: ("deepseek" | "kimi" | "mistral" | "qwen" | "yandex" | "zhipu")[]
/**
 * @minItems 1
 */
deliveries: ("fernet" | "hpke" | "plain")[]
max_machines: number
license_days?: (number | null)
expiry_from?: ("creation" | "first_use")
models?: (string[] | null)
limits?: {
[k: string]: number | undefined
}
budget?: ({
daily?: (string | null)
monthly?: (string | null)
total?: (string | null)
} | null)
enforcement?: ("track" | "warn" | "block")
monthly_price?: (string | null)
description?: (string | null)
/**
 * No new licences.
 */
retired?: boolean
}
/**
 * Null takes an override away.
 */
export interface LicenseRevise {
plan?: string
providers?: (("deepseek" | "kimi" | "mistral" | "qwen" | "yandex" | "zhipu")[] | null)
deliveries?: (("fernet" | "hpke" | "plain")[] | null)
max_machines?: (number | null)
expires_at?: (string | null)
note?: (string | null)
/**
 * In place of all of the plan's.
 */
budget?: ({
daily?: (string | null)
monthly?: (string | null)
total?: (string | null)
} | null)
enforcement?: (("track" | "warn" | "block") | null)
}
export interface LicenseHistory {
status: ("active" | "suspended" | "revoked" | "expired")
data: {
at: string
action: string
status: (("active" | "suspended" | "revoked") | null)
reason: (string | null)
actor: string
request_id: string
details: ({
[k: string]: unknown | undefined
} | null)
[k: string]: unknown | undefined
}[]
next_cursor: (string | null)
[k: string]: unknown | undefined
}
export interface LicenseBulk {
filter: {
status?: ("active" | "suspended" | "revoked" | "expired")
plan?: string
never_provisioned?: boolean
expires_before?: string
}
act: ("extend" | "revoke" | "suspend" | "reinstate" | "replan")
days?: number
expires_at?: string
plan?: string
reason?: string
expected_count?: number
after?: string
}
export interface BulkReport {
dry_run: boolean
matched: number
changed: number
skipped: number
next: (string | null)
sample: License[]
[k: string]: unknown | undefined
}
export interface Machine {
id: string
license_id: string
first_seen_at: string
last_seen_at: string
released_at: (string | null)
/**
 * Its holder freed the seat: no other machine gets it until then.
 */
seat_held_until: (string | null)
country: (string | null)
app_version: (string | null)
name: (string | null)
version: number
dry_run?: true
[k: string]: unknown | undefined
}
export interface MachinePage {
data: Machine[]
next_cursor: (string | null)
[k: string]: unknown | undefined
}
export interface MachineRename {
name: (string | null)
}
export interface MachineList {
data: Machine[]
[k: string]: unknown | undefined
}
export interface Provider {
provider: ("deepseek" | "kimi" | "mistral" | "qwen" | "yandex" | "zhipu")
source: ("secret" | "stored" | "none")
version: (number | null)
updated_at: (string | null)
/**
 * Older than KEY_MAX_AGE_DAYS.
 */
rotation_due: boolean
/**
 * What the provider last said of its key.
 */
key_check: ({
verdict: ("accepted" | "refused" | "could_not_ask")
detail: string
checked_at: string
[k: string]: unknown | undefined
} | null)
dry_run?: true
[k: string]: unknown | undefined
}
export interface ProviderList {
data: Provider[]
[k: string]: unknown | undefined
}
export interface Master {
sealing_kid: string
kids: string[]
}
export interface RewrapRequest {
cursor?: (string | null)
}
export interface RewrapSlice {
sealing_kid: string
kids: string[]
table: string
looked_at: number
rewrapped: number
unreadable: string[]
next_cursor: (string | null)
dry_run?: true
}
export interface ProviderSet {
api_key: string
}
/**
 * id is null in a dry run.
 */
export interface Rotation {
id: (string | null)
provider: ("deepseek" | "kimi" | "mistral" | "qwen" | "yandex" | "zhipu")
state: ("staged" | "verified" | "published" | "retired" | "failed" | "cancelled")
/**
 * How it stands and what to do.
 */
message: string
from_version: (number | null)
to_version: number
verify: boolean
emergency: boolean
grace_days: number
ends_by: ("time" | "adoption")
verdict: (("accepted" | "refused" | "could_not_ask") | null)
verdict_detail: (string | null)
verified_at: (string | null)
publish_at: (string | null)
published_at: (string | null)
grace_ends_at: (string | null)
old_key_verdict: (("accepted" | "refused" | "could_not_ask") | null)
old_key_verdict_at: (string | null)
worker_secret: (string | null)
failure: (string | null)
actor: string
created_at: string
updated_at: string
ended_at: (string | null)
dry_run?: true
[k: string]: unknown | undefined
}
export interface RotationList {
data: Rotation[]
next_cursor: (string | null)
[k: string]: unknown | undefined
}
export interface RotationStart {
provider: ("deepseek" | "kimi" | "mistral" | "qwen" | "yandex" | "zhipu")
api_key: string
grace_days?: number
verify?: boolean
emergency?: boolean
ends_by?: ("time" | "adoption")
publish_at?: string
}
/**
 * One of the two.
 */
export interface TrialRequest {
email?: string
machine_id?: string
[k: string]: unknown | undefined
}
export interface Trial {
success: true
/**
 * The code to provision with.
 */
license_id: string
plan: string
expires_at: (string | null)
[k: string]: unknown | undefined
}
export interface Sharing {
license_id: string
code_hint: string
plan: string
status: ("active" | "suspended" | "revoked")
score: number
level: ("none" | "warn" | "throttle" | "suspend")
level_since: (string | null)
quiet_since: (string | null)
/**
 * Scores at which each step is taken; null: never.
 */
policy: {
warn: (number | null)
throttle: (number | null)
suspend: (number | null)
[k: string]: unknown | undefined
}
requests_per_hour: (number | null)
/**
 * Most points first.
 */
reasons: {
signal: ("side_by_side" | "turnover" | "crowded_days" | "networks" | "countries" | "apart" | "impossible_travel" | "cloned_machine")
value: number
points: number
sentence: string
[k: string]: unknown | undefined
}[]
/**
 * In the last 30 days; refused machines never had a seat.
 */
seen: {
seats: number
machines: number
refused: number
countries: number
networks: number
days: number
[k: string]: unknown | undefined
}
scored_at: (string | null)
ignored_until: (string | null)
dry_run?: true
[k: string]: unknown | undefined
}
export interface Anomaly {
license_id: string
code_hint: string
plan: string
status: ("active" | "suspended" | "revoked")
/**
 * The last hour with use that was scored; null: none was.
 */
hour: (string | null)
score: number
/**
 * False: only what is odd of any licence counted.
 */
has_baseline: boolean
/**
 * Most points first.
 */
reasons: {
signal: ("rate" | "cost" | "prompts" | "tenfold_day" | "new_models" | "new_countries" | "unusual_hours" | "no_seat" | "at_limit" | "scattered")
value: number
points: number
sentence: string
[k: string]: unknown | undefined
}[]
scored_at: (string | null)
/**
 * The last hour that alarmed; null: none did, or the last one is a week ago.
 */
last_alarm: ({
hour: string
score: number
/**
 * Most points first.
 */
reasons: {
signal: ("rate" | "cost" | "prompts" | "tenfold_day" | "new_models" | "new_countries" | "unusual_hours" | "no_seat" | "at_limit" | "scattered")
value: number
points: number
sentence: string
[k: string]: unknown | undefined
}[]
[k: string]: unknown | undefined
} | null)
/**
 * Null: none is open.
 */
alert: ({
id: string
state: ("open" | "acknowledged")
since: string
count: number
[k: string]: unknown | undefined
} | null)
baseline: {
days: number
first_day: (string | null)
last_day: (string | null)
requests_per_day: number
peak_requests: number
/**
 * UTC
 */
usual_hours: number[]
models: {
name: string
first_day: string
last_day: string
[k: string]: unknown | undefined
}[]
countries: {
name: string
first_day: string
last_day: string
[k: string]: unknown | undefined
}[]
[k: string]: unknown | undefined
}
[k: string]: unknown | undefined
}
export interface SharingClear {
ignore_days?: number
}
export interface SharingList {
data: Sharing[]
next_cursor: (string | null)
[k: string]: unknown | undefined
}
export interface AuditHead {
size: number
/**
 * base64
 */
root: string
/**
 * C2SP tlog-checkpoint
 */
note: string
at: string
/**
 * What verifies the note: name+id+key (vkey).
 */
key: string
/**
 * So many of the oldest records are gone.
 */
first: number
/**
 * base64: the perfect subtrees of those.
 */
before: string[]
[k: string]: unknown | undefined
}
export interface AuditCheckpointList {
data: {
size: number
note: string
at: string
[k: string]: unknown | undefined
}[]
next_cursor: (string | null)
[k: string]: unknown | undefined
}
export interface AuditConsistency {
from: number
to: number
/**
 * base64, in the order of RFC 9162, 2.1.4.
 */
hashes: string[]
[k: string]: unknown | undefined
}
export interface AuditInclusion {
seq: number
/**
 * seq - 1
 */
leaf: number
/**
 * Of the tree.
 */
size: number
/**
 * The leaf.
 */
record: string
/**
 * base64, in the order of RFC 9162, 2.1.3.
 */
hashes: string[]
[k: string]: unknown | undefined
}
export interface AuditRecords {
after: number
/**
 * The line of the record after `after`, and so on without a gap.
 */
data: string[]
next_after: (number | null)
[k: string]: unknown | undefined
}
export interface AuditList {
/**
 * May be shorter than limit, or empty, while there are more.
 */
data: {
seq: number
at: string
action: string
outcome: string
reason: (string | null)
actor: string
license_id: (string | null)
machine_hash: (string | null)
address_hash: (string | null)
country: (string | null)
user_agent: (string | null)
request_id: string
item: number
details: ({
[k: string]: unknown | undefined
} | null)
[k: string]: unknown | undefined
}[]
next_cursor: (string | null)
[k: string]: unknown | undefined
}
export interface SettingList {
data: {
name: string
kind: ("secret" | "text" | "integer")
value: (string | null)
default: (string | null)
source: ("environment" | "default" | "missing")
description: string
[k: string]: unknown | undefined
}[]
[k: string]: unknown | undefined
}
export interface Payment {
id: string
provider: ("stripe" | "gumroad")
/**
 * The provider's id that the purchase is known by.
 */
reference: string
product: (string | null)
outcome: ("licensed" | "unmapped" | "no_email" | "held")
status: ("none" | "active" | "suspended" | "revoked")
reason: (string | null)
plan: (string | null)
ends_at: (string | null)
license_id: (string | null)
code_delivery: (("due" | "delivered" | "given_up") | null)
created_at: string
updated_at: string
[k: string]: unknown | undefined
}
export interface PaymentList {
data: Payment[]
next_cursor: (string | null)
[k: string]: unknown | undefined
}
export interface PaymentShown {
id: string
provider: ("stripe" | "gumroad")
/**
 * The provider's id that the purchase is known by.
 */
reference: string
product: (string | null)
outcome: ("licensed" | "unmapped" | "no_email" | "held")
status: ("none" | "active" | "suspended" | "revoked")
reason: (string | null)
plan: (string | null)
ends_at: (string | null)
license_id: (string | null)
code_delivery: (("due" | "delivered" | "given_up") | null)
created_at: string
updated_at: string
events: {
id: string
type: string
state: ("new" | "taken" | "waiting" | "ignored")
occurred_at: string
received_at: string
[k: string]: unknown | undefined
}[]
code_deliveries: {
id: string
state: ("due" | "delivered" | "given_up")
attempts: number
last_error: (string | null)
has_code: boolean
next_at: (string | null)
created_at: string
delivered_at: (string | null)
[k: string]: unknown | undefined
}[]
dry_run?: true
[k: string]: unknown | undefined
}
export interface PaymentReconcile {
/**
 * How far back; without it, to where the last walk began.
 */
days?: number
}
export interface PaymentWalks {
data: {
provider: string
configured: boolean
last_at: (string | null)
refused_at: (string | null)
[k: string]: unknown | undefined
}[]
dry_run?: true
[k: string]: unknown | undefined
}
/**
 * An event as Stripe posts it, with the header Stripe-Signature.
 */
export interface StripeEvent {
id: string
object: "event"
type: string
created: number
livemode?: boolean
data: {
object: {
[k: string]: unknown | undefined
}
[k: string]: unknown | undefined
}
[k: string]: unknown | undefined
}
/**
 * A post of Gumroad's. It says only which sale to read.
 */
export interface GumroadPing {
resource_name?: string
seller_id?: string
sale_id?: string
subscription_id?: string
[k: string]: unknown | undefined
}
export interface HookTaken {
received: true
outcome: ("taken" | "waiting" | "ignored" | "known")
[k: string]: unknown | undefined
}
export interface Alert {
id: string
kind: string
/**
 * What it is about: a licence, a provider, a step of cron.
 */
subject: string
severity: ("info" | "warning" | "critical")
/**
 * How bad within its kind, such as per cent of a budget.
 */
level: number
state: ("open" | "acknowledged" | "resolved")
title: string
/**
 * What to do.
 */
advice: string
details: {
[k: string]: unknown | undefined
}
/**
 * How often it was seen.
 */
count: number
first_at: string
last_at: string
snoozed_until: (string | null)
acted_by: (string | null)
acted_at: (string | null)
resolved_at: (string | null)
dry_run?: true
[k: string]: unknown | undefined
}
export interface AlertList {
data: Alert[]
next_cursor: (string | null)
[k: string]: unknown | undefined
}
/**
 * One of the two.
 */
export interface AlertSnooze {
minutes?: number
until?: string
}
export interface AlertRule {
kind: ("audit_broken" | "budget_threshold" | "cron_failed" | "guessing_address" | "license_anomaly" | "license_shared" | "payment_unmapped" | "price_unknown_model" | "provider_key_refused" | "provider_key_unreachable" | "rotation_failed" | "webhook_failing")
enabled: boolean
severity: ("info" | "warning" | "critical")
default_severity: ("info" | "warning" | "critical")
title: string
advice: string
updated_by: (string | null)
updated_at: (string | null)
dry_run?: true
[k: string]: unknown | undefined
}
export interface AlertRuleList {
data: AlertRule[]
[k: string]: unknown | undefined
}
export interface AlertRuleSet {
enabled?: boolean
/**
 * Absent: the kind's own.
 */
severity?: ("info" | "warning" | "critical")
}
export interface Webhook {
id: string
name: string
/**
 * Scheme and host: the rest of a URL may hold a token.
 */
url_hint: string
/**
 * Kinds of alerts, or * for all of them; audit_checkpoint: signed heads of the audit log.
 * 
 * @minItems 1
 */
events: ("*" | "audit_broken" | "audit_checkpoint" | "budget_threshold" | "cron_failed" | "guessing_address" | "license_anomaly" | "license_shared" | "payment_unmapped" | "price_unknown_model" | "provider_key_refused" | "provider_key_unreachable" | "rotation_failed" | "webhook_failing")[]
min_severity: ("info" | "warning" | "critical")
/**
 * disabled: its receiver answered 410.
 */
state: ("active" | "paused" | "disabled")
/**
 * Attempts that failed, in a row.
 */
failures: number
/**
 * Until then the secret before signs too.
 */
old_secret_until: (string | null)
created_by: string
created_at: string
updated_at: string
last_delivered_at: (string | null)
dry_run?: true
[k: string]: unknown | undefined
}
export interface WebhookList {
data: Webhook[]
[k: string]: unknown | undefined
}
export interface WebhookCreate {
name: string
/**
 * https, to a host of the public DNS.
 */
url: string
/**
 * Kinds of alerts, or * for all of them; audit_checkpoint: signed heads of the audit log.
 * 
 * @minItems 1
 */
events?: ("*" | "audit_broken" | "audit_checkpoint" | "budget_threshold" | "cron_failed" | "guessing_address" | "license_anomaly" | "license_shared" | "payment_unmapped" | "price_unknown_model" | "provider_key_refused" | "provider_key_unreachable" | "rotation_failed" | "webhook_failing")[]
min_severity?: ("info" | "warning" | "critical")
}
export interface WebhookCreated {
id: string
name: string
/**
 * Scheme and host: the rest of a URL may hold a token.
 */
url_hint: string
/**
 * Kinds of alerts, or * for all of them; audit_checkpoint: signed heads of the audit log.
 * 
 * @minItems 1
 */
events: ("*" | "audit_broken" | "audit_checkpoint" | "budget_threshold" | "cron_failed" | "guessing_address" | "license_anomaly" | "license_shared" | "payment_unmapped" | "price_unknown_model" | "provider_key_refused" | "provider_key_unreachable" | "rotation_failed" | "webhook_failing")[]
min_severity: ("info" | "warning" | "critical")
/**
 * disabled: its receiver answered 410.
 */
state: ("active" | "paused" | "disabled")
/**
 * Attempts that failed, in a row.
 */
failures: number
/**
 * Until then the secret before signs too.
 */
old_secret_until: (string | null)
created_by: string
created_at: string
updated_at: string
last_delivered_at: (string | null)
/**
 * whsec_...: shown once; absent in a dry run.
 */
secret?: string
dry_run?: true
[k: string]: unknown | undefined
}
export interface WebhookChange {
name?: string
/**
 * https, to a host of the public DNS.
 */
url?: string
/**
 * Kinds of alerts, or * for all of them; audit_checkpoint: signed heads of the audit log.
 * 
 * @minItems 1
 */
events?: ("*" | "audit_broken" | "audit_checkpoint" | "budget_threshold" | "cron_failed" | "guessing_address" | "license_anomaly" | "license_shared" | "payment_unmapped" | "price_unknown_model" | "provider_key_refused" | "provider_key_unreachable" | "rotation_failed" | "webhook_failing")[]
min_severity?: ("info" | "warning" | "critical")
state?: ("active" | "paused")
}
export interface WebhookRotate {
overlap_hours?: number
}
export interface WebhookDelivery {
/**
 * The header webhook-id.
 */
id: string
webhook_id: string
alert_id: (string | null)
type: ("alert.raised" | "alert.resolved" | "audit.checkpoint" | "webhook.test")
state: ("due" | "delivered" | "failed" | "dropped")
attempts: number
next_at: (string | null)
last_status: (number | null)
last_error: (string | null)
created_at: string
delivered_at: (string | null)
dry_run?: true
[k: string]: unknown | undefined
}
export interface WebhookDeliveryList {
data: WebhookDelivery[]
next_cursor: (string | null)
[k: string]: unknown | undefined
}
export interface PriceRow {
provider: ("deepseek" | "kimi" | "mistral" | "qwen" | "yandex" | "zhipu")
model: string
/**
 * YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ: since when; until the model's next row begins.
 */
effective_from: string
effective_to?: (string | null)
/**
 * US dollars for 1,000,000 tokens.
 */
input: string
output: string
cached_input?: (string | null)
reasoning?: (string | null)
source?: (string | null)
as_of?: (string | null)
note?: (string | null)
}
export interface PriceAlias {
provider: ("deepseek" | "kimi" | "mistral" | "qwen" | "yandex" | "zhipu")
alias: string
model: string
}
export interface PriceTable {
/**
 * 0: the table in the build.
 */
version: number
created_at: (string | null)
created_by: (string | null)
note: (string | null)
num_rows: number
/**
 * @minItems 1
 * @maxItems 2000
 */
rows: PriceRow[]
/**
 * @maxItems 2000
 */
aliases: PriceAlias[]
}
export interface PriceSet {
/**
 * @minItems 1
 * @maxItems 2000
 */
rows: PriceRow[]
aliases?: (PriceAlias[] | null)
note?: (string | null)
}
export interface PricesSet {
/**
 * 0: the table in the build.
 */
version: number
created_at: (string | null)
created_by: (string | null)
note: (string | null)
num_rows: number
difference: {
added: number
changed: number
removed: number
aliases_added: number
aliases_removed: number
/**
 * The first of them.
 * 
 * @maxItems 200
 */
rows: {
change: ("added" | "changed" | "removed")
before: (PriceRow | null)
after: (PriceRow | null)
}[]
}
warnings: {
location: string
message: string
[k: string]: unknown | undefined
}[]
dry_run?: true
}
export interface PriceVersionList {
data: {
/**
 * 0: the table in the build.
 */
version: number
created_at: (string | null)
created_by: (string | null)
note: (string | null)
num_rows: number
}[]
next_cursor: (string | null)
}
export interface UnpricedList {
data: {
provider: ("deepseek" | "kimi" | "mistral" | "qwen" | "yandex" | "zhipu")
model: string
requests: number
/**
 * To the hour.
 */
last_used_at: string
reason: (("unknown_provider" | "unknown_model" | "too_early" | "ended") | null)
}[]
next_cursor: (string | null)
}
export interface RepriceRequest {
since?: (string | null)
cursor?: (string | null)
}
export interface RepriceSlice {
version: number
walked: number
changed: number
/**
 * US dollars: what the events cost now less what they did.
 */
difference: string
next_cursor: (string | null)
dry_run?: true
}
export interface Session {
/**
 * As in the audit log.
 */
actor: string
kind: ("bootstrap" | "token" | "access")
/**
 * Null behind Cloudflare Access.
 */
name: (string | null)
token_id: (string | null)
expires_at: (string | null)
/**
 * Every scope that is held, one by one.
 */
scopes: string[]
/**
 * Every scope that there is.
 */
known_scopes: string[]
environment: ("production" | "development")
build: string
wasm_sha256: string
time: string
/**
 * The name of the audit log, in its checkpoints and keys.
 */
audit_origin: string
[k: string]: unknown | undefined
}
export interface QueryList {
data: {
name: string
title: string
description: string
parameters: {
name: string
description: string
type: ("integer" | "text")
required: boolean
default?: number
minimum?: number
maximum?: number
[k: string]: unknown | undefined
}[]
columns: {
name: string
/**
 * A time is RFC 3339, a date YYYY-MM-DD, an amount of dollars a decimal text.
 */
type: ("text" | "integer" | "time" | "date" | "usd")
[k: string]: unknown | undefined
}[]
plot: ({
kind: ("line" | "bars" | "heatmap")
x: string
y: string[]
/**
 * Of a heatmap.
 */
value: (string | null)
[k: string]: unknown | undefined
} | null)
[k: string]: unknown | undefined
}[]
[k: string]: unknown | undefined
}
export interface QueryRun {
parameters?: {
[k: string]: number | string | null | undefined
}
limit?: number
}
export interface QueryAnswer {
name: string
columns: string[]
rows: (string | number | null)[][]
/**
 * There are more rows.
 */
truncated: boolean
/**
 * By D1.
 */
rows_read: number
/**
 * Of D1.
 */
duration_ms: number
[k: string]: unknown | undefined
}
export interface Overview {
time: string
/**
 * That of doctor.
 */
status: ("ok" | "warn" | "fail")
licenses: {
active: number
expired: number
revoked: number
suspended: number
[k: string]: unknown | undefined
}
/**
 * Licences that look shared, by what was done.
 */
shared: {
suspend: number
throttle: number
warn: number
[k: string]: unknown | undefined
}
/**
 * With a seat, seen in the last 30 days.
 */
machines: number
provisions: {
/**
 * Of the last so many.
 */
minutes: number
granted: number
/**
 * By reason.
 */
denied: {
[k: string]: number | undefined
}
[k: string]: unknown | undefined
}
cost: {
today: {
requests: number
/**
 * USD.
 */
cost: string
unpriced: number
[k: string]: unknown | undefined
}
month: {
requests: number
/**
 * USD.
 */
cost: string
unpriced: number
[k: string]: unknown | undefined
}
method: string
forecast: ({
until: string
/**
 * USD.
 */
cost: string
/**
 * USD.
 */
cost_low: string
/**
 * USD.
 */
cost_high: string
[k: string]: unknown | undefined
} | null)
/**
 * With use, of the last 42, oldest first.
 */
days: {
day: string
requests: number
/**
 * USD.
 */
cost: string
unpriced: number
[k: string]: unknown | undefined
}[]
[k: string]: unknown | undefined
}
/**
 * Open ones.
 */
alerts: {
critical: number
warning: number
info: number
[k: string]: unknown | undefined
}
d1: {
took_ms: number
[k: string]: unknown | undefined
}
kv: {
answers: boolean
took_ms: (number | null)
/**
 * Audit rows that wait, at most 100.
 */
outbox: (number | null)
licenses_behind: number
ring_behind: boolean
[k: string]: unknown | undefined
}
providers: {
provider: ("deepseek" | "kimi" | "mistral" | "qwen" | "yandex" | "zhipu")
source: ("secret" | "stored" | "none")
version: (number | null)
published_at: (string | null)
/**
 * What the provider last said of its key.
 */
verdict: (("accepted" | "refused" | "could_not_ask") | null)
checked_at: (string | null)
/**
 * State of the open one.
 */
rotation: (("staged" | "verified" | "published") | null)
today: {
requests: number
/**
 * USD.
 */
cost: string
unpriced: number
[k: string]: unknown | undefined
}
[k: string]: unknown | undefined
}[]
webhooks: {
active: number
disabled: number
paused: number
[k: string]: unknown | undefined
}
audit: {
records: number
checkpoint_records: number
checkpoint_at: (string | null)
[k: string]: unknown | undefined
}
cron_at: (string | null)
backup_at: (string | null)
usage_behind: number
/**
 * Figures that stopped at their bound: there is more.
 */
capped: ("acts" | "days" | "licenses" | "licenses_behind_kv" | "machines" | "payments" | "usage" | "webhook_deliveries")[]
[k: string]: unknown | undefined
}
