// The composition root: the exports of abi.h over the application object. The only file that
// holds mutable state for the whole instance.
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/limits.h"
#include "base/secret.h"
#include "crypto/self_test.h"
#include "entry/memory.h"
#include "host/worker/worker_host.h"
#include "http/pipeline.h"
#include "json/writer.h"
#include "maintenance/scheduled.h"

namespace latchkey::entry {
namespace {

struct Instance;

// Job: one request or scheduled run in flight. Destroying it cancels its coroutine and wipes
// what its frame held.
struct Job {
  Job(Instance& instance, host::RequestId request_id);
  std::optional<http::Request> request;
  host::Host host;
  std::unique_ptr<Task<void>> task;
  TimeMs begun_at;
};

struct Instance {
  host::WorkerOps ops;
  host::WorkerClock clock;
  host::WorkerLog log;
  crypto::SystemRandom random;
  std::optional<http::App> app;
  std::unordered_map<host::RequestId, std::unique_ptr<Job>> jobs;
  std::vector<host::RequestId> finished;
  host::RequestId last_request = 0;

  host::Platform platform() { return {ops, clock, log, random}; }
};

Instance& instance() {
  static Instance* const the_instance = new Instance;
  return *the_instance;
}

Job::Job(Instance& owner, host::RequestId request_id)
    : host(owner.platform(), request_id, owner.app ? owner.app->config.d1_timeout_ms : 1000),
      begun_at(owner.clock.now()) {}

// reap: a job that has answered is dropped as soon as its coroutine has returned.
void reap(Instance& self) {
  for (const host::RequestId id : self.finished) self.jobs.erase(id);
  self.finished.clear();
}

// drop_abandoned: jobs whose host never came back. Their frames may hold secrets.
void drop_abandoned(Instance& self) {
  const TimeMs oldest = self.clock.now() - limits::kRequestAgeMsMax;
  std::erase_if(self.jobs, [oldest](const auto& entry) { return entry.second->begun_at < oldest; });
}

Task<void> answer_request(Instance& self, Job& job, host::RequestId request_id) {
  const http::Response response = co_await http::serve(*self.app, job.host, *job.request);
  const bool is_head = job.request->method == http::Method::kHead;
  host::respond(request_id, response.frame(is_head ? http::Response::Body::kOmit : http::Response::Body::kSend));
  self.finished.push_back(request_id);
}

Task<void> answer_scheduled(Instance& self, Job& job, host::RequestId request_id) {
  co_await maintenance::run_scheduled(job.host, self.app->config);
  host::respond(request_id, http::Response{}.frame(http::Response::Body::kOmit));
  self.finished.push_back(request_id);
}

void respond_unavailable(host::RequestId request_id, std::string_view message) {
  Error error(ErrorCode::kUnavailable, std::string(message));
  error.retry_after_seconds = 5;
  host::respond(request_id, http::problem(error, "").frame(http::Response::Body::kSend));
}

host::RequestId next_request_id(Instance& self) {
  if (++self.last_request == 0) ++self.last_request;
  return self.last_request;
}

// begin: a new job and its id, or only an id that was answered with 503.
struct Begun {
  host::RequestId id;
  Job* job;
};
Begun begin(Instance& self) {
  const host::RequestId id = next_request_id(self);
  if (self.jobs.size() >= limits::kRequestsInFlightMax / 2) drop_abandoned(self);
  if (!self.app || self.jobs.size() >= limits::kRequestsInFlightMax) {
    respond_unavailable(id, self.app ? "The server is busy. Try again." : "The server is not configured.");
    return {id, nullptr};
  }
  return {id, self.jobs.emplace(id, std::make_unique<Job>(self, id)).first->second.get()};
}

void log_config_error(Instance& self, const Error& error) {
  json::Writer record;
  record.begin_object().field("event", "config_error").field("detail", error.detail()).end_object();
  self.log.write(host::LogLevel::kError, record.text());
}

// leave: the last thing an export does. Once nothing is in flight, nothing of it may be left.
void leave(const Instance& self) {
  wipe_unused_stack(self.jobs.empty() ? StackWipe::kWhole : StackWipe::kReached);
}

std::string take_buffer(uint8_t* buffer, uint32_t len) {
  std::string bytes(reinterpret_cast<const char*>(buffer), len);
  wipe({buffer, len});
  delete[] buffer;
  return bytes;
}

}  // namespace
}  // namespace latchkey::entry

#define LATCHKEY_EXPORT(name) extern "C" __attribute__((export_name(#name)))

using latchkey::entry::instance;

LATCHKEY_EXPORT(abi_version) uint32_t abi_version() { return latchkey::abi::kVersion; }

LATCHKEY_EXPORT(alloc) uint8_t* alloc(uint32_t len) { return new uint8_t[len]; }

LATCHKEY_EXPORT(configure) void configure(uint8_t* ptr, uint32_t len) {
  auto& self = instance();
  std::string bytes = latchkey::entry::take_buffer(ptr, len);
  latchkey::host::FrameReader frame(latchkey::as_bytes(bytes));
  const auto pairs = latchkey::host::read_pairs(frame);
  CHECK(pairs.has_value());
  auto config = latchkey::config::parse(*pairs, self.random);
  latchkey::wipe({reinterpret_cast<uint8_t*>(bytes.data()), bytes.size()});
  if (!config) {
    latchkey::entry::log_config_error(self, config.error());
  } else {
    self.log.level = config->log_level;
    self.app.emplace(latchkey::http::App{
        .config = std::move(*config), .shared = {}, .self_test_passed = latchkey::crypto::self_test()});
  }
  latchkey::entry::leave(self);
}

LATCHKEY_EXPORT(begin_request) uint32_t begin_request(uint8_t* ptr, uint32_t len) {
  auto& self = instance();
  std::string frame = latchkey::entry::take_buffer(ptr, len);
  const auto [id, job] = latchkey::entry::begin(self);
  if (job != nullptr) {
    job->request = latchkey::http::Request::parse(std::move(frame));
    CHECK(job->request.has_value());
    job->task.reset(new latchkey::Task<void>(latchkey::entry::answer_request(self, *job, id)));
    job->task->start();
    latchkey::entry::reap(self);
  }
  latchkey::entry::leave(self);
  return id;
}

LATCHKEY_EXPORT(begin_scheduled) uint32_t begin_scheduled(uint8_t* ptr, uint32_t len) {
  auto& self = instance();
  latchkey::entry::take_buffer(ptr, len);
  const auto [id, job] = latchkey::entry::begin(self);
  if (job != nullptr) {
    job->task.reset(new latchkey::Task<void>(latchkey::entry::answer_scheduled(self, *job, id)));
    job->task->start();
    latchkey::entry::reap(self);
  }
  latchkey::entry::leave(self);
  return id;
}

LATCHKEY_EXPORT(complete_op) void complete_op(uint32_t token, uint32_t status, uint8_t* ptr, uint32_t len) {
  auto& self = instance();
  latchkey::host::OpAnswer answer{static_cast<latchkey::host::OpStatus>(status),
                                  latchkey::entry::take_buffer(ptr, len)};
  self.ops.complete(token, std::move(answer));
  latchkey::entry::reap(self);
  latchkey::entry::leave(self);
}

LATCHKEY_EXPORT(in_flight) uint32_t in_flight() { return static_cast<uint32_t>(instance().jobs.size()); }
