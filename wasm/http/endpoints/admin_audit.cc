// /admin/audit
#include <algorithm>
#include <charconv>

#include "audit/log.h"
#include "audit/proofs.h"
#include "audit/records.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "http/endpoints.h"
#include "http/fields.h"
#include "http/paging.h"
#include "json/reader.h"
#include "json/writer.h"

namespace latchkey::http {
namespace {

std::optional<uint64_t> parse_whole(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_whole = error == std::errc() && end == text.data() + text.size();
  return is_whole && number < static_cast<uint64_t>(limits::kD1IntegerMax) ? std::optional(number) : std::nullopt;
}

// Query: reads the whole numbers of a query, and refuses every other name.
class Query {
 public:
  Query(const Context& context, std::initializer_list<std::string_view> known) : context_(context) {
    for (const std::string& name : context.request.query_names()) {
      if (std::ranges::find(known, name) == known.end()) add_error(name.substr(0, 64), "is not a known parameter");
    }
  }
  std::optional<uint64_t> whole(std::string_view name) {
    const auto text = context_.request.query_value(name);
    if (!text) return std::nullopt;
    const auto number = parse_whole(*text);
    if (!number) add_error(name, "must be a whole number");
    return number;
  }
  void add_error(std::string_view name, std::string_view message) {
    errors.push_back({"query." + std::string(name), std::string(message)});
  }
  std::vector<FieldError> errors;

