// What is left in linear memory when nothing runs: freed blocks are wiped as they are freed,
// and the stack below the exports is wiped when one returns. So a secret lives no longer than
// the request it came with, even where it passed through a plain buffer.
#pragma once

namespace latchkey::entry {

// StackWipe: kWhole overwrites all that is unused; kReached stops below what was used lately, which
// is cheaper and all but as good: for returns while other requests are in flight.
enum class StackWipe : bool { kReached, kWhole };

// wipe_unused_stack: overwrites what the calls of this export left behind. Call it last.
void wipe_unused_stack(StackWipe depth);

}  // namespace latchkey::entry
