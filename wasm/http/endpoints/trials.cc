// POST /trials
#include "base/limits.h"
#include "http/endpoints.h"
#include "http/endpoints/client_request.h"
#include "json/writer.h"
#include "trial/service.h"

namespace latchkey::http {
namespace {

using trial::Verdict;

constexpr SecretAccess kHash("a machine id is known by its keyed hash");
constexpr SecretAccess kShow("the code of a trial is shown to whom it is given");

// parse_applicant: an e-mail address or a machine, one of them; nullopt where an error is noted.
std::optional<trial::Applicant> parse_applicant(Fields& fields, const crypto::Index& index) {
  if (fields.has("email") == fields.has("machine_id")) {
    fields.add_error("email", "or machine_id, one of them, is required");
    return std::nullopt;
  }
  if (fields.has("machine_id")) {
    const Secret machine_id = parse_machine_id(fields);
    if (!fields.ok()) return std::nullopt;
    return trial::applicant_of_machine(index,
                                       index.hash(crypto::IndexPurpose::kMachine, machine_id.reveal(kHash)));
  }
  const auto text = fields.text("email", limits::kLicenseTextBytesMax, Presence::kRequired);
  if (!text) return std::nullopt;
  auto code = license::parse_code(*text);
  if (!code || code->kind != license::CodeKind::kEmail) {
    fields.add_error("email", "must be an e-mail address");
    return std::nullopt;
  }
  return trial::applicant_of_email(index, std::move(*code));
}

Response refuse(const Context& context, const trial::Outcome& outcome) {
  const auto problem = [&](ErrorCode code, std::string message) {
    Error error(code, std::move(message));
    for (const provision::Window& window : outcome.windows) {
      if (code != ErrorCode::kRateLimited || window.remaining > 0) continue;
      error.retry_after_seconds = static_cast<uint32_t>(window.resets_in_seconds);
    }
    return context.problem(error);
  };
  switch (outcome.verdict) {
    case Verdict::kUsed: return problem(ErrorCode::kConflict, "The trial has been used. Get a licence to go on.");
    case Verdict::kHasLicense: return problem(ErrorCode::kConflict, "There is a licence for this already. Use it.");
    default:
      return problem(ErrorCode::kRateLimited, "Too many requests from this address. Try again later.");
  }
}

}  // namespace

Task<Result<Response>> trials(Context& context) {
  Fields fields(context.body_root());
  auto applicant = parse_applicant(fields, context.app.config.index);
  if (!fields.ok()) co_return context.invalid(fields.errors());
  trial::TrialService service(context.host, context.app.config, context.app.shared);
  CO_TRY(const trial::Outcome outcome, co_await service.ask(context.client, std::move(*applicant)));
  const bool is_given = outcome.verdict == Verdict::kStart || outcome.verdict == Verdict::kRunning;
  Response response;
  if (is_given) {
    json::Writer out;
    out.begin_object()
        .field("success", true)
        .field("license_id", outcome.code->text.reveal_text(kShow))
        .field("plan", outcome.plan)
        .time("expires_at", outcome.expires_at)
        .end_object();
    response = json_response(outcome.verdict == Verdict::kStart ? 201 : 200, std::move(out).take());
  } else {
    response = refuse(context, outcome);
  }
  add_rate_limit_headers(response, outcome.windows);
  co_return response;
}

}  // namespace latchkey::http
