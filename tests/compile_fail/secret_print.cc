// A Secret cannot be handed to printf.
#include <cstdio>

#include "base/secret.h"

void printed(const latchkey::Secret& secret) { std::printf("%s", secret); }
