// Who may act as an admin: the tables of decisions, and the text of tokens.
#include "admin/access.h"

#include <gtest/gtest.h>

#include <set>

#include "admin/token.h"
#include "base/limits.h"
#include "support/seeded_random.h"

namespace latchkey::admin {
namespace {

constexpr TimeMs kNow = 1'000'000'000;
constexpr SecretAccess kTest("a test reads a token");

TokenFacts named(Scopes scopes, std::optional<TimeMs> expires_at = {}, std::optional<TimeMs> revoked_at = {}) {
  return {.id = "tok_1", .name = "ci", .scopes = std::move(scopes), .expires_at = expires_at, .revoked_at = revoked_at,
          .last_used_at = {}};
}

TEST(DecideAccess, is_as_the_table_says) {
  const AccessFacts none{};
  const AccessFacts unknown{.is_shown = true};
  const AccessFacts bootstrap_on{.is_shown = true, .is_bootstrap = true, .bootstrap_enabled = true};
  const AccessFacts bootstrap_off{.is_shown = true, .is_bootstrap = true};
  const auto token = [](TokenFacts facts) { return AccessFacts{.is_shown = true, .named = std::move(facts)}; };
  const struct {
    AccessFacts facts;
    Access wanted;
  } rows[] = {
      {none, Access::kNoToken},
      {unknown, Access::kWrongToken},
      {bootstrap_on, Access::kGranted},
      {bootstrap_off, Access::kBootstrapOff},
      {token(named({"licenses:read"})), Access::kGranted},
      {token(named({"*"})), Access::kGranted},
      {token(named({"config:read", "licenses:read"})), Access::kGranted},
      {token(named({"licenses:write"})), Access::kWrongScope},
      {token(named({"licenses"})), Access::kWrongScope},
      {token(named({"licenses:read:all"})), Access::kWrongScope},
      {token(named({})), Access::kWrongScope},
      {token(named({"licenses:read"}, kNow + 1)), Access::kGranted},
      {token(named({"licenses:read"}, kNow)), Access::kExpired},
      {token(named({"licenses:read"}, kNow - 1)), Access::kExpired},
      {token(named({"licenses:read"}, {}, kNow)), Access::kRevoked},
      {token(named({"licenses:read"}, kNow - 1, kNow)), Access::kRevoked},
      {token(named({"licenses:write"}, kNow)), Access::kExpired},
      {token(named({"licenses:write"}, {}, kNow)), Access::kRevoked},
  };
  int row_number = 0;
  for (const auto& row : rows) {
    EXPECT_EQ(decide_access(row.facts, "licenses:read", kNow), row.wanted) << "row " << row_number;
    ++row_number;
  }
}

TEST(DecideAccess, of_a_route_without_a_scope_takes_every_token_that_is_good_and_no_other) {
  const auto token = [](TokenFacts facts) { return AccessFacts{.is_shown = true, .named = std::move(facts)}; };
  EXPECT_EQ(decide_access(token(named({})), "", kNow), Access::kGranted);
  EXPECT_EQ(decide_access(token(named({"usage:read"})), "", kNow), Access::kGranted);
  EXPECT_EQ(decide_access(token(named({"*"}, kNow)), "", kNow), Access::kExpired);
  EXPECT_EQ(decide_access(token(named({"*"}, {}, kNow)), "", kNow), Access::kRevoked);
  EXPECT_EQ(decide_access({.is_shown = true, .is_bootstrap = true}, "", kNow), Access::kBootstrapOff);
  EXPECT_EQ(decide_access({.is_shown = true}, "", kNow), Access::kWrongToken);
  EXPECT_EQ(decide_access({}, "", kNow), Access::kNoToken);
  EXPECT_EQ(decide_cookie_access({}, "", {.is_read = true}), Access::kGranted);
  EXPECT_EQ(decide_cookie_access({"*"}, "", {.is_own_origin = true}), Access::kForeignOrigin);
  EXPECT_FALSE(allows({"usage:read"}, "")) << "no scope is none that a token could hold";
}

TEST(DecideAccess, of_a_switched_off_bootstrap_token_is_no_even_where_a_named_one_has_its_text) {
  const AccessFacts both{.is_shown = true, .is_bootstrap = true, .bootstrap_enabled = false, .named = named({"*"})};
  EXPECT_EQ(decide_access(both, "licenses:read", kNow), Access::kBootstrapOff);
}

TEST(DecideCookieAccess, lets_a_change_come_from_our_own_pages_alone) {
  const Scopes held{"licenses:read", "licenses:write"};
  const CookieFacts read{.is_read = true}, ours{.is_own_origin = true, .is_json = true}, foreign{.is_json = true},
      form{.is_own_origin = true};
  EXPECT_EQ(decide_cookie_access(held, "licenses:read", read), Access::kGranted);
  EXPECT_EQ(decide_cookie_access(held, "licenses:write", ours), Access::kGranted);
  EXPECT_EQ(decide_cookie_access(held, "licenses:write", foreign), Access::kForeignOrigin);
  EXPECT_EQ(decide_cookie_access(held, "licenses:write", form), Access::kForeignOrigin);
  EXPECT_EQ(decide_cookie_access(held, "tokens:read", read), Access::kWrongScope);
  EXPECT_EQ(decide_cookie_access(held, "tokens:write", foreign), Access::kForeignOrigin);
}

TEST(AccessReason, differs_for_each) {
  std::set<std::string_view> reasons;
  for (int i = 0; i <= static_cast<int>(Access::kAccessRefused); ++i) {
    EXPECT_TRUE(reasons.insert(access_reason(static_cast<Access>(i))).second);
  }
}

TEST(MayGrant, never_more_than_the_maker_holds) {
  const struct {
    Scopes held, asked;
    bool wanted;
  } rows[] = {
      {{"*"}, {"*"}, true},
      {{"*"}, {"licenses:read", "tokens:write"}, true},
      {{"tokens:write"}, {"tokens:write"}, true},
      {{"tokens:write", "licenses:read"}, {"licenses:read"}, true},
      {{"tokens:write"}, {"*"}, false},
      {{"tokens:write"}, {"licenses:read"}, false},
      {{"tokens:write", "licenses:read"}, {"licenses:read", "licenses:write"}, false},
      {{}, {"licenses:read"}, false},
  };
  int row_number = 0;
  for (const auto& row : rows) EXPECT_EQ(may_grant(row.held, row.asked), row.wanted) << "row " << row_number++;
}

TEST(DecideBootstrap, is_as_the_table_says) {
  const struct {
    bool is_enabled, wanted, is_by_bootstrap, has_manager;
    std::optional<bool> change;  // nullopt: refused
    ErrorCode error = ErrorCode::kInternal;
  } rows[] = {
      {true, false, true, true, true},
      {true, false, false, true, true},
      {true, false, true, false, std::nullopt, ErrorCode::kConflict},
      {true, false, false, false, std::nullopt, ErrorCode::kConflict},
      {false, true, false, true, true},
      {false, true, false, false, true},
      {false, true, true, true, std::nullopt, ErrorCode::kForbidden},
      {true, true, true, true, std::nullopt, ErrorCode::kForbidden},
      {true, true, false, true, false},
      {false, false, false, false, false},
  };
  int row_number = 0;
  for (const auto& row : rows) {
    const auto decided = decide_bootstrap(row.is_enabled, row.wanted, row.is_by_bootstrap, row.has_manager);
    EXPECT_EQ(decided.has_value(), row.change.has_value()) << "row " << row_number;
    if (decided && row.change) EXPECT_EQ(*decided, *row.change) << "row " << row_number;
    if (!decided) EXPECT_EQ(decided.error().code(), row.error) << "row " << row_number;
    ++row_number;
  }
}

TEST(IsTokenName, is_one_short_word_and_never_that_of_the_bootstrap_token) {
  for (const std::string_view good : {"a", "ci", "ann.lee", "0-day_x", "bootstrap2"}) EXPECT_TRUE(is_token_name(good));
  EXPECT_TRUE(is_token_name(std::string(limits::kAdminTokenNameBytesMax, 'a')));
  EXPECT_FALSE(is_token_name(std::string(limits::kAdminTokenNameBytesMax + 1, 'a')));
  for (const std::string_view bad :
       {"", "bootstrap", "Ann", "-a", ".a", "_a", "a b", "a:b", "a/b", "\xc3\xa4", "a\n"}) {
    EXPECT_FALSE(is_token_name(bad)) << bad;
  }
}

TEST(IsTouchDue, once_an_hour) {
  TokenFacts token = named({"*"});
  EXPECT_TRUE(is_touch_due(token, kNow));
  for (const auto& [age, wanted] : {std::pair{kHourMs - 1, false}, {kHourMs, true}, {TimeMs{0}, false}}) {
    token.last_used_at = kNow - age;
    EXPECT_EQ(is_touch_due(token, kNow), wanted) << age;
  }
}

TEST(Token, has_the_documented_form_and_differs_each_time) {
  // The vector of docs/crypto-formats.md.
  EXPECT_TRUE(is_token("lk_admin_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcd0omAup"));
  testing::SeededRandom random("tokens");
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const Secret token = generate_token(random);
    const std::string text(token.reveal_text(kTest));
    EXPECT_EQ(text.size(), kTokenChars);
    EXPECT_TRUE(is_token(text)) << text;
    EXPECT_TRUE(seen.insert(text).second);
    EXPECT_EQ(token_hint(token), text.substr(0, 13) + "...");
  }
}

TEST(Token, with_any_one_character_changed_or_two_swapped_is_none) {
  testing::SeededRandom random("tokens");
  const std::string text(generate_token(random).reveal_text(kTest));
  for (size_t i = 0; i < text.size(); ++i) {
    for (const char c : std::string("0Zz_ ")) {
      std::string changed = text;
      changed[i] = c;
      if (changed != text) EXPECT_FALSE(is_token(changed)) << changed;
    }
    std::string swapped = text;
    if (i > 0) std::swap(swapped[i - 1], swapped[i]);
    if (swapped != text) EXPECT_FALSE(is_token(swapped)) << swapped;
  }
  EXPECT_FALSE(is_token(text.substr(1)));
  EXPECT_FALSE(is_token(text.substr(0, text.size() - 1)));
  EXPECT_FALSE(is_token(text + "0"));
  EXPECT_FALSE(is_token(""));
}

}  // namespace
}  // namespace latchkey::admin
