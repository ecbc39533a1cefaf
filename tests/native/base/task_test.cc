#include "base/task.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "host/ops.h"

namespace latchkey {
namespace {

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LATCHKEY_ASAN 1
#endif
#endif

// ManualPort: an OpPort whose operations end when the test says.
class ManualPort final : public host::OpPort {
 public:
  uint32_t start(host::RequestId, host::OpKind, std::string_view payload, host::OpSink& sink) override {
    sinks.push_back(&sink);
    payloads.emplace_back(payload);
    return static_cast<uint32_t>(sinks.size());
  }
  void cancel(uint32_t token) override { cancelled.push_back(token); }

  std::vector<host::OpSink*> sinks;
  std::vector<std::string> payloads;
  std::vector<uint32_t> cancelled;
};

// Witness: counts who is alive in coroutine frames.
struct Witness {
  explicit Witness(int& count) : alive(count) { ++alive; }
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;
  ~Witness() { --alive; }
  int& alive;
};

host::Operation ask(ManualPort& port, std::string payload) {
  return host::Operation(port, 1, host::OpKind::kKvGet, std::move(payload));
}

Task<int> note_and_return(std::vector<std::string>& events, const char* event, int value) {
  events.push_back(event);
  co_return value;
}

Task<int> sum_of_two(std::vector<std::string>& events) {
  events.push_back("begin");
  const int a = co_await note_and_return(events, "first", 1);
  const int b = co_await note_and_return(events, "second", 2);
  events.push_back("end");
  co_return a + b;
}

TEST(Task, does_nothing_before_it_is_started) {
  std::vector<std::string> events;
  {
    const Task<int> task = sum_of_two(events);
    EXPECT_FALSE(task.done());
  }
  EXPECT_TRUE(events.empty());
}

TEST(Task, runs_its_steps_in_order_and_gives_its_value) {
  std::vector<std::string> events;
  Task<int> task = sum_of_two(events);
  task.start();
  ASSERT_TRUE(task.done());
  EXPECT_EQ(task.take(), 3);
  EXPECT_EQ(events, (std::vector<std::string>{"begin", "first", "second", "end"}));
}

Task<> await_child_late(std::vector<std::string>& events) {
  events.push_back("before");
  co_await note_and_return(events, "child", 0);
  events.push_back("after");
}

TEST(Task, child_starts_only_when_it_is_awaited) {
  std::vector<std::string> events;
  Task<> task = await_child_late(events);
  task.start();
  EXPECT_TRUE(task.done());
  EXPECT_EQ(events, (std::vector<std::string>{"before", "child", "after"}));
}

Task<std::unique_ptr<int>> make_owned() { co_return std::make_unique<int>(41); }
Task<int> take_owned() {
  std::unique_ptr<int> owned = co_await make_owned();
  co_return *owned + 1;
}

TEST(Task, carries_values_that_only_move) {
  Task<int> task = take_owned();
  task.start();
  EXPECT_EQ(task.take(), 42);
}

Task<Result<int>> failing() { co_return fail(ErrorCode::kConflict, "No."); }
Task<Result<int>> forwarding(bool& went_on) {
  CO_TRY(const int value, co_await failing());
  went_on = true;
  co_return value;
}

TEST(Task, hands_a_failed_result_on_and_stops_there) {
  bool went_on = false;
  Task<Result<int>> task = forwarding(went_on);
  task.start();
  const Result<int> result = task.take();
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code(), ErrorCode::kConflict);
  EXPECT_FALSE(went_on);
}

Task<int> ready(int value) { co_return value; }
Task<int64_t> sum_of_ready(int count) {
  int64_t sum = 0;
  for (int i = 0; i < count; ++i) sum += co_await ready(i);
  co_return sum;
}

TEST(Task, loop_over_ready_tasks_does_not_grow_the_stack) {
#if defined(LATCHKEY_ASAN)
  // Sanitized builds make no tail calls, so symmetric transfer does grow it.
  constexpr int count = 1'000;
#else
  constexpr int count = 1'000'000;
#endif
  Task<int64_t> task = sum_of_ready(count);
  task.start();
  ASSERT_TRUE(task.done());
  EXPECT_EQ(task.take(), int64_t{count} * (count - 1) / 2);
}

Task<int> nested(int depth, ManualPort& port) {
  if (depth == 0) {
    const host::OpAnswer answer = co_await ask(port, "deep");
    co_return static_cast<int>(answer.payload.size());
  }
  const int below = co_await nested(depth - 1, port);
  co_return below + 1;
}

TEST(Task, answer_resumes_a_deep_chain_from_its_innermost) {
  ManualPort port;
  Task<int> task = nested(500, port);
  task.start();
  ASSERT_FALSE(task.done());
  ASSERT_EQ(port.sinks.size(), 1u);
  port.sinks[0]->complete({host::OpStatus::kOk, "abc"});
  ASSERT_TRUE(task.done());
  EXPECT_EQ(task.take(), 503);
}

Task<std::string> two_questions(ManualPort& port, int& alive) {
  const Witness witness(alive);
  const host::OpAnswer first = co_await ask(port, "one");
  const host::OpAnswer second = co_await ask(port, "two");
  co_return first.payload + second.payload;
}

TEST(Operation, waits_for_its_answer_and_gives_it) {
  ManualPort port;
  int alive = 0;
  Task<std::string> task = two_questions(port, alive);
  EXPECT_EQ(port.sinks.size(), 0u);
  task.start();
  ASSERT_EQ(port.payloads, std::vector<std::string>{"one"});
  port.sinks[0]->complete({host::OpStatus::kOk, "a"});
  ASSERT_EQ(port.payloads, (std::vector<std::string>{"one", "two"}));
  EXPECT_FALSE(task.done());
  port.sinks[1]->complete({host::OpStatus::kMissing, "b"});
  ASSERT_TRUE(task.done());
  EXPECT_EQ(task.take(), "ab");
  EXPECT_TRUE(port.cancelled.empty());
}

Task<std::string> outer(ManualPort& port, int& alive) {
  const Witness witness(alive);
  co_return co_await two_questions(port, alive);
}

TEST(Task, that_is_destroyed_cancels_what_it_waits_for_and_frees_every_frame) {
  for (const size_t num_answered : {size_t{0}, size_t{1}}) {
    ManualPort port;
    int alive = 0;
    {
      Task<std::string> task = outer(port, alive);
      task.start();
      for (size_t i = 0; i < num_answered; ++i) port.sinks[i]->complete({host::OpStatus::kOk, "x"});
      EXPECT_FALSE(task.done());
      EXPECT_EQ(alive, 2);
    }
    EXPECT_EQ(alive, 0);
    EXPECT_EQ(port.cancelled, std::vector<uint32_t>{static_cast<uint32_t>(num_answered + 1)});
  }
}

TEST(Task, that_is_done_cancels_nothing_and_frees_every_frame) {
  ManualPort port;
  int alive = 0;
  {
    Task<std::string> task = outer(port, alive);
    task.start();
    port.sinks[0]->complete({host::OpStatus::kOk, "x"});
    port.sinks[1]->complete({host::OpStatus::kOk, "y"});
    EXPECT_TRUE(task.done());
    EXPECT_EQ(task.take(), "xy");
  }
  EXPECT_EQ(alive, 0);
  EXPECT_TRUE(port.cancelled.empty());
}

TEST(Task, that_was_never_started_frees_its_arguments) {
  auto owned = std::make_shared<int>(1);
  const auto hold = [](std::shared_ptr<int> kept) -> Task<int> { co_return *kept; };
  {
    const Task<int> task = hold(owned);
    EXPECT_EQ(owned.use_count(), 2);
  }
  EXPECT_EQ(owned.use_count(), 1);
}

}  // namespace
}  // namespace latchkey
