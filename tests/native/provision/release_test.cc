// A holder's release of a seat: the policy, the certificate that says the same in SQL, and what holds when
// requests race or operations fail.
#include "provision/release.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>

#include "admin/licenses.h"
#include "edge/copy.h"
#include "provision/service.h"
#include "support/draws.h"
#include "support/drivers.h"
#include "support/service_world.h"

namespace latchkey::provision {
namespace {

using host::OpKind;
using test::Draws;
using test::FaultPoint;
using test::interleave_two;
using test::LicenseRow;
using test::Orders;
using test::ServiceWorld;

constexpr TimeMs kNow = test::kTestStart;
constexpr TimeMs kCooldown = 24 * kHourMs;

// ---- The policy

ReleaseFacts good_facts() {
  ReleaseFacts facts;
  facts.facts = {.address_hits = 1,
                 .license = LicenseFacts{.id = "lic_1", .seats_max = 2, .seats_used = 2, .has_seat = true, .hits = 1}};
  facts.own_id = "mch_own";
  facts.target_id = "mch_other";
  facts.is_target_seated = true;
  facts.num_releases = 2;
  return facts;
}

ReleaseTerms good_terms() {
  return {.terms = {.now = kNow, .address_limit = 100, .license_limit = 60}, .releases_max = 3};
}

struct Reason {
  Verdict verdict;
  std::function<void(ReleaseFacts&, ReleaseTerms&)> spoil;
};

// In the order in which they win.
std::vector<Reason> reasons() {
  return {
      {Verdict::kAddressOverLimit, [](ReleaseFacts& facts, ReleaseTerms&) { facts.facts.address_hits = 101; }},
      {Verdict::kSuspended,
       [](ReleaseFacts& facts, ReleaseTerms&) { facts.facts.license->status = LicenseStatus::kSuspended; }},
      {Verdict::kExpired, [](ReleaseFacts& facts, ReleaseTerms&) { facts.facts.license->expires_at = kNow; }},
      {Verdict::kLicenseOverLimit,
       [](ReleaseFacts& facts, ReleaseTerms&) { facts.facts.license->requests_per_hour = 0; }},
      {Verdict::kForeignReceipt,
       [](ReleaseFacts&, ReleaseTerms& terms) { terms.terms.receipt_license_id = "lic_2"; }},
      {Verdict::kReleaseOff, [](ReleaseFacts&, ReleaseTerms& terms) { terms.releases_max = 0; }},
      {Verdict::kNotSeated, [](ReleaseFacts& facts, ReleaseTerms&) { facts.facts.license->has_seat = false; }},
      {Verdict::kUnknownMachine, [](ReleaseFacts& facts, ReleaseTerms&) { facts.target_id.reset(); }},
      {Verdict::kReleaseLimit, [](ReleaseFacts& facts, ReleaseTerms&) { facts.num_releases = 3; }},
  };
}

TEST(DecideRelease, each_reason_alone_gives_its_verdict_and_the_earlier_of_two_wins) {
  const auto all = reasons();
  for (size_t first = 0; first < all.size(); ++first) {
    for (size_t second = first; second < all.size(); ++second) {
      ReleaseFacts facts = good_facts();
      ReleaseTerms terms = good_terms();
      all[second].spoil(facts, terms);
      all[first].spoil(facts, terms);
      const ReleaseDecision decision = decide_release(facts, terms);
      EXPECT_EQ(verdict_reason(decision.verdict), verdict_reason(all[first].verdict));
      EXPECT_FALSE(decision.frees);
    }
  }
  const ReleaseDecision decision = decide_release(good_facts(), good_terms());
  EXPECT_EQ(decision.verdict, Verdict::kGranted);
  EXPECT_TRUE(decision.frees);
}

TEST(DecideRelease, of_what_is_free_changes_nothing_whatever_the_brake_says) {
  ReleaseFacts facts = good_facts();
  facts.is_target_seated = false;
  facts.num_releases = 99;
  ReleaseDecision decision = decide_release(facts, good_terms());
  EXPECT_EQ(decision.verdict, Verdict::kGranted);
  EXPECT_FALSE(decision.frees);
  // The machine itself, whose first answer was lost; another one's seat it may not ask for then.
  facts.facts.license->has_seat = false;
  EXPECT_EQ(decide_release(facts, good_terms()).verdict, Verdict::kNotSeated);
  facts.target_id = facts.own_id;
  decision = decide_release(facts, good_terms());
  EXPECT_EQ(decision.verdict, Verdict::kGranted);
  EXPECT_FALSE(decision.frees);
}

TEST(DecideRelease, of_a_machine_that_nobody_knows_is_refused) {
  ReleaseFacts facts = good_facts();
  facts.own_id.reset();
  facts.target_id.reset();
  facts.facts.license->has_seat = false;
  EXPECT_EQ(decide_release(facts, good_terms()).verdict, Verdict::kNotSeated);
  facts.facts.license.reset();
  EXPECT_EQ(decide_release(facts, good_terms()).verdict, Verdict::kUnknownLicense);
}

// ---- On a database

Task<Result<ReleaseOutcome>> release_task(ServiceWorld& world, Client client, ReleaseRequest request) {
  host::Host own(world.host.platform(), world.host.new_request(), world.config().d1_timeout_ms);
  ProvisionService service(world.config(), world.app.shared);
  co_return co_await service.release(own, client, request);
}

ReleaseRequest asking(ServiceWorld& world, std::string_view machine, std::optional<std::string> target = std::nullopt,
                      std::string_view code = LicenseRow().code) {
  return {.asked = world.request(machine, Delivery::kPlain, code), .machine_id = std::move(target)};
}

Result<ReleaseOutcome> release(ServiceWorld& world, std::string_view machine,
                               std::optional<std::string> target = std::nullopt) {
  return world.host.run(release_task(world, world.client(), asking(world, machine, std::move(target))));
}

Verdict verdict_of(ServiceWorld& world, std::string_view machine, std::optional<std::string> target = std::nullopt) {
  const auto outcome = release(world, machine, std::move(target));
  EXPECT_TRUE(outcome.has_value()) << outcome.error().detail();
  return outcome ? outcome->verdict : Verdict::kUnknownLicense;
}

Verdict provision(ServiceWorld& world, std::string_view machine) {
  const auto outcome = world.provision(world.request(machine));
  EXPECT_TRUE(outcome.has_value()) << outcome.error().detail();
  return outcome ? outcome->verdict : Verdict::kUnknownLicense;
}

std::string id_of(ServiceWorld& world, std::string_view machine) {
  const auto answer = world.host.query(
      std::move(host::Batch()
                    .add("SELECT id FROM machines WHERE machine_hash = ?1")
                    .bind(world.request(machine).machine_hash.text())));
  return std::string(answer.row(0, 0).text("id"));
}

using Variables = std::vector<std::pair<std::string, std::string>>;

struct Seated : ServiceWorld {
  explicit Seated(Variables changed = {}, int64_t seats = 2) : ServiceWorld(std::move(changed)) {
    add_license({.max_machines = seats});
    EXPECT_EQ(provision::provision(*this, "a"), Verdict::kGranted);
    host.clock.advance(1);
  }
};

TEST(Release, of_the_own_seat_frees_it_after_its_cool_down_and_done_twice_changes_nothing) {
  Seated world({}, 1);
  const TimeMs at = world.host.clock.now();
  const auto first = release(world, "a");
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->verdict, Verdict::kGranted);
  EXPECT_TRUE(first->is_released);
  EXPECT_EQ(first->machine_id, id_of(world, "a"));
  EXPECT_EQ(first->released_at, at);
  EXPECT_EQ(first->seat_free_at, at + kCooldown);
  EXPECT_EQ(first->releases_left, 2);
  ASSERT_EQ(first->seats.size(), 1u);
  EXPECT_EQ(first->seats[0].free_at, at + kCooldown);
  EXPECT_TRUE(first->seats[0].is_own);
  EXPECT_EQ(world.seats_used(), 0);

