// A Secret shows nothing without a named reason.
#include "base/secret.h"

latchkey::ByteView revealed(const latchkey::Secret& secret) { return secret.reveal(); }
