// A Secret cannot be copied by assignment.
#include "base/secret.h"

void assigned(latchkey::Secret& to, const latchkey::Secret& from) { to = from; }
