// /admin/usage, /admin/usage/daily, /admin/usage/licenses, /admin/usage/plans, /admin/licenses/{license_id}/usage
#include <algorithm>

#include "base/limits.h"
#include "http/endpoints.h"
#include "http/endpoints/client_request.h"
#include "http/endpoints/license_fields.h"
#include "http/fields.h"
#include "http/paging.h"
#include "json/writer.h"
#include "usage/query.h"

namespace latchkey::http {
namespace {

using usage::Cut;
using usage::DailyKey;
using usage::Question;
using usage::UsageService;

constexpr size_t kMonthChars = 7;
constexpr TimeMs kSpanDefault = 30 * kDayMs;
constexpr Cut kCuts[] = {Cut::kHour, Cut::kDay, Cut::kMonth, Cut::kHourOfDay, Cut::kWeekday};

// Span: what ?from= and ?until= ask for: the last 30 days and today, where they do not.
struct Span {
  TimeMs from = 0;
  TimeMs until = 0;
  int64_t first_day() const { return from / kDayMs; }
  int64_t end_day() const { return (until + kDayMs - 1) / kDayMs; }
};

Span parse_span(const Context& context, std::vector<FieldError>& errors) {
  const auto time = [&](std::string_view name) -> std::optional<TimeMs> {
    const auto text = context.request.query_value(name);
    const auto at = text ? parse_time(*text) : std::nullopt;
    const std::string location = "query." + std::string(name);
    if (text && !at) errors.push_back({location, "must be a time such as 2027-01-31T00:00:00Z or a date"});
    if (at && *at < 0) errors.push_back({location, "must not be before 1970"});
    return at;
  };
  const TimeMs now = context.host.clock.now();
  const auto until = time("until");
  const auto from = time("from");
  const TimeMs end = until.value_or(now + 1);
  const Span span{.from = from.value_or((end - kSpanDefault) / kDayMs * kDayMs), .until = end};
  if (span.from >= span.until) errors.push_back({"query.from", "must be before until"});
  return span;
}

// parse_month: ?month=, or the running one.
usage::Month parse_month(const Context& context, TimeMs now, std::vector<FieldError>& errors) {
  const auto text = context.request.query_value("month");
  const auto first = text && text->size() == kMonthChars ? parse_time(std::string(*text) + "-01") : std::nullopt;
  const usage::Month running = usage::month_of(budget::day_of(now), now);
  const int64_t oldest = running.first_day - int64_t{limits::kPlanCostMonthsBack} * 31;
  if (!text) return running;
  if (!first || budget::day_of(*first) > running.first_day || budget::day_of(*first) < oldest) {
    errors.push_back({"query.month", "must be a month such as 2027-01, of the last thirteen"});
    return running;
  }
  return usage::month_of(budget::day_of(*first), now);
}

// parse_by: the names in ?by=, each once, and one cut of time at most.
void parse_by(std::string_view text, Question& asked, std::vector<FieldError>& errors) {
  const auto flag = [&](std::string_view name) -> bool* {
    if (name == "provider") return &asked.by_provider;
    if (name == "model") return &asked.by_model;
    if (name == "plan" && !asked.license_id) return &asked.by_plan;
    if (name == "machine" && asked.license_id) return &asked.by_machine;
    return nullptr;
  };
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    const std::string_view name = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    const auto* cut = std::ranges::find(kCuts, name, usage::cut_name);
    if (bool* by = flag(name); by != nullptr && !*by) {
      *by = true;
    } else if (cut != std::end(kCuts) && asked.cut == Cut::kNone) {
      asked.cut = *cut;
    } else {
      errors.push_back({"query.by", "must be of hour, day, month, hour_of_day, weekday (one of these), provider, model, "
                                    "and plan, or with license_id machine"});
      return;
    }
  }
}

Question parse_question(const Context& context, std::vector<FieldError>& errors) {
  refuse_unknown_query(context, {"from", "until", "by", "plan", "provider", "model", "license_id", "machine_id"}, errors);
  const Span span = parse_span(context, errors);
  const auto value = [&](std::string_view name) {
    const auto text = context.request.query_value(name);
    return text ? std::optional<std::string>(*text) : std::nullopt;
  };
  Question asked{.from = span.from,
                 .until = span.until,
                 .plan = value("plan"),
                 .provider = value("provider"),
                 .model = value("model"),
                 .license_id = value("license_id"),
                 .machine_id = value("machine_id")};
  parse_by(value("by").value_or(""), asked, errors);
  if (asked.license_id && asked.plan) errors.push_back({"query.plan", "does not go with license_id"});
  if (asked.machine_id && !asked.license_id) errors.push_back({"query.machine_id", "goes with license_id"});
  return asked;
}

void write_sum(json::Writer& out, const usage::Sum& sum) {
  out.field("requests", sum.requests)
      .field("input_tokens", sum.input_tokens)
      .field("output_tokens", sum.output_tokens)
      .field("cached_input_tokens", sum.cached_input_tokens)
      .field("reasoning_tokens", sum.reasoning_tokens)
      .field("cost", pricing::print_usd(sum.cost))
      .field("unpriced", sum.unpriced);
}

void write_cut(json::Writer& out, Cut cut, int64_t time) {
  if (cut == Cut::kHourOfDay || cut == Cut::kWeekday) out.field(usage::cut_name(cut), time);
  else out.time(usage::cut_name(cut), time);
}

void write_row(json::Writer& out, const Question& asked, const usage::SumRow& row) {
  out.begin_object();
  if (row.time) write_cut(out, asked.cut, *row.time);
  if (asked.by_plan) out.field("plan", row.plan);
  if (asked.by_provider) out.field("provider", row.provider);
  if (asked.by_model) out.field("model", row.model);
  if (asked.by_machine) out.field("machine_id", row.machine_id);
  write_sum(out, row.sum);
  out.end_object();
}

// The place in a cursor: the key's parts, which hold no line feed.
std::string print_place(const DailyKey& key) {
  return std::to_string(key.day) + "\n" + key.license_id + "\n" + key.provider + "\n" + key.model + "\n" + key.machine_id;
}

std::optional<DailyKey> read_place(std::string_view text) {
  std::vector<std::string> parts;
  for (;;) {
    const size_t end = text.find('\n');
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  if (parts.size() != 5) return std::nullopt;
  return DailyKey{std::strtoll(parts[0].c_str(), nullptr, 10), parts[1], parts[2], parts[3], parts[4]};
}

void write_outlook(json::Writer& out, const forecast::Outlook& outlook) {
  const auto usd = [](int64_t nanos) { return pricing::print_usd({nanos}); };
  out.begin_object();
  out.time("reached_at", outlook.reached_at).time("earliest", outlook.earliest).time("latest", outlook.latest);
  out.time("until", outlook.until)
      .field("cost", usd(outlook.sum))
      .field("cost_low", usd(outlook.sum_low))
      .field("cost_high", usd(outlook.sum_high))
      .end_object();
}

}  // namespace

Task<Result<Response>> admin_usage_sums(Context& context) {
  std::vector<FieldError> errors;
  const Question asked = parse_question(context, errors);
  if (!errors.empty()) co_return context.invalid(errors);
  UsageService service(context.host);
  CO_TRY(const auto rows, co_await service.sums(asked));
  usage::Sum total;
  json::Writer out(8192);
  out.begin_object().time("from", asked.from).time("until", asked.until).key("data").begin_array();
  for (const usage::SumRow& row : rows) {
    write_row(out, asked, row);
    total.add(row.sum);
  }
  out.end_array().key("total").begin_object();
  write_sum(out, total);
  out.end_object().end_object();
  co_return json_response(200, std::move(out).take());
}

Task<Result<Response>> admin_usage_licenses(Context& context) {
  std::vector<FieldError> errors;
  refuse_unknown_query(context, {"from", "until"}, errors);
  const Span span = parse_span(context, errors);
  const PageAsked asked = parse_page(context, "usage licenses", errors);
  if (asked.after) errors.push_back(bad_cursor());
  if (!errors.empty()) co_return context.invalid(errors);
  UsageService service(context.host);
  CO_TRY(const auto rows, co_await service.top(span.first_day(), span.end_day(), asked.rows_max));
  json::Writer out(8192);
  out.begin_object().key("data").begin_array();
  for (const usage::LicenseCost& row : rows) {
    out.begin_object()
        .field("license_id", row.license_id)
        .field("code_hint", row.code_hint)
        .field("plan", row.plan)
        .field("requests", row.requests)
        .field("cost", pricing::print_usd(row.cost))
        .field("unpriced", row.unpriced)
        .end_object();
  }
  out.end_array().end_object();
  co_return json_response(200, std::move(out).take());
}

Task<Result<Response>> admin_usage_plans(Context& context) {
  std::vector<FieldError> errors;
  refuse_unknown_query(context, {"month"}, errors);
  const TimeMs now = context.host.clock.now();
  const usage::Month month = parse_month(context, now, errors);
  if (!errors.empty()) co_return context.invalid(errors);
  UsageService service(context.host);
  CO_TRY(const auto rows, co_await service.plans(month));
  json::Writer out(4096);
  out.begin_object()
      .field("month", format_time(month.first_day * kDayMs).substr(0, kMonthChars))
      .field("days", month.num_days)
      .field("days_gone", month.days_gone)
      .key("data")
      .begin_array();
  for (const usage::PlanCost& row : rows) {
    out.begin_object()
        .field("plan", row.plan)
        .field("licenses", row.num_licenses)
        .field("cost", pricing::print_usd(row.cost))
        .field("median", pricing::print_usd(row.median))
        .field("p90", pricing::print_usd(row.p90))
        .field("p99", pricing::print_usd(row.p99))
        .field("max", pricing::print_usd(row.max))
        .field("monthly_price", row.monthly_price.transform(pricing::print_usd))
        .field("revenue", pricing::print_usd(row.revenue))
        .field("unpriced_licenses", row.num_unpriced)
        .field("margin", row.margin.transform(pricing::print_usd))
        .field("losing", row.num_losing)
        .end_object();
  }
  out.end_array().end_object();
  co_return json_response(200, std::move(out).take());
}

Task<Result<Response>> admin_usage_daily(Context& context) {
  std::vector<FieldError> errors;
  refuse_unknown_query(context, {"from", "until", "license_id"}, errors);
  const Span span = parse_span(context, errors);
  const auto named = context.request.query_value("license_id");
  const auto license_id = named ? std::optional<std::string>(*named) : std::nullopt;
  const std::string bound_to = "usage daily|" + std::string(context.request.query_value("from").value_or("")) + "|" +
                               std::string(context.request.query_value("until").value_or("")) + "|" +
                               license_id.value_or("");
  const PageAsked asked = parse_page(context, bound_to, errors);
  const auto after = asked.after ? read_place(*asked.after) : DailyKey{.day = span.first_day()};
  if (!after) errors.push_back(bad_cursor());
  if (!errors.empty()) co_return context.invalid(errors);
  UsageService service(context.host);
  CO_TRY(const usage::DailyPage page, co_await service.daily(*after, span.end_day(), license_id, asked.rows_max));
  json::Writer out(16384);
  out.begin_object().key("data").begin_array();
  for (const usage::DailyRow& row : page.rows) {
    out.begin_object()
        .time("day", row.key.day * kDayMs)
        .field("license_id", row.key.license_id)
        .field("machine_id", row.key.machine_id)
        .field("provider", row.key.provider)
        .field("model", row.key.model);
    write_sum(out, row.sum);
    out.end_object();
  }
  out.end_array();
  write_next_cursor(out, context, bound_to, page.next ? std::optional(print_place(*page.next)) : std::nullopt);
  out.end_object();
  co_return json_response(200, std::move(out).take());
}

Task<Result<Response>> admin_license_usage(Context& context) {
  UsageService service(context.host);
  CO_TRY(const usage::LicenseUsage usage, co_await service.license(context.path_parameter));
  const TimeMs now = context.host.clock.now();
  json::Writer out(4096);
  out.begin_object().key("budget");
  write_budget(out, usage.budget.limits);
  out.field("enforcement", budget::enforcement_name(usage.budget.enforcement))
      .field("blocked", budget::is_blocked(usage.budget, usage.spent, now))
      .key("spent");
  write_budget(out, {usage.spent.today, usage.spent.month, usage.spent.total});
  out.key("limits").begin_array();
  for (const usage::LicenseUsage::Ahead& ahead : usage.ahead) {
    out.begin_object().key("usage");
    write_standing(out, ahead.standing);
    out.field("method", forecast::method_name(ahead.forecast.method)).key("forecast");
    if (ahead.forecast.outlook) write_outlook(out, *ahead.forecast.outlook);
    else out.null();
    out.end_object();
  }
  out.end_array().key("days").begin_array();
  for (const usage::LicenseUsage::Day& day : usage.days) {
    out.begin_object()
        .time("day", day.day * kDayMs)
        .field("requests", day.requests)
        .field("cost", pricing::print_usd(day.cost))
        .field("unpriced", day.unpriced)
        .end_object();
  }
  out.end_array().end_object();
  co_return json_response(200, std::move(out).take());
}

}  // namespace latchkey::http