  // The answer was lost: asked again, nothing moves.
  world.host.clock.advance(kMinuteMs);
  const int64_t version = world.scalar("SELECT version AS value FROM licenses");
  const auto again = release(world, "a");
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->verdict, Verdict::kGranted);
  EXPECT_FALSE(again->is_released);
  EXPECT_EQ(again->released_at, at);
  EXPECT_EQ(again->seat_free_at, at + kCooldown);
  EXPECT_EQ(again->releases_left, 2);
  EXPECT_EQ(world.num_audits("machine.released"), 1);
  EXPECT_EQ(world.scalar("SELECT version AS value FROM licenses"), version);

  // While it cools down nobody else gets it, and hears when it is free.
  const auto refused = world.provision(world.request("b"));
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->verdict, Verdict::kNoSeat);
  EXPECT_EQ(refused->seat_free_at, at + kCooldown);
  world.host.clock.set(at + kCooldown - 1);
  EXPECT_EQ(provision(world, "b"), Verdict::kNoSeat);
  world.host.clock.set(at + kCooldown);
  EXPECT_EQ(provision(world, "b"), Verdict::kGranted);
  EXPECT_EQ(provision(world, "a"), Verdict::kNoSeat);
  EXPECT_EQ(world.seats_used(), 1);
}

TEST(Release, leaves_the_machine_its_own_seat_which_it_takes_again_at_once) {
  Seated world({}, 1);
  EXPECT_EQ(verdict_of(world, "a"), Verdict::kGranted);
  world.host.clock.advance(1);
  // Even where the licence has fewer seats by now: it is the machine's own.
  world.host.query("UPDATE licenses SET max_machines = 0");
  EXPECT_EQ(provision(world, "a"), Verdict::kGranted);
  EXPECT_EQ(provision(world, "a"), Verdict::kGranted);
  EXPECT_EQ(world.seats_used(), 1);
  world.host.query("UPDATE licenses SET max_machines = 2");
  EXPECT_EQ(provision(world, "b"), Verdict::kGranted);
  EXPECT_EQ(provision(world, "c"), Verdict::kNoSeat);
  // Freed, and taken again.
  EXPECT_EQ(world.scalar("SELECT max(version) AS value FROM machines"), 3);
}

