// What admins ask about use and cost: every grouping says the same in all, and a licence's outlook.
#include "usage/query.h"

#include "support/draws.h"
#include "usage_world.h"

namespace latchkey::usage {
namespace {

constexpr std::string_view kLicense = "lic_00000000000000000000000001";

struct QueryWorld : UsageWorld {
  QueryWorld() {
    test::Draws draws(11);
    add_machine(kLicense, machine_hash("two").text(), "mch_two");
    for (int i = 0; i < 8; ++i) {
      std::vector<Event> events;
      for (int n = 0; n < 40; ++n) {
        Event one = event(std::to_string(i) + "-" + std::to_string(n), static_cast<int64_t>(draws.below(5000)),
                          kNow - static_cast<TimeMs>(draws.below(static_cast<uint64_t>(30 * kDayMs))));
        if (draws.one_in(3)) one.provider = "mistral", one.model = "mistral-large-latest";
        if (draws.one_in(9)) one.model = "nobody-knows";
        events.push_back(one);
      }
      Reporter by = reporter();
      if (i % 2 == 1) by.machine_hash = machine_hash("two");
      EXPECT_EQ(report(by, events)->num_accepted, 40u);
    }
    EXPECT_TRUE(roll());
  }

  template <class Ask>
  auto ask(Ask asked) {
    const auto task = [](QueryWorld& world, Ask one) -> decltype(one(std::declval<UsageService&>())) {
      host::Host own(world.host.platform(), world.host.new_request(), 5000);
      UsageService service(own);
      co_return co_await one(service);
    };
    return host.run(task(*this, asked));
  }
  std::vector<SumRow> sums(Question question) {
    question.from = std::max<TimeMs>(question.from, 0);
    if (question.until == 0) question.until = kNow + 1;
    auto rows = ask([question](UsageService& service) { return service.sums(question); });
    EXPECT_TRUE(rows.has_value());
    return rows.value_or(std::vector<SumRow>());
  }
};

Sum total_of(const std::vector<SumRow>& rows) {
  Sum total;
  for (const SumRow& row : rows) total.add(row.sum);
  return total;
}

TEST(UsageSums, of_every_grouping_come_to_the_same_and_to_what_the_events_say) {
  QueryWorld world;
  for (const bool of_license : {false, true}) {
    for (const Cut cut : {Cut::kNone, Cut::kHour, Cut::kDay, Cut::kMonth, Cut::kHourOfDay, Cut::kWeekday}) {
      for (int by = 0; by < 8; ++by) {
        Question asked{.cut = cut, .by_provider = (by & 1) != 0, .by_model = (by & 2) != 0};
        if (of_license) asked.license_id = kLicense;
        (of_license ? asked.by_machine : asked.by_plan) = (by & 4) != 0;
        const auto rows = world.sums(asked);
        const Sum total = total_of(rows);
        EXPECT_EQ(total.requests, 320);
        EXPECT_EQ(total.cost.value, world.scalar("SELECT sum(cost) AS value FROM usage_events"));
        EXPECT_EQ(total.input_tokens, world.scalar("SELECT sum(input_tokens) AS value FROM usage_events"));
        EXPECT_EQ(total.unpriced, world.scalar("SELECT count(*) - count(cost) AS value FROM usage_events"));
        for (const SumRow& row : rows) {
          EXPECT_EQ(row.time.has_value(), cut != Cut::kNone);
          EXPECT_EQ(row.provider.has_value(), asked.by_provider);
          EXPECT_EQ(row.model.has_value(), asked.by_model);
          EXPECT_EQ(row.machine_id.has_value(), asked.by_machine);
          EXPECT_EQ(row.plan.has_value(), asked.by_plan);
        }
      }
    }
  }
}

TEST(UsageSums, cut_time_into_hours_days_months_and_what_they_are_of_the_day_and_week) {
  QueryWorld world;
  const auto check = [&](Cut cut, std::string_view sql) {
    for (const SumRow& row : world.sums({.cut = cut})) {
      EXPECT_EQ(row.sum.requests, world.scalar("SELECT count(*) AS value FROM usage_events WHERE " + std::string(sql) +
                                               " = " + std::to_string(*row.time)))
          << cut_name(cut) << " " << *row.time;
    }
  };
  check(Cut::kHour, "at / 3600000 * 3600000");
  check(Cut::kDay, "at / 86400000 * 86400000");
  check(Cut::kMonth, "CAST(strftime('%s', at / 1000, 'unixepoch', 'start of month') AS INTEGER) * 1000");
  check(Cut::kHourOfDay, "CAST(strftime('%H', at / 1000, 'unixepoch') AS INTEGER)");
  check(Cut::kWeekday, "(CAST(strftime('%w', at / 1000, 'unixepoch') AS INTEGER) + 6) % 7");
}

TEST(UsageSums, hold_what_is_asked_for_alone) {
  QueryWorld world;
  const auto requests = [&](Question asked) { return total_of(world.sums(std::move(asked))).requests; };
  EXPECT_EQ(requests({.provider = "mistral"}) + requests({.provider = "deepseek"}), 320);
  EXPECT_EQ(requests({.model = "nobody-knows"}), world.scalar("SELECT count(*) AS value FROM usage_events WHERE model = 'nobody-knows'"));
  EXPECT_EQ(requests({.plan = "pro"}), 320);
  EXPECT_EQ(requests({.plan = "team"}), 0);
  EXPECT_EQ(requests({.license_id = std::string(kLicense), .machine_id = "mch_two"}), 160);
  EXPECT_EQ(requests({.license_id = "lic_none"}), 0);
  const TimeMs middle = kNow / kDayMs * kDayMs - 10 * kDayMs;
  EXPECT_EQ(requests({.until = middle}) + requests({.from = middle}), 320);
}

TEST(UsageTop, is_the_dearest_first) {
  QueryWorld world;
  world.add_license({.id = "lic_2", .code = "OTHER-2024-XYZ"});
  world.add_machine("lic_2", world.machine_hash().text(), "mch_of_two");
  Reporter other = world.reporter();
  other.code_hash = world.request(kMachine, provision::Delivery::kPlain, "OTHER-2024-XYZ").code_hash;
  ASSERT_TRUE(world.report(other, {UsageWorld::event("a", 1'000'000'000)}).has_value());
  const int64_t today = budget::day_of(kNow);
  const auto rows = world.ask([](UsageService& service) { return service.top(today - 40, today + 1, 10); });
  ASSERT_EQ(rows->size(), 2u);
  EXPECT_EQ((*rows)[0].license_id, "lic_2");
  EXPECT_EQ((*rows)[1].requests, 320);
  EXPECT_EQ(world.ask([](UsageService& service) { return service.top(today - 40, today + 1, 1); })->size(), 1u);
}

TEST(MonthOf, counts_its_days_and_those_gone) {
  struct Case {
    const char *day, *now;
    int64_t num_days, days_gone;
  };
  for (const Case& one : {Case{"2026-02-14", "2026-02-14T12:00:00Z", 28, 14}, {"2028-02-29", "2028-03-05", 29, 29},
                          {"2026-12-31", "2026-12-01", 31, 1}, {"2027-01-01", "2026-12-31T23:59:59Z", 31, 0}}) {
    const Month month = month_of(budget::day_of(*parse_time(one.day)), *parse_time(one.now));
    EXPECT_EQ(month.num_days, one.num_days) << one.day;
    EXPECT_EQ(month.days_gone, one.days_gone) << one.day;
    EXPECT_EQ(format_time(month.first_day * kDayMs).substr(0, 8), std::string(one.day).substr(0, 8));
  }
}

// Licences of random costs: quantiles and margins are what sorting them here says.
TEST(UsagePlans, tell_quantiles_and_margins_of_the_licences_with_use) {
  UsageWorld world;
  test::Draws draws(5);
  const Month month = month_of(budget::day_of(kNow), kNow);
  constexpr int64_t kPrice = 3'100'000'000;
  const int64_t brings = kPrice * month.days_gone / month.num_days;
  std::vector<int64_t> costs;
  for (int i = 0; i < 137; ++i) {
    const std::string id = "lic_p" + std::to_string(i);
    world.add_license({.id = id, .code = "PLANS-2024-" + std::to_string(1000 + i)});
    int64_t cost = 0;
    for (int64_t day = month.first_day; day < month.first_day + 3; ++day) {
      const auto part = static_cast<int64_t>(draws.below(2'000'000'000));
      cost += part;
      world.host.query(std::move(host::Batch()
                                     .add("INSERT INTO license_spend (license_id, day, requests, cost, unpriced, seq) "
                                          "VALUES (?1, ?2, 1, ?3, 0, 0)")
                                     .bind(id)
                                     .bind(day)
                                     .bind(part)));
    }
    costs.push_back(cost);
  }
  world.host.query(std::move(host::Batch().add(
      "INSERT INTO license_spend (license_id, day, requests, cost, unpriced, seq) VALUES "
      "('lic_p0', ?1 - 40, 1, 7, 0, 0), ('lic_p0', ?1 + 31, 1, 7, 0, 0)").bind(month.first_day)));
  world.host.query(std::move(host::Batch().add(
      "INSERT INTO plans (name, version, providers, deliveries, max_machines, created_at, monthly_price) VALUES "
      "('pro', 900, '[]', 7, 3, 1, 3100000000)")));
  world.host.query(std::move(host::Batch().add("UPDATE licenses SET plan_version = 900")));
  const auto task = [](UsageWorld& at, Month asked) -> Task<Result<std::vector<PlanCost>>> {
    host::Host own(at.host.platform(), at.host.new_request(), 5000);
    UsageService service(own);
    co_return co_await service.plans(asked);
  };
  const auto rows = world.host.run(task(world, month));
  ASSERT_TRUE(rows.has_value());
  ASSERT_EQ(rows->size(), 1u);
  const PlanCost& pro = (*rows)[0];
  std::ranges::sort(costs);
  int64_t sum = 0, losing = 0;
  for (const int64_t cost : costs) sum += cost, losing += cost > brings ? 1 : 0;
  EXPECT_EQ(pro.plan, "pro");
  EXPECT_EQ(pro.num_licenses, 137);
  EXPECT_EQ(pro.cost.value, sum);
  EXPECT_EQ(pro.median.value, costs[68]);  // the 69th of 137
  EXPECT_EQ(pro.p90.value, costs[123]);    // the 124th
  EXPECT_EQ(pro.p99.value, costs[135]);
  EXPECT_EQ(pro.max.value, costs[136]);
  EXPECT_EQ(pro.monthly_price->value, kPrice);
  EXPECT_EQ(pro.revenue.value, 137 * brings);
  EXPECT_EQ(pro.margin->value, 137 * brings - sum);
  EXPECT_EQ(pro.num_losing, losing);
  EXPECT_EQ(pro.num_unpriced, 0);

  world.host.query("UPDATE plans SET monthly_price = NULL");
  const auto free = world.host.run(task(world, month));
  EXPECT_EQ((*free)[0].num_unpriced, 137);
  EXPECT_FALSE((*free)[0].margin.has_value());
}
      const auto ledger = [&](const std::string& column) {
        return world.scalar("SELECT ifnull(sum(" + column + "), 0) AS value FROM license_spend WHERE day >= " +
                            std::to_string(first) + " AND day < " + std::to_string(end));
      };
      EXPECT_EQ(requests, ledger("requests")) << first << " to " << end;
      EXPECT_EQ(cost, ledger("cost")) << first << " to " << end;
      EXPECT_EQ(unpriced, ledger("unpriced")) << first << " to " << end;
    }
  }
  EXPECT_GT(num_found, 40);
}

TEST(UsageDailyPages, hold_every_row_once_in_order_whatever_their_size) {
  QueryWorld world;
  for (const bool of_license : {false, true}) {
    for (const uint32_t rows_max : {1u, 7u, 500u}) {
      DailyKey after{.day = 0};
      int64_t requests = 0, count = 0;
      for (;;) {
        const auto license_id = of_license ? std::optional<std::string>(kLicense) : std::nullopt;
        const auto page = world.ask([&](UsageService& service) {
          return service.daily(after, budget::day_of(kNow) + 1, license_id, rows_max);
        });
        ASSERT_TRUE(page.has_value());
        for (const DailyRow& row : page->rows) {
          requests += row.sum.requests;
          ++count;
        }
        if (!page->next) break;
        after = *page->next;
      }
      EXPECT_EQ(requests, 320);
      EXPECT_EQ(count, world.scalar("SELECT count(*) AS value FROM usage_daily"));
    }
  }
}

TEST(UsageOfALicense, says_where_it_stands_and_when_its_limits_are_reached) {
  QueryWorld world;
  world.set_budget({budget::Enforcement::kBlock, {.monthly = pricing::Nano{1'000'000'000'000}, .total = pricing::Nano{1}}});
  const auto usage = world.ask([](UsageService& service) { return service.license(kLicense); });
  ASSERT_TRUE(usage.has_value());
  EXPECT_EQ(usage->spent.total.value, world.scalar("SELECT sum(cost) AS value FROM usage_events"));
  EXPECT_EQ(usage->spent.month.value,
            world.scalar("SELECT sum(cost) AS value FROM usage_events WHERE strftime('%Y-%m', at / 1000, 'unixepoch') = "
                         "strftime('%Y-%m', 1768478400, 'unixepoch')"));
  ASSERT_EQ(usage->ahead.size(), 2u);
  const auto& month = usage->ahead[0].forecast;
  ASSERT_TRUE(month.outlook.has_value()) << month.days;
  EXPECT_FALSE(month.outlook->reached_at);
  EXPECT_GT(month.outlook->sum, usage->spent.month.value);
  EXPECT_EQ(usage->ahead[1].forecast.outlook->reached_at, kNow) << "reached already";
  const auto none = world.ask([](UsageService& service) { return service.license("lic_none"); });
  ASSERT_FALSE(none.has_value());
  EXPECT_EQ(none.error().code(), ErrorCode::kNotFound);
}

TEST(LookAhead, sees_days_without_use_as_days_without_cost) {
  LicenseUsage usage;
  const int64_t today = budget::day_of(kNow);
  usage.days = {{today - 20, 1, {1'000'000'000}, 0}, {today - 3, 1, {1'000'000'000}, 0}, {today, 1, {7}, 0}};
  usage.spent.month = {1'000'000'007};
  const auto ahead = look_ahead(usage, kNow);
  ASSERT_EQ(ahead.size(), 1u);
  EXPECT_EQ(ahead[0].standing.period, budget::Period::kMonthly);
  EXPECT_EQ(ahead[0].forecast.days, 20u);
  EXPECT_FALSE(ahead[0].forecast.outlook->reached_at) << "there is no limit to reach";
}

}  // namespace
}  // namespace latchkey::usage
