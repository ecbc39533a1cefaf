// The ABI between the core and its shim: every import and export, with a version the
// shim checks first. scripts/gen-abi writes worker/src/abi.gen.ts from this file, and a
// test compares the built module's imports and exports with it.
//
// Rules
//   - Pointers and lengths are 32 bits wide and name bytes in linear memory.
//   - Memory may grow in any call: the shim makes its views anew after each one.
//   - No call is re-entered: the shim answers an import before it calls an export again.
//   - A trap leaves the instance unusable. The shim drops it and fails what was in flight.
#pragma once

#include <cstdint>

namespace latchkey::abi {

inline constexpr uint32_t kVersion = 4;

// Imports, module "latchkey".
//
//   start_op(request, token, kind, ptr, len)
//     Begin operation `kind` for `request`; its answer comes through complete_op(token).
//     The payload ptr..len is copied before start_op returns.
//   respond(request, ptr, len)
//     The answer of `request`, once, as a response frame (below). Copied before return.
//   log(level, ptr, len)
//     One JSON record for the log. Level: 0 debug, 1 info, 2 warning, 3 error.
//   now_ms() -> f64
//     Wall clock, milliseconds since 1970-01-01T00:00:00Z.
#define LATCHKEY_IMPORTS(X)                                             \
  X(start_op, void, (uint32_t request, uint32_t token, uint32_t kind, const uint8_t* ptr, uint32_t len)) \
  X(respond, void, (uint32_t request, const uint8_t* ptr, uint32_t len)) \
  X(log, void, (uint32_t level, const uint8_t* ptr, uint32_t len))      \
  X(now_ms, double, ())

// Imports, module "wasi_snapshot_preview1": what libc needs and nothing else.
//   random_get(ptr, len) -> errno     cryptographic randomness
//   The others answer ENOSYS (52) and are never reached in normal operation.
#define LATCHKEY_WASI_IMPORTS(X) X(random_get)

// Exports.
//
//   abi_version() -> u32
//     kVersion. Called first, right after _initialize.
//   alloc(len) -> ptr
//     A buffer that the shim fills and hands to the next export, which frees it.
//   configure(ptr, len)
//     Once, before any request: a list of string pairs, every text binding of the
//     environment (`name`, `value`), then the build's own (`LATCHKEY_WASM_SHA256`,
//     `LATCHKEY_BUILD`). Takes the buffer and wipes it. A setting that is missing or
//     malformed is logged by name, and then every request is answered 503.
//   begin_request(ptr, len) -> request
//     A request frame (below). Runs the request until it waits; returns its id, which is
//     never 0. respond() may have been called for that id before this returns.
//   begin_scheduled(ptr, len) -> request
//     A list of one string pair (`cron`, expression): due work. Answered by an empty response.
//   complete_op(token, status, ptr, len)
//     The answer of an operation. Status: an OpStatus. Takes the buffer. An unknown or
//     stale token is ignored.
//   in_flight() -> u32
//     Requests begun and not yet answered.
#define LATCHKEY_EXPORTS(X)                                                                  \
  X(abi_version, uint32_t, ())                                                               \
  X(alloc, uint8_t*, (uint32_t len))                                                         \
  X(configure, void, (uint8_t* ptr, uint32_t len))                                           \
  X(begin_request, uint32_t, (uint8_t* ptr, uint32_t len))                                   \
  X(begin_scheduled, uint32_t, (uint8_t* ptr, uint32_t len))                                 \
  X(complete_op, void, (uint32_t token, uint32_t status, uint8_t* ptr, uint32_t len))        \
  X(in_flight, uint32_t, ())

// Frames. All integers are little-endian u32. A string is its length and its UTF-8 bytes.
//
//   string pairs      count, then count times: string name, string value
//   request frame     string method, string url (as received: scheme://host/path?query),
//                     string address (CF-Connecting-IP, or empty), string country (two
//                     letters, or empty), string asn (the network's number in decimal, or
//                     empty), string latitude, string longitude (decimal degrees, or empty),
//                     then string pairs: the headers of kRequestHeaders that are present, by
//                     the path of the url; names in lower case
//   response frame    status, string pairs (headers), string body

// RequestHeaders: the headers that the core is told of a request whose path begins with `path`. Each one costs the
// host a few microseconds, and a cookie has no business where nobody reads it.
struct RequestHeaders {
  const char* path;
  const char* names[6];  // null behind the last
};
inline constexpr RequestHeaders kRequestHeaders[] = {
    {"/", {"authorization", "content-type", "if-none-match", "origin", "user-agent"}},
    {"/admin", {"cf-access-jwt-assertion", "cookie", "idempotency-key", "if-match"}},
    {"/hooks", {"stripe-signature"}},
};

// OpKind: operations the core asks for, with payload and answer.
enum class OpKind : uint32_t {
  // Body of this request. Payload: u32 limit in bytes. Answer: the bytes; status
  // kTooLarge as soon as the stream has passed the limit (the rest is not read).
  kReadBody = 1,
  // D1 batch, one transaction. Payload: JSON {"timeout_ms": N, "statements": [["SQL",
  // [parameters]], ...]}. Answer: JSON [{"rows": [{column: value}, ...], "changes": N,
  // "rows_read": N, "rows_written": N}, ...]. A failed or late batch is kUnavailable.
  kDbBatch = 2,
  // KV read. Payload: JSON {"key": K}. Answer: the value as bytes, or kMissing.
  kKvGet = 3,
  // KV write. Payload: JSON {"key": K, "value": V, "ttl_seconds": N or 0}. Empty answer.
  kKvPut = 4,
  // KV delete. Payload: JSON {"key": K}. Empty answer.
  kKvDelete = 5,
  // PBKDF2-HMAC-SHA256. Payload: u32 iterations, u32 out_len, string salt, string
  // password (raw bytes). Answer: out_len bytes.
  kDerive = 6,
  // KV listing. Payload: JSON {"prefix": P, "limit": N}. Answer: JSON array of at most `limit`
  // keys, in order.
  kKvList = 7,
  // HTTP request to somebody else; redirects are not followed. Payload: u32 timeout_ms, u32
  // answer_bytes_max, u32 1 where plain http is allowed, string method, string url, string pairs (headers),
  // string body (empty: none). It carries a secret, so its bytes are wiped. Answer: u32 status, string
  // body, cut at answer_bytes_max. Whatever gives no status in time is kUnavailable.
  kFetch = 8,
};

enum class OpStatus : uint32_t {
  kOk = 0,
  kMissing = 1,      // No such key.
  kTooLarge = 2,     // Body past its limit.
  kUnavailable = 3,  // The binding failed or did not answer in time. Answer: reason, for the log.
};

}  // namespace latchkey::abi
