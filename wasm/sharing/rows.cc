#include "sharing/rows.h"

#include "json/reader.h"

namespace latchkey::sharing {
namespace {

// read_seen: what somebody else wrote there counts as nothing.
Seen read_seen(std::string_view text) {
  const auto document = json::Document::parse_host(text);
  if (!document) return {};
  const auto number = [&](std::string_view name) {
    const auto member = document->root().member(name);
    return member ? member->integer().value_or(0) : 0;
  };
  return {.machines = number("machines"),
          .refused = number("refused"),
          .countries = number("countries"),
          .networks = number("networks"),
          .days = number("days")};
}

}  // namespace

Watched read_watched(const host::Row& row) {
  Watched watched{.license_id = std::string(row.text("id")),
                  .code_hint = std::string(row.text("code_hint")),
                  .plan = std::string(row.text("plan")),
                  .status = std::string(row.text("status")),
                  .version = row.integer("version"),
                  .seats = row.integer("max_machines"),
                  .requests_per_hour = row.integer_or_null("requests_per_hour"),
                  .policy = read_policy(row.text_or_null("limits").value_or("{}")),
                  .has_row = !row.is_null("level"),
                  .trail = {},
                  .standing = {},
                  .throttled_to = row.integer_or_null("throttled_to"),
                  .ignored_until = row.integer_or_null("ignored_until"),
                  .seen = {},
                  .scored_at = row.integer_or_null("scored_at"),
                  .due_at = row.integer_or_null("due_at")};
  if (!watched.has_row) return watched;
  watched.trail = row.text_or_null("trail").value_or("");
  watched.score = row.integer("score");
  watched.standing = {.level = parse_level(row.text("level")).value_or(Level::kNone),
                      .level_at = row.integer("level_at"),
                      .quiet_since = row.integer_or_null("quiet_since")};
  if (json::Document::parse_host(row.text("reasons"))) watched.reasons = row.text("reasons");
  watched.seen = read_seen(row.text("seen"));
  return watched;
}

void write_watched(json::Writer& out, const Watched& watched) {
  out.begin_object().field("license_id", watched.license_id).key("trail").raw(watched.trail);
  out.field("score", watched.score)
      .field("level", level_name(watched.standing.level))
      .field("level_at", watched.standing.level_at);
  out.field("quiet_since", watched.standing.quiet_since);
  out.field("throttled_to", watched.throttled_to);
  out.field("ignored_until", watched.ignored_until);
  out.key("reasons").raw(watched.reasons);
  out.key("seen")
      .begin_object()
      .field("machines", watched.seen.machines)
      .field("refused", watched.seen.refused)
      .field("countries", watched.seen.countries)
      .field("networks", watched.seen.networks)
      .field("days", watched.seen.days)
      .end_object();
  out.field("scored_at", watched.scored_at.value_or(0));
  out.field("due_at", watched.due_at);
  out.end_object();
}

std::string print_reasons(const std::vector<Reason>& reasons) {
  json::Writer out;
  out.begin_array();
  for (const Reason& reason : reasons) {
    out.begin_object()
        .field("signal", reason.signal)
        .field("value", reason.value)
        .field("points", reason.points)
        .field("sentence", reason.sentence)
        .end_object();
  }
  out.end_array();
  return std::move(out).take();
}

}  // namespace latchkey::sharing
