#include "host/frame.h"

#include "base/check.h"

namespace latchkey::host {

uint32_t FrameReader::u32() {
  if (rest_.size() < 4) ok_ = false;
  if (!ok_) return 0;
  const uint32_t value = static_cast<uint32_t>(rest_[0]) | static_cast<uint32_t>(rest_[1]) << 8 |
                         static_cast<uint32_t>(rest_[2]) << 16 | static_cast<uint32_t>(rest_[3]) << 24;
  rest_ = rest_.subspan(4);
  return value;
}

std::string_view FrameReader::string() {
  const uint32_t size = u32();
  if (size > rest_.size()) ok_ = false;
  if (!ok_) return {};
  const std::string_view text = as_text(rest_.first(size));
  rest_ = rest_.subspan(size);
  return text;
}

FrameWriter& FrameWriter::u32(uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) out_ += static_cast<char>(value >> shift & 0xff);
  return *this;
}

FrameWriter& FrameWriter::string(std::string_view text) {
  CHECK(text.size() <= UINT32_MAX);
  u32(static_cast<uint32_t>(text.size()));
  out_.append(text);
  return *this;
}

FrameWriter& FrameWriter::string(std::string_view head, std::string_view tail) {
  CHECK(head.size() + tail.size() <= UINT32_MAX);
  u32(static_cast<uint32_t>(head.size() + tail.size()));
  out_.append(head).append(tail);
  return *this;
}

std::optional<StringPairs> read_pairs(FrameReader& frame) {
  const uint32_t count = frame.u32();
  StringPairs pairs;
  for (uint32_t i = 0; i < count && frame.ok(); ++i) {
    const std::string_view name = frame.string();
    const std::string_view value = frame.string();
    if (frame.ok()) pairs.emplace_back(name, value);
  }
  if (!frame.ok()) return std::nullopt;
  return pairs;
}

}  // namespace latchkey::host
