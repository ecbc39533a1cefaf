#include "base/error.h"

#include <gtest/gtest.h>

#include <set>

#include "base/result.h"

namespace latchkey {
namespace {

constexpr size_t kNumCodes = static_cast<size_t>(ErrorCode::kUnavailable) + 1;

// Clients and dashboards compare these texts: a change here breaks them.
constexpr const char* kNames[] = {
    "invalid_request",
    "invalid_license",
    "unauthorized",
    "budget_exceeded",
    "forbidden",
    "machine_limit",
    "delivery_forbidden",
    "release_off",
    "not_found",
    "method_not_allowed",
    "conflict",
    "precondition_failed",
    "body_too_large",
    "unsupported_media_type",
    "unprocessable",
    "idempotency_key_reused",
    "rate_limited",
    "release_limit",
    "internal",
    "unavailable",
};

TEST(Error, names_on_the_wire_stay_as_they_are) {
  ASSERT_EQ(std::size(kNames), kNumCodes);
  std::set<std::string_view> seen;
  for (size_t i = 0; i < kNumCodes; ++i) {
    const std::string_view name = error_name(static_cast<ErrorCode>(i));
    EXPECT_EQ(name, kNames[i]);
    EXPECT_TRUE(seen.insert(name).second) << name;
  }
}

TEST(Error, is_retryable_only_where_the_same_request_may_succeed_later) {
  for (size_t i = 0; i < kNumCodes; ++i) {
    const auto code = static_cast<ErrorCode>(i);
    const bool expected = code == ErrorCode::kRateLimited || code == ErrorCode::kReleaseLimit ||
                          code == ErrorCode::kUnavailable || code == ErrorCode::kInternal;
    EXPECT_EQ(is_retryable(code), expected) << error_name(code);
  }
}

Result<int> half(int number) {
  if (number % 2 != 0) return fail(ErrorCode::kInvalidRequest, "The number is odd.", "it is odd");
  return number / 2;
}

Result<int> quarter(int number) {
  TRY(const int halved, half(number));
  TRY(const int again, half(halved));
  return again;
}

TEST(Result, that_failed_is_handed_on_whole) {
  EXPECT_EQ(quarter(12).value(), 3);
  for (const int number : {7, 6}) {
    const Result<int> result = quarter(number);
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code(), ErrorCode::kInvalidRequest);
    EXPECT_EQ(result.error().message(), "The number is odd.");
    EXPECT_EQ(result.error().detail(), "it is odd");
    EXPECT_EQ(result.error().retry_after_seconds, 0u);
  }
}

}  // namespace
}  // namespace latchkey
