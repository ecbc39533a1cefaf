// Budget: what a licence may cost in a day, a month and all in all, and where it stands. Pure.
// Days and months are UTC's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "json/reader.h"
#include "json/writer.h"
#include "pricing/money.h"

namespace latchkey::budget {

// Enforcement: kTrack counts, kWarn tells the client too, kBlock refuses keys once a limit is reached.
enum class Enforcement : uint8_t { kTrack, kWarn, kBlock };
std::string_view enforcement_name(Enforcement enforcement);
std::optional<Enforcement> parse_enforcement(std::string_view name);

enum class Period : uint8_t { kDaily, kMonthly, kTotal };
std::string_view period_name(Period period);

struct Limits {
  std::optional<pricing::Nano> daily, monthly, total;
  std::optional<pricing::Nano> of(Period period) const;
  friend bool operator==(const Limits&, const Limits&) = default;
};

struct Budget {
  Enforcement enforcement = Enforcement::kTrack;
  Limits limits;
  friend bool operator==(const Budget&, const Budget&) = default;
};

// write_limits: an object of those that are set, in nano-dollars; read_limits reads it.
void write_limits(json::Writer& out, const Limits& limits);
Limits read_limits(json::Value object);

// print_budget, read_budget: licenses.budget, canonical JSON in nano-dollars. A budget that limits nothing and only
// tracks is nullopt.
std::optional<std::string> print_budget(const Budget& budget);
Budget read_budget(std::optional<std::string_view> column);
// parse_budget: the same from any JSON; nullopt for what print_budget did not write.
std::optional<Budget> parse_budget(json::Value value);

// Spent: what was spent in the periods that `now` lies in.
struct Spent {
  pricing::Nano today, month, total;
  pricing::Nano in(Period period) const;
  friend bool operator==(const Spent&, const Spent&) = default;
};

// day_of: days since 1970-01-01. month_start_of: the day on which its month began.
constexpr int64_t day_of(TimeMs at) { return at / kDayMs; }
int64_t month_start_of(TimeMs at);

// resets_at: when the period that `now` lies in ends; nullopt: never.
std::optional<TimeMs> resets_at(Period period, TimeMs now);

// Standing: one period's spending against its limit.
struct Standing {
  Period period = Period::kMonthly;
  pricing::Nano cost;
  std::optional<pricing::Nano> limit;
  std::optional<TimeMs> resets_at;
  // remaining: never below nothing; nullopt where there is no limit.
  std::optional<pricing::Nano> remaining() const;
  // is_near: kNearPercent of the limit or more is used.
  bool is_near() const;
};
inline constexpr int64_t kNearPercent = 80;

// describe: for people: "5.2 of 5 USD are used today; it resets at 2026-01-02T00:00:00Z".
std::string describe(const Standing& standing);

// standing: that of the limit of which the largest part is used; without limits, of the month.
Standing standing(const Budget& budget, const Spent& spent, TimeMs now);

// reached: the limit that is used up, of several the one that resets last; nullopt: none is.
std::optional<Standing> reached(const Budget& budget, const Spent& spent, TimeMs now);

// is_blocked: no keys until a limit resets. provision_v3 in d1/0013_usage.sql says the same in SQL.
inline bool is_blocked(const Budget& budget, const Spent& spent, TimeMs now) {
  return budget.enforcement == Enforcement::kBlock && reached(budget, spent, now).has_value();
}

// blocked_until: when the limit that blocks resets, kTimeMsMax where it never does; nullopt: nothing blocks.
std::optional<TimeMs> blocked_until(const Budget& budget, const Spent& spent, TimeMs now);

// Snapshot: a budget, and what was spent of it at a moment.
struct Snapshot {
  Budget budget;
  Spent spent;
  TimeMs at = 0;
  // spent_at: what of it still counts: a day's sum ends with the day, a month's with the month.
  Spent spent_at(TimeMs now) const;
  friend bool operator==(const Snapshot&, const Snapshot&) = default;
};

}  // namespace latchkey::budget
