// Drivers: run a scenario under every fault, or in every order.
//
// A World is what one run needs, made fresh for each: default constructible, with a member
// `host` of type TestHost; its other members are destroyed before it, so they come after.
// A scenario is a function (World&) -> Task<>; it may be a lambda with captures, because the
// driver holds it until all runs are over. Inside it EXPECT_* works and ASSERT_* does not.
// A check is a function (World&, ...) with EXPECT_*: what must hold whatever happened.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/task.h"
#include "support/test_host.h"

namespace latchkey::test {

// FaultPoint: which operation was made to fail in a run, and how. `index` counts from 0.
struct FaultPoint {
  uint32_t index = 0;
  Fault fault = Fault::kNone;
};

namespace drivers_internal {

constexpr uint32_t kOpsPerScenarioMax = 200;

inline std::string describe(const TestHost& host, FaultPoint point) {
  if (point.fault == Fault::kNone) return "no operation failed";
  return "operation " + std::to_string(point.index) + " (" +
         std::string(op_kind_name(host.history()[point.index])) + ") failed: " +
         std::string(fault_name(point.fault));
}

// Runs the scenario with one fault. False where the run never came to that operation.
template <class World, class Scenario, class Check>
bool run_once(Scenario& scenario, Check& check, FaultPoint point) {
  auto world = std::make_unique<World>();
  TestHost& host = world->host;
  const uint32_t first = host.num_started();
  if (point.fault != Fault::kNone) host.fail_op(first + point.index, point.fault);
  const bool can_end = point.fault != Fault::kNeverPerformed && point.fault != Fault::kNeverAnswered;
  {
    Task<> task = scenario(*world);
    task.start();
    host.run_all();
    if (point.fault != Fault::kNone && host.num_started() <= first + point.index) return false;
    const ::testing::ScopedTrace trace(__FILE__, __LINE__,
                                       describe(host, {first + point.index, point.fault}));
    if (can_end) EXPECT_TRUE(task.done()) << "the scenario does not end";
  }
  // The task is gone: where it still waited, that was its cancellation.
  const ::testing::ScopedTrace trace(__FILE__, __LINE__,
                                     describe(host, {first + point.index, point.fault}));
  check(*world, point);
  return true;
}

template <class World, class Scenario, class Check>
uint32_t fail_each(Scenario& scenario, Check& check, std::initializer_list<Fault> faults) {
  run_once<World>(scenario, check, FaultPoint{});
  uint32_t num_ops = 0;
  for (const Fault fault : faults) {
    uint32_t index = 0;
    while (run_once<World>(scenario, check, FaultPoint{index, fault})) {
      ++index;
      CHECK(index < kOpsPerScenarioMax);
    }
    num_ops = std::max(num_ops, index);
  }
  return num_ops;
}

// Choices: one path through a tree of choices. It is replayed from the root in every run,
// and advance() moves it to the next leaf.
class Choices {
 public:
  size_t choose(size_t num_options) {
    if (depth_ == path_.size()) path_.push_back({0, num_options});
    // The same choices lead to the same tree, or the scenario is not deterministic.
    CHECK(path_[depth_].num_options == num_options);
    return path_[depth_++].taken;
  }
  bool advance() {
    depth_ = 0;
    while (!path_.empty() && path_.back().taken + 1 == path_.back().num_options) path_.pop_back();
    if (path_.empty()) return false;
    ++path_.back().taken;
    return true;
  }

