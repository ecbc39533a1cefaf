// Detection: of made-up traces, scored once an hour, the score finds abuse within an hour of its beginning and leaves
// ordinary use alone, on seeds that nobody looked at while its weights were chosen too.
//
// Abuse begins with a whole hour. That hour is scored when it is over, and so is the next: found within an hour of its
// beginning means that one of these two scores alarms.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "anomaly/guessing.h"
#include "anomaly/score.h"
#include "base/limits.h"
#include "support/seeds.h"
#include "traces.h"

namespace latchkey::anomaly {
namespace {

constexpr int64_t kFirstHour = 20'468 * 24;
constexpr int kOfEachOrdinaryKind = 100;
constexpr int kOfEachAbuse = 10;  // in each ordinary kind
constexpr int kOfEachAddress = 100;
constexpr int kScoresInTime = 2;
constexpr int kCrawlHours = 24;

Hour hour_of(const traces::Use& use, int at) {
  return {.hour = kFirstHour + at,
          .requests = use.requests,
          .tokens = use.tokens,
          .cost = std::llround(use.dollars * 1e9),
          .models = {use.models.begin(), use.models.end()},
          .countries = {use.countries.begin(), use.countries.end()},
          .limited = use.limited,
          .machines_refused = use.machines_refused};
}

bool is_empty(const traces::Use& use) { return use.requests == 0 && use.machines_refused == 0 && use.limited == 0; }

// Found: what the scores of a trace came to.
struct Found {
  int first_alarm = -1;  // hour; before abuse begins there should be none
  int alarm_after = -1;  // the first from the beginning of the abuse on
  int64_t highest = 0;
};

Found run(const traces::Trace& trace) {
  Trail trail;
  Found found;
  for (int at = 0; at < traces::kHours; ++at) {
    const traces::Use& use = trace.hours[static_cast<size_t>(at)];
    if (is_empty(use)) continue;
    const Hour hour = hour_of(use, at);
    const TimeMs now = (hour.hour + 1) * kHourMs;
    fold(trail, hour, now);
    const Score made = score(trail, hour);
    found.highest = std::max(found.highest, made.points);
    if (made.is_alarm() && found.first_alarm < 0) found.first_alarm = at;
    if (made.is_alarm() && at >= trace.abuse_begins && found.alarm_after < 0) found.alarm_after = at;
  }
  return found;
}

Found run(const traces::AddressTrace& trace) {
  AddressTrail trail;
  Found found;
  for (int at = 0; at < traces::kHours; ++at) {
    const traces::Tried& tried = trace.hours[static_cast<size_t>(at)];
    if (tried.codes == 0) continue;
    const TimeMs now = (kFirstHour + at + 1) * kHourMs;
    fold(trail, {.hour = kFirstHour + at, .refused = tried.refused, .codes = tried.codes}, now);
    const Score made = guessing(trail, now);
    found.highest = std::max(found.highest, made.points);
    if (made.is_alarm() && found.first_alarm < 0) found.first_alarm = at;
    if (made.is_alarm() && at >= trace.guessing_begins && found.alarm_after < 0) found.alarm_after = at;
  }
  return found;
}

struct Share {
  int alarms = 0;
  int traces = 0;
  int64_t highest = 0;
  double percent() const { return 100.0 * alarms / traces; }
  void add(bool is_alarm, int64_t points) {
    alarms += is_alarm;
    ++traces;
    highest += points;
  }
  void add(const Share& other) {
    alarms += other.alarms;
    traces += other.traces;
    highest += other.highest;
  }
};

void print(uint64_t seed, const std::string& kind, const Share& share, const char* what) {
  std::printf("  seed %4llu  %-16s %3d of %d %s, mean of highest scores %lld\n", static_cast<unsigned long long>(seed),
              kind.c_str(), share.alarms, share.traces, what, static_cast<long long>(share.highest / share.traces));
}

uint64_t seed_of(uint64_t seed, int i) { return seed * 1'000'003 + static_cast<uint64_t>(i); }
bool is_in_time(int alarm, int begin, int scores) { return alarm >= 0 && alarm < begin + scores; }

Share measure_ordinary(uint64_t seed) {
  Share all;
  for (const std::string& kind : traces::ordinary_kinds()) {
    Share share;
    for (int i = 0; i < kOfEachOrdinaryKind; ++i) {
      const Found found = run(traces::make(kind, seed_of(seed, i)));
      share.add(found.first_alarm >= 0, found.highest);
    }
    print(seed, kind, share, "alarmed");
    all.add(share);
  }
  return all;
}

Share measure_addresses(uint64_t seed) {
  Share all;
  for (const std::string& kind : traces::ordinary_addresses()) {
    Share share;
    for (int i = 0; i < kOfEachAddress; ++i) {
      const Found found = run(traces::make_address(kind, seed_of(seed, i)));
      share.add(found.first_alarm >= 0, found.highest);
    }
    print(seed, kind, share, "alarmed");
    all.add(share);
  }
  return all;
}

Share measure_abuse(uint64_t seed) {
  Share all;
  for (const std::string& abuse : traces::abuse_kinds()) {
    Share share;
    int kind_of = 0;
    for (const std::string& kind : traces::ordinary_kinds()) {
      Share of_kind;
      for (int i = 0; i < kOfEachAbuse; ++i) {
        const traces::Trace trace = traces::make_abused(kind, abuse, seed_of(seed, 1000 * ++kind_of + i));
        const Found found = run(trace);
        of_kind.add(is_in_time(found.alarm_after, trace.abuse_begins, kScoresInTime), found.highest);
      }
      if (of_kind.alarms < of_kind.traces) print(seed, abuse + " " + kind, of_kind, "found in time");
      share.add(of_kind);
    }
    print(seed, abuse, share, "found in time");
    all.add(share);
  }
  return all;
}

Share measure_guessing(uint64_t seed, const std::string& kind, int scores) {
  Share share;
  for (int i = 0; i < kOfEachAddress; ++i) {
    const traces::AddressTrace trace = traces::make_address(kind, seed_of(seed, i));
    const Found found = run(trace);
    share.add(is_in_time(found.alarm_after, trace.guessing_begins, scores), found.highest);
  }
  print(seed, kind, share, scores == kScoresInTime ? "found in time" : "found within a day");
  return share;
}

void print_sum(uint64_t seed, const char* of, const Share& abuse, const Share& ordinary) {
  std::printf("  seed %4llu  %s: recall %.1f %% of %d, false alarms %.2f %% of %d\n",
              static_cast<unsigned long long>(seed), of, abuse.percent(), abuse.traces, ordinary.percent(),
              ordinary.traces);
}

class Detection : public ::testing::TestWithParam<uint64_t> {};

TEST_P(Detection, finds_abuse_within_an_hour_and_leaves_ordinary_use_alone) {
  const Share ordinary = measure_ordinary(GetParam());
  const Share abuse = measure_abuse(GetParam());
  print_sum(GetParam(), "licences", abuse, ordinary);
  EXPECT_GE(ordinary.traces, 1000);
  EXPECT_GE(abuse.traces, 400);
  EXPECT_GE(abuse.percent(), 95.0);
  EXPECT_LE(ordinary.percent(), 1.0);
}

TEST_P(Detection, finds_who_guesses_and_leaves_who_mistypes_alone) {
  const Share ordinary = measure_addresses(GetParam());
  Share guessing = measure_guessing(GetParam(), "guessing_fast", kScoresInTime);
  guessing.add(measure_guessing(GetParam(), "guessing_slow", kScoresInTime));
  print_sum(GetParam(), "addresses", guessing, ordinary);
  EXPECT_GE(guessing.percent(), 95.0);
  EXPECT_LE(ordinary.percent(), 1.0);
  EXPECT_GE(measure_guessing(GetParam(), "guessing_crawl", kCrawlHours).percent(), 95.0);
}

// The weights were chosen with the first five; the last five were run when they stood.
INSTANTIATE_TEST_SUITE_P(Chosen, Detection, ::testing::ValuesIn(test::chosen_seeds()));
INSTANTIATE_TEST_SUITE_P(HeldOut, Detection, ::testing::ValuesIn(test::held_out_seeds()));

}  // namespace
}  // namespace latchkey::anomaly