TEST(Release, without_a_cool_down_frees_the_seat_at_once) {
  Seated world({{"MACHINE_RELEASE_COOLDOWN_HOURS", "0"}}, 1);
  const auto outcome = release(world, "a");
  ASSERT_TRUE(outcome.has_value());
  EXPECT_FALSE(outcome->seat_free_at.has_value());
  EXPECT_TRUE(outcome->seats.empty());
  EXPECT_EQ(provision(world, "b"), Verdict::kGranted);
}

TEST(Release, of_another_machine_needs_a_seat_of_ones_own) {
  Seated world;
  EXPECT_EQ(provision(world, "b"), Verdict::kGranted);
  const std::string b = id_of(world, "b");
  EXPECT_EQ(verdict_of(world, "stranger", b), Verdict::kNotSeated);
  EXPECT_EQ(verdict_of(world, "stranger"), Verdict::kNotSeated);
  EXPECT_EQ(verdict_of(world, "a", "mch_of_nobody"), Verdict::kUnknownMachine);
  EXPECT_EQ(world.num_audits("release.denied"), 3);
  EXPECT_EQ(world.seats_used(), 2);

  const auto outcome = release(world, "a", b);
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->machine_id, b);
  EXPECT_TRUE(outcome->is_released);
  ASSERT_EQ(outcome->seats.size(), 2u);
  EXPECT_EQ(std::ranges::count_if(outcome->seats, &SeatView::is_own), 1);
  // Who gave its seat away speaks for nobody else.
  EXPECT_EQ(verdict_of(world, "b", id_of(world, "a")), Verdict::kNotSeated);
  EXPECT_EQ(verdict_of(world, "b"), Verdict::kGranted);
}

