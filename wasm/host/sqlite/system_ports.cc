#include "host/sqlite/system_ports.h"

#include <chrono>
#include <cstdio>
#include <string>

namespace latchkey::host {

TimeMs SystemClock::now() const {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count();
}

void StderrLog::write(LogLevel wanted, std::string_view record) {
  if (!wants(wanted)) return;
  std::string line(record);
  line += '\n';
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace latchkey::host