 private:
  const Context& context_;
};

void write_hashes(json::Writer& out, std::string_view name, std::span<const audit::Digest> hashes) {
  out.key(name).begin_array();
  for (const audit::Digest& hash : hashes) out.string(base64_encode(hash));
  out.end_array();
}

Response print(const Context& context, const audit::Head& head) {
  const audit::SignedCheckpoint& checkpoint = head.checkpoint;
  json::Writer out(1024);
  out.begin_object().field("size", checkpoint.head.size).field("root", base64_encode(checkpoint.head.root));
  out.field("note", checkpoint.note).time("at", checkpoint.at);
  out.field("key", audit::log_keys(context.app.config).front().text()).field("first", head.before.size());
  write_hashes(out, "before", head.before.subtrees());
  out.end_object();
  return json_response(200, std::move(out).take());
}

void write_record(json::Writer& out, const audit::Record& record) {
  out.begin_object().field("seq", record.seq).time("at", record.at);
  out.field("action", record.action).field("outcome", record.outcome).field("reason", record.reason);
  out.field("actor", record.actor).field("license_id", record.license_id).field("machine_hash", record.machine_hash);
  out.field("address_hash", record.address_hash).field("country", record.country);
  out.field("user_agent", record.user_agent).field("request_id", record.request_id).field("item", record.item);
  out.key("details");
  // Written by us, as an object; what somebody else put there is not shown.
  const auto document = record.details ? json::Document::parse_untrusted(*record.details)
                                       : Result<json::Document>(fail(ErrorCode::kInternal, ""));
  document && document->root().kind() == json::Kind::kObject ? out.raw(*record.details) : out.null();
  out.end_object();
}

// read_text: a filter. An empty or long one is an error.
std::optional<std::string> read_text(const Context& context, std::string_view name, std::vector<FieldError>& errors) {
  auto text = context.request.query_value(name);
  if (text && (text->empty() || text->size() > limits::kAuditFilterBytesMax)) {
    errors.push_back({"query." + std::string(name), "must have 1 to 64 bytes"});
  }
  return text;
}

std::optional<TimeMs> read_time(const Context& context, std::string_view name, std::vector<FieldError>& errors) {
  const auto text = context.request.query_value(name);
  const auto time = text ? parse_time(*text) : std::nullopt;
  if (text && !time) errors.push_back({"query." + std::string(name), "must be a date or an RFC 3339 time"});
  return time;
}

// to_the_second: records are shown with the second that they were written in, and one of that second is no newer.
std::optional<TimeMs> to_the_second(std::optional<TimeMs> time) {
  return time.transform([](TimeMs at) { return at / kSecondMs * kSecondMs + kSecondMs - 1; });
}

std::string bound_to_filter(const Context& context) {
  std::string bound_to = "audit";
  for (const std::string_view name : {"action", "license_id", "since", "until"}) {
    bound_to += "|" + context.request.query_value(name).value_or("");
  }
  return bound_to;
}

std::optional<std::string> print_place(const std::optional<uint64_t>& place) {
  return place.transform([](uint64_t number) { return std::to_string(number); });
}

}  // namespace

Task<Result<Response>> admin_audit_list(Context& context) {
  std::vector<FieldError> errors;
  refuse_unknown_query(context, {"action", "license_id", "since", "until"}, errors);
  const audit::RecordFilter filter{.action = read_text(context, "action", errors),
                                   .license_id = read_text(context, "license_id", errors),
                                   .since = read_time(context, "since", errors),
                                   .until = to_the_second(read_time(context, "until", errors))};
  const std::string bound_to = bound_to_filter(context);
  const PageAsked asked = parse_page(context, bound_to, errors);
  const auto before = asked.after ? parse_whole(*asked.after) : std::nullopt;
  if (!errors.empty()) co_return context.invalid(errors);

  audit::RecordService service(context.host, context.app.config);
  CO_TRY(const audit::RecordPage page, co_await service.list(filter, before, asked.rows_max));
  json::Writer out(16384);
  out.begin_object().key("data").begin_array();
  for (const audit::Record& record : page.records) write_record(out, record);
  out.end_array();
  write_next_cursor(out, context, bound_to, print_place(page.next_before));
  out.end_object();
  co_return json_response(200, std::move(out).take());
}

Task<Result<Response>> admin_audit_checkpoint_show(Context& context) {
  Query query(context, {"size"});
  const auto size = query.whole("size");
  if (!query.errors.empty()) co_return context.invalid(query.errors);
  audit::ProofService service(context.host, context.app.config);
  CO_TRY(const audit::Head head, co_await service.head(size));
  co_return print(context, head);
}

Task<Result<Response>> admin_audit_checkpoint_make(Context& context) {
  Fields fields(context.body_root());
  fields.refuse_unknown({});
  if (!fields.ok()) co_return context.invalid(fields.errors());
  audit::AuditLog log(context.host, context.app.config);
  CO_TRY(const audit::SignedCheckpoint made, co_await log.make_checkpoint());
  audit::ProofService service(context.host, context.app.config);
  CO_TRY(const audit::Head head, co_await service.head(made.head.size));
  co_return print(context, head);
}

Task<Result<Response>> admin_audit_checkpoint_list(Context& context) {
  constexpr std::string_view bound_to = "audit_checkpoints";
  std::vector<FieldError> errors;
  refuse_unknown_query(context, {}, errors);
  const PageAsked asked = parse_page(context, bound_to, errors);
  const auto before = asked.after ? parse_whole(*asked.after) : std::nullopt;
  if (!errors.empty()) co_return context.invalid(errors);

  audit::RecordService service(context.host, context.app.config);
  CO_TRY(const audit::CheckpointPage page, co_await service.checkpoints(before, asked.rows_max));
  json::Writer out(16384);
  out.begin_object().key("data").begin_array();
  for (const audit::SignedCheckpoint& checkpoint : page.checkpoints) {
    out.begin_object().field("size", checkpoint.head.size).field("note", checkpoint.note);
    out.time("at", checkpoint.at).end_object();
  }
  out.end_array();
  write_next_cursor(out, context, bound_to, print_place(page.next_before));
  out.end_object();
  co_return json_response(200, std::move(out).take());
}

Task<Result<Response>> admin_audit_consistency(Context& context) {
  Query query(context, {"from", "to"});
  const auto from = query.whole("from"), to = query.whole("to");
  if (!context.request.query_value("from")) query.add_error("from", "is required: the size of the older tree");
  if (!query.errors.empty()) co_return context.invalid(query.errors);
  audit::ProofService service(context.host, context.app.config);
  CO_TRY(const audit::ConsistencyProof proof, co_await service.consistency(*from, to));
  json::Writer out(4096);
  out.begin_object().field("from", proof.from).field("to", proof.to);
  write_hashes(out, "hashes", proof.path);
  out.end_object();
  co_return json_response(200, std::move(out).take());
}

Task<Result<Response>> admin_audit_inclusion(Context& context) {
  Query query(context, {"seq", "leaf", "size"});
  const auto seq = query.whole("seq"), leaf = query.whole("leaf"), size = query.whole("size");
  if (query.errors.empty() && seq.has_value() == leaf.has_value()) {
    query.add_error("seq", "must name the record, or leaf (from 0), and not both");
  }
  if (seq && *seq == 0) query.add_error("seq", "must be 1 or more");
  if (!query.errors.empty()) co_return context.invalid(query.errors);
  audit::ProofService service(context.host, context.app.config);
  CO_TRY(const audit::InclusionProof proof, co_await service.inclusion(seq ? *seq - 1 : *leaf, size));
  json::Writer out(4096);
  out.begin_object().field("seq", proof.index + 1).field("leaf", proof.index).field("size", proof.size);
  out.field("record", proof.record);
  write_hashes(out, "hashes", proof.path);
  out.end_object();
  co_return json_response(200, std::move(out).take());
}

Task<Result<Response>> admin_audit_records(Context& context) {
  Query query(context, {"after", "limit"});
  const uint64_t after = query.whole("after").value_or(0);
  const uint64_t limit = query.whole("limit").value_or(limits::kAuditLinesPerPage);
  if (query.errors.empty() && (limit < 1 || limit > limits::kAuditLinesPerPage)) {
    query.add_error("limit", "must be from 1 to " + std::to_string(limits::kAuditLinesPerPage));
  }
  if (!query.errors.empty()) co_return context.invalid(query.errors);
  audit::RecordService service(context.host, context.app.config);
  CO_TRY(const audit::LinePage page, co_await service.lines(after, static_cast<uint32_t>(limit)));
  json::Writer out(64 * 1024);
  out.begin_object().field("after", after).key("data").begin_array();
  for (const std::string& line : page.lines) out.string(line);
  out.end_array().field("next_after", page.next_after).end_object();
  co_return json_response(200, std::move(out).take());
}

}  // namespace latchkey::http
