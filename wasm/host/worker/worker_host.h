// The ports over the wasm ABI.
#pragma once

#include <vector>

#include "host/clock.h"
#include "host/log.h"
#include "host/ops.h"

namespace latchkey::host {

// WorkerOps: operations by token. A token is a slot and its generation, so that an answer
// that comes after its waiter is gone finds nobody.
class WorkerOps final : public OpPort {
 public:
  uint32_t start(RequestId request, OpKind kind, std::string_view payload, OpSink& sink) override;
  void cancel(uint32_t token) override;
  // complete: hands an answer to its waiter, which runs on inside this call.
  void complete(uint32_t token, OpAnswer answer);

 private:
  struct Slot {
    OpSink* sink = nullptr;
    uint32_t generation = 0;
  };
  Slot* find(uint32_t token);
  void free_slot(Slot& slot);

  std::vector<Slot> slots_;
  std::vector<uint32_t> free_;
};

class WorkerClock final : public Clock {
 public:
  TimeMs now() const override;
};

class WorkerLog final : public Log {
 public:
  void write(LogLevel record_level, std::string_view record) override;
};

// respond: the answer of a request, as a response frame.
void respond(RequestId request, std::string_view frame);

}  // namespace latchkey::host
