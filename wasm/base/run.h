// Run: whether an act takes effect, or only shows what it would do.
#pragma once

namespace latchkey {

enum class Run : bool { kDry, kReal };

}  // namespace latchkey
