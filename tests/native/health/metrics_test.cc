// What is printed: the same series whatever the figures, each family once, and no number lost.
#include "health/metrics.h"

#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "maintenance/steps.h"
#include "support/service_world.h"
#include "usage/prices.h"

namespace latchkey::health {
namespace {

using test::kTestStart;

// nothing: of a service where nothing happened.
Figures nothing() {
  Figures figures;
  figures.at = figures.d1_at = kTestStart;
  figures.cron_steps.resize(std::size(maintenance::kCronSteps));
  figures.migration = "0001_init";
  return figures;
}

// much: every figure has something, and texts that nobody expects.
Figures much() {
  Figures figures = nothing();
  figures.d1_at = kTestStart - 2500;
  figures.d1_took = 12;
  figures.migration = "0018_metrics";
  for (auto& at : figures.cron_steps) at = kTestStart;
  figures.price_version = 3;
  figures.price_at = kTestStart;
  figures.granted = 41;
  figures.usage_seq = 10'000'000;
  for (Tally* tally : {&figures.licenses, &figures.shared, &figures.denied, &figures.refused, &figures.purchases,
                       &figures.webhooks, &figures.capped}) {
    for (const std::string_view name : tally->names()) tally->add(name, 7);
    tally->add("made\"up\n", 5);
  }
  for (auto& kind : figures.alerts) kind = {1, 2, 3};
  for (ProviderFigures& provider : figures.providers) {
    provider.stored_version = 8;
    provider.published_at = kTestStart;
    provider.verdict = "made up";
    provider.rotation = "staged";
    provider.cost = 1'234'567'890'123;
  }
  return figures;
}

// series: what stands in front of each value.
std::vector<std::string> series(const std::string& text) {
  std::vector<std::string> all;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("#")) all.push_back(line.substr(0, line.rfind(' ')));
  }
  return all;
}

bool has_line(const std::string& text, std::string_view line) {
  return ("\n" + text).find("\n" + std::string(line) + "\n") != std::string::npos;
}

TEST(Metrics, are_the_same_series_whatever_the_figures) {
  const config::Config config = test::test_config();
  const auto few = series(print_metrics(nothing(), config));
  const auto many = series(print_metrics(much(), config));
  EXPECT_EQ(few, many);
  EXPECT_GT(few.size(), 150u);
  EXPECT_LT(few.size(), 300u);
  EXPECT_EQ(std::set(few.begin(), few.end()).size(), few.size()) << "a series is printed twice";
}

TEST(Metrics, are_families_of_our_own_each_once_with_help_and_type_and_samples) {
  const std::string text = print_metrics(much(), test::test_config());
  std::set<std::string> seen;
  std::string family;
  int num_samples = 1;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# HELP ")) {
      EXPECT_GT(num_samples, 0) << family << " has no sample";
      family = line.substr(7, line.find(' ', 7) - 7);
      num_samples = 0;
      EXPECT_TRUE(family.starts_with("latchkey_")) << family;
      EXPECT_TRUE(seen.insert(family).second) << family;
      EXPECT_TRUE(line.ends_with(".")) << line;
    } else if (line.starts_with("# TYPE ")) {
      EXPECT_EQ(line, "# TYPE " + family + (family.ends_with("_total") ? " counter" : " gauge"));
    } else {
      EXPECT_TRUE(line.starts_with(family + "{") || line.starts_with(family + " ")) << line;
      ++num_samples;
    }
  }
  EXPECT_GT(seen.size(), 40u);
}

TEST(Metrics, say_what_the_figures_say) {
  const std::string text = print_metrics(much(), test::test_config());
  for (const char* line :
       {"latchkey_schema_migration 18", "latchkey_d1_answer_seconds 0.012", "latchkey_d1_clock_offset_seconds -2.5",
        "latchkey_licenses{state=\"suspended\"} 7", "latchkey_provisions_granted 41",
        "latchkey_provisions_denied{reason=\"machine_limit\"} 7", "latchkey_provisions_denied{reason=\"other\"} 12",
        "latchkey_refusals{act=\"admin\"} 7", "latchkey_usage_events_total 10000000",
        "latchkey_usage_today_cost_dollars{provider=\"kimi\"} 1234.567890123",
        "latchkey_alerts_open{kind=\"audit_broken\",severity=\"critical\"} 3",
        "latchkey_provider_key_version{provider=\"qwen\"} 8",
        "latchkey_provider_key_check{provider=\"qwen\",verdict=\"refused\"} 0",
        "latchkey_rotation_open{provider=\"qwen\",state=\"staged\"} 1",
        "latchkey_cron_step_success_timestamp_seconds{step=\"outbox\"} 1768478400",
        "latchkey_price_table_timestamp_seconds 1768478400", "latchkey_count_capped{figure=\"usage\"} 7"}) {
    EXPECT_TRUE(has_line(text, line)) << line;
  }
  EXPECT_EQ(text.find("made"), std::string::npos);
}

TEST(Metrics, of_keys_say_where_they_come_from) {
  const std::string secrets = print_metrics(nothing(), test::test_config());
  EXPECT_TRUE(has_line(secrets, "latchkey_provider_key_version{provider=\"kimi\"} 1"));
  const std::string none = print_metrics(nothing(), test::test_config({{"KIMI_API_KEY", ""}}));
  EXPECT_TRUE(has_line(none, "latchkey_provider_key_version{provider=\"kimi\"} 0"));
  EXPECT_TRUE(has_line(none, "latchkey_provider_key_published_timestamp_seconds{provider=\"kimi\"} 0"));
}

TEST(Metrics, hold_no_secret) {
  const std::string text = print_metrics(much(), test::test_config());
  for (const auto& [name, value] : test::test_environment()) {
    if (name.ends_with("KEY") || name.ends_with("TOKEN")) EXPECT_EQ(text.find(value), std::string::npos) << name;
  }
}

TEST(Metrics, date_the_prices_of_the_build_by_their_newest_row) {
  TimeMs newest = 0;
  for (const auto& row : usage::built_in_prices()->list.table().rows) {
    newest = std::max(newest, parse_time(row.as_of.value_or("")).value_or(0));
  }
  EXPECT_GT(newest, *parse_time("2026-01-01"));
  EXPECT_EQ(price_table_at(nothing()), newest);
  Figures stored = nothing();
  stored.price_version = 1;
  stored.price_at = 5;
  EXPECT_EQ(price_table_at(stored), 5);
}

}  // namespace
}  // namespace latchkey::health
