#include "traces.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

namespace traces {
namespace {

// Dice: a 64-bit Weyl sequence, mixed.
class Dice {
 public:
  explicit Dice(uint64_t seed) : state_(seed * 0xd1342543de82ef95 + 0x8cb92ba72f3d8dd7) {}
  double unit() {
    uint64_t z = state_ += 0xa0761d6478bd642f;
    z = (z ^ (z >> 32)) * 0xe9846af9b1a615d3;
    z = (z ^ (z >> 29)) * 0xd6e8feb86659fd93;
    return static_cast<double>((z ^ (z >> 32)) >> 11) * 0x1p-53;
  }
  bool chance(double p) { return unit() < p; }
  double between(double low, double high) { return low + unit() * (high - low); }
  int from(int low, int high) { return low + static_cast<int>(unit() * (high - low + 1)); }
  // about: 1 on average, skewed.
  double about(double spread) {
    double normal = -6;
    for (int i = 0; i < 12; ++i) normal += unit();
    return std::exp(spread * normal - spread * spread / 2);
  }
  // around: a count around so many; by chance for small ones.
  int64_t around(double mean) {
    if (mean > 30) return std::llround(mean + std::sqrt(mean) * (about(0.3) - 1) / 0.3);
    int64_t count = 0;
    for (double left = std::exp(-mean), product = unit(); product > left; product *= unit()) ++count;
    return count;
  }

 private:
  uint64_t state_;
};

struct Model {
  const char* name;
  double dollars_per_million;
};
constexpr std::array<Model, 6> kModels = {
    {{"mini", 0.4}, {"small", 1}, {"flash", 2}, {"main", 5}, {"large", 12}, {"dearest", 60}}};
constexpr size_t kDearest = 5;
constexpr std::array<const char*, 10> kCountries = {"DE", "FR", "US", "JP", "BR", "IN", "GB", "NG", "VN", "RU"};

// Owner: whose licence it is, and what of their use changes with time.
class Owner {
 public:
  Owner(Dice& dice, Trace& trace) : dice_(dice), trace_(trace) {
    zone_ = dice.from(-8, 10);
    first_weekday_ = dice.from(0, 6);
    rate = dice.between(5, 45);
    prompt = dice.between(600, 5000);
    spread_ = dice.between(0.2, 0.5);
    const auto main = static_cast<size_t>(dice.from(0, 4));
    models = {main};
    if (dice.chance(0.5)) models.push_back(static_cast<size_t>(dice.from(0, 4)));
    country = kCountries[static_cast<size_t>(dice.from(0, 9))];
  }

  double rate;    // requests of an hour at work
  double prompt;  // tokens of a request
  std::vector<size_t> models;
  std::string country;

  bool is_weekend(int day) const { return (day + first_weekday_) % 7 >= 5; }
  int hour_at(int local) const { return local - zone_; }
  void move(int hours, const std::string& to) {
    zone_ += hours;
    country = to;
  }

  // work: from one hour of the local day to another, as busy as `busy` times the usual.
  void work(int day, int from, int to, double busy = 1) {
    const double mood = dice_.about(0.25);
    for (int hour = from; hour < to; ++hour) {
      if (!dice_.chance(0.85)) continue;
      use(day * 24 + hour - zone_, rate * busy * mood * dice_.about(spread_));
    }
  }
  void use(int hour, double requests) {
    if (hour < 0 || hour >= kHours) return;
    Use& now = trace_.hours[static_cast<size_t>(hour)];
    const int64_t asked = dice_.around(requests);
    if (asked == 0) return;
    const size_t model = models[dice_.chance(0.75) ? 0 : models.size() - 1];
    const double tokens = static_cast<double>(asked) * prompt * dice_.about(spread_);
    now.requests += asked;
    now.tokens += std::llround(tokens);
    now.dollars += tokens / 1e6 * kModels[model].dollars_per_million;
    now.models.insert(kModels[model].name);
    now.countries.insert(country);
  }

