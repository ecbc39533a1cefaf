// GET /admin/overview
#include "base/limits.h"
#include "base/public_url.h"
#include "health/doctor.h"
#include "health/overview.h"
#include "http/endpoints.h"
#include "json/writer.h"
#include "pricing/money.h"
#include "provision/key_ring.h"

namespace latchkey::http {
namespace {

using health::DayCost;
using health::Figures;

std::string usd(int64_t nanos) { return pricing::print_usd({nanos}); }

void write_tally(json::Writer& out, std::string_view name, const health::Tally& tally) {
  out.key(name).begin_object();
  for (const std::string_view one : tally.names()) out.field(one, tally.of(one));
  out.end_object();
}

void write_cost(json::Writer& out, const DayCost& sum) {
  out.field("requests", sum.requests).field("cost", usd(sum.cost)).field("unpriced", sum.unpriced);
}

void write_costs(json::Writer& out, const health::Overview& overview, TimeMs now) {
  const health::Costs costs = health::sum_costs(overview.days, now);
  out.key("cost").begin_object().key("today").begin_object();
  write_cost(out, costs.today);
  out.end_object().key("month").begin_object();
  write_cost(out, costs.month);
  out.end_object().field("method", forecast::method_name(costs.forecast.method)).key("forecast");
  if (const auto& outlook = costs.forecast.outlook) {
    out.begin_object()
        .time("until", outlook->until)
        .field("cost", usd(outlook->sum))
        .field("cost_low", usd(outlook->sum_low))
        .field("cost_high", usd(outlook->sum_high))
        .end_object();
  } else {
    out.null();
  }
  out.key("days").begin_array();
  for (const DayCost& day : overview.days) {
    out.begin_object().time("day", day.day * kDayMs);
    write_cost(out, day);
    out.end_object();
  }
  out.end_array().end_object();
}

void write_alerts(json::Writer& out, const Figures& figures) {
  out.key("alerts").begin_object();
  for (const auto severity : {alert::Severity::kCritical, alert::Severity::kWarning, alert::Severity::kInfo}) {
    int64_t number = 0;
    for (const auto& kind : figures.alerts) number += kind[static_cast<size_t>(severity)];
    out.field(alert::severity_name(severity), number);
  }
  out.end_object();
}

void write_providers(json::Writer& out, const Figures& figures, const config::Config& config) {
  out.key("providers").begin_array();
  for (size_t i = 0; i < config::kNumProviders; ++i) {
    const health::ProviderFigures& provider = figures.providers[i];
    const bool has_secret = config.provider_secrets[i].has_value();
    const auto version =
        provider.stored_version || !has_secret ? provider.stored_version : std::optional(int64_t{provision::kWorkerSecretVersion});
    out.begin_object()
        .field("provider", config::kProviders[i].name)
        .field("source", provider.stored_version ? "stored" : has_secret ? "secret" : "none")
        .field("version", version)
        .time("published_at", provider.published_at)
        .field("verdict", provider.verdict)
        .time("checked_at", provider.checked_at)
        .field("rotation", provider.rotation)
        .key("today")
        .begin_object();
    write_cost(out, {.requests = provider.requests, .cost = provider.cost, .unpriced = provider.unpriced});
    out.end_object().end_object();
  }
  out.end_array();
}

void write_stores(json::Writer& out, const Figures& figures, const health::KvProbe& kv) {
  out.key("d1").begin_object().field("took_ms", figures.d1_took).end_object();
  out.key("kv")
      .begin_object()
      .field("answers", kv.answers)
      .field("took_ms", kv.answers ? std::optional(kv.took) : std::nullopt)
      .field("outbox", kv.answers ? std::optional(kv.waiting) : std::nullopt)
      .field("licenses_behind", figures.licenses_behind_kv)
      .field("ring_behind", figures.ring_behind > 0 || figures.epoch_behind > 0)
      .end_object();
}

void write_upkeep(json::Writer& out, const Figures& figures) {
  out.key("audit")
      .begin_object()
      .field("records", figures.audit_seq)
      .field("checkpoint_records", figures.checkpoint_size)
      .time("checkpoint_at", figures.checkpoint_at)
      .end_object();
  out.time("cron_at", figures.cron_at()).time("backup_at", figures.backup_at).field("usage_behind", figures.usage_behind);
}

void write_capped(json::Writer& out, const health::Overview& overview) {
  out.key("capped").begin_array();
  for (const std::string_view figure : overview.figures.capped.names()) {
    if (overview.figures.capped.of(figure) > 0) out.string(figure);
  }
  if (overview.is_capped) out.string("days");
  out.end_array();
}

}  // namespace

Task<Result<Response>> admin_overview(Context& context) {
  const config::Config& config = context.app.config;
  CO_TRY(const health::Overview overview, co_await health::load_overview(context.host));
  const health::KvProbe kv = co_await health::probe_kv(context.host);
  const Figures& figures = overview.figures;
  const auto checks = health::examine({.figures = figures,
                                       .config = config,
                                       .kv = kv,
                                       .self_test_passed = context.app.self_test_passed,
                                       .is_loopback = is_loopback(context.request.origin)});
  json::Writer out(8192);
  out.begin_object().time("time", figures.at).field("status", health::status_name(health::worst(checks)));
  write_tally(out, "licenses", figures.licenses);
  write_tally(out, "shared", figures.shared);
  out.field("machines", figures.machines);
  out.key("provisions").begin_object().field("minutes", limits::kMetricsWindowMs / kMinuteMs);
  out.field("granted", figures.granted);
  write_tally(out, "denied", figures.denied);
  out.end_object();
  write_costs(out, overview, figures.at);
  write_alerts(out, figures);
  write_stores(out, figures, kv);
  write_providers(out, figures, config);
  write_tally(out, "webhooks", figures.webhooks);
  write_upkeep(out, figures);
  write_capped(out, overview);
  out.end_object();
  co_return json_response(200, std::move(out).take());
}

}  // namespace latchkey::http