TEST(Release, of_another_licences_machine_is_not_found) {
  Seated world;
  world.add_license({.id = "lic_00000000000000000000000002", .code = "OTHER-CODE"});
  world.add_machine("lic_00000000000000000000000002", "foreign", "mch_foreign");
  EXPECT_EQ(verdict_of(world, "a", "mch_foreign"), Verdict::kUnknownMachine);
  EXPECT_EQ(world.seats_used("lic_00000000000000000000000002"), 1);
}

TEST(Release, is_braked_by_the_month_and_an_admins_does_not_count) {
  Seated world({{"MACHINE_RELEASES_PER_MONTH", "2"}, {"MACHINE_RELEASE_COOLDOWN_HOURS", "0"}});
  const TimeMs first_at = world.host.clock.now();
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(verdict_of(world, "a"), Verdict::kGranted);
    world.host.clock.advance(kHourMs);
    EXPECT_EQ(provision(world, "a"), Verdict::kGranted);
    // An admin's releases and cron's are in the log too.
    EXPECT_EQ(world.admin("POST", "/admin/machines/" + id_of(world, "a") + "/release").status, 200u);
    EXPECT_EQ(provision(world, "a"), Verdict::kGranted);
  }
  const auto braked = release(world, "a");
  ASSERT_TRUE(braked.has_value());
  EXPECT_EQ(braked->verdict, Verdict::kReleaseLimit);
  EXPECT_EQ(braked->resets_at, first_at + limits::kReleasePeriodMs);
  EXPECT_EQ(world.seats_used(), 1);
  world.host.clock.set(first_at + limits::kReleasePeriodMs - 1);
  EXPECT_EQ(verdict_of(world, "a"), Verdict::kReleaseLimit);
  world.host.clock.set(first_at + limits::kReleasePeriodMs);
  EXPECT_EQ(verdict_of(world, "a"), Verdict::kGranted);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM audit_log WHERE action = 'machine.released' "
                         "AND actor = 'client'"),
            3);
}

TEST(Release, that_is_off_is_refused_and_counted) {
  Seated world({{"MACHINE_RELEASES_PER_MONTH", "0"}});
  EXPECT_EQ(verdict_of(world, "a"), Verdict::kReleaseOff);
  EXPECT_EQ(world.seats_used(), 1);
  EXPECT_EQ(world.hits(world.license_subject()), 2);
  EXPECT_EQ(world.hits(world.address_subject("203.0.113.7")), 2);
}

TEST(Release, dry_shows_the_seats_and_changes_nothing) {
  Seated world({}, 1);
  ReleaseRequest request = asking(world, "a");
  request.run = Run::kDry;
  const auto outcome = world.host.run(release_task(world, world.client(), std::move(request)));
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->verdict, Verdict::kGranted);
  EXPECT_FALSE(outcome->is_released);
  EXPECT_EQ(outcome->seat_free_at, world.host.clock.now() + kCooldown);
  EXPECT_EQ(outcome->releases_left, 2);
  ASSERT_EQ(outcome->seats.size(), 1u);
  EXPECT_FALSE(outcome->seats[0].free_at.has_value());
  EXPECT_EQ(world.seats_used(), 1);
  EXPECT_EQ(world.num_audits("machine.released"), 0);
}

TEST(Release, is_two_trips_at_most_and_kv_follows) {
  Seated world;
  const size_t before = world.host.count(OpKind::kDbBatch);
  EXPECT_EQ(verdict_of(world, "a"), Verdict::kGranted);
  EXPECT_EQ(world.host.count(OpKind::kDbBatch) - before, 2u);
  const auto hash = license::parse_code(LicenseRow().code)->hash(world.config().index);
  const std::string* text = world.host.kv.get(edge::license_key(hash.text()));
  ASSERT_NE(text, nullptr);
  const auto copy = edge::parse_license_copy(*text);
  ASSERT_TRUE(copy.has_value());
  EXPECT_TRUE(copy->machines.empty());
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM licenses WHERE version > kv_version"), 0);
  // Nothing changed: one. Refused: two.
  EXPECT_EQ(verdict_of(world, "a"), Verdict::kGranted);
  EXPECT_EQ(world.host.count(OpKind::kDbBatch) - before, 3u);
  EXPECT_EQ(verdict_of(world, "stranger"), Verdict::kNotSeated);
  EXPECT_EQ(world.host.count(OpKind::kDbBatch) - before, 5u);
}

