#include "traces.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <cstdlib>
#include <span>
#include <tuple>

namespace traces {
namespace {

constexpr int64_t kHour = 3'600'000;
constexpr int64_t kDay = 24 * kHour;

// Dice: splitmix64.
class Dice {
 public:
  explicit Dice(uint64_t seed) : state_(seed) {}
  uint64_t next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  bool chance(double p) { return unit() < p; }
  int from(int low, int high) { return low + static_cast<int>(next() % static_cast<uint64_t>(high - low + 1)); }
  double between(double low, double high) { return low + unit() * (high - low); }
  template <class T>
  const T& of(const std::vector<T>& items) {
    return items[next() % items.size()];
  }

 private:
  uint64_t state_;
};

struct City {
  const char* country;
  double latitude, longitude;
  int zone;  // hours ahead of UTC
};

const std::vector<City> kCities = {
    {"DE", 52.5, 13.4, 1},  {"DE", 48.1, 11.6, 1},   {"DE", 50.9, 6.9, 1},    {"FR", 48.9, 2.4, 1},
    {"FR", 45.8, 4.8, 1},   {"GB", 51.5, -0.1, 0},   {"GB", 55.9, -3.2, 0},   {"ES", 40.4, -3.7, 1},
    {"ES", 41.4, 2.2, 1},   {"IT", 45.5, 9.2, 1},    {"IT", 41.9, 12.5, 1},   {"NL", 52.4, 4.9, 1},
    {"PL", 52.2, 21.0, 1},  {"CZ", 50.1, 14.4, 1},   {"SE", 59.3, 18.1, 1},   {"GR", 38.0, 23.7, 2},
    {"TR", 41.0, 29.0, 3},  {"RU", 55.8, 37.6, 3},   {"RU", 59.9, 30.3, 3},   {"RU", 56.8, 60.6, 5},
    {"UA", 50.5, 30.5, 2},  {"IN", 19.1, 72.9, 5},   {"IN", 28.6, 77.2, 5},   {"CN", 31.2, 121.5, 8},
    {"CN", 39.9, 116.4, 8}, {"JP", 35.7, 139.7, 9},  {"KR", 37.6, 127.0, 9},  {"SG", 1.4, 103.8, 8},
    {"AU", -33.9, 151.2, 10}, {"US", 40.7, -74.0, -5}, {"US", 41.9, -87.6, -6}, {"US", 34.1, -118.2, -8},
    {"US", 29.8, -95.4, -6}, {"CA", 43.7, -79.4, -5}, {"MX", 19.4, -99.1, -6}, {"BR", -23.6, -46.6, -3},
    {"AR", -34.6, -58.4, -3}, {"ZA", -26.2, 28.0, 2}, {"EG", 30.0, 31.2, 2},   {"AE", 25.2, 55.3, 4}};

// Line: a way into the internet.
struct Line {
  std::string country;
  int asn = 0;
  double latitude = 0, longitude = 0;
  int zone = 0;
  bool is_mobile = false;  // another address and another gateway each time
  int address = 0;
};

// Machine's day: when it asks, and over which line.
using LineAt = std::function<const Line&(int64_t at)>;

bool is_before(const Event& a, const Event& b) {
  return std::tie(a.at_ms, a.machine, a.is_granted) < std::tie(b.at_ms, b.machine, b.is_granted);
}

class Story {
 public:
  Story(const std::string& kind, uint64_t seed, int64_t start) : dice(seed), start_(start) { trace.kind = kind; }

  Dice dice;
  Trace trace;
  // frees: how often somebody who finds no free seat frees the one that was used least lately and asks again.
  double frees = 0.7;

  int64_t start() const { return start_; }
  int64_t end() const { return start_ + kDays * kDay; }
  int new_machine() { return num_machines_++; }

  const City& city() { return dice.of(kCities); }
  const City& city_of(const std::string& country) {
    for (;;) {
      const City& found = city();
      if (found.country == country) return found;
    }
  }
  // A country has a few big providers, and their numbers differ from country to country.
  Line line(const City& at, bool is_mobile = false) {
    const int provider = is_mobile ? dice.from(0, 2) : dice.from(3, 8);
    return {at.country, asn_of(at.country, provider), at.latitude + dice.between(-0.4, 0.4),
            at.longitude + dice.between(-0.4, 0.4), at.zone, is_mobile, ++num_addresses_};
  }
  Line exit_of_vpn(const City& at) {
    Line line{at.country, 9000 + dice.from(0, 5), at.latitude, at.longitude, at.zone, false, ++num_addresses_};
    return line;
  }

