#include "payments/reconcile.h"

#include <map>

#include "base/limits.h"
#include "json/writer.h"
#include "payments/service.h"
#include "payments/stripe.h"
#include "store/audit.h"
#include "store/queries.h"

namespace latchkey::payments {
namespace {

// Walk: a row of payment_reconciles, claimed by this run.
struct Walk {
  std::string provider;
  TimeMs lease = 0;
  TimeMs next_at = 0;
  std::optional<TimeMs> begun_at;
  std::optional<TimeMs> from_at;
  std::optional<std::string> cursor;
  std::optional<TimeMs> done_at;
  std::optional<TimeMs> refused_at;
};

// Page: what an API listed; no cursor: it was the last one.
struct Page {
  std::vector<Event> events;
  std::optional<std::string> cursor;
};

class Reconcile {
 public:
  Reconcile(host::Host& host, const config::Config& config) : host_(host), config_(config) {}

  Task<Result<Void>> run(std::string provider) {
    const TimeMs now = host_.clock.now();
    host::Batch claim;
    claim.add(store::kPaymentReconcileClaim).bind(provider).bind(now).bind(now + limits::kReconcileLeaseMs);
    CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(claim)));
    const auto row = answer.first(0);
    if (!row) co_return Void{};
    const auto cursor = row->text_or_null("cursor");
    Walk walk{.provider = provider,
              .lease = row->integer("lease_until"),
              .next_at = row->integer("next_at"),
              .begun_at = row->integer_or_null("begun_at"),
              .from_at = row->integer_or_null("from_at"),
              .cursor = cursor ? std::optional<std::string>(*cursor) : std::nullopt,
              .done_at = row->integer_or_null("done_at"),
              .refused_at = row->integer_or_null("refused_at")};
    if (!walk.begun_at) begin(walk, now);
    auto walked = co_await pages(walk);
    CO_TRY_VOID(co_await store(walk, walked, now));
    co_return walked;
  }

 private:
  static void begin(Walk& walk, TimeMs now) {
    const bool is_stripe = walk.provider == "stripe";
    const TimeMs oldest = now - (is_stripe ? limits::kReconcileBackMs : limits::kReconcileSalesBackMs);
    // Gumroad lists sales by when they were made, so what became of them since is found only by going back.
    const TimeMs wanted = walk.from_at ? *walk.from_at
                          : !is_stripe ? oldest
                                       : walk.done_at.value_or(now) - limits::kReconcileOverlapMs;
    walk.begun_at = now;
    walk.from_at = std::max(wanted, oldest);
    walk.cursor = std::nullopt;
  }

  // pages: some of them. The walk moves behind each page that was taken in whole.
  Task<Result<Void>> pages(Walk& walk) {
    uint32_t num_taken = 0;
    for (uint32_t page = 0; page < limits::kReconcilePagesPerRun; ++page) {
      CO_TRY(Page listed, co_await list(walk));
      CO_TRY(std::vector<Event> missed, co_await missed_of(std::move(listed.events)));
      for (Event& event : missed) {
        if (num_taken++ == limits::kReconcileTakenPerRun) co_return Void{};
        CO_TRY_VOID(co_await take(std::move(event)));
      }
      walk.cursor = listed.cursor;
      if (walk.cursor) continue;
      walk.done_at = walk.begun_at;
      walk.begun_at = walk.from_at = std::nullopt;
      co_return Void{};
    }
    co_return Void{};
  }

  Task<Result<Page>> list(const Walk& walk) {
    if (walk.provider == "stripe") {
      stripe::Api api(host_, config_);
      CO_TRY(auto listed, co_await api.events(*walk.from_at, walk.cursor.value_or("")));
      co_return Page{std::move(listed.events), listed.has_more ? std::optional(listed.last_id) : std::nullopt};
    }
    gumroad::Api api(host_, config_);
    CO_TRY(auto listed, co_await api.sales(*walk.from_at, walk.cursor.value_or("")));
    co_return Page{std::move(listed.events), listed.next_key.empty() ? std::nullopt : std::optional(listed.next_key)};
  }

  // missed_of: those that are not stored, or stored otherwise. The last that the API lists first: it lists the newest first.
  Task<Result<std::vector<Event>>> missed_of(std::vector<Event> events) {
    json::Writer ids;
    ids.begin_array();
    for (const Event& event : events) ids.string(event.fact.id);
    ids.end_array();
    host::Batch look;
    look.add(store::kPaymentEventListKnown).bind(ids.text());
    CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(look)));
    std::map<std::string, std::string, std::less<>> known;
    answer.each_row(0, [&](host::Row row) {
      known[std::string(row.text("id"))] = row.integer("unread") != 0 ? "" : std::string(row.text("facts"));
    });
    std::vector<Event> missed;
    for (auto event = events.rbegin(); event != events.rend(); ++event) {
      const auto stored = known.find(event->fact.id);
      const bool is_known = stored != known.end() && (!event->is_snapshot || stored->second == print_fact(event->fact));
      if (!is_known) missed.push_back(std::move(*event));
    }
    co_return missed;
  }

  Task<Result<Void>> take(Event event) {
    const std::string request_id = cron_request_id(host_);
    const store::AuditRow by = cron_row(request_id);
    PaymentService service(host_, config_, by);
    if (event.provider == "stripe") {
      CO_TRY_VOID(co_await service.take_stripe(std::move(event)));
    } else {
      CO_TRY_VOID(co_await service.take(std::move(event)));
    }
    co_return Void{};
  }

  // store: where the walk stands, and once a day that the API refused our key.
  Task<Result<Void>> store(Walk walk, const Result<Void>& walked, TimeMs now) {
    const bool is_refused = !walked && walked.error().code() == ErrorCode::kForbidden;
    walk.next_at = !walked         ? now + limits::kReconcileRetryMs
                   : walk.begun_at ? now
                                   : now + limits::kReconcileEveryMs;
    if (is_refused) walk.next_at = now + limits::kReconcileEveryMs;
    if (walked) walk.refused_at = std::nullopt;
    const bool is_news = is_refused && (!walk.refused_at || now - *walk.refused_at >= limits::kReconcileEveryMs);
    if (is_news) walk.refused_at = now;
    host::Batch batch;
    batch.add(store::kPaymentReconcileStore)
        .bind(walk.provider)
        .bind(walk.lease)
        .bind(walk.next_at)
        .bind(walk.begun_at)
        .bind(walk.from_at)
        .bind(walk.cursor)
        .bind(walk.done_at)
        .bind(walk.refused_at);
    const std::string request_id = cron_request_id(host_);
    const std::string details = json::Writer().begin_object().field("provider", walk.provider).end_object().text();
    if (is_news) {
      store::AuditRow row = cron_row(request_id);
      row.at = now;
      row.action = "payment.reconcile_refused";
      row.details = details;
      store::add_audit(batch, row);
    }
    CO_TRY_VOID(co_await host_.db.run(std::move(batch)));
    co_return Void{};
  }

  host::Host& host_;
  const config::Config& config_;
};

}  // namespace

Task<Result<Void>> run_reconcile(host::Host& host, const config::Config& config) {
  Result<Void> result = Void{};
  Reconcile reconcile(host, config);
  for (const std::string_view provider : {"stripe", "gumroad"}) {
    const bool is_on = provider == "stripe" ? config.payments.stripe.api_key.has_value() : config.payments.gumroad.has_value();
    if (!is_on) continue;
    auto walked = co_await reconcile.run(std::string(provider));
    if (!walked) result = Unexpected(std::move(walked).error());
  }
  co_return result;
}

}  // namespace latchkey::payments
