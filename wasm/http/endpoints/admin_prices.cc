// /admin/prices
#include "admin/prices.h"

#include <charconv>

#include "base/limits.h"
#include "http/cursor.h"
#include "http/dry_run.h"
#include "http/endpoints.h"
#include "http/endpoints/acting.h"
#include "http/etag.h"
#include "http/fields.h"
#include "http/paging.h"
#include "json/writer.h"
#include "pricing/check.h"
#include "pricing/table_json.h"
#include "usage/reprice.h"

namespace latchkey::http {
namespace {

using admin::PriceService;
using admin::PriceVersion;

constexpr std::string_view kVersionsList = "price-versions";
constexpr std::string_view kUnpricedList = "prices-unpriced";

std::optional<int64_t> parse_whole(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number >= 0 && number <= limits::kD1IntegerMax ? std::optional(number) : std::nullopt;
}

// write_about: the members of a version, into an object that is open.
void write_about(json::Writer& out, const PriceVersion& about) {
  out.field("version", about.version).time("created_at", about.created_at);
  out.field("created_by", about.created_by).field("note", about.note).field("num_rows", about.num_rows);
}

Response tagged(json::Writer out, int64_t version) {
  Response response = json_response(200, std::move(out).take());
  response.header("etag", etag_of(version));
  return response;
}

// field_error: findings are sentences, messages of fields are not.
FieldError field_error(const pricing::Finding& finding) {
  std::string message = finding.message;
  if (message.ends_with('.')) message.pop_back();
  return {finding.location, std::move(message)};
}

void write_row(json::Writer& out, std::string_view change, const pricing::Price* before, const pricing::Price* after) {
  out.begin_object().field("change", change).key("before");
  before ? pricing::write_price(out, *before) : static_cast<void>(out.null());
  out.key("after");
  after ? pricing::write_price(out, *after) : static_cast<void>(out.null());
  out.end_object();
}

// write_difference: how many rows differ, and the first of them.
void write_difference(json::Writer& out, const pricing::Difference& difference) {
  out.key("difference").begin_object().field("added", difference.added.size());
  out.field("changed", difference.changed.size()).field("removed", difference.removed.size());
  out.field("aliases_added", difference.num_aliases_added).field("aliases_removed", difference.num_aliases_removed);
  out.key("rows").begin_array();
  size_t room = limits::kPriceDifferencesListed;
  const auto has_room = [&] { return room > 0 && room-- > 0; };
  for (const pricing::Price& row : difference.removed) {
    if (has_room()) write_row(out, "removed", &row, nullptr);
  }
  for (const pricing::Change& row : difference.changed) {
    if (has_room()) write_row(out, "changed", &row.before, &row.after);
  }
  for (const pricing::Price& row : difference.added) {
    if (has_room()) write_row(out, "added", nullptr, &row);
  }
  out.end_array().end_object();
}

void write_warnings(json::Writer& out, const std::vector<pricing::Finding>& warnings) {
  out.key("warnings").begin_array();
  for (const pricing::Finding& warning : warnings) {
    const FieldError shown = field_error(warning);
    out.begin_object().field("location", shown.location).field("message", shown.message).end_object();
  }
  out.end_array();
}

// Asked: the body of PUT /admin/prices.
struct Asked {
  pricing::Table table;
  std::optional<std::string> note;
  std::vector<FieldError> errors;
  std::vector<pricing::Finding> warnings;
};

Asked parse_prices(json::Value body) {
  Asked asked;
  pricing::ReadTable read = pricing::read_table(body, "note");
  pricing::Findings findings;
  if (read.errors.empty()) findings = pricing::check_table(read.table);
  for (const auto* list : {&read.errors, &findings.errors}) {
    for (const pricing::Finding& finding : *list) asked.errors.push_back(field_error(finding));
  }
  Fields fields(body);
  asked.note = fields.text("note", limits::kNoteBytesMax);
  for (FieldError& error : fields.take_errors()) asked.errors.push_back(std::move(error));
  asked.table = std::move(read.table);
  asked.warnings = std::move(findings.warnings);
  return asked;
}

}  // namespace

Task<Result<Response>> admin_price_show(Context& context) {
  std::vector<FieldError> errors;
  for (const std::string& name : context.request.query_names()) {
    if (name != "version") errors.push_back({"query." + name.substr(0, 64), "is not a parameter of this request"});
  }
  std::optional<int64_t> version;
  if (const auto text = context.request.query_value("version")) {
    version = parse_whole(*text);
    if (!version) errors.push_back({"query.version", "must be a whole number"});
  }
  if (!errors.empty()) co_return context.invalid(errors);
  CO_TRY(const admin::Versions held, parse_versions(context.request, "if-none-match"));
  const admin::Actor actor = actor_of(context);
  PriceService service(context.host, actor);
  CO_TRY(const admin::PriceTable table, co_await service.get(version));
  if (context.request.has_header("if-none-match") && held.has(table.about.version)) {
    Response response;
    response.status = 304;
    response.header("etag", etag_of(table.about.version)).header("cache-control", "no-store");
    co_return response;
  }
  json::Writer out(static_cast<size_t>(table.about.num_rows) * 256 + 1024);
  out.begin_object();
  write_about(out, table.about);
  pricing::write_members(out, table.prices->list.table());
  out.end_object();
  co_return tagged(std::move(out), table.about.version);
}

Task<Result<Response>> admin_price_versions(Context& context) {
  std::vector<FieldError> errors;
  refuse_unknown_query(context, {}, errors);
  const PageAsked asked = parse_page(context, kVersionsList, errors);
  const auto before = asked.after ? parse_whole(*asked.after) : std::nullopt;
  if (!errors.empty()) co_return context.invalid(errors);
  const admin::Actor actor = actor_of(context);
  PriceService service(context.host, actor);
  CO_TRY(const admin::PriceVersionPage page, co_await service.versions(before, asked.rows_max));
  json::Writer out(1024);
  out.begin_object().key("data").begin_array();
  for (const PriceVersion& about : page.versions) {
    out.begin_object();
    write_about(out, about);
    out.end_object();
  }
  out.end_array();
  const auto last = page.next.transform([](int64_t version) { return std::to_string(version); });
  write_next_cursor(out, context, kVersionsList, last);
  out.end_object();
  co_return json_response(200, std::move(out).take());
}

Task<Result<Response>> admin_price_set(Context& context) {
  Asked asked = parse_prices(context.body_root());
  if (!asked.errors.empty()) co_return context.invalid(asked.errors);
  CO_TRY(const admin::Versions expected, parse_versions(context.request, "if-match"));
  CO_TRY(const pricing::PriceList list, pricing::PriceList::of(std::move(asked.table)));
  const admin::Actor actor = actor_of(context);
  PriceService service(context.host, actor);
  CO_TRY(const admin::PricesSet set, co_await service.set(list, asked.note, expected, context.run));
  json::Writer out(4096);
  out.begin_object();
  write_about(out, set.about);
  write_difference(out, set.difference);
  write_warnings(out, asked.warnings);
  write_run(out, context.run);
  out.end_object();
  co_return tagged(std::move(out), set.about.version);
}

Task<Result<Response>> admin_price_unpriced(Context& context) {
  std::vector<FieldError> errors;
  refuse_unknown_query(context, {}, errors);
  const PageAsked asked = parse_page(context, kUnpricedList, errors);
  if (!errors.empty()) co_return context.invalid(errors);
  // A place is "provider model": no provider's name has a space.
  admin::UnpricedPlace after;
  if (asked.after) {
    const size_t space = asked.after->find(' ');
    after = {asked.after->substr(0, space), asked.after->substr(space + 1)};
  }
  const admin::Actor actor = actor_of(context);
  PriceService service(context.host, actor);
  CO_TRY(const admin::UnpricedPage page, co_await service.unpriced(after, asked.rows_max));
  json::Writer out(4096);
  out.begin_object().key("data").begin_array();
  for (const admin::UnpricedModel& model : page.models) {
    out.begin_object().field("provider", model.provider).field("model", model.model);
    out.field("requests", model.requests).time("last_used_at", model.last_used_at);
    out.field("reason", model.reason.transform(pricing::unpriced_name)).end_object();
  }
  out.end_array();
  const auto last = page.next.transform(
      [](const admin::UnpricedPlace& place) { return place.provider + " " + place.model; });
  write_next_cursor(out, context, kUnpricedList, last);
  out.end_object();
  co_return json_response(200, std::move(out).take());
}

Task<Result<Response>> admin_price_reprice(Context& context) {
  Fields fields(context.body_root());
  fields.refuse_unknown({"since", "cursor"});
  const auto cursor = fields.text("cursor", limits::kCursorBytesMax);
  usage::RepricePlace place{.since = fields.time("since")};
  const std::string bound_to =
      "prices-reprice|" + place.since.transform([](TimeMs time) { return std::to_string(time); }).value_or("");
  if (cursor) {
    const auto text = open_cursor(context.app.config.index, bound_to, *cursor);
    const auto seq = text ? parse_whole(*text) : std::nullopt;
    if (!seq) fields.add_error("cursor", "is not one of this walk; begin again without it");
    place.after_seq = seq.value_or(0);
  }
  if (!fields.ok()) co_return context.invalid(fields.errors());
  const store::AuditRow by = acting(context);
  usage::RepriceService service(context.host, context.app.usage, by);
  CO_TRY(const usage::RepriceSlice slice, co_await service.reprice(place, context.run));
  json::Writer out;
  out.begin_object().field("version", slice.version).field("walked", slice.num_walked);
  out.field("changed", slice.num_changed).field("difference", pricing::print_usd(slice.difference));
  const auto last = slice.next.transform([](int64_t seq) { return std::to_string(seq); });
  write_next_cursor(out, context, bound_to, last);
  write_run(out, context.run);
  out.end_object();
  co_return json_response(200, std::move(out).take());
}

}  // namespace latchkey::http
