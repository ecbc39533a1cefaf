#include "host/sqlite/sqlite_host.h"

namespace latchkey::host {

uint32_t SqliteHost::start(RequestId request, OpKind kind, std::string_view payload, OpSink& sink) {
  const uint32_t token = next_token_++;
  pending_.push_back({token, request, kind, std::string(payload), &sink});
  return token;
}

void SqliteHost::cancel(uint32_t token) {
  std::erase_if(pending_, [&](const Pending& op) { return op.token == token; });
}

size_t SqliteHost::run() {
  size_t num_run = 0;
  while (!pending_.empty()) {
    const Pending op = std::move(pending_.front());
    pending_.pop_front();
    op.sink->complete(ops_.perform(op.request, op.kind, op.payload));
    ++num_run;
  }
  return num_run;
}

}  // namespace latchkey::host