 private:
  struct Choice {
    size_t taken;
    size_t num_options;
  };
  std::vector<Choice> path_;
  size_t depth_ = 0;
};

// Step: what may happen next in an interleaved run.
struct Step {
  enum class Kind : uint8_t { kStartA, kStartB, kPerform, kDeliver, kComplete } kind;
  size_t position = 0;
};

}  // namespace drivers_internal

// fail_every_await runs `scenario` without a fault, and then once for each operation it
// begins and each of two faults: the operation is not performed, or it is and its answer is
// lost. After each run calls check(world, fault_point). Gives how many operations there were.
template <class World, class Scenario, class Check>
uint32_t fail_every_await(Scenario scenario, Check check) {
  return drivers_internal::fail_each<World>(scenario, check, {Fault::kNotPerformed, Fault::kAnswerLost});
}

// cancel_every_await: the same, but the answer never comes and the waiting task is destroyed,
// as when the client hangs up: with the operation performed, and without.
template <class World, class Scenario, class Check>
uint32_t cancel_every_await(Scenario scenario, Check check) {
  return drivers_internal::fail_each<World>(scenario, check,
                                            {Fault::kNeverPerformed, Fault::kNeverAnswered});
}

// Orders: which orders interleave_two tries.
//   kEffectsAndAnswers  an operation takes effect and its answer arrives at two moments, and
//                       anything may happen between. All there is; grows fast: 252 runs where
//                       each task has two operations, 3432 at three
//   kEffects            an operation takes effect and is answered at once: 20 runs at two
//                       operations each, 70 at three
enum class Orders : uint8_t { kEffectsAndAnswers, kEffects };

// interleave_two runs two scenarios on one world in every order: of their starts, and of
// what their operations do. Calls check(world) after each run; stops at the first order that
// fails and prints it. Gives the number of orders. More than `runs_max` fail the test.
template <class World, class ScenarioA, class ScenarioB, class Check>
uint32_t interleave_two(ScenarioA make_a, ScenarioB make_b, Check check,
                        Orders orders = Orders::kEffectsAndAnswers, uint32_t runs_max = 20'000) {
  using drivers_internal::Step;
  drivers_internal::Choices choices;
  uint32_t num_runs = 0;
  do {
    if (++num_runs > runs_max) {
      ADD_FAILURE() << "more than " << runs_max << " orders";
      return num_runs;
    }
    auto world = std::make_unique<World>();
    TestHost& host = world->host;
    Task<> a = make_a(*world);
    Task<> b = make_b(*world);
    bool is_a_started = false;
    bool is_b_started = false;
    std::string order;
    for (;;) {
      std::vector<Step> steps;
      if (!is_a_started) steps.push_back({Step::Kind::kStartA});
      if (!is_b_started) steps.push_back({Step::Kind::kStartB});
      for (size_t i = 0; i < host.pending().size(); ++i) {
        if (orders == Orders::kEffects) steps.push_back({Step::Kind::kComplete, i});
        else if (!host.pending()[i].answer) steps.push_back({Step::Kind::kPerform, i});
        else if (host.is_deliverable(i)) steps.push_back({Step::Kind::kDeliver, i});
      }
      if (steps.empty()) break;
      const Step step = steps[choices.choose(steps.size())];
      const auto name = [&](const char* verb) {
        order += std::string(verb) + " " + std::to_string(host.pending()[step.position].index) + ", ";
      };
      switch (step.kind) {
        case Step::Kind::kStartA: order += "start a, "; is_a_started = true; a.start(); break;
        case Step::Kind::kStartB: order += "start b, "; is_b_started = true; b.start(); break;
        case Step::Kind::kPerform: name("perform"); host.perform(step.position); break;
        case Step::Kind::kDeliver: name("deliver"); host.deliver(step.position); break;
        case Step::Kind::kComplete: name("complete"); host.complete(step.position); break;
      }
    }
    const bool had_failed = ::testing::Test::HasFailure();
    const ::testing::ScopedTrace trace(__FILE__, __LINE__, "order: " + order + "end");
    EXPECT_TRUE(a.done()) << "task a does not end";
    EXPECT_TRUE(b.done()) << "task b does not end";
    check(*world);
    if (!had_failed && ::testing::Test::HasFailure()) return num_runs;
  } while (choices.advance());
  return num_runs;
}

}  // namespace latchkey::test
