// decide: every verdict, and which one wins where several hold.
#include "provision/decide.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/limits.h"

namespace latchkey::provision {
namespace {

constexpr TimeMs kNow = 1768478400000;

Facts good_facts() {
  return {.address_hits = 1,
          .license = LicenseFacts{.id = "lic_1",
                                  .expires_at = kNow + 1,
                                  .plan = "pro",
                                  .providers = ProviderSet::all(),
                                  .deliveries = 7,
                                  .seats_max = 1,
                                  .hits = 1},
          .ring_version = 4,
          .epoch = 1};
}

Terms good_terms() {
  return {.now = kNow, .delivery = Delivery::kHpke, .address_limit = 100, .license_limit = 60};
}

// Reason: one thing wrong, and the verdict it gives when nothing else is.
struct Reason {
  Verdict verdict;
  std::function<void(Facts&, Terms&)> spoil;
};

// In the order in which they win. Where there is no licence, or it has a state, only what
// does not need the others can be spoilt, so each changes one thing alone.
std::vector<Reason> reasons() {
  return {
      {Verdict::kAddressOverLimit, [](Facts& facts, Terms&) { facts.address_hits = 101; }},
      {Verdict::kUnknownLicense, [](Facts& facts, Terms&) { facts.license.reset(); }},
      {Verdict::kSuspended, [](Facts& facts, Terms&) { facts.license->status = LicenseStatus::kSuspended; }},
      {Verdict::kRevoked, [](Facts& facts, Terms&) { facts.license->status = LicenseStatus::kRevoked; }},
      {Verdict::kExpired, [](Facts& facts, Terms&) { facts.license->expires_at = kNow; }},
      {Verdict::kLicenseOverLimit, [](Facts& facts, Terms&) { facts.license->hits = 61; }},
      {Verdict::kForeignReceipt, [](Facts&, Terms& terms) { terms.receipt_license_id = "lic_2"; }},
      {Verdict::kBudgetExceeded,
       [](Facts& facts, Terms&) {
         facts.license->budget = {budget::Enforcement::kBlock, {.daily = pricing::Nano{5}}};
         facts.license->spent.today = pricing::Nano{5};
       }},
      {Verdict::kDeliveryForbidden, [](Facts& facts, Terms&) { facts.license->deliveries = 5; }},
      {Verdict::kNoSeat, [](Facts& facts, Terms&) { facts.license->seats_used = 1; }},
  };
}

TEST(Decide, grants_where_nothing_stands_against_it) {
  EXPECT_EQ(decide(good_facts(), good_terms()), Verdict::kGranted);
}

TEST(Decide, each_reason_alone_gives_its_verdict) {
  for (const Reason& reason : reasons()) {
    Facts facts = good_facts();
    Terms terms = good_terms();
    reason.spoil(facts, terms);
    EXPECT_EQ(decide(facts, terms), reason.verdict) << verdict_reason(reason.verdict);
  }
}

TEST(Decide, of_two_reasons_the_earlier_wins) {
  const auto all = reasons();
  for (size_t first = 0; first < all.size(); ++first) {
    for (size_t second = first + 1; second < all.size(); ++second) {
      Facts facts = good_facts();
      Terms terms = good_terms();
      const bool both_are_states = all[first].verdict == Verdict::kSuspended && all[second].verdict == Verdict::kRevoked;
      if (both_are_states) continue;  // A licence has one state.
      all[second].spoil(facts, terms);
      if (facts.license) all[first].spoil(facts, terms);
      else if (first == 0) all[0].spoil(facts, terms);
      EXPECT_EQ(decide(facts, terms), all[first].verdict)
          << verdict_reason(all[first].verdict) << " and " << verdict_reason(all[second].verdict);
    }
  }
}

TEST(Decide, the_last_allowed_request_and_the_last_moment_are_granted) {
  Facts facts = good_facts();
  facts.address_hits = 100;
  facts.license->hits = 60;
  EXPECT_EQ(decide(facts, good_terms()), Verdict::kGranted);
  facts.license->expires_at = std::nullopt;
  EXPECT_EQ(decide(facts, good_terms()), Verdict::kGranted);
}

TEST(Decide, a_machine_with_a_seat_needs_no_free_one) {
  Facts facts = good_facts();
  facts.license->has_seat = true;
  for (const int64_t used : {1, 2, 50}) {
    facts.license->seats_used = used;
    EXPECT_EQ(decide(facts, good_terms()), Verdict::kGranted);
  }
}

TEST(Decide, a_seat_that_its_holder_freed_is_kept_for_its_machine_and_counts_for_the_others) {
  Facts facts = good_facts();
  facts.license->seats_used = 1;  // The one that cools down.
  EXPECT_EQ(decide(facts, good_terms()), Verdict::kNoSeat);
  facts.license->is_seat_kept = true;
  EXPECT_EQ(decide(facts, good_terms()), Verdict::kGranted);
  facts.license->seats_used = 50;  // The licence has fewer seats by now: it is its own all the same.
  EXPECT_EQ(decide(facts, good_terms()), Verdict::kGranted);
}

TEST(Decide, a_licence_has_its_own_limit_of_requests_where_that_is_lower) {
  struct Case {
    std::optional<int64_t> own;
    int64_t hits;
    Verdict verdict;
  };
  const Case cases[] = {{std::nullopt, 60, Verdict::kGranted}, {std::nullopt, 61, Verdict::kLicenseOverLimit},
                        {60, 60, Verdict::kGranted},           {10, 10, Verdict::kGranted},
                        {10, 11, Verdict::kLicenseOverLimit},  {1, 2, Verdict::kLicenseOverLimit},
                        {1000, 60, Verdict::kGranted},         {1000, 61, Verdict::kLicenseOverLimit},
                        {0, 1, Verdict::kLicenseOverLimit}};
  for (const Case& one : cases) {
    Facts facts = good_facts();
    facts.license->requests_per_hour = one.own;
    facts.license->hits = one.hits;
    EXPECT_EQ(decide(facts, good_terms()), one.verdict) << one.own.value_or(-1) << " " << one.hits;
  }
}

TEST(Decide, each_delivery_needs_its_own_bit) {
  for (const Delivery asked : {Delivery::kFernet, Delivery::kHpke, Delivery::kPlain}) {
    for (uint32_t allowed = 0; allowed < 8; ++allowed) {
      Facts facts = good_facts();
      Terms terms = good_terms();
      facts.license->deliveries = allowed;
      terms.delivery = asked;
      const bool is_allowed = (allowed & static_cast<uint32_t>(asked)) != 0;
      EXPECT_EQ(decide(facts, terms), is_allowed ? Verdict::kGranted : Verdict::kDeliveryForbidden);
    }
  }
}

TEST(Decide, the_own_receipt_is_no_reason) {
  Terms terms = good_terms();
  terms.receipt_license_id = "lic_1";
  EXPECT_EQ(decide(good_facts(), terms), Verdict::kGranted);
}

TEST(DecideLicense, asks_for_neither_delivery_nor_seat) {
  Facts facts = good_facts();
  const Terms terms = good_terms();
  facts.license->deliveries = 0;
  facts.license->seats_used = 9;
  EXPECT_EQ(decide_license(facts, terms), Verdict::kGranted);
  EXPECT_EQ(decide_keys(facts, terms), Verdict::kGranted);
  facts.license->budget = {budget::Enforcement::kBlock, {.total = pricing::Nano{0}}};
  EXPECT_EQ(decide_license(facts, terms), Verdict::kGranted) << "a seat is freed whatever the budget says";
  EXPECT_EQ(decide_keys(facts, terms), Verdict::kBudgetExceeded);
  facts.license->hits = 61;
  EXPECT_EQ(decide_license(facts, terms), Verdict::kLicenseOverLimit);
  EXPECT_EQ(decide_keys(facts, terms), Verdict::kLicenseOverLimit);
}

TEST(GrantTimes, last_30_and_7_days_and_neither_goes_past_the_licence) {
  struct Case {
    std::optional<TimeMs> license_end;
    TimeMs expires_after, refresh_after;
  };
  const Case cases[] = {{std::nullopt, 30 * kDayMs, 7 * kDayMs},
                        {kNow + 365 * kDayMs, 30 * kDayMs, 7 * kDayMs},
                        {kNow + 30 * kDayMs, 30 * kDayMs, 7 * kDayMs},
                        {kNow + 30 * kDayMs - 1, 30 * kDayMs - 1, 7 * kDayMs},
                        {kNow + 10 * kDayMs, 10 * kDayMs, 7 * kDayMs},
                        {kNow + 7 * kDayMs - 1, 7 * kDayMs - 1, 7 * kDayMs - 1},
                        {kNow + 1, 1, 1}};
  for (const Case& one : cases) {
    const GrantTimes times = grant_times(kNow, one.license_end);
    EXPECT_EQ(times.expires_at, kNow + one.expires_after);
    EXPECT_EQ(times.refresh_after, kNow + one.refresh_after);
  }
}

TEST(GrantTimes, stay_writable_at_the_end_of_time) {
  const GrantTimes times = grant_times(kTimeMsMax - 1, std::nullopt);
  EXPECT_EQ(times.expires_at, kTimeMsMax);
  EXPECT_EQ(times.refresh_after, kTimeMsMax);
}

TEST(VerdictReason, is_one_word_of_its_own_for_each) {
  std::vector<std::string_view> words{verdict_reason(Verdict::kGranted)};
  for (const Reason& reason : reasons()) words.push_back(verdict_reason(reason.verdict));
  std::sort(words.begin(), words.end());
  EXPECT_EQ(std::adjacent_find(words.begin(), words.end()), words.end());
  for (const std::string_view word : words) {
    EXPECT_EQ(word.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos) << word;
  }
}

TEST(Refresh, after_a_publishing_is_spread_by_machine_for_seven_days) {
  constexpr TimeMs published_at = 1'768'478'400'000;
  const GrantTimes times = grant_times(published_at, std::nullopt);
  TimeMs earliest = kTimeMsMax, latest = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::string machine = "machine-" + std::to_string(i);
    const TimeMs pulled = spread_refresh(times, published_at, published_at, machine).refresh_after;
    EXPECT_EQ(pulled, spread_refresh(times, published_at, published_at, machine).refresh_after);
    EXPECT_LE(pulled, times.refresh_after);
    EXPECT_GT(pulled, times.refresh_after - limits::kRotationSpreadMs);
    earliest = std::min(earliest, pulled);
    latest = std::max(latest, pulled);
    const TimeMs soon = refresh_for_rotation(published_at, published_at, machine);
    EXPECT_GE(soon, published_at);
    EXPECT_LT(soon, published_at + limits::kRotationSpreadMs);
    EXPECT_EQ(refresh_for_rotation(published_at + 30 * kMinuteMs, published_at, machine),
              std::max(soon, published_at + 30 * kMinuteMs));
  }
  EXPECT_GT(latest - earliest, limits::kRotationSpreadMs * 9 / 10);
  const TimeMs later = published_at + limits::kRotationPullMs;
  EXPECT_EQ(spread_refresh(grant_times(later, std::nullopt), later, published_at, "m").refresh_after,
            later + limits::kRefreshAfterMs);
  // Near a licence's end it stays after now.
  const GrantTimes short_times = grant_times(published_at, published_at + kMinuteMs);
  EXPECT_GE(spread_refresh(short_times, published_at, published_at, "m").refresh_after, published_at);
}

}  // namespace
}  // namespace latchkey::provision
