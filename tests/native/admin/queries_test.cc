// Queries of the cookbook: one trip that reads, as many rows as asked for, cells that people can read.
#include "admin/queries.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "support/service_world.h"

namespace latchkey::admin {
namespace {

using store::CellType;
using test::ServiceWorld;

struct QueryWorld : ServiceWorld {
  Result<QueryAnswer> run(const store::Recipe& recipe, const QueryArguments& arguments, uint32_t rows_max) {
    host::Host own(host.platform(), host.new_request(), 5000);
    return host.run(run_query(own, recipe, arguments, rows_max));
  }
  std::string rows(const store::Recipe& recipe, const QueryArguments& arguments, uint32_t rows_max) {
    const auto answer = run(recipe, arguments, rows_max);
    EXPECT_TRUE(answer.has_value()) << answer.error().detail();
    json::Writer out;
    EXPECT_TRUE(write_rows(out, recipe, *answer, rows_max));
    return out.text();
  }
  void add_licenses(int number) {
    for (int i = 0; i < number; ++i) {
      const std::string digits = std::to_string(100 + i);
      add_license({.id = "lic_" + digits, .code = "WRITER-2024-" + digits});
    }
  }
};

store::Recipe recipe_of(std::string_view text) { return store::parse_recipe({"made", text}).value(); }

TEST(FindRecipe, knows_the_files_of_the_cookbook_and_no_others) {
  for (const store::NamedQuery& file : store::cookbook()) {
    const auto recipe = find_recipe(file.name);
    ASSERT_TRUE(recipe.has_value()) << file.name;
    EXPECT_EQ(recipe->name, file.name);
    EXPECT_NE((", " + recipe_names() + ",").find(", " + std::string(file.name) + ","), std::string::npos);
  }
  for (const char* name : {"", "key_age", "key_ages.sql", "../0001_init", "KEY_AGES"}) {
    EXPECT_FALSE(find_recipe(name).has_value()) << name;
  }
}

TEST(RunQuery, runs_each_of_the_cookbook_in_one_trip_that_writes_nothing) {
  QueryWorld world;
  world.add_licenses(2);
  for (const store::NamedQuery& file : store::cookbook()) {
    const auto recipe = find_recipe(file.name).value();
    QueryArguments arguments;
    for (const auto& parameter : recipe.parameters) {
      if (parameter.is_integer) arguments.emplace_back(parameter.value);
      else arguments.emplace_back(std::string("lic_100"));
    }
    const size_t before = world.host.num_started();
    const auto answer = world.run(recipe, arguments, 10);
    ASSERT_TRUE(answer.has_value()) << file.name << ": " << answer.error().detail();
    EXPECT_EQ(world.host.num_started(), before + 1);
    EXPECT_EQ(answer->found.changes(0), 0) << file.name;
  }
}

TEST(RunQuery, binds_what_it_is_given) {
  QueryWorld world;
  const auto recipe = recipe_of(
      "-- Title.\n-- @parameter days integer 1 9 Days.\n-- @parameter license text Which.\n"
      "-- @columns days integer, license, kinds\n"
      "WITH parameter(days, license) AS (VALUES (3, 'x'))\n"
      "SELECT days, license, typeof(days) || ' ' || typeof(license) AS kinds FROM parameter\n");
  EXPECT_EQ(world.rows(recipe, {int64_t{7}, std::string("'; DROP TABLE licenses --")}, 10),
            R"([[7,"'; DROP TABLE licenses --","integer text"]])");
}

TEST(RunQuery, gives_so_many_rows_in_their_order_and_says_where_there_are_more) {
  QueryWorld world;
  world.add_licenses(5);
  const auto recipe = recipe_of("-- Title.\n-- @columns id\nSELECT id FROM licenses ORDER BY id DESC\n");
  EXPECT_EQ(world.rows(recipe, {}, 2), R"([["lic_104"],["lic_103"]])");
  EXPECT_TRUE(world.run(recipe, {}, 4)->has_more);
  EXPECT_FALSE(world.run(recipe, {}, 5)->has_more);
  EXPECT_GE(world.run(recipe, {}, 5)->rows_read(), 0);
}

TEST(RunQuery, keeps_an_order_that_the_query_bounds_itself) {
  QueryWorld world;
  world.add_licenses(5);
  const auto recipe = recipe_of("-- Title.\n-- @columns id\nSELECT id FROM licenses ORDER BY id DESC LIMIT 3\n");
  EXPECT_EQ(world.rows(recipe, {}, 10), R"([["lic_104"],["lic_103"],["lic_102"]])");
}

TEST(RunQuery, makes_of_every_cell_its_columns_type_or_null) {
  QueryWorld world;
  const auto recipe = recipe_of(
      "-- Title.\n-- @columns a integer, b integer, c, d usd, e time, f date, g\n"
      "SELECT 2.0 AS a, NULL AS b, 1.5 AS c, 0.25 AS d, datetime(1768478400, 'unixepoch') AS e, "
      "date(1768478400, 'unixepoch') AS f, NULL AS g\n");
  EXPECT_EQ(world.rows(recipe, {}, 10), R"([[2,null,"1.5","0.25","2026-01-15T12:00:00Z","2026-01-15",null]])");
}

TEST(RunQuery, is_an_outage_where_D1_is) {
  QueryWorld world;
  world.host.fail_op(0, test::Fault::kNotPerformed);
  const auto answer = world.run(find_recipe("behind_kv").value(), {}, 10);
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code(), ErrorCode::kUnavailable);
}

TEST(Shown, is_a_time_as_elsewhere_and_a_long_text_cut_between_characters) {
  EXPECT_EQ(shown(CellType::kTime, "2026-01-15 12:00:00"), "2026-01-15T12:00:00Z");
  EXPECT_EQ(shown(CellType::kTime, "never"), "never");
  EXPECT_EQ(shown(CellType::kText, "2026-01-15 12:00:00"), "2026-01-15 12:00:00");
  std::string umlauts;
  for (size_t i = 0; i < limits::kQueryCellCharsMax; ++i) umlauts += "\u00e4";
  EXPECT_EQ(shown(CellType::kText, umlauts), umlauts);
  EXPECT_EQ(shown(CellType::kText, umlauts + "\u00e4"), umlauts + "\u2026");
  EXPECT_EQ(shown(CellType::kText, ""), "");
}

TEST(WriteRows, stops_where_the_answer_is_long_enough) {
  QueryWorld world;
  const auto recipe = recipe_of(
      "-- Title.\n-- @columns a, b\n"
      "SELECT hex(zeroblob(900)) AS a, hex(zeroblob(900)) AS b FROM json_each('[' || "
      "replace(hex(zeroblob(500)), '0', '1,') || '1]')\n");
  const auto answer = world.run(recipe, {}, limits::kQueryRowsMax);
  ASSERT_TRUE(answer.has_value()) << answer.error().detail();
  EXPECT_TRUE(answer->has_more);
  json::Writer out;
  EXPECT_FALSE(write_rows(out, recipe, *answer, limits::kQueryRowsMax));
  EXPECT_LT(out.text().size(), limits::kQueryAnswerBytesMax + 4096);
  EXPECT_GT(out.text().size(), limits::kQueryAnswerBytesMax - 4096);
  EXPECT_TRUE(json::Document::parse_host(out.text()).has_value());
}

}  // namespace
}  // namespace latchkey::admin
