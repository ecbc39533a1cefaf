// Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): an admin's POST that is sent again runs once, and
// is answered as the first time.
//
// Reserve, run, store: one trip before the endpoint and one after it. Without the header nothing changes.
#pragma once

#include "http/context.h"
#include "http/routes.h"

namespace latchkey::http {

// KeyFacts: what is stored under a key, once this request has tried to reserve it.
struct KeyFacts {
  bool is_ours = false;          // this request owns it
  bool is_done = false;          // an answer is there
  bool is_same_request = false;  // it was made for the same route and body
};

enum class Repeat : uint8_t { kRun, kReplay, kReused, kInFlight };
Repeat decide_repeat(const KeyFacts& facts);

// is_idempotency_key: 1 to limits::kIdempotencyKeyCharsMax printable ASCII characters.
bool is_idempotency_key(std::string_view text);

// wants_once: whether the request is one that run_once is for.
bool wants_once(const Context& context, const Route& route);

// run_once: the answer of the route's endpoint, or the one that was stored before: then with the header
// Idempotent-Replayed. Another request under the same key is kIdempotencyKeyReused; one that still runs is
// kConflict with Retry-After, until it is older than limits::kIdempotencyTakeoverMs. An answer of 500 or more
// is not kept: the same key runs again.
Task<Result<Response>> run_once(Context& context, const Route& route);

}  // namespace latchkey::http
