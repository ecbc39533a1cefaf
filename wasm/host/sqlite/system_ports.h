// The ports of a native process: its clock, and its standard error as the log.
#pragma once

#include "host/clock.h"
#include "host/log.h"

namespace latchkey::host {

class SystemClock final : public Clock {
 public:
  TimeMs now() const override;
};

// StderrLog: one record a line.
class StderrLog final : public Log {
 public:
  void write(LogLevel level, std::string_view record) override;
};

}  // namespace latchkey::host
