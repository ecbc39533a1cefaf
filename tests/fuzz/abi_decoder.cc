// Fuzzes the frame decoder: no input reads past its end, and what is read whole is written
// again to the same bytes.
#include <string>

#include "base/check.h"
#include "host/frame.h"

using latchkey::ByteView;
using latchkey::host::FrameReader;
using latchkey::host::FrameWriter;
using latchkey::host::read_pairs;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // A request frame: seven strings, then the headers.
  FrameReader frame(ByteView(data, size));
  std::string_view strings[7];
  for (std::string_view& text : strings) text = frame.string();
  const auto headers = read_pairs(frame);
  CHECK(headers.has_value() == frame.ok());
  if (!headers) {
    CHECK(frame.u32() == 0 && frame.string().empty() && !frame.at_end());
  } else {
    FrameWriter out;
    for (const std::string_view text : strings) out.string(text);
    out.u32(static_cast<uint32_t>(headers->size()));
    for (const auto& [name, value] : *headers) out.string(name).string(value);
    const std::string_view read(reinterpret_cast<const char*>(data), size);
    CHECK(read.starts_with(out.bytes()));
    CHECK(frame.at_end() == (out.bytes().size() == size));
  }

  // A list of pairs alone, as configure() takes it.
  FrameReader pairs_frame(ByteView(data, size));
  if (const auto pairs = read_pairs(pairs_frame)) {
    // Each pair has two lengths, so a count cannot outgrow the frame.
    CHECK(pairs->size() <= size / 8);
  }
  return 0;
}
