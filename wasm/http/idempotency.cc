#include "http/idempotency.h"

#include <algorithm>

#include "base/check.h"
#include "base/limits.h"
#include "json/writer.h"
#include "store/queries.h"

namespace latchkey::http {
namespace {

using crypto::IndexPurpose;

constexpr std::string_view kHeader = "idempotency-key";

// Reservation: the row of a key, in D1.
struct Reservation {
  crypto::TokenHash key_hash;
  crypto::TokenHash request_hash;
  std::string route;
};

Reservation reservation_of(const Context& context, const Route& route) {
  const crypto::Index& index = context.app.config.index;
  const std::string_view body = context.body_hash ? context.body_hash->text() : std::string_view();
  return {.key_hash = index.hash(IndexPurpose::kIdempotency,
                                 "key\n" + context.actor + "\n" + std::string(context.request.header(kHeader))),
          .request_hash = index.hash(IndexPurpose::kIdempotency,
                                     "request\n" + std::string(method_name(context.request.method)) + "\n" +
                                         context.request.path + "\n" + std::string(body)),
          .route = std::string(route.operation)};
}

crypto::SealContext seal_context(const Context& context, const Reservation& reservation) {
  return {.table = "idempotency_keys", .row_id = reservation.key_hash.text(), .owner = context.actor, .version = 1};
}

std::string_view header_of(const Response& response, std::string_view wanted) {
  for (const auto& [name, value] : response.headers) {
    if (name == wanted) return value;
  }
  return {};
}

crypto::Sealed seal_answer(const Context& context, const Reservation& reservation, const Response& response) {
  host::FrameWriter plain(response.body.size() + 128);
  plain.u32(response.status)
      .string(header_of(response, "content-type"))
      .string(header_of(response, "etag"))
      .string(response.body);
  return context.app.config.master.seal(context.host.random, crypto::SealPurpose::kAnswer,
                                        seal_context(context, reservation), as_bytes(plain.bytes()));
}

Result<Response> open_answer(const Context& context, const Reservation& reservation, std::string_view sealed) {
  TRY(const Secret plain, context.app.config.master.open(crypto::SealPurpose::kAnswer,
                                                         seal_context(context, reservation),
                                                         crypto::Sealed(std::string(sealed))));
  host::FrameReader frame(plain.reveal(SecretAccess("an answer is given again to the admin it was for")));
  Response response;
  response.status = frame.u32();
  const std::string_view content_type = frame.string();
  const std::string_view etag = frame.string();
  response.header("content-type", std::string(content_type)).header("cache-control", "no-store");
  if (!etag.empty()) response.header("etag", std::string(etag));
  response.header("idempotent-replayed", "true");
  response.body = frame.string();
  if (!frame.at_end()) return fail(ErrorCode::kInternal, "The stored answer cannot be read.", "idempotency answer");
  return response;
}

// reserve: what stands under the key now; `answer` holds it.
Task<Result<host::BatchAnswer>> reserve(Context& context, const Reservation& reservation) {
  const TimeMs now = context.host.clock.now();
  host::Batch batch;
  batch.add(store::kIdempotencyKeyReserve)
      .bind(reservation.key_hash.text())
      .bind(reservation.route)
      .bind(reservation.request_hash.text())
      .bind(context.client.request_id)
      .bind(now)
      .bind(now - limits::kIdempotencyTakeoverMs)
      .bind(now - limits::kIdempotencyKeptMs);
  batch.add(store::kIdempotencyKeyGet).bind(reservation.key_hash.text());
  co_return co_await context.host.db.run(std::move(batch));
}

// settle: keeps the answer, or gives the key back. Its failure is logged and no more: the act is done, and its
// answer may hold what is shown only now.
Task<void> settle(Context& context, host::Batch batch) {
  const auto settled = co_await context.host.db.run(std::move(batch));
  if (settled) co_return;
  json::Writer record;
  record.begin_object()
      .field("event", "idempotency_not_stored")
      .field("request_id", context.client.request_id)
      .field("detail", settled.error().detail())
      .end_object();
  context.host.log.write(host::LogLevel::kWarning, record.text());
}

Task<Result<Response>> run(Context& context, const Route& route, const Reservation& reservation) {
  auto result = co_await route.handler(context);
  const uint32_t status = result ? result->status : status_of(result.error().code());
  host::Batch batch;
  if (status >= 500) {
    batch.add(store::kIdempotencyKeyRelease).bind(reservation.key_hash.text()).bind(context.client.request_id);
    co_await settle(context, std::move(batch));
    co_return result;
  }
  Response response = result ? std::move(*result) : context.problem(result.error());
  // The largest is that of 500 new licences with the longest texts: 1.25 MB.
  CHECK(response.body.size() + 128 <= crypto::kSealedPlaintextBytesMax);
  batch.add(store::kIdempotencyKeyFinish)
      .bind(reservation.key_hash.text())
      .bind(context.client.request_id)
      .bind(response.status)
      .bind(seal_answer(context, reservation, response).text());
  co_await settle(context, std::move(batch));
  co_return response;
}

Error still_running() {
  Error error(ErrorCode::kConflict, "The first request with this Idempotency-Key has not ended. Try again.");
  error.retry_after_seconds = 1;
  return error;
}

}  // namespace

Repeat decide_repeat(const KeyFacts& facts) {
  if (facts.is_ours) return Repeat::kRun;
  if (!facts.is_same_request) return Repeat::kReused;
  return facts.is_done ? Repeat::kReplay : Repeat::kInFlight;
}

bool is_idempotency_key(std::string_view text) {
  return !text.empty() && text.size() <= limits::kIdempotencyKeyCharsMax &&
         std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
}

bool wants_once(const Context& context, const Route& route) {
  const bool is_real_post = route.method == Method::kPost && context.run == Run::kReal;
  return is_for_admins(route.auth) && is_real_post && context.request.has_header(kHeader);
}

Task<Result<Response>> run_once(Context& context, const Route& route) {
  if (!is_idempotency_key(context.request.header(kHeader))) {
    co_return fail(ErrorCode::kInvalidRequest,
                   "The header Idempotency-Key must be 1 to 64 printable ASCII characters.");
  }
  const Reservation reservation = reservation_of(context, route);
  CO_TRY(const host::BatchAnswer reserved, co_await reserve(context, reservation));
  const host::Row row = reserved.row(1, 0);
  const bool is_done = row.text("state") == "done";
  const KeyFacts facts{.is_ours = !is_done && row.text("owner") == context.client.request_id,
                       .is_done = is_done,
                       .is_same_request = row.text("request_hash") == reservation.request_hash.text()};
  switch (decide_repeat(facts)) {
    case Repeat::kRun: co_return co_await run(context, route, reservation);
    case Repeat::kReplay: co_return open_answer(context, reservation, row.text("answer"));
    case Repeat::kReused:
      co_return fail(ErrorCode::kIdempotencyKeyReused,
                     "This Idempotency-Key was used for another request. Take a fresh one for each request.");
    case Repeat::kInFlight: co_return Unexpected(still_running());
  }
  LK_UNREACHABLE();
}

}  // namespace latchkey::http
