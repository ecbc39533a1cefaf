#include "usage/reprice.h"

#include "base/limits.h"
#include "json/writer.h"
#include "store/queries.h"
#include "usage/event.h"

namespace latchkey::usage {
namespace {

Event read_event(const host::Row& row) {
  return {.provider = std::string(row.text("provider")),
          .model = std::string(row.text("model")),
          .tokens = {.input = row.integer("input_tokens"),
                     .output = row.integer("output_tokens"),
                     .cached_input = row.integer("cached_input_tokens"),
                     .reasoning = row.integer("reasoning_tokens")},
          .at = row.integer("at")};
}

// Changes: the costs of a slice that are to change, as the statements take them: [seq, cost read, cost now].
class Changes {
 public:
  Changes() { rows_.begin_array(); }

  void add(int64_t seq, std::optional<int64_t> old, std::optional<int64_t> fresh) {
    rows_.begin_array().integer(seq);
    old ? rows_.integer(*old) : rows_.null();
    fresh ? rows_.integer(*fresh) : rows_.null();
    rows_.end_array();
    ++num_rows_;
    difference_.value += fresh.value_or(0) - old.value_or(0);
  }

  uint32_t num_rows() const { return num_rows_; }
  pricing::Nano difference() const { return difference_; }
  std::string take() && {
    rows_.end_array();
    return std::move(rows_).take();
  }

 private:
  json::Writer rows_;
  uint32_t num_rows_ = 0;
  pricing::Nano difference_;
};

// details_of: a slice, for the audit log. Canonical.
std::string details_of(const RepriceSlice& slice, const RepricePlace& place) {
  json::Writer out;
  out.begin_object().field("after_seq", place.after_seq).field("changed", slice.num_changed);
  out.field("difference", pricing::print_usd(slice.difference));
  out.field("version", slice.version).field("walked", slice.num_walked).end_object();
  return std::move(out).take();
}

}  // namespace

Task<Result<RepriceSlice>> RepriceService::reprice(const RepricePlace& place, Run run) {
  // 1. A slice of events, and the table in force where it is not the one that this isolate knows.
  PricesPtr prices = shared_.presumed();
  host::Batch look;
  look.add(store::kUsageRepriceList).bind(place.after_seq).bind(limits::kRepriceEventsPerSlice);
  look.add(store::kPriceTableNewer).bind(prices->version);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(look)));
  const auto first = answer.first(0);
  if (const auto newer = answer.first(1)) {
    CO_TRY(prices, stored_prices(newer->integer("version"), newer->text("body")));
  } else if (first && first->integer("price_version") != prices->version) {
    prices = built_in_prices();
  }
  shared_.prices = prices;

  // 2. What they cost now.
  RepriceSlice slice{.version = prices->version};
  Changes changes;
  answer.each_row(0, [&](host::Row row) {
    ++slice.num_walked;
    slice.next = row.integer("seq");
    const Event event = read_event(row);
    if (place.since && event.at < *place.since) return;
    const auto old = row.integer_or_null("cost");
    const auto fresh = cost_of(event, prices->list).transform([](pricing::Nano cost) { return cost.value; });
    if (old != fresh) changes.add(*slice.next, old, fresh);
  });
  if (slice.num_walked < limits::kRepriceEventsPerSlice) slice.next.reset();
  slice.num_changed = changes.num_rows();
  slice.difference = changes.difference();
  if (slice.num_changed == 0 || run == Run::kDry) co_return slice;

  // 3. The certificate, the sums, and last the events, by whose old costs each statement knows what to do.
  const std::string details = details_of(slice, place);
  const std::string rows = std::move(changes).take();
  host::Batch batch;
  batch.add(store::kAuditAppendRepriced)
      .bind(host_.clock.now())
      .bind(by_.request_id)
      .bind(by_.actor)
      .bind(by_.address_hash)
      .bind(by_.country)
      .bind(by_.user_agent)
      .bind(details)
      .bind(slice.version)
      .bind(rows)
      .bind(slice.num_changed);
  for (const std::string_view sums : {store::kUsageRepriceSpend, store::kUsageRepriceHourly, store::kUsageRepriceDaily,
                                      store::kUsageRepriceTotals}) {
    batch.add(sums).bind(rows).bind(by_.request_id);
  }
  batch.add(store::kLicenseTouchBlocked).bind(rows);
  batch.add(store::kUsageRepriceStore).bind(rows).bind(by_.request_id).bind(slice.version);
  CO_TRY(const host::BatchAnswer stored, co_await host_.db.run(std::move(batch)));
  if (stored.changes(0) == 0) {
    co_return fail(ErrorCode::kConflict, "Prices or costs were changed by someone else. Ask for this slice again.");
  }
  co_return slice;
}

}  // namespace latchkey::usage
