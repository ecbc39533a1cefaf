// A known answer for each primitive, from published vectors: a build whose compiler or
// library computes wrongly must not start.
#pragma once

namespace latchkey::crypto {

// self_test: false where any answer is wrong. Allocates little and takes under 3 ms in wasm.
bool self_test();

}  // namespace latchkey::crypto
