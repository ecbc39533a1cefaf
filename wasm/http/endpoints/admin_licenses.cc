// /admin/licenses
#include "admin/licenses.h"

#include "base/ids.h"
#include "base/limits.h"
#include "http/dry_run.h"
#include "http/endpoints.h"
#include "http/endpoints/acting.h"
#include "http/endpoints/license_fields.h"
#include "http/etag.h"
#include "http/fields.h"
#include "http/paging.h"
#include "json/writer.h"

namespace latchkey::http {
namespace {

using admin::LicenseService;
using admin::LicenseView;
using admin::NewLicense;

constexpr SecretAccess kShowOnce("a new code is shown once, to the admin who made it");

// parse_named_code: a simple code or an e-mail address that an admin chose.
std::optional<license::Code> parse_named_code(Fields& fields, std::string_view name) {
  const auto text = fields.text(name, limits::kLicenseTextBytesMax);
  if (!text) return std::nullopt;
  auto code = license::parse_code(*text);
  if (!code || code->kind == license::CodeKind::kGenerated) {
    fields.add_error(name, "must be an e-mail address, or 4 to 64 of A-Z 0-9 - _ . not beginning with WF-");
    return std::nullopt;
  }
  return code;
}

void parse_email(Fields& fields, std::string_view name, std::optional<std::string>& email) {
  const auto text = fields.text(name, limits::kLicenseTextBytesMax);
  if (!text) return;
  email = license::normalize_email(*text);
  if (!email) fields.add_error(name, "must be an e-mail address");
}

// parse_terms: what create and import share. Null never ends; absent takes the plan's length.
void parse_terms(Fields& fields, NewLicense& license) {
  if (auto plan = fields.text("plan", 64)) license.plan = *plan;
  if (fields.has("expires_at")) license.overrides.expires_at.emplace(fields.time("expires_at"));
  license.overrides.max_machines = fields.integer("max_machines", 1, limits::kMachinesMax);
  license.note = fields.text("note", limits::kNoteBytesMax);
}

std::string unknown_plan(std::string_view plan) {
  return "names no plan: there is no " + std::string(plan);
}

constexpr std::string_view kRetiredPlan = "is retired: name another";

// would_be: a licence as it would be made.
LicenseView would_be(const NewLicense& license, const admin::LicenseTerms& terms, TimeMs now) {
  return {.id = "lic_" + std::string(kUndoneId),
          .code_hint = license.code.hint(),
          .kind = std::string(code_kind_name(license.code.kind)),
          .terms = terms,
          .status = std::string(admin::status_now("active", terms.expires_at, now)),
          .stored_status = "active",
          .status_reason = std::nullopt,
          .note = license.note,
          .holder = license.holder,
          .first_provision_at = std::nullopt,
          .last_provision_at = std::nullopt,
          .created_at = now,
          .updated_at = now,
          .version = 1};
}

Response print_would_be(const std::vector<NewLicense>& licenses, const std::vector<admin::Created>& created,
                        TimeMs now) {
  json::Writer out(licenses.size() * 512);
  out.begin_object().field("dry_run", true).key("licenses").begin_array();
  for (size_t i = 0; i < licenses.size(); ++i) out.raw(print(would_be(licenses[i], created[i].terms, now)));
  out.end_array().end_object();
  return json_response(200, std::move(out).take());
}

}  // namespace

Task<Result<Response>> admin_license_list(Context& context) {
  const Request& request = context.request;
  std::vector<FieldError> errors;
  refuse_unknown_query(context, {"status", "plan", "never_provisioned", "holder"}, errors);
  admin::LicenseFilter filter{.status = request.query_value("status"),
                              .plan = request.query_value("plan"),
                              .never_provisioned = request.query_value("never_provisioned") == "1",
                              .holder = request.query_value("holder")};
  if (filter.status && !is_status(*filter.status)) errors.push_back({"query.status", std::string(kStatusMustBe)});
  const std::string bound_to = "licenses|" + filter.status.value_or("") + "|" + filter.plan.value_or("") + "|" +
                               (filter.never_provisioned ? "1|" : "0|") + filter.holder.value_or("");
  const PageAsked asked = parse_page(context, bound_to, errors);
  if (!errors.empty()) co_return context.invalid(errors);

  const admin::Actor actor = actor_of(context);
  LicenseService service(context.host, context.app.config, actor);
  CO_TRY(const admin::LicensePage page, co_await service.list(filter, asked.after.value_or(""), asked.rows_max));
  json::Writer out(8192);
  out.begin_object().key("data").begin_array();
  for (const LicenseView& view : page.licenses) {
    out.begin_object();
    write_members(out, view);
    out.end_object();
  }
  out.end_array();
  write_next_cursor(out, context, bound_to, page.next_id);
  out.end_object();
  co_return json_response(200, std::move(out).take());
}

Task<Result<Response>> admin_license_create(Context& context) {
  Fields fields(context.body_root());
  fields.refuse_unknown({"plan", "count", "code", "expires_at", "max_machines", "holder", "note"});
  const int64_t count = fields.integer("count", 1, limits::kLicensesPerCreateMax).value_or(1);
  auto named = parse_named_code(fields, "code");
  if (fields.has("code") && count != 1) fields.add_error("count", "must be 1 where a code is given");
  NewLicense terms{.code = {license::CodeKind::kCode, Secret()}};
  parse_terms(fields, terms);
  if (const auto holder = fields.member("holder")) {
    Fields inner(*holder, "holder.");
    inner.refuse_unknown({"name", "email"});
    terms.holder.name = inner.text("name", limits::kHolderNameBytesMax);
    parse_email(inner, "email", terms.holder.email);
    if (!inner.ok()) co_return context.invalid(inner.errors());
  }
  if (!fields.ok()) co_return context.invalid(fields.errors());

  std::vector<NewLicense> licenses;
  for (int64_t i = 0; i < count; ++i) {
    licenses.push_back({.code = named ? std::move(*named) : license::generate_code(context.host.random),
                        .plan = terms.plan,
                        .overrides = terms.overrides,
                        .holder = terms.holder,
                        .note = terms.note});
  }
  const admin::Actor actor = actor_of(context);
  LicenseService service(context.host, context.app.config, actor);
  CO_TRY(const auto created, co_await service.create(licenses, context.run, "license.created"));
  std::vector<std::string> ids;
  for (const admin::Created& one : created) {
    if (one.status == admin::CreateStatus::kUnknownPlan) {
      fields.add_error("plan", unknown_plan(terms.plan));
      co_return context.invalid(fields.errors());
    }
    if (one.status == admin::CreateStatus::kRetiredPlan) {
      fields.add_error("plan", std::string(kRetiredPlan));
      co_return context.invalid(fields.errors());
    }
    if (one.status == admin::CreateStatus::kExists) {
      co_return fail(ErrorCode::kConflict, "A licence with this code exists already.");
    }
    ids.push_back(one.id);
  }
  if (context.run == Run::kDry) co_return print_would_be(licenses, created, context.host.clock.now());
  CO_TRY(const auto views, co_await service.show_many(ids));
  json::Writer out(ids.size() * 512);
  out.begin_object().key("licenses").begin_array();
  for (const LicenseView& view : views) {
    const auto at = static_cast<size_t>(std::find(ids.begin(), ids.end(), view.id) - ids.begin());
    out.begin_object();
    write_members(out, view);
    out.field("code", licenses[at].code.text.reveal_text(kShowOnce)).end_object();
  }
  out.end_array().end_object();
  co_return json_response(201, std::move(out).take());
}

namespace {

// ImportRow: one line of an import on its way: what it says, or why it is refused.
struct ImportRow {
  int64_t line = 0;
  std::optional<NewLicense> license;
  std::vector<FieldError> errors;
};

ImportRow parse_row(json::Value value, size_t position, crypto::Random& random) {
  Fields fields(value, "rows[" + std::to_string(position) + "].");
  fields.refuse_unknown({"line", "code", "email", "plan", "expires_at", "max_machines", "holder_name",
                         "holder_email", "note"});
  ImportRow row;
  row.line = fields.integer("line", 0, INT32_MAX).value_or(static_cast<int64_t>(position) + 1);
  auto code = parse_named_code(fields, "code");
  std::optional<std::string> email;
  parse_email(fields, "email", email);
  if (!fields.has("code") && email) code = license::parse_code(*email);
  NewLicense terms{.code = code ? std::move(*code) : license::generate_code(random)};
  parse_terms(fields, terms);
  terms.holder.name = fields.text("holder_name", limits::kHolderNameBytesMax);
  parse_email(fields, "holder_email", terms.holder.email);
  if (!terms.holder.email) terms.holder.email = email;
  if (fields.ok()) row.license.emplace(std::move(terms));
  row.errors = fields.take_errors();
  return row;
}

struct ImportCounts {
  int64_t created = 0;
  int64_t skipped = 0;
  int64_t failed = 0;
};

void write_row_report(json::Writer& out, ImportCounts& counts, const ImportRow& row, const admin::Created* created,
                      const NewLicense* license) {
  out.begin_object().field("line", row.line);
  if (created != nullptr && created->status == admin::CreateStatus::kCreated) {
    ++counts.created;
    out.field("status", "created").field("id", created->id);
    if (license->code.kind == license::CodeKind::kGenerated) {
      out.field("code", license->code.text.reveal_text(kShowOnce));
    }
  } else if (created != nullptr && created->status == admin::CreateStatus::kExists) {
    ++counts.skipped;
    out.field("status", "exists").field("message", "A licence with this code exists already.");
  } else {
    ++counts.failed;
    const std::string message = created != nullptr
                                    ? "plan " + (created->status == admin::CreateStatus::kRetiredPlan
                                                     ? std::string(kRetiredPlan)
                                                     : unknown_plan(license->plan))
                                    : row.errors.front().location + " " + row.errors.front().message;
    out.field("status", "error").field("error", "invalid_request").field("message", message + ".");
  }
  out.end_object();
}

}  // namespace

Task<Result<Response>> admin_license_import(Context& context) {
  Fields fields(context.body_root());
  fields.refuse_unknown({"rows", "dry_run"});
  const bool asks_dry = fields.boolean("dry_run").value_or(false);
  const auto list = fields.member("rows");
  if (!list || list->kind() != json::Kind::kArray || list->num_items() == 0 ||
      list->num_items() > limits::kImportRowsMax) {
    fields.add_error("rows", "must be an array of 1 to 500 rows");
  }
  if (!fields.ok()) co_return context.invalid(fields.errors());
  const Run run = asks_dry ? Run::kDry : context.run;

  std::vector<ImportRow> rows;
  list->each_item([&](json::Value value) { rows.push_back(parse_row(value, rows.size(), context.host.random)); });
  std::vector<NewLicense> licenses;
  std::vector<size_t> position(rows.size(), SIZE_MAX);
  for (size_t i = 0; i < rows.size(); ++i) {
    if (!rows[i].license) continue;
    position[i] = licenses.size();
    licenses.push_back(std::move(*rows[i].license));
  }
  const admin::Actor actor = actor_of(context);
  LicenseService service(context.host, context.app.config, actor);
  CO_TRY(const auto created, co_await service.create(licenses, run, "license.imported"));
  ImportCounts counts;
  json::Writer report(rows.size() * 128);
  report.begin_array();
  for (size_t i = 0; i < rows.size(); ++i) {
    const bool is_good = position[i] != SIZE_MAX;
    write_row_report(report, counts, rows[i], is_good ? &created[position[i]] : nullptr,
                     is_good ? &licenses[position[i]] : nullptr);
  }
  report.end_array();
  json::Writer out(report.text().size() + 128);
  out.begin_object()
      .field("dry_run", run == Run::kDry)
      .field("created", counts.created)
      .field("skipped", counts.skipped)
      .field("failed", counts.failed)
      .key("rows")
      .raw(report.text())
      .end_object();
  co_return json_response(200, std::move(out).take());
}

Task<Result<Response>> admin_license_show(Context& context) {
  const admin::Actor actor = actor_of(context);
  LicenseService service(context.host, context.app.config, actor);
  CO_TRY(const admin::Versions held, parse_versions(context.request, "if-none-match"));
  CO_TRY(const LicenseView view, co_await service.show(context.path_parameter));
  if (context.request.has_header("if-none-match") && held.has(view.version)) {
    Response response;
    response.status = 304;
    response.header("etag", etag_of(view.version)).header("cache-control", "no-store");
    co_return response;
  }
  co_return tagged(view);
}

namespace {

Task<Result<Response>> act(Context& context, admin::LicenseAct what) {
  Fields fields(context.body_root());
  fields.refuse_unknown({"reason"});
  const auto reason = parse_reason(fields);
  if (!fields.ok()) co_return context.invalid(fields.errors());
  CO_TRY(const admin::Versions expected, parse_versions(context.request, "if-match"));
  const admin::Actor actor = actor_of(context);
  LicenseService service(context.host, context.app.config, actor);
  CO_TRY(const LicenseView view, co_await service.act(context.path_parameter, what, reason, expected, context.run));
  co_return tagged(view, context.run);
}

}  // namespace

Task<Result<Response>> admin_license_revoke(Context& context) {
  co_return co_await act(context, admin::LicenseAct::kRevoke);
}
Task<Result<Response>> admin_license_suspend(Context& context) {
  co_return co_await act(context, admin::LicenseAct::kSuspend);
}
Task<Result<Response>> admin_license_reinstate(Context& context) {
  co_return co_await act(context, admin::LicenseAct::kReinstate);
}

Task<Result<Response>> admin_license_reissue(Context& context) {
  Fields fields(context.body_root());
  fields.refuse_unknown({"code"});
  auto named = parse_named_code(fields, "code");
  if (!fields.ok()) co_return context.invalid(fields.errors());
  CO_TRY(const admin::Versions expected, parse_versions(context.request, "if-match"));
  const bool is_named = named.has_value();
  const license::Code code = named ? std::move(*named) : license::generate_code(context.host.random);
  const admin::Actor actor = actor_of(context);
  LicenseService service(context.host, context.app.config, actor);
  CO_TRY(const LicenseView view, co_await service.reissue(context.path_parameter, code, expected, context.run));
  json::Writer out(1024);
  out.begin_object().key("license").raw(print(view, context.run));
  // A code that was generated for a dry run is nobody's.
  if (context.run == Run::kReal || is_named) out.field("code", code.text.reveal_text(kShowOnce));
  write_run(out, context.run);
  out.end_object();
  Response response = json_response(200, std::move(out).take());
  response.header("etag", etag_of(view.version));
  co_return response;
}

}  // namespace latchkey::http
