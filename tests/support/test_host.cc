#include "support/test_host.h"

#include <algorithm>
#include <cstdio>

#include "host/frame.h"

namespace latchkey::test {

using host::OpAnswer;
using host::OpKind;
using host::OpStatus;

namespace {

bool takes_effect(Fault fault) {
  return fault == Fault::kNone || fault == Fault::kAnswerLost || fault == Fault::kNeverAnswered;
}

bool is_answered(Fault fault) {
  return fault != Fault::kNeverPerformed && fault != Fault::kNeverAnswered;
}

// must: a test that cannot be set up says why, and dies.
template <class T>
T must(Result<T> result) {
  if (!result) std::fprintf(stderr, "test host: %s\n", result.error().detail().c_str());
  CHECK(result.has_value());
  return std::move(*result);
}

}  // namespace

std::string_view fault_name(Fault fault) {
  switch (fault) {
    case Fault::kNone: return "no fault";
    case Fault::kNotPerformed: return "not performed";
    case Fault::kAnswerLost: return "performed, answer lost";
    case Fault::kNeverPerformed: return "not performed, never answered";
    case Fault::kNeverAnswered: return "performed, never answered";
  }
  LK_UNREACHABLE();
}

std::string_view op_kind_name(OpKind kind) {
  switch (kind) {
    case OpKind::kReadBody: return "read body";
    case OpKind::kDbBatch: return "db batch";
    case OpKind::kKvGet: return "kv get";
    case OpKind::kKvPut: return "kv put";
    case OpKind::kKvDelete: return "kv delete";
    case OpKind::kDerive: return "derive";
    case OpKind::kKvList: return "kv list";
    case OpKind::kFetch: return "fetch";
  }
  LK_UNREACHABLE();
}

std::string CapturedLog::text() const {
  std::string all;
  for (const auto& [at, record] : records) all += record + "\n";
  return all;
}

OpAnswer FakeFetch::perform(std::string_view payload) {
  host::FrameReader frame(as_bytes(payload));
  Request request{.timeout_ms = frame.u32(), .answer_bytes_max = frame.u32(), .is_http_allowed = frame.u32() == 1};
  request.method = frame.string();
  request.url = frame.string();
  const auto headers = host::read_pairs(frame);
  CHECK(headers.has_value());
  for (const auto& [name, value] : *headers) request.headers[std::string(name)] = value;
  request.body = frame.string();
  CHECK(frame.at_end());
  requests.push_back(request);
  const std::optional<Answer> given = answer ? answer(request) : std::nullopt;
  if (!given) return {OpStatus::kUnavailable, "the network failed"};
  host::FrameWriter out;
  out.u32(given->status).string(std::string_view(given->body).substr(0, request.answer_bytes_max));
  return {OpStatus::kOk, std::move(out).take()};
}

namespace {

// open_db: a fresh database. The migrations run once in each process; every further world begins as their copy,
// because tests make thousands.
std::unique_ptr<host::SqliteDb> open_db(TestHost::Schema schema) {
  if (schema == TestHost::Schema::kEmpty) return must(host::SqliteDb::open(":memory:"));
  static const std::string migrated = [] {
    auto db = must(host::SqliteDb::open(":memory:"));
    must(db->apply_migrations(LATCHKEY_D1));
    return db->image();
  }();
  return must(host::SqliteDb::open_image(migrated));
}

}  // namespace

TestHost::TestHost(Schema schema, std::string random_seed)
    : random(std::move(random_seed)), db_(open_db(schema)), ops_(*db_, kv) {
  ops_.on_fetch([this](std::string_view payload) { return fetch.perform(payload); });
}

TestHost::~TestHost() = default;

host::RequestId TestHost::new_request(std::string body) {
  const host::RequestId request = next_request_++;
  ops_.set_body(request, std::move(body));
  return request;
}

host::BatchAnswer TestHost::query(host::Batch batch) {
  constexpr uint32_t timeout_ms = 60'000;
  OpAnswer answer = db_->run_batch(std::move(batch).payload(timeout_ms));
  if (answer.status != OpStatus::kOk) std::fprintf(stderr, "query: %s\n", answer.payload.c_str());
  CHECK(answer.status == OpStatus::kOk);
  return host::BatchAnswer(must(json::Document::parse_host(answer.payload)));
}

uint32_t TestHost::start(host::RequestId request, OpKind kind, std::string_view payload,
                         host::OpSink& sink) {
  const uint32_t index = num_started();
  Fault fault = Fault::kNone;
  if (const auto found = kind_faults_.find(kind); found != kind_faults_.end()) fault = found->second;
  if (const auto found = faults_.find(index); found != faults_.end()) fault = found->second;
  history_.push_back(kind);
  const uint32_t token = next_token_++;
  pending_.push_back({index, token, request, kind, std::string(payload), fault, &sink, std::nullopt});
  return token;
}

void TestHost::cancel(uint32_t token) {
  const auto found = std::ranges::find(pending_, token, &Pending::token);
  CHECK(found != pending_.end());
  found->sink = nullptr;
}

void TestHost::perform(size_t position) {
  CHECK(position < pending_.size() && !pending_[position].answer);
  Pending& op = pending_[position];
  OpAnswer answer{OpStatus::kUnavailable, "made to fail by the test"};
  if (takes_effect(op.fault)) {
    OpAnswer real = ops_.perform(op.request, op.kind, op.payload);
    if (op.fault == Fault::kNone) answer = std::move(real);
  }
  op.answer = std::move(answer);
}

bool TestHost::is_deliverable(size_t position) const {
  return pending_[position].answer.has_value() && is_answered(pending_[position].fault);
}

void TestHost::deliver(size_t position) {
  CHECK(is_deliverable(position));
  // The waiter may begin the next operation: this one must be gone by then.
  Pending op = std::move(pending_[position]);
  pending_.erase(pending_.begin() + static_cast<ptrdiff_t>(position));
  if (op.sink != nullptr) op.sink->complete(std::move(*op.answer));
}

void TestHost::complete(size_t position) {
  if (!pending_[position].answer) perform(position);
  deliver(position);
}

void TestHost::complete_with(size_t position, OpAnswer answer) {
  CHECK(position < pending_.size());
  pending_[position].fault = Fault::kNone;
  pending_[position].answer = std::move(answer);
  deliver(position);
}

size_t TestHost::run_all() {
  constexpr size_t ops_max = 100'000;
  size_t num_completed = 0;
  for (size_t position = 0; position < pending_.size();) {
    if (!pending_[position].answer) perform(position);
    if (!is_deliverable(position)) {
      ++position;
      continue;
    }
    deliver(position);
    ++num_completed;
    CHECK(num_completed < ops_max);
    position = 0;
  }
  return num_completed;
}

size_t TestHost::count(OpKind kind) const {
  return static_cast<size_t>(std::ranges::count(history_, kind));
}

}  // namespace latchkey::test