TEST(Release, ends_the_degraded_service_of_that_machine) {
  Seated world;
  EXPECT_EQ(verdict_of(world, "a"), Verdict::kGranted);
  world.host.set_fault(OpKind::kDbBatch, test::Fault::kNotPerformed);
  const auto outcome = world.provision(world.request("a"));
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code(), ErrorCode::kUnavailable);
}

TEST(Release, by_an_admin_ends_a_cool_down) {
  Seated world({}, 1);
  EXPECT_EQ(verdict_of(world, "a"), Verdict::kGranted);
  EXPECT_EQ(provision(world, "b"), Verdict::kNoSeat);
  const auto response = world.admin("POST", "/admin/machines/" + id_of(world, "a") + "/release");
  EXPECT_EQ(response.status, 200u) << response.body;
  EXPECT_EQ(test::text_of(response, "seat_held_until"), "");
  EXPECT_EQ(provision(world, "b"), Verdict::kGranted);
}

// ---- The certificate

// Random worlds: the row of the release is stored where, and only where, decide_release frees.
TEST(ReleaseCertificate, agrees_with_the_decision_in_random_worlds) {
  ServiceWorld world({{"MACHINE_RELEASES_PER_MONTH", "3"}});
  Draws draws(20261122);
  std::map<Verdict, int> seen;
  int num_freed = 0;
  constexpr int kNumWorlds = 2000;
  for (int number = 0; number < kNumWorlds && !HasFailure(); ++number) {
    const TimeMs now = world.host.clock.now();
    const std::string suffix = std::to_string(number);
    const std::string code = "CODE-" + std::string(8 - suffix.size(), '0') + suffix;
    const std::string id = "lic_" + suffix, own_id = "mch_own" + suffix, other_id = "mch_other" + suffix;
    ReleaseFacts facts;
    facts.facts.address_hits = 1;
    const bool exists = !draws.one_in(12);
    LicenseFacts license{.id = id, .hits = 1};
    if (draws.one_in(8)) license.status = LicenseStatus::kSuspended;
    if (draws.one_in(6)) license.expires_at = now + (draws.one_in(2) ? 0 : 1);
    if (draws.one_in(6)) license.requests_per_hour = draws.one_in(2) ? 0 : 5;
    const bool own_exists = !draws.one_in(6), own_released = draws.one_in(4), own_cools = draws.one_in(2);
    const bool names_other = draws.one_in(2), other_exists = !draws.one_in(6), other_released = draws.one_in(4);
    const auto num_releases = static_cast<int64_t>(draws.below(5));
    const bool has_receipt = draws.one_in(4), is_foreign = draws.one_in(2);
    const std::string machine = "machine " + suffix;
    if (exists) {
      world.add_license({.id = id, .code = code, .expires_at = license.expires_at, .max_machines = 3});
      if (license.status == LicenseStatus::kSuspended) {
        world.host.query("UPDATE licenses SET status = 'suspended' WHERE id = '" + id + "'");
      }
      if (license.requests_per_hour) world.limit_requests(*license.requests_per_hour, id);
      if (own_exists) {
        world.add_machine(id, world.request(machine).machine_hash.text(), own_id, own_released);
        if (own_released && own_cools) world.cool_down(own_id, now + 1);
      }
      if (other_exists) world.add_machine(id, "other " + suffix, other_id, other_released);
      for (int64_t i = 0; i < num_releases + 2; ++i) {
        // Two that do not count: one too old, one of an admin.
        const TimeMs at = i == num_releases ? now - limits::kReleasePeriodMs : now - limits::kReleasePeriodMs + 1 + i;
        const std::string_view actor = i == num_releases + 1 ? "admin:x" : "client";
        world.host.query(std::move(host::Batch()
                                       .add("INSERT INTO audit_log (at, request_id, action, outcome, actor, "
                                            "license_id) VALUES (CAST(?1 AS INTEGER), ?2, 'machine.released', 'done', ?3, ?4)")
                                       .bind(at)
                                       .bind("req_" + suffix + "_" + std::to_string(i))
                                       .bind(actor)
                                       .bind(id)));
      }
      license.has_seat = own_exists && !own_released;
      license.is_seat_kept = own_exists && own_released && own_cools;
      facts.facts.license = license;
      if (own_exists) facts.own_id = own_id;
      const bool target_exists = names_other ? other_exists : own_exists;
      if (target_exists) facts.target_id = names_other ? other_id : own_id;
      facts.is_target_seated = target_exists && !(names_other ? other_released : own_released);
      facts.num_releases = num_releases;
    }
    ReleaseRequest request = asking(world, machine, names_other ? std::optional(other_id) : std::nullopt, code);
    if (has_receipt) request.asked.receipt = PresentedReceipt{is_foreign ? "lic_of_another" : id, false};
    ReleaseTerms terms{.terms = {.now = now, .address_limit = 100, .license_limit = 60}, .releases_max = 3};
    if (has_receipt) terms.terms.receipt_license_id = request.asked.receipt->license_id;
    const ReleaseDecision wanted = decide_release(facts, terms);

    SCOPED_TRACE("world " + suffix);
    const Client client = world.client("address " + suffix);
    const auto outcome = world.host.run(release_task(world, client, std::move(request)));
    ASSERT_TRUE(outcome.has_value()) << outcome.error().detail();
    EXPECT_EQ(verdict_reason(outcome->verdict), verdict_reason(wanted.verdict));
    EXPECT_EQ(outcome->is_released, wanted.frees);
    const auto stored = world.host.query(
        std::move(host::Batch()
                      .add("SELECT count(*) AS rows, total(action = 'machine.released') > 0 AS released "
                           "FROM audit_log WHERE request_id = ?1")
                      .bind(client.request_id)));
    const bool is_quiet = wanted.verdict == Verdict::kGranted && !wanted.frees;
    EXPECT_EQ(stored.row(0, 0).integer("rows"), is_quiet ? 0 : 1);
    EXPECT_EQ(stored.row(0, 0).integer("released"), wanted.frees ? 1 : 0);
    const int64_t seated = (own_exists && !own_released) + (other_exists && !other_released);
    if (exists) EXPECT_EQ(world.seats_used(id), seated - (wanted.frees ? 1 : 0));
    ++seen[wanted.verdict];
    num_freed += wanted.frees;
  }
  for (const Verdict verdict : {Verdict::kGranted, Verdict::kUnknownLicense, Verdict::kSuspended, Verdict::kExpired,
                                Verdict::kLicenseOverLimit, Verdict::kForeignReceipt, Verdict::kNotSeated,
                                Verdict::kUnknownMachine, Verdict::kReleaseLimit}) {
    EXPECT_GE(seen[verdict], 20) << verdict_reason(verdict);
  }
  EXPECT_GE(num_freed, 100);
}

