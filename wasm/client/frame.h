// Frame: how a call's arguments and its results cross into the module: parts, each after its length (4 bytes,
// little-endian). Numbers are parts of 8 bytes, little-endian. client.ts writes and reads the same.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/check.h"

namespace latchkey::client {

// FrameReader: parts in their order. Our own code wrote them, so one that does not fit traps.
class FrameReader {
 public:
  explicit FrameReader(ByteView frame) : rest_(frame) {}

  bool done() const { return rest_.empty(); }
  ByteView bytes() {
    const uint64_t size = little_endian(4);
    CHECK(size <= rest_.size());
    return take(static_cast<size_t>(size));
  }
  std::string_view text() { return as_text(bytes()); }
  uint64_t number() {
    CHECK(little_endian(4) == 8);
    return little_endian(8);
  }

 private:
  ByteView take(size_t size) {
    CHECK(size <= rest_.size());
    const ByteView taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }
  uint64_t little_endian(size_t size) {
    uint64_t value = 0;
    const ByteView bytes = take(size);
    for (size_t i = size; i > 0; --i) value = value << 8 | bytes[i - 1];
    return value;
  }

  ByteView rest_;
};

class FrameWriter {
 public:
  void bytes(ByteView part) {
    little_endian(part.size(), 4);
    frame_.insert(frame_.end(), part.begin(), part.end());
  }
  void text(std::string_view part) { bytes(as_bytes(part)); }
  void number(uint64_t value) {
    little_endian(8, 4);
    little_endian(value, 8);
  }
  const Bytes& frame() const { return frame_; }
  // clear: forgets what was written; where freed blocks are wiped, nothing of it stays.
  void clear() { Bytes().swap(frame_); }

 private:
  void little_endian(uint64_t value, size_t size) {
    for (size_t i = 0; i < size; ++i) frame_.push_back(static_cast<uint8_t>(value >> (8 * i) & 0xff));
  }

  Bytes frame_;
};

}  // namespace latchkey::client
