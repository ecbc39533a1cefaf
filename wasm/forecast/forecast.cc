#include "forecast/forecast.h"

#include <algorithm>
#include <array>

namespace latchkey::forecast {
namespace {

constexpr std::array<std::string_view, 6> kMethods = {"too_little_history", "level",        "weekdays",
                                                      "trend",              "intermittent", "stopped"};
constexpr double kSumMax = 9.2e18;

// Path: what will be spent from now on until each midnight to come.
struct Path {
  double expected = 0;
  double low = 0;
  double high = 0;
};

// Ahead: the paths, from a moment within a day.
class Ahead {
 public:
  Ahead(const Model& model, int64_t today, TimeMs now)
      : model_(model), today_(static_cast<double>(std::max<int64_t>(today, 0))), gone_(part_of_day(now)), now_(now) {}

  // at: a moment between two midnights lies between their sums in proportion.
  Path at(TimeMs when) const {
    const TimeMs midnight = now_ - now_ % kDayMs;
    const auto days = static_cast<size_t>((when - midnight) / kDayMs);
    const double part = part_of_day(when);
    const Path from = at_midnight(days);
    if (part == 0) return from;
    const Path to = at_midnight(days + 1);
    // Of today only what is left of it counts.
    const double share = days == 0 ? (part - gone_) / (1 - gone_) : part;
    return {.expected = from.expected + share * (to.expected - from.expected),
            .low = from.low + share * (to.low - from.low),
            .high = from.high + share * (to.high - from.high)};
  }

 private:
  static double part_of_day(TimeMs at) { return static_cast<double>(at % kDayMs) / static_cast<double>(kDayMs); }

  // rest_of_today: the usual, and what today was like so far by how much of it is gone.
  double rest_of_today() const { return (1 - gone_) * ((1 - gone_) * model_.sum(1) + today_); }

  Path at_midnight(size_t days) const {
    if (days == 0) return {};
    const size_t ahead = std::min(days, Model::kHorizon);
    const double expected = model_.sum(ahead) - model_.sum(1) + rest_of_today();
    const Range range = model_.range(ahead);
    // The less of today is left, the less it can surprise.
    const double left = 1 - gone_ / static_cast<double>(ahead);
    return {.expected = expected,
            .low = std::max(0.0, expected - left * (model_.sum(ahead) - range.low)),
            .high = expected + left * (range.high - model_.sum(ahead))};
  }

  const Model& model_;
  double today_;
  double gone_;
  TimeMs now_;
};

// first_at: when a path first comes to `left`; by halves, since paths never fall.
template <class Sum>
std::optional<TimeMs> first_at(const Ahead& ahead, TimeMs now, TimeMs until, double left, Sum sum) {
  if (left <= 0) return now;
  if (sum(ahead.at(until)) < left) return std::nullopt;
  TimeMs before = now;
  TimeMs reached = until;
  while (reached - before > kMinuteMs) {
    const TimeMs middle = before + (reached - before) / 2;
    (sum(ahead.at(middle)) < left ? before : reached) = middle;
  }
  return reached;
}

int64_t total(int64_t spent, double more) {
  return static_cast<int64_t>(std::min(static_cast<double>(spent) + more, kSumMax));
}

}  // namespace

std::string_view method_name(Method method) { return kMethods[static_cast<size_t>(method)]; }

Forecast predict(const Spending& spending, const Budget& budget, TimeMs now) {
  const Model model(spending.days);
  Forecast forecast{.method = model.method(), .days = model.num_days(), .outlook = std::nullopt};
  if (forecast.method == Method::kTooLittle) return forecast;

  const Ahead ahead(model, spending.today, now);
  constexpr auto kHorizonMs = static_cast<TimeMs>(Model::kHorizon - 1) * kDayMs;
  const TimeMs until = std::clamp(budget.ends_at, now, now + kHorizonMs);
  const double left = static_cast<double>(budget.limit) - static_cast<double>(budget.spent);
  const Path end = ahead.at(until);
  forecast.outlook = Outlook{
      .reached_at = first_at(ahead, now, until, left, [](const Path& path) { return path.expected; }),
      .earliest = first_at(ahead, now, until, left, [](const Path& path) { return path.high; }),
      .latest = first_at(ahead, now, until, left, [](const Path& path) { return path.low; }),
      .until = until,
      .sum = total(budget.spent, end.expected),
      .sum_low = total(budget.spent, end.low),
      .sum_high = total(budget.spent, end.high)};
  return forecast;
}

}  // namespace latchkey::forecast
