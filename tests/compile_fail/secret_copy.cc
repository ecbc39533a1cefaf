// A Secret cannot be copied.
#include "base/secret.h"

latchkey::Secret copied(const latchkey::Secret& secret) { return secret; }
