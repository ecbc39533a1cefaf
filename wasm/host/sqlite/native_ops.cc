#include "host/sqlite/native_ops.h"

#include "base/check.h"
#include "base/limits.h"
#include "crypto/kdf.h"
#include "host/frame.h"
#include "json/reader.h"

namespace latchkey::host {
namespace {

// Longest key that is asked of PBKDF2.
constexpr uint32_t kDerivedBytesMax = 1024;

OpAnswer unavailable(std::string reason) { return {OpStatus::kUnavailable, std::move(reason)}; }

OpAnswer answer_of(const Result<Void>& result) {
  if (!result) return unavailable(result.error().detail());
  return {OpStatus::kOk, {}};
}

OpAnswer derive(std::string_view payload) {
  FrameReader frame(as_bytes(payload));
  const uint32_t rounds = frame.u32();
  const uint32_t size = frame.u32();
  const std::string_view salt = frame.string();
  const std::string_view password = frame.string();
  if (!frame.at_end()) return unavailable("a derive payload is cut off or too long");
  if (rounds == 0 || rounds > limits::kDeriveRoundsMax) {
    return unavailable("PBKDF2 takes 1 to 100000 rounds");
  }
  if (size == 0 || size > kDerivedBytesMax) return unavailable("PBKDF2 gives 1 to 1024 bytes");
  const Secret key = crypto::pbkdf2_hmac_sha256(as_bytes(password), as_bytes(salt), rounds, size);
  const SecretAccess access("PBKDF2 for the core, which asked for it");
  return {OpStatus::kOk, std::string(key.reveal_text(access))};
}

}  // namespace

OpAnswer NativeOps::read_body(RequestId request, std::string_view payload) {
  FrameReader frame(as_bytes(payload));
  const uint32_t limit = frame.u32();
  if (!frame.at_end()) return unavailable("a read-body payload is not one number");
  const auto found = bodies_.find(request);
  if (found == bodies_.end()) return unavailable("this request has no body left to read");
  std::string body = std::move(found->second);
  bodies_.erase(found);
  if (body.size() > limit) return {OpStatus::kTooLarge, {}};
  return {OpStatus::kOk, std::move(body)};
}

OpAnswer NativeOps::use_kv(OpKind kind, std::string_view payload) {
  const auto document = json::Document::parse_host(payload);
  if (!document) return unavailable("a KV payload is not JSON");
  const auto text = [&](std::string_view name) {
    const auto value = document->root().member(name);
    return value ? value->string() : std::nullopt;
  };
  if (kind == OpKind::kKvList) return list_kv(text("prefix"), document->root().member("limit"));
  const auto key = text("key");
  if (!key) return unavailable("a KV payload has no key");
  const std::string name(*key);
  if (kind == OpKind::kKvGet) {
    const std::string* value = kv_.get(name);
    return value ? OpAnswer{OpStatus::kOk, *value} : OpAnswer{OpStatus::kMissing, {}};
  }
  if (kind == OpKind::kKvDelete) return answer_of(kv_.remove(name));
  const auto value = text("value");
  const auto ttl = document->root().member("ttl_seconds");
  const int64_t ttl_seconds = ttl ? ttl->integer().value_or(-1) : -1;
  if (!value || ttl_seconds < 0 || ttl_seconds > UINT32_MAX) {
    return unavailable("a KV payload has no value or no ttl");
  }
  return answer_of(kv_.put(name, *value, static_cast<uint32_t>(ttl_seconds)));
}

OpAnswer NativeOps::list_kv(std::optional<std::string_view> prefix, std::optional<json::Value> limit) {
  const auto keys_max = limit ? limit->integer() : std::nullopt;
  if (!prefix || !keys_max || *keys_max < 1) return unavailable("a KV list has no prefix or no limit");
  json::Writer keys;
  keys.begin_array();
  int64_t count = 0;
  kv_.each_value([&](const std::string& key, const std::string&) {
    if (key.starts_with(*prefix) && count++ < *keys_max) keys.string(key);
  });
  keys.end_array();
  return {OpStatus::kOk, std::move(keys).take()};
}

OpAnswer NativeOps::perform(RequestId request, OpKind kind, std::string_view payload) {
  switch (kind) {
    case OpKind::kReadBody: return read_body(request, payload);
    case OpKind::kDbBatch: return db_.run_batch(payload);
    case OpKind::kKvGet:
    case OpKind::kKvPut:
    case OpKind::kKvDelete:
    case OpKind::kKvList: return use_kv(kind, payload);
    case OpKind::kDerive: return derive(payload);
    case OpKind::kFetch: return fetch_ ? fetch_(payload) : unavailable("there is no network here");
  }
  return unavailable("no such operation");
}

}  // namespace latchkey::host
