// Model: what a licence or a plan spends on the coming days, from what it spent on the days before, and how far off
// the same reckoning was each time before. Pure; sqrt is all it needs of libm. README.md has the method.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/limits.h"

namespace latchkey::forecast {

// Method: what the expected days rest on most.
enum class Method : uint8_t {
  kTooLittle,     // history: nothing is said
  kLevel,         // a weighted mean of the last weeks
  kWeekdays,      // the same, by weekday
  kTrend,         // the same, rising or falling
  kIntermittent,  // one long mean: how often anything is spent, and how much then
  kStopped,       // nothing since long
};

// Range: a sum that will be under `low` one time in ten, and over `high` one time in ten.
struct Range {
  double low = 0;
  double high = 0;
};

class Model {
 public:
  static constexpr size_t kHorizon = limits::kForecastHorizonDays;

  // `days`: what was spent on each, oldest first, the last whole one last; at most limits::kForecastDaysMax of them
  // count, from the first on which anything was spent. Negative ones count as nothing.
  explicit Model(std::span<const int64_t> days);

  Method method() const { return method_; }
  size_t num_days() const { return counted_.size(); }

  // sum, range: of the next `ahead` whole days, 1..kHorizon; only where the method is not kTooLittle. Neither sum nor
  // the ends of a range shrink as `ahead` grows.
  double sum(size_t ahead) const { return sums_[ahead]; }
  Range range(size_t ahead) const { return ranges_[ahead]; }

 private:
  static constexpr size_t kPaired = 28;  // horizons that have misses of their own
  static constexpr size_t kExperts = 5;
  using Weights = std::array<double, kExperts>;
  using Sums = std::array<double, kHorizon + 1>;

  // Origin: a day before which everything is known.
  struct Origin;

  // spent, counted: on the days from one to before another.
  double counted(size_t from, size_t to) const { return counted_totals_[to] - counted_totals_[from]; }
  double spent(size_t from, size_t to) const { return totals_[to] - totals_[from]; }
  void take(std::span<const int64_t> days);
  double idle_days(size_t known) const;
  double level(size_t known, double memory) const;
  Origin stand(size_t known) const;
  void learn_weekdays(Origin& origin) const;
  Weights weigh(size_t known) const;
  void remember(const Origin& origin);
  void note_misses(size_t known, const Sums& sums);
  Sums expect(const Origin& origin, const Weights& weights, size_t ahead) const;
  Method choose(const Origin& origin, const Weights& weights) const;
  bool has_stopped() const;
  void spread();

  std::vector<double> counted_;         // a day like none before is cut short here: it may have been the only one
  std::vector<double> counted_totals_;  // of the days before each
  std::vector<double> totals_;          // the same, nothing cut
  double mean_ = 0;
  std::vector<Weights> weekly_;  // each expert's sum of the seven days after so many known ones
  std::array<std::vector<double>, kPaired + 1> misses_;  // by how many days ahead
  Sums sums_{};
  std::array<Range, kHorizon + 1> ranges_{};
  Method method_ = Method::kTooLittle;
};

}  // namespace latchkey::forecast