  // ask: one request, before seats are looked at.
  void ask(int64_t at, int machine, const Line& line) {
    if (at < start_ || at >= end()) return;
    Event event{at, machine, true, line.country, line.asn, line.latitude, line.longitude, line.address};
    if (line.is_mobile) {
      event.address = ++num_addresses_;
      event.latitude += dice.from(-2, 2);
      event.longitude += dice.from(-3, 3);
    }
    trace.events.push_back(event);
  }

  // use: a machine from one moment to another, `per_week` starts of the application, in waking hours, over the line
  // of the moment. After seven days without one the application asks by itself.
  void use(int machine, int64_t from, int64_t to, double per_week, const LineAt& line_at) {
    int64_t last = from;
    for (int64_t day = from; day < to; day += kDay) {
      const int64_t midnight = day - (day - start_) % kDay;
      int starts = 0;
      for (double left = per_week / 7; left > 0; left -= 0.5) starts += dice.chance(std::min(left, 0.5));
      if (starts == 0 && midnight - last >= 6 * kDay) starts = 1;
      for (int i = 0; i < starts; ++i) {
        const Line& there = line_at(midnight + 12 * kHour);
        const double hour = dice.chance(0.3) ? dice.between(8, 12) : dice.between(12, 23.5);
        const int64_t at = midnight + static_cast<int64_t>((hour - there.zone) * kHour);
        if (at < from || at >= to) continue;
        ask(at, machine, line_at(at));
        last = std::max(last, at);
      }
    }
  }
  void use(int machine, double per_week, const LineAt& line_at) { use(machine, start_, end(), per_week, line_at); }

  // finish: in order of time, against the seats.
  Trace finish() {
    auto& events = trace.events;
    std::ranges::sort(events, is_before);
    std::vector<std::pair<int, int64_t>> seated;  // machine, last used
    std::vector<Event> out;
    for (const Event& event : events) sit(event, seated, out);
    std::ranges::sort(out, is_before);
    events = std::move(out);
    return std::move(trace);
  }

 private:
  int asn_of(const std::string& country, int provider) {
    return 1000 + (country[0] - 'A') * 260 + (country[1] - 'A') * 10 + provider;
  }

  void sit(Event event, std::vector<std::pair<int, int64_t>>& seated, std::vector<Event>& out) {
    const auto own = std::ranges::find(seated, event.machine, &std::pair<int, int64_t>::first);
    if (own != seated.end()) {
      own->second = event.at_ms;
    } else if (static_cast<int>(seated.size()) < trace.seats) {
      seated.emplace_back(event.machine, event.at_ms);
    } else {
      event.is_granted = false;
      out.push_back(event);
      if (!dice.chance(frees)) return;
      seated.erase(std::ranges::min_element(seated, {}, &std::pair<int, int64_t>::second));
      event.at_ms += dice.from(1, 30) * 60'000;
      event.is_granted = true;
      seated.emplace_back(event.machine, event.at_ms);
    }
    out.push_back(event);
  }

