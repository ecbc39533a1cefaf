#include "anomaly/score.h"

#include <algorithm>
#include <span>
#include <utility>

#include "base/limits.h"

namespace latchkey::anomaly {
namespace {

// Signal: how much it may count for at most.
struct Signal {
  std::string_view name;
  int64_t most = 0;
};
constexpr Signal kRate{"rate", 70};
constexpr Signal kCost{"cost", 60};
constexpr Signal kPrompts{"prompts", 40};
constexpr Signal kTenfoldDay{"tenfold_day", 45};
constexpr Signal kModels{"new_models", 20};
constexpr Signal kCountries{"new_countries", 55};
constexpr Signal kHours{"unusual_hours", 55};
constexpr Signal kSeats{"no_seat", 60};
constexpr Signal kLimited{"at_limit", 20};
constexpr Signal kScattered{"scattered", 45};

// Alarming: how many hundredths of its high hours alarm: so many times as its highest days differ from a middle one,
// within two bounds.
struct Alarming {
  int64_t spread = 0;
  int64_t tight = 0;
  int64_t loose = 0;
};
constexpr Alarming kOneHour{.spread = 180, .tight = 215, .loose = 310};
constexpr Alarming kTwoHours{.spread = 125, .tight = 140, .loose = 170};
constexpr int64_t kCostRatio = 650;     // hundredths of its high hours that alarm
constexpr int64_t kPromptsRatio = 400;  // that count for the most points
constexpr int64_t kDayRatio = 1000;     // of a usual day
constexpr int64_t kDayPeakRatio = 300;  // and of its high days

constexpr int64_t kRequestsFloor = 40;           // what its high hours count as at least: small use may multiply
constexpr int64_t kDayFloor = 100;               // the same of days
constexpr int64_t kCostFloor = 300'000'000;      // 30 cents
constexpr int64_t kOfHighest = 65;               // one odd day is not the baseline yet
constexpr int64_t kFewDays = 4;                  // the fewer days, the more above them is needed
constexpr int64_t kSteadyDays = 14;              // since when no new name came
constexpr size_t kSteadyNames = 4;
constexpr int64_t kCostOfNewModel = 50;          // at most: a new model has another price
constexpr int64_t kPerModel = 10;
constexpr int64_t kPerCountry = 15;
constexpr int64_t kPerOtherCountry = 25;         // nobody travels to two at once
constexpr int64_t kRareHourShare = 7;            // an hour of the day is unusual if so few of a hundred days see it
constexpr int64_t kHoursRequests = 80;           // fewer at an unusual hour do no harm
constexpr int64_t kHoursBase = 30;
constexpr int64_t kHoursPerPeak = 20;
constexpr int64_t kRarest = 12;                  // each percent under this is a tenth of the points
constexpr int64_t kTravelVolume = 120;           // hundredths of its high hours: more is no traveller
constexpr int64_t kSeatsIgnored = 2;             // a new laptop or two
constexpr int64_t kPerMachine = 15;
constexpr int64_t kLimitedStep = 50;             // requests for five points
constexpr size_t kCountriesAtOnce = 3;
constexpr int64_t kMachinesMost = 1000;          // more make no difference
constexpr int64_t kHundred = 100;
constexpr int64_t kHoursOfDay = 24;

// percent: of two counts, as far as it can be counted.
int64_t percent(int64_t part, int64_t of) {
  const double ratio = static_cast<double>(part) * kHundred / static_cast<double>(std::max<int64_t>(1, of));
  return static_cast<int64_t>(std::clamp(ratio, 0.0, 1e9));
}

std::string times(int64_t percent_of) {
  return std::to_string(percent_of / kHundred) + "." + std::to_string(percent_of % kHundred / 10);
}

std::string plural(int64_t count, std::string_view one, std::string_view many) {
  return std::to_string(count) + " " + std::string(count == 1 ? one : many);
}

std::string dollars(int64_t nanos) {
  const int64_t cents = nanos / 10'000'000;
  return "$" + std::to_string(cents / 100) + "." + (cents % 100 < 10 ? "0" : "") + std::to_string(cents % 100);
}

// Peaks: of one measure of days: what is high, and what is in the middle.
struct Peaks {
  int64_t high = 0;
  int64_t middle = 0;
};

Peaks peaks_of(std::span<const Day> days, int64_t Day::* measure) {
  std::vector<int64_t> values;
  for (const Day& day : days) {
    if (day.*measure > 0) values.push_back(day.*measure);
  }
  if (values.empty()) return {};
  std::ranges::sort(values);
  const int64_t highest = values.back();
  const int64_t next = values.size() > 1 ? values[values.size() - 2] : 0;
  return {.high = std::max(next, highest / kHundred * kOfHighest), .middle = values[values.size() / 2]};
}

int64_t mean_of(std::span<const Day> days, int64_t Day::* measure) {
  double sum = 0;
  for (const Day& day : days) sum += static_cast<double>(day.*measure);
  return static_cast<int64_t>(std::min(sum / static_cast<double>(days.size()), 9e18));
}

class Adder {
 public:
  explicit Adder(Score& score) : score_(score) {}
  void add(const Signal& signal, int64_t value, int64_t points, std::string sentence) {
    points = std::min(signal.most, points);
    if (points <= 0) return;
    score_.points += points;
    score_.reasons.push_back({signal.name, value, points, std::move(sentence)});
  }

