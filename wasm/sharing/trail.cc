#include "sharing/trail.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/limits.h"
#include "json/reader.h"
#include "json/writer.h"

namespace latchkey::sharing {
namespace {

constexpr double kEarthRadiusKm = 6371;

double distance_km(const Place& a, const Place& b) {
  const auto radians = [](int64_t degrees) { return static_cast<double>(degrees) * std::numbers::pi / 180; };
  const double half_lat = std::sin((radians(*b.lat) - radians(*a.lat)) / 2);
  const double half_lon = std::sin((radians(*b.lon) - radians(*a.lon)) / 2);
  const double h =
      half_lat * half_lat + std::cos(radians(*a.lat)) * std::cos(radians(*b.lat)) * half_lon * half_lon;
  return 2 * kEarthRadiusKm * std::asin(std::sqrt(std::clamp(h, 0.0, 1.0)));
}

bool have_positions(const Place& a, const Place& b) { return a.lat && a.lon && b.lat && b.lon; }

bool are_two_countries(const Place& a, const Place& b) {
  return !a.country.empty() && !b.country.empty() && a.country != b.country;
}

// keep_place: its index. A full table puts it with one of the same country, or with the last.
size_t keep_place(Trail& trail, const Place& place) {
  auto& places = trail.places;
  auto found = std::ranges::find(places, place);
  if (found == places.end() && places.size() < limits::kSharingPlacesMax) {
    places.push_back(place);
    return places.size() - 1;
  }
  if (found == places.end()) found = std::ranges::find(places, place.country, &Place::country);
  if (found == places.end()) found = places.end() - 1;
  return static_cast<size_t>(found - places.begin());
}

// keep_machine: its record. A full table forgets the machine that was seen least lately.
TrailMachine& keep_machine(Trail& trail, std::string_view tag) {
  auto& machines = trail.machines;
  const auto found = std::ranges::find(machines, tag, &TrailMachine::tag);
  if (found != machines.end()) return *found;
  if (machines.size() >= limits::kSharingMachinesMax) {
    machines.erase(std::ranges::min_element(machines, {}, &TrailMachine::last_at));
  }
  return machines.emplace_back(TrailMachine{.tag = std::string(tag), .days = {}});
}

DayUse& keep_day(TrailMachine& machine, int64_t day) {
  const auto at = std::ranges::lower_bound(machine.days, day, {}, &DayUse::day);
  if (at != machine.days.end() && at->day == day) return *at;
  return *machine.days.insert(at, DayUse{.day = day, .places = {}});
}

int64_t oldest_day(TimeMs now) { return day_of(now) - limits::kSharingWindowDays + 1; }

// forget_places: drops the places that no day names any more.
void forget_places(Trail& trail) {
  std::vector<bool> is_named(trail.places.size());
  for (const TrailMachine& machine : trail.machines) {
    is_named[machine.last_place] = true;
    for (const DayUse& use : machine.days) {
      for (const size_t place : use.places) is_named[place] = true;
    }
  }
  std::vector<size_t> moved(trail.places.size());
  std::vector<Place> kept;
  for (size_t i = 0; i < trail.places.size(); ++i) {
    moved[i] = kept.size();
    if (is_named[i]) kept.push_back(std::move(trail.places[i]));
  }
  trail.places = std::move(kept);
  for (TrailMachine& machine : trail.machines) {
    machine.last_place = moved[machine.last_place];
    for (DayUse& use : machine.days) {
      for (size_t& place : use.places) place = moved[place];
    }
  }
}

void print_place(json::Writer& out, const Place& place) {
  const auto degrees = [&](const std::optional<int64_t>& value) { value ? out.integer(*value) : out.null(); };
  out.begin_array().string(place.country).integer(place.asn);
  degrees(place.lat);
  degrees(place.lon);
  out.end_array();
}

void print_machine(json::Writer& out, const TrailMachine& machine) {
  out.begin_array().string(machine.tag).integer(machine.had_seat ? 1 : 0).integer(machine.last_at);
  out.integer(static_cast<int64_t>(machine.last_place)).begin_array();
  for (const DayUse& use : machine.days) {
    out.begin_array().integer(use.day).integer(use.hops);
    for (const size_t place : use.places) out.integer(static_cast<int64_t>(place));
    out.end_array();
  }
  out.end_array().end_array();
}

std::optional<int64_t> number_at(json::Value array, size_t index) {
  return index < array.num_items() ? array.item(index).integer() : std::nullopt;
}

std::string text_at(json::Value array, size_t index) {
  return std::string(index < array.num_items() ? array.item(index).string().value_or("") : "");
}

Place read_place(json::Value value) {
  return {.country = text_at(value, 0),
          .asn = number_at(value, 1).value_or(0),
          .lat = number_at(value, 2),
          .lon = number_at(value, 3)};
}

// read_index: of a place; one that can not be is the first.
size_t read_index(std::optional<int64_t> index, const Trail& trail) {
  return index && *index >= 0 && *index < static_cast<int64_t>(trail.places.size()) ? static_cast<size_t>(*index) : 0;
}

TrailMachine read_machine(json::Value value, const Trail& trail) {
  TrailMachine machine{.tag = text_at(value, 0),
                       .had_seat = number_at(value, 1) == 1,
                       .last_at = number_at(value, 2).value_or(0),
                       .last_place = read_index(number_at(value, 3), trail)};
  if (value.num_items() < 5) return machine;
  value.item(4).each_item([&](json::Value day) {
    DayUse use;
    size_t position = 0;
    day.each_item([&](json::Value number) {
      if (position == 0) use.day = number.integer().value_or(0);
      else if (position == 1) use.hops = number.integer().value_or(0);
      else use.places.push_back(read_index(number.integer(), trail));
      ++position;
    });
    if (!use.places.empty()) machine.days.push_back(std::move(use));
  });
  return machine;
}

}  // namespace

int64_t day_of(TimeMs at) { return at / kDayMs; }

bool are_far(const Place& a, const Place& b) {
  return have_positions(a, b) ? distance_km(a, b) > limits::kSharingFarKm : are_two_countries(a, b);
}

bool is_hop(const Place& from, const Place& to, TimeMs elapsed) {
  if (!are_far(from, to)) return false;
  if (!have_positions(from, to)) return elapsed < limits::kSharingBorderMs;
  const double hours = static_cast<double>(elapsed) / kHourMs;
  return distance_km(from, to) - limits::kSharingSlackKm > hours * limits::kSharingSpeedKmH;
}

void fold(Trail& trail, const Sighting& sighting, TimeMs now) {
  const TimeMs at = std::min(sighting.at, now);
  if (day_of(at) < oldest_day(now)) return;
  const size_t place = keep_place(trail, sighting.place);
  TrailMachine& machine =
      keep_machine(trail, std::string_view(sighting.machine).substr(0, limits::kSharingTagChars));
  const bool was_here = !machine.days.empty();
  DayUse& use = keep_day(machine, day_of(at));
  // Rows may come late, from the outbox: time is the distance between two, whichever came first.
  const TimeMs elapsed = at > machine.last_at ? at - machine.last_at : machine.last_at - at;
  if (was_here && is_hop(trail.places[machine.last_place], trail.places[place], elapsed)) ++use.hops;
  const bool is_new = std::ranges::find(use.places, place) == use.places.end();
  if (is_new && use.places.size() < limits::kSharingPlacesPerDay) use.places.push_back(place);
  machine.had_seat = machine.had_seat || sighting.is_granted;
  if (!was_here || at >= machine.last_at) {
    machine.last_at = at;
    machine.last_place = place;
  }
}

void forget_old(Trail& trail, TimeMs now) {
  // Days of the future are from a clock that was wrong.
  const int64_t oldest = oldest_day(now);
  const int64_t newest = day_of(now) + 1;
  for (TrailMachine& machine : trail.machines) {
    std::erase_if(machine.days, [&](const DayUse& use) { return use.day < oldest || use.day > newest; });
  }
  std::erase_if(trail.machines, [](const TrailMachine& machine) { return machine.days.empty(); });
  forget_places(trail);
}

std::string print_trail(const Trail& trail) {
  json::Writer out(1024);
  out.begin_object().key("places").begin_array();
  for (const Place& place : trail.places) print_place(out, place);
  out.end_array().key("machines").begin_array();
  for (const TrailMachine& machine : trail.machines) print_machine(out, machine);
  out.end_array().end_object();
  return std::move(out).take();
}

Trail read_trail(std::string_view text) {
  Trail trail;
  const auto document = json::Document::parse_host(text);
  if (!document) return trail;
  if (const auto places = document->root().member("places")) {
    places->each_item([&](json::Value value) { trail.places.push_back(read_place(value)); });
  }
  if (trail.places.empty()) return trail;
  if (const auto machines = document->root().member("machines")) {
    machines->each_item([&](json::Value value) { trail.machines.push_back(read_machine(value, trail)); });
  }
  std::erase_if(trail.machines, [](const TrailMachine& machine) { return machine.days.empty(); });
  return trail;
}

}  // namespace latchkey::sharing