  int64_t start_;
  int num_machines_ = 0;
  int num_addresses_ = 0;
};

LineAt always(const Line& line) {
  return [line](int64_t) -> const Line& { return line; };
}

// Trip: away from one moment to another. On the way nobody asks for anything.
struct Trip {
  int64_t from, to;
  Line there;
};

std::vector<Trip> trips(Story& story, int how_many) {
  std::vector<Trip> trips;
  int64_t at = story.start() + story.dice.from(1, 8) * kDay;
  for (int i = 0; i < how_many; ++i) {
    const int64_t to = at + story.dice.from(2, 9) * kDay;
    trips.push_back({at, to, story.line(story.city(), story.dice.chance(0.3))});
    at = to + story.dice.from(2, 10) * kDay;
  }
  return trips;
}

double distance_km(const Line& a, const Line& b) {
  const double rad = 3.14159265358979 / 180;
  const double c = std::sin(a.latitude * rad) * std::sin(b.latitude * rad) +
                   std::cos(a.latitude * rad) * std::cos(b.latitude * rad) * std::cos((a.longitude - b.longitude) * rad);
  return 6371 * std::acos(std::clamp(c, -1.0, 1.0));
}

// travel: the machine at home and on its trips, never while it flies (800 km/h, and three hours of airports).
void travel(Story& story, int machine, double per_week, const Line& home, const std::vector<Trip>& trips) {
  int64_t free_from = story.start();
  for (const Trip& trip : trips) {
    const int64_t flight = static_cast<int64_t>((distance_km(home, trip.there) / 800 + 3) * kHour);
    story.use(machine, free_from, trip.from, per_week, always(home));
    story.use(machine, trip.from + flight, trip.to, per_week, always(trip.there));
    free_from = trip.to + flight;
  }
  story.use(machine, free_from, story.end(), per_week, always(home));
}

int few_seats(Story& story) { return story.dice.of(std::vector<int>{1, 2, 3, 3, 3, 3, 5}); }
double often(Story& story) { return story.dice.between(1.5, 8); }

// --- Ordinary ------------------------------------------------------------------------------------

void home_nat(Story& story) {
  story.trace.seats = few_seats(story);
  const Line home = story.line(story.city());
  const int machines = story.dice.from(1, story.trace.seats);
  for (int i = 0; i < machines; ++i) story.use(story.new_machine(), often(story), always(home));
}

void mobile_carrier(Story& story) {
  story.trace.seats = few_seats(story);
  const City& city = story.city();
  const Line carrier = story.line(city, true);
  const Line home = story.line(city);
  const double at_home = story.dice.chance(0.5) ? story.dice.between(0.1, 0.6) : 0;
  const int machines = story.dice.from(1, std::min(2, story.trace.seats));
  for (int i = 0; i < machines; ++i) {
    story.use(story.new_machine(), often(story), [&story, carrier, home, at_home](int64_t) -> const Line& {
      return story.dice.chance(at_home) ? home : carrier;
    });
  }
}

void travelling_laptop(Story& story) {
  story.trace.seats = few_seats(story);
  const Line home = story.line(story.city());
  const auto away = trips(story, story.dice.from(1, 4));
  travel(story, story.new_machine(), often(story), home, away);
  // A desktop stays behind, and somebody at home may use it.
  if (story.trace.seats > 1 && story.dice.chance(0.6)) story.use(story.new_machine(), often(story), always(home));
}

// vpn_line: home, or an exit that the program picks.
LineAt vpn_line(Story& story, const Line& home, double share) {
  std::vector<Line> exits;
  const int how_many = story.dice.from(2, 15);
  for (int i = 0; i < how_many; ++i) exits.push_back(story.exit_of_vpn(story.city()));
  const bool is_sticky = story.dice.chance(0.4);  // its favourite most of the time
  return [&story, home, exits, share, is_sticky](int64_t) -> const Line& {
    if (!story.dice.chance(share)) return home;
    return is_sticky && story.dice.chance(0.7) ? exits.front() : story.dice.of(exits);
  };
}

void vpn(Story& story) {
  story.trace.seats = few_seats(story);
  const Line home = story.line(story.city());
  const int machines = story.dice.from(1, std::min(3, story.trace.seats));
  const double share = story.dice.between(0.2, 1);
  for (int i = 0; i < machines; ++i) story.use(story.new_machine(), often(story), vpn_line(story, home, share));
}

void heavy_vpn(Story& story) {
  story.trace.seats = few_seats(story);
  const Line home = story.line(story.city());
  story.use(story.new_machine(), story.dice.between(10, 24), vpn_line(story, home, story.dice.between(0.5, 1)));
}

void classroom(Story& story) {
  story.trace.seats = story.dice.from(15, 60);
  story.frees = 0.3;
  const City& city = story.city();
  const Line school = story.line(city);
  // A pupil or two bring a laptop of their own, for which there may be no seat.
  const int machines = story.trace.seats - story.dice.from(0, 5) + (story.dice.chance(0.4) ? story.dice.from(0, 3) : 0);
  std::array<bool, 7> has_lesson{};
  for (bool& lesson : has_lesson) lesson = story.dice.chance(0.5);
  const double present = story.dice.between(0.5, 0.95);
  for (int i = 0; i < machines; ++i) {
    const int machine = story.new_machine();
    const bool goes_home = story.dice.chance(0.2);
    const Line home = story.line(city);
    for (int day = 0; day < kDays; ++day) {
      const int64_t midnight = story.start() + day * kDay;
      if (has_lesson[static_cast<size_t>(day % 7)] && day % 7 < 5 && story.dice.chance(present)) {
        story.ask(midnight + (9 - city.zone) * kHour + story.dice.from(0, 90) * 60'000, machine, school);
      }
      if (goes_home && story.dice.chance(0.2)) {
        story.ask(midnight + (19 - city.zone) * kHour + story.dice.from(0, 120) * 60'000, machine, home);
      }
    }
  }
}

void office_within_seats(Story& story) {
  story.trace.seats = story.dice.from(5, 30);
  const int num_offices = story.dice.from(1, 3);
  std::vector<City> cities;
  std::vector<Line> offices;
  for (int i = 0; i < num_offices; ++i) {
    cities.push_back(story.city());
    offices.push_back(story.line(cities.back()));
  }
  const int people = story.dice.from(story.trace.seats / 2, story.trace.seats);
  for (int i = 0; i < people; ++i) {
    const size_t at = static_cast<size_t>(story.dice.from(0, num_offices - 1));
    const Line office = offices[at];
    const Line home = story.line(cities[at]);
    const double at_home = story.dice.between(0, 0.8);
    story.use(story.new_machine(), often(story), [&story, office, home, at_home](int64_t) -> const Line& {
      return story.dice.chance(at_home) ? home : office;
    });
  }
}

void new_laptop(Story& story) {
  story.trace.seats = few_seats(story);
  const City& city = story.city();
  const Line home = story.line(city);
  const Line work = story.line(city);
  const int others = story.dice.from(0, story.trace.seats - 1);
  for (int i = 0; i < others; ++i) story.use(story.new_machine(), often(story), always(home));
  const auto either = [&story, home, work](int64_t) -> const Line& { return story.dice.chance(0.3) ? work : home; };
  const int64_t bought = story.start() + story.dice.from(5, 40) * kDay;
  const int64_t put_away = bought + (story.dice.chance(0.5) ? story.dice.from(0, 10) * kDay : kHour);
  story.use(story.new_machine(), story.start(), put_away, often(story), either);
  story.use(story.new_machine(), bought, story.end(), often(story), either);
}

// changing_id: a machine whose id becomes another one at each of these moments.
void changing_id(Story& story, double per_week, const std::vector<int64_t>& at, const LineAt& line_at) {
  int64_t from = story.start();
  for (const int64_t to : at) {
    story.use(story.new_machine(), from, to, per_week, line_at);
    from = to;
  }
  story.use(story.new_machine(), from, story.end(), per_week, line_at);
}

void reinstall(Story& story) {
  story.trace.seats = few_seats(story);
  const Line home = story.line(story.city());
  std::vector<int64_t> at;
  for (int i = story.dice.from(1, 3); i > 0; --i) at.push_back(story.start() + story.dice.from(2, 43) * kDay);
  std::ranges::sort(at);
  changing_id(story, often(story), at, always(home));
  const int others = story.dice.from(0, story.trace.seats - 1);
  for (int i = 0; i < others; ++i) story.use(story.new_machine(), often(story), always(home));
}

void drifting_id(Story& story) {
  story.trace.seats = few_seats(story);
  const City& city = story.city();
  const Line home = story.line(city);
  const Line work = story.line(city, story.dice.chance(0.3));
  std::vector<int64_t> at;
  for (int64_t day = story.dice.from(3, 12); day < kDays; day += story.dice.from(5, 14)) {
    at.push_back(story.start() + day * kDay);
  }
  const double at_work = story.dice.between(0, 0.5);
  changing_id(story, often(story), at, [&story, home, work, at_work](int64_t) -> const Line& {
    return story.dice.chance(at_work) ? work : home;
  });
}

void dock(Story& story) {
  story.trace.seats = few_seats(story);
  const City& city = story.city();
  const Line home = story.line(city);
  const Line work = story.line(city);
  // One laptop, two ids: with the dock's network card and without.
  story.use(story.new_machine(), often(story), always(home));
  story.use(story.new_machine(), often(story), always(work));
}

void holiday_vpn(Story& story) {
  story.trace.seats = few_seats(story);
  const Line home = story.line(story.city());
  const int64_t from = story.start() + story.dice.from(3, 20) * kDay;
  const int64_t to = from + story.dice.from(7, 21) * kDay;
  const Line hotel = story.line(story.city());
  const int laptop = story.new_machine();
  const double per_week = often(story);
  story.use(laptop, story.start(), from, per_week, always(home));
  story.use(laptop, from + 16 * kHour, to, per_week, vpn_line(story, hotel, story.dice.between(0.3, 1)));
  story.use(laptop, to + 16 * kHour, story.end(), per_week, always(home));
  if (story.trace.seats > 1) story.use(story.new_machine(), often(story), always(home));
}

void student(Story& story) {
  story.trace.seats = few_seats(story);
  const City& city = story.city();
  const Line parents = story.line(city);
  const Line campus = story.line(story.city_of(city.country));
  const Line phone = story.line(city, true);
  const auto weekly = [&story, parents, campus, phone](int64_t at) -> const Line& {
    if (story.dice.chance(0.15)) return phone;
    return (at - story.start()) / kDay % 7 < 5 ? campus : parents;
  };
  story.use(story.new_machine(), often(story), weekly);
  if (story.trace.seats > 1 && story.dice.chance(0.5)) story.use(story.new_machine(), often(story), always(parents));
}

void collector(Story& story) {
  story.trace.seats = story.dice.from(1, 4);
  const Line home = story.line(story.city());
  for (int i = 0; i < story.trace.seats; ++i) story.use(story.new_machine(), often(story), always(home));
  // One machine more than seats, taken out of the drawer a few times a month.
  const int extra = story.new_machine();
  for (int i = story.dice.from(1, 6); i > 0; --i) {
    story.ask(story.start() + story.dice.from(0, kDays - 1) * kDay + story.dice.from(8, 22) * kHour, extra, home);
  }
}

void one_more_all_the_time(Story& story) {
  story.trace.seats = story.dice.from(1, 4);
  const Line home = story.line(story.city());
  for (int i = 0; i <= story.trace.seats; ++i) story.use(story.new_machine(), often(story), always(home));
}

void weekend_house(Story& story) {
  story.trace.seats = story.dice.from(2, 4);
  const City& city = story.city();
  const Line home = story.line(city);
  const Line house = story.line(story.dice.chance(0.5) ? city : story.city_of(city.country));
  const auto where = [&story, home, house](int64_t at) -> const Line& {
    return (at - story.start()) / kDay % 7 < 5 ? home : house;
  };
  for (int i = 1; i < story.trace.seats; ++i) story.use(story.new_machine(), often(story), where);
  // Its own old desktop, now and then.
  story.use(story.new_machine(), story.dice.between(0.5, 2), always(house));
  if (story.dice.chance(0.3)) story.use(story.new_machine(), story.dice.between(0.3, 1), always(house));
}

void virtual_machines(Story& story) {
  story.trace.seats = few_seats(story);
  const Line home = story.line(story.city());
  // A developer who throws a machine away and makes another.
  std::vector<int64_t> at;
  for (int64_t day = story.dice.from(2, 8); day < kDays; day += story.dice.from(3, 12)) {
    at.push_back(story.start() + day * kDay);
  }
  changing_id(story, often(story), at, always(home));
  if (story.trace.seats > 1) story.use(story.new_machine(), often(story), always(home));
}

void drifting_with_vpn(Story& story) {
  story.trace.seats = few_seats(story);
  const Line home = story.line(story.city());
  std::vector<int64_t> at;
  for (int i = story.dice.from(1, 3); i > 0; --i) at.push_back(story.start() + story.dice.from(2, 43) * kDay);
  std::ranges::sort(at);
  changing_id(story, often(story), at, vpn_line(story, home, story.dice.between(0.2, 1)));
}

void nomad(Story& story) {
  story.trace.seats = story.dice.from(1, 3);
  const int machines = story.dice.from(1, std::min(2, story.trace.seats));
  std::vector<int> all;
  for (int i = 0; i < machines; ++i) all.push_back(story.new_machine());
  int64_t at = story.start();
  while (at < story.end()) {
    const Line there = story.line(story.city(), story.dice.chance(0.3));
    const int64_t to = at + story.dice.from(4, 15) * kDay;
    for (const int machine : all) story.use(machine, at, to, often(story), always(there));
    at = to + 22 * kHour;
  }
}

void remote_worker(Story& story) {
  story.trace.seats = few_seats(story);
  const City& city = story.city();
  const Line home = story.line(city);
  const Line phone = story.line(city, true);
  const Line coworking = story.line(city);
  const Line company = story.line(story.city());  // its network leaves the internet in another country
  const auto mixed = [&story, home, phone, coworking, company](int64_t) -> const Line& {
    const double where = story.dice.unit();
    return where < 0.4 ? home : where < 0.5 ? phone : where < 0.65 ? coworking : company;
  };
  const int machines = story.dice.from(1, std::min(2, story.trace.seats));
  for (int i = 0; i < machines; ++i) story.use(story.new_machine(), often(story), mixed);
}

void couple_in_two_cities(Story& story) {
  story.trace.seats = story.dice.from(2, 3);
  const Line one = story.line(story.city());
  const Line other = story.line(story.city());
  const int machines = story.dice.from(2, story.trace.seats);
  for (int i = 0; i < machines; ++i) story.use(story.new_machine(), often(story), always(i % 2 ? other : one));
}

// --- Shared --------------------------------------------------------------------------------------

// member: somebody with a home and one or two machines.
void member(Story& story, const City& city, const Line& home, int64_t from, int64_t to, double per_week) {
  const Line phone = story.line(city, true);
  const int machines = story.dice.chance(0.3) ? 2 : 1;
  for (int i = 0; i < machines; ++i) {
    story.use(story.new_machine(), from, to, per_week, [&story, home, phone](int64_t) -> const Line& {
      return story.dice.chance(0.1) ? phone : home;
    });
  }
}

void family(Story& story) {
  story.trace.seats = story.dice.from(1, 3);
  story.frees = story.dice.between(0.3, 1);
  const City& city = story.city();
  std::vector<Line> homes;
  for (int i = story.dice.from(2, 4); i > 0; --i) {
    homes.push_back(story.line(story.dice.chance(0.6) ? city : story.city_of(city.country)));
  }
  const int people = story.trace.seats + story.dice.from(2, 5);
  for (int i = 0; i < people; ++i) {
    member(story, city, homes[static_cast<size_t>(i) % homes.size()], story.start(), story.end(),
           story.dice.between(1.5, 7));
  }
}

void friends(Story& story) {
  story.trace.seats = story.dice.from(1, 3);
  story.frees = story.dice.between(0.3, 1);
  const City& city = story.city();
  const int people = story.trace.seats + story.dice.from(2, 6);
  for (int i = 0; i < people; ++i) {
    const City& own = story.dice.chance(0.5) ? city : story.city_of(city.country);
    const int64_t joins = story.start() + story.dice.from(0, 15) * kDay;
    member(story, own, story.line(own), joins, story.end(), story.dice.between(2, 7));
  }
}

void team(Story& story) {
  story.trace.seats = story.dice.of(std::vector<int>{1, 2, 3, 3, 5, 10});
  story.frees = story.dice.between(0.3, 1);
  const int num_offices = story.dice.from(1, 3);
  std::vector<City> cities;
  std::vector<Line> offices;
  for (int i = 0; i < num_offices; ++i) {
    cities.push_back(story.city());
    offices.push_back(story.line(cities.back()));
  }
  const int people = story.trace.seats * 2 + story.dice.from(3, 10);
  for (int i = 0; i < people; ++i) {
    const size_t at = static_cast<size_t>(story.dice.from(0, num_offices - 1));
    const Line office = offices[at];
    const Line home = story.line(cities[at]);
    const double at_home = story.dice.between(0, 0.6);
    story.use(story.new_machine(), story.dice.between(2, 8), [&story, office, home, at_home](int64_t) -> const Line& {
      return story.dice.chance(at_home) ? home : office;
    });
  }
}

void forum_code(Story& story) {
  story.trace.seats = story.dice.of(std::vector<int>{1, 3, 3, 3, 5});
  story.frees = story.dice.between(0, 0.6);
  const int people = story.dice.from(15, 150);
  const City& tongue = story.city();
  const int64_t posted = story.start() + story.dice.from(0, 10) * kDay;
  for (int i = 0; i < people; ++i) {
    const City& own = story.dice.chance(0.4) ? story.city_of(tongue.country) : story.city();
    const Line home = story.dice.chance(0.3) ? story.exit_of_vpn(story.city()) : story.line(own);
    // Most come in the first days and try it once or twice.
    const int64_t comes = posted + static_cast<int64_t>(std::pow(story.dice.unit(), 2) * 30 * kDay);
    const bool stays = story.dice.chance(0.3);
    story.use(story.new_machine(), comes, stays ? story.end() : comes + story.dice.from(1, 3) * kDay,
              story.dice.between(3, 10), always(home));
  }
}

void resold(Story& story) {
  story.trace.seats = story.dice.from(1, 3);
  story.frees = story.dice.between(0.6, 1);
  const std::string country = story.city().country;
  int64_t sold = story.start();
  while (sold < story.end()) {
    const City& own = story.dice.chance(0.7) ? story.city_of(country) : story.city();
    member(story, own, story.line(own), sold, std::min(story.end(), sold + story.dice.from(10, 40) * kDay),
           story.dice.between(2, 7));
    sold += story.dice.from(12, 96) * kHour;
  }
}

void cloned_id(Story& story) {
  story.trace.seats = story.dice.from(1, 3);
  // One image of a virtual machine, or one forged id, on many machines.
  const int machine = story.new_machine();
  const int people = story.dice.from(12, 30);
  for (int i = 0; i < people; ++i) {
    story.use(machine, story.start(), story.end(), story.dice.between(2, 7), always(story.line(story.city())));
  }
}

struct Kind {
  const char* name;
  void (*tell)(Story&);
};
constexpr Kind kOrdinary[] = {{"home NAT", home_nat},
                              {"mobile carrier", mobile_carrier},
                              {"travelling laptop", travelling_laptop},
                              {"VPN", vpn},
                              {"heavy VPN", heavy_vpn},
                              {"classroom", classroom},
                              {"office within its seats", office_within_seats},
                              {"new laptop", new_laptop},
                              {"reinstall", reinstall},
                              {"drifting machine id", drifting_id},
                              {"dock", dock},
                              {"holiday with VPN", holiday_vpn},
                              {"student", student},
                              {"one machine too many", collector},
                              {"one more all the time", one_more_all_the_time},
                              {"weekend house", weekend_house},
                              {"virtual machines", virtual_machines},
                              {"drifting id with VPN", drifting_with_vpn},
                              {"nomad", nomad},
                              {"remote worker", remote_worker},
                              {"couple in two cities", couple_in_two_cities}};
constexpr Kind kShared[] = {{"family", family}, {"friends", friends}, {"team", team},
                            {"code in a forum", forum_code}, {"resold", resold}, {"cloned machine id", cloned_id}};

std::vector<std::string> names_of(std::span<const Kind> kinds) {
  std::vector<std::string> names;
  for (const Kind& kind : kinds) names.emplace_back(kind.name);
  return names;
}

}  // namespace

std::vector<std::string> ordinary_kinds() { return names_of(kOrdinary); }
std::vector<std::string> shared_kinds() { return names_of(kShared); }

Trace make(const std::string& kind, uint64_t seed, int64_t start_ms) {
  for (const std::span<const Kind> kinds : {std::span<const Kind>(kOrdinary), std::span<const Kind>(kShared)}) {
    for (const Kind& one : kinds) {
      if (kind != one.name) continue;
      Story story(kind, seed, start_ms);
      one.tell(story);
      return story.finish();
    }
  }
  std::abort();
}

}  // namespace traces
