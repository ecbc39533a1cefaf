// Terms: what comes of a plan and a licence's overrides, decided without any store.
#include "admin/terms.h"

#include <gtest/gtest.h>

#include "admin/decide.h"

namespace latchkey::admin {
namespace {

constexpr TimeMs kMade = 1'000 * kDayMs;

config::ProviderSet set_of(std::initializer_list<std::string_view> names) {
  config::ProviderSet set;
  for (const std::string_view name : names) set.add(*config::provider_index(name));
  return set;
}

Plan plan_of(std::optional<int64_t> days, ExpiryFrom from = ExpiryFrom::kCreation) {
  Plan plan{.name = "team", .version = 4, .terms = {}, .created_by = "x", .retired_at = std::nullopt};
  plan.terms.providers = set_of({"kimi", "qwen"});
  plan.terms.deliveries = 3;
  plan.terms.max_machines = 5;
  plan.terms.license_days = days;
  plan.terms.expiry_from = from;
  return plan;
}

TEST(ApplyPlan, sets_the_end_by_the_table) {
  struct Case {
    std::optional<int64_t> days;
    ExpiryFrom from;
    std::optional<std::optional<TimeMs>> override_end;
    std::optional<TimeMs> first;
    std::optional<TimeMs> end;
    std::optional<int64_t> first_use_days;
  };
  constexpr auto kCreation = ExpiryFrom::kCreation;
  constexpr auto kFirstUse = ExpiryFrom::kFirstUse;
  const std::optional<std::optional<TimeMs>> never(std::in_place, std::nullopt);
  const Case cases[] = {
      {std::nullopt, kCreation, {}, {}, {}, {}},
      {10, kCreation, {}, {}, kMade + 10 * kDayMs, {}},
      {10, kCreation, {}, kMade + kDayMs, kMade + 10 * kDayMs, {}},
      {10, kFirstUse, {}, {}, {}, 10},
      {10, kFirstUse, {}, kMade + kDayMs, kMade + 11 * kDayMs, {}},
      {10, kCreation, never, {}, {}, {}},
      {10, kFirstUse, never, {}, {}, {}},
      {10, kFirstUse, std::optional<TimeMs>(5), {}, 5, {}},
      {std::nullopt, kCreation, std::optional<TimeMs>(5), {}, 5, {}},
  };
  for (const Case& one : cases) {
    Overrides overrides;
    overrides.expires_at = one.override_end;
    const LicenseTerms terms = apply_plan(plan_of(one.days, one.from), overrides, kMade, one.first);
    EXPECT_EQ(terms.expires_at, one.end) << &one - cases;
    EXPECT_EQ(terms.first_use_days, one.first_use_days) << &one - cases;
    EXPECT_EQ(terms.plan_version, 4);
  }
  EXPECT_EQ(apply_plan(plan_of(36'500), {}, kTimeMsMax - 1, {}).expires_at, kTimeMsMax);
}

TEST(ApplyPlan, takes_each_override_before_the_plan) {
  const Plan plan = plan_of(10);
  Overrides overrides;
  EXPECT_EQ(apply_plan(plan, overrides, kMade, {}).max_machines, 5);
  overrides.max_machines = 2;
  overrides.providers = set_of({"zhipu"});
  overrides.deliveries = 4;
  const LicenseTerms terms = apply_plan(plan, overrides, kMade, {});
  EXPECT_EQ(terms.max_machines, 2);
  EXPECT_EQ(terms.providers, set_of({"zhipu"}));
  EXPECT_EQ(terms.deliveries, 4);
  EXPECT_EQ(terms.overrides, overrides);
}

TEST(Overrides, survive_print_and_read) {
  std::vector<Overrides> cases(5);
  cases[1].max_machines = 9;
  cases[2].expires_at.emplace(std::nullopt);
  cases[3].expires_at.emplace(77);
  cases[4] = {.providers = set_of({"kimi", "deepseek"}),
              .deliveries = 5,
              .max_machines = 1,
              .expires_at = std::optional<TimeMs>(3),
              .budget = budget::Limits{.monthly = pricing::Nano{7}},
              .enforcement = budget::Enforcement::kWarn};
  for (const Overrides& overrides : cases) {
    const std::string text = print_overrides(overrides);
    const auto document = json::Document::parse_host(text);
    ASSERT_TRUE(document.has_value()) << text;
    EXPECT_EQ(read_overrides(document->root()), overrides) << text;
  }
  EXPECT_EQ(print_overrides(cases[4]),
            R"({"budget":{"monthly":7},"deliveries":5,"enforcement":"warn","expires_at":3,"max_machines":1,)"
            R"("providers":["deepseek","kimi"]})");
  EXPECT_EQ(print_overrides(cases[2]), R"({"expires_at":null})");
}

TEST(InferOverrides, finds_where_an_older_license_is_not_its_plan) {
  const Plan plan = plan_of(10);
  LicenseTerms terms = apply_plan(plan, {}, kMade, {});
  EXPECT_EQ(infer_overrides(plan, terms, kMade), Overrides());
  terms.max_machines = 1;
  terms.expires_at = std::nullopt;
  Overrides wanted;
  wanted.max_machines = 1;
  wanted.expires_at.emplace(std::nullopt);
  EXPECT_EQ(infer_overrides(plan, terms, kMade), wanted);
}

TEST(ReviseTerms, leaves_the_end_alone_unless_the_revision_is_about_it_or_moves_the_license) {
  Plan plan = plan_of(10, ExpiryFrom::kFirstUse);
  LicenseTerms before = apply_plan(plan, {}, kMade, kMade);
  before.expires_at = *before.expires_at + 5;  // As the first grant's own clock had it.
  Overrides overrides;
  overrides.max_machines = 1;
  EXPECT_EQ(revise_terms(before, plan, overrides, kMade, kMade).expires_at, before.expires_at);
  overrides.expires_at.emplace(42);
  EXPECT_EQ(revise_terms(before, plan, overrides, kMade, kMade).expires_at, 42);
  plan.version = 5;
  plan.terms.license_days = 20;
  EXPECT_EQ(revise_terms(before, plan, {}, kMade, kMade).expires_at, kMade + 20 * kDayMs);
}

TEST(TakesAway, is_an_earlier_end_or_a_provider_or_a_delivery_less) {
  const LicenseTerms base = apply_plan(plan_of(10), {}, kMade, {});
  const auto changed = [&](auto change) {
    LicenseTerms after = base;
    change(after);
    return takes_away(base, after);
  };
  EXPECT_FALSE(changed([](LicenseTerms&) {}));
  EXPECT_FALSE(changed([](LicenseTerms& t) { t.max_machines = 1; }));
  EXPECT_FALSE(changed([](LicenseTerms& t) { t.expires_at = std::nullopt; }));
  EXPECT_FALSE(changed([](LicenseTerms& t) { *t.expires_at += 1; }));
  EXPECT_FALSE(changed([](LicenseTerms& t) { t.providers.add(0); }));
  EXPECT_FALSE(changed([](LicenseTerms& t) { t.deliveries = 7; }));
  EXPECT_TRUE(changed([](LicenseTerms& t) { *t.expires_at -= 1; }));
  EXPECT_TRUE(changed([](LicenseTerms& t) { t.providers = set_of({"qwen"}); }));
  EXPECT_TRUE(changed([](LicenseTerms& t) { t.deliveries = 2; }));
  LicenseTerms endless = base;
  endless.expires_at = std::nullopt;
  EXPECT_TRUE(takes_away(endless, base));
}

TEST(ExtendEnd, counts_from_now_where_the_end_has_passed_and_stops_at_the_last_time) {
  EXPECT_EQ(extend_end(100, 1, 50), 100 + kDayMs);
  EXPECT_EQ(extend_end(50, 1, 100), 100 + kDayMs);
  EXPECT_EQ(extend_end(kTimeMsMax - 1, 5, 0), kTimeMsMax);
}

TEST(Amount, is_digits_with_at_most_six_behind_the_point) {
  for (const char* good : {"0", "5", "12.5", "0.000001", "999999999.999999"}) EXPECT_TRUE(is_amount(good)) << good;
  for (const char* bad : {"", ".", "1.", ".5", "01", "-1", "1e3", "1,5", "1.0000001", "1000000000", " 1", "1.2.3"}) {
    EXPECT_FALSE(is_amount(bad)) << bad;
  }
}

TEST(StatusNow, is_expired_only_where_an_active_license_is_past_its_end) {
  EXPECT_EQ(status_now("active", std::nullopt, 10), "active");
  EXPECT_EQ(status_now("active", 11, 10), "active");
  EXPECT_EQ(status_now("active", 10, 10), "expired");
  EXPECT_EQ(status_now("suspended", 9, 10), "suspended");
  EXPECT_EQ(status_now("revoked", 9, 10), "revoked");
}

TEST(StateAfter, names_the_state_of_each_act_that_changes_it) {
  EXPECT_EQ(state_after("license.created"), "active");
  EXPECT_EQ(state_after("license.imported"), "active");
  EXPECT_EQ(state_after("license.reinstated"), "active");
  EXPECT_EQ(state_after("license.suspended"), "suspended");
  EXPECT_EQ(state_after("license.revoked"), "revoked");
  for (const char* other : {"license.changed", "license.reissued", "license.started", "x"}) {
    EXPECT_EQ(state_after(other), std::nullopt) << other;
  }
}

}  // namespace
}  // namespace latchkey::admin
