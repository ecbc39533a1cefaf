// POST /usage/report
#include "base/limits.h"
#include "http/endpoints.h"
#include "http/endpoints/client_request.h"
#include "json/writer.h"
#include "license/code.h"
#include "provision/receipt.h"
#include "usage/report.h"

namespace latchkey::http {
namespace {

constexpr std::string_view kBearer = "Bearer ";

// read_receipt: in the body or as bearer. It stands for the licence, and for the machine where that is not named. One
// that is not ours, another machine's, or long over proves nothing.
void read_receipt(Context& context, Fields& fields, const Secret& machine_id, usage::Reporter& reporter) {
  auto token = fields.text("receipt", limits::kReceiptBytesMax);
  const std::string_view authorization = context.request.header("authorization");
  if (!token && authorization.starts_with(kBearer)) token = authorization.substr(kBearer.size());
  if (!token) {
    if (!authorization.empty()) reporter.receipt_license_id.emplace();
    return;
  }
  reporter.receipt_license_id.emplace();
  const TimeMs now = context.host.clock.now();
  const auto claims = context.app.shared.verified_receipts.verify(context.app.config, *token, now);
  // What was used offline is reported when the client is back: as long as its grace lasts.
  if (!claims || claims->expires_at + limits::kOfflineGraceMs <= now) return;
  if (machine_id.empty()) {
    const auto hash = crypto::TokenHash::from_text(claims->machine_hash);
    if (!hash) return fields.add_error("machine_id", "is required beside a receipt as old as this one");
    reporter.machine_hash = *hash;
  } else if (claims->machine != provision::receipt_machine(machine_id)) {
    return;
  }
  reporter.receipt_license_id = claims->license_id;
  if (!reporter.code_hash) reporter.code_hash = crypto::TokenHash::from_text(claims->code_hash);
}

usage::Reporter read_reporter(Context& context, Fields& fields) {
  const crypto::Index& index = context.app.config.index;
  const bool names_receipt = fields.member("receipt") || !context.request.header("authorization").empty();
  const bool names_machine = fields.member("machine_id") || !names_receipt;
  const Secret machine_id = names_machine ? parse_machine_id(fields) : Secret();
  usage::Reporter reporter{
      .machine_hash = index.hash(crypto::IndexPurpose::kMachine,
                                 machine_id.reveal(SecretAccess("a machine id is stored as its keyed hash")))};
  const auto text = fields.text("license_id", limits::kLicenseTextBytesMax);
  const auto code = text ? license::parse_code(*text) : std::nullopt;
  if (code) reporter.code_hash = code->hash(index);
  if (fields.ok() && names_receipt) read_receipt(context, fields, machine_id, reporter);
  return reporter;
}

// read_event: one of the list; what is wrong with it is its own rejection and nobody else's.
void read_event(json::Value value, size_t index, usage::Sorter& sorter) {
  using enum Presence;
  Fields fields(value);
  usage::Event event{.index = index};
  event.event_id = fields.text("event_id", limits::kEventIdBytesMax, kRequired).value_or("");
  event.provider = fields.text("provider", limits::kPriceNameBytesMax, kRequired).value_or("");
  const auto model = fields.text("model", limits::kPriceNameBytesMax, kRequired);
  const auto count = [&](std::string_view name, Presence presence) {
    return fields.integer(name, 0, limits::kEventTokensMax, presence).value_or(0);
  };
  event.tokens = {.input = count("input_tokens", kRequired),
                  .output = count("output_tokens", kRequired),
                  .cached_input = count("cached_input_tokens", kOptional),
                  .reasoning = count("reasoning_tokens", kOptional)};
  const auto at = fields.time("at");
  if (!at && !fields.member("at")) fields.add_error("at", "is required");
  if (!fields.ok()) {
    const FieldError& first = fields.errors().front();
    return sorter.reject(index, usage::Rejection::kInvalid, first.location + " " + first.message + ".");
  }
  if (const auto checked = pricing::check_tokens(event.tokens); !checked) {
    return sorter.reject(index, usage::Rejection::kInvalid, checked.error().message());
  }
  event.model = pricing::normal_model(event.provider, *model);
  event.at = *at;
  sorter.add(std::move(event));
}

// read_events: at most limits::kUsageEventsPerReport.
void read_events(Fields& fields, usage::Sorter& sorter) {
  const auto list = fields.member("events");
  if (!list || list->kind() != json::Kind::kArray) {
    return fields.add_error("events", list ? "must be an array" : "is required");
  }
  if (list->num_items() > limits::kUsageEventsPerReport) {
    return fields.add_error("events", "must have at most 500 items: report the others after these");
  }
  size_t index = 0;
  list->each_item([&](json::Value event) { read_event(event, index++, sorter); });
}

std::string print(const usage::ReportOutcome& outcome, TimeMs now) {
  json::Writer out(512);
  out.begin_object()
      .field("success", true)
      .field("accepted", outcome.num_accepted)
      .field("duplicates", outcome.num_duplicates)
      .field("unpriced", outcome.num_unpriced);
  out.key("rejected").begin_array();
  for (const usage::Rejected& one : outcome.rejected) {
    out.begin_object()
        .field("index", one.index)
        .field("status", usage::rejection_status(one.why))
        .field("error", usage::rejection_name(one.why))
        .field("message", one.message)
        .end_object();
  }
  out.end_array().key("usage");
  write_standing(out, budget::standing(outcome.budget, outcome.spent, now));
  out.end_object();
  return std::move(out).take();
}

}  // namespace

Task<Result<Response>> usage_report(Context& context) {
  const TimeMs now = context.host.clock.now();
  Fields fields(context.body_root());
  const usage::Reporter reporter = read_reporter(context, fields);
  usage::Sorter sorter(now);
  read_events(fields, sorter);
  if (!fields.ok()) co_return context.invalid(fields.errors());

  usage::ReportService service(context.host, context.app.config, context.app.usage, context.app.shared.known_over);
  CO_TRY(const usage::ReportOutcome outcome, co_await service.report(context.client, reporter, sorter));
  if (outcome.verdict == provision::Verdict::kUnknownMachine) {
    const Error error(ErrorCode::kForbidden, "The licence does not know this machine. Provision first, then report.");
    co_return refusal(context, error, outcome.windows);
  }
  if (outcome.verdict != provision::Verdict::kGranted) co_return refusal(context, outcome.verdict, outcome.windows);
  Response response = json_response(200, print(outcome, now));
  add_rate_limit_headers(response, outcome.windows);
  co_return response;
}

}  // namespace latchkey::http
