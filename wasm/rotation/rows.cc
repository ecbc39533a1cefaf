#include "rotation/rows.h"

#include "base/check.h"
#include "store/queries.h"

namespace latchkey::rotation {
namespace {

std::optional<std::string> own(std::optional<std::string_view> text) {
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

// must: the names in a row are our own.
template <class T>
T must(std::optional<T> value) {
  CHECK(value.has_value());
  return *value;
}

std::optional<Verdict> verdict_of(std::optional<std::string_view> name) {
  return name ? std::optional(must(parse_verdict(*name))) : std::nullopt;
}

std::optional<std::string_view> name_of(const std::optional<Verdict>& verdict) {
  return verdict ? std::optional(verdict_name(*verdict)) : std::nullopt;
}

}  // namespace

Rotation read_rotation(const host::Row& row) {
  return {.id = std::string(row.text("id")),
          .provider = std::string(row.text("provider")),
          .state = must(parse_state(row.text("state"))),
          .revision = row.integer("revision"),
          .from_version = row.integer_or_null("from_version"),
          .to_version = row.integer("to_version"),
          .material_hash = std::string(row.text("material_hash")),
          .must_verify = row.integer("must_verify") == 1,
          .is_emergency = row.integer("is_emergency") == 1,
          .grace_days = row.integer("grace_days"),
          .ends_by = must(parse_ends_by(row.text("ends_by"))),
          .publish_at = row.integer_or_null("publish_at"),
          .verdict = verdict_of(row.text_or_null("verdict")),
          .verdict_detail = own(row.text_or_null("verdict_detail")),
          .verified_at = row.integer_or_null("verified_at"),
          .published_at = row.integer_or_null("published_at"),
          .ring_version = row.integer_or_null("ring_version"),
          .grace_ends_at = row.integer_or_null("grace_ends_at"),
          .old_verdict = verdict_of(row.text_or_null("old_verdict")),
          .old_verdict_at = row.integer_or_null("old_verdict_at"),
          .failure = own(row.text_or_null("failure")),
          .due_at = row.integer_or_null("due_at"),
          .actor = std::string(row.text("actor")),
          .created_at = row.integer("created_at"),
          .updated_at = row.integer("updated_at"),
          .ended_at = row.integer_or_null("ended_at")};
}

std::optional<Rotation> first_rotation(const host::BatchAnswer& answer, size_t statement) {
  const auto row = answer.first(statement);
  return row ? std::optional(read_rotation(*row)) : std::nullopt;
}

Adoption read_adoption(const host::Row& row) {
  return {.active = row.integer("active"),
          .holding = row.integer("holding"),
          .oldest_seen_at = row.integer_or_null("oldest_seen_at")};
}

void add_update(host::Batch& batch, const Rotation& before, const Rotation& after, TimeMs now) {
  batch.add(store::kRotationUpdate)
      .bind(before.id)
      .bind(before.revision)
      .bind(state_name(after.state))
      .bind(name_of(after.verdict))
      .bind(after.verdict_detail)
      .bind(after.verified_at)
      .bind(after.published_at)
      .bind(after.grace_ends_at)
      .bind(name_of(after.old_verdict))
      .bind(after.old_verdict_at)
      .bind(after.failure)
      .bind(after.due_at)
      .bind(after.ended_at)
      .bind(now)
      .bind(key_change(before.state, after.state) == KeyChange::kPublish ? 1 : 0);
}

}  // namespace latchkey::rotation
