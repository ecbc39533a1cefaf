// Operations: the one port through which the core asks its host for something that takes
// time. Two hosts implement it: host/worker (the wasm ABI) and host/sqlite (native).
#pragma once

#include <coroutine>
#include <string>
#include <string_view>
#include <utility>

#include "host/abi.h"

namespace latchkey::host {

using abi::OpKind;
using abi::OpStatus;

// OpAnswer: what came back. `payload` is as abi.h says for the kind; for kUnavailable it
// is a reason for the log.
struct OpAnswer {
  OpStatus status = OpStatus::kUnavailable;
  std::string payload;
};

// OpSink: where an answer goes. Lives in the waiting coroutine's frame.
class OpSink {
 public:
  virtual void complete(OpAnswer answer) = 0;

 protected:
  ~OpSink() = default;
};

// RequestId: which request an operation belongs to; the platform allows no I/O on behalf
// of another. 0 is no request.
using RequestId = uint32_t;

class OpPort {
 public:
  virtual ~OpPort() = default;
  // start: begins an operation and returns a token. `sink` is completed at most once, later
  // (never inside start), and not after cancel. `payload` is copied before start returns.
  virtual uint32_t start(RequestId request, OpKind kind, std::string_view payload, OpSink& sink) = 0;
  // cancel: the waiter is gone; a later answer is dropped.
  virtual void cancel(uint32_t token) = 0;
};

// Operation: co_await it once to run one operation and get its OpAnswer. Destroying it
// while it waits cancels it.
class [[nodiscard]] Operation final : OpSink {
 public:
  Operation(OpPort& port, RequestId request, OpKind kind, std::string payload)
      : port_(port), request_(request), kind_(kind), payload_(std::move(payload)) {}
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;
  ~Operation() {
    if (waiter_) port_.cancel(token_);
  }

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) {
    waiter_ = waiter;
    token_ = port_.start(request_, kind_, payload_, *this);
  }
  OpAnswer await_resume() { return std::move(answer_); }

 private:
  void complete(OpAnswer answer) override {
    answer_ = std::move(answer);
    std::exchange(waiter_, nullptr).resume();
  }

  OpPort& port_;
  RequestId request_;
  OpKind kind_;
  std::string payload_;
  uint32_t token_ = 0;
  std::coroutine_handle<> waiter_;
  OpAnswer answer_;
};

}  // namespace latchkey::host
