// NativeOps: performs one operation of host/abi.h at once, natively. It knows nothing of
// when and in which order: that is the port's (sqlite_host.h, and the test host).
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "json/reader.h"
#include "host/ops.h"
#include "host/sqlite/kv_map.h"
#include "host/sqlite/sqlite_db.h"

namespace latchkey::host {

class NativeOps {
 public:
  // Both outlive this.
  NativeOps(SqliteDb& db, KvMap& kv) : db_(db), kv_(kv) {}

  // set_body: the body of a request, for its one kReadBody.
  void set_body(RequestId request, std::string body) { bodies_[request] = std::move(body); }
  // drop_request: forgets a body that was never read.
  void drop_request(RequestId request) { bodies_.erase(request); }

  // on_fetch: who answers kFetch; a native process has no network of its own.
  void on_fetch(std::function<OpAnswer(std::string_view payload)> fetch) { fetch_ = std::move(fetch); }

  // perform: a payload that does not fit its kind is kUnavailable with a reason, as the
  // shim answers when a binding throws.
  OpAnswer perform(RequestId request, OpKind kind, std::string_view payload);

 private:
  OpAnswer read_body(RequestId request, std::string_view payload);
  OpAnswer list_kv(std::optional<std::string_view> prefix, std::optional<json::Value> limit);
  OpAnswer use_kv(OpKind kind, std::string_view payload);

  SqliteDb& db_;
  KvMap& kv_;
  std::map<RequestId, std::string> bodies_;
  std::function<OpAnswer(std::string_view payload)> fetch_;
};

}  // namespace latchkey::host