// ---- Faults and races

struct FaultWorld : Seated {
  std::optional<Result<ReleaseOutcome>> outcome;
};

Task<> release_a(FaultWorld& world) {
  world.outcome.emplace(co_await release_task(world, world.client(), asking(world, "a")));
}

TEST(ReleaseFaults, leave_it_done_once_and_audited_or_not_at_all_and_asked_again_it_is_done) {
  const uint32_t num_ops = test::fail_every_await<FaultWorld>(release_a, [](FaultWorld& world, FaultPoint point) {
    ASSERT_TRUE(world.outcome.has_value());
    const bool is_freed = world.seats_used() == 0;
    EXPECT_EQ(world.num_audits("machine.released"), is_freed ? 1 : 0);
    if (!world.outcome->has_value()) {
      EXPECT_EQ(world.outcome->error().code(), ErrorCode::kUnavailable);
      EXPECT_EQ(point.index, 0u) << "what comes after the batch fails no release";
    } else {
      EXPECT_TRUE(is_freed);
    }
    EXPECT_EQ(verdict_of(world, "a"), Verdict::kGranted);
    EXPECT_EQ(world.seats_used(), 0);
    EXPECT_EQ(world.num_audits("machine.released"), 1);
  });
  EXPECT_EQ(num_ops, 3u);  // The batch, KV, the mark.
}

