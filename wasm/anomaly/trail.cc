#include "anomaly/trail.h"

#include <algorithm>
#include <optional>

#include "base/limits.h"
#include "json/reader.h"
#include "json/writer.h"

namespace latchkey::anomaly {
namespace {

constexpr int64_t kHoursOfDay = 24;
constexpr int64_t kPromptRequests = 5;  // fewer say nothing of an hour's prompts
constexpr size_t kDayNumbers = 7;
constexpr size_t kRecentHours = 3;
constexpr uint32_t kAllHours = (1u << kHoursOfDay) - 1;

// add: as far as it can be counted.
int64_t add(int64_t a, int64_t b) { return b > INT64_MAX - a ? INT64_MAX : a + b; }

// keep_day: nullptr where it is older than all that are kept, and those are enough.
Day* keep_day(Trail& trail, int64_t day) {
  auto& days = trail.days;
  auto at = std::ranges::lower_bound(days, day, {}, &Day::day);
  if (at != days.end() && at->day == day) return &*at;
  if (days.size() < limits::kAnomalyDaysKept) return &*days.insert(at, Day{.day = day});
  if (at == days.begin()) return nullptr;
  std::move(days.begin() + 1, at, days.begin());
  *(at - 1) = Day{.day = day};
  return &*(at - 1);
}

void add_to(Day& day, const Hour& hour) {
  day.hours |= bit_of(hour.hour);
  day.requests = add(day.requests, std::max<int64_t>(0, hour.requests));
  day.cost = add(day.cost, std::max<int64_t>(0, hour.cost));
  day.peak_requests = std::max(day.peak_requests, hour.requests);
  day.peak_cost = std::max(day.peak_cost, hour.cost);
  day.peak_prompt = std::max(day.peak_prompt, prompt_of(hour));
}

void keep_recent(Trail& trail, const Recent& hour) {
  auto& recent = trail.recent;
  recent.insert(std::ranges::lower_bound(recent, hour.hour, {}, &Recent::hour), hour);
  if (recent.size() > kRecentHours) recent.erase(recent.begin());
}

// keep_name: a full set forgets the one that was seen least lately.
void keep_name(std::vector<Known>& known, std::string_view name, int64_t day) {
  if (name.empty()) return;
  name = kept_name(name);
  const auto found = std::ranges::find(known, name, &Known::name);
  if (found != known.end()) {
    found->first_day = std::min(found->first_day, day);
    found->last_day = std::max(found->last_day, day);
    return;
  }
  if (known.size() >= limits::kAnomalyNamesMax) known.erase(std::ranges::min_element(known, {}, &Known::last_day));
  const auto at = std::ranges::lower_bound(known, name, {}, &Known::name);
  known.insert(at, Known{.name = std::string(name), .first_day = day, .last_day = day});
}

void print_known(json::Writer& out, std::string_view name, const std::vector<Known>& known) {
  out.key(name).begin_array();
  for (const Known& one : known) {
    out.begin_array().string(one.name).integer(one.first_day).integer(one.last_day).end_array();
  }
  out.end_array();
}

int64_t number_at(json::Value array, size_t index) {
  return index < array.num_items() ? array.item(index).integer().value_or(0) : 0;
}

void read_day(json::Value value, Trail& trail) {
  const auto count_at = [&](size_t index) { return std::max<int64_t>(0, number_at(value, index)); };
  const Day day{.day = number_at(value, 0),
                .hours = static_cast<uint32_t>(count_at(1)) & kAllHours,
                .requests = count_at(2),
                .cost = count_at(3),
                .peak_requests = count_at(4),
                .peak_cost = count_at(5),
                .peak_prompt = count_at(6)};
  const bool is_next = trail.empty() || day.day > trail.days.back().day;
  const bool has_room = trail.days.size() < limits::kAnomalyDaysKept;
  if (value.num_items() == kDayNumbers && is_next && has_room && day.hours != 0) trail.days.push_back(day);
}

void read_recent(json::Value value, Trail& trail) {
  const Recent one{.hour = number_at(value, 0), .requests = std::max<int64_t>(0, number_at(value, 1))};
  const bool is_next = trail.recent.empty() || one.hour > trail.recent.back().hour;
  if (value.num_items() == 2 && is_next && is_time(one.hour)) trail.recent.push_back(one);
  if (trail.recent.size() > kRecentHours) trail.recent.erase(trail.recent.begin());
}

void read_known(json::Value root, std::string_view name, std::vector<Known>& known) {
  const auto member = root.member(name);
  if (!member) return;
  member->each_item([&](json::Value value) {
    if (value.num_items() != 3) return;
    const std::string_view text = value.item(0).string().value_or("");
    keep_name(known, text, number_at(value, 1));
    keep_name(known, text, number_at(value, 2));
  });
}

}  // namespace

bool is_time(int64_t hour) { return hour >= 0 && hour < kTimeMsMax / kHourMs; }
int64_t day_of(int64_t hour) { return hour / kHoursOfDay; }
uint32_t bit_of(int64_t hour) { return 1u << (hour % kHoursOfDay); }

std::string_view kept_name(std::string_view name) {
  size_t bytes = std::min(name.size(), limits::kAnomalyNameBytesMax);
  const auto is_within = [&](size_t at) { return at < name.size() && (static_cast<uint8_t>(name[at]) & 0xc0) == 0x80; };
  while (bytes > 0 && is_within(bytes)) --bytes;
  return name.substr(0, bytes);
}

int64_t prompt_of(const Hour& hour) {
  return hour.requests < kPromptRequests ? 0 : std::max<int64_t>(0, hour.tokens) / hour.requests;
}

void fold(Trail& trail, const Hour& hour, TimeMs now) {
  const int64_t today = now / kDayMs;
  const bool is_over = hour.hour < now / kHourMs;
  if (!is_time(hour.hour) || !is_over || day_of(hour.hour) <= today - limits::kAnomalyMemoryDays) return;
  const int64_t day_number = day_of(hour.hour);
  Day* const day = keep_day(trail, day_number);
  if (day != nullptr && (day->hours & bit_of(hour.hour)) != 0) return;
  if (day != nullptr) {
    add_to(*day, hour);
    keep_recent(trail, {.hour = hour.hour, .requests = std::max<int64_t>(0, hour.requests)});
  }
  // Names outlive days: of one that is kept no more they still count, so that the order makes no difference.
  for (const std::string& model : hour.models) keep_name(trail.models, model, day_number);
  for (const std::string& country : hour.countries) keep_name(trail.countries, country, day_number);
}

void forget_old(Trail& trail, TimeMs now) {
  // Days of the future are from a clock that was wrong.
  const int64_t today = now / kDayMs;
  const auto is_out = [&](int64_t day) { return day <= today - limits::kAnomalyMemoryDays || day > today + 1; };
  std::erase_if(trail.days, [&](const Day& day) { return is_out(day.day); });
  std::erase_if(trail.recent, [&](const Recent& one) { return is_out(day_of(one.hour)); });
  std::erase_if(trail.models, [&](const Known& known) { return is_out(known.last_day); });
  std::erase_if(trail.countries, [&](const Known& known) { return is_out(known.last_day); });
}

std::string print_trail(const Trail& trail) {
  json::Writer out(1024);
  out.begin_object().key("recent").begin_array();
  for (const Recent& one : trail.recent) out.begin_array().integer(one.hour).integer(one.requests).end_array();
  out.end_array().key("days").begin_array();
  for (const Day& day : trail.days) {
    out.begin_array().integer(day.day).integer(day.hours).integer(day.requests).integer(day.cost);
    out.integer(day.peak_requests).integer(day.peak_cost).integer(day.peak_prompt).end_array();
  }
  out.end_array();
  print_known(out, "models", trail.models);
  print_known(out, "countries", trail.countries);
  out.end_object();
  return std::move(out).take();
}

Trail read_trail(std::string_view text) {
  Trail trail;
  const auto document = json::Document::parse_host(text);
  if (!document) return trail;
  if (const auto days = document->root().member("days")) {
    days->each_item([&](json::Value value) { read_day(value, trail); });
  }
  if (trail.empty()) return trail;
  if (const auto recent = document->root().member("recent")) {
    recent->each_item([&](json::Value value) { read_recent(value, trail); });
  }
  read_known(document->root(), "models", trail.models);
  read_known(document->root(), "countries", trail.countries);
  return trail;
}

}  // namespace latchkey::anomaly
