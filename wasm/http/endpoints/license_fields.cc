#include "http/endpoints/license_fields.h"

#include <algorithm>

#include "base/limits.h"
#include "http/dry_run.h"
#include "http/etag.h"
#include "provision/types.h"

namespace latchkey::http {
namespace {

using provision::Delivery;

constexpr Delivery kDeliveries[] = {Delivery::kFernet, Delivery::kHpke, Delivery::kPlain};

// each_name: visits the strings of an array of 1 to 64; false where it is none.
template <class Visit>
bool each_name(json::Value array, Visit visit) {
  if (array.kind() != json::Kind::kArray || array.num_items() == 0 ||
      array.num_items() > limits::kProvidersRequestedMax) {
    return false;
  }
  bool ok = true;
  array.each_item([&](json::Value item) { ok = ok && item.string() && visit(*item.string()); });
  return ok;
}

void write_overrides(json::Writer& out, const admin::Overrides& overrides) {
  out.key("overrides").begin_object();
  if (overrides.budget) write_budget(out.key("budget"), *overrides.budget);
  if (overrides.deliveries) {
    out.key("deliveries");
    write_deliveries(out, *overrides.deliveries);
  }
  if (overrides.enforcement) out.field("enforcement", budget::enforcement_name(*overrides.enforcement));
  if (overrides.expires_at) {
    const auto& end = *overrides.expires_at;
    out.field("expires_at", end ? format_time(*end) : "never");
  }
  if (overrides.max_machines) out.field("max_machines", *overrides.max_machines);
  if (overrides.providers) {
    out.key("providers");
    write_provider_names(out, *overrides.providers);
  }
  out.end_object();
}

}  // namespace

std::optional<config::ProviderSet> parse_providers(Fields& fields, std::string_view name) {
  const auto value = fields.member(name);
  if (!value) return std::nullopt;
  config::ProviderSet providers;
  const bool ok = each_name(*value, [&](std::string_view provider) {
    const auto index = config::provider_index(provider);
    if (index) providers.add(*index);
    return index.has_value();
  });
  if (ok) return providers;
  fields.add_error(name, "must be an array of deepseek, kimi, mistral, qwen, yandex, zhipu");
  return std::nullopt;
}

std::optional<int64_t> parse_deliveries(Fields& fields, std::string_view name) {
  const auto value = fields.member(name);
  if (!value) return std::nullopt;
  int64_t deliveries = 0;
  const bool ok = each_name(*value, [&](std::string_view text) {
    const auto* found = std::ranges::find(kDeliveries, text, provision::delivery_name);
    if (found == std::end(kDeliveries)) return false;
    deliveries |= static_cast<int64_t>(*found);
    return true;
  });
  if (ok) return deliveries;
  fields.add_error(name, "must be an array of fernet, hpke, plain");
  return std::nullopt;
}

std::optional<budget::Limits> parse_limits(Fields& fields, std::string_view name) {
  const auto value = fields.member(name);
  if (!value) return std::nullopt;
  const std::string prefix(name);
  Fields inner(*value, prefix + ".");
  inner.refuse_unknown({"daily", "monthly", "total"});
  const auto amount = [&](std::string_view period) {
    const auto text = inner.text(period, 32);
    const auto nanos = text ? pricing::parse_usd(*text) : std::nullopt;
    if (text && !nanos) inner.add_error(period, "must be an amount in USD such as \"12.5\"");
    return nanos;
  };
  const budget::Limits limits{amount("daily"), amount("monthly"), amount("total")};
  if (inner.ok()) return limits;
  const FieldError& first = inner.errors().front();
  fields.add_error(first.location, first.message);
  return std::nullopt;
}

std::optional<budget::Enforcement> parse_enforcement(Fields& fields, std::string_view name) {
  const auto word = fields.text(name, 16);
  const auto enforcement = word ? budget::parse_enforcement(*word) : std::nullopt;
  if (word && !enforcement) fields.add_error(name, "must be track, warn or block");
  return enforcement;
}

void write_budget(json::Writer& out, const budget::Limits& limits) {
  const auto usd = [](std::optional<pricing::Nano> limit) {
    return limit ? std::optional(pricing::print_usd(*limit)) : std::nullopt;
  };
  out.begin_object()
      .field("daily", usd(limits.daily))
      .field("monthly", usd(limits.monthly))
      .field("total", usd(limits.total))
      .end_object();
}

void write_provider_names(json::Writer& out, config::ProviderSet providers) {
  out.raw(admin::provider_list(providers));
}

void write_deliveries(json::Writer& out, int64_t deliveries) {
  out.begin_array();
  for (const Delivery delivery : kDeliveries) {
    if ((deliveries & static_cast<int64_t>(delivery)) != 0) out.string(provision::delivery_name(delivery));
  }
  out.end_array();
}

std::optional<std::string> parse_reason(Fields& fields) {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789_-";
  auto reason = fields.text("reason", limits::kReasonBytesMax);
  if (reason && reason->find_first_not_of(allowed) != std::string::npos) {
    fields.add_error("reason", "must be one word of a-z 0-9 _ -");
  }
  return reason;
}

bool is_status(std::string_view text) {
  return text == "active" || text == "suspended" || text == "revoked" || text == "expired";
}

void write_members(json::Writer& out, const admin::LicenseView& view) {
  const admin::LicenseTerms& terms = view.terms;
  out.field("id", view.id)
      .field("code_hint", view.code_hint)
      .field("kind", view.kind)
      .field("trial", view.is_trial)
      .field("plan", terms.plan)
      .field("plan_version", terms.plan_version)
      .field("status", view.status);
  out.field("status_reason", view.status_reason);
  out.time("expires_at", terms.expires_at);
  out.field("first_use_days", terms.first_use_days);
  out.key("providers");
  write_provider_names(out, terms.providers);
  out.key("deliveries");
  write_deliveries(out, terms.deliveries);
  out.field("max_machines", terms.max_machines).field("machines_used", view.machines_used);
  write_budget(out.key("budget"), terms.budget.limits);
  out.field("enforcement", budget::enforcement_name(terms.budget.enforcement));
  write_overrides(out, terms.overrides);
  out.field("note", view.note);
  out.key("holder");
  if (view.holder.empty()) {
    out.null();
  } else {
    out.begin_object();
    out.field("name", view.holder.name);
    out.field("email", view.holder.email);
    out.end_object();
  }
  out.time("first_provision_at", view.first_provision_at);
  out.time("last_provision_at", view.last_provision_at);
  out.time("created_at", view.created_at).time("updated_at", view.updated_at).field("version", view.version);
}

std::string print(const admin::LicenseView& view, Run run) {
  json::Writer out(512);
  out.begin_object();
  write_run(out, run);
  write_members(out, view);
  out.end_object();
  return std::move(out).take();
}

Response tagged(const admin::LicenseView& view, Run run) {
  Response response = json_response(200, print(view, run));
  response.header("etag", etag_of(view.version));
  return response;
}

}  // namespace latchkey::http
