// A Secret cannot be streamed.
#include <iostream>

#include "base/secret.h"

void streamed(const latchkey::Secret& secret) { std::cout << secret; }
