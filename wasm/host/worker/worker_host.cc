#include "host/worker/worker_host.h"

#include <cmath>

#include "base/bytes.h"
#include "base/check.h"

// The imports of abi.h, as the linker is to name them.
#define LATCHKEY_DECLARE_IMPORT(name, result, parameters) \
  extern "C" __attribute__((import_module("latchkey"), import_name(#name))) result latchkey_##name parameters;
LATCHKEY_IMPORTS(LATCHKEY_DECLARE_IMPORT)
#undef LATCHKEY_DECLARE_IMPORT

namespace latchkey::host {
namespace {

constexpr uint32_t kSlotBits = 14;
constexpr uint32_t kSlotMask = (1u << kSlotBits) - 1;

const uint8_t* bytes_of(std::string_view text) { return as_bytes(text).data(); }
uint32_t length_of(std::string_view text) { return static_cast<uint32_t>(text.size()); }

}  // namespace

uint32_t WorkerOps::start(RequestId request, OpKind kind, std::string_view payload, OpSink& sink) {
  if (free_.empty()) {
    CHECK(slots_.size() < kSlotMask);
    slots_.emplace_back();
    free_.push_back(static_cast<uint32_t>(slots_.size() - 1));
  }
  const uint32_t index = free_.back();
  free_.pop_back();
  Slot& slot = slots_[index];
  slot.sink = &sink;
  const uint32_t token = slot.generation << kSlotBits | index;
  latchkey_start_op(request, token, static_cast<uint32_t>(kind), bytes_of(payload), length_of(payload));
  return token;
}

WorkerOps::Slot* WorkerOps::find(uint32_t token) {
  const uint32_t index = token & kSlotMask;
  if (index >= slots_.size()) return nullptr;
  Slot& slot = slots_[index];
  const bool is_current = slot.sink != nullptr && (slot.generation << kSlotBits | index) == token;
  return is_current ? &slot : nullptr;
}

void WorkerOps::free_slot(Slot& slot) {
  slot.sink = nullptr;
  ++slot.generation;
  free_.push_back(static_cast<uint32_t>(&slot - slots_.data()));
}

void WorkerOps::cancel(uint32_t token) {
  if (Slot* slot = find(token)) free_slot(*slot);
}

void WorkerOps::complete(uint32_t token, OpAnswer answer) {
  Slot* slot = find(token);
  if (slot == nullptr) return;
  OpSink& sink = *slot->sink;
  free_slot(*slot);
  sink.complete(std::move(answer));
}

TimeMs WorkerClock::now() const { return static_cast<TimeMs>(std::floor(latchkey_now_ms())); }

void WorkerLog::write(LogLevel record_level, std::string_view record) {
  if (wants(record_level)) {
    latchkey_log(static_cast<uint32_t>(record_level), bytes_of(record), length_of(record));
  }
}

void respond(RequestId request, std::string_view frame) {
  latchkey_respond(request, bytes_of(frame), length_of(frame));
}

}  // namespace latchkey::host
