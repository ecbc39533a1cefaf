// Re-pricing: costs and sums move together or not at all, whatever fails and whoever runs beside it.
#include "usage/reprice.h"

#include "usage_world.h"

namespace latchkey::usage {
namespace {

using test::FaultPoint;

const std::string kActorName = "admin:ada";

struct RepriceWorld : UsageWorld {
  std::vector<ErrorCode> errors;

  Task<Result<RepriceSlice>> reprice_task(RepricePlace place, Run run = Run::kReal) {
    const provision::Client asking = client();
    const store::AuditRow by{.request_id = asking.request_id,
                             .actor = kActorName,
                             .address_hash = asking.address_hash.text()};
    host::Host own(host.platform(), host.new_request(), 5000);
    RepriceService service(own, app.usage, by);
    auto slice = co_await service.reprice(place, run);
    if (!slice) errors.push_back(slice.error().code());
    co_return slice;
  }
  Result<RepriceSlice> reprice(RepricePlace place = {}, Run run = Run::kReal) {
    return host.run(reprice_task(place, run));
  }
  // walk: all slices; how many events changed.
  int64_t walk(RepricePlace place = {}) {
    int64_t num_changed = 0;
    for (;;) {
      const auto slice = reprice(place);
      EXPECT_TRUE(slice.has_value()) << slice.error().detail();
      if (!slice) return num_changed;
      num_changed += slice->num_changed;
      expect_sound();
      if (!slice->next) return num_changed;
      place.after_seq = *slice->next;
    }
  }
  int64_t spent() { return scalar("SELECT sum(cost) AS value FROM license_spend"); }
  int64_t unpriced(std::string_view table) {
    return scalar("SELECT ifnull(sum(unpriced), 0) AS value FROM " + std::string(table));
  }

  // use: events of several days and hours, of a model with a price and of one without, some summed and some not yet.
  void use(int num_events) {
    std::vector<Event> events;
    for (int i = 0; i < num_events; ++i) {
      events.push_back(event("e" + std::to_string(i), 100 + i, kNow - (i * 7 % 90) * kHourMs));
      if (i % 3 == 0) events.back().model = "later-known";
    }
    const size_t half = events.size() / 2;
    EXPECT_TRUE(report({events.begin(), events.begin() + half}).has_value());
    EXPECT_TRUE(roll());
    EXPECT_TRUE(report({events.begin() + half, events.end()}).has_value());
  }
  // set_both: prices of both models.
  void set_both(std::string_view input) {
    const auto row = [&](std::string_view model) {
      return R"({"provider":"deepseek","effective_from":"2020-01-01","output":"2","input":")" + std::string(input) +
             R"(","model":")" + std::string(model) + R"("})";
    };
    host.query(std::move(host::Batch()
                             .add("INSERT INTO prices (version, body, created_at, created_by) SELECT "
                                  "ifnull(max(version), 0) + 1, ?1, 1, 'admin:x' FROM prices")
                             .bind(R"({"rows":[)" + row("deepseek-chat") + "," + row("later-known") + "]}")));
  }
};

TEST(Reprice, prices_what_had_no_price_and_what_has_another_and_sums_follow) {
  RepriceWorld world;
  world.set_prices("1", "2");
  world.use(30);
  const int64_t before = world.spent();
  EXPECT_EQ(world.unpriced("license_spend"), 10);
  world.set_both("5");
  const auto slice = world.reprice();
  ASSERT_TRUE(slice.has_value()) << slice.error().detail();
  EXPECT_EQ(slice->version, 2);
  EXPECT_EQ(slice->num_walked, 30u);
  EXPECT_EQ(slice->num_changed, 30u);
  EXPECT_FALSE(slice->next);
  EXPECT_EQ(slice->difference.value, world.spent() - before);
  EXPECT_EQ(world.unpriced("license_spend"), 0);
  EXPECT_EQ(world.unpriced("usage_totals"), 0);
  EXPECT_EQ(world.scalar("SELECT cost AS value FROM usage_events WHERE event_id = 'e3'"), 103 * 5000 + 500 * 2000);
  EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM usage_events WHERE price_version = 2"), 30);
  world.expect_sound();
  EXPECT_TRUE(world.roll());
  world.expect_sound();
  EXPECT_EQ(world.scalar("SELECT sum(requests) AS value FROM usage_daily"), 30);
}

