// Tables of prices: in force as soon as they are stored, one after the other whatever fails.
#include "admin/prices.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "support/drivers.h"
#include "support/service_world.h"

namespace latchkey::admin {
namespace {

using test::FaultPoint;

const std::string kActorName = "admin:ada";

pricing::PriceList list_of(int64_t nanos, std::string model = "deepseek-chat") {
  auto list = pricing::PriceList::of(
      {{{.provider = "deepseek", .model = std::move(model), .input = {nanos}, .output = {2 * nanos}}}, {}});
  CHECK(list.has_value());
  return std::move(*list);
}

struct PriceWorld : test::ServiceWorld {
  std::vector<ErrorCode> errors;
  std::vector<int64_t> made;

  template <class Act>
  auto with(Act act) {
    const provision::Client asking = client();
    const Actor actor{asking, kActorName};
    host::Host own(host.platform(), host.new_request(), 5000);
    PriceService service(own, actor);
    return host.run(act(service));
  }
  Result<PricesSet> set(const pricing::PriceList& list, const Versions& expected = {}, Run run = Run::kReal,
                        std::optional<std::string> note = {}) {
    return with([&](PriceService& service) { return service.set(list, note, expected, run); });
  }
  Result<PriceTable> get(std::optional<int64_t> version = {}) {
    return with([&](PriceService& service) { return service.get(version); });
  }
  Task<> set_task(int64_t nanos, std::vector<int64_t> listed = {}) {
    const provision::Client asking = client();
    const Actor actor{asking, kActorName};
    host::Host own(host.platform(), host.new_request(), 5000);
    PriceService service(own, actor);
    const pricing::PriceList list = list_of(nanos);
    const Versions expected{.is_any = listed.empty(), .listed = listed};
    const auto result = co_await service.set(list, std::nullopt, expected, Run::kReal);
    if (result) made.push_back(result->about.version);
    else errors.push_back(result.error().code());
  }
  int64_t num_versions() { return scalar("SELECT count(*) AS value FROM prices"); }
  // expect_sound: versions without a gap, each with its audit row.
  void expect_sound() {
    EXPECT_EQ(scalar("SELECT ifnull(max(version), 0) AS value FROM prices"), num_versions());
    EXPECT_EQ(num_audits("prices.set"), num_versions());
    EXPECT_EQ(scalar("SELECT count(*) AS value FROM prices p WHERE NOT EXISTS (SELECT 1 FROM audit_log WHERE action = "
                     "'prices.set' AND details ->> 'version' = p.version AND actor = p.created_by)"),
              0);
  }
};

TEST(Prices, begin_with_the_table_in_the_build_as_version_0) {
  PriceWorld world;
  for (const auto version : {std::optional<int64_t>(), std::optional<int64_t>(0)}) {
    const auto table = world.get(version);
    ASSERT_TRUE(table.has_value());
    EXPECT_EQ(table->about.version, 0);
    EXPECT_FALSE(table->about.created_by);
    EXPECT_EQ(table->prices->list.table(), usage::built_in_prices()->list.table());
    EXPECT_EQ(table->about.num_rows, static_cast<int64_t>(table->prices->list.table().rows.size()));
  }
  EXPECT_EQ(world.get(1).error().code(), ErrorCode::kNotFound);
}

TEST(Prices, that_are_set_are_the_next_version_and_the_ones_before_stay) {
  PriceWorld world;
  const auto first = world.set(list_of(5), {}, Run::kReal, "of November");
  ASSERT_TRUE(first.has_value()) << first.error().detail();
  EXPECT_EQ(first->about.version, 1);
  EXPECT_EQ(first->difference.added.size(), 1u);
  EXPECT_EQ(first->difference.removed.size(), usage::built_in_prices()->list.table().rows.size());
  EXPECT_EQ(world.set(list_of(6))->about.version, 2);
  EXPECT_EQ(world.get()->prices->list.table(), list_of(6).table());
  const auto old = world.get(1);
  EXPECT_EQ(old->prices->list.table(), list_of(5).table());
  EXPECT_EQ(old->about.note, "of November");
  EXPECT_EQ(old->about.created_by, kActorName);
  EXPECT_EQ(old->about.created_at, test::kTestStart);
  EXPECT_EQ(world.scalar("SELECT details = '{\"added\":0,\"changed\":1,\"removed\":0,\"rows\":1,\"version\":2}' AS value "
                         "FROM audit_log ORDER BY seq DESC"),
            1);
  world.expect_sound();
}

TEST(Prices, that_say_the_same_already_make_no_version) {
  PriceWorld world;
  ASSERT_TRUE(world.set(list_of(5), {}, Run::kReal, "first").has_value());
  const auto again = world.set(list_of(5), {}, Run::kReal, "second");
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->about.version, 1);
  EXPECT_EQ(again->about.note, "first");
  EXPECT_TRUE(again->difference.changed.empty() && again->difference.added.empty());
  auto built_in = pricing::PriceList::of(usage::built_in_prices()->list.table());
  PriceWorld fresh;
  EXPECT_EQ(fresh.set(*built_in)->about.version, 0);
  EXPECT_EQ(fresh.num_versions(), 0);
  world.expect_sound();
}

TEST(Prices, are_set_where_the_version_in_force_is_the_one_expected) {
  PriceWorld world;
  const auto one = [](int64_t version) { return Versions{.is_any = false, .listed = {version}}; };
  EXPECT_EQ(world.set(list_of(5), one(1)).error().code(), ErrorCode::kPreconditionFailed);
  EXPECT_TRUE(world.set(list_of(5), one(0)).has_value());
  EXPECT_EQ(world.set(list_of(6), one(0)).error().code(), ErrorCode::kPreconditionFailed);
  EXPECT_TRUE(world.set(list_of(6), one(1)).has_value());
  world.expect_sound();
}

TEST(Prices, set_dry_shows_the_difference_and_changes_nothing) {
  PriceWorld world;
  ASSERT_TRUE(world.set(list_of(5)).has_value());
  const auto dry = world.set(list_of(6, "deepseek-v4"), {}, Run::kDry);
  ASSERT_TRUE(dry.has_value());
  EXPECT_EQ(dry->about.version, 2);
  EXPECT_EQ(dry->difference.added, list_of(6, "deepseek-v4").table().rows);
  EXPECT_EQ(dry->difference.removed, list_of(5).table().rows);
  EXPECT_EQ(world.num_versions(), 1);
  world.expect_sound();
}

TEST(Prices, are_listed_newest_first_page_by_page) {
  PriceWorld world;
  for (int64_t nanos = 1; nanos <= 5; ++nanos) ASSERT_TRUE(world.set(list_of(nanos)).has_value());
  std::vector<int64_t> seen;
  std::optional<int64_t> before;
  do {
    const auto page = world.with([&](PriceService& service) { return service.versions(before, 2); });
    ASSERT_TRUE(page.has_value());
    for (const PriceVersion& about : page->versions) {
      seen.push_back(about.version);
      EXPECT_EQ(about.num_rows, 1);
    }
    before = page->next;
  } while (before);
  EXPECT_EQ(seen, (std::vector<int64_t>{5, 4, 3, 2, 1}));
}

TEST(Prices, set_end_stored_once_or_not_at_all_whichever_operation_fails) {
  const auto scenario = [](PriceWorld& world) -> Task<> { co_await world.set_task(5); };
  const auto check = [](PriceWorld& world, FaultPoint) {
    world.expect_sound();
    EXPECT_LE(world.num_versions(), 1);
    EXPECT_TRUE(world.set(list_of(5)).has_value()) << "again";
    EXPECT_EQ(world.num_versions(), 1);
    world.expect_sound();
  };
  EXPECT_EQ(test::fail_every_await<PriceWorld>(scenario, check), 2u);
  test::cancel_every_await<PriceWorld>(scenario, check);
}

TEST(Prices, of_two_admins_at_once_are_two_versions_or_one_hears_of_the_other) {
  const auto set = [](int64_t nanos) {
    return [nanos](PriceWorld& world) -> Task<> { co_await world.set_task(nanos); };
  };
  bool met = false;
  test::interleave_two<PriceWorld>(set(5), set(6), [&](PriceWorld& world) {
    world.expect_sound();
    EXPECT_EQ(world.made.size() + world.errors.size(), 2u);
    EXPECT_EQ(static_cast<int64_t>(world.made.size()), world.num_versions());
    for (const ErrorCode code : world.errors) EXPECT_EQ(code, ErrorCode::kConflict);
    met = met || !world.errors.empty();
  });
  EXPECT_TRUE(met);
  const auto expecting = [](int64_t nanos) {
    return [nanos](PriceWorld& world) -> Task<> { co_await world.set_task(nanos, {0}); };
  };
  test::interleave_two<PriceWorld>(expecting(5), expecting(6), [](PriceWorld& world) {
    EXPECT_EQ(world.num_versions(), 1) << "both have seen version 0";
    EXPECT_EQ(world.errors.size(), 1u);
    world.expect_sound();
  });
}

TEST(UnpricedModels, are_listed_by_name_with_the_reason_page_by_page) {
  PriceWorld world;
  ASSERT_TRUE(world.set(list_of(5, "now-known")).has_value());
  const int64_t hour = test::kTestStart / kHourMs;
  const auto add = [&](std::string_view provider, std::string_view model, int64_t at_hour, int64_t unpriced) {
    world.host.query(std::move(host::Batch()
                                   .add("INSERT INTO usage_totals VALUES (?1, 'pro', ?2, ?3, 9, 0, 0, 0, 0, 0, ?4, 1)")
                                   .bind(at_hour).bind(provider).bind(model).bind(unpriced)));
  };
  add("deepseek", "b", hour, 2);
  add("deepseek", "b", hour - 5, 3);
  add("deepseek", "priced", hour, 0);
  add("deepseek", "now-known", hour - 7, 4);
  add("kimi", "a", hour - 1, 1);
  add("qwen", "a", hour, 1);
  std::vector<UnpricedModel> seen;
  std::optional<UnpricedPlace> after = UnpricedPlace{};
  do {
    const auto page = world.with([&](PriceService& service) { return service.unpriced(*after, 2); });
    ASSERT_TRUE(page.has_value()) << page.error().detail();
    EXPECT_LE(page->models.size(), 2u);
    seen.insert(seen.end(), page->models.begin(), page->models.end());
    after = page->next;
  } while (after);
  ASSERT_EQ(seen.size(), 4u);
  EXPECT_EQ(seen[0].model, "b");
  EXPECT_EQ(seen[0].requests, 5);
  EXPECT_EQ(seen[0].last_used_at, hour * kHourMs);
  EXPECT_EQ(seen[0].reason, pricing::Unpriced::kUnknownModel);
  EXPECT_EQ(seen[1].model, "now-known");
  EXPECT_FALSE(seen[1].reason) << "it has a price by now";
  EXPECT_EQ(seen[2].provider, "kimi");
  EXPECT_EQ(seen[3].provider, "qwen");
}

}  // namespace
}  // namespace latchkey::admin
