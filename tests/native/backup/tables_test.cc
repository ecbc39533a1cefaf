// No table, column or sealed value of the schema is forgotten by a backup. The queries that list and insert a table's
// rows are made from the schema here: LATCHKEY_WRITE_BACKUP_QUERIES=1 writes them.
#include "backup/tables.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "store/queries.h"
#include "support/test_host.h"

namespace latchkey::backup {
namespace {

using test::TestHost;

constexpr std::string_view kQueries = LATCHKEY_D1 "/../wasm/store/queries/";
constexpr size_t kColumns = 110;
constexpr std::string_view kMade = "Made by tests/native/backup/tables_test.cc.";

struct Column {
  std::string name;
  std::string type;
  int64_t key = 0;  // its place in the primary key, from 1
};

std::vector<Column> columns_of(TestHost& host, std::string_view table) {
  std::vector<Column> columns;
  const auto answer = host.query(std::move(
      host::Batch().add("SELECT name, type, pk FROM pragma_table_info(?1) ORDER BY cid").bind(table)));
  answer.each_row(0, [&](host::Row row) {
    columns.push_back({std::string(row.text("name")), std::string(row.text("type")), row.integer("pk")});
  });
  return columns;
}

std::vector<std::string> keys_of(std::vector<Column> columns) {
  std::erase_if(columns, [](const Column& column) { return column.key == 0; });
  std::ranges::sort(columns, {}, &Column::key);
  std::vector<std::string> names;
  for (const Column& column : columns) names.push_back(column.name);
  return names;
}

std::string join(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : ", ") + item;
  return out;
}

// wrapped: head, items joined by commas, tail, in lines of kColumns.
std::string wrapped(std::string line, const std::vector<std::string>& items, std::string_view tail) {
  std::string out;
  for (size_t i = 0; i < items.size(); ++i) {
    const std::string piece = items[i] + (i + 1 < items.size() ? "," : std::string(tail));
    const std::string space = line.ends_with('(') || line.ends_with(' ') ? "" : " ";
    if (line.size() + space.size() + piece.size() > kColumns) {
      out += line + "\n";
      line = "  " + piece;
    } else {
      line += space + piece;
    }
  }
  return out + line + "\n";
}

std::string list_query(const std::string& table, const std::vector<Column>& columns) {
  const std::vector<std::string> keys = keys_of(columns);
  std::vector<std::string> members, after;
  for (const Column& column : columns) members.push_back("'" + column.name + "', " + column.name);
  for (size_t i = 0; i < keys.size(); ++i) after.push_back("?1 ->> " + std::to_string(i));
  const std::string names = keys.size() == 1 ? keys[0] : "(" + join(keys) + ")";
  return "-- A slice of a backup. " + std::string(kMade) + " Index: " + table + " primary key.\n" +
         "-- ?1 JSON array: the key after which to go on, ?2 how many\n" +
         wrapped("SELECT json_array(" + join(keys) + ") AS key, json_object(", members, ") AS row") + "FROM " + table +
         " WHERE " + names + " > (" + join(after) + ") ORDER BY " + join(keys) + "\nLIMIT CAST(?2 AS INTEGER)\n";
}

std::string insert_query(const std::string& table, const std::vector<Column>& columns) {
  const std::vector<std::string> keys = keys_of(columns);
  std::vector<std::string> names, values, sets;
  for (const Column& column : columns) {
    names.push_back(column.name);
    values.push_back("value ->> '" + column.name + "'");
    if (column.key == 0) sets.push_back(column.name + " = excluded." + column.name);
  }
  std::string out = "-- A slice of a restore; nothing where that doesn't stand right before this line. " +
                    std::string(kMade) + "\n-- Index: " + table + " primary key.\n" +
                    "-- ?1 JSON array of rows, ?2 backup, ?3 line\n";
  out += wrapped("INSERT INTO " + table + " (", names, ")") + wrapped("SELECT ", values, "");
  out += "FROM json_each(?1)\n"
         "WHERE EXISTS (SELECT 1 FROM restores WHERE backup_id = ?2 AND state = 'running' AND line = ?3 - 1)\n";
  // Licences were here first, with stubs of the plans they name.
  if (table == "plans") return out + wrapped("ON CONFLICT (" + join(keys) + ") DO UPDATE SET ", sets, "");
  return out + "ON CONFLICT DO NOTHING\n";
}

std::string find_query(TestHost& host) {
  std::vector<std::string> items;
  for (const std::string_view name : std::span(kTables).first(kFirstLogTable)) {
    const std::string table(name);
    const std::vector<Column> columns = columns_of(host, table);
    const std::string key = keys_of(columns).front();
    const auto column = std::ranges::find(columns, key, &Column::name);
    const std::string fresh = table == "plans" ? " AND created_by <> 'migration'" : "";
    items.push_back("EXISTS (SELECT 1 FROM " + table + " WHERE " + key + " > " +
                    (column->type == "TEXT" ? "''" : "0") + fresh + ") AS " + table);
  }
  return "-- Which tables hold rows that no migration put there. " + std::string(kMade) +
         "\n-- Indexes: primary keys.\n" + wrapped("SELECT ", items, "");
}

void expect_file(const std::string& name, const std::string& wanted) {
  const std::string path = std::string(kQueries) + name + ".sql";
  if (std::getenv("LATCHKEY_WRITE_BACKUP_QUERIES") != nullptr) std::ofstream(path) << wanted;
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  EXPECT_EQ(text.str(), wanted) << name << ".sql is behind the schema. Run this test with "
                                << "LATCHKEY_WRITE_BACKUP_QUERIES=1, then build again.";
}

TEST(BackupTables, are_all_tables_of_the_schema_or_left_out_by_name) {
  TestHost host;
  std::set<std::string> known(std::begin(kTables), std::end(kTables));
  for (const LeftOut& left : kLeftOut) {
    EXPECT_TRUE(known.insert(std::string(left.name)).second) << left.name << " is in both lists";
    EXPECT_FALSE(left.why.empty());
  }
  std::set<std::string> found;
  const auto answer = host.query("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
                                 "AND name NOT LIKE '_cf_%' AND name <> 'd1_migrations'");
  answer.each_row(0, [&](host::Row row) { found.insert(std::string(row.text("name"))); });
  for (const std::string& table : found) {
    EXPECT_TRUE(known.contains(table)) << table << " is not backed up: put it into kTables or kLeftOut of "
                                       << "wasm/backup/tables.h, and its queries into tables.cc";
  }
  for (const std::string& table : known) EXPECT_TRUE(found.contains(table)) << table << " is no table";
}

TEST(BackupTables, have_queries_with_every_column) {
  TestHost host;
  for (const std::string_view name : kTables) {
    const std::string table(name);
    const std::vector<Column> columns = columns_of(host, table);
    ASSERT_FALSE(keys_of(columns).empty()) << table;
    for (const Column& column : columns) {
      EXPECT_TRUE(column.type == "TEXT" || column.type == "INTEGER")
          << table << "." << column.name << ": json_object() would round a " << column.type;
    }
    expect_file("backup_list_" + table, list_query(table, columns));
    expect_file("restore_insert_" + table, insert_query(table, columns));
  }
  expect_file("restore_find_rows", find_query(host));
}

TEST(BackupTables, are_read_from_their_beginning_by_the_key_that_their_query_compares) {
  TestHost host;
  for (size_t i = 0; i < kNumTables; ++i) {
    std::string wanted = "[";
    const std::vector<Column> columns = columns_of(host, kTables[i]);
    for (const std::string& key : keys_of(columns)) {
      const auto column = std::ranges::find(columns, key, &Column::name);
      wanted += std::string(wanted.size() > 1 ? "," : "") + (column->type == "TEXT" ? "\"\"" : "0");
    }
    EXPECT_EQ(queries_of(i).before_first, wanted + "]") << kTables[i];
    EXPECT_NE(queries_of(i).list.find(" FROM " + std::string(kTables[i]) + " "), std::string_view::npos);
    EXPECT_TRUE(queries_of(i).insert.starts_with("INSERT INTO " + std::string(kTables[i]) + " "));
  }
}

// What a migration's comment calls sealed.
TEST(BackupTables, name_every_sealed_column) {
  std::set<std::string> left_out;
  for (const LeftOut& left : kLeftOut) left_out.insert(std::string(left.name));
  int num_sealed = 0;
  for (const auto& entry : std::filesystem::directory_iterator(LATCHKEY_D1)) {
    std::ifstream in(entry.path());
    std::string table;
    for (std::string line; std::getline(in, line);) {
      std::istringstream words(line);
      std::string first, second, third;
      words >> first >> second >> third;
      if (first == "CREATE" && second == "TABLE") table = third;
      if (first == "ALTER") table = third;
      const bool is_column = second.starts_with("TEXT") && (first == "sealed" || line.find("-- sealed") != std::string::npos);
      if (!is_column || left_out.contains(table)) continue;
      ++num_sealed;
      EXPECT_TRUE(std::ranges::any_of(sealed_columns(), [&](const SealedColumn& column) {
        return kTables[column.table] == table && column.column == first;
      })) << table << "." << first << " is sealed: name it in sealed_columns() of wasm/backup/tables.cc";
    }
  }
  EXPECT_EQ(num_sealed, static_cast<int>(sealed_columns().size()));
}

TEST(BackupTables, state_has_all_its_columns_in_the_last_line_but_what_begins_anew) {
  TestHost host;
  for (const Column& column : columns_of(host, "state")) {
    if (column.name == "id") continue;
    EXPECT_NE(store::kRestoreSetState.find(column.name + " = "), std::string_view::npos)
        << column.name << ": say in restore_set_state.sql what becomes of it";
    if (column.name.starts_with("kv_") || column.name == "usage_rolled_seq" || column.name == "cron_steps") continue;
    EXPECT_NE(store::kBackupGetState.find("'" + column.name + "'"), std::string_view::npos)
        << column.name << ": add it to backup_get_state.sql";
  }
}

TEST(BackupTables, the_build_knows_the_migrations_it_is_for) {
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(LATCHKEY_D1)) {
    if (entry.path().extension() == ".sql") files.insert(entry.path().stem().string());
  }
  const auto names = store::migrations();
  EXPECT_EQ((std::set<std::string>(names.begin(), names.end())), files);
  EXPECT_TRUE(std::ranges::is_sorted(names));
}

}  // namespace
}  // namespace latchkey::backup