 private:
  Score& score_;
};

// new_names: of this hour that were not seen before its day.
int64_t new_names(const std::vector<Known>& known, const std::vector<std::string>& names, int64_t today) {
  return std::ranges::count_if(names, [&](std::string_view name) {
    name = kept_name(name);
    const auto found = std::ranges::find(known, name, &Known::name);
    return !name.empty() && (found == known.end() || found->first_day >= today);
  });
}

// is_steady: a few names that are known for long. Where they change often, one more says nothing.
bool is_steady(const std::vector<Known>& known, int64_t today) {
  const auto is_before = [&](const Known& one) { return one.first_day < today; };
  const auto is_old = [&](const Known& one) { return !is_before(one) || one.first_day <= today - kSteadyDays; };
  const int64_t before = std::ranges::count_if(known, is_before);
  return before > 0 && std::cmp_less_equal(before, kSteadyNames) && std::ranges::all_of(known, is_old);
}

// Baseline: the days before the hour's own.
struct Baseline {
  std::span<const Day> days;
  int64_t today = 0;
  Peaks requests;
  bool is_enough = false;
};

Baseline baseline_of(const Trail& trail, const Hour& hour) {
  Baseline baseline{.days = {}, .today = day_of(hour.hour), .requests = {}};
  const auto end = std::ranges::lower_bound(trail.days, baseline.today, {}, &Day::day);
  baseline.days = {trail.days.begin(), end};
  if (baseline.days.size() < limits::kAnomalyBaselineUses) return baseline;
  baseline.is_enough = baseline.days.front().day <= baseline.today - limits::kAnomalyBaselineDays;
  baseline.requests = peaks_of(baseline.days, &Day::peak_requests);
  return baseline;
}

// days_at: how many days of a hundred see this hour of the day, or one beside it, as far as these days tell: none of
// ten is less sure than none of forty.
int64_t days_at(const Baseline& baseline, int64_t hour) {
  const uint32_t bits = bit_of(hour) | bit_of(hour + 1) | bit_of(hour + 23);
  const int64_t seen = std::ranges::count_if(baseline.days, [&](const Day& day) { return (day.hours & bits) != 0; });
  return percent(seen + 1, std::ssize(baseline.days) + 2);
}

// rate_points: the more alike its peaks are, the less above them is odd.
int64_t rate_points(const Baseline& baseline, int64_t ratio, const Alarming& alarming) {
  const int64_t spread = percent(baseline.requests.high, baseline.requests.middle);
  const int64_t sure = kHundred + kFewDays * kHundred / std::ssize(baseline.days);
  const int64_t at = std::clamp(alarming.spread * spread / kHundred, alarming.tight, alarming.loose) * sure / kHundred;
  return limits::kAnomalyAlarm * (ratio - kHundred) / (at - kHundred);
}

// add_rate: one hour may be a spike; two in a row need less. Gives the points.
int64_t add_rate(Adder& adder, const Trail& trail, const Baseline& baseline, const Hour& hour) {
  const int64_t usual = std::max(kRequestsFloor, baseline.requests.high);
  const int64_t ratio = percent(hour.requests, usual);
  const auto before = std::ranges::find(trail.recent, hour.hour - 1, &Recent::hour);
  const int64_t ratio_before = before == trail.recent.end() ? 0 : percent(before->requests, usual);
  const int64_t points = std::max(rate_points(baseline, ratio, kOneHour),
                                  rate_points(baseline, std::min(ratio, ratio_before), kTwoHours));
  adder.add(kRate, hour.requests, points,
            plural(hour.requests, "request", "requests") + " in the hour: " + times(ratio) + " times its high hours (" +
                std::to_string(usual) + ").");
  return std::clamp<int64_t>(points, 0, kRate.most);
}

// add_cost: more than the rate explains. A new model has another price, so then it counts half.
void add_cost(Adder& adder, const Baseline& baseline, const Hour& hour, int64_t of_rate, bool has_new_model) {
  const int64_t usual = std::max(kCostFloor, peaks_of(baseline.days, &Day::peak_cost).high);
  const int64_t ratio = percent(hour.cost, usual);
  const int64_t points = limits::kAnomalyAlarm * (ratio - kHundred) / (kCostRatio - kHundred) - of_rate;
  adder.add(kCost, hour.cost, has_new_model ? std::min(points / 2, kCostOfNewModel) : points,
            dollars(hour.cost) + " in the hour: " + times(ratio) + " times its high hours (" + dollars(usual) + ").");
}

void add_prompts(Adder& adder, const Baseline& baseline, const Hour& hour) {
  const int64_t usual = peaks_of(baseline.days, &Day::peak_prompt).high;
  const int64_t prompt = prompt_of(hour);
  if (usual == 0) return;
  const int64_t ratio = percent(prompt, usual);
  adder.add(kPrompts, prompt, kPrompts.most * (ratio - kHundred) / (kPromptsRatio - kHundred),
            std::to_string(prompt) + " tokens a request: " + times(ratio) + " times its high hours (" +
                std::to_string(usual) + ").");
}

// add_day: what the day came to with this hour, which may have been folded.
void add_day(Adder& adder, const Trail& trail, const Baseline& baseline, const Hour& hour) {
  const auto found = std::ranges::find(trail.days, baseline.today, &Day::day);
  int64_t today = found == trail.days.end() ? 0 : found->requests;
  const bool is_folded = found != trail.days.end() && (found->hours & bit_of(hour.hour)) != 0;
  if (!is_folded) today += std::min(hour.requests, INT64_MAX - today);
  const int64_t usual = std::max(kDayFloor, mean_of(baseline.days, &Day::requests));
  const int64_t high = std::max(kDayFloor, peaks_of(baseline.days, &Day::requests).high);
  const int64_t ratio = percent(today, usual);
  if (ratio < kDayRatio || percent(today, high) < kDayPeakRatio) return;
  adder.add(kTenfoldDay, today, kTenfoldDay.most,
            plural(today, "request", "requests") + " since midnight UTC: " + times(ratio) + " times a usual day (" +
                std::to_string(usual) + ").");
}

// add_places_and_hours: a traveller brings new hours along with a new country, but no more requests: then they count
// half.
void add_places_and_hours(Adder& adder, const Trail& trail, const Baseline& baseline, const Hour& hour) {
  const int64_t countries = new_names(trail.countries, hour.countries, baseline.today);
  if (is_steady(trail.countries, baseline.today)) {
    adder.add(kCountries, countries, countries > 0 ? kPerCountry + kPerOtherCountry * (countries - 1) : 0,
              "Used from " + plural(countries, "country", "countries") + " where it never was.");
  }
  const int64_t usual = std::max(kRequestsFloor, baseline.requests.high);
  const int64_t volume = percent(hour.requests, usual);
  const int64_t seen = days_at(baseline, hour.hour);
  if (seen > kRareHourShare || hour.requests < kHoursRequests || 2 * volume < kHundred) return;
  const int64_t points = (kHoursBase + kHoursPerPeak * volume / kHundred) * (kRarest - seen) / 10;
  const bool is_travel = countries > 0 && volume < kTravelVolume;
  adder.add(kHours, seen, is_travel ? points / 2 : points,
            plural(hour.requests, "request", "requests") + " at an hour that " + std::to_string(seen) +
                " of 100 of its days saw.");
}

void add_models(Adder& adder, const Trail& trail, const Baseline& baseline, const Hour& hour) {
  const int64_t models = new_names(trail.models, hour.models, baseline.today);
  if (!is_steady(trail.models, baseline.today)) return;
  adder.add(kModels, models, kPerModel * models,
            plural(models, "model", "models") + " that it never used, beside a set that was steady.");
}

// add_absolute: what is odd of any licence.
void add_absolute(Adder& adder, const Hour& hour) {
  const int64_t machines = std::clamp<int64_t>(hour.machines_refused, 0, kMachinesMost);
  adder.add(kSeats, machines, kPerMachine * (machines - kSeatsIgnored),
            plural(machines, "machine", "machines") + " found no seat within the hour.");
  if (hour.limited >= hour.requests / 2) {
    adder.add(kLimited, hour.limited, hour.limited / kLimitedStep * 5,
              "It went over its limit of requests: that counts as " + std::to_string(hour.limited) + " refused.");
  }
  const int64_t countries = std::ssize(hour.countries);
  adder.add(kScattered, countries, kPerCountry * (countries - static_cast<int64_t>(kCountriesAtOnce)),
            "Used from " + plural(countries, "country", "countries") + " within the hour.");
}

}  // namespace

bool Score::is_alarm() const { return points >= limits::kAnomalyAlarm; }

Score score(const Trail& trail, const Hour& hour) {
  if (!is_time(hour.hour)) return {};
  const Baseline baseline = baseline_of(trail, hour);
  Score score{.points = 0, .has_baseline = baseline.is_enough, .reasons = {}};
  Adder adder(score);
  add_absolute(adder, hour);
  if (baseline.is_enough) {
    const int64_t of_rate = add_rate(adder, trail, baseline, hour);
    const bool has_new_model = new_names(trail.models, hour.models, baseline.today) > 0;
    add_cost(adder, baseline, hour, of_rate, has_new_model);
    add_prompts(adder, baseline, hour);
    add_day(adder, trail, baseline, hour);
    add_places_and_hours(adder, trail, baseline, hour);
    add_models(adder, trail, baseline, hour);
  }
  score.points = std::min(score.points, limits::kAnomalyScoreMax);
  std::ranges::sort(score.reasons, [](const Reason& a, const Reason& b) {
    return a.points != b.points ? a.points > b.points : a.signal < b.signal;
  });
  return score;
}

Habits habits_of(const Trail& trail) {
  Habits habits{.days = std::ssize(trail.days), .usual_hours = {}};
  if (trail.empty()) return habits;
  const Baseline baseline{.days = trail.days, .today = 0, .requests = {}};
  habits.requests_per_day = mean_of(trail.days, &Day::requests);
  habits.peak_requests = std::ranges::max(trail.days, {}, &Day::peak_requests).peak_requests;
  for (int64_t hour = 0; hour < kHoursOfDay; ++hour) {
    if (days_at(baseline, hour) > kRareHourShare) habits.usual_hours.push_back(hour);
  }
  return habits;
}

}  // namespace latchkey::anomaly
