// Event: what a provider said, understood, on its way into the store.
#pragma once

#include <string>

#include "payments/decide.h"

namespace latchkey::payments {

struct Event {
  std::string provider;  // stripe, gumroad
  std::string type;      // the provider's word
  Fact fact;             // with id and e-mail
  bool is_test = false;  // no money moved
  bool is_snapshot = false;  // read again, it takes the place of what was read before
};

}  // namespace latchkey::payments