TEST(ReleaseFaults, of_a_client_that_hangs_up_leave_a_database_on_which_it_can_ask_again) {
  test::cancel_every_await<FaultWorld>(release_a, [](FaultWorld& world, FaultPoint) {
    EXPECT_EQ(verdict_of(world, "a"), Verdict::kGranted);
    EXPECT_EQ(world.num_audits("machine.released"), 1);
    EXPECT_EQ(world.seats_used(), 0);
  });
}

template <int kHours>
struct LastSeat : Seated {
  std::optional<Verdict> released, asked;
  LastSeat() : Seated({{"MACHINE_RELEASE_COOLDOWN_HOURS", std::to_string(kHours)}}, 1) {}
};

template <class World>
std::set<Verdict> race_for_the_last_seat() {
  std::set<Verdict> seen;
  interleave_two<World>(
      [](World& world) -> Task<> {
        const auto outcome = co_await release_task(world, world.client(), asking(world, "a"));
        if (outcome) world.released = outcome->verdict;
      },
      [](World& world) -> Task<> {
        const auto outcome = co_await world.provision_task(world.client(), world.request("b"));
        if (outcome) world.asked = outcome->verdict;
      },
      [&](World& world) {
        EXPECT_EQ(world.released, Verdict::kGranted);
        EXPECT_TRUE(world.asked == Verdict::kGranted || world.asked == Verdict::kNoSeat);
        const bool is_granted = world.asked == Verdict::kGranted;
        EXPECT_EQ(world.seats_used(), is_granted ? 1 : 0);
        // Whoever comes next: at most one of them all holds the one seat.
        provision(world, "c");
        provision(world, "a");
        EXPECT_LE(world.seats_used(), 1);
        seen.insert(*world.asked);
      },
      Orders::kEffects);
  return seen;
}

TEST(ReleaseRace, with_the_next_machine_never_gives_the_last_seat_twice) {
  EXPECT_EQ(race_for_the_last_seat<LastSeat<0>>(), (std::set<Verdict>{Verdict::kGranted, Verdict::kNoSeat}));
  EXPECT_EQ(race_for_the_last_seat<LastSeat<24>>(), (std::set<Verdict>{Verdict::kNoSeat}));
}

TEST(ReleaseRace, with_its_own_machine_coming_back_leaves_the_seat_its_own) {
  using World = LastSeat<24>;
  std::set<int64_t> seats;
  interleave_two<World>(
      [](World& world) -> Task<> {
        const auto outcome = co_await release_task(world, world.client(), asking(world, "a"));
        if (outcome) world.released = outcome->verdict;
      },
      [](World& world) -> Task<> {
        const auto outcome = co_await world.provision_task(world.client(), world.request("a"));
        if (outcome) world.asked = outcome->verdict;
      },
      [&](World& world) {
        EXPECT_EQ(world.released, Verdict::kGranted);
        EXPECT_EQ(world.asked, Verdict::kGranted);
        seats.insert(world.seats_used());
        EXPECT_EQ(provision(world, "b"), Verdict::kNoSeat);
      },
      Orders::kEffects);
  EXPECT_EQ(seats, (std::set<int64_t>{0, 1}));
}

