// The text format, to the byte: https://prometheus.io/docs/instrumenting/exposition_formats/
#include "health/exposition.h"

#include <gtest/gtest.h>

namespace latchkey::health {
namespace {

std::string line_of(Value value, std::string_view label = {}) {
  Exposition out;
  out.family("x", MetricType::kGauge, "h");
  if (label.empty()) out.sample(value);
  else out.sample(value, {{"l", label}});
  const std::string text = std::move(out).take();
  return text.substr(text.find("gauge\n") + 6);
}

TEST(Exposition, prints_families_with_their_samples_in_order) {
  Exposition out;
  out.family("a_total", MetricType::kCounter, "Things.").sample(whole(3));
  out.family("b_seconds", MetricType::kGauge, "Times.")
      .sample(seconds(1500), {{"x", "1"}, {"y_2", "two"}})
      .sample(seconds(0), {{"x", ""}, {"y_2", "three"}});
  out.family("none", MetricType::kGauge, "No sample.");
  EXPECT_EQ(std::move(out).take(),
            "# HELP a_total Things.\n# TYPE a_total counter\na_total 3\n"
            "# HELP b_seconds Times.\n# TYPE b_seconds gauge\n"
            "b_seconds{x=\"1\",y_2=\"two\"} 1.5\nb_seconds{x=\"\",y_2=\"three\"} 0\n"
            "# HELP none No sample.\n# TYPE none gauge\n");
}

TEST(Exposition, prints_numbers_exactly) {
  const struct {
    Value value;
    std::string_view text;
  } cases[] = {
      {whole(0), "0"},
      {whole(-1), "-1"},
      {whole(INT64_MAX), "9223372036854775807"},
      {whole(INT64_MIN), "-9223372036854775808"},
      {seconds(1768478400123), "1768478400.123"},
      {seconds(1000), "1"},
      {seconds(10), "0.01"},
      {seconds(7), "0.007"},
      {seconds(-7), "-0.007"},
      {seconds(-2500), "-2.5"},
      {seconds(100'000), "100"},
      {dollars(1), "0.000000001"},
      {dollars(1'000'000'000), "1"},
      {dollars(12'345'678'900), "12.3456789"},
      {dollars(INT64_MAX), "9223372036.854775807"},
      {dollars(INT64_MIN), "-9223372036.854775808"},
  };
  for (const auto& [value, text] : cases) EXPECT_EQ(line_of(value), "x " + std::string(text) + "\n");
}

TEST(Exposition, escapes_labels_and_help_as_the_format_says) {
  EXPECT_EQ(line_of(whole(1), "a\\b\"c\nd"), "x{l=\"a\\\\b\\\"c\\nd\"} 1\n");
  EXPECT_EQ(line_of(whole(1), "{},= \xc3\xa9"), "x{l=\"{},= \xc3\xa9\"} 1\n");
  Exposition out;
  out.family("x", MetricType::kGauge, "a\\b\"c\nd");
  EXPECT_EQ(std::move(out).take(), "# HELP x a\\\\b\"c\\nd\n# TYPE x gauge\n");
}

TEST(ExpositionDeathTest, takes_no_name_that_is_none_and_no_counter_without_total) {
  Exposition out;
  for (const char* name : {"", "1x", "a-b", "A", "a b", "a\n", "_a"}) {
    EXPECT_DEATH(out.family(name, MetricType::kGauge, "h"), "") << name;
  }
  EXPECT_DEATH(out.family("events", MetricType::kCounter, "h"), "");
  EXPECT_DEATH(out.family("events_total", MetricType::kGauge, "h"), "");
  EXPECT_DEATH(out.sample(whole(1)), "");
  out.family("x", MetricType::kGauge, "h");
  EXPECT_DEATH(out.sample(whole(1), {{"a\"", "v"}}), "");
}

}  // namespace
}  // namespace latchkey::health
