#include "admin/licenses.h"

#include <set>

#include "base/check.h"
#include "base/ids.h"
#include "edge/copy.h"
#include "edge/sync.h"
#include "json/writer.h"
#include "store/queries.h"

namespace latchkey::admin {
crypto::SealContext holder_context(std::string_view license_id) {
  return {.table = "licenses", .row_id = license_id, .owner = "holder", .version = 1};
}

namespace {

constexpr std::string_view kAfterEveryId = "lic_~";

std::optional<std::string> own(std::optional<std::string_view> text) {
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

Unexpected not_found(std::string_view what) {
  return fail(ErrorCode::kNotFound, "There is no " + std::string(what) + " with this id.");
}

Unexpected code_is_taken() {
  return fail(ErrorCode::kConflict, "The code is taken, or the licence was changed by someone else.");
}

// Lower case, so that a search finds a name however it was typed.
std::string fold_name(std::string_view name) {
  std::string out(name);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

std::string created_details(const NewLicense& license) {
  json::Writer out;
  out.begin_object()
      .field("code_hint", license.code.hint())
      .field("kind", code_kind_name(license.code.kind))
      .field("plan", license.plan)
      .end_object();
  return std::move(out).take();
}

// add_audit_changed: the audit row of an act on a licence, if the next statement will change it: the row
// is at the version presumed, and the code it is to get, if any, is free.
void add_audit_changed(host::Batch& batch, const store::AuditRow& row, int64_t presumed_version,
                       std::optional<std::string_view> new_code_hash) {
  batch.add(store::kAuditAppendChanged)
      .bind(row.at)
      .bind(row.request_id)
      .bind(row.action)
      .bind(row.reason)
      .bind(row.actor)
      .bind(row.license_id)
      .bind(row.address_hash)
      .bind(row.country)
      .bind(row.user_agent)
      .bind(row.details)
      .bind(presumed_version)
      .bind(new_code_hash);
}

}  // namespace

Plans plans_of(const host::BatchAnswer& answer, size_t statement) {
  Plans plans;
  answer.each_row(statement, [&](host::Row row) { plans.emplace(row.text("name"), read_plan(row)); });
  return plans;
}

void write_license_row(json::Writer& out, const config::Config& config, crypto::Random& random, std::string_view id,
                       const NewLicense& license, const LicenseTerms& terms) {
  std::optional<std::string> sealed, name_hash, email_hash;
  const Holder& holder = license.holder;
  if (!holder.empty()) {
    json::Writer plain;
    plain.begin_object();
    plain.field("email", holder.email);
    plain.field("name", holder.name);
    plain.end_object();
    sealed = config.master.seal(random, crypto::SealPurpose::kHolder, holder_context(id), as_bytes(plain.text())).text();
    using crypto::IndexPurpose;
    if (holder.name) name_hash = config.index.hash(IndexPurpose::kHolder, fold_name(*holder.name)).text();
    if (holder.email) email_hash = config.index.hash(IndexPurpose::kHolder, *holder.email).text();
  }
  out.begin_object()
      .field("id", id)
      .field("code_hash", license.code.hash(config.index).text())
      .field("code_hint", license.code.hint())
      .field("kind", code_kind_name(license.code.kind))
      .field("plan", terms.plan)
      .field("plan_version", terms.plan_version)
      .field("providers", provider_list(terms.providers))
      .field("deliveries", terms.deliveries)
      .field("max_machines", terms.max_machines)
      .field("budget", budget::print_budget(terms.budget))
      .field("overrides", print_overrides(terms.overrides));
  out.field("expires_at", terms.expires_at);
  out.field("first_use_days", terms.first_use_days);
  out.field("holder", sealed);
  out.field("holder_name_hash", name_hash);
  out.field("holder_email_hash", email_hash);
  out.field("note", license.note);
  out.field("trial_of", license.trial_of);
  out.end_object();
}

LicenseTerms terms_of(const host::Row& row) {
  LicenseTerms terms{.plan = std::string(row.text("plan")),
                     .plan_version = row.integer("plan_version"),
                     .providers = {},
                     .deliveries = row.integer("deliveries"),
                     .max_machines = row.integer("max_machines"),
                     .expires_at = row.integer_or_null("expires_at"),
                     .first_use_days = row.integer_or_null("first_use_days"),
                     .budget = budget::read_budget(row.text_or_null("budget")),
                     .overrides = {}};
  if (const auto list = json::Document::parse_host(row.text("providers"))) {
    terms.providers = read_provider_list(list->root());
  }
  if (const auto kept = json::Document::parse_host(row.text_or_null("overrides").value_or("{}"))) {
    terms.overrides = read_overrides(kept->root());
  }
  return terms;
}

LicenseView LicenseService::view_of(const host::Row& row) const {
  LicenseView view{.id = std::string(row.text("id")),
                   .code_hint = std::string(row.text("code_hint")),
                   .kind = std::string(row.text("kind")),
                   .terms = terms_of(row),
                   .is_trial = !row.is_null("trial_of"),
                   .has_overrides = !row.is_null("overrides"),
                   .status = std::string(row.text("status")),
                   .stored_status = std::string(row.text("status")),
                   .status_reason = own(row.text_or_null("status_reason")),
                   .machines_used = row.integer("seats_used"),
                   .note = own(row.text_or_null("note")),
                   .first_provision_at = row.integer_or_null("first_provision_at"),
                   .last_provision_at = row.integer_or_null("last_provision_at"),
                   .created_at = row.integer("created_at"),
                   .updated_at = row.integer("updated_at"),
                   .version = row.integer("version")};
  view.status = status_now(view.stored_status, view.terms.expires_at, host_.clock.now());
  if (const auto sealed = row.text_or_null("holder")) {
    const auto plain = config_.master.open(crypto::SealPurpose::kHolder, holder_context(view.id),
                                           crypto::Sealed(std::string(*sealed)));
    const auto document =
        plain ? json::Document::parse_host(plain->reveal_text(SecretAccess("an admin reads the holder")))
              : Result<json::Document>(Unexpected(plain.error()));
    if (document) {
      const auto text = [&](std::string_view name) {
        const auto value = document->root().member(name);
        return own(value ? value->string() : std::nullopt);
      };
      view.holder = {text("name"), text("email")};
    }
  }
  return view;
}

Task<Error> LicenseService::not_changed(std::string_view id, const Versions& expected, Error otherwise) {
  if (expected.is_any) co_return otherwise;
  const auto now = co_await show(id);
  if (!now) co_return now.error();
  co_return expected.has(now->version) ? otherwise : precondition_failed();
}

Task<void> LicenseService::carry(std::optional<std::string_view> license_id) {
  const auto synced = co_await edge::sync(host_, config_, edge::kSyncAfterAct, license_id);
  if (synced) co_return;
  json::Writer record;
  record.begin_object().field("event", "edge_sync_failed").field("detail", synced.error().detail()).end_object();
  host_.log.write(host::LogLevel::kWarning, record.text());
}

Task<Result<std::vector<Created>>> LicenseService::create(const std::vector<NewLicense>& licenses, Run run,
                                                          std::string_view action) {
  const TimeMs now = host_.clock.now();
  // 1. Load: the plans, and in a dry run which codes are taken.
  json::Writer codes;
  codes.begin_array();
  for (const NewLicense& license : licenses) codes.string(license.code.hash(config_.index).text());
  codes.end_array();
  host::Batch look;
  look.add(store::kPlanListCurrent);
  look.add(store::kLicenseExistCodes).bind(codes.text());
  CO_TRY(const host::BatchAnswer found, co_await host_.db.run(std::move(look)));
  const auto plans = plans_of(found, 0);
  std::set<std::string, std::less<>> taken;
  found.each_row(1, [&](host::Row row) { taken.emplace(row.text("code_hash")); });

  // 2. Decide: an unknown plan, a code that is taken or stands in the list twice.
  std::vector<Created> created(licenses.size());
  json::Writer rows, audits;
  rows.begin_array();
  audits.begin_array();
  for (size_t i = 0; i < licenses.size(); ++i) {
    const auto plan = plans.find(licenses[i].plan);
    const std::string code(licenses[i].code.hash(config_.index).text());
    if (plan == plans.end()) {
      created[i].status = CreateStatus::kUnknownPlan;
    } else if (plan->second.terms.retired) {
      created[i].status = CreateStatus::kRetiredPlan;
    } else if (!taken.insert(code).second) {
      created[i].status = CreateStatus::kExists;
    } else {
      ByteArray<kIdRandomBytes> random;
      host_.random.fill(random);
      created[i].id = make_id("lic_", now, random);
      created[i].terms = apply_plan(plan->second, licenses[i].overrides, now, std::nullopt);
      write_license_row(rows, config_, host_.random, created[i].id, licenses[i], created[i].terms);
      audits.begin_object()
          .field("id", created[i].id)
          .field("details", created_details(licenses[i]))
          .end_object();
    }
  }
  rows.end_array();
  audits.end_array();
  if (run == Run::kDry) co_return created;

  // 3. Store, rows and audit in one batch. A code taken meanwhile is skipped there.
  const provision::Client& client = actor_.client;
  host::Batch store;
  store.add(store::kLicenseInsertBulk).bind(rows.text()).bind(now);
  store.add(store::kAuditAppendLicenses)
      .bind(now)
      .bind(client.request_id)
      .bind(action)
      .bind(actor_.name)
      .bind(client.address_hash.text())
      .bind(store::or_null(client.country))
      .bind(store::or_null(client.user_agent))
      .bind(audits.text());
  CO_TRY(const host::BatchAnswer stored, co_await host_.db.run(std::move(store)));
  std::set<std::string, std::less<>> inserted;
  stored.each_row(0, [&](host::Row row) { inserted.emplace(row.text("id")); });
  for (Created& one : created) {
    if (one.status == CreateStatus::kCreated && !inserted.contains(one.id)) one = {CreateStatus::kExists, {}, {}};
  }
  co_await carry(std::nullopt);
  co_return created;
}

Task<Result<LicenseView>> LicenseService::show(std::string_view id) {
  host::Batch batch;
  batch.add(store::kLicenseGet).bind(id);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  const auto row = answer.first(0);
  if (!row) co_return not_found("licence");
  co_return view_of(*row);
}

Task<Result<std::vector<LicenseView>>> LicenseService::show_many(const std::vector<std::string>& ids) {
  json::Writer list;
  list.begin_array();
  for (const std::string& id : ids) list.string(id);
  list.end_array();
  host::Batch batch;
  batch.add(store::kLicenseGetMany).bind(list.text());
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  std::vector<LicenseView> views;
  answer.each_row(0, [&](host::Row row) { views.push_back(view_of(row)); });
  co_return views;
}

Task<Result<LicensePage>> LicenseService::list(const LicenseFilter& filter, std::string_view after_id,
                                               uint32_t rows_max) {
  const std::string_view after = after_id.empty() ? kAfterEveryId : after_id;
  const auto bind_common = [&](host::Batch& batch) {
    batch.bind(after).bind(filter.plan).bind(filter.never_provisioned ? 1 : 0).bind(rows_max + 1);
  };
  host::Batch batch;
  if (filter.holder) {
    const auto email = license::normalize_email(*filter.holder);
    batch.add(store::kLicenseListByHolder);
    bind_common(batch);
    batch.bind(config_.index.hash(crypto::IndexPurpose::kHolder, email ? *email : fold_name(*filter.holder)).text());
  } else if (filter.status) {
    const bool is_expired = *filter.status == "expired";
    batch.add(store::kLicenseListByStatus);
    bind_common(batch);
    batch.bind(is_expired ? std::string_view("active") : std::string_view(*filter.status))
        .bind(host_.clock.now())
        .bind(is_expired ? 2 : *filter.status == "active" ? 1 : 0);
  } else {
    batch.add(store::kLicenseList);
    bind_common(batch);
  }
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  LicensePage page;
  const bool has_more = answer.num_rows(0) > rows_max;
  size_t position = 0;
  answer.each_row(0, [&](host::Row row) {
    if (++position > rows_max) return;
    if (has_more && position == rows_max) page.next_id = std::string(row.text("id"));
    // A holder's licences are few, and their status is looked at here: a page may hold fewer rows.
    LicenseView view = view_of(row);
    if (!filter.holder || !filter.status || view.status == *filter.status) page.licenses.push_back(std::move(view));
  });
  co_return page;
}

Task<Result<LicenseView>> LicenseService::act(std::string_view id, LicenseAct act,
                                              std::optional<std::string> reason, Versions expected, Run run) {
  CO_TRY(const LicenseView before, co_await show(id));
  if (!expected.has(before.version)) co_return Unexpected(precondition_failed());
  CO_TRY(const auto status, next_status(before.stored_status, act));
  if (!status) co_return before;

  const TimeMs now = host_.clock.now();
  if (run == Run::kDry) {
    LicenseView after = before;
    after.stored_status = *status;
    after.status = status_now(*status, after.terms.expires_at, now);
    after.status_reason = std::move(reason);
    co_return after;
  }
  json::Writer details;
  details.begin_object().field("after", *status).field("before", before.stored_status).end_object();
  store::AuditRow audit = actor_.row(audit_action(act), now);
  audit.reason = reason;
  audit.license_id = id;
  audit.details = details.text();
  host::Batch batch;
  add_audit_changed(batch, audit, before.version, std::nullopt);
  batch.add(store::kLicenseSetStatus).bind(id).bind(before.version).bind(*status).bind(reason).bind(now);
  if (act != LicenseAct::kReinstate) batch.add(store::kStateMoveEpoch);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  if (answer.num_rows(1) == 0) co_return Unexpected(co_await not_changed(id, expected, changed_meanwhile()));
  co_await carry(id);
  co_return co_await show(id);
}

Task<Result<LicenseView>> LicenseService::reissue(std::string_view id, const license::Code& code, Versions expected,
                                                  Run run) {
  const crypto::TokenHash code_hash = code.hash(config_.index);
  json::Writer codes;
  codes.begin_array().string(code_hash.text()).end_array();
  host::Batch look;
  look.add(store::kLicenseGet).bind(id);
  look.add(store::kLicenseExistCodes).bind(codes.text());
  CO_TRY(const host::BatchAnswer found, co_await host_.db.run(std::move(look)));
  const auto row = found.first(0);
  if (!row) co_return not_found("licence");
  LicenseView before = view_of(*row);
  if (!expected.has(before.version)) co_return Unexpected(precondition_failed());
  if (found.num_rows(1) > 0) co_return code_is_taken();
  if (run == Run::kDry) {
    before.code_hint = code.hint();
    before.kind = code_kind_name(code.kind);
    co_return before;
  }

  const TimeMs now = host_.clock.now();
  json::Writer details;
  details.begin_object().field("after", code.hint()).field("before", before.code_hint).end_object();
  store::AuditRow audit = actor_.row("license.reissued", now);
  audit.reason = std::nullopt;
  audit.license_id = id;
  audit.details = details.text();
  host::Batch batch;
  add_audit_changed(batch, audit, before.version, code_hash.text());
  batch.add(store::kLicenseSetCode)
      .bind(id)
      .bind(before.version)
      .bind(code_hash.text())
      .bind(code.hint())
      .bind(code_kind_name(code.kind))
      .bind(now);
  batch.add(store::kStateMoveEpoch);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  if (answer.num_rows(1) == 0) {
    Error taken(ErrorCode::kConflict, "The code is taken, or the licence was changed by someone else.");
    co_return Unexpected(co_await not_changed(id, expected, std::move(taken)));
  }
  co_await carry(id);
  co_return co_await show(id);
}

}  // namespace latchkey::admin