TEST(Reprice, says_in_the_audit_log_what_a_slice_changed) {
  RepriceWorld world;
  world.set_prices("1", "2");
  ASSERT_TRUE(world.report({UsageWorld::event("a", 1'000'000)}).has_value());
  world.set_prices("0.5", "2");
  EXPECT_EQ(world.reprice()->difference.value, -500'000'000);
  EXPECT_EQ(world.scalar(R"(SELECT details = '{"after_seq":0,"changed":1,"difference":"-0.5","version":2,"walked":1}' )"
                         "AND actor = 'admin:ada' AS value FROM audit_log WHERE action = 'prices.repriced'"),
            1);
  EXPECT_EQ(world.reprice()->num_changed, 0u);
  EXPECT_EQ(world.num_audits("prices.repriced"), 1) << "nothing changed, nothing to say";
}

TEST(Reprice, again_changes_nothing_and_a_table_that_knows_less_takes_prices_away) {
  RepriceWorld world;
  world.set_both("1");
  world.use(24);
  EXPECT_EQ(world.walk(), 0);
  world.set_prices("1", "2");
  EXPECT_EQ(world.walk(), 8);
  EXPECT_EQ(world.unpriced("license_spend"), 8);
  EXPECT_EQ(world.walk(), 0);
  world.host.query("DELETE FROM prices");
  world.walk();
  EXPECT_EQ(world.reprice()->version, 0) << "the table in the build";
}

TEST(Reprice, passes_by_what_was_used_before_since) {
  RepriceWorld world;
  world.set_prices("1", "2");
  ASSERT_TRUE(world.report({UsageWorld::event("a", 100, kNow - kDayMs - 1), UsageWorld::event("b", 100, kNow - kDayMs),
                            UsageWorld::event("c", 100)}).has_value());
  world.set_prices("3", "2");
  const auto slice = world.reprice({.since = kNow - kDayMs});
  EXPECT_EQ(slice->num_walked, 3u);
  EXPECT_EQ(slice->num_changed, 2u);
  EXPECT_EQ(world.scalar("SELECT price_version AS value FROM usage_events WHERE event_id = 'a'"), 1);
  world.expect_sound();
}

TEST(Reprice, dry_counts_and_changes_nothing) {
  RepriceWorld world;
  world.set_prices("1", "2");
  world.use(12);
  world.set_both("5");
  const int64_t before = world.spent();
  const auto dry = world.reprice({}, Run::kDry);
  EXPECT_EQ(dry->num_changed, 12u);
  EXPECT_EQ(world.spent(), before);
  EXPECT_EQ(world.num_audits("prices.repriced"), 0);
  EXPECT_EQ(world.reprice()->difference.value, dry->difference.value);
  EXPECT_EQ(world.spent() - before, dry->difference.value);
}

TEST(Reprice, walks_a_bounded_slice_and_can_be_broken_off_and_resumed) {
  RepriceWorld world;
  world.set_prices("1", "2");
  constexpr int kEvents = static_cast<int>(limits::kRepriceEventsPerSlice) + 300;
  for (int at = 0; at < kEvents; at += 500) {
    std::vector<Event> events;
    for (int i = at; i < std::min(at + 500, kEvents); ++i) {
      events.push_back(UsageWorld::event("e" + std::to_string(i), i, kNow - i % 50 * kHourMs));
    }
    ASSERT_TRUE(world.report(events).has_value());
    if (at == 0) EXPECT_TRUE(world.roll());
  }
  world.set_prices("4", "2");
  const auto first = world.reprice();
  EXPECT_EQ(first->num_walked, limits::kRepriceEventsPerSlice);
  ASSERT_TRUE(first->next.has_value());
  world.expect_sound();
  EXPECT_EQ(world.walk(), 300) << "from the beginning: what is done is passed by";
  EXPECT_EQ(world.reprice({.after_seq = *first->next})->num_changed, 0u);
  EXPECT_TRUE(world.roll());
  world.expect_sound();
}

TEST(Reprice, leaves_sums_away_that_retention_took) {
  RepriceWorld world;
  world.set_prices("1", "2");
  world.use(20);
  EXPECT_TRUE(world.roll());
  for (const std::string_view table : {"usage_hourly", "usage_daily", "usage_totals", "license_spend"}) {
    world.host.query("DELETE FROM " + std::string(table));
  }
  world.set_both("5");
  EXPECT_EQ(world.reprice()->num_changed, 20u);
  for (const std::string_view table : {"usage_hourly", "usage_daily", "usage_totals", "license_spend"}) {
    EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM " + std::string(table)), 0) << table;
  }
}

