// Frames: the binary forms of abi.h. A reader never reads past its end: once something does
// not fit it is spent and every further read gives nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace latchkey::host {

class FrameReader {
 public:
  explicit FrameReader(ByteView bytes) : rest_(bytes) {}
  // ok: nothing read so far was cut off.
  bool ok() const { return ok_; }
  // at_end: everything was read, and read whole.
  bool at_end() const { return ok_ && rest_.empty(); }
  uint32_t u32();
  // string: a view into the frame.
  std::string_view string();

 private:
  ByteView rest_;
  bool ok_ = true;
};

class FrameWriter {
 public:
  explicit FrameWriter(size_t reserve_bytes = 0) { out_.reserve(reserve_bytes); }
  FrameWriter& u32(uint32_t value);
  FrameWriter& string(std::string_view text);
  // string: one string of two parts, so that a secret part is not joined elsewhere first.
  FrameWriter& string(std::string_view head, std::string_view tail);
  std::string take() && { return std::move(out_); }
  const std::string& bytes() const { return out_; }

 private:
  std::string out_;
};

using StringPairs = std::vector<std::pair<std::string_view, std::string_view>>;

// read_pairs: `string pairs`, or nullopt where the frame is cut off or counts more pairs
// than it can hold.
std::optional<StringPairs> read_pairs(FrameReader& frame);

}  // namespace latchkey::host
