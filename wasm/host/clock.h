// Clock: the wall clock. In Workers it stands still between two operations.
#pragma once

#include "base/time.h"

namespace latchkey::host {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimeMs now() const = 0;
};

}  // namespace latchkey::host
