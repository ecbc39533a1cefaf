// POST /machines/release
#include <algorithm>

#include "base/limits.h"
#include "http/dry_run.h"
#include "http/endpoints.h"
#include "http/endpoints/client_request.h"
#include "json/writer.h"
#include "provision/receipt.h"

namespace latchkey::http {
namespace {

constexpr std::string_view kBearer = "Bearer ";

// read_bearer: a receipt in the Authorization header stands for the licence. One that is not ours or another
// machine's is refused like a foreign one, after it was counted; one that is over proves nothing.
void read_bearer(Context& context, provision::ProvisionRequest& request) {
  const std::string_view authorization = context.request.header("authorization");
  if (authorization.empty()) return;
  request.receipt.emplace();
  if (!authorization.starts_with(kBearer)) return;
  const TimeMs now = context.host.clock.now();
  const auto claims =
      context.app.shared.verified_receipts.verify(context.app.config, authorization.substr(kBearer.size()), now);
  if (!claims || claims->machine != provision::receipt_machine(request.machine_id)) return;
  request.receipt->license_id = claims->license_id;
  request.receipt->expired = claims->expires_at <= now;
  if (!request.code_hash && !request.receipt->expired) {
    request.code_hash = crypto::TokenHash::from_text(claims->code_hash);
  }
}

void write_seats(json::Writer& out, const provision::ReleaseOutcome& outcome) {
  const auto cooling = std::ranges::count_if(outcome.seats, [](const auto& seat) { return seat.free_at.has_value(); });
  const auto taken = static_cast<int64_t>(outcome.seats.size());
  out.key("seats")
      .begin_object()
      .field("max", outcome.seats_max)
      .field("used", taken - cooling)
      .field("cooling_down", cooling)
      .field("free", std::max<int64_t>(0, outcome.seats_max - taken))
      .end_object();
}

std::string print(const provision::ReleaseOutcome& outcome, Run run) {
  json::Writer out(1024);
  out.begin_object().field("released", outcome.is_released).field("machine_id", outcome.machine_id);
  out.time("released_at", outcome.released_at);
  out.time("seat_free_at", outcome.seat_free_at);
  write_seats(out, outcome);
  out.key("releases").begin_object();
  out.field("limit", outcome.releases_max).field("left", outcome.releases_left).end_object();
  out.key("machines").begin_array();
  for (size_t i = 0; i < outcome.seats.size() && i < limits::kMachinesShownMax; ++i) {
    const provision::SeatView& seat = outcome.seats[i];
    out.begin_object().field("id", seat.id);
    out.field("name", seat.name);
    out.time("last_seen_at", seat.last_seen_at).field("is_this", seat.is_own);
    out.time("seat_free_at", seat.free_at);
    out.end_object();
  }
  out.end_array();
  write_run(out, run);
  out.end_object();
  return std::move(out).take();
}

}  // namespace

Task<Result<Response>> machines_release(Context& context) {
  auto parsed = parse_client_request(context);
  if (auto* invalid = std::get_if<Response>(&parsed)) co_return std::move(*invalid);
  provision::ReleaseRequest request{.asked = std::move(std::get<provision::ProvisionRequest>(parsed)),
                                    .machine_id = std::nullopt};
  Fields fields(context.body_root());
  request.machine_id = fields.text("release_machine_id", limits::kMachineRowIdBytesMax);
  request.run = context.run;
  if (!fields.ok()) co_return context.invalid(fields.errors());
  read_bearer(context, request.asked);

  provision::ProvisionService service(context.app.config, context.app.shared);
  CO_TRY(const provision::ReleaseOutcome outcome, co_await service.release(context.host, context.client, request));
  if (outcome.verdict != provision::Verdict::kGranted) co_return refusal(context, outcome);
  Response response = json_response(200, print(outcome, context.run));
  add_rate_limit_headers(response, outcome.windows);
  co_return response;
}

}  // namespace latchkey::http
