// The certificate and the decision: over thousands of random worlds, the SQL that grants and
// the C++ that decides say the same, and what is stored is what was said.
#include <gtest/gtest.h>

#include "provision/decide.h"
#include "support/draws.h"
#include "support/service_world.h"

namespace latchkey::provision {
namespace {

using test::Draws;
using test::LicenseRow;
using test::ServiceWorld;

constexpr int kNumWorlds = 3000;
constexpr int64_t kAddressLimit = 100;
constexpr int64_t kLicenseLimit = 60;
constexpr std::string_view kPlanProviders[] = {
    R"(["deepseek","qwen","mistral","zhipu","kimi","yandex"])", R"(["qwen"])",
    R"(["kimi","yandex","a-provider-of-tomorrow"])", "[]"};

ProviderSet set_of(uint64_t bits) {
  ProviderSet set;
  for (size_t i = 0; i < kNumProviders; ++i) {
    if ((bits >> i & 1) != 0) set.add(i);
  }
  return set;
}

ProviderSet plan_providers(size_t which) {
  constexpr uint64_t bits[] = {0b111111, 0b001000, 0b010010, 0};
  return set_of(bits[which]);
}

// Hits: a subject's counter before the request. Where `is_ended` its hour is over.
struct Hits {
  int64_t before = 0;
  bool is_ended = false;
  int64_t after() const { return before == 0 || is_ended ? 1 : before + 1; }
};

Hits draw_hits(Draws& draws, int64_t limit) {
  constexpr int64_t near[] = {-2, -1, 0, 1, 40};
  if (draws.one_in(2)) return {};
  return {.before = std::max<int64_t>(0, limit + near[draws.below(5)]), .is_ended = draws.one_in(4)};
}

// draw_budget: limits near what was spent. Days: the month's first and today may be the same one.
void draw_budget(Draws& draws, LicenseFacts& license) {
  const auto nanos = [&](uint64_t bound) { return pricing::Nano{static_cast<int64_t>(draws.below(bound))}; };
  const auto limit = [&](pricing::Nano spent) -> std::optional<pricing::Nano> {
    if (draws.one_in(3)) return std::nullopt;
    return pricing::Nano{std::max<int64_t>(0, spent.value + static_cast<int64_t>(draws.below(5)) - 1)};
  };
  license.spent.today = draws.one_in(3) ? pricing::Nano{} : nanos(1'000'000'000);
  license.spent.month = {license.spent.today.value + nanos(100'000'000'000).value};
  license.spent.total = {license.spent.month.value + nanos(1'000'000'000'000).value};
  license.budget = {static_cast<budget::Enforcement>(draws.below(3)),
                    {limit(license.spent.today), limit(license.spent.month), limit(license.spent.total)}};
}

// kKept: its holder freed its seat, which cools down; kCooled: it did so, and a while ago.
enum class OwnMachine : uint8_t { kUnknown, kSeated, kReleased, kKept, kCooled };

// World: everything a verdict depends on.
struct World {
  std::string suffix;
  bool has_code = true;
  bool license_exists = true;
  LicenseFacts license;
  size_t providers = 0;
  std::optional<int64_t> max_machines;
  int64_t plan_machines = 0;
  int64_t other_seats = 0;
  int64_t other_released = 0;
  int64_t other_cooling = 0;
  OwnMachine own = OwnMachine::kUnknown;
  bool has_fernet_key = false;
  Hits address, code;
  Delivery delivery = Delivery::kPlain;
  ProviderSet requested;
  std::optional<PresentedReceipt> receipt;
  bool ring_moves = false;
  bool is_cold = false;
};

World draw_world(Draws& draws, int number, TimeMs now) {
  World world;
  world.suffix = std::to_string(number);
  world.has_code = !draws.one_in(12);
  world.license_exists = !draws.one_in(10);
  world.license.id = "lic_" + world.suffix;
  if (draws.one_in(4)) {
    world.license.status = draws.one_in(2) ? LicenseStatus::kSuspended : LicenseStatus::kRevoked;
  }
  constexpr TimeMs ends[] = {-kDayMs, -1, 0, 1, kDayMs, 400 * kDayMs};
  if (!draws.one_in(4)) world.license.expires_at = now + ends[draws.one_in(2) ? draws.below(6) : 5];
  world.license.deliveries = draws.one_in(2) ? 7 : static_cast<uint32_t>(draws.below(8));
  world.providers = draws.one_in(2) ? 0 : draws.below(4);
  world.plan_machines = static_cast<int64_t>(draws.below(4));
  if (draws.one_in(3)) world.max_machines = static_cast<int64_t>(draws.below(5));
  world.other_seats = static_cast<int64_t>(draws.below(5));
  world.other_released = static_cast<int64_t>(draws.below(3));
  if (draws.one_in(3)) world.other_cooling = static_cast<int64_t>(draws.below(3));
  world.own = static_cast<OwnMachine>(draws.below(5));
  world.address = draw_hits(draws, kAddressLimit);
  constexpr int64_t own_limits[] = {1, 10, kLicenseLimit - 1, kLicenseLimit, kLicenseLimit + 1, 1000};
  if (draws.one_in(2)) draw_budget(draws, world.license);
  if (draws.one_in(3)) world.license.requests_per_hour = own_limits[draws.below(6)];
  world.code = draw_hits(draws, std::min(kLicenseLimit, world.license.requests_per_hour.value_or(kLicenseLimit)));
  constexpr Delivery deliveries[] = {Delivery::kFernet, Delivery::kHpke, Delivery::kPlain};
  world.delivery = deliveries[draws.below(3)];
  world.requested = draws.one_in(2) ? ProviderSet::all() : set_of(1 + draws.below(63));
  if (draws.one_in(3)) {
    const bool is_own = draws.one_in(2);
    world.receipt = PresentedReceipt{is_own ? world.license.id : draws.one_in(2) ? "lic_another" : "",
                                     draws.one_in(3)};
  }
  world.ring_moves = draws.one_in(4);
  world.is_cold = draws.one_in(8);
  return world;
}

void store_hits(ServiceWorld& service, std::string_view subject, const Hits& hits) {
  if (hits.before == 0) return;
  service.set_hits(subject, hits.before, hits.is_ended ? limits::kRateWindowMs : limits::kRateWindowMs - kSecondMs);
}

constexpr std::string_view status_text(LicenseStatus status) {
  return status == LicenseStatus::kActive      ? "active"
         : status == LicenseStatus::kSuspended ? "suspended"
                                               : "revoked";
}

std::string address_of(const World& world) { return "address " + world.suffix; }
std::string machine_of(const World& world) { return "machine " + world.suffix; }
std::string code_of(const World& world) { return "CODE-" + std::string(8 - world.suffix.size(), '0') + world.suffix; }

void store_budget(ServiceWorld& service, const LicenseFacts& license, TimeMs now) {
  service.host.query(std::move(host::Batch()
                                   .add("UPDATE licenses SET budget = ?2 WHERE id = ?1")
                                   .bind(license.id)
                                   .bind(budget::print_budget(license.budget))));
  const auto spend = [&](int64_t day, int64_t cost) {
    service.host.query(std::move(host::Batch()
                                     .add("INSERT INTO license_spend (license_id, day, requests, cost, unpriced, seq) "
                                          "VALUES (?1, CAST(?2 AS INTEGER), 1, CAST(?3 AS INTEGER), 0, 1)")
                                     .bind(license.id)
                                     .bind(day)
                                     .bind(cost)));
  };
  const budget::Spent& spent = license.spent;
  // kTestStart lies in the middle of a month.
  spend(budget::day_of(now), spent.today.value);
  spend(budget::month_start_of(now), spent.month.value - spent.today.value);
  spend(0, spent.total.value - spent.month.value);
}

void store_world(ServiceWorld& service, const World& world) {
  store_hits(service, service.address_subject(address_of(world)), world.address);
  if (world.ring_moves) service.move_ring();
  if (world.is_cold) service.restart();
  if (!world.license_exists) return;
  const std::string plan = "plan-" + world.suffix;
  service.add_plan(plan, kPlanProviders[world.providers], world.license.deliveries, world.plan_machines);
  service.add_license({.id = world.license.id,
                       .code = code_of(world),
                       .status = std::string(status_text(world.license.status)),
                       .plan = plan,
                       .expires_at = world.license.expires_at,
                       .max_machines = world.max_machines});
  if (world.license.requests_per_hour) service.limit_requests(*world.license.requests_per_hour, world.license.id);
  store_hits(service, service.license_subject(world.license.id), world.code);
  for (int64_t i = 0; i < world.other_seats + world.other_released; ++i) {
    const std::string name = world.suffix + "-" + std::to_string(i);
    service.add_machine(world.license.id, "hash" + name, "mch_" + name, i >= world.other_seats);
  }
  const TimeMs now = service.host.clock.now();
  store_budget(service, world.license, now);
  for (int64_t i = 0; i < world.other_cooling; ++i) {
    const std::string name = world.suffix + "-cooling-" + std::to_string(i);
    service.add_machine(world.license.id, "hash" + name, "mch_" + name);
    service.cool_down("mch_" + name, now + 1 + i);
  }
  if (world.own == OwnMachine::kUnknown) return;
  const std::string own_id = "mch_own" + world.suffix;
  service.add_machine(world.license.id, service.request(machine_of(world)).machine_hash.text(), own_id,
                      world.own == OwnMachine::kReleased);
  if (world.own == OwnMachine::kKept) service.cool_down(own_id, now + 1);
  if (world.own == OwnMachine::kCooled) service.cool_down(own_id, now);
}

// taken_before: seats held, and those that cool down.
int64_t taken_before(const World& world) {
  const bool has_own = world.own == OwnMachine::kSeated || world.own == OwnMachine::kKept;
  return world.other_seats + world.other_cooling + (has_own ? 1 : 0);
}

// expected: what decide says of the world as it was drawn, not as SQL tells it.
Verdict expected(const World& world, TimeMs now) {
  Facts facts{.address_hits = world.address.after()};
  if (world.has_code && world.license_exists) {
    facts.license = world.license;
    facts.license->seats_max = world.max_machines.value_or(world.plan_machines);
    facts.license->has_seat = world.own == OwnMachine::kSeated;
    facts.license->is_seat_kept = world.own == OwnMachine::kKept;
    facts.license->seats_used = taken_before(world);
    facts.license->hits = world.code.after();
  }
  Terms terms{.now = now,
              .delivery = world.delivery,
              .address_limit = kAddressLimit,
              .license_limit = kLicenseLimit};
  if (world.receipt && !world.receipt->expired) terms.receipt_license_id = world.receipt->license_id;
  return decide(facts, terms);
}

// What is stored about one world's request, in one look.
struct Stored {
  int64_t granted, denied, seats, address_hits, license_hits;
};

Stored look(ServiceWorld& service, const World& world, const Client& client) {
  const host::BatchAnswer answer = service.host.query(std::move(
      host::Batch()
          .add("SELECT (SELECT count(*) FROM audit_log WHERE request_id = ?1 AND action = 'provision.granted' "
               "AND outcome = 'granted' AND license_id = ?2 AND machine_hash = ?3) AS granted, "
               "(SELECT count(*) FROM audit_log WHERE request_id = ?1 AND action = 'provision.denied' "
               "AND outcome = 'denied') AS denied")
          .bind(client.request_id)
          .bind(world.license.id)
          .bind(service.request(machine_of(world)).machine_hash.text())));
  const host::Row row = answer.row(0, 0);
  return {row.integer("granted"), row.integer("denied"), service.seats_used(world.license.id),
          service.hits(service.address_subject(address_of(world))),
          service.hits(service.license_subject(world.license.id))};
}

void check(ServiceWorld& service, const World& world, const Client& client, Verdict wanted,
           const ProvisionOutcome& outcome) {
  const bool is_granted = wanted == Verdict::kGranted;
  EXPECT_EQ(verdict_reason(outcome.verdict), verdict_reason(wanted));
  EXPECT_EQ(outcome.grant.has_value(), is_granted);
  if (outcome.grant) {
    EXPECT_EQ(outcome.grant->license_id, world.license.id);
    EXPECT_EQ(outcome.grant->providers, world.requested & plan_providers(world.providers));
  }
  const Stored stored = look(service, world, client);
  EXPECT_EQ(stored.granted, is_granted ? 1 : 0);
  EXPECT_EQ(stored.denied, is_granted ? 0 : 1);
  EXPECT_EQ(stored.address_hits, world.address.after());
  const bool is_counted = world.license_exists && world.has_code;
  const bool is_stored = world.license_exists;
  EXPECT_EQ(stored.license_hits, is_counted ? world.code.after() : is_stored ? world.code.before : 0);
  if (!world.license_exists) return;
  const int64_t seats_before = world.other_seats + (world.own == OwnMachine::kSeated ? 1 : 0);
  const bool takes_seat = is_granted && world.own != OwnMachine::kSeated;
  EXPECT_EQ(stored.seats, seats_before + (takes_seat ? 1 : 0));
  if (takes_seat && world.own != OwnMachine::kKept) {
    EXPECT_LE(stored.seats + world.other_cooling, world.max_machines.value_or(world.plan_machines));
  }
}

TEST(Certificate, agrees_with_the_decision_in_random_worlds) {
  ServiceWorld service;
  Draws draws(20261121);
  std::array<int, 11> seen{};
  for (int number = 0; number < kNumWorlds && !HasFailure(); ++number) {
    const World world = draw_world(draws, number, service.host.clock.now());
    store_world(service, world);
    const Verdict wanted = expected(world, service.host.clock.now());
    ++seen[static_cast<size_t>(wanted)];
    const Client client = service.client(address_of(world));
    ProvisionRequest request = service.request(machine_of(world), world.delivery,
                                               world.has_code ? code_of(world) : std::string_view("?"));
    request.requested = world.requested;
    request.receipt = world.receipt;
    const int64_t ring_version = service.ring_version();
    const KeyRing* presumed = service.app.shared.ring.get();
    const bool is_behind = presumed != nullptr && presumed->version() != ring_version;
    const size_t trips_before = service.host.count(host::OpKind::kDbBatch);
    const auto outcome = service.provision(client, std::move(request));
    SCOPED_TRACE("world " + world.suffix);
    ASSERT_TRUE(outcome.has_value()) << outcome.error().detail();
    check(service, world, client, wanted, *outcome);
    const size_t trips = service.host.count(host::OpKind::kDbBatch) - trips_before;
    const bool is_granted = wanted == Verdict::kGranted;
    // One to certify; a second to record a denial, to load a ring that moved, or to keep a key.
    const bool has_more = !is_granted || is_behind || world.delivery == Delivery::kFernet;
    EXPECT_EQ(trips, has_more ? 2u : 1u);
  }
  // Every verdict came up often enough to mean something.
  for (size_t i = 0; i < seen.size(); ++i) EXPECT_GE(seen[i], 30) << verdict_reason(static_cast<Verdict>(i));
}

TEST(Certificate, that_disagrees_hands_out_nothing_and_says_so_in_the_log) {
  // A trigger that takes the seats of a licence away after the facts were read makes SQL
  // refuse what the facts allow.
  ServiceWorld service;
  service.add_license({});
  service.host.query("CREATE TRIGGER steal BEFORE INSERT ON audit_log BEGIN SELECT RAISE(IGNORE); END");
  const auto outcome = service.provision(service.request());
  ASSERT_FALSE(outcome.has_value());
  EXPECT_EQ(outcome.error().code(), ErrorCode::kInternal);
  EXPECT_EQ(service.seats_used(), 0);
  const http::Response response = service.post(
      "/keys/provision", R"({"license_id":"WRITER-2024-ABC","machine_id":"m","requested_providers":["qwen"]})");
  EXPECT_EQ(response.status, 500u);
  EXPECT_EQ(test::text_of(response, "error"), "internal");
  EXPECT_EQ(response.body.find("sk-"), std::string::npos);
  EXPECT_NE(service.host.log.text().find("certificate and decision differ"), std::string::npos);
}

}  // namespace
}  // namespace latchkey::provision