 private:
  Dice& dice_;
  Trace& trace_;
  int zone_;
  int first_weekday_;
  double spread_;
};

// --- Ordinary ------------------------------------------------------------------------------------

void office_day(Owner& owner, Dice& dice, int day, double busy = 1) {
  if (owner.is_weekend(day) && !dice.chance(0.08)) return;
  owner.work(day, dice.from(8, 9), dice.from(16, 19), busy);
  if (dice.chance(0.1)) owner.work(day, 20, 22, 0.7 * busy);
}

void office_hours(Owner& owner, Dice& dice, Trace&) {
  for (int day = 0; day < kDays; ++day) office_day(owner, dice, day);
}

void night_writer(Owner& owner, Dice& dice, Trace&) {
  for (int day = 0; day < kDays; ++day) {
    if (dice.chance(0.25)) continue;
    owner.work(day, dice.from(20, 23), dice.from(25, 29));
  }
}

void binge_weekend(Owner& owner, Dice& dice, Trace&) {
  const double often = dice.between(0.3, 0.8);
  bool is_binge = false;
  for (int day = 0; day < kDays; ++day) {
    if (!owner.is_weekend(day)) {
      is_binge = dice.chance(often);
      if (dice.chance(0.4)) owner.work(day, 19, 21, 0.5);
    } else if (is_binge) {
      owner.work(day, dice.from(9, 12), dice.from(20, 26), dice.between(1, 2));
    }
  }
}

void steady_script(Owner& owner, Dice& dice, Trace&) {
  const int every = std::array{1, 1, 2, 4, 6}[static_cast<size_t>(dice.from(0, 4))];
  const double stops = dice.between(0, 0.02);
  for (int hour = 0; hour < kHours; hour += every) {
    if (dice.chance(stops)) continue;
    owner.use(hour, owner.rate);
  }
}

void month_end(Owner& owner, Dice& dice, Trace&) {
  const int phase = dice.from(0, 29);
  const double peak = dice.between(1.5, 3);
  for (int day = 0; day < kDays; ++day) {
    const bool is_end = (day + phase) % 30 >= 27;
    office_day(owner, dice, day, is_end ? peak : 1);
    if (is_end && dice.chance(0.5)) owner.work(day, 19, 22, 0.7 * peak);
  }
}

void holiday(Owner& owner, Dice& dice, Trace&) {
  const int from = dice.from(5, 40);
  const int to = from + dice.from(7, 28);
  for (int day = 0; day < kDays; ++day) {
    if (day >= from && day < to) continue;
    const bool has_backlog = day >= to && day < to + 3;
    office_day(owner, dice, day, has_backlog ? dice.between(1, 1.8) : 1);
  }
}

void new_laptop(Owner& owner, Dice& dice, Trace& trace) {
  const int bought = dice.from(15, 58);
  for (int day = 0; day < kDays; ++day) office_day(owner, dice, day, day == bought ? 1.3 : 1);
  for (int i = dice.from(1, 3); i > 0; --i) {
    trace.hours[static_cast<size_t>(bought * 24 + dice.from(6, 20))].machines_refused += dice.from(1, 2);
  }
}

void travelling(Owner& owner, Dice& dice, Trace&) {
  int day = 0;
  const std::string home = owner.country;
  for (int trip = dice.from(1, 4); trip >= 0; --trip) {
    const int leaves = trip == 0 ? kDays : std::min(kDays, day + dice.from(8, 25));
    for (; day < leaves; ++day) office_day(owner, dice, day);
    const int shift = dice.from(-9, 9);
    const int back = std::min(kDays, day + dice.from(2, 9));
    owner.move(shift, kCountries[static_cast<size_t>(dice.from(0, 9))]);
    for (; day < back; ++day) office_day(owner, dice, day, dice.between(0.4, 1.1));
    owner.move(-shift, home);
  }
}

void model_upgrade(Owner& owner, Dice& dice, Trace&) {
  const int moves = dice.from(15, 58);
  for (int day = 0; day < kDays; ++day) {
    if (day == moves) {
      // To the next better one: two and a half to five times the price, and answers that are longer.
      owner.models = {std::min(kDearest, owner.models.front() + 1)};
      owner.prompt *= dice.between(1, 1.5);
    }
    // Whoever has a new toy plays with it.
    office_day(owner, dice, day, day >= moves && day < moves + 2 ? 1.2 : 1);
  }
}

void growing(Owner& owner, Dice& dice, Trace&) {
  for (int day = 0; day < kDays; ++day) office_day(owner, dice, day, std::pow(1.05, day / 7.0));
}

void sporadic(Owner& owner, Dice& dice, Trace&) {
  const double often = dice.between(0.08, 0.35);
  for (int day = 0; day < kDays; ++day) {
    if (!dice.chance(often)) continue;
    const int from = dice.from(7, 21);
    owner.work(day, from, from + dice.from(1, 6), dice.between(0.3, 1.5));
  }
}

// --- Abuse ---------------------------------------------------------------------------------------

// Thief: adds to what the owner does.
class Thief {
 public:
  Thief(Dice& dice, Trace& trace, const Owner& owner) : dice_(dice), trace_(trace) {
    begins = dice.from(20 * 24, 55 * 24);
    int active_days = 0;
    int active_hours = 0;
    int64_t requests = 0;
    for (int day = 0; day < begins / 24; ++day) {
      bool is_active = false;
      for (int hour = day * 24; hour < (day + 1) * 24; ++hour) {
        const Use& use = trace.hours[static_cast<size_t>(hour)];
        is_active = is_active || use.requests > 0;
        active_hours += use.requests > 0;
        requests += use.requests;
      }
      active_days += is_active;
    }
    usual_day = static_cast<double>(requests) / std::max(1, active_days);
    usual_hour = static_cast<double>(requests) / std::max(1, active_hours);
    prompt = owner.prompt;
    model = owner.models.front();
    countries = {owner.country};
    night_begins_ = owner.hour_at(23);
  }

