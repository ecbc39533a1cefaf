// Queries: each one prepares on the migrations, is indexed, and stays under D1's caps.
#include "store/queries.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "base/limits.h"
#include "store/sql_text.h"
#include "support/test_host.h"

namespace latchkey::store {
namespace {

using test::TestHost;

constexpr std::string_view kQueries = LATCHKEY_D1 "/../wasm/store/queries";

std::set<std::string> file_names() {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kQueries)) {
    EXPECT_EQ(entry.path().extension(), ".sql") << entry.path();
    names.insert(entry.path().stem().string());
  }
  return names;
}

std::string file_text(const std::string& name) {
  std::ifstream in(std::string(kQueries) + "/" + name + ".sql");
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

int highest_parameter(std::string_view sql) {
  int highest = 0;
  for (size_t at = sql.find('?'); at != std::string_view::npos; at = sql.find('?', at + 1)) {
    highest = std::max(highest, std::atoi(std::string(sql.substr(at + 1, 3)).c_str()));
  }
  return highest;
}

TEST(Queries, are_the_files_of_the_folder_and_no_others) {
  std::set<std::string> names;
  for (const NamedQuery& query : all_queries()) {
    EXPECT_TRUE(names.insert(std::string(query.name)).second) << query.name << " is listed twice";
  }
  EXPECT_EQ(names, file_names());
}

TEST(Queries, prepare_on_the_migrations) {
  TestHost host;
  for (const NamedQuery& query : all_queries()) {
    const auto plan = host.db().explain(query.sql);
    EXPECT_TRUE(plan.has_value()) << query.name << ": " << (plan ? "" : plan.error().detail());
  }
}

// is_bounded: a step of a query plan that reads no more when a table grows.
bool is_bounded(std::string_view query, std::string_view step) {
  if (!step.starts_with("SCAN ")) return true;
  const std::string_view what = step.substr(5);
  // Lists that we bind, subqueries (their own steps are listed too), constants.
  if (what.find("VIRTUAL TABLE") != std::string_view::npos || what.starts_with("CONSTANT ROW") ||
      what.starts_with("(")) {
    return true;
  }
  // A handful of rows by nature, or an index that holds only what is wanted.
  for (const std::string_view small : {"plans", "state", "payment_reconciles", "webhooks", "alert_rules", "key_checks",
                                      "d1_migrations"}) {
    if (what == small || what.starts_with(std::string(small) + " ")) return true;
  }
  if (what == "s" || what == "excess") return true;  // state under a short name
  // The ids of one purchase; subqueries with a limit.
  if (what == "newest") return true;  // an aggregate: one row
  if (what == "reach" || what == "old" || what == "page") return true;
  // The licences of the ledger, each by a search; what each of them cost; a page of them.
  if (what == "used" || what == "costs" || what == "dearest") return true;
  for (const std::string_view partial :
       {"provider_keys_published", "licenses_behind_kv", "admin_tokens_by_name", "admin_tokens_managing",
        "payment_deliveries_given_up", "rotations_open"}) {
    if (what.find(partial) != std::string_view::npos) return true;
  }
  // The oldest rows first, up to a bound: in order of the primary key.
  return (query == "audit_delete_old" && (what == "audit_log" || what == "old")) ||
         (query == "usage_event_delete_old" && what == "usage_events");
}

TEST(Queries, use_an_index_for_every_table_that_grows) {
  TestHost host;
  int num_searches = 0;
  for (const NamedQuery& query : all_queries()) {
    const auto plan = host.db().explain(query.sql);
    ASSERT_TRUE(plan.has_value()) << query.name;
    for (const std::string& step : *plan) {
      EXPECT_TRUE(is_bounded(query.name, step)) << query.name << ": " << step;
      num_searches += step.starts_with("SEARCH ");
    }
  }
  // The test reads plans, and not something that never says SCAN.
  EXPECT_GT(num_searches, 20);
  const auto scan = host.db().explain("SELECT * FROM licenses WHERE note = ?1");
  ASSERT_TRUE(scan.has_value());
  EXPECT_FALSE(std::ranges::all_of(*scan, [](const std::string& step) { return is_bounded("x", step); }));
}

TEST(Queries, sort_nothing_that_grows_but_what_a_page_or_a_holder_bounds) {
  TestHost host;
  for (const NamedQuery& query : all_queries()) {
    const auto plan = host.db().explain(query.sql);
    ASSERT_TRUE(plan.has_value());
    const bool sorts = std::ranges::any_of(
        *plan, [](const std::string& step) { return step.find("TEMP B-TREE FOR ORDER BY") != std::string::npos; });
    const std::set<std::string_view> may{"anomaly_list_tries", "license_get_many", "license_list_by_holder", "license_spend_top",
                                         "usage_plan_costs",
                                          "machine_list"};
    if (!may.contains(query.name)) EXPECT_FALSE(sorts) << query.name;
  }
}

TEST(Queries, stay_under_the_caps_of_d1) {
  for (const NamedQuery& query : all_queries()) {
    EXPECT_LT(query.sql.size(), limits::kD1StatementBytesMax / 20u) << query.name;
    EXPECT_LE(highest_parameter(query.sql), limits::kD1BoundParametersMax) << query.name;
    EXPECT_EQ(query.sql.find(';'), std::string_view::npos) << query.name << " must be one statement";
    EXPECT_EQ(query.sql.find("--"), std::string_view::npos) << query.name;
    EXPECT_EQ(query.sql.find("  "), std::string_view::npos) << query.name;
  }
}

TEST(Queries, say_what_every_parameter_is_and_use_it) {
  for (const NamedQuery& query : all_queries()) {
    const std::string text = file_text(std::string(query.name));
    std::string comments;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("--")) comments += line + "\n";
    }
    for (int i = 1; i <= highest_parameter(query.sql); ++i) {
      const std::string parameter = "?" + std::to_string(i);
      EXPECT_NE(comments.find(parameter + " "), std::string::npos) << query.name << " does not explain " << parameter;
      EXPECT_NE(query.sql.find(parameter), std::string_view::npos) << query.name << " skips " << parameter;
    }
  }
}

TEST(SqlText, folds_space_and_drops_comments_but_leaves_texts_alone) {
  // A file as #embed gives it: no zero at its end.
  static constexpr char source[] = {
#embed "quoted.sql"
  };
  static constexpr SqlText text(source);
  EXPECT_EQ(text.view(), "SELECT 1, 'two  -- words' FROM x");
}

}  // namespace
}  // namespace latchkey::store
