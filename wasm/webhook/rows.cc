#include "webhook/rows.h"

#include "base/check.h"
#include "json/reader.h"
#include "json/writer.h"

namespace latchkey::webhook {
namespace {

constexpr SecretAccess kStore("a webhook's secrets are sealed beside its URL");
constexpr std::string_view kStates[] = {"active", "paused", "disabled"};

std::optional<Secret> secret_in(const json::Document& document, std::string_view name) {
  const auto member = document.root().member(name);
  const auto text = member ? member->string() : std::nullopt;
  return text ? std::optional(Secret::copy_of(*text)) : std::nullopt;
}

Unexpected damaged() { return fail(ErrorCode::kInternal, "The server failed.", "a webhook's sealed target is damaged"); }

}  // namespace

std::string_view state_name(State state) { return kStates[static_cast<size_t>(state)]; }

std::optional<State> parse_state(std::string_view name) {
  for (size_t i = 0; i < std::size(kStates); ++i) {
    if (kStates[i] == name) return static_cast<State>(i);
  }
  return std::nullopt;
}

crypto::SealContext target_context(std::string_view webhook_id) {
  return {.table = "webhooks", .row_id = webhook_id, .owner = "target", .version = 1};
}

crypto::Sealed seal_target(const config::Config& config, crypto::Random& random, std::string_view webhook_id,
                           const Target& target) {
  json::Writer out;
  out.begin_object();
  if (target.old_secret) out.field("old_secret", target.old_secret->reveal_text(kStore));
  out.field("secret", target.secret.reveal_text(kStore)).field("url", target.url).end_object();
  return config.master.seal(random, crypto::SealPurpose::kWebhook, target_context(webhook_id), as_bytes(out.text()));
}

Result<Target> open_target(const config::Config& config, std::string_view webhook_id, const crypto::Sealed& sealed) {
  TRY(const Secret text, config.master.open(crypto::SealPurpose::kWebhook, target_context(webhook_id), sealed));
  TRY(const json::Document document, json::Document::parse_host(text.reveal_text(kStore)));
  const auto url = document.root().member("url");
  const auto url_text = url ? url->string() : std::nullopt;
  auto secret = secret_in(document, "secret");
  if (!url_text || !secret) return damaged();
  return Target{.url = std::string(*url_text), .secret = std::move(*secret), .old_secret = secret_in(document, "old_secret")};
}

Webhook read_webhook(const host::Row& row) {
  const auto state = parse_state(row.text("state"));
  CHECK(state.has_value());
  Webhook webhook{.id = std::string(row.text("id")),
                  .name = std::string(row.text("name")),
                  .sealed = crypto::Sealed(std::string(row.text_or_null("sealed").value_or(""))),
                  .hint = std::string(row.text("hint")),
                  .events = {},
                  .min_severity = std::string(row.text("min_severity")),
                  .state = *state,
                  .failures = row.integer("failures"),
                  .old_secret_until = row.integer_or_null("old_secret_until"),
                  .revision = row.integer("revision"),
                  .created_by = std::string(row.text("created_by")),
                  .created_at = row.integer("created_at"),
                  .updated_at = row.integer("updated_at"),
                  .last_delivered_at = row.integer_or_null("last_delivered_at")};
  const auto events = json::Document::parse_host(row.text("events"));
  if (!events) return webhook;
  events->root().each_item([&](json::Value item) {
    if (const auto text = item.string()) webhook.events.emplace_back(*text);
  });
  return webhook;
}

std::string print_events(const std::vector<std::string>& events) {
  json::Writer out;
  out.begin_array();
  for (const std::string& event : events) out.string(event);
  out.end_array();
  return std::move(out).take();
}

}  // namespace latchkey::webhook
