#include "backup/decide.h"

#include <gtest/gtest.h>

#include "backup/content.h"
#include "base/limits.h"
#include "support/service_world.h"

namespace latchkey::backup {
namespace {

constexpr std::string_view kKey = "lk_backup_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh84O7WPJ";

Header header_of(const config::Config& config) {
  return {.backup_id = "bak_00000000000000000000000001",
          .made_at = test::kTestStart,
          .migrations = {"0001_init"},
          .key = "k",
          .index_key = index_fingerprint(config.index),
          .master_keys = config.master.fingerprints()};
}

TEST(Losses, are_the_keys_of_the_backup_that_the_service_has_not) {
  const config::Config config = test::test_config();
  Header header = header_of(config);
  EXPECT_FALSE(losses_of(header, config).any());
  // The same name, another key.
  header.master_keys.push_back({"m1", "AAAAAAAAAAAAAAAAAAAAAA"});
  header.index_key = "other";
  const Losses losses = losses_of(header, config);
  EXPECT_EQ(losses.master_kids, std::vector<std::string>{"m1"});
  EXPECT_TRUE(losses.index_key);
  // A service with more keys than the backup loses nothing.
  const config::Config richer = test::test_config(
      {{"MASTER_KEY", "m2:" + std::string(43, 'A') + "=,m1:TU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU0="}});
  EXPECT_FALSE(losses_of(header_of(config), richer).any());
}

TEST(Schema, of_backup_and_build_must_be_the_same_and_the_message_names_the_difference) {
  const std::string_view own[] = {"0001_init", "0002_more"};
  EXPECT_TRUE(check_schema({"0001_init", "0002_more"}, own).has_value());
  const auto newer = check_schema({"0001_init", "0002_more", "0003_newer"}, own);
  ASSERT_FALSE(newer.has_value());
  EXPECT_NE(newer.error().message().find("this build lacks: 0003_newer."), std::string::npos);
  const auto older = check_schema({"0001_init"}, own);
  ASSERT_FALSE(older.has_value());
  EXPECT_NE(older.error().message().find("this build has: 0002_more."), std::string::npos);
}

TEST(DecideBegin, takes_an_empty_database_or_goes_on) {
  const Losses none, some{.master_kids = {"k1"}};
  EXPECT_EQ(decide_begin({}, none, false).value(), Begin::kAnew);
  EXPECT_EQ(decide_begin({}, some, true).value(), Begin::kAnew);
  EXPECT_FALSE(decide_begin({}, some, false).has_value());
  EXPECT_FALSE(decide_begin({.tables_in_use = {"licenses"}}, none, true).has_value());
  EXPECT_FALSE(decide_begin({.running = "bak_other"}, none, true).has_value());
  EXPECT_TRUE(decide_begin({.audit_rows = limits::kRestoreAuditRowsMax}, none, false).has_value());
  EXPECT_FALSE(decide_begin({.audit_rows = limits::kRestoreAuditRowsMax + 1}, none, false).has_value());
  // One that was begun has put rows there itself.
  const Found begun{.stand = Stand{.line = 3}, .running = "this one", .tables_in_use = {"machines"}};
  EXPECT_EQ(decide_begin(begun, some, false).value(), Begin::kGoOn);
  const Found done{.stand = Stand{.is_done = true}, .tables_in_use = {"machines"}};
  EXPECT_EQ(decide_begin(done, none, false).value(), Begin::kDone);
}

TEST(DecideTake, takes_the_next_line_and_no_other) {
  const Stand stand{.line = 4, .line_hash = "h4", .end_line = 9};
  EXPECT_EQ(decide_take(stand, {.line = 5, .previous = "h4"}).value(), Take::kTake);
  EXPECT_EQ(decide_take(stand, {.line = 4, .previous = "h3"}).value(), Take::kTaken);
  EXPECT_EQ(decide_take(stand, {.line = 6, .previous = "h5"}).error().code(), ErrorCode::kConflict);
  EXPECT_EQ(decide_take(stand, {.line = 5, .previous = "hx"}).error().code(), ErrorCode::kUnprocessable);
  EXPECT_EQ(decide_take(std::nullopt, {.line = 1}).error().code(), ErrorCode::kConflict);
  EXPECT_EQ(decide_take(Stand{.is_done = true, .line = 9}, {.line = 9}).value(), Take::kTaken);
}

// A row on its way: what it was, whether its sealed value opens, whether INDEX_KEY is lost, what it becomes.
struct RowCase {
  std::string_view table;
  std::string_view was;
  bool opens;
  bool index_lost;
  std::string_view is;
};
constexpr RowCase kRowCases[] = {
    {"machines", R"({"id":"m","released_at":null,"fernet_key":"s"})", true, false,
     R"({"id":"m","released_at":null,"fernet_key":"s"})"},
    {"machines", R"({"id":"m","released_at":null,"fernet_key":"s"})", false, false,
     R"({"id":"m","released_at":null,"fernet_key":null})"},
    {"machines", R"({"id":"m","released_at":null,"fernet_key":null})", false, true,
     R"({"id":"m","released_at":77,"fernet_key":null})"},
    {"machines", R"({"id":"m","released_at":5,"fernet_key":null})", true, true,
     R"({"id":"m","released_at":5,"fernet_key":null})"},
    {"licenses", R"({"id":"l","holder":"s","kv_version":3,"note":"a \"b\" é"})", true, true,
     R"({"id":"l","holder":"s","kv_version":0,"note":"a \"b\" é"})"},
    {"licenses", R"({"id":"l","holder":"s","kv_version":3})", false, false,
     R"({"id":"l","holder":null,"kv_version":0})"},
    {"provider_keys", R"({"id":"k","state":"published","sealed":"s","retired_at":null})", false, false,
     R"({"id":"k","state":"retired","sealed":null,"retired_at":77})"},
    {"provider_keys", R"({"id":"k","state":"published","sealed":"s","retired_at":null})", true, true,
     R"({"id":"k","state":"published","sealed":"s","retired_at":null})"},
    {"provider_keys", R"({"id":"k","state":"retired","sealed":null,"retired_at":4})", false, false,
     R"({"id":"k","state":"retired","sealed":null,"retired_at":4})"},
    {"webhooks", R"({"id":"w","sealed":"s","state":"active"})", false, false,
     R"({"id":"w","sealed":null,"state":"disabled"})"},
    {"admin_tokens", R"({"id":"t","revoked_at":null})", true, true, R"({"id":"t","revoked_at":77})"},
    {"admin_tokens", R"({"id":"t","revoked_at":null})", true, false, R"({"id":"t","revoked_at":null})"},
    {"audit_log", R"({"seq":9007199254740991,"details":"{\"a\":1}"})", false, true,
     R"({"seq":9007199254740991,"details":"{\"a\":1}"})"},
};

