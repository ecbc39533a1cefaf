// GET /admin/licenses/{license_id}/anomaly
#include "anomaly/service.h"
#include "http/endpoints.h"
#include "json/writer.h"

namespace latchkey::http {
namespace {

std::string day_text(int64_t day) { return format_time(day * kDayMs).substr(0, 10); }

void write_known(json::Writer& out, std::string_view name, const std::vector<anomaly::Known>& known) {
  out.key(name).begin_array();
  for (const anomaly::Known& one : known) {
    out.begin_object()
        .field("name", one.name)
        .field("first_day", day_text(one.first_day))
        .field("last_day", day_text(one.last_day))
        .end_object();
  }
  out.end_array();
}

void write_baseline(json::Writer& out, const anomaly::Trail& trail) {
  const anomaly::Habits habits = anomaly::habits_of(trail);
  const auto day = [&](const anomaly::Day& one) { return std::optional(day_text(one.day)); };
  out.key("baseline").begin_object().field("days", habits.days);
  out.field("first_day", trail.empty() ? std::nullopt : day(trail.days.front()));
  out.field("last_day", trail.empty() ? std::nullopt : day(trail.days.back()));
  out.field("requests_per_day", habits.requests_per_day).field("peak_requests", habits.peak_requests);
  out.key("usual_hours").begin_array();
  for (const int64_t hour : habits.usual_hours) out.integer(hour);
  out.end_array();
  write_known(out, "models", trail.models);
  write_known(out, "countries", trail.countries);
  out.end_object();
}

std::optional<TimeMs> time_of(std::optional<int64_t> hour) {
  return hour ? std::optional(*hour * kHourMs) : std::nullopt;
}

std::string print(const anomaly::Shown& shown) {
  json::Writer out(2048);
  out.begin_object()
      .field("license_id", shown.license_id)
      .field("code_hint", shown.code_hint)
      .field("plan", shown.plan)
      .field("status", shown.status);
  out.time("hour", time_of(shown.hour));
  out.field("score", shown.score).key("has_baseline").boolean(shown.has_baseline).key("reasons").raw(shown.reasons);
  out.time("scored_at", shown.scored_at);
  out.key("last_alarm");
  if (shown.alarm) {
    out.begin_object().time("hour", time_of(shown.alarm->hour)).field("score", shown.alarm->score);
    out.key("reasons").raw(shown.alarm->reasons).end_object();
  } else {
    out.null();
  }
  out.key("alert");
  if (shown.alert) {
    out.begin_object().field("id", shown.alert->id).field("state", shown.alert->state);
    out.time("since", shown.alert->since).field("count", shown.alert->count).end_object();
  } else {
    out.null();
  }
  write_baseline(out, shown.trail);
  out.end_object();
  return std::move(out).take();
}

}  // namespace

Task<Result<Response>> admin_anomaly_show(Context& context) {
  CO_TRY(const anomaly::Shown shown, co_await anomaly::show(context.host, context.path_parameter));
  co_return json_response(200, print(shown));
}

}  // namespace latchkey::http