TEST(Reprice, keeps_sums_between_nothing_and_what_d1_tells_exactly) {
  RepriceWorld world;
  world.set_prices("10000", "0");
  for (const char* id : {"a", "b"}) {
    ASSERT_TRUE(world.report({UsageWorld::event(id, limits::kEventTokensMax)}).has_value());
  }
  EXPECT_TRUE(world.roll());
  EXPECT_EQ(world.spent(), limits::kD1IntegerMax);
  world.set_prices("0", "0");
  ASSERT_TRUE(world.reprice().has_value());
  for (const std::string_view table : {"usage_hourly", "usage_daily", "usage_totals", "license_spend"}) {
    EXPECT_EQ(world.scalar("SELECT cost AS value FROM " + std::string(table)), 0) << table;
  }
}

struct UsedWorld : RepriceWorld {
  UsedWorld() {
    set_prices("1", "2");
    use(24);
    set_both("5");
  }
  // expect_repriced: after whatever happened, a walk brings everything to the table in force, once.
  void expect_repriced() {
    expect_sound();
    walk();
    EXPECT_EQ(unpriced("license_spend"), 0);
    EXPECT_EQ(scalar("SELECT count(*) AS value FROM usage_events WHERE cost <> input_tokens * 5000 + 1000000"), 0);
    EXPECT_TRUE(roll());
    expect_sound();
  }
};

Task<> reprice_once(UsedWorld& world) { (void)co_await world.reprice_task({}); }

TEST(Reprice, changes_all_or_nothing_whichever_operation_fails) {
  const auto scenario = [](UsedWorld& world) { return reprice_once(world); };
  const auto check = [](UsedWorld& world, FaultPoint) {
    const int64_t num_done = world.scalar("SELECT count(*) AS value FROM usage_events WHERE price_version = 2");
    EXPECT_TRUE(num_done == 0 || num_done == 24) << num_done;
    EXPECT_EQ(world.num_audits("prices.repriced"), num_done == 24 ? 1 : 0);
    world.expect_repriced();
  };
  EXPECT_EQ(test::fail_every_await<UsedWorld>(scenario, check), 2u);
  test::cancel_every_await<UsedWorld>(scenario, check);
}

TEST(Reprice, by_two_at_once_changes_nothing_twice) {
  bool met = false;
  const auto scenario = [](UsedWorld& world) { return reprice_once(world); };
  test::interleave_two<UsedWorld>(scenario, scenario, [&](UsedWorld& world) {
    EXPECT_EQ(world.num_audits("prices.repriced"), 1);
    for (const ErrorCode code : world.errors) EXPECT_EQ(code, ErrorCode::kConflict);
    met = met || !world.errors.empty();
    world.expect_repriced();
  });
  EXPECT_TRUE(met);
}

TEST(Reprice, beside_reports_roll_ups_and_another_table_stays_exact) {
  const auto scenario = [](UsedWorld& world) { return reprice_once(world); };
  const auto late = [](UsedWorld& world) -> Task<> {
    (void)co_await world.report_task(world.client(), world.reporter(),
                                     world.sorter({UsageWorld::event("late", 7, kNow - 20 * kHourMs)}));
  };
  const auto sum = [](UsedWorld& world) -> Task<> { (void)co_await world.roll_up_task(); };
  const auto check = [](UsedWorld& world) { world.expect_repriced(); };
  test::interleave_two<UsedWorld>(scenario, late, check);
  test::interleave_two<UsedWorld>(scenario, sum, check);
  bool met = false;
  const auto another = [](UsedWorld& world) -> Task<> {
    host::Host own(world.host.platform(), world.host.new_request(), 5000);
    host::Batch batch;
    batch.add("INSERT INTO prices (version, body, created_at, created_by) SELECT max(version) + 1, replace(body, "
              "'\"input\":\"5\"', '\"input\":\"6\"'), 1, 'admin:x' FROM prices");
    (void)co_await own.db.run(std::move(batch));
  };
  test::interleave_two<UsedWorld>(scenario, another, [&](UsedWorld& world) {
    world.expect_sound();
    met = met || !world.errors.empty();
    world.walk();
    EXPECT_EQ(world.scalar("SELECT count(*) AS value FROM usage_events WHERE cost <> input_tokens * 6000 + 1000000"), 0);
  });
  EXPECT_TRUE(met) << "a slice that another table overtook is refused";
}

}  // namespace
}  // namespace latchkey::usage
