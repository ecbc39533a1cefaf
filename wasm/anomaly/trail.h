// Trail: how a licence was used on its last days, folded from hours: what it is measured against. Pure.
//
// A day keeps which of its hours were folded, so an hour counts once however often it comes, and days are sums and
// highest values, so hours may come in any order: the same hours give the same trail, as long as there are no more than
// limits::kAnomalyNamesMax models or countries. Whoever scores brings hours in order, or one late at most: the score
// looks for the hour before among the newest three.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace latchkey::anomaly {

// Hour: what a licence did in a whole hour. The caller brings an hour once it is over, with all that is known of it:
// what comes later for an hour that was folded is lost. One in which nothing happened need not come.
struct Hour {
  int64_t hour = 0;  // since 1970
  int64_t requests = 0;
  int64_t tokens = 0;
  int64_t cost = 0;                    // nano-dollars
  std::vector<std::string> models;
  std::vector<std::string> countries;  // two letters; none where it is not known
  int64_t limited = 0;                 // requests refused at a limit
  int64_t machines_refused = 0;        // machines that found no seat
};

// Day: one day with use, in UTC.
struct Day {
  int64_t day = 0;
  uint32_t hours = 0;  // a bit for each that was folded
  int64_t requests = 0;
  int64_t cost = 0;
  int64_t peak_requests = 0;  // of its hours
  int64_t peak_cost = 0;
  int64_t peak_prompt = 0;    // tokens per request, of hours with a few requests
  friend bool operator==(const Day&, const Day&) = default;
};

// Known: a model or a country, and the days of its first and last sight.
struct Known {
  std::string name;
  int64_t first_day = 0;
  int64_t last_day = 0;
  friend bool operator==(const Known&, const Known&) = default;
};

// Recent: one of the last hours that were folded.
struct Recent {
  int64_t hour = 0;
  int64_t requests = 0;
  friend bool operator==(const Recent&, const Recent&) = default;
};

struct Trail {
  std::vector<Recent> recent;  // ascending; the newest three: one before the hour that is scored, and one after
  std::vector<Day> days;  // ascending; at most limits::kAnomalyDaysKept, the newest
  std::vector<Known> models;
  std::vector<Known> countries;
  bool empty() const { return days.empty(); }
  friend bool operator==(const Trail&, const Trail&) = default;
};

// is_time: whether an hour since 1970 is one that we write. day_of, bit_of: of such.
bool is_time(int64_t hour);
int64_t day_of(int64_t hour);
uint32_t bit_of(int64_t hour);

// kept_name: as much of a model's or a country's name as a trail keeps; whole characters of UTF-8.
std::string_view kept_name(std::string_view name);

// prompt_of: an hour's tokens per request; 0 where there are too few requests to say.
int64_t prompt_of(const Hour& hour);

// fold: adds an hour. One that was folded before, that is not over at `now`, or that is older than what is kept, is
// left out. Counts below zero count as none.
void fold(Trail& trail, const Hour& hour, TimeMs now);

// forget_old: drops what is older than limits::kAnomalyMemoryDays, or of the future.
void forget_old(Trail& trail, TimeMs now);

// print_trail, read_trail: as a table keeps it; under 25 KB, mostly 2. What can not be read is an empty trail.
std::string print_trail(const Trail& trail);
Trail read_trail(std::string_view text);

}  // namespace latchkey::anomaly
