#include "forecast/model.h"

#include <algorithm>
#include <cmath>

namespace latchkey::forecast {
namespace {

constexpr size_t kWeek = 7;
constexpr size_t kWeeksOfProfile = 8;

// Experts: three weighted means of the last weeks, by what a week counts beside the one after it; one with a trend;
// one that looks at the last days alone.
constexpr std::array<double, 3> kMemories = {0.1, 0.5, 0.85};
constexpr size_t kTrending = 3;
constexpr size_t kRecent = 4;
constexpr size_t kRecentDays = 3;
constexpr double kSurge = 2;            // a day is taken for so many times the highest before it at most
constexpr double kDamping = 0.98;       // of the trend, a day
constexpr double kForgetting = 0.93;    // of an expert's old misses, a day
constexpr double kRareShare = 0.5;      // of days without spending, from which on it is intermittent
constexpr double kRareMemory = 0.9;
constexpr size_t kStoppedDays = 14;
constexpr size_t kMissesMin = 10;       // of a horizon, to speak for itself
constexpr double kPriorMisses = 2;      // what the two below count for beside misses that were seen
constexpr double kPriorLow = -0.35;
constexpr double kPriorHigh = 0.45;
constexpr double kWidening = 1.15;      // misses of one history are alike, those to come less so

// quantile: of values that are in order; between two of them in proportion.
double quantile(const std::vector<double>& sorted, double share) {
  const double at = std::clamp(share * static_cast<double>(sorted.size() + 1) - 1, 0.0,
                               static_cast<double>(sorted.size() - 1));
  const auto below = static_cast<size_t>(at);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

// sort: few values; std::sort would be a good part of the room's code.
void sort(std::vector<double>& values) {
  for (size_t i = 1; i < values.size(); ++i) {
    const double value = values[i];
    size_t at = i;
    for (; at > 0 && values[at - 1] > value; --at) values[at] = values[at - 1];
    values[at] = value;
  }
}

}  // namespace

struct Model::Origin {
  size_t known = 0;  // days before it
  std::array<double, kExperts> levels{};
  double rise = 0;                       // a day
  std::array<double, kWeek> profile{};   // by day modulo seven; 1 on average
  bool is_rare = false;                  // spends on few days only
  double profile_share = 0;              // of the weekdays' differences: more than chance, 0..1
};

Model::Model(std::span<const int64_t> days) {
  if (days.size() > limits::kForecastDaysMax) days = days.last(limits::kForecastDaysMax);
  while (!days.empty() && days.front() <= 0) days = days.subspan(1);
  take(days);
  const size_t known = counted_.size();
  if (known < limits::kForecastDaysMin) return;
  mean_ = totals_[known] / static_cast<double>(known);

  weekly_.resize(known + 1);
  for (size_t origin = kWeek; origin < known; ++origin) {
    const Origin before = stand(origin);
    remember(before);
    const size_t ahead = std::min(known - origin, kPaired);
    note_misses(origin, expect(before, weigh(origin), ahead));
  }
  const Origin now = stand(known);
  const Weights weights = weigh(known);
  method_ = choose(now, weights);
  if (method_ != Method::kStopped) sums_ = expect(now, weights, kHorizon);
  spread();
}

void Model::take(std::span<const int64_t> days) {
  counted_totals_ = {0};
  totals_ = {0};
  double highest = 0;
  for (const int64_t nanos : days) {
    const auto spent_on_it = static_cast<double>(std::max<int64_t>(nanos, 0));
    counted_.push_back(counted_.empty() ? spent_on_it : std::min(spent_on_it, kSurge * highest));
    counted_totals_.push_back(counted_totals_.back() + counted_.back());
    totals_.push_back(totals_.back() + spent_on_it);
    highest = std::max(highest, spent_on_it);
  }
}

double Model::idle_days(size_t known) const {
  return static_cast<double>(std::count(counted_.begin(), counted_.begin() + static_cast<ptrdiff_t>(known), 0.0));
}

// level: the mean of the last weeks; a week before another counts `memory` of it, days before the first whole week by
// their number.
double Model::level(size_t known, double memory) const {
  double sum = 0;
  double of = 0;
  double weight = 1;
  for (size_t end = known; end > 0;) {
    const size_t begin = end > kWeek ? end - kWeek : 0;
    sum += weight * counted(begin, end);
    of += weight * static_cast<double>(end - begin);
    weight *= memory;
    end = begin;
  }
  return sum / of;
}

Model::Origin Model::stand(size_t known) const {
  Origin origin{.known = known};
  origin.is_rare = idle_days(known) > kRareShare * static_cast<double>(known);
  if (origin.is_rare) {
    // Where spending itself is a chance, the last days say little of the next: all experts take the long view.
    origin.levels.fill(level(known, kRareMemory));
    origin.profile.fill(1);
    return origin;
  }
  learn_weekdays(origin);
  for (size_t i = 0; i < kMemories.size(); ++i) origin.levels[i] = level(known, kMemories[i]);
  double recent = 0;
  double usual = 0;
  for (size_t i = known - kRecentDays; i < known; ++i) {
    recent += counted_[i];
    usual += origin.profile[i % kWeek];
  }
  origin.levels[kRecent] = recent / std::max(usual, 1.0);
  origin.levels[kTrending] = origin.levels[1];
  if (known < 4 * kWeek) return origin;
  const double newer = counted(known - 2 * kWeek, known);
  const double older = counted(known - 4 * kWeek, known - 2 * kWeek);
  origin.rise = (newer - older) / static_cast<double>(4 * kWeek * kWeek);
  // The mean of two weeks lies a week back.
  origin.levels[kTrending] = newer / static_cast<double>(2 * kWeek) + origin.rise * static_cast<double>(kWeek);
  return origin;
}

// learn_weekdays: each weekday's part of its week, on average of the last weeks; kept as far as weekdays differ by more
// than their parts differ from week to week.
void Model::learn_weekdays(Origin& origin) const {
  std::array<double, kWeek> sums{};
  std::array<double, kWeek> squares{};
  double weeks = 0;
  origin.profile.fill(1);
  const size_t available = std::min(origin.known / kWeek, kWeeksOfProfile);
  for (size_t week = 0; week < available; ++week) {
    const size_t begin = origin.known - (week + 1) * kWeek;
    const double mean = counted(begin, begin + kWeek) / static_cast<double>(kWeek);
    if (mean <= 0) continue;
    ++weeks;
    for (size_t i = begin; i < begin + kWeek; ++i) {
      const double part = counted_[i] / mean;
      sums[i % kWeek] += part;
      squares[i % kWeek] += part * part;
    }
  }
  if (weeks < 2) return;
  double between = 0;
  double within = 0;
  for (size_t i = 0; i < kWeek; ++i) {
    const double mean = sums[i] / weeks;
    between += (mean - 1) * (mean - 1);
    within += std::max(0.0, squares[i] / weeks - mean * mean) / (weeks - 1);
  }
  if (between <= within || between <= 0) return;
  origin.profile_share = 1 - within / between;
  for (size_t i = 0; i < kWeek; ++i) origin.profile[i] = 1 + origin.profile_share * (sums[i] / weeks - 1);
}

// weigh: an expert counts by how near its sums of a week came, of late most.
Model::Weights Model::weigh(size_t known) const {
  Weights misses{};
  double age = 1;
  for (size_t origin = known; origin >= 2 * kWeek; --origin) {
    const size_t from = origin - kWeek;
    for (size_t i = 0; i < kExperts; ++i) misses[i] += age * std::abs(spent(from, origin) - weekly_[from][i]);
    age *= kForgetting;
  }
  Weights weights{};
  double sum = 0;
  for (size_t i = 0; i < kExperts; ++i) {
    const double miss = misses[i] + mean_ * 0.5 + 1;
    weights[i] = 1 / (miss * miss * miss);
    sum += weights[i];
  }
  for (double& weight : weights) weight /= sum;
  return weights;
}

void Model::remember(const Origin& origin) {
  for (size_t i = 0; i < kExperts; ++i) {
    Weights alone{};
    alone[i] = 1;
    weekly_[origin.known][i] = expect(origin, alone, kWeek)[kWeek];
  }
}

// note_misses: in parts of what was expected and of what is spent on average.
void Model::note_misses(size_t known, const Sums& sums) {
  for (size_t ahead = 1; ahead <= std::min(counted_.size() - known, kPaired); ++ahead) {
    const double scale = sums[ahead] + mean_ * static_cast<double>(ahead);
    misses_[ahead].push_back((spent(known, known + ahead) - sums[ahead]) / scale);
  }
}

Model::Sums Model::expect(const Origin& origin, const Weights& weights, size_t ahead) const {
  Sums sums{};
  double steady = 0;
  for (size_t i = 0; i < kExperts; ++i) steady += weights[i] * origin.levels[i];
  double risen = 0;
  double damping = 1;
  for (size_t i = 0; i < ahead; ++i) {
    damping *= kDamping;
    risen += weights[kTrending] * origin.rise * damping;
    const double day = (steady + risen) * origin.profile[(origin.known + i) % kWeek];
    sums[i + 1] = sums[i] + std::max(0.0, day);
  }
  return sums;
}

bool Model::has_stopped() const {
  size_t longest = 0;
  size_t gap = 0;
  for (const double day : counted_) {
    if (day > 0) {
      longest = std::max(longest, gap);
      gap = 0;
    } else {
      ++gap;
    }
  }
  return gap >= std::max(kStoppedDays, 2 * longest);
}

Method Model::choose(const Origin& origin, const Weights& weights) const {
  if (has_stopped()) return Method::kStopped;
  if (origin.is_rare) return Method::kIntermittent;
  if (weights[kTrending] > 0.5) return Method::kTrend;
  return origin.profile_share > 0.5 ? Method::kWeekdays : Method::kLevel;
}

void Model::spread() {
  size_t paired = 0;
  Range miss;
  for (size_t ahead = 1; ahead <= kHorizon; ++ahead) {
    double narrowing = 1;
    if (ahead <= kPaired && (misses_[ahead].size() >= kMissesMin || ahead == 1)) {
      std::vector<double>& misses = misses_[ahead];
      sort(misses);
      const auto seen = static_cast<double>(misses.size());
      miss = {.low = kPriorLow * kPriorMisses, .high = kPriorHigh * kPriorMisses};
      if (!misses.empty()) miss.low += seen * quantile(misses, 0.1);
      if (!misses.empty()) miss.high += seen * quantile(misses, 0.9);
      miss.low *= kWidening / (seen + kPriorMisses);
      miss.high *= kWidening / (seen + kPriorMisses);
      paired = ahead;
    } else {
      // Between days that know nothing of each other, and a level that was wrong from the beginning.
      narrowing = std::sqrt(std::sqrt(static_cast<double>(paired) / static_cast<double>(ahead)));
    }
    const double scale = (sums_[ahead] + mean_ * static_cast<double>(ahead)) * narrowing;
    const double low = std::min(sums_[ahead], sums_[ahead] + miss.low * scale);
    const double high = std::max(sums_[ahead], sums_[ahead] + miss.high * scale);
    ranges_[ahead] = {.low = std::max(ranges_[ahead - 1].low, low), .high = std::max(ranges_[ahead - 1].high, high)};
  }
}

}  // namespace latchkey::forecast