// revoke: an admin's, as far as it races with a release.
Task<> revoke(ServiceWorld& world) {
  const Client client = world.client();
  const std::string name = "admin:bootstrap";
  const admin::Actor actor{client, name};
  host::Host own(world.host.platform(), world.host.new_request(), 5000);
  admin::LicenseService service(own, world.config(), actor);
  const auto revoked = co_await service.act(LicenseRow().id, admin::LicenseAct::kRevoke, std::nullopt);
  // The release moved the licence's version between look and act: the admin hears of it.
  if (!revoked) EXPECT_EQ(revoked.error().code(), ErrorCode::kConflict);
}

TEST(ReleaseRace, with_a_revocation_frees_the_seat_before_it_or_not_at_all) {
  using World = LastSeat<24>;
  std::set<Verdict> seen;
  interleave_two<World>(
      [](World& world) -> Task<> {
        const auto outcome = co_await release_task(world, world.client(), asking(world, "a"));
        if (outcome) world.released = outcome->verdict;
      },
      [](World& world) {
        world.host.set_fault(OpKind::kKvPut, test::Fault::kNotPerformed);
        return revoke(world);
      },
      [&](World& world) {
        const bool is_freed = world.released == Verdict::kGranted;
        EXPECT_TRUE(is_freed || world.released == Verdict::kRevoked);
        EXPECT_EQ(world.seats_used(), is_freed ? 0 : 1);
        EXPECT_EQ(world.num_audits("machine.released"), is_freed ? 1 : 0);
        seen.insert(*world.released);
      },
      Orders::kEffects);
  EXPECT_EQ(seen.size(), 2u);
}

struct TwoReleases : Seated {
  std::vector<Verdict> verdicts;
  explicit TwoReleases(std::string_view max = "3") : Seated({{"MACHINE_RELEASES_PER_MONTH", std::string(max)}}, 3) {
    EXPECT_EQ(provision::provision(*this, "b"), Verdict::kGranted);
    EXPECT_EQ(provision::provision(*this, "c"), Verdict::kGranted);
    // Both answer without KV, so that there are fewer orders to try.
    host.set_fault(OpKind::kKvPut, test::Fault::kNotPerformed);
  }
};
struct LastRelease : TwoReleases {
  LastRelease() : TwoReleases("1") {}
};

Task<> release_of(TwoReleases& world, std::string_view machine) {
  const auto outcome = co_await release_task(world, world.client(), asking(world, machine));
  EXPECT_TRUE(outcome.has_value());
  if (outcome) world.verdicts.push_back(outcome->verdict);
}

TEST(ReleaseRace, of_one_machine_with_itself_is_one_release) {
  interleave_two<TwoReleases>([](TwoReleases& world) { return release_of(world, "a"); },
                              [](TwoReleases& world) { return release_of(world, "a"); },
                              [](TwoReleases& world) {
                                EXPECT_EQ(world.verdicts, (std::vector{Verdict::kGranted, Verdict::kGranted}));
                                EXPECT_EQ(world.num_audits("machine.released"), 1);
                                EXPECT_EQ(world.seats_used(), 2);
                              },
                              Orders::kEffects);
}

TEST(ReleaseRace, of_two_for_the_last_one_allowed_has_exactly_one_winner) {
  std::set<int64_t> winners;
  interleave_two<LastRelease>([](LastRelease& world) { return release_of(world, "a"); },
                              [](LastRelease& world) { return release_of(world, "b"); },
                              [&](LastRelease& world) {
                                EXPECT_EQ(std::ranges::count(world.verdicts, Verdict::kGranted), 1);
                                EXPECT_EQ(std::ranges::count(world.verdicts, Verdict::kReleaseLimit), 1);
                                EXPECT_EQ(world.num_audits("machine.released"), 1);
                                EXPECT_EQ(world.seats_used(), 2);
                                winners.insert(world.scalar("SELECT released_at IS NULL AS value FROM machines "
                                                            "WHERE id = '" + id_of(world, "a") + "'"));
                              },
                              Orders::kEffects);
  EXPECT_EQ(winners.size(), 2u);
}

}  // namespace
}  // namespace latchkey::provision
