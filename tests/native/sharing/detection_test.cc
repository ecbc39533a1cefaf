// Detection: of made-up traces the score finds those that are shared and leaves the ordinary ones alone, on seeds that
// nobody looked at while its weights were chosen too.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "base/limits.h"
#include "sharing/score.h"
#include "traces.h"
#include "support/seeds.h"
#include "support/test_host.h"

namespace latchkey::sharing {
namespace {

constexpr TimeMs kMidnight = test::kTestStart / kDayMs * kDayMs;
constexpr int kOfEachOrdinaryKind = 60;
constexpr int kOfEachSharedKind = 60;

// Told: what the platform says of a request. Rows of before networks and positions were kept have the country alone.
enum class Told : bool { kAll, kCountryAlone };

Sighting sighting_of(const traces::Event& event, Told told) {
  Sighting sighting{.at = event.at_ms,
                    .machine = "machine-" + std::to_string(event.machine),
                    .is_granted = event.is_granted,
                    .place = {.country = event.country}};
  if (told == Told::kCountryAlone) return sighting;
  sighting.place.asn = event.asn;
  sighting.place.lat = std::llround(event.latitude);
  sighting.place.lon = std::llround(event.longitude);
  return sighting;
}

// highest_score: of the days of a trace, as cron would see them.
int64_t highest_score(const traces::Trace& trace, Told told) {
  Trail trail;
  int64_t highest = 0;
  size_t next = 0;
  for (int day = 1; day <= traces::kDays; ++day) {
    const TimeMs now = kMidnight + day * kDayMs;
    while (next < trace.events.size() && trace.events[next].at_ms < now) {
      fold(trail, sighting_of(trace.events[next++], told), now);
    }
    forget_old(trail, now);
    highest = std::max(highest, score(trail, trace.seats, now).points);
  }
  return highest;
}

struct Share {
  int alarms = 0;
  int traces = 0;
  double percent() const { return 100.0 * alarms / traces; }
};

Share measure(const std::vector<std::string>& kinds, int of_each, uint64_t seed, Told told) {
  Share all;
  for (const std::string& kind : kinds) {
    Share share;
    int64_t sum = 0;
    for (int i = 0; i < of_each; ++i) {
      const traces::Trace trace = traces::make(kind, seed * 1'000'003 + static_cast<uint64_t>(i), kMidnight);
      const int64_t highest = highest_score(trace, told);
      sum += highest;
      share.alarms += highest >= limits::kSharingWarnDefault;
      ++share.traces;
    }
    std::printf("  seed %4llu  %-24s %3d of %d warned, mean of highest scores %lld\n",
                static_cast<unsigned long long>(seed), kind.c_str(), share.alarms, share.traces,
                static_cast<long long>(sum / of_each));
    all.alarms += share.alarms;
    all.traces += share.traces;
  }
  return all;
}

class Detection : public ::testing::TestWithParam<uint64_t> {};

TEST_P(Detection, finds_what_is_shared_and_leaves_ordinary_use_alone) {
  const Share ordinary = measure(traces::ordinary_kinds(), kOfEachOrdinaryKind, GetParam(), Told::kAll);
  const Share shared = measure(traces::shared_kinds(), kOfEachSharedKind, GetParam(), Told::kAll);
  std::printf("  seed %4llu  recall %.1f %% of %d, false alarms %.2f %% of %d\n",
              static_cast<unsigned long long>(GetParam()), shared.percent(), shared.traces, ordinary.percent(),
              ordinary.traces);
  EXPECT_GE(ordinary.traces, 1000);
  EXPECT_GE(shared.traces, 300);
  EXPECT_GE(shared.percent(), 95.0);
  EXPECT_LE(ordinary.percent(), 1.0);
}

// Fewer signals, so it finds less; it must not accuse more.
TEST(CountryAlone, finds_most_of_what_is_shared_and_leaves_ordinary_use_alone) {
  const Share ordinary = measure(traces::ordinary_kinds(), kOfEachOrdinaryKind, 7001, Told::kCountryAlone);
  const Share shared = measure(traces::shared_kinds(), kOfEachSharedKind, 7001, Told::kCountryAlone);
  std::printf("  country alone: recall %.1f %%, false alarms %.2f %%\n", shared.percent(), ordinary.percent());
  EXPECT_GE(shared.percent(), 80.0);
  EXPECT_LE(ordinary.percent(), 1.0);
}

// The weights were chosen with the first five; the last five were run when they stood.
INSTANTIATE_TEST_SUITE_P(Chosen, Detection, ::testing::ValuesIn(test::chosen_seeds()));
INSTANTIATE_TEST_SUITE_P(HeldOut, Detection, ::testing::ValuesIn(test::held_out_seeds()));

}  // namespace
}  // namespace latchkey::sharing
