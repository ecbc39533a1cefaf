// What must not stay in the module's memory once a call is over.
#pragma once

namespace latchkey::client {

// wipe_unused_stack: the part that the calls before have used and nobody uses now.
void wipe_unused_stack();

}  // namespace latchkey::client
