#include "anomaly/guessing.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "json/reader.h"
#include "json/writer.h"

namespace latchkey::anomaly {
namespace {

constexpr int64_t kCodesIgnored = 3;   // an hour: slips of the keyboard
constexpr int64_t kPerCode = 15;
constexpr int64_t kPatientCodes = 2;   // an hour, hour after hour
constexpr int64_t kPatientHours = 4;
constexpr int64_t kPerPatientHour = 10;
constexpr int64_t kMost = 100;

int64_t oldest_hour(TimeMs now) { return now / kHourMs - limits::kGuessingHoursKept; }

int64_t number_at(json::Value array, size_t index) { return array.item(index).integer().value_or(0); }

void add(Score& score, std::string_view signal, int64_t value, int64_t points, std::string sentence) {
  points = std::min(points, kMost);
  if (points <= 0) return;
  score.points += points;
  score.reasons.push_back({signal, value, points, std::move(sentence)});
}

}  // namespace

void fold(AddressTrail& trail, const Tries& tries, TimeMs now) {
  std::erase_if(trail, [&](const Tries& one) { return one.hour < oldest_hour(now) || one.hour > now / kHourMs; });
  if (tries.codes <= 0 || tries.hour < oldest_hour(now) || tries.hour >= now / kHourMs) return;
  const auto at = std::ranges::lower_bound(trail, tries.hour, {}, &Tries::hour);
  if (at != trail.end() && at->hour == tries.hour) return;
  trail.insert(at, tries);
}

Score guessing(const AddressTrail& trail, TimeMs now) {
  Score score{.points = 0, .has_baseline = false, .reasons = {}};
  int64_t codes = 0;
  int64_t over = 0;
  int64_t patient_hours = 0;
  for (const Tries& tries : trail) {
    if (tries.hour < oldest_hour(now) || tries.hour >= now / kHourMs) continue;
    // Nobody tries a code without being refused for it; more is not needed to be sure, and cannot overflow.
    const int64_t tried = std::clamp<int64_t>(std::min(tries.codes, tries.refused), 0, 1'000'000);
    codes += tried;
    over += std::max<int64_t>(0, tried - kCodesIgnored);
    patient_hours += tried >= kPatientCodes;
  }
  add(score, "many_codes", codes, kPerCode * over,
      std::to_string(codes) + " codes that nobody has, tried within " + std::to_string(limits::kGuessingHoursKept) +
          " hours.");
  add(score, "hour_after_hour", patient_hours, kPerPatientHour * (patient_hours - kPatientHours),
      "Codes that nobody has, several an hour, in " + std::to_string(patient_hours) + " hours.");
  score.points = std::min(score.points, limits::kAnomalyScoreMax);
  return score;
}

std::string print_tries(const AddressTrail& trail) {
  json::Writer out;
  out.begin_array();
  for (const Tries& tries : trail) {
    out.begin_array().integer(tries.hour).integer(tries.refused).integer(tries.codes).end_array();
  }
  out.end_array();
  return std::move(out).take();
}

AddressTrail read_tries(std::string_view text) {
  AddressTrail trail;
  const auto document = json::Document::parse_host(text);
  if (!document) return trail;
  document->root().each_item([&](json::Value value) {
    if (value.num_items() != 3) return;
    const Tries tries{.hour = number_at(value, 0), .refused = number_at(value, 1), .codes = number_at(value, 2)};
    const bool is_next = trail.empty() || tries.hour > trail.back().hour;
    if (is_next && std::cmp_less(trail.size(), limits::kGuessingHoursKept)) trail.push_back(tries);
  });
  return trail;
}

}  // namespace latchkey::anomaly
