#include "budget/budget.h"

#include <algorithm>
#include <chrono>

#include "base/check.h"

namespace latchkey::budget {
namespace {

using pricing::Nano;

constexpr Period kPeriods[] = {Period::kDaily, Period::kMonthly, Period::kTotal};

// uses_more: whether the first uses a larger part of its limit. A limit of nothing is used up. Of equals: no.
bool uses_more(const Standing& a, const Standing& b) {
  using Wide = __int128;
  return static_cast<Wide>(a.cost.value) * std::max<int64_t>(b.limit->value, 1) >
         static_cast<Wide>(b.cost.value) * std::max<int64_t>(a.limit->value, 1);
}

}  // namespace

std::string_view enforcement_name(Enforcement enforcement) {
  switch (enforcement) {
    case Enforcement::kTrack: return "track";
    case Enforcement::kWarn: return "warn";
    case Enforcement::kBlock: return "block";
  }
  LK_UNREACHABLE();
}

std::optional<Enforcement> parse_enforcement(std::string_view name) {
  for (const Enforcement one : {Enforcement::kTrack, Enforcement::kWarn, Enforcement::kBlock}) {
    if (name == enforcement_name(one)) return one;
  }
  return std::nullopt;
}

std::string_view period_name(Period period) {
  switch (period) {
    case Period::kDaily: return "daily";
    case Period::kMonthly: return "monthly";
    case Period::kTotal: return "total";
  }
  LK_UNREACHABLE();
}

std::optional<Nano> Limits::of(Period period) const {
  switch (period) {
    case Period::kDaily: return daily;
    case Period::kMonthly: return monthly;
    case Period::kTotal: return total;
  }
  LK_UNREACHABLE();
}

Nano Spent::in(Period period) const {
  switch (period) {
    case Period::kDaily: return today;
    case Period::kMonthly: return month;
    case Period::kTotal: return total;
  }
  LK_UNREACHABLE();
}

void write_limits(json::Writer& out, const Limits& limits) {
  out.begin_object();
  for (const Period period : kPeriods) {
    if (const auto limit = limits.of(period)) out.field(period_name(period), limit->value);
  }
  out.end_object();
}

Limits read_limits(json::Value object) {
  const auto limit = [&](Period period) -> std::optional<Nano> {
    const auto value = object.member(period_name(period));
    const auto nanos = value ? value->integer() : std::nullopt;
    return nanos ? std::optional(Nano{*nanos}) : std::nullopt;
  };
  return {limit(Period::kDaily), limit(Period::kMonthly), limit(Period::kTotal)};
}

std::optional<std::string> print_budget(const Budget& budget) {
  if (budget == Budget{}) return std::nullopt;
  json::Writer out;
  out.begin_object();
  const auto field = [&](Period period) {
    if (const auto limit = budget.limits.of(period)) out.field(period_name(period), limit->value);
  };
  field(Period::kDaily);
  out.field("enforcement", enforcement_name(budget.enforcement));
  field(Period::kMonthly);
  field(Period::kTotal);
  out.end_object();
  return std::move(out).take();
}

std::optional<Budget> parse_budget(json::Value value) {
  const auto word = value.member("enforcement");
  const auto enforcement = word ? parse_enforcement(word->string().value_or("")) : std::nullopt;
  if (!enforcement) return std::nullopt;
  return Budget{*enforcement, read_limits(value)};
}

Budget read_budget(std::optional<std::string_view> column) {
  if (!column) return {};
  const auto document = json::Document::parse_host(*column);
  CHECK(document.has_value());
  const auto budget = parse_budget(document->root());
  CHECK(budget.has_value());
  return *budget;
}

int64_t month_start_of(TimeMs at) {
  using namespace std::chrono;
  const year_month_day date(sys_days(days(day_of(at))));
  return sys_days(date.year() / date.month() / 1).time_since_epoch().count();
}

std::optional<TimeMs> resets_at(Period period, TimeMs now) {
  switch (period) {
    case Period::kDaily: return (day_of(now) + 1) * kDayMs;
    case Period::kMonthly: return month_start_of((month_start_of(now) + 31) * kDayMs) * kDayMs;
    case Period::kTotal: return std::nullopt;
  }
  LK_UNREACHABLE();
}

std::optional<Nano> Standing::remaining() const {
  if (!limit) return std::nullopt;
  return Nano{std::max<int64_t>(0, limit->value - cost.value)};
}

bool Standing::is_near() const {
  return limit && static_cast<__int128>(cost.value) * 100 >= static_cast<__int128>(limit->value) * kNearPercent;
}

std::string describe(const Standing& standing) {
  std::string text = pricing::print_usd(standing.cost);
  if (standing.limit) text += " of " + pricing::print_usd(*standing.limit);
  text += " USD are used";
  switch (standing.period) {
    case Period::kDaily: text += " today"; break;
    case Period::kMonthly: text += " this month"; break;
    case Period::kTotal: text += " in all"; break;
  }
  if (standing.resets_at) text += "; it resets at " + format_time(*standing.resets_at);
  return text;
}

Standing standing(const Budget& budget, const Spent& spent, TimeMs now) {
  std::optional<Standing> most;
  for (const Period period : kPeriods) {
    if (!budget.limits.of(period)) continue;
    const Standing one{period, spent.in(period), budget.limits.of(period), resets_at(period, now)};
    if (!most || uses_more(one, *most)) most = one;
  }
  return most.value_or(Standing{Period::kMonthly, spent.month, std::nullopt, resets_at(Period::kMonthly, now)});
}

std::optional<Standing> reached(const Budget& budget, const Spent& spent, TimeMs now) {
  std::optional<Standing> last;
  for (const Period period : kPeriods) {
    const auto limit = budget.limits.of(period);
    if (limit && spent.in(period) >= *limit) last = Standing{period, spent.in(period), limit, resets_at(period, now)};
  }
  return last;
}

std::optional<TimeMs> blocked_until(const Budget& budget, const Spent& spent, TimeMs now) {
  if (!is_blocked(budget, spent, now)) return std::nullopt;
  return reached(budget, spent, now)->resets_at.value_or(kTimeMsMax);
}

Spent Snapshot::spent_at(TimeMs now) const {
  Spent left = spent;
  if (day_of(now) > day_of(at)) left.today = {};
  if (month_start_of(now) > month_start_of(at)) left.month = {};
  return left;
}

}  // namespace latchkey::budget
