// Log: closed records, one JSON object each. Never a secret, never a client's own text.
#pragma once

#include <cstdint>
#include <string_view>

namespace latchkey::host {

enum class LogLevel : uint8_t { kDebug = 0, kInfo = 1, kWarning = 2, kError = 3 };

class Log {
 public:
  virtual ~Log() = default;
  // write: `record` is one JSON object.
  virtual void write(LogLevel level, std::string_view record) = 0;
  // level: records below it are not wanted.
  LogLevel level = LogLevel::kWarning;
  bool wants(LogLevel wanted) const { return wanted >= level; }
};

}  // namespace latchkey::host
