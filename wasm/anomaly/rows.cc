#include "anomaly/rows.h"

#include "base/limits.h"
#include "json/reader.h"
#include "json/writer.h"

namespace latchkey::anomaly {
namespace {

std::vector<std::string> read_names(std::string_view text) {
  std::vector<std::string> names;
  const auto document = json::Document::parse_host(text);
  if (!document) return names;
  document->root().each_item([&](json::Value name) {
    if (const auto one = name.string()) names.emplace_back(*one);
  });
  return names;
}

}  // namespace

std::string stored_reasons(std::optional<std::string_view> text) {
  return std::string(text && json::Document::parse_host(*text) ? *text : "[]");
}

std::optional<Alarm> read_alarm(const host::Row& row) {
  const auto hour = row.integer_or_null("alarm_hour");
  if (!hour) return std::nullopt;
  return Alarm{.hour = *hour,
               .score = row.integer_or_null("alarm_score").value_or(0),
               .reasons = stored_reasons(row.text_or_null("alarm_reasons"))};
}

LicenseHour read_license_hour(const host::Row& row, int64_t hour) {
  return {.license_id = std::string(row.text("license_id")),
          .hour = {.hour = hour,
                   .requests = row.integer("requests"),
                   .tokens = row.integer("tokens"),
                   .cost = row.integer("cost"),
                   .models = read_names(row.text("models")),
                   .countries = read_names(row.text("countries")),
                   .limited = row.integer("windows_over") * limits::kAnomalyLimitedPerWindow,
                   .machines_refused = row.integer("machines_refused")},
          .trail = std::string(row.text_or_null("trail").value_or("{}")),
          .done_hour = row.integer_or_null("hour"),
          .alarm = read_alarm(row)};
}

AddressHour read_address_hour(const host::Row& row, int64_t hour) {
  return {.address_hash = std::string(row.text("address_hash")),
          .tries = {.hour = hour, .refused = row.integer("refused"), .codes = row.integer("codes")},
          .trail = std::string(row.text_or_null("tries").value_or("[]")),
          .done_hour = row.integer_or_null("hour"),
          .alarm_hour = row.integer_or_null("alarm_hour")};
}

std::string print_reasons(const Score& score) {
  json::Writer out;
  out.begin_array();
  for (const Reason& reason : score.reasons) {
    out.begin_object()
        .field("points", reason.points)
        .field("sentence", reason.sentence)
        .field("signal", reason.signal)
        .field("value", reason.value)
        .end_object();
  }
  out.end_array();
  return std::move(out).take();
}

std::string print_license(const LicenseHour& license, const Trail& trail, const Score& score, TimeMs now) {
  json::Writer out;
  out.begin_object().field("license_id", license.license_id).key("trail").raw(print_trail(trail));
  out.field("hour", license.hour.hour).field("score", score.points).field("has_baseline", score.has_baseline ? 1 : 0);
  out.key("reasons").raw(print_reasons(score));
  if (license.alarm) {
    out.field("alarm_hour", license.alarm->hour).field("alarm_score", license.alarm->score);
    out.key("alarm_reasons").raw(license.alarm->reasons);
  }
  out.field("scored_at", now).end_object();
  return std::move(out).take();
}

std::string print_address(const AddressHour& address, const AddressTrail& trail, const Score& score, TimeMs now) {
  json::Writer out;
  out.begin_object().field("address_hash", address.address_hash).key("tries").raw(print_tries(trail));
  out.field("hour", address.tries.hour).field("score", score.points).key("reasons").raw(print_reasons(score));
  out.field("alarm_hour", address.alarm_hour).field("scored_at", now).end_object();
  return std::move(out).take();
}

}  // namespace latchkey::anomaly