  int begins;
  double usual_day, usual_hour;
  double prompt;
  size_t model;
  std::vector<std::string> countries;

  // at_night: of the owner's day, from eleven to three.
  void at_night() {
    const int hour = night_begins_ + dice_.from(0, 4);
    begins += ((hour - begins) % 24 + 24) % 24;
  }
  void come_from(int how_many) {
    countries.clear();
    for (int i = 0; i < how_many; ++i) countries.emplace_back(kCountries[static_cast<size_t>(dice_.from(0, 9))]);
  }
  void use(int hours, double per_hour) {
    trace_.abuse_begins = begins;
    for (int hour = begins; hour < std::min(begins + hours, kHours); ++hour) {
      Use& now = trace_.hours[static_cast<size_t>(hour)];
      const int64_t asked = dice_.around(per_hour);
      const double tokens = static_cast<double>(asked) * prompt * dice_.about(0.2);
      now.requests += asked;
      now.tokens += std::llround(tokens);
      now.dollars += tokens / 1e6 * kModels[model].dollars_per_million;
      if (asked > 0) now.models.insert(kModels[model].name);
      for (const std::string& country : countries) {
        if (dice_.chance(0.8)) now.countries.insert(country);
      }
    }
  }
  void crowd(int hours, int machines) {
    for (int hour = begins; hour < std::min(begins + hours, kHours); ++hour) {
      Use& now = trace_.hours[static_cast<size_t>(hour)];
      now.machines_refused += dice_.around(machines);
      now.limited += dice_.around(20);
    }
  }

