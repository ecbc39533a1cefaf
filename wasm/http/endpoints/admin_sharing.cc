// /admin/sharing, /admin/licenses/{license_id}/sharing
#include <charconv>

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
#include "sharing/service.h"

namespace latchkey::http {
namespace {

using sharing::ListPlace;
using sharing::SharingService;
using sharing::Watched;

void write_threshold(json::Writer& out, std::string_view name, int64_t threshold) {
  out.field(name, threshold == 0 ? std::nullopt : std::optional(threshold));
}

// write_members: a licence's sharing, into an object that is open.
void write_members(json::Writer& out, const Watched& watched, TimeMs now) {
  const bool was_stepped = watched.standing.level != sharing::Level::kNone;
  out.field("license_id", watched.license_id)
      .field("code_hint", watched.code_hint)
      .field("plan", watched.plan)
      .field("status", watched.status)
      .field("score", watched.score)
      .field("level", level_name(watched.standing.level));
  out.time("level_since", was_stepped ? std::optional(watched.standing.level_at) : std::nullopt);
  out.time("quiet_since", watched.standing.quiet_since);
  out.key("policy").begin_object();
  write_threshold(out, "warn", watched.policy.warn);
  write_threshold(out, "throttle", watched.policy.throttle);
  write_threshold(out, "suspend", watched.policy.suspend);
  out.end_object();
  out.field("requests_per_hour", watched.requests_per_hour);
  out.key("reasons").raw(watched.reasons);
  out.key("seen")
      .begin_object()
      .field("seats", watched.seats)
      .field("machines", watched.seen.machines)
      .field("refused", watched.seen.refused)
      .field("countries", watched.seen.countries)
      .field("networks", watched.seen.networks)
      .field("days", watched.seen.days)
      .end_object();
  out.time("scored_at", watched.scored_at);
  out.time("ignored_until", watched.is_ignored(now) ? watched.ignored_until : std::nullopt);
}

Response print(const Watched& watched, TimeMs now, Run run = Run::kReal) {
  json::Writer out(1024);
  out.begin_object();
  write_members(out, watched, now);
  write_run(out, run);
  out.end_object();
  return json_response(200, std::move(out).take());
}

std::string print_place(const ListPlace& place) { return std::to_string(place.score) + "_" + place.license_id; }

std::optional<ListPlace> read_place(std::string_view text) {
  const size_t end = text.find('_');
  if (end == std::string_view::npos) return std::nullopt;
  ListPlace place{.license_id = std::string(text.substr(end + 1))};
  const auto read = std::from_chars(text.data(), text.data() + end, place.score);
  return read.ec == std::errc() && read.ptr == text.data() + end ? std::optional(std::move(place)) : std::nullopt;
}

}  // namespace

Task<Result<Response>> admin_sharing_list(Context& context) {
  const Request& request = context.request;
  std::vector<FieldError> errors;
  refuse_unknown_query(context, {"level"}, errors);
  sharing::SharingFilter filter;
  const std::string level = request.query_value("level").value_or("");
  if (request.query_value("level")) {
    filter.level = sharing::parse_level(level);
    const bool is_step = filter.level && *filter.level != sharing::Level::kNone;
    if (!is_step) errors.push_back({"query.level", "must be warn, throttle or suspend"});
  }
  const std::string bound_to = "sharing|" + level;
  const PageAsked asked = parse_page(context, bound_to, errors);
  const std::optional<ListPlace> after = asked.after ? read_place(*asked.after) : std::nullopt;
  if (asked.after && !after) errors.push_back(bad_cursor());
  if (!errors.empty()) co_return context.invalid(errors);

  const store::AuditRow by = acting(context);
  SharingService service(context.host, by);
  CO_TRY(const sharing::SharingPage page, co_await service.list(filter, after, asked.rows_max));
  json::Writer out(8192);
  out.begin_object().key("data").begin_array();
  for (const Watched& watched : page.licenses) {
    out.begin_object();
    write_members(out, watched, context.host.clock.now());
    out.end_object();
  }
  out.end_array();
  write_next_cursor(out, context, bound_to, page.next ? std::optional(print_place(*page.next)) : std::nullopt);
  out.end_object();
  co_return json_response(200, std::move(out).take());
}

Task<Result<Response>> admin_sharing_show(Context& context) {
  const store::AuditRow by = acting(context);
  SharingService service(context.host, by);
  CO_TRY(const Watched watched, co_await service.show(context.path_parameter));
  co_return print(watched, context.host.clock.now());
}

Task<Result<Response>> admin_sharing_clear(Context& context) {
  Fields fields(context.body_root());
  fields.refuse_unknown({"ignore_days"});
  const int64_t ignore_days = fields.integer("ignore_days", 0, limits::kSharingIgnoreDaysMax).value_or(0);
  if (!fields.ok()) co_return context.invalid(fields.errors());
  CO_TRY(const admin::Versions versions, parse_versions(context.request, "if-match"));
  const auto expected = versions.is_any ? std::nullopt : std::optional(versions.listed);
  const store::AuditRow by = acting(context);
  SharingService service(context.host, by);
  CO_TRY(const Watched watched, co_await service.clear(context.path_parameter, ignore_days, expected, context.run));
  co_return print(watched, context.host.clock.now(), context.run);
}

}  // namespace latchkey::http