TEST(RestoredRows, keep_what_can_be_kept) {
  for (const RowCase& one : kRowCases) {
    const auto rows = json::Document::parse_host("[" + std::string(one.was) + "]");
    ASSERT_TRUE(rows.has_value());
    const Opens opens = [&](const SealedColumn&, json::Value, std::string_view) { return one.opens; };
    const auto restored = restored_rows(table_index(one.table), rows->root(), opens, one.index_lost, 77);
    ASSERT_TRUE(restored.has_value());
    EXPECT_EQ(restored->json, "[" + std::string(one.is) + "]");
    EXPECT_EQ(restored->count, 1);
    const bool has_sealed = one.was.find("\"s\"") != std::string_view::npos;
    EXPECT_EQ(restored->lost.total(), !one.opens && has_sealed ? 1 : 0) << one.was;
  }
}

TEST(RestoredRows, are_nothing_where_they_are_malformed) {
  const Opens opens = [](const SealedColumn&, json::Value, std::string_view) { return true; };
  for (const char* text : {"{}", "[1]", R"([{"id":[1]}])", R"([{"id":1.5}])", R"([{"id":true}])", "[[]]"}) {
    const auto rows = json::Document::parse_host(text);
    ASSERT_TRUE(rows.has_value()) << text;
    EXPECT_FALSE(restored_rows(0, rows->root(), opens, false, 0).has_value()) << text;
  }
}

TEST(BackupKey, has_one_form_and_a_checksum) {
  const auto key = Key::parse(Secret::copy_of(kKey));
  ASSERT_TRUE(key.has_value());
  const std::string text(kKey);
  for (const std::string& wrong : {text + "x", text.substr(1), text.substr(0, text.size() - 1),
                                   "lk_backup_B" + text.substr(11), text.substr(0, 59 - 1) + "0",
                                   "lk_admin__" + text.substr(10), std::string()}) {
    EXPECT_FALSE(Key::parse(Secret::copy_of(wrong)).has_value()) << wrong;
  }
}

TEST(BackupLine, opens_in_its_place_only) {
  const Key key = *Key::parse(Secret::copy_of(kKey));
  testing::SeededRandom random("line");
  const Place home{"bak_00000000000000000000000001", 3, line_hash("before")};
  const std::string line = key.seal(random, home, R"({"table":"plans","rows":[]})");
  const auto content = open_line(key, home, line);
  ASSERT_TRUE(content.has_value());
  EXPECT_EQ(content->table_name(), "plans");
  Place other = home;
  other.line = 4;
  EXPECT_EQ(open_line(key, other, line).error().code(), ErrorCode::kUnprocessable);
  other = home;
  other.previous = line_hash("another");
  EXPECT_FALSE(open_line(key, other, line).has_value());
  other = home;
  other.backup_id.back() = '2';
  EXPECT_FALSE(open_line(key, other, line).has_value());
  for (const char* text : {"", "{}", R"({"table":"none","rows":[]})", "x"}) {
    EXPECT_FALSE(open_line(key, home, key.seal(random, home, text)).has_value()) << text;
  }
}

TEST(BackupHeader, is_read_as_it_was_written) {
  const config::Config config = test::test_config();
  const Key key = *Key::parse(Secret::copy_of(kKey));
  const Header made = make_header(config, key, "bak_00000000000000000000000001", test::kTestStart);
  const auto read = parse_header(print(made));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->backup_id, made.backup_id);
  EXPECT_EQ(read->made_at, made.made_at);
  EXPECT_EQ(read->migrations, made.migrations);
  EXPECT_EQ(read->master_keys, made.master_keys);
  EXPECT_EQ(read->key, key.fingerprint());
  for (const char* text : {"", "[]", "{}", R"({"format":"latchkey-backup","version":2})",
                           R"({"format":"latchkey-backup","version":1})"}) {
    EXPECT_FALSE(parse_header(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace latchkey::backup
