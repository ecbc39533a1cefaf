// Recipes: every file of the cookbook is one, runs on the migrations, and gives the columns that it names.
#include "store/recipe.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/limits.h"
#include "support/test_host.h"

namespace latchkey::store {
namespace {

using test::TestHost;

constexpr std::string_view kGood =
    "-- What it answers.\n"
    "-- More of it.\n"
    "-- And more.\n"
    "-- @parameter days integer 1 30 How many.\n"
    "-- @parameter license text Which one.\n"
    "-- @columns day date, granted integer\n"
    "-- @columns why\n"
    "-- @plot bars day granted\n"
    "WITH parameter(days, license) AS (VALUES (7, 'lic_...'))\n"
    "SELECT 1 AS day,\n"
    "  2 AS granted, 3 AS why FROM parameter\n";

std::optional<Recipe> parse(std::string_view text) { return parse_recipe({"x", text}); }

std::string changed(std::string_view from, std::string_view to) {
  std::string text(kGood);
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(Recipe, is_what_the_comments_say) {
  const auto recipe = parse(kGood);
  ASSERT_TRUE(recipe.has_value());
  EXPECT_EQ(recipe->name, "x");
  EXPECT_EQ(recipe->title, "What it answers.");
  EXPECT_EQ(recipe->description, "More of it. And more.");
  ASSERT_EQ(recipe->parameters.size(), 2u);
  const Recipe::Parameter& days = recipe->parameters[0];
  EXPECT_EQ(days.name, "days");
  EXPECT_TRUE(days.is_integer);
  EXPECT_EQ(days.min, 1);
  EXPECT_EQ(days.max, 30);
  EXPECT_EQ(days.value, 7);
  EXPECT_EQ(days.description, "How many.");
  EXPECT_FALSE(recipe->find_parameter("license")->is_integer);
  EXPECT_EQ(recipe->find_parameter("newest"), nullptr);
  ASSERT_EQ(recipe->columns.size(), 3u);
  EXPECT_EQ(recipe->columns[0].type, CellType::kDate);
  EXPECT_EQ(recipe->columns[1].type, CellType::kInteger);
  EXPECT_EQ(recipe->columns[2].type, CellType::kText);
  EXPECT_EQ(recipe->columns[2].name, "why");
  ASSERT_TRUE(recipe->plot.has_value());
  EXPECT_EQ(recipe->plot->kind, "bars");
  EXPECT_EQ(recipe->plot->x, "day");
  EXPECT_EQ(recipe->plot->ys, std::vector<std::string_view>{"granted"});
  EXPECT_EQ(recipe->plot->value, "");
}

TEST(Recipe, binds_each_parameter_and_the_bound_and_types_each_column) {
  EXPECT_EQ(parse(kGood)->sql,
            "SELECT substr([day], 1, 1001) AS [day], CAST([granted] AS INTEGER) AS [granted], substr([why], 1, 1001) AS "
            "[why] FROM (WITH parameter(days, license) AS (VALUES (CAST(?1 AS INTEGER), CAST(?2 AS TEXT)))\n"
            "SELECT 1 AS day,\n  2 AS granted, 3 AS why FROM parameter) LIMIT CAST(?3 AS INTEGER)");
  const auto plain = parse("-- Title.\n-- @columns one integer\nSELECT 1 AS one\n");
  ASSERT_TRUE(plain.has_value());
  EXPECT_EQ(plain->sql, "SELECT CAST([one] AS INTEGER) AS [one] FROM (SELECT 1 AS one) LIMIT CAST(?1 AS INTEGER)");
  EXPECT_FALSE(plain->plot.has_value());
}

TEST(Recipe, of_a_heatmap_has_a_value) {
  const std::string text = changed("bars day granted", "heatmap day why granted");
  const auto recipe = parse(text);
  ASSERT_TRUE(recipe.has_value());
  EXPECT_EQ(recipe->plot->x, "day");
  EXPECT_EQ(recipe->plot->ys, std::vector<std::string_view>{"why"});
  EXPECT_EQ(recipe->plot->value, "granted");
}

TEST(Recipe, of_another_form_is_none) {
  const std::pair<std::string_view, std::string_view> changes[] = {
      {"-- @columns day date, granted integer\n-- @columns why\n-- @plot bars day granted\n", ""},
      {"day date", "day moment"},
      {"day date", "Day date"},
      {"@plot bars", "@plot pie"},
      {"bars day granted", "bars day"},
      {"bars day granted", "bars day other"},
      {"bars day granted", "bars other granted"},
      {"bars day granted", "heatmap day granted"},
      {"bars day granted", "heatmap day why other"},
      {"@plot", "@chart"},
      {"integer 1 30", "integer 8 30"},
      {"integer 1 30", "integer 1 6"},
      {"integer 1 30", "integer 1"},
      {"integer 1 30", "integer 30 1"},
      {"integer 1 30", "number 1 30"},
      {"integer 1 30", "text"},
      {"30 How many.", "30"},
      {"-- @parameter license text Which one.\n", ""},
      {"parameter(days, license)", "parameter(license, days)"},
      {"parameter(days, license)", "parameter(days)"},
      {"(7, 'lic_...')", "(7)"},
      {"(7, 'lic_...')", "(7, 8)"},
      {"WITH parameter(days, license) AS (VALUES (7, 'lic_...'))\n", ""},
      {"-- More of it.", "-- "},
  };
  for (const auto& [from, to] : changes) EXPECT_FALSE(parse(changed(from, to)).has_value()) << from << " -> " << to;
  EXPECT_FALSE(parse("").has_value());
  EXPECT_FALSE(parse("SELECT 1 AS one\n").has_value());
}

TEST(Cookbook, is_of_recipes_that_prepare_on_the_migrations_and_only_read) {
  TestHost host;
  std::set<std::string_view> names;
  for (const NamedQuery& file : cookbook()) {
    SCOPED_TRACE(file.name);
    EXPECT_TRUE(names.insert(file.name).second);
    const auto recipe = parse_recipe(file);
    ASSERT_TRUE(recipe.has_value());
    EXPECT_LT(recipe->sql.size(), 4000u);
    EXPECT_LE(recipe->columns.size(), 16u);
    const auto plan = host.db().explain(recipe->sql);
    ASSERT_TRUE(plan.has_value()) << plan.error().detail();
    // Bound values change nothing of how it is run: what searches by them still does.
    const bool searches = std::ranges::any_of(*plan, [](const std::string& step) { return step.starts_with("SEARCH "); });
    const bool reads_all = recipe->description.find("Reads all") != std::string::npos;
    EXPECT_TRUE(searches || reads_all || recipe->sql.find("INDEXED BY") != std::string::npos) << recipe->sql;
    for (const std::string_view word : {"INSERT", "UPDATE", "DELETE", "REPLACE INTO", "DROP", "PRAGMA", ";"}) {
      EXPECT_EQ(recipe->sql.find(word), std::string::npos) << word;
    }
  }
  EXPECT_GE(names.size(), 31u);
}

TEST(Cookbook, asks_for_nothing_but_texts_beyond_its_defaults) {
  for (const NamedQuery& file : cookbook()) {
    const auto recipe = parse_recipe(file);
    ASSERT_TRUE(recipe.has_value()) << file.name;
    for (const Recipe::Parameter& parameter : recipe->parameters) {
      EXPECT_EQ(parameter.is_integer, parameter.name != "license") << file.name;
    }
  }
}

}  // namespace
}  // namespace latchkey::store
