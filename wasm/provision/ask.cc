#include "provision/ask.h"

#include "base/check.h"
#include "base/limits.h"
#include "store/audit.h"
#include "store/queries.h"

namespace latchkey::provision {
namespace {

ProviderSet read_providers(json::Value names) {
  ProviderSet set;
  names.each_item([&](json::Value name) {
    const auto index = config::provider_index(name.string().value_or(""));
    if (index) set.add(*index);
  });
  return set;
}

LicenseStatus read_status(std::string_view text) {
  if (text == "active") return LicenseStatus::kActive;
  if (text == "suspended") return LicenseStatus::kSuspended;
  CHECK(text == "revoked");
  return LicenseStatus::kRevoked;
}

// Canonical JSON of what a grant's audit row says beyond its columns.
std::string grant_details(const Client& client, const ProvisionRequest& request) {
  json::Writer out;
  out.begin_object();
  if (request.app_version) out.field("app_version", *request.app_version);
  if (client.asn) out.field("asn", *client.asn);
  out.field("delivery", delivery_name(request.delivery));
  if (client.latitude) out.field("lat", *client.latitude);
  if (client.longitude) out.field("lon", *client.longitude);
  out.end_object();
  return std::move(out).take();
}

// read_seat: what the licence's facts say of this machine, and what it was given, from its row.
void read_seat(Seen& seen, LicenseFacts& license, const host::Row& row, TimeMs now) {
  const auto seated_at = row.integer_or_null("seated_at");
  if (!seated_at) return;
  const bool is_released = !row.is_null("released_at");
  // A seat that this very request took is not one that the machine had.
  const bool is_new = seen.is_certified && *seated_at == now;
  license.has_seat = !is_released && !is_new;
  license.is_seat_kept = !license.has_seat && row.integer_or_null("seat_held_until").value_or(0) > now;
  if (is_new && !license.is_seat_kept) --license.seats_used;
  if (is_released) return;
  if (const auto key = row.text_or_null("fernet_key")) seen.fernet_key.emplace(std::string(*key));
  seen.held_ring_version = row.integer("held_ring_version");
  seen.held_secrets_tag = row.text("held_secrets_tag");
  seen.ring_version_before = row.integer_or_null("ring_version_before");
  seen.secrets_tag_before = row.text_or_null("secrets_tag_before").value_or("");
}

// read_spent: what the licence cost in this day and month and all in all; nothing where nobody asks.
budget::Spent read_spent(json::Value sums) {
  const auto nanos = [&](size_t i) {
    return pricing::Nano{i < sums.num_items() ? sums.item(i).integer().value_or(0) : 0};
  };
  return {nanos(0), nanos(1), nanos(2)};
}

}  // namespace

std::string address_subject(const crypto::TokenHash& address) { return "ip:" + std::string(address.text()); }
std::string code_subject(const crypto::TokenHash& code) { return "code:" + std::string(code.text()); }

std::optional<std::string> refusal_details(Verdict verdict, const std::optional<crypto::TokenHash>& code) {
  if (verdict != Verdict::kUnknownLicense || !code) return std::nullopt;
  const std::string_view tag = code->text().substr(0, limits::kUnknownCodeTagChars);
  return json::Writer().begin_object().field("code", tag).end_object().text();
}

void add_ask(host::Batch& batch, const config::Config& config, const Client& client, const ProvisionRequest& request,
             const Terms& terms, Wanted wanted, std::string_view new_machine_id) {
  const bool is_grant = wanted == Wanted::kGrant;
  batch.add(store::kProvisionAsk)
      .bind(terms.now)
      .bind(client.request_id)
      .bind(request.code_hash ? std::optional(request.code_hash->text()) : std::nullopt)
      .bind(request.machine_hash.text())
      .bind(client.address_hash.text())
      .bind(store::or_null(client.country))
      .bind(store::or_null(client.user_agent))
      .bind(is_grant ? std::optional(grant_details(client, request)) : std::nullopt)
      .bind(is_grant ? static_cast<uint32_t>(terms.delivery) : 0)
      .bind(terms.receipt_license_id)
      .bind(address_subject(client.address_hash))
      .bind(store::RateWindow::begin(terms.now))
      .bind(store::RateWindow::ended(terms.now))
      .bind(terms.address_limit)
      .bind(terms.license_limit)
      .bind(new_machine_id)
      .bind(request.app_version)
      .bind(config.secrets_tag)
      .bind(budget::day_of(terms.now))
      .bind(budget::month_start_of(terms.now));
}

Seen read_ask(const host::BatchAnswer& answer, const Terms& terms) {
  const auto document = json::Document::parse_host(answer.row(0, 0).text("facts"));
  CHECK(document.has_value());
  const host::Row row(document->root());
  Seen seen;
  seen.is_certified = row.integer("is_certified") == 1;
  seen.facts.ring_version = row.integer("ring_version");
  seen.facts.epoch = row.integer("epoch");
  seen.address = {row.integer("address_window")};
  seen.address_over_recorded = row.integer("address_over") == seen.address.start_seconds();
  seen.facts.address_hits = seen.address.hits();
  if (row.is_null("id")) return seen;

  seen.license = store::RateWindow{row.integer("license_window")};
  seen.license_over_recorded = row.integer("license_over") == seen.license->start_seconds();
  LicenseFacts license{.id = std::string(row.text("id")),
                       .status = read_status(row.text("status")),
                       .expires_at = row.integer_or_null("expires_at"),
                       .first_use_days = row.integer_or_null("first_use_days"),
                       .plan = std::string(row.text("plan")),
                       .providers = read_providers(*document->root().member("providers")),
                       .deliveries = static_cast<uint32_t>(row.integer("deliveries")),
                       .seats_max = row.integer("max_machines"),
                       .seats_used = row.integer("seats_used"),
                       .hits = seen.license->hits(),
                       .requests_per_hour = row.integer_or_null("requests_per_hour")};
  license.budget = budget::read_budget(row.text_or_null("budget"));
  license.spent = read_spent(*document->root().member("spent"));
  read_seat(seen, license, row, terms.now);
  seen.facts.license = std::move(license);
  return seen;
}

}  // namespace latchkey::provision
