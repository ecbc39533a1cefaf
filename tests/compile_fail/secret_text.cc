// A Secret does not turn into text by itself.
#include <string_view>

#include "base/secret.h"

std::string_view converted(const latchkey::Secret& secret) { return secret; }
