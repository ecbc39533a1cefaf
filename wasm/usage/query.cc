#include "usage/query.h"

#include <algorithm>

#include "base/check.h"
#include "base/limits.h"
#include "json/reader.h"
#include "json/writer.h"
#include "store/queries.h"

namespace latchkey::usage {
namespace {

Sum read_sum(const host::Row& row) {
  return {.requests = row.integer("requests"),
          .input_tokens = row.integer("input_tokens"),
          .output_tokens = row.integer("output_tokens"),
          .cached_input_tokens = row.integer("cached_input_tokens"),
          .reasoning_tokens = row.integer("reasoning_tokens"),
          .cost = {row.integer("cost")},
          .unpriced = row.integer("unpriced")};
}

std::optional<std::string> text_or_null(const host::Row& row, std::string_view name) {
  const auto text = row.text_or_null(name);
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

std::optional<std::string_view> bound_cut(Cut cut) {
  return cut == Cut::kNone ? std::nullopt : std::optional(cut_name(cut));
}

// hour_behind: the first whole hour (or day) that is not before `at`: a part of one belongs to the question.
int64_t unit_behind(TimeMs at, TimeMs unit) { return (at + unit - 1) / unit; }

void add_totals(host::Batch& batch, const Question& asked) {
  batch.add(store::kUsageSumTotals)
      .bind(asked.from / kHourMs)
      .bind(unit_behind(asked.until, kHourMs))
      .bind(bound_cut(asked.cut))
      .bind(asked.by_plan ? 1 : 0)
      .bind(asked.by_provider ? 1 : 0)
      .bind(asked.by_model ? 1 : 0)
      .bind(asked.plan)
      .bind(asked.provider)
      .bind(asked.model)
      .bind(limits::kUsageRowsShown + 1);
}

// add_license: hours are kept for some months only, so what can be told by days is.
void add_license(host::Batch& batch, const Question& asked) {
  const bool needs_hours = asked.cut == Cut::kHour || asked.cut == Cut::kHourOfDay;
  const TimeMs unit = needs_hours ? kHourMs : kDayMs;
  batch.add(needs_hours ? store::kUsageSumHourly : store::kUsageSumDaily)
      .bind(asked.from / unit)
      .bind(unit_behind(asked.until, unit))
      .bind(bound_cut(asked.cut))
      .bind(asked.by_provider ? 1 : 0)
      .bind(asked.by_model ? 1 : 0)
      .bind(asked.by_machine ? 1 : 0)
      .bind(asked.license_id)
      .bind(asked.provider)
      .bind(asked.model)
      .bind(asked.machine_id)
      .bind(limits::kUsageRowsShown + 1);
}

std::string print_key(const DailyKey& key) {
  json::Writer out;
  out.begin_array().integer(key.day).string(key.license_id).string(key.provider).string(key.model);
  out.string(key.machine_id).end_array();
  return std::move(out).take();
}

}  // namespace

std::string_view cut_name(Cut cut) {
  switch (cut) {
    case Cut::kNone: return "";
    case Cut::kHour: return "hour";
    case Cut::kDay: return "day";
    case Cut::kMonth: return "month";
    case Cut::kHourOfDay: return "hour_of_day";
    case Cut::kWeekday: return "weekday";
  }
  LK_UNREACHABLE();
}

void Sum::add(const Sum& other) {
  requests += other.requests;
  input_tokens += other.input_tokens;
  output_tokens += other.output_tokens;
  cached_input_tokens += other.cached_input_tokens;
  reasoning_tokens += other.reasoning_tokens;
  // Rows are bounded in number and amount: limits::kUsageRowsShown of at most limits::kD1IntegerMax may not fit.
  cost = pricing::add(cost, other.cost).value_or(pricing::Nano{INT64_MAX});
  unpriced += other.unpriced;
}

Task<Result<std::vector<SumRow>>> UsageService::sums(const Question& question) {
  host::Batch batch;
  if (question.license_id) add_license(batch, question);
  else add_totals(batch, question);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  if (answer.num_rows(0) > limits::kUsageRowsShown) {
    co_return fail(ErrorCode::kInvalidRequest,
                   "That would be more than 5000 rows. Ask for less time, or by less.");
  }
  std::vector<SumRow> rows;
  answer.each_row(0, [&](host::Row row) {
    rows.push_back({.time = row.integer_or_null("time"),
                    .plan = text_or_null(row, "plan"),
                    .provider = text_or_null(row, "provider"),
                    .model = text_or_null(row, "model"),
                    .machine_id = text_or_null(row, "machine_id"),
                    .sum = read_sum(row)});
  });
  co_return rows;
}

Task<Result<std::vector<LicenseCost>>> UsageService::top(int64_t first, int64_t end, uint32_t rows_max) {
  host::Batch batch;
  batch.add(store::kLicenseSpendTop).bind(first).bind(end).bind(rows_max);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  std::vector<LicenseCost> rows;
  answer.each_row(0, [&](host::Row row) {
    rows.push_back({.license_id = std::string(row.text("license_id")),
                    .code_hint = text_or_null(row, "code_hint").value_or(""),
                    .plan = text_or_null(row, "plan").value_or(""),
                    .requests = row.integer("requests"),
                    .cost = {row.integer("cost")},
                    .unpriced = row.integer("unpriced")});
  });
  co_return rows;
}

Month month_of(int64_t day, TimeMs now) {
  const int64_t first = budget::month_start_of(day * kDayMs);
  const int64_t next = budget::month_start_of((first + 31) * kDayMs);
  return {.first_day = first,
          .num_days = next - first,
          .days_gone = std::clamp<int64_t>(budget::day_of(now) + 1 - first, 0, next - first)};
}

Task<Result<std::vector<PlanCost>>> UsageService::plans(const Month& month) {
  host::Batch batch;
  batch.add(store::kUsagePlanCosts)
      .bind(month.first_day)
      .bind(month.first_day + month.num_days)
      .bind(month.days_gone)
      .bind(month.num_days);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  std::vector<PlanCost> rows;
  answer.each_row(0, [&](host::Row row) {
    PlanCost one{.plan = std::string(row.text("plan")),
                 .num_licenses = row.integer("licenses"),
                 .cost = {row.integer("cost")},
                 .median = {row.integer("median")},
                 .p90 = {row.integer("p90")},
                 .p99 = {row.integer("p99")},
                 .max = {row.integer("max")},
                 .revenue = {row.integer("revenue")},
                 .num_unpriced = row.integer("unpriced"),
                 .num_losing = row.integer("losing")};
    if (const auto price = row.integer_or_null("monthly_price")) one.monthly_price = pricing::Nano{*price};
    if (one.num_unpriced < one.num_licenses) one.margin = pricing::Nano{one.revenue.value - row.integer("priced_cost")};
    rows.push_back(std::move(one));
  });
  co_return rows;
}

Task<Result<DailyPage>> UsageService::daily(const DailyKey& after, int64_t end,
                                            const std::optional<std::string>& license_id, uint32_t rows_max) {
  host::Batch batch;
  batch.add(license_id ? store::kUsageDailyListLicense : store::kUsageDailyList)
      .bind(print_key(after))
      .bind(end)
      .bind(rows_max + 1);
  if (license_id) batch.bind(*license_id);
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  DailyPage page;
  answer.each_row(0, [&](host::Row row) {
    const auto text = [&](std::string_view name) { return std::string(row.text(name)); };
    if (page.rows.size() == rows_max) page.next = page.rows.back().key;
    else page.rows.push_back(
        {{row.integer("day"), text("license_id"), text("provider"), text("model"), text("machine_id")}, read_sum(row)});
  });
  co_return page;
}

Task<Result<LicenseUsage>> UsageService::license(std::string_view license_id) {
  const TimeMs now = host_.clock.now();
  const int64_t today = budget::day_of(now);
  host::Batch batch;
  batch.add(store::kLicenseSpendList).bind(license_id).bind(today - static_cast<int64_t>(limits::kForecastDaysMax));
  CO_TRY(const host::BatchAnswer answer, co_await host_.db.run(std::move(batch)));
  const auto row = answer.first(0);
  if (!row) co_return fail(ErrorCode::kNotFound, "There is no licence with this id.");
  LicenseUsage usage{.budget = budget::read_budget(row->text_or_null("budget"))};
  usage.spent.total = {row->integer("total")};
  const auto days = json::Document::parse_host(row->text("days"));
  CHECK(days.has_value());
  days->root().each_item([&](json::Value day) {
    const auto number = [&](size_t i) { return day.item(i).integer().value_or(0); };
    usage.days.push_back({number(0), number(1), {number(2)}, number(3)});
    const LicenseUsage::Day& added = usage.days.back();
    if (added.day == today) usage.spent.today = added.cost;
    if (added.day >= budget::month_start_of(now)) usage.spent.month.value += added.cost.value;
  });
  usage.ahead = look_ahead(usage, now);
  co_return usage;
}

std::vector<LicenseUsage::Ahead> look_ahead(const LicenseUsage& usage, TimeMs now) {
  const int64_t today = budget::day_of(now);
  // Whole days up to yesterday, those without use among them.
  std::vector<int64_t> days;
  for (const LicenseUsage::Day& one : usage.days) {
    if (one.day >= today) break;
    if (days.empty()) days.resize(static_cast<size_t>(today - one.day));
    days[days.size() - static_cast<size_t>(today - one.day)] = one.cost.value;
  }
  const forecast::Spending spending{.days = days, .today = usage.spent.today.value};
  std::vector<LicenseUsage::Ahead> ahead;
  const auto add = [&](budget::Period period) {
    const auto limit = usage.budget.limits.of(period);
    const auto ends_at = budget::resets_at(period, now);
    const budget::Standing standing{period, usage.spent.in(period), limit, ends_at};
    const forecast::Budget bounded{.spent = standing.cost.value,
                                   .limit = limit.value_or(pricing::Nano{INT64_MAX}).value,
                                   .ends_at = ends_at.value_or(kTimeMsMax)};
    ahead.push_back({standing, forecast::predict(spending, bounded, now)});
  };
  for (const auto period : {budget::Period::kDaily, budget::Period::kMonthly, budget::Period::kTotal}) {
    if (usage.budget.limits.of(period)) add(period);
  }
  if (ahead.empty()) add(budget::Period::kMonthly);
  return ahead;
}

}  // namespace latchkey::usage