 private:
  Dice& dice_;
  Trace& trace_;
  int night_begins_;
};

void key_leaked(Thief& thief, Dice& dice) {
  if (dice.chance(0.8)) thief.come_from(dice.from(1, 5));
  if (dice.chance(0.4)) thief.model = static_cast<size_t>(dice.from(0, 5));
  const int hours = dice.from(4, 12);
  thief.use(hours, dice.between(10, 30) * thief.usual_day / hours);
}

void night_bot(Thief& thief, Dice& dice) {
  if (dice.chance(0.3)) thief.come_from(1);
  thief.at_night();
  thief.use(dice.from(6, 10), std::max(120.0, dice.between(4, 12) * thief.usual_hour));
}

void resale(Thief& thief, Dice& dice) {
  thief.come_from(dice.from(2, 5));
  const int hours = dice.from(24, 72);
  thief.use(hours, dice.between(1.5, 4) * thief.usual_hour);
  thief.crowd(hours, dice.from(5, 15));
}

void dear_model(Thief& thief, Dice& dice) {
  if (dice.chance(0.3)) thief.come_from(1);
  thief.model = kDearest;
  thief.prompt *= dice.between(4, 15);
  thief.use(dice.from(4, 12), std::max(10.0, dice.between(1, 3) * thief.usual_hour));
}

struct Kind {
  const char* name;
  void (*tell)(Owner&, Dice&, Trace&);
};
constexpr std::array<Kind, 11> kOrdinary = {{{"office_hours", office_hours},
                                             {"night_writer", night_writer},
                                             {"binge_weekend", binge_weekend},
                                             {"steady_script", steady_script},
                                             {"month_end", month_end},
                                             {"holiday", holiday},
                                             {"new_laptop", new_laptop},
                                             {"travelling", travelling},
                                             {"model_upgrade", model_upgrade},
                                             {"growing", growing},
                                             {"sporadic", sporadic}}};
struct Abuse {
  const char* name;
  void (*tell)(Thief&, Dice&);
};
constexpr std::array<Abuse, 4> kAbuse = {
    {{"key_leaked", key_leaked}, {"night_bot", night_bot}, {"resale", resale}, {"dear_model", dear_model}}};

template <class Kinds>
const auto& find(const Kinds& kinds, const std::string& name) {
  for (const auto& kind : kinds) {
    if (name == kind.name) return kind;
  }
  std::abort();
}

template <class Kinds>
std::vector<std::string> names_of(const Kinds& kinds) {
  std::vector<std::string> names;
  for (const auto& kind : kinds) names.emplace_back(kind.name);
  return names;
}

// --- Addresses -----------------------------------------------------------------------------------

void try_codes(AddressTrace& trace, int hour, int64_t codes, int64_t each = 1) {
  if (hour < 0 || hour >= kHours) return;
  trace.hours[static_cast<size_t>(hour)].codes += codes;
  trace.hours[static_cast<size_t>(hour)].refused += codes * each;
}

// A household that mistypes its code now and then.
void slips(AddressTrace& trace, Dice& dice) {
  for (int i = dice.from(0, 12); i > 0; --i) {
    const int hour = dice.from(0, kHours - 1);
    const int codes = dice.from(1, 4);
    try_codes(trace, hour, codes, dice.from(1, 3));
  }
}
// A client with a code that was shredded, asking again and again.
void stuck_client(AddressTrace& trace, Dice& dice) {
  const int from = dice.from(0, kHours / 2);
  for (int hour = from; hour < kHours; ++hour) try_codes(trace, hour, 1, dice.from(1, 12));
}
// An office or a school: many who mistype, some stuck clients.
void shared_address(AddressTrace& trace, Dice& dice) {
  for (int day = 0; day < kDays; ++day) {
    if (!dice.chance(0.4)) continue;
    for (int i = dice.from(1, 3); i > 0; --i) {
      const int hour = day * 24 + dice.from(7, 17);
      const int codes = dice.from(1, 2);
      try_codes(trace, hour, codes, dice.from(1, 3));
    }
  }
  const int rollout = dice.from(0, kDays - 1) * 24 + 8;
  try_codes(trace, rollout, dice.from(1, 5), 2);
}

void begin(AddressTrace& trace, Dice& dice, double low, double high, double duty) {
  trace.guessing_begins = dice.from(0, kHours - 100);
  const double pace = dice.between(low, high);
  for (int hour = trace.guessing_begins; hour < trace.guessing_begins + 96; ++hour) {
    if (hour != trace.guessing_begins && !dice.chance(duty)) continue;
    try_codes(trace, hour, std::llround(pace * dice.between(0.9, 1.1)));
  }
}
void guessing_fast(AddressTrace& trace, Dice& dice) { begin(trace, dice, 40, 3000, 1); }
void guessing_slow(AddressTrace& trace, Dice& dice) { begin(trace, dice, 5.2, 15, 1); }
void guessing_crawl(AddressTrace& trace, Dice& dice) { begin(trace, dice, 2, 4, 0.9); }

struct AddressKind {
  const char* name;
  void (*tell)(AddressTrace&, Dice&);
};
constexpr std::array<AddressKind, 3> kOrdinaryAddresses = {
    {{"slips", slips}, {"stuck_client", stuck_client}, {"shared_address", shared_address}}};
constexpr std::array<AddressKind, 3> kGuessingAddresses = {
    {{"guessing_fast", guessing_fast}, {"guessing_slow", guessing_slow}, {"guessing_crawl", guessing_crawl}}};

}  // namespace

std::vector<std::string> ordinary_kinds() { return names_of(kOrdinary); }
std::vector<std::string> abuse_kinds() { return names_of(kAbuse); }
std::vector<std::string> ordinary_addresses() { return names_of(kOrdinaryAddresses); }
std::vector<std::string> guessing_addresses() { return names_of(kGuessingAddresses); }

Trace make(const std::string& kind, uint64_t seed) {
  Dice dice(seed);
  Trace trace;
  Owner owner(dice, trace);
  find(kOrdinary, kind).tell(owner, dice, trace);
  return trace;
}

Trace make_abused(const std::string& ordinary_kind, const std::string& abuse_kind, uint64_t seed) {
  Dice dice(seed);
  Trace trace;
  Owner owner(dice, trace);
  find(kOrdinary, ordinary_kind).tell(owner, dice, trace);
  Thief thief(dice, trace, owner);
  find(kAbuse, abuse_kind).tell(thief, dice);
  return trace;
}

AddressTrace make_address(const std::string& kind, uint64_t seed) {
  Dice dice(seed);
  AddressTrace trace;
  for (const AddressKind& one : kOrdinaryAddresses) {
    if (kind == one.name) one.tell(trace, dice);
  }
  for (const AddressKind& one : kGuessingAddresses) {
    if (kind == one.name) one.tell(trace, dice);
  }
  return trace;
}

}  // namespace traces
