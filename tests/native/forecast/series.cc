#include "series.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

namespace series {
namespace {

// Dice: xorshift64*, warmed up.
class Dice {
 public:
  explicit Dice(uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15 + 0x632be59bd9b4e019) {
    for (int i = 0; i < 8; ++i) unit();
  }
  double unit() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return static_cast<double>((state_ * 0x2545f4914f6cdd1d) >> 11) * 0x1p-53;
  }
  bool chance(double p) { return unit() < p; }
  double between(double low, double high) { return low + unit() * (high - low); }
  size_t from(size_t low, size_t high) {
    return low + static_cast<size_t>(unit() * static_cast<double>(high - low + 1));
  }
  double normal() {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += unit();
    return sum;
  }
  // about: 1 on average, skewed as costs are.
  double about(double spread) { return std::exp(spread * normal() - spread * spread / 2); }

 private:
  uint64_t state_;
};

using Days = std::array<double, kDays>;

Days flat(Dice& dice, double spread) {
  Days days;
  for (double& day : days) day = dice.about(spread);
  return days;
}

std::array<double, 7> week(Dice& dice) {
  std::array<double, 7> factors;
  const size_t first = dice.from(0, 6);
  const bool is_office = dice.chance(0.6);
  const double rest = dice.between(0, 0.4);
  for (size_t i = 0; i < 7; ++i) {
    const bool is_weekend = (first + i) % 7 >= 5;
    factors[i] = is_office ? (is_weekend ? rest : dice.between(0.8, 1.5)) : dice.between(0.3, 2);
  }
  return factors;
}

void shape(Days& days, const std::array<double, 7>& factors) {
  for (size_t i = 0; i < kDays; ++i) days[i] *= factors[i % 7];
}

Days trend(Dice& dice) {
  Days days = flat(dice, dice.between(0.1, 0.4));
  const double weekly = dice.chance(0.7) ? dice.between(1.03, 1.12) : dice.between(0.9, 0.97);
  const bool is_straight = dice.chance(0.5);
  for (size_t i = 0; i < kDays; ++i) {
    const double weeks = static_cast<double>(i) / 7;
    days[i] *= is_straight ? std::max(0.1, 1 + weeks * (weekly - 1) * 1.5) : std::pow(weekly, weeks);
  }
  if (dice.chance(0.5)) shape(days, week(dice));
  return days;
}

Days weekday(Dice& dice) {
  Days days = flat(dice, dice.between(0.1, 0.4));
  shape(days, week(dice));
  return days;
}

Days bursts(Dice& dice) {
  Days days = flat(dice, dice.between(0.1, 0.4));
  const double often = dice.between(0.02, 0.08);
  for (size_t i = 0; i < kDays; ++i) {
    if (!dice.chance(often)) continue;
    const double factor = dice.between(3, 10);
    for (size_t left = dice.from(1, 3); left > 0 && i < kDays; --left) days[i++] *= factor;
  }
  if (dice.chance(0.4)) shape(days, week(dice));
  return days;
}

Days quiet_weeks(Dice& dice) {
  Days days = flat(dice, dice.between(0.1, 0.4));
  shape(days, week(dice));
  size_t at = dice.from(10, 40);
  while (at < kDays) {
    for (size_t left = dice.from(5, 16); left > 0 && at < kDays; --left) days[at++] = 0;
    at += dice.from(15, 45);
  }
  return days;
}

Days intermittent(Dice& dice) {
  Days days = flat(dice, dice.between(0.3, 0.8));
  const double often = dice.between(0.1, 0.4);
  for (double& day : days) {
    if (!dice.chance(often)) day = 0;
  }
  return days;
}

Days level_shift(Dice& dice) {
  Days days = flat(dice, dice.between(0.1, 0.4));
  const size_t shifts = dice.from(1, 2);
  for (size_t i = 0; i < shifts; ++i) {
    const double factor = dice.chance(0.5) ? dice.between(1.6, 4) : dice.between(0.25, 0.6);
    for (size_t day = dice.from(20, 100); day < kDays; ++day) days[day] *= factor;
  }
  if (dice.chance(0.5)) shape(days, week(dice));
  return days;
}

Days noise(Dice& dice) { return flat(dice, dice.between(0.1, 0.7)); }

struct Kind {
  const char* name;
  Days (*make)(Dice&);
};
constexpr std::array<Kind, 7> kKinds = {{{"trend", trend},
                                         {"weekday", weekday},
                                         {"bursts", bursts},
                                         {"quiet_weeks", quiet_weeks},
                                         {"intermittent", intermittent},
                                         {"level_shift", level_shift},
                                         {"flat_noise", noise}}};

}  // namespace

std::vector<std::string> kinds() {
  std::vector<std::string> names;
  for (const Kind& kind : kKinds) names.emplace_back(kind.name);
  return names;
}

std::vector<int64_t> make(const std::string& kind, uint64_t seed) {
  for (const Kind& one : kKinds) {
    if (kind != one.name) continue;
    Dice dice(seed);
    const double dollars = std::pow(10, dice.between(-2, 3));
    std::vector<int64_t> days;
    for (const double day : one.make(dice)) days.push_back(std::llround(day * dollars * 1e9));
    return days;
  }
  std::abort();
}

}  // namespace series
